"""Messages name who made a change to those to whom the owner of the pod allows it, at the moment of sending."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pod.actors import Actors, Audience
from pod.config import Network
from pod.model.resource import Uri
from tests.contract.making import Backend
from tests.http.test_channels import CHANNELS, listening
from tests.http.test_sending import sending
from tests.listening import Stream, subscription
from tests.world import BASE, EVERYONE, JSON_LD, TURTLE, Person, World, rule

HERE = BASE[:-1]
ROOT = Uri(f"{BASE}alice/")
PUSHED = ("WebhookChannel2023", "LDNChannel2023")
Heard = Callable[[int], Awaitable[Sequence[Any]]]
"""The messages, once so many have come."""


@pytest.fixture
def world(storage: str) -> World:
    return World(storage, network=Network(allow_loopback=True))


@asynccontextmanager
async def heard(world: World, person: Person, channel: str) -> AsyncIterator[Heard]:
    """What a person hears of a document."""
    if channel in PUSHED:
        async with sending(world) as taken:
            wish = subscription(channel, f"{HERE}/alice/a", sendTo=taken.url)
            assert (await person.post(f"/.notifications/{channel}/", JSON_LD, wish)).status in {200, 201}

            async def pushed(count: int) -> Sequence[Any]:
                await taken.count(count)
                return [json.loads(one) for one in taken.bodies]

            yield pushed
        return
    async with listening(world, person, channel, "/alice/a") as client:

        async def told(_count: int) -> Sequence[Any]:
            await world.settle()
            return client.heard

        yield told


async def shared(world: World) -> None:
    await world.document("/alice/a")
    await world.policy("/alice/a", rule(world.bob, "read write"))


@pytest.mark.parametrize("channel", [*CHANNELS, *PUSHED])
@pytest.mark.parametrize(
    ("audience", "to_owner", "to_reader"),
    [(None, True, False), (Audience.CONTROLLERS, True, False), (Audience.READERS, True, True),
     (Audience.NOBODY, False, False)],
)  # fmt: skip
async def test_the_actor_is_told_to_whom_the_owner_allows(
    world: World, channel: str, audience: Audience | None, to_owner: bool, to_reader: bool
) -> None:
    await shared(world)
    if audience is not None:
        await world.parts.actors.set(ROOT, audience)
    for person, told in ((world.alice, to_owner), (world.bob, to_reader)):
        async with heard(world, person, channel) as messages:
            await world.bob.put("/alice/a", TURTLE, "")

            (message,) = await messages(1)
            assert message.get("actor") == (world.bob.webid if told else None)


@pytest.mark.parametrize("channel", [*CHANNELS, *PUSHED])
async def test_a_choice_holds_from_the_next_message_on(world: World, channel: str) -> None:
    await shared(world)
    choices = (Audience.READERS, Audience.NOBODY, Audience.READERS, Audience.CONTROLLERS)
    async with heard(world, world.bob, channel) as messages:
        for number, audience in enumerate(choices, 1):
            await world.parts.actors.set(ROOT, audience)
            await world.bob.put("/alice/a", TURTLE, f"<> a <#N{number}>.")
            assert len(await messages(number)) == number

        named = ["actor" in one for one in await messages(len(choices))]
    assert named == [audience is Audience.READERS for audience in choices]


async def test_a_choice_holds_for_what_waits_to_be_sent(world: World) -> None:
    """A message is made when the client takes it."""
    await shared(world)
    await world.parts.actors.set(ROOT, Audience.READERS)
    async with listening(world, world.bob, "EventSourceChannel2023", "/alice/a") as client:
        held = asyncio.Event()
        listener = next(iter(world.hub._all()))
        listener.ready = held.wait
        await world.bob.put("/alice/a", TURTLE, "")
        while listener.pending is None:
            await world.breathe()

        await world.parts.actors.set(ROOT, Audience.NOBODY)
        held.set()
        await world.settle()

        (message,) = client.heard
        assert "actor" not in message


async def test_a_stream_without_a_subscription_obeys_too(world: World) -> None:
    await world.document("/alice/a")
    await world.policy("/alice/a", rule(EVERYONE, "read"), rule(world.bob, "write"))
    for audience in (Audience.CONTROLLERS, Audience.READERS):
        await world.parts.actors.set(ROOT, audience)
        accept = [("accept", "text/event-stream")]
        async with Stream(world.server, f"/.notifications/stream?topic={HERE}/alice/a", accept) as stream:
            await world.settle()
            await world.bob.put("/alice/a", TURTLE, "")
            await world.settle()

            ((_, message),) = stream.events
            assert ("actor" in message) is (audience is Audience.READERS)


async def test_each_pod_has_a_choice_of_its_own(world: World) -> None:
    await shared(world)
    await world.parts.actors.set(Uri(f"{BASE}other/"), Audience.READERS)
    async with heard(world, world.bob, CHANNELS[0]) as messages:
        await world.bob.put("/alice/a", TURTLE, "")

        (message,) = await messages(1)
        assert "actor" not in message


async def test_a_choice_made_at_one_worker_holds_at_all(tmp_path: Any) -> None:
    backend = Backend("sqlite", tmp_path)
    async with backend.opened() as one, backend.opened() as other:
        here, there = Actors(one.records), Actors(other.records)
        assert await there.of(ROOT) is Audience.CONTROLLERS
        for audience in (Audience.NOBODY, Audience.READERS, Audience.CONTROLLERS):
            await here.set(ROOT, audience)
            await asyncio.sleep(0)

            assert await there.of(ROOT) is audience
            assert await here.of(ROOT) is audience
