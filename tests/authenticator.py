"""A software authenticator: makes passkeys and answers challenges as a browser would."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(content: bytes) -> str:
    """As base64url."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def content(encoded: str) -> bytes:
    """Of base64url."""
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


@dataclass
class Authenticator:
    """One passkey, used in pages of one origin."""

    origin: str = "https://pods.example"
    host: str = "pods.example"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    counts: bool = True
    """Many do not count how often they were used."""
    handle: str | None = None
    """The user handle that it was made for."""
    identifier: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, object]) -> dict[str, object]:
        """What `navigator.credentials.create(options)` gives."""
        user = options["user"]
        assert isinstance(user, dict)
        self.handle = user["id"]
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.identifier).to_bytes(2, "big") + self.identifier + cbor2.dumps(cose)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        response = {
            "clientDataJSON": text(self._client_data("webauthn.create", options)),
            "attestationObject": text(cbor2.dumps(attestation)),
            "transports": ["internal", "hybrid"],
        }
        return self._credential(response)

    def get(self, options: dict[str, object]) -> dict[str, object]:
        """What `navigator.credentials.get(options)` gives."""
        self.count += self.counts
        data, client = self._data(), self._client_data("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": self.handle,
        }
        return self._credential(response)

    def _data(self, more: int = 0) -> bytes:
        flags = bytes([self.flags | more])
        return hashlib.sha256(self.host.encode()).digest() + flags + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, object]) -> bytes:
        facts = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(facts).encode()

    def _credential(self, response: Mapping[str, object]) -> dict[str, object]:
        name = text(self.identifier)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
