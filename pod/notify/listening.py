"""One stream of messages to one client: what waits to be told, from when to when, and how it ends."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.notify import feed
from pod.notify.feed import Activity, Message, Position
from pod.notify.seats import Who
from pod.rdf import formats

PATIENCE = 5
"""Seconds that a client has to take the end of a stream."""
START = Position(0)


class Ending(StrEnum):
    """Why a stream ended, as the client is told."""

    REVOKED = "You may not read this any longer."
    EXPIRED = "The time of this subscription, or of the token behind it, is over."
    SLOW = "The client takes messages more slowly than they come; it can go on after the last one."
    REMOVED = "The subscription was ended."
    GONE = "The client is gone."
    STOPPED = "The server stops; the client can go on after the last message elsewhere, or in a moment."


def _nothing() -> None:
    return


async def _at_once() -> None:
    return


@dataclass(slots=True, eq=False)
class Listener:
    """A client that listens. `wake` is called when `Hub.take` may have something, and must not wait."""

    agent: Agent
    topic: Uri
    wake: Callable[[], None] = _nothing
    below: bool = False
    media_type: str = formats.JSON_LD
    rate: int = 0
    """Microseconds between two messages, at least; of what happens to one resource meanwhile the last is told."""
    start: int = 0
    """What happened earlier is not told. Microseconds since 1970, as `end` is."""
    end: int | None = None
    subscription: str | None = None
    peer: str = ""
    """What the client's address is counted under, when nobody is known to use it."""
    ready: Callable[[], Awaitable[object]] = _at_once
    """Returns when a message would be sent at once, so that permission is asked at the very moment of sending."""
    heard: Callable[[Activity], None] | None = None
    """For who needs only to know that something happens: is given each activity at once, instead of letting it wait."""
    direct: Callable[[Message, str], bool] | None = None
    """Sends a message without waiting; False, and nothing is sent, when something else comes before it."""
    abort: Callable[[], None] = _nothing
    """Ends the connection, also when the client takes nothing more."""
    seat: str | None = field(default=None, init=False)
    """The name under which it is counted; None while it shares the seat of another."""
    seen: Position = field(default=START, init=False)
    """What lies before is not told again."""
    pending: deque[Activity] | None = field(default=None, init=False)
    doubted: bool = field(default=False, init=False)
    """Whether something happened by which the agent may have lost the right to listen."""
    due: int = field(default=0, init=False)
    """When the next message may be sent."""
    ended: Ending | None = field(default=None, init=False)
    _patience: asyncio.TimerHandle | None = field(default=None, init=False)

    @property
    def who(self) -> Who:
        """Whom it is counted as."""
        return Who.of(self.agent, self.peer)

    def hears(self, activity: Activity) -> bool:
        """Whether this stream is about the activity, and it was not told yet."""
        return activity.position > self.seen and feed.within(activity.topic, self.topic, below=self.below)

    def add(self, activity: Activity) -> None:
        """Let it wait to be told."""
        if self.heard is not None:
            self.heard(activity)
            return
        self.hold(activity)
        self.wake()

    def hold(self, activity: Activity) -> None:
        """Let it wait, for who has it told soon."""
        if self.pending is None:
            # Few streams have something waiting, and an empty queue takes as much room as all else here.
            self.pending = deque()
        if self.rate:
            about = (activity.object, activity.target)
            self.pending = deque(one for one in self.pending if (one.object, one.target) != about)
        self.pending.append(activity)

    def doubt(self) -> None:
        """Have permission to listen at all asked again."""
        self.doubted = True
        self.wake()

    def finish(self, ending: Ending) -> None:
        """Tell nothing more; the connection is ended in an orderly way if the client takes that."""
        if self.ended is not None:
            return
        self.ended = ending
        self.pending = None
        self.wake()
        self._patience = asyncio.get_running_loop().call_later(PATIENCE, self.abort)

    def let_go(self) -> None:
        """Leave the connection alone from now on: the client may do something else with it."""
        self.abort = _nothing
        if self._patience is not None:
            self._patience.cancel()


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream that may be opened: who listens to what, from where, and in which state the client knows the topic."""

    listener: Listener
    after: Position | None
    state: str | None
