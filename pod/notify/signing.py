"""Signatures on what the server sends (RFC 9421), with the digest of the content (RFC 9530), and the key for them."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pod.notify.cursors import FAMILY
from pod.storage.ports import Records

KEY = "signing-key"
COMPONENTS = ("@method", "@target-uri", "content-type", "content-digest")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs requests in the server's name. `key_id` is the URL at which its public key can be had."""

    key: Ed25519PrivateKey
    key_id: str

    def headers(self, method: str, url: str, media_type: str, content: bytes, now: int) -> Mapping[str, str]:
        """The headers that the request is sent with; `now` in seconds since 1970."""
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
        covered = " ".join(f'"{one}"' for one in COMPONENTS)
        parameters = f'({covered});created={now};keyid="{self.key_id}";alg="ed25519"'
        values = dict(zip(COMPONENTS, (method, url, media_type, digest), strict=True))
        lines = [f'"{name}": {value}' for name, value in values.items()]
        base = "\n".join([*lines, f'"@signature-params": {parameters}'])
        signature = base64.b64encode(self.key.sign(base.encode())).decode()
        return {
            "content-type": media_type,
            "content-digest": digest,
            "signature-input": f"sig1={parameters}",
            "signature": f"sig1=:{signature}:",
        }

    def jwks(self) -> bytes:
        """The public key, as receivers look it up (RFC 7517, RFC 8037)."""
        public = base64.urlsafe_b64encode(self.key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        key = {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": self.key_id, "alg": "EdDSA", "use": "sig"}
        return json.dumps({"keys": [key]}).encode()


async def signer(records: Records, key_id: str) -> Signer:
    """The signer of this server; all workers share one key, which the first of them makes."""
    await records.replace(FAMILY, KEY, None, Ed25519PrivateKey.generate().private_bytes_raw())
    kept = await records.get(FAMILY, KEY)
    assert kept is not None  # it is never removed
    return Signer(Ed25519PrivateKey.from_private_bytes(kept), key_id)


def is_https(url: str) -> bool:
    """Whether it is an https URL with a host and no user name."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
