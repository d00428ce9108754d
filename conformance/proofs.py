"""Keys, and the proofs that a request comes from who holds one (DPoP, RFC 9449)."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, Self

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

Claims = Mapping[str, Any]
_KINDS: Mapping[str, type[ECKey] | type[OKPKey] | type[RSAKey]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


class ProofKey:
    """A key with which somebody proves that a token was given to them, or with which an issuer signs."""

    def __init__(self, key: ECKey | OKPKey | RSAKey | None = None, algorithm: str = "") -> None:
        self.key = key or ECKey.generate_key("P-256")
        self.algorithm = algorithm or _usual(self.key)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """A key from a private JWK."""
        return cls(_KINDS[str(value.get("kty", "RSA"))].import_key(dict(value)))

    @classmethod
    def of(cls, algorithm: str) -> Self:
        """A new key for an algorithm such as `ES256`, `RS256` or `EdDSA`."""
        curve = next((curve for curve, fit in _CURVES.items() if fit == algorithm), None)
        if curve is not None:
            return cls(ECKey.generate_key(curve), algorithm)
        if algorithm == "EdDSA":
            return cls(OKPKey.generate_key("Ed25519"), algorithm)
        return cls(RSAKey.generate_key(2048), algorithm)

    @property
    def public(self) -> Mapping[str, Any]:
        """The part of it that everyone may know."""
        return self.key.as_dict(private=False)

    @property
    def private(self) -> Mapping[str, Any]:
        """All of it."""
        return self.key.as_dict(private=True)

    @property
    def thumbprint(self) -> str:
        """Its thumbprint, as tokens name it."""
        return self.key.thumbprint()

    def proof(self, method: str, url: str, token: str | None = None, **changes: Any) -> str:
        """A proof for one request. Claims among `changes` are set, or left out when None."""
        claims = {**self.claims(method, url, token), **changes}
        return self.sign({"typ": "dpop+jwt", "jwk": self.public}, {k: v for k, v in claims.items() if v is not None})

    @staticmethod
    def claims(method: str, url: str, token: str | None = None) -> dict[str, Any]:
        """What a proof for one request says."""
        found: dict[str, Any] = {
            "htu": url.partition("?")[0].partition("#")[0],
            "htm": method,
            "jti": secrets.token_urlsafe(16),
            "iat": int(time.time()),
        }
        return found if token is None else {**found, "ath": half_hash(token)}

    def sign(self, header: Claims, claims: Claims) -> str:
        """A JWT with just these claims, signed by the algorithm of the key unless the header says another."""
        protected = {"alg": self.algorithm, **header}
        signed = f"{segment(protected)}.{segment(claims)}"
        # By the algorithm itself: tokens that are wrong on purpose must be made, too.
        signature = jws.JWSRegistry.algorithms[self.algorithm].sign(signed.encode(), self.key)
        return f"{signed}.{encoded(signature)}"


def _usual(key: ECKey | OKPKey | RSAKey) -> str:
    if isinstance(key, ECKey):
        return _CURVES[key.curve_name]
    return "EdDSA" if isinstance(key, OKPKey) else "RS256"


def segment(value: Claims) -> str:
    """One part of a JWT."""
    return encoded(json.dumps(value, separators=(",", ":")).encode())


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says, unchecked; ValueError when it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("It has not three parts.")
    found = json.loads(decoded(parts[1]))
    if not isinstance(found, dict):
        raise ValueError("Its claims are no object.")
    return found


def half_hash(token: str) -> str:
    """The digest by which a proof names the token that it goes with (`ath`, RFC 9449, 4.2)."""
    return encoded(hashlib.sha256(token.encode()).digest())


def encoded(value: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(value: str) -> bytes:
    """What was encoded so; ValueError for anything else."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
