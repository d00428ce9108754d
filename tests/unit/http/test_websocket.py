"""A client's WebSocket takes whole frames at once, or nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState

from pod.http.websocket import WebSocket

OFFER = (
    b"GET /socket HTTP/1.1\r\nHost: pods.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CLOSE = b"\x88\x80\0\0\0\0"
"""A frame by which a client closes, masked with nothing."""


class Wire(asyncio.Transport):
    """What the server writes."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closing = False

    def write(self, data: Any) -> None:
        if data:
            self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002 - as in asyncio
        return default


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[WebSocket, Wire]]:
    """A WebSocket that the application has accepted."""
    accepted = asyncio.Event()

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        accepted.set()
        while (await receive())["type"] != "websocket.disconnect":
            pass

    config = uvicorn.Config(cast("Any", application), ws_per_message_deflate=False, log_config=None, lifespan="off")
    config.load()
    socket, wire = WebSocket(config=config, server_state=ServerState(), app_state={}), Wire()
    socket.connection_made(wire)
    socket.data_received(OFFER)
    assert not socket.tell("too early")
    async with asyncio.timeout(10):
        await accepted.wait()
    wire.written.clear()
    yield socket, wire
    socket.connection_lost(None)
    async with asyncio.timeout(10):
        await asyncio.gather(*socket.tasks)


async def test_a_text_is_written_as_one_frame() -> None:
    async with opened() as (socket, wire):
        assert socket.tell("héllo")
        assert socket.tell("x" * 200)

        assert wire.written == [b"\x81\x06h\xc3\xa9llo", b"\x81\x7e\x00\xc8" + b"x" * 200]


async def test_nothing_is_written_while_the_client_takes_nothing() -> None:
    async with opened() as (socket, wire):
        socket.pause_writing()
        assert not socket.tell("x")

        socket.resume_writing()
        assert socket.tell("y")
        assert wire.written == [b"\x81\x01y"]


async def test_nothing_is_written_to_a_client_that_goes() -> None:
    async with opened() as (socket, wire):
        socket.data_received(CLOSE)
        said = list(wire.written)

        assert not socket.tell("x")
        assert wire.written == said


async def test_nothing_is_written_after_the_server_has_closed() -> None:
    async with opened() as (socket, wire):
        await socket.send({"type": "websocket.close", "code": 4403})
        said = list(wire.written)

        assert not socket.tell("x")
        assert wire.written == said


async def test_nothing_is_written_to_a_connection_that_ends() -> None:
    async with opened() as (socket, wire):
        wire.close()

        assert not socket.tell("x")
        assert wire.written == []
