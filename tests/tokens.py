"""Issuers, clients, and the tokens and proofs that they make: what the world sends to a server.

Nothing here serves HTTP: a test puts `configuration()` and `jwks()` where it wants them.

    issuer, client = Issuer("https://issuer.example"), Client()
    token = issuer.token(webid="https://alice.example/#me", client=client)
    headers = client.headers("GET", "https://pod.example/a", token)

Every maker takes changes by name: a value, or OMIT for a member that is to be missing.
"""

import base64
import hashlib
import itertools
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

OMIT = object()
"""Stands for a member that is to be missing."""
ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA")
LIFETIME = 3600

Json = Any  # tests make JSON of every shape, also of wrong ones

_CURVES: Mapping[str, ec.EllipticCurve] = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_numbers = itertools.count(1)


def encode(data: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def segment(value: Json) -> str:
    """A part of a JWT: bytes as they are, anything else as JSON."""
    return encode(value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode())


def changed(members: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """The members with the changes made."""
    return {name: value for name, value in {**members, **changes}.items() if value is not OMIT}


class Key:
    """A private key for one algorithm. `kid` names it in the key set of an issuer."""

    def __init__(self, algorithm: str = "ES256", *, bits: int = 2048) -> None:
        self.algorithm = algorithm
        self.kid = f"key-{next(_numbers)}"
        self.private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
        if algorithm in _CURVES:
            self.private = ec.generate_private_key(_CURVES[algorithm])
        elif algorithm == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = rsa.generate_private_key(65537, bits)

    def jwk(self, **changes: Json) -> dict[str, Json]:
        """The public key, without an id."""
        public = self.private.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            size = (public.curve.key_size + 7) // 8
            numbers = public.public_numbers()
            curve = {32: "P-256", 48: "P-384", 66: "P-521"}[size]
            found = {"kty": "EC", "crv": curve, "x": _integer(numbers.x, size), "y": _integer(numbers.y, size)}
        elif isinstance(public, rsa.RSAPublicKey):
            modulus = public.public_numbers()
            found = {"kty": "RSA", "n": _integer(modulus.n), "e": _integer(modulus.e)}
        else:
            found = {"kty": "OKP", "crv": "Ed25519", "x": encode(public.public_bytes_raw())}
        return changed(found, changes)

    @property
    def thumbprint(self) -> str:
        """RFC 7638, with SHA-256."""
        return encode(hashlib.sha256(json.dumps(self.jwk(), sort_keys=True, separators=(",", ":")).encode()).digest())

    def sign(self, data: bytes) -> bytes:
        """The signature, as JWS has it."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(data)
        digest = _HASHES[self.algorithm[2:]]
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            size = (self.private.curve.key_size + 7) // 8
            r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(digest)))
            return r.to_bytes(size) + s.to_bytes(size)
        if self.algorithm.startswith("PS"):
            return self.private.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return self.private.sign(data, padding.PKCS1v15(), digest)


def _integer(number: int, size: int | None = None) -> str:
    return encode(number.to_bytes(size or (number.bit_length() + 7) // 8))


def jwt(header: Json, claims: Json, key: Key) -> str:
    """A signed token of any header and claims; bytes stand for JSON that no serializer would write."""
    signed = f"{segment(header)}.{segment(claims)}"
    return f"{signed}.{encode(key.sign(signed.encode()))}"


class Client:
    """An app with a key of its own."""

    def __init__(self, algorithm: str = "ES256", *, client_id: str = "https://app.example/id") -> None:
        self.key = Key(algorithm)
        self.client_id = client_id

    def proof(
        self,
        method: str,
        url: str,
        token: str | None = None,
        *,
        header: Mapping[str, Json] | None = None,
        **changes: Json,
    ) -> str:
        """A DPoP proof for one request (RFC 9449, 4.2); with `token` it says which token it goes with."""
        claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": str(uuid.uuid4())}
        if token is not None:
            claims["ath"] = encode(hashlib.sha256(token.encode()).digest())
        top = {"typ": "dpop+jwt", "alg": self.key.algorithm, "jwk": self.key.jwk()}
        return jwt(changed(top, header or {}), changed(claims, changes), self.key)

    def headers(self, method: str, url: str, token: str) -> dict[str, str]:
        """The headers of a request that proves who sends it."""
        return {"Authorization": f"DPoP {token}", "DPoP": self.proof(method, url, token)}


class Issuer:
    """An identity provider. `url` is its identifier, with or without a slash at the end."""

    def __init__(self, url: str, algorithm: str = "ES256") -> None:
        self.url = url
        self.keys = [Key(algorithm)]

    @property
    def key(self) -> Key:
        """The key that signs."""
        return self.keys[-1]

    def rotate(self, algorithm: str = "ES256", *, keep: bool = True) -> None:
        """Sign with a new key from now on; with `keep` the former ones stay published."""
        self.keys = [*(self.keys if keep else []), Key(algorithm)]

    @property
    def configuration_url(self) -> str:
        """Where the world looks for `configuration()`."""
        return f"{self.url.removesuffix('/')}/.well-known/openid-configuration"

    @property
    def jwks_url(self) -> str:
        """Where the configuration says that `jwks()` is."""
        return f"{self.url.removesuffix('/')}/jwks"

    def configuration(self, **changes: Json) -> dict[str, Json]:
        """The discovery document (OpenID Connect Discovery, 3), as far as a resource server reads it."""
        return changed(
            {"issuer": self.url, "jwks_uri": self.jwks_url, "scopes_supported": ["openid", "webid"]}, changes
        )

    def jwks(self) -> dict[str, Json]:
        """The published keys."""
        return {"keys": [key.jwk(kid=key.kid, alg=key.algorithm, use="sig") for key in self.keys]}

    def token(
        self, *, webid: str, client: Client | None = None, header: Mapping[str, Json] | None = None, **changes: Json
    ) -> str:
        """An access token for the WebID, bound to the client's key; without a client bound to none."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": "solid", "webid": webid, "sub": webid, "iat": now, "exp": now + LIFETIME}
        if client is not None:
            claims |= {"azp": client.client_id, "cnf": {"jkt": client.key.thumbprint}}
        top = {"typ": "at+jwt", "alg": self.key.algorithm, "kid": self.key.kid}
        return jwt(changed(top, header or {}), changed(claims, changes), self.key)
