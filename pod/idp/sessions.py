"""Sessions: who is signed in to the pages here, in which browser."""

import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from pod.errors import Busy
from pod.idp.accounts import Now
from pod.storage.ports import Records, Swap

SESSION, SESSION_OF = "session", "session-of"
"""Sessions by the hash of their token; the hashes by `ACCOUNT/ID`."""
SEEN_EACH = 600 * 1_000_000
"""A session that was seen so many microseconds ago is not written again for being seen."""
DAY = 24 * 3600 * 1_000_000
TRIES = 8


@dataclass(frozen=True, slots=True)
class Session:
    """A browser, or a script, in which somebody is signed in. Times are in microseconds since 1970."""

    id: str
    """What it is called on pages; no secret."""
    account: str
    started: int
    authenticated: int
    """When the person last proved who they are; later than `started` when they were asked again."""
    seen: int
    """Coarse: to ten minutes."""
    how: str
    """`password`, `passkey`, `code` or `mail`: how they proved it."""
    label: str
    """The device in plain words, such as `Firefox on Linux`."""
    csrf: str
    """What each form of the session's pages must send."""


class Sessions:
    """Starts, finds and ends sessions. Only hashes of their tokens are kept."""

    def __init__(
        self, records: Records, now: Now, days: int, ended: Callable[[str], Awaitable[None]] | None = None
    ) -> None:
        """`ended` is told the id of each session that its person ends, but not of those that nobody used for long."""
        self._ended = ended
        self._records = records
        self._now = now
        self._life = days * DAY

    async def start(self, account: str, how: str, label: str) -> str:
        """A new session; its token, of 256 bits, which nobody can have known before."""
        token, now = secrets.token_urlsafe(32), self._now()
        session = Session(secrets.token_hex(8), account, now, now, now, how, label, "")
        # Keys that were drawn at random are not taken.
        await self._records.swap(*self._kept(token_key(token), session, None))
        return token

    async def find(self, token: str) -> Session | None:
        """The session of the token, which counts as seen now; None when there is none, or it has ended."""
        key, now = token_key(token), self._now()
        record = await self._records.get(SESSION, key)
        if record is None:
            return None
        session = _decoded(record, token)
        if now - session.seen < SEEN_EACH:
            return session
        session = replace(session, seen=now)
        # When it cannot be written, another request has done so, or the session ends right now.
        await self._records.swap(*self._kept(key, session, record))
        return session if await self._records.get(SESSION, key) is not None else None

    async def is_open(self, token: str) -> bool:
        """Whether there is a session of the token, which does not count as seen by this."""
        return await self._records.get(SESSION, token_key(token)) is not None

    async def renew(self, token: str, how: str) -> str | None:
        """The session's new token, once the person has proved again who they are; the old one ends.

        None when the session has ended.
        """
        old, new = token_key(token), secrets.token_urlsafe(32)
        for _ in range(TRIES):
            record = await self._records.get(SESSION, old)
            if record is None:
                return None
            session = replace(_decoded(record, token), authenticated=self._now(), seen=self._now(), how=how)
            made, named = self._kept(token_key(new), session, None)
            if await self._records.swap(Swap(SESSION, old, record, None), made, replace(named, old=old.encode())):
                return new
        return None

    async def all(self, account: str) -> Sequence[Session]:
        """The sessions of an account, the one that was seen last first."""
        found = []
        for _, key in await self._records.below(SESSION_OF, f"{account}/"):
            record = await self._records.get(SESSION, key.decode())
            if record is not None:
                found.append(_decoded(record, ""))
        return sorted(found, key=lambda one: (-one.seen, one.id))

    async def end(self, account: str, session: str) -> None:
        """Sign out the account's session with the id, if it has one; Busy when it could not be done."""
        for _ in range(TRIES):
            name = f"{account}/{session}"
            key = await self._records.get(SESSION_OF, name)
            if key is None:
                return
            record = await self._records.get(SESSION, key.decode())
            ends = [] if record is None else [Swap(SESSION, key.decode(), record, None)]
            if await self._records.swap(Swap(SESSION_OF, name, key, None), *ends):
                break
        else:
            raise Busy("The account changes all the time; try again in a moment.")
        if self._ended is not None:
            await self._ended(session)

    async def end_all(self, account: str, keep: str | None = None) -> None:
        """Sign out everywhere, but in the session with the id `keep`."""
        for name, _ in await self._records.below(SESSION_OF, f"{account}/"):
            session = name.partition("/")[2]
            if session != keep:
                await self.end(account, session)

    def _kept(self, key: str, session: Session, old: bytes | None) -> tuple[Swap, Swap]:
        expires = session.seen + self._life
        name = f"{session.account}/{session.id}"
        known = None if old is None else key.encode()
        return (
            Swap(SESSION, key, old, _encoded(session), expires),
            Swap(SESSION_OF, name, known, key.encode(), expires),
        )


def token_key(token: str) -> str:
    """The hash by which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _encoded(session: Session) -> bytes:
    facts = {name: getattr(session, name) for name in Session.__slots__ if name != "csrf"}
    return json.dumps(facts).encode()


def _decoded(record: bytes, token: str) -> Session:
    # Who knows the token can make this out of it, and nobody else: it need not be kept.
    csrf = hashlib.sha256(f"csrf {token}".encode()).hexdigest() if token else ""
    return Session(**json.loads(record), csrf=csrf)
