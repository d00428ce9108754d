"""Follows the log and tells listeners: one for each worker.

A listener is told what its agent may read at the moment of sending. Whether it may listen at all is asked
again whenever a policy changes, every second where lists of members elsewhere decide, and for all
streams once in a while.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from pod import events
from pod.actors import Actors, Audience
from pod.cache import Cache
from pod.errors import Throttled
from pod.model.agent import Agent
from pod.model.change import Entry
from pod.model.resource import Kind, Uri, View
from pod.notify import feed
from pod.notify.cursors import Cursors
from pod.notify.fanout import Fanout
from pod.notify.feed import Activity, Message, Position, Verb
from pod.notify.listening import PATIENCE, Ending, Listener
from pod.notify.seats import Seats
from pod.resources import Reading, Resources
from pod.rules import conditions, names
from pod.storage.ports import Store

BATCH = 500
LOOK_BACK = 8
"""Entries before a cursor that may belong to the same commit."""
TICK = 1.0
SWEEP = 30
"""Within so many ticks every listener is doubted once."""
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one worker does for those who listen."""

    backlog: int
    """Messages that may wait for one listener."""
    replay: int
    """Entries of the log that are read for one that was away."""


class Hub:
    """Listeners by topic."""

    def __init__(
        self,
        store: Store,
        resources: Resources,
        cursors: Cursors,
        bounds: Bounds,
        clock: Callable[[], int],
        *,
        seats: Seats,
        exists: Callable[[str], Awaitable[bool]],
        actors: Actors,
    ) -> None:
        """`exists` says whether the subscription with an id still does."""
        self._store = store
        self._resources = resources
        self._cursors = cursors
        self._bounds = bounds
        self._clock = clock
        self.seats = seats
        self._exists = exists
        self._actors = actors
        self._topics: dict[Uri, set[Listener]] = {}
        self._deep: dict[Uri, set[Listener]] = {}
        """Those that also listen to what lies below their topic."""
        self._unsettled: set[Listener] = set()
        self._fanout = Fanout(self.compose, clock)
        self._encoded: Cache[tuple[Activity, str, bool], tuple[Message, str]] = Cache(1024)
        self._sweep: list[Listener] = []
        self._share = 0
        """Of those who are still to be doubted in this sweep, how many are at each tick."""
        self._joining: set[Listener] = set()
        self._taking = 0
        self.position = 0
        """`seq` of the newest entry that listeners were told of."""

    async def follow(self) -> None:
        """Tell of each change, for ever; to be run as a task."""
        self.position = await self._store.head()
        ticking = asyncio.create_task(self._tick())
        try:
            while True:
                await self._store.wait(self.position)
                await self.catch_up()
        finally:
            ticking.cancel()
            await self._fanout.stop()
            for listener in list(self._all()):
                listener.finish(Ending.STOPPED)

    async def catch_up(self) -> None:
        """Tell of all that the log has now."""
        while entries := await self._store.log(self.position, BATCH):
            for commit in feed.commits(entries, BATCH):
                self._tell(commit)
                self.position = commit[-1].seq
                # Who was told something sends it before there is more.
                await asyncio.sleep(0)

    def _tell(self, commit: Sequence[Entry]) -> None:
        if not self._topics:
            return
        for activity in feed.activities(commit):
            self._fanout.tell(activity, [one for one in self._listening(activity) if self._offer(one, activity)])
        for entry in commit:
            above = names.parent(entry.uri)
            # With its root, a pod is closed or opened as a whole.
            if entry.kind is Kind.POLICY or (above is not None and names.parent(above) is None):
                self._doubt_below(names.subject(entry.uri))

    def _listening(self, activity: Activity) -> Iterator[Listener]:
        topic = activity.topic
        yield from [one for one in self._topics.get(topic, ()) if not one.below]
        if self._deep:
            for above in feed.topics_above(topic):
                yield from list(self._deep.get(above, ()))

    def _offer(self, listener: Listener, activity: Activity) -> bool:
        """Let it wait to be told; whether that can be done together with others."""
        if activity.position <= listener.seen:
            return False
        is_plain = listener.direct is not None and not listener.rate
        if is_plain:
            listener.hold(activity)
        else:
            listener.add(activity)
        if listener.pending is not None and len(listener.pending) > self._bounds.backlog:
            listener.finish(Ending.SLOW)
        return is_plain

    def _doubt_below(self, subject: Uri) -> None:
        for topic, listeners in list(self._topics.items()):
            if topic.startswith(subject):
                for listener in listeners:
                    listener.doubt()

    def admit(self, listener: Listener, *, sharing: bool = False) -> None:
        """Count it among those that listen; Busy or Throttled when they are too many. `leave` must follow.

        One that is `sharing` a connection needs no seat of its own. Who may listen is for the caller to ask before.
        """
        self.seats.enter()
        if not sharing:
            try:
                listener.seat = self.seats.take(listener.who)
            except Throttled:
                self.seats.leave()
                raise
        self._joining.add(listener)

    async def join(self, listener: Listener, after: Position | None = None, state: str | None = None) -> None:
        """Let it hear of all from now on, and of what came after `after`.

        `state` is the state of the topic that the client knows: if it is another, the client is told at once.
        """
        listener.seen = after or Position(await self.head())
        if after is not None:
            await self._replay(listener, after)
        self._joining.discard(listener)
        if listener.ended is not None:
            return
        self._topics.setdefault(listener.topic, set()).add(listener)
        if listener.below:
            self._deep.setdefault(listener.topic, set()).add(listener)
        listener.doubt()
        if state is not None:
            await self._compare(listener, state)

    async def head(self) -> int:
        """`seq` of the newest entry of the log: what was acknowledged before is no news."""
        return await self._store.head()

    def leave(self, listener: Listener) -> None:
        """Forget it; to be called once for each that was admitted."""
        if listener.ended is None:
            # Whoever still holds it tells it nothing, and asks nothing for it.
            listener.ended, listener.pending = Ending.GONE, None
        listener.let_go()
        self.seats.leave()
        if listener.seat is not None:
            self.seats.give_back(listener.seat)
        self._unsettled.discard(listener)
        self._joining.discard(listener)
        for found in (self._topics, self._deep):
            listeners = found.get(listener.topic)
            if listeners is not None:
                listeners.discard(listener)
                if not listeners:
                    del found[listener.topic]

    async def _replay(self, listener: Listener, after: Position) -> None:
        """Everything that it missed; or that it has to start again, when that is too much or not known."""
        oldest = await self._store.log(0, 1)
        lost = bool(oldest) and oldest[0].seq > after.seq + 1
        head = await self.head()
        if lost or after.seq > head or head - after.seq > self._bounds.replay:
            listener.seen = Position(head)
            listener.add(_told(Verb.UPDATE, listener.topic, head, self._clock(), feed.RESTART))
            return
        position, start = after.seq, max(0, after.seq - LOOK_BACK)
        # From the last look at the position to the registration by the caller nothing may be waited for.
        while start < max(self.position, after.seq):
            entries = await self._store.log(start, BATCH)
            for commit in feed.commits(entries, BATCH):
                for activity in feed.activities(commit):
                    if listener.hears(activity):
                        listener.add(activity)
                position = commit[-1].seq
            start = max(position, start + 1)
            await self._room(listener)
        listener.seen = max(listener.seen, Position(position))

    async def _room(self, listener: Listener) -> None:
        """Wait until the client has taken most of what it missed."""
        for _ in range(PATIENCE * 100):
            if listener.ended is not None or not listener.pending or len(listener.pending) < self._bounds.backlog // 2:
                return
            await asyncio.sleep(0.01)
        listener.finish(Ending.SLOW)

    async def _compare(self, listener: Listener, state: str) -> None:
        if await self.differs(listener.agent, listener.topic, state):
            gone = (await self._store.view(listener.topic)).target is None
            verb = Verb.DELETE if gone else Verb.UPDATE
            listener.add(_told(verb, listener.topic, await self.head(), self._clock()))

    async def differs(self, agent: Agent, topic: Uri, state: str | None) -> bool:
        """Whether the topic is in another state than the one that a client knows; no, if it knows none."""
        if state is None:
            return False
        found = (await self._resources.reading(agent, topic)).view.target
        return found is None or not conditions.is_state(state, found)

    async def before(self, time: int) -> Position:
        """The place after all that happened before the time."""
        low, high = 0, await self.head()
        while low < high:
            middle = (low + high) // 2
            entries = await self._store.log(middle, 1)
            if not entries or entries[0].time >= time:
                high = middle
            else:
                low = entries[0].seq
        return Position(low)

    def end_subscription(self, identifier: str) -> None:
        """End the streams of a subscription that is no more."""
        for listener in list(self._all()):
            if listener.subscription == identifier:
                listener.finish(Ending.REMOVED)

    def _all(self) -> Iterator[Listener]:
        for listeners in list(self._topics.values()):
            yield from list(listeners)

    @property
    def busy(self) -> bool:
        """Whether somebody is about to be told something."""
        return self._taking > 0 or bool(self._joining) or any(one.doubted or one.pending for one in self._all())

    async def take(self, listener: Listener) -> tuple[Message, str] | None:
        """The next message that may be told now, to be sent at once; None when there is none, or it has ended."""
        self._taking += 1
        try:
            return await self._taken(listener)
        finally:
            self._taking -= 1

    async def _taken(self, listener: Listener) -> tuple[Message, str] | None:
        while listener.ended is None and (listener.doubted or listener.pending):
            if listener.doubted:
                await self._ask(listener)
                continue
            now = self._clock()
            if listener.end is not None and now >= listener.end:
                listener.finish(Ending.EXPIRED)
                break
            if now < listener.due:
                asyncio.get_running_loop().call_later((listener.due - now) / SECOND, listener.wake)
                break
            await listener.ready()
            told = await self._next(listener)
            if told is not None:
                listener.due = now + listener.rate
                return told
        return None

    async def _next(self, listener: Listener) -> tuple[Message, str] | None:
        """The first of what waits, if the agent may know of it at this moment."""
        if not listener.pending:
            return None
        activity = listener.pending.popleft()
        if activity.time < listener.start:
            return None
        told = await self.compose(listener.agent, activity, listener.media_type, listener.topic)
        return told if listener.ended is None else None

    async def _ask(self, listener: Listener) -> None:
        """Whether the agent may still listen, and what it listens by still exists."""
        listener.doubted = False
        if listener.subscription is not None and not await self._exists(listener.subscription):
            listener.finish(Ending.REMOVED)
            return
        reading = await self._resources.reading(listener.agent, listener.topic)
        if not reading.allowed:
            listener.finish(Ending.REVOKED)
        elif not reading.settled:
            self._unsettled.add(listener)
        else:
            self._unsettled.discard(listener)

    async def compose(
        self, agent: Agent, activity: Activity, media_type: str, topic: Uri
    ) -> tuple[Message, str] | None:
        """The message to one who subscribed to the topic, as it may know of it at this moment; None if it may not."""
        told = None
        while told is None:
            reading = await self._resources.reading(agent, activity.object)
            key = (activity, media_type, await self._names_actor(activity, reading))
            told = self._encoded.get(key)
            if told is None:
                # Something may change meanwhile, since this waits for other things than the answer does.
                self._encoded.put(key, await self._composed(activity, media_type, reading.view, actor=key[2]))
        # The log may not have told yet of what has changed.
        for uri in {topic, *activity.readable}:
            found = reading if uri == activity.object else await self._resources.reading(agent, uri)
            if not found.allowed:
                return None
        return told

    async def _names_actor(self, activity: Activity, reading: Reading) -> bool:
        """Whether the message says who has done it to one who reads the object so."""
        pod = reading.view.pod
        if activity.actor is None or pod is None:
            return False
        match await self._actors.of(pod.root):
            case Audience.READERS:
                return True
            case Audience.CONTROLLERS:
                return reading.controls
            case Audience.NOBODY:
                return False

    async def _composed(self, activity: Activity, media_type: str, view: View, *, actor: bool) -> tuple[Message, str]:
        if activity.target is not None:
            view = await self._store.view(activity.target)
        found = view.target
        state = None if found is None or activity.verb is Verb.DELETE else conditions.etag(found, found.media_type)
        message = Message(
            self._cursors.text(activity.position),
            activity.verb,
            activity.object,
            activity.target,
            activity.time,
            state,
            activity.actor if actor else None,
            activity.summary,
        )
        return message, message.encoded(media_type)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self.tick()
            except Exception as error:  # noqa: BLE001 - one fault must not stop what ends streams
                events.failed("hub", error)

    def tick(self) -> None:
        """What is to be done once a second: end what is over, and doubt what may have changed elsewhere."""
        now = self._clock()
        for listener in self._all():
            if listener.end is not None and now >= listener.end:
                listener.finish(Ending.EXPIRED)
        for listener in list(self._unsettled):
            listener.doubt()
        if not self._sweep:
            self._sweep = list(self._all())
            self._share = -(-len(self._sweep) // SWEEP)
        for listener in self._sweep[: self._share]:
            if listener.ended is None:
                listener.doubt()
        self._sweep = self._sweep[self._share :]


def _told(verb: Verb, topic: Uri, seq: int, time: int, summary: str | None = None) -> Activity:
    """Something that no entry of the log tells."""
    return Activity(verb, topic, None, time, None, seq, (topic,), part=2, summary=summary)
