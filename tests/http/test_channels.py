"""Channels of every kind tell who may know what happened, as it happens."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from pod.config import Live
from tests.listening import Socket, Stream, subscription
from tests.world import BASE, EVERYONE, JSON_LD, TURTLE, Person, World, rule

HERE = BASE[:-1]
CHANNELS = ("WebSocketChannel2023", "EventSourceChannel2023", "StreamingHTTPChannel2023")


class Listening:
    """A client of one channel."""

    def __init__(self, connection: Socket | Stream) -> None:
        self.connection = connection

    @property
    def heard(self) -> Sequence[Any]:
        """The messages so far."""
        if isinstance(self.connection, Socket):
            return self.connection.heard
        if self.connection.header("content-type") == "text/event-stream":
            return [message for _, message in self.connection.events]
        return [json.loads(line) for line in self.connection.text.split("\n") if line]

    @property
    def ended(self) -> bool:
        """Whether the server ended it."""
        if isinstance(self.connection, Socket):
            return self.connection.code is not None
        return self.connection.ended

    async def end(self) -> None:
        """Return when the server has ended it."""
        await self.connection.until(lambda: self.ended)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Type and path of each message."""
        return [(one["type"], one["object"].removeprefix(HERE)) for one in self.heard]


async def subscribed(person: Person, channel: str, path: str, **features: object) -> str:
    """Where to receive."""
    content = subscription(channel, HERE + path, **features)
    answer = await person.post(f"/.notifications/{channel}/", JSON_LD, content)
    assert answer.status == 200, answer.text
    assert answer.json()["topic"] == HERE + path
    return str(answer.json()["receiveFrom"])


@asynccontextmanager
async def connected(world: World, address: str) -> AsyncIterator[Listening]:
    kind = Socket if address.startswith("wss:") else Stream
    async with kind(world.server, address) as connection:
        assert connection.status in {101, 200}, connection.sent
        await world.settle()
        yield Listening(connection)


@asynccontextmanager
async def listening(
    world: World, person: Person, channel: str, path: str, **features: object
) -> AsyncIterator[Listening]:
    async with connected(world, await subscribed(person, channel, path, **features)) as found:
        yield found


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


BELOW = {"urn:rhizome:below": True}


@pytest.mark.spec(
    "notification-sender-notification-message-data-model",
    "server-notifications-protocol-notification-sender",
    "message-type",
    "message-object",
    "es-conform",
    "es-response",
    "sh-conform",
    "sh-receiveFrom",
)
async def test_every_change_of_a_topic_is_told_in_order(world: World, channel: str) -> None:
    await world.folder("/alice/box/")
    async with listening(world, world.alice, channel, "/alice/box/a") as client:
        await world.document("/alice/box/a")
        await world.alice.insert("/alice/box/a", "<#it> ex:is 2.")
        await world.alice.delete("/alice/box/a")
        await world.settle()

        assert client.told == [("Create", "/alice/box/a"), ("Update", "/alice/box/a"), ("Delete", "/alice/box/a")]


@pytest.mark.spec("message-state", "message-id", "message-published", "message-context")
async def test_a_message_has_the_state_and_time_of_its_change(world: World, channel: str) -> None:
    await world.document("/alice/a")
    async with listening(world, world.alice, channel, "/alice/a") as client:
        changed = await world.alice.put("/alice/a", TURTLE, "<> a <#B>.")
        await world.settle()

        (message,) = client.heard
    assert message["state"] == changed["etag"]
    assert message["@context"] == [
        "https://www.w3.org/ns/activitystreams",
        "https://www.w3.org/ns/solid/notifications-context/v1",
    ]
    assert message["id"].startswith("urn:uuid:")
    assert message["published"].endswith("Z")


@pytest.mark.spec("message-target")
async def test_what_comes_into_a_container_and_goes_is_told_of_the_container(world: World, channel: str) -> None:
    await world.folder("/alice/box/")
    async with listening(world, world.alice, channel, "/alice/box/") as client:
        await world.document("/alice/box/a")
        await world.settle()
        listed = (await world.alice.head("/alice/box/", TURTLE))["etag"]
        await world.alice.put("/alice/box/a", TURTLE, "")
        await world.alice.delete("/alice/box/a")
        await world.settle()

        assert client.told == [("Add", "/alice/box/a"), ("Remove", "/alice/box/a")]
        assert {one["target"] for one in client.heard} == {f"{HERE}/alice/box/"}
        assert client.heard[0]["state"] == listed


async def test_a_subscription_to_all_below_a_container_hears_of_everything_in_it(world: World, channel: str) -> None:
    await world.folder("/alice/box/")
    async with listening(world, world.alice, channel, "/alice/box/", **BELOW) as client:
        await world.document("/alice/box/deep/a")
        await world.document("/alice/beside")
        await world.settle()

        assert set(client.told) == {
            ("Create", "/alice/box/deep/"),
            ("Add", "/alice/box/deep/"),
            ("Create", "/alice/box/deep/a"),
            ("Add", "/alice/box/deep/a"),
        }


async def test_what_a_listener_may_not_read_is_not_told(world: World, channel: str) -> None:
    await world.folder("/alice/box/")
    await world.policy("/alice/box/", rule(world.bob, "read"))
    await world.folder("/alice/box/secret/")
    await world.policy("/alice/box/secret/")
    async with listening(world, world.bob, channel, "/alice/box/", **BELOW) as client:
        await world.document("/alice/box/secret/a")
        await world.alice.put("/alice/box/secret/.acl", TURTLE, (await world.alice.get("/alice/box/secret/.acl")).body)
        await world.document("/alice/box/open")
        await world.alice.delete("/alice/box/secret/a")
        await world.settle()

        assert client.told == [("Create", "/alice/box/open"), ("Add", "/alice/box/open")]


async def test_the_end_of_something_secret_is_told_to_nobody_else(world: World, channel: str) -> None:
    """Without its policy it looks like what it lay in: who may read that by inheritance alone learns nothing."""
    await world.folder("/alice/box/")
    await world.policy("/alice/box/", rule(world.bob, "read", ("acl:default",)))
    await world.document("/alice/box/secret")
    await world.policy("/alice/box/secret")
    await world.document("/alice/box/open")
    async with listening(world, world.bob, channel, "/alice/box/open") as client:
        await world.alice.delete("/alice/box/secret")
        await world.settle()
        await world.alice.put("/alice/box/open", TURTLE, "")
        await world.settle()

        assert client.told == [("Update", "/alice/box/open")]


async def test_a_reader_who_lost_the_right_hears_no_more_and_is_cut(world: World, channel: str) -> None:
    await world.document("/alice/a")
    await world.policy("/alice/a", rule(world.bob, "read"))
    async with listening(world, world.bob, channel, "/alice/a") as client:
        await world.alice.put("/alice/a", TURTLE, "")
        await world.settle()
        assert len(client.heard) == 1

        await world.policy("/alice/a")
        await world.alice.put("/alice/a", TURTLE, "<> a <#Secret>.")
        await world.settle()

        assert len(client.heard) == 1
        await client.end()


async def test_who_keeps_the_right_is_not_cut_when_policies_change(world: World, channel: str) -> None:
    await world.document("/alice/a")
    await world.policy("/alice/a", rule(world.bob, "read"))
    async with listening(world, world.bob, channel, "/alice/a") as client:
        await world.policy("/alice/a", rule(world.bob, "read write"))
        await world.alice.put("/alice/a", TURTLE, "")
        await world.settle()

        assert client.told == [("Update", "/alice/a")]
        assert not client.ended


async def test_a_pod_that_is_closed_is_silent(world: World, channel: str) -> None:
    await world.document("/alice/a")
    async with listening(world, world.alice, channel, "/alice/a") as client:
        await world.parts.stores.store.close((await world.parts.stores.store.pods())[0].root, closed=True)
        await world.settle()

        assert client.heard == []
        await client.end()


async def test_a_client_that_comes_back_hears_what_it_missed_once(world: World, channel: str) -> None:
    await world.folder("/alice/box/")
    address = await subscribed(world.alice, channel, "/alice/box/", **BELOW)
    async with connected(world, address) as client:
        await world.document("/alice/box/a")
        await world.settle()
        first, second = client.heard
    await world.document("/alice/box/b")
    await world.document("/alice/c")

    for cursor, expected in (
        (first["id"], [("Add", "/alice/box/a"), ("Create", "/alice/box/b"), ("Add", "/alice/box/b")]),
        (second["id"], [("Create", "/alice/box/b"), ("Add", "/alice/box/b")]),
    ):
        async with connected(world, f"{address}?after={cursor}") as again:
            await world.settle()
            assert again.told == expected


async def test_messages_that_are_told_again_have_the_same_ids(world: World, channel: str) -> None:
    address = await subscribed(world.alice, channel, "/alice/a")
    async with connected(world, address) as client:
        await world.document("/alice/a")
        await world.settle()
        once = client.heard[0]["id"]
    async with connected(world, address) as again:
        await world.settle()

        assert [one["id"] for one in again.heard] == [once]


async def test_one_who_was_away_for_too_long_is_told_to_start_again(storage: str, channel: str) -> None:
    async with World(storage, live=Live(replay=3)) as world:
        address = await subscribed(world.alice, channel, "/alice/", **BELOW)
        async with connected(world, address) as client:
            await world.document("/alice/a")
            await world.settle()
            cursor = client.heard[0]["id"]
        for number in range(5):
            await world.document(f"/alice/{number}")
        async with connected(world, f"{address}?after={cursor}") as again:
            (message,) = again.heard
            assert message["summary"] == "Start again from a listing."
            assert message["object"] == f"{HERE}/alice/"

            await world.document("/alice/last")
            await world.settle()
            assert again.told[1:] == [("Create", "/alice/last"), ("Add", "/alice/last")]


async def test_a_place_that_is_none_of_this_server_is_refused(world: World, channel: str) -> None:
    address = await subscribed(world.alice, channel, "/alice/a")
    kind = Socket if address.startswith("wss:") else Stream
    async with kind(world.server, f"{address}?after=urn:uuid:00000000-0000-0000-0000-000000000000") as client:
        assert client.status == 400


@pytest.mark.spec("notify-state")
async def test_a_client_with_another_state_is_told_at_once(world: World, channel: str) -> None:
    tag = (await world.alice.put("/alice/a", TURTLE, ""))["etag"]
    async with listening(world, world.alice, channel, "/alice/a", state=tag) as client:
        assert client.heard == []
    async with listening(world, world.alice, channel, "/alice/a", state='"older"') as client:
        assert client.told == [("Update", "/alice/a")]
        assert client.heard[0]["state"] == tag
    async with listening(world, world.alice, channel, "/alice/none", state='"older"') as client:
        assert client.told == [("Delete", "/alice/none")]


@pytest.mark.spec("wh-unsubscribe")
async def test_a_channel_that_is_deleted_ends_its_streams(world: World, channel: str) -> None:
    service = f"/.notifications/{channel}/"
    answer = await world.alice.post(service, JSON_LD, subscription(channel, f"{HERE}/alice/a"))
    identifier = answer.json()["id"].removeprefix(HERE)
    assert answer.json()["id"] == answer.location
    async with connected(world, answer.json()["receiveFrom"]) as client:
        assert (await world.bob.get(identifier)).status == 403
        assert (await world.anyone.delete(identifier)).status == 401
        assert (await world.alice.get(identifier)).json() == answer.json()

        assert (await world.alice.delete(identifier)).status == 204
        await world.settle()

        await client.end()
    assert (await world.alice.get(identifier)).status == 404


@pytest.mark.spec("ws-authorization", "es-authorization", "authentication-authorization")
async def test_only_who_may_read_the_topic_can_subscribe(world: World, channel: str) -> None:
    service, content = f"/.notifications/{channel}/", subscription(channel, f"{HERE}/alice/a")
    await world.document("/alice/a")

    assert (await world.bob.post(service, JSON_LD, content)).status == 403
    assert (await world.anyone.post(service, JSON_LD, content)).status == 401


async def test_everyone_can_listen_to_what_everyone_may_read(world: World, channel: str) -> None:
    await world.document("/alice/a")
    await world.policy("/alice/a", rule(EVERYONE, "read"))
    async with listening(world, world.anyone, channel, "/alice/a") as client:
        await world.alice.put("/alice/a", TURTLE, "")
        await world.settle()

        assert client.told == [("Update", "/alice/a")]


async def test_messages_come_as_turtle_to_who_asks_for_that(world: World, channel: str) -> None:
    await world.document("/alice/a")
    address = await subscribed(world.alice, channel, "/alice/a", accept="text/turtle")
    kind = Socket if address.startswith("wss:") else Stream
    async with kind(world.server, address) as client:
        await world.settle()
        await world.alice.put("/alice/a", TURTLE, "")
        await world.settle()

        text = client.texts[0] if isinstance(client, Socket) else client.text
    assert "as:Update" in text
    assert f"<{HERE}/alice/a>" in text


async def test_who_reads_too_slowly_is_cut_and_goes_on_where_it_was(storage: str, channel: str) -> None:
    async with World(storage, live=Live(backlog=3)) as world:
        address = await subscribed(world.alice, channel, "/alice/", **BELOW)
        async with connected(world, address) as client:
            await world.document("/alice/first")
            await world.settle()
            cursor = client.heard[-1]["id"]
            listener = next(iter(world.hub._all()))
            stuck = world.stuck()
            listener.ready, listener.direct = stuck.wait, None
            for number in range(5):
                await world.document(f"/alice/{number}")
            while listener.ended is None:
                await world.breathe()
            stuck.set()
            await world.settle()
            await client.end()
            assert len(client.heard) == 2

        async with connected(world, f"{address}?after={cursor}") as again:
            await world.settle()
            assert len(again.heard) == 10


async def test_as_many_as_listen_at_once_are_bounded(storage: str, channel: str) -> None:
    async with World(storage, live=Live(streams_per_agent=1)) as world:
        address = await subscribed(world.alice, channel, "/alice/a")
        kind = Socket if address.startswith("wss:") else Stream
        async with connected(world, address), kind(world.server, address) as second:
            assert second.status == 429
        async with connected(world, address):
            pass


async def test_subscriptions_of_an_agent_are_bounded(storage: str, channel: str) -> None:
    async with World(storage, live=Live(subscriptions_per_agent=2)) as world:
        service, content = f"/.notifications/{channel}/", subscription(channel, f"{HERE}/alice/a")
        made = [await world.alice.post(service, JSON_LD, content) for _ in range(3)]
        assert [one.status for one in made] == [200, 200, 429]

        await world.alice.delete(made[0].json()["id"])
        assert (await world.alice.post(service, JSON_LD, content)).status == 200


async def test_subscriptions_in_a_pod_are_bounded(storage: str, channel: str) -> None:
    async with World(storage, live=Live(subscriptions_per_pod=1)) as world:
        await world.policy("/alice/", rule(world.bob, "read"))
        service, content = f"/.notifications/{channel}/", subscription(channel, f"{HERE}/alice/a")
        assert (await world.alice.post(service, JSON_LD, content)).status == 200

        refused = await world.bob.post(service, JSON_LD, content)

        assert refused.status == 429
        assert "pod" in refused.json()["detail"]


@pytest.mark.spec("notify-startAt")
async def test_a_start_in_the_past_brings_what_happened_since(world: World, channel: str) -> None:
    await world.document("/alice/a")
    between = (await world.log())[-1].time + 1
    await world.alice.put("/alice/a", TURTLE, "")
    start = datetime.fromtimestamp(between // 1_000_000, UTC).replace(microsecond=between % 1_000_000).isoformat()
    async with listening(world, world.alice, channel, "/alice/a", startAt=start) as client:
        assert client.told == [("Update", "/alice/a")]
