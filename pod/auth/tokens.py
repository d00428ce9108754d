"""Access tokens of Solid-OIDC: JWTs that an issuer signed and the WebID's profile vouches for."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from pod.auth.issuers import Issuers
from pod.auth.keys import ALGORITHMS, Json, KeyFault, decode, json_object
from pod.cache import Cache
from pod.errors import Unauthenticated

LENGTH = 16 * 1024
SKEW = 60
"""How far the issuer's clock may be off, in seconds."""
OLDEST = 24 * 3600
"""How old a token may be whatever it says itself, in seconds."""
TRUSTED_FOR = 120
"""How long a token is taken without asking the WebID's profile again, in seconds."""
_ABSOLUTE = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


@dataclass(frozen=True, slots=True)
class Token:
    """What a valid token says."""

    webid: str
    issuer: str
    client: str | None
    key: str | None
    """The thumbprint of the key that it is bound to."""
    expires: float
    """Seconds since 1970; the profile and the issuer are asked again then, or earlier."""


class Tokens:
    """Checks tokens; one that was valid is not checked again for a while."""

    def __init__(self, issuers: Issuers, now: Callable[[], float], *, insecure: bool) -> None:
        """`insecure` lets WebIDs and issuers be http URLs, for development on one machine."""
        self._issuers = issuers
        self._now = now
        self._insecure = insecure
        self._valid: Cache[bytes, Token] = Cache(8192)

    async def check(self, text: str) -> Token:
        """What the token says, or Unauthenticated."""
        digest = hashlib.sha256(text.encode()).digest()
        known = self._valid.get(digest)
        if known is not None and known.expires > self._now():
            return known
        try:
            token = await self._checked(text.encode("ascii"))
        except (KeyFault, UnicodeEncodeError) as error:
            reason = str(error) if isinstance(error, KeyFault) else "it is not ASCII"
            raise Unauthenticated(f"The access token is not valid: {reason}.", "invalid_token") from error
        self._valid.put(digest, token)
        return token

    async def _checked(self, text: bytes) -> Token:
        parts = text.split(b".")
        if len(text) > LENGTH or len(parts) != 3:
            raise KeyFault("it is not a JWT, or too long")
        header, claims = json_object(decode(parts[0])), json_object(decode(parts[1]))
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or "crit" in header:
            raise KeyFault("its algorithm is not accepted")
        token = self._read(claims)
        # In this order nobody is asked whom the WebID does not vouch for.
        await self._issuers.require_trusted(token.webid, token.issuer)
        keys = await self._issuers.keys(token.issuer, kid if isinstance(kid, str) else None)
        signed, signature = text[: len(parts[0]) + len(parts[1]) + 1], decode(parts[2])
        fitting = [key for key in keys if algorithm in key.algorithms]
        for number, key in enumerate(fitting, 1):
            try:
                key.verify(signed, signature, algorithm)
                return token
            except KeyFault:
                if number == len(fitting):
                    raise
        raise KeyFault("its issuer has no key for its algorithm")

    def _read(self, claims: dict[str, Json]) -> Token:
        webid, issuer = self._url(claims, "webid"), self._url(claims, "iss")
        audience = claims.get("aud")
        if "solid" not in (audience if isinstance(audience, list) else [audience]):
            raise KeyFault("its audience is not solid")
        now = self._now()
        expires, issued = _date(claims, "exp"), _date(claims, "iat")
        if expires + SKEW <= now:
            raise KeyFault("it has expired")
        if issued - SKEW > now or issued + OLDEST <= now:
            raise KeyFault("it was made in the future, or too long ago")
        if "nbf" in claims and _date(claims, "nbf") - SKEW > now:
            raise KeyFault("it is not valid yet")
        confirmation = claims.get("cnf")
        bound = confirmation.get("jkt") if isinstance(confirmation, dict) else None
        if confirmation is not None and not isinstance(bound, str):
            raise KeyFault("it is bound to a key in a way that is not known")
        client = claims.get("azp", claims.get("client_id"))
        until = min(expires + SKEW, now + TRUSTED_FOR)
        return Token(webid, issuer, client if isinstance(client, str) else None, bound, until)

    def _url(self, claims: dict[str, Json], name: str) -> str:
        value = claims.get(name)
        if not isinstance(value, str) or _ABSOLUTE.fullmatch(value) is None:
            raise KeyFault(f"its claim {name} is no URL")
        if not self._insecure and not value.startswith("https:"):
            raise KeyFault(f"its claim {name} must be an https URL")
        return value


def _date(claims: dict[str, Json], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise KeyFault(f"its claim {name} is missing")
    return float(value)
