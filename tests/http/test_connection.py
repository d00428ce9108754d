"""What a connection takes before a request is whole, and between requests; in one process, over real sockets."""

import asyncio
import functools
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from pod.http.connection import HEAD_LIMIT, Connection
from pod.http.request import Message, Receive, Request, Send

OFFER = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"


async def arrived(scope: Message, _receive: Receive, send: Send) -> None:
    """Answers whether the content is known to have come; before it is read."""
    content = b"yes" if Request(scope, _receive).arrived else b"no"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content))]})
    await send({"type": "http.response.body", "body": content})


async def echo(scope: Message, receive: Receive, send: Send) -> None:
    """Answers with method and content; to /early before the content has come."""
    if scope["path"] == "/arrived":
        await arrived(scope, receive, send)
        return
    content, more = scope["method"].encode() + b" ", scope["path"] != "/early"
    while more:
        message = await receive()
        content, more = content + message["body"], message["more_body"]
    length = (b"content-length", b"%d" % len(content))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": content})


@asynccontextmanager
async def answers(*pieces: bytes, patience: float = 60) -> AsyncIterator[list[bytes]]:
    """What a server says to these pieces, sent one after the other, until it closes: the bodies, after all heads."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        echo,
        http=functools.partial(Connection, patience=patience),  # type: ignore[arg-type]  # makes one
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        received = await reader.read()
        yield received.split(b"HTTP/1.1 ")[1:]
    finally:
        # The client does not close: that must not keep the server.
        server.should_exit = True
        await serving
        writer.close()


def parts(answer: bytes) -> tuple[int, bytes]:
    """Status and body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 1)[0]), body


async def test_requests_are_answered_in_their_order() -> None:
    first = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na"
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    async with answers(first + last) as found:
        assert [parts(one) for one in found] == [(200, b"PUT a"), (200, b"GET ")]


async def test_content_that_came_with_its_head_is_known_to_be_there() -> None:
    whole = b"PUT /arrived HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"
    half = whole[:-1]

    async with answers(whole) as found:
        assert [parts(one) for one in found] == [(200, b"yes")]
    async with answers(half) as found:
        assert [parts(one) for one in found] == [(200, b"no")]


@pytest.mark.parametrize("apart", [True, False])
async def test_an_offer_of_another_protocol_changes_nothing_in_what_is_read(apart: bool) -> None:
    hidden = b"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"
    pieces = [
        b"PUT / HTTP/1.1\r\nHost: a\r\n" + OFFER + b"Content-Length: %d\r\n\r\n" % len(hidden),
        hidden,
        b"PUT / HTTP/1.1\r\nHost: a\r\n" + OFFER + b"Transfer-Encoding: chunked\r\n\r\n1\r",
        b"\na\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ]

    async with answers(*(pieces if apart else [b"".join(pieces)])) as found:
        assert [parts(one)[1] for one in found] == [b"PUT " + hidden, b"PUT a", b"GET "]


async def test_what_is_no_request_is_told_so() -> None:
    async with answers(b"HELLO\r\n\r\n") as found:
        ((status, body),) = map(parts, found)

    assert status == 400
    assert json.loads(body) == {
        "type": "about:blank",
        "title": "The request cannot be understood",
        "status": 400,
        "detail": "The request is not well-formed HTTP/1.1.",
    }


async def test_a_head_that_grows_beyond_the_limit_is_told_so() -> None:
    async with answers(b"GET / HTTP/1.1\r\nHost: a\r\nA: ", b"a" * 8 * HEAD_LIMIT) as found:
        ((status, body),) = map(parts, found)

    assert status == 431
    assert json.loads(body)["detail"] == f"The request line and headers can have at most {HEAD_LIMIT} bytes."


@pytest.mark.parametrize("endless", [b"1;a=", b"1\r\na\r\n0\r\nTrailer: "])
async def test_what_goes_with_content_is_limited_too(endless: bytes) -> None:
    head = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    async with answers(head + endless + b"a" * 8 * HEAD_LIMIT) as found:
        assert [parts(one)[0] for one in found] == [431]


async def test_content_in_the_smallest_chunks_is_not_limited() -> None:
    head = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    count = HEAD_LIMIT // 3

    async with answers(head + b"1\r\na\r\n" * count + b"0\r\n\r\n") as found:
        assert [parts(one) for one in found] == [(200, b"PUT " + b"a" * count)]


async def test_content_that_is_malformed_is_told_so() -> None:
    async with answers(b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"no number\r\n") as found:
        assert [parts(one)[0] for one in found] == [400]


async def test_what_is_malformed_behind_requests_that_wait_ends_the_connection() -> None:
    waiting = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na" * 2

    async with answers(waiting + b"HELLO\r\n\r\n") as found:
        assert found == []


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHo",),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",),
        (b"PUT /early HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",),
    ],
    ids=["nothing", "half a head", "no second request", "content that nobody reads"],
)
async def test_a_client_that_says_no_more_is_left_after_a_while(pieces: tuple[bytes, ...]) -> None:
    async with answers(*pieces, patience=0.01) as found:
        assert [parts(one)[0] for one in found] == [200] * (pieces != () and pieces[0].endswith((b"\n\r\n", b"x")))


@pytest.mark.spec("server-http-11")
@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\n\r\n", 200),
        (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ],
)
async def test_a_request_names_its_host_once(head: bytes, status: int) -> None:
    async with answers(head) as found:
        assert [parts(one)[0] for one in found] == [status]
