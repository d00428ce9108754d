"""JSON Web Keys and signatures, by `cryptography` directly: this runs for every request with a proof."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_EDWARDS = ("EdDSA", "Ed25519")
ALGORITHMS = ("ES256", "ES384", "ES512", *_RSA, *_EDWARDS)
"""What is accepted, never `none` and never HMAC (dpop-alg). `Ed25519` is the newer name of `EdDSA` (RFC 9864)."""

Json = Any  # the shape of a JSON document is known only when it has been looked at
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey
Verify = Callable[[bytes, bytes, str], None]

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]+")
_CURVES: Mapping[str, tuple[ec.EllipticCurve, str]] = {
    "P-256": (ec.SECP256R1(), "ES256"),
    "P-384": (ec.SECP384R1(), "ES384"),
    "P-521": (ec.SECP521R1(), "ES512"),
}
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_ECDSA: Mapping[str, ec.ECDSA] = {f"ES{size}": ec.ECDSA(digest) for size, digest in _HASHES.items()}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "EC": ("crv", "kty", "x", "y"),
    "RSA": ("e", "kty", "n"),
    "OKP": ("crv", "kty", "x"),
}
_RSA_BITS = (2048, 8192)


class KeyFault(ValueError):
    """A key or signature that cannot be used; the message says why."""


def decode(text: bytes | str) -> bytes:
    """The bytes of unpadded base64url; KeyFault for anything else."""
    data = text.encode() if isinstance(text, str) else text
    if _BASE64URL.fullmatch(data) is None:
        raise KeyFault("it is not base64url")
    try:
        return base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError) as error:
        raise KeyFault("it is not base64url") from error


def encode(data: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def json_object(data: bytes) -> dict[str, Json]:
    """The JSON object, in which no member stands twice; KeyFault for anything else."""
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except KeyFault:
        raise
    except (ValueError, RecursionError) as error:
        raise KeyFault("it is not a JSON object") from error
    if not isinstance(value, dict):
        raise KeyFault("it is not a JSON object")
    return value


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise KeyFault("a member stands twice")
    return found


def _refuse(constant: str) -> Json:
    raise KeyFault(f"{constant} is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_refuse)


def date(claims: Mapping[str, Json], name: str) -> float:
    """The claim in seconds since 1970; KeyFault when it is missing or no date."""
    value = claims.get(name)
    # The bounds leave out what JSON can write and no clock will ever show.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise KeyFault(f"its claim {name} is no date")
    return value


class Key:
    """A public key, ready to verify."""

    __slots__ = ("_public", "algorithms", "thumbprint")

    def __init__(self, jwk: Mapping[str, Json], *, published: bool = True) -> None:
        """A key from its JWK. KeyFault when it is unfit, or has a private part and is not `published`."""
        if not published and not _PRIVATE.isdisjoint(jwk):
            raise KeyFault("the key has a private part")
        kind = jwk.get("kty")
        names = _REQUIRED.get(kind) if isinstance(kind, str) else None
        if names is None or any(not isinstance(jwk.get(name), str) for name in names):
            raise KeyFault("the key is of no known kind, or not whole")
        try:
            self._public, self.algorithms = _public_key(jwk)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyFault("the key is no valid key") from error
        canonical = json.dumps({name: jwk[name] for name in names}, separators=(",", ":"))
        self.thumbprint = encode(hashlib.sha256(canonical.encode()).digest())
        """RFC 7638, with SHA-256."""
        if "alg" in jwk:
            self.algorithms = tuple(one for one in self.algorithms if one == jwk["alg"])

    def verify(self, signed: bytes, signature: bytes, algorithm: str) -> None:
        """Raise KeyFault unless the signature is right."""
        if algorithm not in self.algorithms:
            raise KeyFault("the key does not fit the algorithm")
        try:
            _verify(self._public, signed, signature, algorithm)
        except InvalidSignature as error:
            raise KeyFault("the signature is wrong") from error


def _public_key(jwk: Mapping[str, Json]) -> tuple[PublicKey, tuple[str, ...]]:
    if jwk["kty"] == "EC":
        if jwk["crv"] not in _CURVES:
            raise KeyFault("the curve of the key is not known")
        curve, algorithm = _CURVES[jwk["crv"]]
        x, y = (int.from_bytes(decode(jwk[name])) for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, curve).public_key(), (algorithm,)
    if jwk["kty"] == "OKP":
        if jwk["crv"] != "Ed25519":
            raise KeyFault("the curve of the key is not known")
        return ed25519.Ed25519PublicKey.from_public_bytes(decode(jwk["x"])), _EDWARDS
    n, e = (int.from_bytes(decode(jwk[name])) for name in ("n", "e"))
    low, high = _RSA_BITS
    if not low <= n.bit_length() <= high or e.bit_length() > 32:
        raise KeyFault(f"the RSA key must have {low} to {high} bits")
    return rsa.RSAPublicNumbers(e, n).public_key(), _RSA


def _verify(key: PublicKey, signed: bytes, signature: bytes, algorithm: str) -> None:
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, signed)
        return
    if isinstance(key, ec.EllipticCurvePublicKey):
        half = (key.curve.key_size + 7) // 8
        if len(signature) != 2 * half:
            raise InvalidSignature
        r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
        key.verify(encode_dss_signature(r, s), signed, _ECDSA[algorithm])
        return
    digest = _HASHES[algorithm[2:]]
    if algorithm.startswith("PS"):
        key.verify(signature, signed, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    else:
        key.verify(signature, signed, padding.PKCS1v15(), digest)
