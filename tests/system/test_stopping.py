"""What a server finishes before it ends."""

import signal
import socket

import pytest

from tests.system.conftest import Serve
from tests.system.servers import Raw, Server, rhizome

pytestmark = pytest.mark.system

PLACE = "/demo/playground/large.bin"
BODY = bytes(range(256)) * 1024


def begin_upload(server: Server, size: int = len(BODY)) -> Raw:
    """A connection on which the server has begun to wait for content."""
    connection = server.connect()
    connection.send(
        f"PUT {PLACE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Length: {size}\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert connection.line() == b"HTTP/1.1 100 Continue\r\n"
    assert connection.line() == b"\r\n"
    return connection


def wait_until_closed(server: Server) -> None:
    """Return when the server takes no more connections: it is ending."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port)).close()
        except ConnectionError:
            return


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_upload_under_way_is_finished_and_kept(serve: Serve, number: int) -> None:
    server = serve("--demo")
    with begin_upload(server) as connection:
        connection.send(BODY[:100_000])

        server.signal(number)
        wait_until_closed(server)
        connection.send(BODY[100_000:])

        answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert b"\r\nconnection: close\r\n" in answer
    assert server.wait() == 0
    assert server.start().get(PLACE).content == BODY


def test_a_download_under_way_is_finished(serve: Serve) -> None:
    server = serve("--demo")
    content = BODY * 64
    server.put(PLACE, content, "application/octet-stream")
    with server.connect() as connection:
        connection.send(f"GET {PLACE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert connection.line() == b"HTTP/1.1 200 OK\r\n"

        server.signal(signal.SIGTERM)
        wait_until_closed(server)

        assert connection.rest().partition(b"\r\n\r\n")[2] == content
    assert server.wait() == 0


def test_a_signal_right_after_the_start_ends_the_server_in_order(serve: Serve) -> None:
    assert serve().stop() == 0


def test_a_connection_that_asks_for_nothing_does_not_keep_the_server(serve: Serve) -> None:
    server = serve()
    with server.connect() as silent, server.connect() as idle:
        idle.send(b"GET /.health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.line() == b"HTTP/1.1 200 OK\r\n"

        assert server.stop() == 0

        assert silent.rest() == b""


def test_a_download_that_nobody_takes_is_given_up(serve: Serve) -> None:
    server = serve("--demo", POD_SERVER_SHUTDOWN_SECONDS="1")
    server.put(PLACE, BODY * 256, "application/octet-stream")
    with server.connect() as connection:
        connection.send(f"GET {PLACE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert connection.line() == b"HTTP/1.1 200 OK\r\n"

        assert server.stop() == 0

        assert len(connection.rest()) < len(BODY * 256)
    assert "abandoned" in server.log.read_text()


def test_an_upload_that_never_ends_is_given_up_and_leaves_nothing(serve: Serve) -> None:
    server = serve("--demo", POD_SERVER_SHUTDOWN_SECONDS="1")
    with begin_upload(server) as connection:
        connection.send(BODY[:100_000])

        assert server.stop() == 0

        answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 1\r\n" in answer
    assert list((server.data / "blobs" / "new").iterdir()) == []
    assert rhizome("check", "--data", server.data).returncode == 0
    assert server.start().get(PLACE).status_code == 404
