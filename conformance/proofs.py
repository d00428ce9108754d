"""Keys, and the proofs that a request comes from who holds one (DPoP, RFC 9449)."""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any, Self

from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

Claims = Mapping[str, Any]


class ProofKey:
    """A key with which somebody proves that a token was given to them."""

    def __init__(self, key: ECKey | RSAKey | None = None) -> None:
        self.key = key or ECKey.generate_key("P-256")
        self.algorithm = "ES256" if isinstance(self.key, ECKey) else "RS256"

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """A key from a private JWK."""
        kind = ECKey if value.get("kty") == "EC" else RSAKey
        return cls(kind.import_key(dict(value)))

    @property
    def public(self) -> Mapping[str, Any]:
        """The part of it that everyone may know."""
        return self.key.as_dict(private=False)

    @property
    def thumbprint(self) -> str:
        """Its thumbprint, as tokens name it."""
        return self.key.thumbprint()

    def proof(self, method: str, url: str, token: str | None = None, **changes: Any) -> str:
        """A proof for one request. Claims among `changes` are set, or left out when None."""
        claims: dict[str, Any] = {
            "htu": url.partition("?")[0].partition("#")[0],
            "htm": method,
            "jti": secrets.token_urlsafe(16),
            "iat": int(time.time()),
        }
        if token is not None:
            claims["ath"] = half_hash(token)
        claims.update(changes)
        return self.sign({"typ": "dpop+jwt", "jwk": self.public}, {k: v for k, v in claims.items() if v is not None})

    def sign(self, header: Claims, claims: Claims) -> str:
        """A signed JWT with just these claims."""
        protected = {"alg": self.algorithm, **header}
        return jwt.encode(protected, dict(claims), self.key, algorithms=[protected["alg"]], registry=_REGISTRY)


_REGISTRY = jws.JWSRegistry(algorithms=["ES256", "RS256"], strict_check_header=False)


def half_hash(token: str) -> str:
    """The digest by which a proof names the token that it goes with (`ath`, RFC 9449, 4.2)."""
    return encoded(hashlib.sha256(token.encode()).digest())


def encoded(value: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(value: str) -> bytes:
    """What was encoded so; ValueError for anything else."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
