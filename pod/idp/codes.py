"""What a person let an app have: authorization codes, and grants that refresh tokens live on.

A code is known here by its hash. So is a refresh token, by that of the last one alone: each
follows from the one before by a secret of the server, so that a client which lost an answer
gets the same one again, while one that comes back later than that was stolen.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from pod.auth.keys import Json
from pod.idp.keys import Ring
from pod.storage.ports import Swap

CODE, GRANT, ENDED = "code", "grant", "ended"
"""The families of records: codes by hash, grants by id, and the grants whose access tokens are worth nothing."""
OF_CLIENT, OF_SESSION = "grant-of", "grant-of-session"
"""Keys are `WEBID CLIENT GRANT` and `SESSION GRANT`."""
SECOND = 1_000_000
CODE_LIFETIME = 60 * SECOND
USED_CODE_LIFETIME = 24 * 3600 * SECOND
"""How long a used code is remembered, so that a second use is seen as one."""
ENDED_FOR = 25 * 3600 * SECOND
"""How long a grant is remembered whose access tokens are worth nothing: longer than any of them is taken."""
GRACE = 30 * SECOND
"""How long the refresh token before the last one is answered again, for a client that lost the answer."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Who let which app have what, and how they proved who they are."""

    client: str
    webid: str
    account: str
    session: str
    authenticated: int
    """Microseconds since 1970."""
    how: str
    scopes: tuple[str, ...]
    algorithm: str
    """What signs the ID tokens."""

    @property
    def refreshable(self) -> bool:
        """Whether the app may stay signed in."""
        return "offline_access" in self.scopes

    @property
    def solid(self) -> bool:
        """Whether the app wants a WebID that pods know, and so needs tokens bound to a key."""
        return "webid" in self.scopes


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for."""

    approval: Approval
    grant: str
    """The id of the grant that comes of it."""
    redirect_uri: str
    challenge: str
    nonce: str | None
    dpop_jkt: str | None
    used: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What refresh tokens stand for."""

    id: str
    approval: Approval
    key: str | None
    """The thumbprint that tokens of a public client are bound to."""
    current: str
    """The hash of the refresh token that was given last."""
    previous: str | None = None
    rotated: int = 0
    """When the last one was given in the place of the one before, in microseconds since 1970."""


def new_code() -> str:
    """An authorization code that nobody can guess."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a code or token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_bytes(code: Code) -> bytes:
    """As it is kept."""
    return json.dumps(_facts(code) | {"approval": _facts(code.approval)}).encode()


def code_of(kept: bytes) -> Code:
    """What `code_bytes` gave."""
    facts = json.loads(kept)
    return Code(**facts | {"approval": _approval(facts["approval"])})


def grant_bytes(grant: Grant) -> bytes:
    """As it is kept."""
    return json.dumps(_facts(grant) | {"approval": _facts(grant.approval)}).encode()


def grant_of(kept: bytes) -> Grant:
    """What `grant_bytes` gave."""
    facts = json.loads(kept)
    return Grant(**facts | {"approval": _approval(facts["approval"])})


def _facts(value: Approval | Code | Grant) -> dict[str, Json]:
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _approval(facts: Mapping[str, Json]) -> Approval:
    return Approval(**dict(facts) | {"scopes": tuple(facts["scopes"])})


def first_token(ring: Ring, grant: str) -> str:
    """A refresh token that begins a chain."""
    return _token(ring, grant, secrets.token_urlsafe(32))


def next_token(ring: Ring, token: str) -> str:
    """The refresh token that follows on this one; the same each time."""
    grant, secret, _ = token.split(".")
    return _token(ring, grant, ring.mac("refresh", f"{grant} {secret}"))


def _token(ring: Ring, grant: str, secret: str) -> str:
    return f"{grant}.{secret}.{_tag(ring, grant, secret)}"


def _tag(ring: Ring, grant: str, secret: str) -> str:
    return ring.mac("refresh tag", f"{grant} {secret}")[:22]


def grant_named(ring: Ring, token: str) -> str | None:
    """The id of the grant that the refresh token belonged to once; None for what this server never gave.

    So nobody can end a grant whose id they know by a token that they made up.
    """
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii() or not hmac.compare_digest(_tag(ring, *parts[:2]), parts[2]):
        return None
    return parts[0]


def is_current(grant: Grant, token: str) -> bool:
    """Whether the refresh token is the last one that was given."""
    return hmac.compare_digest(digest(token), grant.current)


def is_repeated(grant: Grant, token: str, now: int) -> bool:
    """Whether the refresh token is the one before the last, from a client that may have lost the answer."""
    return digest(token) == grant.previous and now - grant.rotated <= GRACE


def rotated(grant: Grant, token: str, now: int) -> Grant:
    """The grant once `token` is the last one that was given."""
    return replace(grant, current=digest(token), previous=grant.current, rotated=now)


def kept_grant(before: Grant | None, after: Grant, expires: int) -> tuple[Swap, ...]:
    """The swaps that make or renew a grant with its entries in the indexes."""
    about, old = after.approval, None if before is None else b""
    return (
        Swap(GRANT, after.id, None if before is None else grant_bytes(before), grant_bytes(after), expires),
        Swap(OF_CLIENT, f"{about.webid} {about.client} {after.id}", old, b"", expires),
        Swap(OF_SESSION, f"{about.session} {after.id}", old, b"", expires),
    )


def ended_grant(grant: Grant) -> tuple[Swap, ...]:
    """The swaps that end a grant, so that its refresh tokens are worth nothing."""
    about = grant.approval
    return (
        Swap(GRANT, grant.id, grant_bytes(grant), None),
        Swap(OF_CLIENT, f"{about.webid} {about.client} {grant.id}", b"", None),
        Swap(OF_SESSION, f"{about.session} {grant.id}", b"", None),
    )
