"""Changes reach those who listen to real processes."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import psutil
import pytest
from aiohttp import web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.issuer import LocalIssuer
from tests.listening import subscription
from tests.system.conftest import Serve
from tests.system.servers import LONG, Server
from tests.system.test_workers import each_worker, wait_for_workers

pytestmark = pytest.mark.system

PLACE = "/demo/playground/"
CHANNEL = "WebSocketChannel2023"
BELOW = {"urn:rhizome:below": True}


def receive_from(server: Server, channel: str = CHANNEL, path: str = PLACE, **features: object) -> str:
    """Where to hear of what lies below the playground."""
    wish = subscription(channel, f"{server.url[:-1]}{path}", **{**BELOW, **features})
    headers = {"Content-Type": "application/ld+json"}
    answer = httpx.post(f"{server.url}.notifications/{channel}/", content=wish, headers=headers, timeout=LONG)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["receiveFrom"])


@asynccontextmanager
async def listening(address: str, after: str | None = None) -> AsyncIterator[ClientConnection]:
    url = address if after is None else f"{address}?after={after}"
    async with connect(url, compression=None, open_timeout=LONG, close_timeout=1, proxy=None) as client:
        yield client


async def hear(client: ClientConnection) -> dict[str, str]:
    """The next message."""
    found: dict[str, str] = json.loads(await asyncio.wait_for(client.recv(), LONG))
    return found


async def created(client: ClientConnection, count: int) -> list[str]:
    """The names of the next things that were made."""
    found: list[str] = []
    while len(found) < count:
        message = await hear(client)
        if message["type"] == "Create":
            found.append(message["object"].rpartition("/")[2])
    return found


async def write(server: Server, *names: str) -> None:
    for name in names:
        await asyncio.to_thread(server.put, f"{PLACE}{name}", "<> a <#A>.")


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve("--demo")


async def test_a_client_hears_by_a_real_socket(server: Server) -> None:
    async with listening(receive_from(server)) as client:
        await write(server, "a", "b")

        assert await created(client, 2) == ["a", "b"]


async def test_a_client_hears_by_server_sent_events(server: Server) -> None:
    address = receive_from(server, "EventSourceChannel2023")
    async with httpx.AsyncClient(timeout=LONG, trust_env=False) as client, client.stream("GET", address) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("retry: ")
        await write(server, "a")
        async for line in lines:
            if line.startswith("data: "):
                assert json.loads(line[6:])["type"] == "Create"
                break


async def test_the_end_of_the_server_does_not_wait_for_those_who_listen(server: Server) -> None:
    address = receive_from(server)
    async with listening(address) as client:
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(client.recv(), LONG)

        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert await stopping == 0


async def test_the_end_of_the_server_ends_streams(server: Server) -> None:
    address = receive_from(server, "EventSourceChannel2023")
    async with httpx.AsyncClient(timeout=LONG, trust_env=False) as client, client.stream("GET", address) as answer:
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("retry: ")
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))

        rest = [line async for line in lines if line]

        assert rest[-1].startswith(": The server stops")
        assert await stopping == 0
        assert "abandoned" not in server.log.read_text()


async def test_after_the_server_was_killed_nothing_is_missing(server: Server) -> None:
    address = receive_from(server)
    async with listening(address) as client:
        await write(server, "before")
        cursor = (await hear(client))["id"]
        await write(server, *map(str, range(10)))
        server.kill()
    server.start()
    await write(server, "after")

    async with listening(address, cursor) as client:
        assert await created(client, 11) == [*map(str, range(10)), "after"]


async def test_what_one_worker_writes_is_told_by_every_other(serve: Serve) -> None:
    server = serve("--demo", "--workers", "3")
    wait_for_workers(server, 3)
    address = receive_from(server)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(listening(address)) for _ in range(9)]
        with each_worker(server) as workers:
            names = [f"by-{number}" for number in range(len(workers))]
            for worker, name in zip(workers, names, strict=True):
                assert worker.put(f"{PLACE}{name}", "").status == 201

        for client in sockets:
            assert await created(client, len(names)) == names


async def test_a_socket_that_is_none_of_ours_is_refused_in_words(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with listening(f"{server.url.replace('http', 'ws')}.notifications/receive/none.none"):
            pass
    assert refused.value.response.status_code == 404
    assert b"no such channel" in (refused.value.response.body or b"")


def test_a_client_that_reads_nothing_is_cut(serve: Serve) -> None:
    server = serve("--demo", POD_LIVE_BACKLOG="20")
    address = receive_from(server)
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(LONG)
        one.connect(("127.0.0.1", server.port))
        path, host = address.removeprefix(f"ws://localhost:{server.port}"), f"localhost:{server.port}"
        one.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert one.recv(100).startswith(b"HTTP/1.1 101")
        port = one.getsockname()[1]

        # Until all that the systems on both sides keep for it is full, and the server's patience is over.
        number = 0
        while is_connected(server, port):
            number += 1
            assert number < 20_000
            server.put(f"{PLACE}{'x' * 3000}{number % 3}", "")


def is_connected(server: Server, port: int) -> bool:
    connections = psutil.Process(server.pid).net_connections("tcp4")
    return any(one.raddr and one.raddr.port == port for one in connections)


class Hook:
    """A server that takes what is sent to it, or does not."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.status = 204
        self.asked = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        if self.status == 204:
            self.bodies.append(await request.json())
            self.headers.append(dict(request.headers))
        self.asked.set()
        return web.Response(status=self.status)


@asynccontextmanager
async def hook() -> AsyncIterator[tuple[Hook, str]]:
    found, application = Hook(), web.Application()
    application.router.add_post("/hook", found.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield found, f"http://localhost:{port}/hook"
    await runner.cleanup()


async def test_a_webhook_hears_of_changes_also_of_those_before_a_crash(serve: Serve, issuer: LocalIssuer) -> None:
    server = serve("--demo", "--workers", "2")
    wait_for_workers(server, 2)
    person = issuer.person("bob")
    async with hook() as (found, url):
        service = f"{server.url}.notifications/WebhookChannel2023/"
        wish = subscription("WebhookChannel2023", f"{server.url[:-1]}{PLACE}", sendTo=url, **BELOW)
        answer = await asyncio.to_thread(
            server.request, "POST", "/.notifications/WebhookChannel2023/", wish, "application/ld+json", by=person
        )
        assert answer.status_code == 200, (service, answer.text)
        found.status = 503
        await write(server, "a", "b")
        await asyncio.wait_for(found.asked.wait(), LONG)
        server.kill()
        found.status = 204
        server.start()
        await write(server, "c")

        async with asyncio.timeout(LONG):
            while len(found.bodies) < 6:
                found.asked.clear()
                await found.asked.wait()

        made = [one["object"].rpartition("/")[2] for one in found.bodies if one["type"] == "Create"]
        assert made == ["a", "b", "c"]
        assert all("signature" in {name.lower() for name in one} for one in found.headers)
