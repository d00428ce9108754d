"""What comes over a connection when it is not what a client should send."""

import json
from collections.abc import Iterator

import pytest

from tests.system.conftest import serving
from tests.system.servers import Server

pytestmark = pytest.mark.system

PLACE = "/demo/playground/"
MEBIBYTE = 1024 * 1024
CHUNKED = (
    f"PUT {PLACE}endless HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
).encode()


def answered(server: Server, *pieces: bytes) -> bytes:
    """What the server says to these bytes until it closes the connection."""
    with server.connect() as connection:
        for piece in pieces:
            connection.try_to_send(piece)
        return connection.rest()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def problem(answer: bytes) -> dict[str, object]:
    """The problem document, once it is made sure that there is one answer alone."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    facts = json.loads(body)
    assert isinstance(facts, dict)
    return facts


def exists(server: Server, name: str) -> bool:
    return server.get(PLACE + name).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n\r\nHELLO\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"G\x00T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: local\x00host\r\n\r\n",
        b"GET / HTTP/1.1\r\nA\x00B: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\n: empty\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n",
        b"GET / HTTP/1.1\nHost: localhost\n\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n folded: line\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(demo: Server, text: bytes) -> None:
    answer = answered(demo, text)

    assert status(answer) == 400
    assert problem(answer)["status"] == 400
    assert answer.count(b"HTTP/1.1 ") == 1
    assert demo.get("/.health/live").status_code == 200


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 3\r\nContent-Length: 30\r\n",
        b"Content-Length: 3\r\nContent-Length: 3\r\n",
        b"Content-Length: 3, 3\r\n",
        b"Content-Length: +3\r\n",
        b"Content-Length: -3\r\n",
        b"Content-Length: 0x3\r\n",
        b"Content-Length: 3 3\r\n",
        b"Content-Length: \r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ],
)
def test_a_body_whose_end_two_readers_could_see_differently_is_refused(demo: Server, framing: bytes) -> None:
    head = b"PUT " + PLACE.encode() + b"smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n" + framing
    hidden = b"PUT " + PLACE.encode() + b"hidden HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"

    answer = answered(demo, head + b"\r\n0\r\n\r\n" + hidden)

    assert status(answer) == 400
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not exists(demo, "smuggled")
    assert not exists(demo, "hidden")


@pytest.mark.parametrize(
    "chunks",
    [
        b"3;\nabc\r\n0\r\n\r\n",
        b"3\nabc\n0\n\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"g\r\nabc\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    ],
)
def test_chunks_that_are_malformed_write_nothing(demo: Server, chunks: bytes) -> None:
    head = b"PUT " + PLACE.encode() + b"chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"

    answer = answered(demo, head + b"Content-Type: text/plain\r\n\r\n" + chunks)

    assert status(answer) == 400
    assert not exists(demo, "chunked")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * MEBIBYTE,
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"b" * MEBIBYTE,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A" * MEBIBYTE,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 200_000,
        b"G" * MEBIBYTE,
        CHUNKED + b"1;" + b"e" * MEBIBYTE,
        CHUNKED + b"0\r\nTrailer: " + b"t" * MEBIBYTE,
        CHUNKED + b"0\r\n" + b"A: b\r\n" * 200_000,
    ],
    ids=["target", "value", "name", "many", "method", "extension", "trailer", "trailers"],
)
def test_a_head_without_end_is_refused_before_it_fills_the_memory(demo: Server, head: bytes) -> None:
    before = demo.memory()

    answer = answered(demo, *[head] * 16)

    assert status(answer) in {400, 431}
    assert not exists(demo, "endless")
    assert demo.memory() < before + 8 * MEBIBYTE
    assert demo.get("/.health/live").status_code == 200


def test_a_head_as_large_as_tokens_make_it_is_taken_and_a_larger_one_told_so(demo: Server) -> None:
    begin = b"GET /.health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nA: "

    fits = answered(demo, begin + b"a" * 30_000 + b"\r\n\r\n")
    over = answered(demo, begin + b"a" * 400_000)

    assert status(fits) == 200
    assert status(over) == 431
    assert problem(over)["detail"] == "The request line and headers can have at most 65536 bytes."


def test_a_client_that_stops_half_way_through_its_body_changes_nothing(demo: Server) -> None:
    demo.put(f"{PLACE}half.txt", b"as it was", "text/plain")
    begin = f"PUT {PLACE}half.txt HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    for length in (10, 1000, 1_000_000):
        with demo.connect() as connection:
            connection.send(f"{begin}Content-Length: {length}\r\n\r\n".encode() + b"x" * (length // 2))
        with demo.connect() as connection:
            connection.send(f"{begin}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n".encode() + b"x" * (length // 2))

    assert demo.get(f"{PLACE}half.txt").content == b"as it was"
    answer = answered(demo, f"{begin}Content-Length: 4\r\nConnection: close\r\n\r\nmore".encode())
    assert status(answer) == 204
    assert demo.get(f"{PLACE}half.txt").content == b"more"


def test_a_pipelined_request_is_answered_after_the_one_before_it(demo: Server) -> None:
    put = f"PUT {PLACE}piped.txt HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n"
    get = f"GET {PLACE}piped.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")

    answer = answered(demo, f"{put}v1{get}{put}v2{last}".encode())

    assert [status(b"x " + one) for one in answer.split(b"HTTP/1.1 ")[1:]] == [201, 200, 204, 200]
    assert answer.count(b"\r\n\r\nv1") == 1
    assert answer.endswith(b"\r\n\r\nv2")


OFFER = b"Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"


@pytest.mark.parametrize("together", [True, False])
def test_an_offer_to_speak_another_protocol_is_passed_over(demo: Server, together: bool) -> None:
    path = PLACE.encode() + b"h2c.txt"
    get = b"GET " + path + b" HTTP/1.1\r\n" + OFFER
    last = get.replace(b"Upgrade, ", b"Upgrade, close, ") + b"\r\n"
    put = b"PUT " + path + b" HTTP/1.1\r\nContent-Type: text/plain\r\n" + OFFER
    hidden = b"DELETE " + path + b" HTTP/1.1\r\n\r\n"
    requests = [
        put + b"Content-Length: %d\r\n\r\n" % len(hidden) + hidden,
        get + b"\r\n",
        put + b"Transfer-Encoding: chunked\r\n\r\n2\r\nv2\r\n0\r\n\r\n",
        get + b"\r\n",
    ]
    with demo.connect() as connection:
        if together:
            connection.send(b"".join(requests) + last)
        else:
            for request in requests:
                head, end, body = request.partition(b"\r\n\r\n")
                connection.send(head + end)
                connection.send(body)
            connection.send(last)
        answers = connection.rest().split(b"HTTP/1.1 ")[1:]

    assert [status(b"x " + one) for one in answers] == [201, 200, 204, 200, 200]
    assert answers[1].endswith(b"\r\n\r\n" + hidden)
    assert answers[4].endswith(b"\r\n\r\nv2")
    demo.request("DELETE", path.decode())


def test_a_server_is_no_proxy(demo: Server) -> None:
    answer = answered(demo, b"CONNECT pods.example:443 HTTP/1.1\r\nHost: pods.example:443\r\n\r\n")

    assert status(answer) in {400, 405}


def test_the_whole_url_in_the_request_line_is_understood(demo: Server) -> None:
    demo.put(f"{PLACE}whole.txt", b"whole", "text/plain")

    answer = answered(
        demo, f"GET {demo.url}{PLACE[1:]}whole.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )

    assert answer.endswith(b"\r\n\r\nwhole")


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits for a client for one second only."""
    with serving(tmp_path_factory.mktemp("impatient")) as start:
        yield start("--demo", POD_LIMITS_IDLE="1")


@pytest.mark.parametrize("length", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
def test_a_body_that_does_not_go_on_is_ended(impatient: Server, length: str) -> None:
    begin = f"PUT {PLACE}slow.txt HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n{length}\r\n\r\n"

    answer = answered(impatient, begin.encode() + b"1\r\nx\r\n")

    assert status(answer) == 400
    assert problem(answer)["detail"] == "No more content came for 1 seconds."
    assert not exists(impatient, "slow.txt")


def test_a_head_that_does_not_go_on_is_ended(impatient: Server) -> None:
    assert answered(impatient, b"GET / HTTP/1.1\r\nHost: local") == b""


def test_a_connection_on_which_nothing_comes_is_ended(impatient: Server) -> None:
    assert answered(impatient) == b""


def test_a_body_that_nobody_reads_does_not_hold_the_connection(impatient: Server) -> None:
    begin = (
        b"PUT /demo/private.txt HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n"
    )

    answer = answered(impatient, begin + b"x")

    assert status(answer) == 401
