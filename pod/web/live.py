"""Tells browsers that a page which they show is another one by now; what it has become they ask for as ever.

A stream says no more than that. It tells of what the page shows, to whoever may read that at the moment of telling,
as long as the session lasts.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

from pod.errors import Busy, Throttled
from pod.idp.sessions import Sessions
from pod.notify.feed import Activity, Position
from pod.notify.hub import Hub
from pod.notify.listening import Ending, Listener
from pod.storage.ports import Records
from pod.web.page import Topic, Watched

MOST = 20
"""Pages of one account that one worker keeps up to date at once."""
PAUSE = 0.5
"""Seconds between two events, at least: who writes a thousand things changes the page once or twice."""
LOOK = 1.0
"""Seconds after which is looked whether any record has changed, such as the session's own."""
SILENCE = 25
"""So many looks without an event, and something is sent: who stands between must not take the stream for dead."""
OPENED, CHANGED, SILENT = b"event: opened\ndata:\n\n", b"event: changed\ndata:\n\n", b":\n\n"


class Connection(Protocol):
    """What a stream needs to know of the connection that it goes over."""

    ending: Callable[[], None] | None
    """What to call when the server ends."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who has the page open."""

    account: str
    token: str
    """Of the session."""
    connection: Connection | None


@dataclass(frozen=True, slots=True)
class Moment:
    """How far the log and the records are."""

    seq: int
    version: int


@dataclass(slots=True)
class _News:
    """What a stream has heard and not told yet."""

    stale: bool
    stopped: bool = False
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """The server ends."""
        self.stopped = True
        self.bell.set()

    async def wait(self) -> None:
        """Return when there may be something to tell, or when it is time to look."""
        try:
            async with asyncio.timeout(LOOK):
                await self.bell.wait()
        except TimeoutError:
            return
        self.bell.clear()


class Streams:
    """The streams of one worker."""

    def __init__(self, hub: Hub, sessions: Sessions, records: Records) -> None:
        self._hub = hub
        self._sessions = sessions
        self._records = records
        self._open: Counter[str] = Counter()

    async def moment(self) -> Moment:
        """How far everything is now: to be asked before the page is looked at, so that nothing is missed after it."""
        return Moment(await self._hub.head(), self._records.version())

    def require_room(self, account: str) -> None:
        """Raise Throttled when the account has as many pages open as are kept up to date."""
        if self._open[account] >= MOST:
            raise Throttled(f"{MOST} of your pages are kept up to date already, which is the most; close some.", 10)

    async def events(self, reader: Reader, watched: Watched, moment: Moment, *, stale: bool) -> AsyncIterator[bytes]:
        """An event whenever the page became another one after `moment`, and at once when it is `stale` already."""
        news = _News(stale)
        if reader.connection is not None:
            reader.connection.ending = news.stop
        listeners: list[Listener] = []
        self._open[reader.account] += 1
        try:
            for topic in watched.topics:
                listener = _listener(topic, news)
                self._hub.admit(listener, sharing=bool(listeners))
                listeners.append(listener)
                await self._hub.join(listener, Position(moment.seq))
            yield OPENED
            async for event in self._told(reader, watched, moment, news, listeners):
                yield event
        except (Busy, Throttled):
            return  # the browser asks again after a while
        finally:
            for listener in listeners:
                self._hub.leave(listener)
            self._open[reader.account] -= 1
            if not self._open[reader.account]:
                del self._open[reader.account]

    async def _told(
        self, reader: Reader, watched: Watched, moment: Moment, news: _News, listeners: list[Listener]
    ) -> AsyncIterator[bytes]:
        known, version, silent = await _recorded(watched), self._records.version(), 0
        # What came in between is in what is known now, and perhaps not on the page.
        news.stale = news.stale or (watched.recorded is not None and version != moment.version)
        while not news.stopped:
            # Whoever made the change needs not be the last to look, and what has changed is looked at first.
            newer = self._records.version()
            is_time = newer != version or silent >= SILENCE
            version = newer
            if is_time and (found := await _recorded(watched)) != known:
                news.stale, known = True, found
            is_over = (is_time or news.stale) and not await self._sessions.is_open(reader.token)
            is_over = await self._may_not(listeners, asked=news.stale) or is_over
            if is_over or news.stale:
                # What the page is for who may no longer see it, the page itself says.
                news.stale, silent = False, 0
                yield CHANGED
                if is_over:
                    return
                await asyncio.sleep(PAUSE)
                continue
            if silent >= SILENCE:
                silent = 0
                yield SILENT
            await news.wait()
            silent += 1

    async def _may_not(self, listeners: list[Listener], *, asked: bool) -> bool:
        """Whether a listener has lost the right to listen, which is found out anew when something is to be told."""
        for one in listeners:
            one.doubted = one.doubted or asked
            await self._hub.take(one)
        return any(one.ended not in {None, Ending.STOPPED} for one in listeners)


def _listener(topic: Topic, news: _News) -> Listener:
    def heard(activity: Activity) -> None:
        if topic.concerns(activity):
            news.stale = True
            news.bell.set()

    return Listener(topic.agent, topic.uri, news.bell.set, topic.below, heard=heard)


async def _recorded(watched: Watched) -> object:
    return None if watched.recorded is None else await watched.recorded()
