"""What is pushed comes at least once and in order, whoever fails and whatever ends in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from pod.errors import Busy, NotFound, Unreachable
from pod.model.agent import Agent
from pod.model.unsubscribed import Unsubscribed
from pod.notify.feed import Activity, Message
from pod.notify.pushing import DAY, LASTING, NOTES, UNTOLD, Pusher
from pod.notify.subscriptions import Bounds, Subscription, Subscriptions, Wish
from pod.storage.stores import Stores
from tests.contract.making import ROOT, SECOND, Backend, make_pod, put, remove, uri

HOOK = "https://hook.example/"
BOB = Agent("https://bob.example/#me")


@dataclass
class Place:
    """Where messages are pushed to."""

    stores: Stores
    backend: Backend
    taken: list[tuple[str, str]] = field(default_factory=list)
    """Verb and object of what was taken."""
    refused: int = 0
    refuses: bool = False
    gone: bool = False
    told: list[Unsubscribed] = field(default_factory=list)
    """Of which ends people were told."""
    telling_fails: bool = False
    secret: str = ""
    """The object of which the subscriber may not know."""

    def __post_init__(self) -> None:
        self.subscriptions = Subscriptions(self.stores.records, Bounds(10, 10), self.backend.clock)
        self.pusher = self.anew()

    def anew(self) -> Pusher:
        """What pushes, as after a start."""
        deliver = {"WebhookChannel2023": self.deliver}
        stores, clock = self.stores, self.backend.clock
        return Pusher(stores.store, stores.records, self.subscriptions, self.compose, deliver, clock, tell=self.tell)

    async def tell(self, one: Unsubscribed) -> None:
        if self.telling_fails:
            raise Busy("The disk is slow.")
        self.told.append(one)

    async def compose(self, _subscription: Subscription, activity: Activity) -> tuple[Message, str] | None:
        if activity.object == self.secret:
            return None
        return Message("urn:uuid:1", activity.verb, activity.object, activity.target, activity.time), "text"

    async def deliver(self, _subscription: Subscription, message: Message, _text: str) -> None:
        if self.gone:
            raise NotFound("The host wants no more messages.")
        if self.refuses:
            self.refused += 1
            raise Unreachable("The host does not answer.")
        self.taken.append((message.verb, message.object.removeprefix(ROOT)))

    async def subscribe(self, path: str, **facts: object) -> Subscription:
        wish = Wish("WebhookChannel2023", uri(path), send_to=HOOK, **facts)  # type: ignore[arg-type]  # by name
        return await self.subscriptions.add(wish, BOB, ROOT, await self.stores.store.head())

    async def push(self) -> None:
        await self.pusher.note()
        await self.pusher.start()
        await self.pusher.settled()


@asynccontextmanager
async def place(backend: Backend) -> AsyncIterator[Place]:
    async with backend.opened() as stores:
        await make_pod(stores, "box/")
        found = Place(stores, backend)
        await found.pusher.note()
        yield found


async def test_changes_are_pushed_in_order(backend: Backend) -> None:
    async with place(backend) as one:
        await one.subscribe("box/", below=True)
        await put(one.stores, "box/a", "1")
        await put(one.stores, "box/a", "2")
        await put(one.stores, "other", "1")
        await remove(one.stores, "box/a")

        await one.push()
        await one.push()

        assert one.taken == [
            ("Create", "box/a"),
            ("Add", "box/a"),
            ("Update", "box/a"),
            ("Delete", "box/a"),
            ("Remove", "box/a"),
        ]
        assert await one.stores.records.keys(NOTES) == []


async def test_what_was_before_the_subscription_is_not_pushed(backend: Backend) -> None:
    async with place(backend) as one:
        await put(one.stores, "box/a", "1")
        await one.subscribe("box/a")

        await one.push()

        assert one.taken == []


async def test_what_is_not_taken_keeps_the_rest_waiting_and_comes_again_later(backend: Backend) -> None:
    async with place(backend) as one:
        await one.subscribe("box/a")
        one.refuses = True
        await put(one.stores, "box/a", "1")
        await put(one.stores, "box/a", "2")
        await one.push()
        for count, pause in enumerate((2, 4, 8), 1):
            backend.clock.now += pause * SECOND - 1
            await one.push()
            assert one.refused == count
            backend.clock.now += 1
            await one.push()
            assert one.refused == count + 1

        one.refuses = False
        backend.clock.now += 16 * SECOND
        await one.push()

        assert one.taken == [("Create", "box/a"), ("Update", "box/a")]


async def test_one_that_fails_does_not_keep_others_waiting(backend: Backend) -> None:
    async with place(backend) as one:
        await one.subscribe("box/a")
        one.refuses = True
        await put(one.stores, "box/a", "1")
        await one.push()
        one.refuses = False
        await one.subscribe("box/b")
        await put(one.stores, "box/b", "1")

        await one.push()

        assert one.taken == [("Create", "box/b")]


async def test_after_a_day_of_failures_the_subscription_ends(backend: Backend) -> None:
    async with place(backend) as one:
        made = await one.subscribe("box/a")
        one.refuses = True
        await put(one.stores, "box/a", "1")
        await one.push()
        backend.clock.now += (DAY - 1) * SECOND
        await one.push()
        assert await one.subscriptions.get(made.id) == made

        backend.clock.now += 2 * 3600 * SECOND
        await one.push()

        assert await one.subscriptions.get(made.id) is None
        assert await one.stores.records.keys(NOTES) == []


async def ended(one: Place) -> Subscription:
    """A subscription that was ended after a day of failures, of which nobody was told yet."""
    made = await one.subscribe("box/a")
    one.refuses = True
    await put(one.stores, "box/a", "1")
    await one.push()
    backend = one.backend
    backend.clock.now += (DAY + 1) * SECOND
    await one.push()
    assert await one.subscriptions.get(made.id) is None
    return made


async def test_people_are_told_of_a_subscription_that_was_ended(backend: Backend) -> None:
    async with place(backend) as one:
        start = backend.clock.now
        made = await ended(one)
        await one.push()

        assert one.told == [
            Unsubscribed(made.id, str(BOB.webid), None, uri("box/a"), ROOT, "hook.example", start, backend.clock.now)
        ]
        assert await one.stores.records.keys(UNTOLD) == []
        assert await one.stores.records.keys(LASTING) == []


async def test_people_are_told_after_a_crash_in_between(backend: Backend) -> None:
    async with place(backend) as one:
        await ended(one)
        assert one.told == []

        one.pusher = one.anew()
        await one.push()
        assert len(one.told) == 1

        one.pusher = one.anew()
        await one.push()
        assert len(one.told) == 1


async def test_who_cannot_be_told_now_is_told_later(backend: Backend) -> None:
    async with place(backend) as one:
        await ended(one)
        one.telling_fails = True
        await one.push()

        one.telling_fails = False
        backend.clock.now += 20 * SECOND
        await one.push()

        assert len(one.told) == 1


async def test_nobody_is_told_of_one_that_its_receiver_ended(backend: Backend) -> None:
    async with place(backend) as one:
        made = await one.subscribe("box/a")
        one.gone = True
        await put(one.stores, "box/a", "1")
        await one.push()
        await one.push()

        assert await one.subscriptions.get(made.id) is None
        assert one.told == []


async def test_after_a_crash_nothing_is_missing(backend: Backend) -> None:
    """What was taken, and not noted as taken, comes again: at least once, and in order."""
    async with place(backend) as one:
        await one.subscribe("box/a")
        for number in range(3):
            await put(one.stores, "box/a", str(number))
        await one.pusher.note()
        one.refuses = True
        await one.push()
        one.refuses = False
        await put(one.stores, "box/a", "after")

        one.pusher = one.anew()
        await one.push()

        assert one.taken == [("Create", "box/a"), *[("Update", "box/a")] * 3]


async def test_what_the_subscriber_may_not_know_is_left_out(backend: Backend) -> None:
    async with place(backend) as one:
        await one.subscribe("box/", below=True)
        one.secret = uri("box/secret")
        await put(one.stores, "box/secret", "1")
        await put(one.stores, "box/open", "1")

        await one.push()

        assert {name for _, name in one.taken} == {"box/open"}


async def test_what_ended_is_pushed_to_no_more(backend: Backend) -> None:
    async with place(backend) as one:
        made = await one.subscribe("box/a")
        await put(one.stores, "box/a", "1")
        await one.pusher.note()
        await one.subscriptions.remove(made)

        await one.push()

        assert one.taken == []
        assert await one.stores.records.keys(NOTES) == []


async def test_between_messages_there_is_the_pause_that_was_asked_for(backend: Backend) -> None:
    async with place(backend) as one:
        await one.subscribe("box/a", rate=60 * SECOND)
        for number in range(3):
            await put(one.stores, "box/a", str(number))
        await one.push()
        assert len(one.taken) == 1

        backend.clock.now += 60 * SECOND
        await one.push()

        assert len(one.taken) == 2


@pytest.mark.spec("notify-state")
async def test_a_subscriber_with_another_state_is_told_at_once(backend: Backend) -> None:
    async with place(backend) as one:
        for path in ("box/", "box/none"):
            await one.pusher.remind(await one.subscribe(path))

        await one.push()

        assert set(one.taken) == {("Update", "box/"), ("Delete", "box/none")}


async def test_two_workers_do_not_push_the_same(backend: Backend) -> None:
    async with place(backend) as one:
        await one.subscribe("box/a")
        await put(one.stores, "box/a", "1")

        await one.anew().note()
        await one.pusher.note()
        await one.push()

        assert one.taken == [("Create", "box/a")]


async def test_one_process_at_a_time_has_the_work(sqlite: Backend) -> None:
    async with sqlite.opened() as one, sqlite.opened() as other:
        assert one.store.leads("pusher")
        assert one.store.leads("pusher")
        assert not other.store.leads("pusher")
    async with sqlite.opened() as third:
        assert third.store.leads("pusher")
