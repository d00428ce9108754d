"""Proofs of possession (RFC 9449): that who sends a token holds the key it is bound to."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from pod.auth.keys import ALGORITHMS, Key, KeyFault, date, decode, encode, json_object
from pod.auth.signatures import Signatures
from pod.cache import Cache
from pod.errors import Unauthenticated
from pod.rules import names
from pod.storage.ports import Replays

BEFORE = 90
"""How old a proof may be, in seconds: enough for slow networks and for clocks that are behind."""
AHEAD = 60
"""How far the client's clock may be ahead, in seconds."""
LENGTH = 16 * 1024
"""Of a proof, in bytes."""
Fresh = Callable[[object], bool]
"""Whether a nonce, or None where there is none, is one that the server gave a moment ago."""
HEADER = 4 * 1024
"""Of a header that is remembered, in bytes; that of the largest key is shorter."""


@dataclass(frozen=True, slots=True)
class _Header:
    """What the header of a proof says; the same for every proof of one client."""

    key: Key
    algorithm: str


class Proofs:
    """Checks proofs, each of which may be used once."""

    def __init__(self, replays: Replays, now: Callable[[], float]) -> None:
        self._replays = replays
        self._now = now
        self._signatures = Signatures()
        self._headers: Cache[bytes, _Header] = Cache(4096)

    async def check(self, proof: str, method: str, uri: str, token: str | None, fresh: Fresh | None = None) -> str:
        """The thumbprint of the key that made the proof for this request, or Unauthenticated.

        There is no token where one is asked for. With `fresh`, only a nonce of which that is true will do.
        """
        try:
            return await self._checked(proof.encode("ascii"), method, uri, token, fresh)
        except (KeyFault, UnicodeEncodeError) as error:
            reason = str(error) if isinstance(error, KeyFault) else "it is not ASCII"
            raise Unauthenticated(f"The DPoP proof is not valid: {reason}.", "invalid_dpop_proof") from error

    async def _checked(self, proof: bytes, method: str, uri: str, token: str | None, fresh: Fresh | None) -> str:
        parts = proof.split(b".")
        if len(proof) > LENGTH or len(parts) != 3:
            raise KeyFault("it is not a JWT, or too long")
        header = self._header(parts[0])
        claims = json_object(decode(parts[1]))
        if claims.get("htm") != method:  # dpop-htm
            raise KeyFault("it was made for another method")
        url = claims.get("htu")  # dpop-htu
        if not isinstance(url, str) or not names.equivalent(url, uri):
            raise KeyFault("it was made for another URL")
        issued, now = date(claims, "iat"), self._now()  # dpop-iat
        if not now - BEFORE <= issued <= now + AHEAD:
            raise KeyFault("it was made too long ago, or in the future")
        # dpop-ath-optional: older clients leave it out.
        if token is not None and "ath" in claims and claims["ath"] != encode(hashlib.sha256(token.encode()).digest()):
            raise KeyFault("it was made for another access token")
        identifier = claims.get("jti")
        if not isinstance(identifier, str) or not 0 < len(identifier) <= 512:
            raise KeyFault("it has no jti")
        signed, signature = proof[: len(parts[0]) + len(parts[1]) + 1], decode(parts[2])
        await self._signatures.verify(header.key, signed, signature, header.algorithm)
        if fresh is not None and not fresh(claims.get("nonce")):
            raise Unauthenticated("The DPoP proof needs the nonce that comes with this answer.", "use_dpop_nonce")
        # Only what is signed is remembered, so that nobody else can fill the memory.
        until = int(issued) + BEFORE + 1  # when it is too old anyway
        if not self._replays.first_use(f"{header.key.thumbprint} {identifier}".encode(), until):
            raise KeyFault("it was used before")
        return header.key.thumbprint

    def _header(self, segment: bytes) -> _Header:
        found = self._headers.get(segment)
        if found is None:
            header = json_object(decode(segment))
            if header.get("typ") != "dpop+jwt" or "crit" in header:
                raise KeyFault("its type is not dpop+jwt")
            algorithm, jwk = header.get("alg"), header.get("jwk")
            if algorithm not in ALGORITHMS:  # dpop-alg
                raise KeyFault(f"its algorithm is not accepted; use one of {', '.join(ALGORITHMS)}")
            if not isinstance(jwk, dict):
                raise KeyFault("it has no key")
            found = _Header(Key(jwk, published=False), algorithm)  # dpop-jwk-public
            if len(segment) <= HEADER:
                self._headers.put(segment, found)
        return found
