"""Delivers to those who are sent what happened: webhooks, inboxes and push services.

One worker at a time pushes. It notes for each subscription what is to be delivered, together
with how far in the log it has come, and removes the note once it was taken: so each message is delivered at
least once, whatever ends when. Those of one subscription are delivered in order, so that one that fails
keeps the later ones waiting, with pauses that grow for a day. Then the subscription ends, and in the same
moment it is noted that people are to be told so.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from pod import events
from pod.errors import NotFound, PodError
from pod.model.change import Entry
from pod.model.resource import Uri
from pod.model.unsubscribed import Unsubscribed
from pod.notify import feed
from pod.notify.cursors import FAMILY
from pod.notify.feed import Activity, Message, Verb
from pod.notify.hub import LOOK_BACK
from pod.notify.subscriptions import Known, Subscription, Subscriptions
from pod.storage.ports import Records, Store, Swap

CURSOR, WORK = "pushed-to", "pusher"
NOTES = "push"
"""Family of what is to be delivered: keys are `SUBSCRIPTION SEQ PART`, in order."""
LASTING = "push-failing"
"""Since when a subscription fails, and how often it did."""
UNTOLD = "push-ended"
"""Subscriptions that were ended, of which people are still to be told; by id."""
SECOND = 1_000_000
PAUSE = 0.05
"""Seconds between two looks at the log."""
LOOK = 5.0
"""Seconds after which a worker that does not push asks whether it is its turn."""
BATCH = 200
FAR = 10_000
"""Entries of the log that are looked through again after a crash, at most."""
PARALLEL = 16
FIRST_PAUSE, LONGEST_PAUSE = 2, 3600
DAY = 24 * 3600
REMINDER = 2
"""The part of an entry that stands for the state of the topic at that time."""
TOLD_WITHIN = 30 * DAY * SECOND
"""How long it is tried to tell people that a subscription has ended."""

Deliver = Callable[[Subscription, Message, str], Awaitable[None]]
"""Sends one message; raises PodError when it was not taken."""
Compose = Callable[[Subscription, Activity], Awaitable[tuple[Message, str] | None]]
"""The message as the subscriber may know of it at this moment; None when it may not, or does not want to."""
Tell = Callable[[Unsubscribed], Awaitable[None]]
"""Tells people that a subscription was ended, once however often it is called; raises PodError to be called again."""


@dataclass(frozen=True, slots=True)
class _Note:
    """One thing to deliver."""

    key: str
    seq: int
    part: int


class Pusher:
    """Follows the log and delivers; one for each worker, of which one works."""

    def __init__(
        self,
        store: Store,
        records: Records,
        subscriptions: Subscriptions,
        compose: Compose,
        deliver: Mapping[str, Deliver],
        clock: Callable[[], int],
        *,
        tell: Tell,
    ) -> None:
        """`deliver` has a way for each type of channel that is pushed."""
        self._store = store
        self._records = records
        self._subscriptions = subscriptions
        self._compose = compose
        self._deliver = deliver
        self._clock = clock
        self._tell = tell
        self._seen: int | None = None
        self._looked = 0
        self._kept = 0
        """How far the notes reach that are kept."""
        self._due: dict[str, int] = {}
        """When each subscription is to be delivered to; in microseconds since 1970."""
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Push for ever, whenever it is this worker's turn; to be run as a task."""
        try:
            while True:
                try:
                    if self._store.leads(WORK):
                        await self._turn()
                    else:
                        await asyncio.sleep(LOOK)
                except PodError as error:
                    events.failed("push", error)
                    await asyncio.sleep(1)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _turn(self) -> None:
        """Note what is new, deliver what is due, then wait for news or for what is due next."""
        await self.note()
        await self.start()
        waiting = asyncio.create_task(self._store.wait(await self._position()))
        due = [moment for one, moment in self._due.items() if one not in self._busy]
        patience = min([2 * LOOK, *((moment - self._clock()) / SECOND for moment in due)])
        try:
            tasks = (waiting, *self._busy.values())
            await asyncio.wait(tasks, timeout=max(0.01, patience), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        # Many changes looked at together cost little more than one, and who is pushed to is far away.
        await asyncio.sleep(PAUSE)

    async def _position(self) -> int:
        """How far this worker has looked; after a start, how far somebody certainly had."""
        if self._seen is None:
            kept = await self._records.get(FAMILY, CURSOR)
            if kept is None:
                # Nobody can have subscribed to what was before.
                await self._records.replace(FAMILY, CURSOR, None, b"%d" % await self._store.head())
                kept = await self._records.get(FAMILY, CURSOR)
            self._kept = self._seen = int(kept or b"0")
        return self._seen

    async def note(self) -> None:
        """Write down who is to hear of what the log has that was not looked at before."""
        while entries := await self._store.log(await self._position(), BATCH):
            swaps: list[Swap] = []
            known: Known = {}
            last = 0
            for commit in feed.commits(entries, BATCH):
                last = commit[-1].seq
                for activity in feed.activities(commit):
                    swaps += await self._notes(activity, known)
            # Where nothing is to be noted, to look again after a crash costs less than to write each time.
            if (swaps or last > self._kept + FAR) and not await self._move(last, swaps):
                return
            self._seen = last
            for one in swaps:
                self._due.setdefault(one.key.split(" ")[0], 0)

    async def _move(self, last: int, notes: Sequence[Swap]) -> bool:
        """Keep the notes and how far they reach; no, when another worker has done so meanwhile."""
        moved = Swap(FAMILY, CURSOR, b"%d" % self._kept, b"%d" % last)
        if await self._records.swap(moved, *notes):
            self._kept = last
            return True
        self._seen = None
        return False

    async def _notes(self, activity: Activity, known: Known) -> Sequence[Swap]:
        found = await self._subscriptions.pushed(activity, known)
        return [
            Swap(NOTES, f"{one.id} {activity.seq:016d} {activity.part}", None, b"", one.wish.end)
            for one in found
            if activity.seq > one.since and one.wish.channel in self._deliver
        ]

    async def resume(self) -> None:
        """Have everything that is noted delivered, unless it waits already."""
        for key in await self._records.keys(NOTES):
            identifier = key.split(" ")[0]
            if identifier not in self._busy:
                self._due.setdefault(identifier, 0)

    async def start(self) -> None:
        """Start what is due."""
        now = self._clock()
        if now >= self._looked + int(2 * LOOK) * SECOND:
            # Other workers note things too, and so did one that ended.
            self._looked = now
            await self.resume()
            await self.tell()
        self._busy = {name: task for name, task in self._busy.items() if not task.done()}
        for identifier in [one for one, due in self._due.items() if due <= now and one not in self._busy][:PARALLEL]:
            del self._due[identifier]
            self._busy[identifier] = asyncio.create_task(self._serve(identifier))

    async def tell(self) -> None:
        """Tell people of the subscriptions that were ended, also by a worker that did not come to it."""
        for key in await self._records.keys(UNTOLD):
            record = await self._records.get(UNTOLD, key)
            if record is None:
                continue
            try:
                await self._tell(_ended(record))
            except PodError as error:
                events.failed("notice", error)  # it is kept, and comes again
                continue
            await self._records.replace(UNTOLD, key, record, None)

    async def settled(self) -> None:
        """Return when nothing is under way."""
        while self._busy or any(due <= self._clock() for due in self._due.values()):
            await self.start()
            await asyncio.gather(*self._busy.values())
            self._busy = {name: task for name, task in self._busy.items() if not task.done()}

    async def _serve(self, identifier: str) -> None:
        """Deliver what is noted for one subscription, in order, until all is or one fails."""
        subscription = await self._subscriptions.get(identifier)
        for note in await self._noted(identifier):
            if subscription is None:
                await self._records.replace(NOTES, note.key, b"", None)
                continue
            try:
                await self._one(subscription, note)
            except NotFound:
                await self._end(subscription)
                return
            except PodError:
                await self._failed(subscription)
                return
            await self._succeeded(identifier, note)
            if subscription.wish.rate:
                self._due[identifier] = self._clock() + subscription.wish.rate
                return

    async def _noted(self, identifier: str) -> Sequence[_Note]:
        found = []
        for key, _ in await self._records.below(NOTES, f"{identifier} "):
            _, seq, part = key.split(" ")
            found.append(_Note(key, int(seq), int(part)))
        return found

    async def _one(self, subscription: Subscription, note: _Note) -> None:
        activity = await self._activity(subscription, note)
        told = None if activity is None else await self._compose(subscription, activity)
        if told is not None:
            await self._deliver[subscription.wish.channel](subscription, *told)

    async def remind(self, subscription: Subscription) -> None:
        """Have the present state of the topic told, since the subscriber knows another."""
        key = f"{subscription.id} {subscription.since:016d} {REMINDER}"
        await self._records.swap(Swap(NOTES, key, None, b"", subscription.wish.end))
        self._due.setdefault(subscription.id, 0)

    async def _activity(self, subscription: Subscription, note: _Note) -> Activity | None:
        """What the log tells at the place; None when it does no longer."""
        if note.part == REMINDER:
            topic = subscription.wish.topic
            gone = (await self._store.view(topic)).target is None
            verb = Verb.DELETE if gone else Verb.UPDATE
            return Activity(verb, topic, None, subscription.created, None, note.seq, (topic,), part=REMINDER)
        entries: Sequence[Entry] = await self._store.log(max(0, note.seq - LOOK_BACK), LOOK_BACK * 2)
        for commit in feed.commits(entries, LOOK_BACK * 2 + 1):
            for activity in feed.activities(commit):
                if (activity.seq, activity.part) == (note.seq, note.part):
                    return activity
        return None

    async def _succeeded(self, identifier: str, note: _Note) -> None:
        await self._records.replace(NOTES, note.key, b"", None)
        failing = await self._records.get(LASTING, identifier)
        if failing is not None:
            await self._records.replace(LASTING, identifier, failing, None)

    async def _end(self, subscription: Subscription, *beside: Swap) -> None:
        """Forget the subscription, and what was to be delivered; with the swaps beside it."""
        await self._subscriptions.remove(subscription, *beside)
        for note in await self._noted(subscription.id):
            await self._records.replace(NOTES, note.key, b"", None)

    async def _failed(self, subscription: Subscription) -> None:
        """Try again after a pause that doubles each time; a day after the first failure, end the subscription."""
        now = self._clock()
        kept = await self._records.get(LASTING, subscription.id)
        since, times = json.loads(kept) if kept is not None else (now, 0)
        if now - since > DAY * SECOND:
            untold = json.dumps(asdict(_unsubscribed(subscription, since, now))).encode()
            await self._end(
                subscription,
                Swap(LASTING, subscription.id, kept, None),
                Swap(UNTOLD, subscription.id, None, untold, now + TOLD_WITHIN),
            )
            events.unsubscribed(subscription.wish.channel)
            self._looked = 0  # so that people are told at the next turn
            return
        failing = json.dumps([since, times + 1]).encode()
        await self._records.swap(Swap(LASTING, subscription.id, kept, failing, subscription.wish.end))
        self._due[subscription.id] = now + min(FIRST_PAUSE * 2**times, LONGEST_PAUSE) * SECOND


def _unsubscribed(subscription: Subscription, since: int, now: int) -> Unsubscribed:
    agent, wish = subscription.agent, subscription.wish
    host = urlsplit(wish.send_to or "").hostname or ""
    return Unsubscribed(
        subscription.id, agent.webid or "", agent.client, wish.topic, Uri(subscription.root), host, since, now
    )


def _ended(record: bytes) -> Unsubscribed:
    facts = json.loads(record)
    return Unsubscribed(**{**facts, "topic": Uri(facts["topic"]), "root": Uri(facts["root"])})
