"""Access tokens of Solid-OIDC: JWTs that an issuer signed and the WebID's profile vouches for."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from pod.auth.issuers import Issuers
from pod.auth.keys import ALGORITHMS, Json, KeyFault, date, decode, json_object
from pod.cache import Cache
from pod.errors import Unauthenticated
from pod.fetch import LONGEST

LENGTH = 16 * 1024
"""Of a token, in bytes."""
SKEW = 60
"""How far the issuer's clock may be off, in seconds."""
OLDEST = 24 * 3600
"""How old a token may be whatever it says itself, in seconds."""
TRUSTED_FOR = 60
"""How long a token is taken without asking a remote profile again, in seconds: so long does one
live on whose issuer the owner has struck out, besides the time that the profile is kept. What
happens to a profile here counts at once."""
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
    ends: float
    """Seconds since 1970; it is not taken after that."""
    grant: str | None = None
    """What an own token came of; it ends with that."""
    profile: object | None = None
    """The state of a profile kept here in which it named the issuer."""


@dataclass(frozen=True, slots=True)
class Home:
    """What this server knows by itself, so that it holds at the next request."""

    issuer: str
    """Its own."""
    profile: Callable[[str], Awaitable[object | None]]
    """The state of a WebID's profile, the same object while nothing changes; None when it is kept elsewhere."""
    ended: Callable[[str], Awaitable[bool]]
    """Whether what an own token came of was taken back."""


class Tokens:
    """Checks tokens; one that was valid is not checked again for a while."""

    def __init__(self, issuers: Issuers, now: Callable[[], float], home: Home | None = None) -> None:
        self._issuers = issuers
        self._now = now
        self._home = home
        self._valid: Cache[bytes, Token] = Cache(4096)

    async def check(self, text: str) -> Token:
        """What the token says, or Unauthenticated."""
        try:
            token = text.encode("ascii")
            digest = hashlib.sha256(token).digest()
            known = self._valid.get(digest)
            profile = None if known is None else await self._profile(known.webid)
            if known is None or known.expires <= self._now() or known.profile is not profile:
                known = await self._checked(token)
                self._valid.put(digest, known)
            await self._require_standing(known)
            return known
        except (KeyFault, UnicodeEncodeError) as error:
            reason = str(error) if isinstance(error, KeyFault) else "it is not ASCII"
            raise Unauthenticated(f"The access token is not valid: {reason}.", "invalid_token") from error

    async def _require_standing(self, token: Token) -> None:
        if token.grant is not None and self._home is not None and await self._home.ended(token.grant):
            raise KeyFault("it was taken back")

    async def _profile(self, webid: str) -> object | None:
        return None if self._home is None else await self._home.profile(webid)

    async def _checked(self, text: bytes) -> Token:
        parts = text.split(b".")
        if len(text) > LENGTH or len(parts) != 3:
            raise KeyFault("it is not a JWT, or too long")
        header, claims = json_object(decode(parts[0])), json_object(decode(parts[1]))
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or "crit" in header:
            raise KeyFault("its algorithm is not accepted")
        token = self._read(claims)
        # Its state from before it is read: what changes meanwhile is seen the next time.
        token = replace(token, profile=await self._profile(token.webid))
        # In this order no issuer is asked whom the WebID does not vouch for.
        await self._issuers.require_trusted(token.webid, token.issuer)
        keys = await self._issuers.keys(token.issuer, kid if isinstance(kid, str) else None)
        signed, signature = text[: len(parts[0]) + len(parts[1]) + 1], decode(parts[2])
        fault = KeyFault("its issuer has no key for its algorithm")
        for key in keys:
            if algorithm in key.algorithms:
                try:
                    key.verify(signed, signature, algorithm)
                    return token
                except KeyFault as error:
                    fault = error
        raise fault

    def _read(self, claims: dict[str, Json]) -> Token:
        """What the claims say, if they hold now."""
        audience = claims.get("aud")
        if "solid" not in (audience if isinstance(audience, list) else [audience]):
            raise KeyFault("its audience is not solid")
        now = self._now()
        expires, issued = date(claims, "exp"), date(claims, "iat")
        if expires + SKEW <= now:
            raise KeyFault("it has expired")
        if not now - OLDEST < issued <= now + SKEW:
            raise KeyFault("it was made in the future, or too long ago")
        if "nbf" in claims and date(claims, "nbf") > now + SKEW:
            raise KeyFault("it is not valid yet")
        until = min(expires + SKEW, now + TRUSTED_FOR)
        issuer, grant = _issuer(claims), claims.get("grant")
        is_own = self._home is not None and issuer == self._home.issuer and isinstance(grant, str)
        return Token(
            _url(claims, "webid"),
            issuer,
            _client(claims),
            _bound(claims),
            until,
            expires + SKEW,
            grant if is_own else None,
        )


def _url(claims: dict[str, Json], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise KeyFault(f"its claim {name} is no URL")
    if _ABSOLUTE.fullmatch(value) is None:
        raise KeyFault(f"its claim {name} is no http or https URL")
    return value


def _issuer(claims: dict[str, Json]) -> str:
    issuer = _url(claims, "iss")
    if "?" in issuer or "#" in issuer:
        raise KeyFault("its claim iss has a query or fragment")
    return issuer


def _client(claims: dict[str, Json]) -> str | None:
    """Who the token was given to; older issuers do not tell."""
    client = claims.get("azp", claims.get("client_id"))
    if client is not None and not (isinstance(client, str) and len(client) <= LONGEST and client.isprintable()):
        raise KeyFault("its claim azp or client_id names no client")
    return client


def _bound(claims: dict[str, Json]) -> str | None:
    """The key that the token is bound to; KeyFault when it is bound in a way that cannot be checked."""
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    bound = confirmation.get("jkt") if isinstance(confirmation, dict) else None
    if not isinstance(bound, str):
        raise KeyFault("it is bound to a key in a way that is not known")
    return bound
