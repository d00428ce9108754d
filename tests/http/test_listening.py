"""What one listener hears, with a clock that is set: pauses, beginnings and ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from pod.errors import Busy, Throttled
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.notify import seats
from pod.notify.cursors import Cursors
from pod.notify.feed import Message, Position
from pod.notify.hub import SWEEP, Bounds, Hub
from pod.notify.listening import Ending, Listener
from tests.world import BASE, EVERYONE, TURTLE, World, rule

HOUR = 3600 * 1_000_000
TOPIC = Uri(f"{BASE}alice/a")


@pytest.fixture
def storage() -> str:
    return "memory"


@dataclass
class Ear:
    """A hub with a clock of its own, and one listener, who takes what there is."""

    world: World
    hub: Hub
    times: list[int] = field(default_factory=lambda: [0])

    async def write(self, path: str = "/alice/a") -> None:
        assert (await self.world.alice.put(path, TURTLE, "")).status in {201, 204}
        await self.hub.catch_up()

    async def hears(self, listener: Listener) -> list[Message]:
        found = []
        while (told := await self.hub.take(listener)) is not None:
            found.append(told[0])
        return found


@asynccontextmanager
async def ear(world: World, exists: bool = True, **bounds: int) -> AsyncIterator[Ear]:
    times = [2 * 10**15]

    async def found(_identifier: str) -> bool:
        return exists

    room = {"listeners": 10, "per_agent": 5, "per_address": 5, **bounds}
    limits = Bounds(backlog=100, replay=room.pop("replay", 100))
    parts = world.parts
    hub = Hub(
        parts.stores.store,
        parts.resources,
        Cursors(b"1" * 32),
        limits,
        lambda: times[0],
        seats=seats.Seats(seats.Bounds(**room)),
        exists=found,
        actors=parts.actors,
    )
    hub.position = await hub.head()
    yield Ear(world, hub, times)


async def listen(one: Ear, **facts: object) -> Listener:
    listener = Listener(Agent(one.world.alice.webid), TOPIC, **facts)  # type: ignore[arg-type]  # fields by name
    one.hub.admit(listener)
    await one.hub.join(listener)
    return listener


@pytest.mark.spec("notify-rate")
async def test_between_messages_there_is_a_pause_after_which_the_last_is_told(world: World) -> None:
    async with ear(world) as one:
        listener = await listen(one, rate=HOUR)
        await one.write()
        assert [message.verb for message in await one.hears(listener)] == ["Create"]
        await one.write()
        await one.write()
        assert await one.hears(listener) == []

        one.times[0] += HOUR
        (message,) = await one.hears(listener)

        tag = (await world.alice.head("/alice/a"))["etag"]
        assert (message.verb, message.state) == ("Update", tag)


@pytest.mark.spec("notify-startAt")
async def test_what_happens_before_the_start_is_not_told(world: World) -> None:
    async with ear(world) as one:
        listener = await listen(one, start=4 * 10**15)
        await one.write()

        assert await one.hears(listener) == []


@pytest.mark.spec("notify-endAt")
async def test_what_happens_after_the_end_is_not_told(world: World) -> None:
    async with ear(world) as one:
        listener = await listen(one, end=one.times[0] + HOUR)
        await one.write()
        assert len(await one.hears(listener)) == 1
        one.times[0] += HOUR
        await one.write()

        assert await one.hears(listener) == []
        assert listener.ended is Ending.EXPIRED


async def test_a_silent_stream_ends_in_time_as_well(world: World) -> None:
    async with ear(world) as one:
        listener = await listen(one, end=one.times[0] + HOUR)
        one.hub.tick()
        assert listener.ended is None
        one.times[0] += HOUR

        one.hub.tick()

        assert listener.ended is Ending.EXPIRED


async def test_a_subscription_that_ended_elsewhere_ends_its_stream(world: World) -> None:
    async with ear(world, exists=False) as one:
        listener = await listen(one, subscription="gone")
        one.hub.tick()

        assert await one.hears(listener) == []
        assert listener.ended is Ending.REMOVED


async def test_who_is_struck_from_a_list_of_members_is_cut_at_the_next_tick(world: World) -> None:
    group = f"{BASE}alice/group"
    members = "<#it> <http://www.w3.org/2006/vcard/ns#hasMember> <{}>."
    await world.alice.put("/alice/group", TURTLE, members.format(world.bob.webid))
    await world.document("/alice/a")
    await world.policy("/alice/a", rule(f"acl:agentGroup <{group}#it>", "read"))
    async with ear(world) as one:
        listener = Listener(Agent(world.bob.webid), TOPIC)
        one.hub.admit(listener)
        await one.hub.join(listener)
        assert await one.hears(listener) == []
        one.hub.tick()
        assert await one.hears(listener) == []
        assert listener.ended is None

        await world.alice.put("/alice/group", TURTLE, members.format("https://other.example/"))
        one.hub.tick()
        await one.hears(listener)

        assert listener.ended is Ending.REVOKED


async def test_each_of_many_is_asked_about_again_within_half_a_minute(world: World) -> None:
    async with ear(world, listeners=100, per_address=100) as one:
        await world.document("/alice/a")
        await world.policy("/alice/a", rule(EVERYONE, "read"))
        many = [Listener(Agent(), TOPIC) for _ in range(100)]
        for listener in many:
            one.hub.admit(listener)
            await one.hub.join(listener)
            await one.hears(listener)

        for _ in range(SWEEP):
            one.hub.tick()

        assert all(listener.doubted for listener in many)


async def test_about_one_that_has_left_nothing_is_asked(world: World) -> None:
    async with ear(world) as one:
        left = await listen(one)
        await listen(one)
        left.doubted = False
        one.hub.tick()
        one.hub.leave(left)
        left.doubted = False

        for _ in range(2 * SWEEP):
            one.hub.tick()
        left.doubt()

        assert await one.hears(left) == []
        assert left.doubted, "its permission was asked"
        assert left not in one.hub._unsettled


async def test_a_worker_takes_so_many_listeners(world: World) -> None:
    async with ear(world, listeners=2, per_agent=1) as one:
        first = await listen(one)
        with pytest.raises(Throttled):
            await listen(one)
        one.hub.admit(Listener(Agent(), TOPIC))
        with pytest.raises(Busy):
            one.hub.admit(Listener(Agent(), TOPIC))
        one.hub.leave(first)
        await listen(one)


async def test_a_cursor_from_the_future_means_starting_again(world: World) -> None:
    """After a restore from a backup the log is shorter than what clients have seen."""
    async with ear(world) as one:
        listener = Listener(Agent(world.alice.webid), TOPIC)
        one.hub.admit(listener)
        await one.hub.join(listener, Position(await one.hub.head() + 1000))

        (message,) = await one.hears(listener)
        assert message.summary == "Start again from a listing."
        await one.write()
        assert len(await one.hears(listener)) == 1


async def test_a_replay_in_the_middle_of_an_entry_tells_the_rest_of_it(world: World) -> None:
    async with ear(world) as one:
        await one.write()
        head = await one.hub.head()
        listener = Listener(Agent(world.alice.webid), Uri(f"{BASE}alice/"), below=True)
        one.hub.admit(listener)
        await one.hub.join(listener, Position(head, 0))

        assert [message.verb for message in await one.hears(listener)] == ["Add"]
