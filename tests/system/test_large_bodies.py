"""Bodies far larger than the memory that a server may take for them.

RHIZOME_LARGE_BODY says how many mebibytes; the full proof is 2048.
"""

import hashlib
import os
from collections.abc import Iterator

import httpx
import pytest

from tests.system.conftest import Serve
from tests.system.servers import LONG, Server

pytestmark = pytest.mark.system

MEBIBYTE = 1024 * 1024
SIZE = int(os.environ.get("RHIZOME_LARGE_BODY", "256"))
ROOM = 64 * MEBIBYTE
"""How much more memory a server may take while it passes on a body of any size."""
PLACE = "/demo/playground/film.mp4"


def pieces() -> Iterator[bytes]:
    """The body, never whole: every mebibyte differs."""
    for number in range(SIZE):
        yield number.to_bytes(8) * (MEBIBYTE // 8)


def digest(body: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for piece in body:
        found.update(piece)
    return found.hexdigest()


@pytest.fixture
def server(serve: Serve) -> Server:
    server = serve("--demo")
    server.put("/demo/playground/a.ttl", "<> a <#A>.")
    server.get("/demo/playground/a.ttl", accept="application/ld+json")
    return server


def test_a_body_of_any_size_goes_in_and_out_in_little_memory(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    before = server.memory("hwm")

    length = {"content-length": str(SIZE * MEBIBYTE)}
    assert server.request("PUT", PLACE, pieces(), "video/mp4", headers=length).status_code == 201
    after_upload = server.memory("hwm")
    with httpx.stream("GET", server.url + PLACE[1:], timeout=LONG, trust_env=False) as answer:
        assert answer.headers["content-length"] == str(SIZE * MEBIBYTE)
        received = digest(answer.iter_bytes())
    after_download = server.memory("hwm")

    with capsys.disabled():
        print(
            f"\n{SIZE} MiB: memory {before // MEBIBYTE} MiB, at most {after_upload // MEBIBYTE} MiB while it"
            f" went in, {after_download // MEBIBYTE} MiB after it went out"
        )
    assert received == digest(pieces())
    assert after_download < before + ROOM


def test_a_body_without_a_length_goes_in_as_well(server: Server) -> None:
    before = server.memory("hwm")

    answer = server.request("PUT", PLACE, pieces(), "video/mp4")

    assert answer.status_code == 201
    assert server.request("GET", PLACE, headers={"range": "bytes=-8"}).content == (SIZE - 1).to_bytes(8)
    assert server.memory("hwm") < before + ROOM


def test_a_client_that_reads_slowly_does_not_fill_the_memory(server: Server) -> None:
    length = {"content-length": str(SIZE * MEBIBYTE)}
    assert server.request("PUT", PLACE, pieces(), "video/mp4", headers=length).status_code == 201
    before = server.memory("hwm")

    with server.connect() as slow:
        slow.send(f"GET {PLACE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert slow.line() == b"HTTP/1.1 200 OK\r\n"
        for number in range(20):
            server.put(f"/demo/playground/{number}.txt", b"x", "text/plain")

        assert server.memory("hwm") < before + ROOM


def test_many_parts_of_a_body_are_sent_in_little_memory(server: Server) -> None:
    length = {"content-length": str(SIZE * MEBIBYTE)}
    assert server.request("PUT", PLACE, pieces(), "video/mp4", headers=length).status_code == 201
    before = server.memory("hwm")
    half = SIZE * MEBIBYTE // 2

    headers = {"range": f"bytes=0-{half - 1},{half}-"}
    with httpx.stream("GET", server.url + PLACE[1:], headers=headers, timeout=LONG, trust_env=False) as answer:
        assert answer.status_code == 206
        sent = sum(len(piece) for piece in answer.iter_raw())

    assert sent == int(answer.headers["content-length"]) > SIZE * MEBIBYTE
    assert server.memory("hwm") < before + ROOM


def test_an_upload_that_is_refused_is_not_read(server: Server) -> None:
    with server.connect() as connection:
        connection.send(
            b"PUT /demo/private.mp4 HTTP/1.1\r\nHost: localhost\r\nContent-Type: video/mp4\r\n"
            b"Content-Length: 2147483648\r\nExpect: 100-continue\r\n\r\n"
        )

        assert connection.line() == b"HTTP/1.1 401 Unauthorized\r\n"
