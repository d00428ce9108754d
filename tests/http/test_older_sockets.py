"""The protocol solid-0.1, which rdflib.js and SolidOS speak: subscribe by URL, and hear that it changed."""

import time

import pytest

from pod.model.agent import Agent
from tests.listening import Socket
from tests.world import BASE, EVERYONE, TURTLE, World, rule

HERE = BASE[:-1]
A = f"{HERE}/alice/a"


@pytest.fixture
def storage() -> str:
    return "memory"


async def address(world: World, path: str = "/alice/a") -> str:
    """Where the owner's answers say that the socket is."""
    return (await world.alice.get(path))["updates-via"]


async def said(world: World, socket: Socket, *texts: str) -> None:
    """Say this, and wait for as many answers."""
    count = len(socket.texts) + len(texts)
    for text in texts:
        socket.say(text)
    await socket.until(lambda: len(socket.texts) >= count)
    await world.settle()


async def test_every_answer_says_where_the_socket_is(world: World) -> None:
    await world.document("/alice/a")
    await world.policy("/alice/a", rule(EVERYONE, "read"))
    for answer in (await world.anyone.get("/alice/a"), await world.anyone.options("/alice/a")):
        assert answer["updates-via"] == "wss://pod.example/.notifications/solid-0.1"
    assert (await address(world)).startswith("wss://pod.example/.notifications/solid-0.1?ticket=")


async def test_who_subscribes_hears_of_changes(world: World) -> None:
    await world.document("/alice/a")
    async with Socket(world.server, await address(world), offers=("solid-0.1",)) as socket:
        assert socket.sent[0]["subprotocol"] == "solid-0.1"
        await said(world, socket, f"sub {A}", f"sub {HERE}/alice/")
        await world.alice.put("/alice/a", TURTLE, "")
        await world.document("/alice/b")
        await world.settle()

        assert socket.texts == [
            "protocol solid-0.1",
            f"ack {A}",
            f"ack {HERE}/alice/",
            f"pub {A}",
            f"pub {HERE}/alice/",
        ]


async def test_who_unsubscribes_hears_no_more(world: World) -> None:
    await world.document("/alice/a")
    async with Socket(world.server, await address(world)) as socket:
        await said(world, socket, f"sub {A}", f"sub {HERE}/alice/b")
        socket.say(f"unsub {A}")
        socket.say("ping")
        await said(world, socket, "nonsense")
        await world.alice.put("/alice/a", TURTLE, "")
        await world.settle()

        assert f"pub {A}" not in socket.texts
        assert socket.texts[-1].startswith("err")


async def test_who_may_not_read_is_told_so(world: World) -> None:
    await world.document("/alice/a")
    async with Socket(world.server, "wss://pod.example/.notifications/solid-0.1") as socket:
        await said(world, socket, f"sub {A}", "sub https://other.example/")

        assert [one.split(" ")[:2] for one in socket.texts[1:]] == [["err", A], ["err", "https://other.example/"]]


async def test_who_loses_the_right_is_told_and_keeps_the_rest(world: World) -> None:
    for name in ("a", "b"):
        await world.document(f"/alice/{name}")
        await world.policy(f"/alice/{name}", rule(EVERYONE, "read"))
    async with Socket(world.server, "wss://pod.example/.notifications/solid-0.1") as socket:
        await said(world, socket, f"sub {A}", f"sub {HERE}/alice/b")
        await world.policy("/alice/a")
        await socket.until(lambda: any(one.startswith(f"err {A}") for one in socket.texts))
        await world.alice.put("/alice/a", TURTLE, "")
        await world.alice.put("/alice/b", TURTLE, "")
        await world.settle()

        assert socket.texts[-1] == f"pub {HERE}/alice/b"
        assert f"pub {A}" not in socket.texts


async def test_a_ticket_ends_with_the_token_behind_it(world: World) -> None:
    await world.document("/alice/a")
    assert world.alice.issuer is not None
    now = int(time.time())
    world.alice._token = world.alice.issuer.token(webid=world.alice.webid, client=world.alice.client, exp=now - 58)
    async with Socket(world.server, await address(world)) as socket:
        await said(world, socket, f"sub {A}")
        listener = next(iter(world.hub._all()))
        assert listener.end is not None
        assert abs(listener.end / 1e6 - now) <= 2


async def test_a_ticket_that_has_expired_opens_nothing(world: World) -> None:
    expired = world.parts.notifications.tickets.issue(Agent(world.alice.webid), time.time() - 1)
    async with Socket(world.server, f"wss://pod.example/.notifications/solid-0.1?ticket={expired}") as socket:
        assert socket.status == 401
