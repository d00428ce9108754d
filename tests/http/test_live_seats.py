"""So many may listen at once: each person, and of those whom nobody is known to be, each address."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from pod.app import Application
from pod.config import Live, Server, Settings, Storage
from pod.errors import Busy, Throttled
from pod.notify.seats import Bounds, Seats, Who
from tests.asgi import Headers
from tests.http.test_application import living, quiet
from tests.http.test_channels import connected, subscribed
from tests.listening import Socket, Stream
from tests.world import BASE, EVERYONE, World, rule

HERE = BASE[:-1]
STREAM = f"/.notifications/stream?topic={HERE}/alice/a"
LEGACY = "wss://pod.example/.notifications/solid-0.1"


@asynccontextmanager
async def public(storage: str, **limits: int) -> AsyncIterator[World]:
    """A world with a document that everyone may read."""
    async with World(storage, live=Live(**limits)) as world:
        await world.document("/alice/a")
        await world.policy("/alice/a", rule(EVERYONE, "read"))
        yield world


def stream(world: World, address: str, headers: Headers = ()) -> Stream:
    made = Stream(world.server, STREAM, headers)
    made._scope["client"] = (address, 50000)
    return made


async def test_each_address_opens_so_many_streams(storage: str) -> None:
    async with public(storage, streams_per_address=2) as world, AsyncExitStack() as open_now:
        for _ in range(2):
            assert (await open_now.enter_async_context(stream(world, "192.0.2.1"))).status == 200
        async with stream(world, "192.0.2.1") as refused:
            assert refused.status == 429
            assert int(refused.header("retry-after")) > 0
            assert refused.header("content-type") == "application/problem+json"
            assert "sign in" in json.loads(refused.text)["detail"]
        assert (await open_now.enter_async_context(stream(world, "192.0.2.2"))).status == 200

        # Who is signed in is counted as a person, wherever they are.
        token = dict(world.alice._credentials("GET", HERE + STREAM.partition("?")[0]))
        assert (await open_now.enter_async_context(stream(world, "192.0.2.1", list(token.items())))).status == 200

        await open_now.aclose()
        async with stream(world, "192.0.2.1") as again:
            assert again.status == 200


async def test_the_addresses_of_one_customer_count_together(storage: str) -> None:
    async with public(storage, streams_per_address=1) as world:
        async with stream(world, "2001:db8::1"), stream(world, "2001:db8::2") as same:
            assert same.status == 429
        async with stream(world, "2001:db8::1"), stream(world, "2001:db8:0:1::1") as other:
            assert other.status == 200


async def test_a_channel_that_nobody_known_has_made_counts_by_the_address(storage: str) -> None:
    async with public(storage, streams_per_address=1) as world:
        for channel in ("WebSocketChannel2023", "EventSourceChannel2023"):
            address = await subscribed(world.anyone, channel, "/alice/a")
            async with connected(world, address):
                kind = Socket if address.startswith("wss:") else Stream
                async with kind(world.server, address) as refused:
                    assert refused.status == 429


async def test_a_socket_of_the_older_protocol_counts_before_it_asks_for_anything(storage: str) -> None:
    async with public(storage, streams_per_address=1) as world:
        async with Socket(world.server, LEGACY) as first, Socket(world.server, LEGACY) as second:
            assert (first.status, second.status) == (101, 429)
        async with Socket(world.server, LEGACY) as again:
            assert again.status == 101


async def asked(socket: Socket, numbers: Sequence[int]) -> str:
    """The answer to the last of the subscriptions."""
    for number in numbers:
        count = len(socket.texts)
        socket.say(f"sub {HERE}/alice/public/{number}")
        await socket.until(lambda count=count: len(socket.texts) > count)  # type: ignore[misc]  # a default
    return socket.texts[-1]


async def test_many_resources_on_one_socket_count_as_more_than_one(storage: str) -> None:
    async with public(storage, streams_per_address=2) as world:
        await world.folder("/alice/public/")
        await world.policy("/alice/public/", rule(EVERYONE, "read"))
        async with Socket(world.server, LEGACY) as socket:
            assert (await asked(socket, range(100))).startswith("ack ")
            assert (await asked(socket, [100])).startswith("err ")
            socket.say(f"unsub {HERE}/alice/public/3")
            assert (await asked(socket, [101])).startswith("ack ")


async def test_one_socket_asks_for_so_many_resources(storage: str) -> None:
    async with public(storage, streams_per_address=1000) as world:
        await world.folder("/alice/public/")
        await world.policy("/alice/public/", rule(EVERYONE, "read"))
        async with Socket(world.server, LEGACY) as socket:
            assert (await asked(socket, range(500))).startswith("ack ")
            refusal = await asked(socket, [500])
            assert refusal.startswith(f"err {HERE}/alice/public/500 One socket hears of 500")


@pytest.mark.usefixtures(quiet.__name__)
@pytest.mark.parametrize("trusted", [True, False])
async def test_behind_a_proxy_the_address_that_it_tells_counts(trusted: bool) -> None:
    proxies = "127.0.0.1" if trusted else ""
    settings = Settings(
        server=Server(base_url=BASE, trusted_proxies=proxies), storage=Storage(kind="memory"),
        live=Live(streams_per_address=1),
    )  # fmt: skip
    application = Application(settings, demo=True)
    path = f"/.notifications/stream?topic={BASE}demo/playground/"
    async with living(application), AsyncExitStack() as open_now:
        found = []
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
            client = Stream(application, path, [("x-forwarded-for", address)])
            found.append((await open_now.enter_async_context(client)).status)
    assert found == ([200, 200, 429] if trusted else [200, 429, 429])


def test_seats_that_are_given_back_are_free() -> None:
    seats = Seats(Bounds(2, 1, 1))
    alice, somebody = Who("https://alice.example/#me", is_known=True), Who("192.0.2.1", is_known=False)
    names = [seats.take(alice), seats.take(somebody)]
    for who in (alice, somebody):
        with pytest.raises(Throttled):
            seats.take(who)
    for name in names:
        seats.give_back(name)
    assert [seats.take(alice), seats.take(somebody)] == names
    assert len(seats._taken) == 2


def test_all_together_are_so_many() -> None:
    seats = Seats(Bounds(2, 1, 1))
    seats.enter()
    seats.enter()
    with pytest.raises(Busy):
        seats.enter()
    seats.leave()
    seats.enter()
