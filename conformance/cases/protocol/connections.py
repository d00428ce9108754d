"""Connections and messages: HTTP/1.1, HTTP/2 and TLS (Protocol, 2)."""

import asyncio
import ssl
from collections.abc import Sequence
from urllib.parse import urlsplit

from conformance.case import Failed, NotOffered, case
from conformance.exchange import TURTLE, Answer, Pairs
from conformance.expect import require, status, succeeded
from conformance.world import NOTE, World

LOCAL = {"localhost", "127.0.0.1", "::1"}
HTTP, HTTPS = 80, 443


async def _answers(w: World, sent: bytes, count: int = 1) -> Sequence[tuple[int, bytes]]:
    """The statuses and contents of what is answered to bytes on a connection of its own; Failed when it breaks."""
    parts = urlsplit(w.target.url)
    secure = parts.scheme == "https"
    port = parts.port or (HTTPS if secure else HTTP)
    try:
        async with asyncio.timeout(30 * w.patience):
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=w.client.tls if secure else None)
            try:
                writer.write(sent)
                await writer.drain()
                return [await _answer(reader) for _ in range(count)]
            finally:
                writer.close()
    except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
        raise Failed(f"The server should have answered: {type(error).__name__} {error}.") from error


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        code = int(head[0].split()[1])
        if code >= 200:
            break
    headers = {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in head[1:])}
    if "chunked" in headers.get("transfer-encoding", ""):
        return code, await _chunks(reader)
    if "content-length" in headers:
        return code, await reader.readexactly(int(headers["content-length"]))
    return code, b"" if code in {204, 304} else await reader.read()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    content = b""
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        content += (await reader.readexactly(size + 2))[:-2]
        if not size:
            return content


def _message(line: str, headers: Pairs, content: bytes = b"") -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + content


def _path(url: str) -> str:
    return urlsplit(url).path


def _host(w: World) -> tuple[str, str]:
    return ("Host", urlsplit(w.target.url).netloc)


@case("server-http-11")
async def a_request_without_host_is_refused(w: World) -> None:
    """RFC 9112, 3.2: a request of HTTP/1.1 that lacks Host, or has two, is answered with 400."""
    line = f"GET {_path(w.place)} HTTP/1.1"
    for headers in ([("Connection", "close")], [_host(w), ("Host", "other.example"), ("Connection", "close")]):
        code, _ = (await _answers(w, _message(line, headers)))[0]
        require(code == 400, f"a request with {len(headers) - 1} Host headers is answered with 400, not {code}")


@case("server-http-11")
async def content_may_come_in_chunks(w: World) -> None:
    """RFC 9112, 7.1: a recipient must be able to read the chunked coding."""
    url = w.url("chunks.ttl")
    headers = [_host(w), ("Content-Type", TURTLE), ("Transfer-Encoding", "chunked"), ("Connection", "close")]
    proved = await w.alice.credentials("PUT", url)
    half = len(NOTE) // 2
    content = "".join(f"{len(one):x}\r\n{one}\r\n" for one in (NOTE[:half], NOTE[half:], "")).encode()
    code, _ = (await _answers(w, _message(f"PUT {_path(url)} HTTP/1.1", [*headers, *proved], content)))[0]
    require(200 <= code < 300, f"PUT in chunks succeeds, and is not answered with {code}")
    status(await w.alice.get(url), 200)
    require(len((await w.alice.get(url)).graph()) == 1, "what came in chunks is put together")


@case("server-http-11")
async def the_whole_url_may_be_asked_for(w: World) -> None:
    """RFC 9112, 3.2.2: a server must accept the absolute form, although most clients send the path alone."""
    url = await w.document()
    proved = await w.alice.credentials("GET", url)
    headers = [_host(w), ("Accept", TURTLE), ("Connection", "close"), *proved]
    code, _ = (await _answers(w, _message(f"GET {url} HTTP/1.1", headers)))[0]
    require(code == 200, f"GET with the absolute form is answered with 200, not {code}")


@case("server-http-11")
async def a_connection_serves_one_request_after_the_other(w: World) -> None:
    """RFC 9112, 9.3: connections persist; what was sent ahead is answered in order, and content is read to its end."""
    first, second = w.url("first.ttl"), w.url("second.ttl")
    sent = b""
    for url in (first, second):
        proved = await w.alice.credentials("PUT", url)
        headers = [_host(w), ("Content-Type", TURTLE), ("Content-Length", str(len(NOTE))), *proved]
        sent += _message(f"PUT {_path(url)} HTTP/1.1", headers, NOTE.encode())
    codes = [code for code, _ in await _answers(w, sent, 2)]
    require(all(200 <= code < 300 for code in codes), f"both requests on a connection succeed, not {codes}")
    for url in (first, second):
        status(await w.alice.get(url), 200)


@case("server-http-11")
async def a_client_that_expects_to_be_asked_for_content_is_answered(w: World) -> None:
    """RFC 9110, 10.1.1: with Expect: 100-continue comes 100, or the answer itself; here all was sent already."""
    url = w.url("expected.ttl")
    proved = await w.alice.credentials("PUT", url)
    headers = [_host(w), ("Content-Type", TURTLE), ("Content-Length", str(len(NOTE))), ("Expect", "100-continue")]
    message = _message(f"PUT {_path(url)} HTTP/1.1", [*headers, ("Connection", "close"), *proved], NOTE.encode())
    code, _ = (await _answers(w, message))[0]
    require(200 <= code < 300, f"PUT with Expect: 100-continue succeeds, and is not answered with {code}")


@case("server-http-11")
async def names_of_headers_may_be_in_any_case(w: World) -> None:
    """RFC 9110, 5.1."""
    url = await w.document()
    proved = [(name.upper(), value) for name, value in await w.alice.credentials("GET", url)]
    headers = [("hOST", _host(w)[1]), ("ACCEPT", TURTLE), ("cONNECTION", "close"), *proved]
    code, _ = (await _answers(w, _message(f"GET {_path(url)} HTTP/1.1", headers)))[0]
    require(code == 200, f"GET is answered with 200 however the names of its headers are written, not {code}")


@case("server-http-2", needs=["https"])
async def http_2_can_be_spoken(w: World) -> None:
    """It is agreed upon with the secure connection (RFC 9113, 3.2)."""
    parts = urlsplit(w.target.url)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    _, writer = await asyncio.open_connection(parts.hostname, parts.port or HTTPS, ssl=context)
    try:
        agreed = writer.get_extra_info("ssl_object").selected_alpn_protocol()
    finally:
        writer.close()
    require(agreed == "h2", "the server agrees to HTTP/2")


@case("server-tls-https", "tls-connections")
async def connections_are_secure(w: World) -> None:
    """On one machine, for trying things, there is nobody to listen (Protocol, 13.1)."""
    parts = urlsplit(w.target.url)
    if parts.scheme != "https" and parts.hostname in LOCAL:
        raise NotOffered("The server is looked at on its own machine, where nobody can listen.")
    require(parts.scheme == "https", "the URL of the server begins with https")


@case("server-tls-https-redirect", needs=["https"])
async def what_is_not_secure_leads_to_what_is(w: World) -> None:
    """With 301; the test suite of the specification takes 308 for the same, which keeps the method."""
    parts = urlsplit(w.place)
    if parts.port not in {None, HTTPS}:
        raise NotOffered("The server is looked at on a port of its own, which has no counterpart.")
    plain = w.place.replace("https:", "http:", 1).replace(":443/", "/", 1)
    try:
        answer: Answer = await w.client.send("GET", plain)
    except Failed as error:
        raise NotOffered("The server does not answer to http at all.") from error
    status(answer, 301, 308)
    require(answer.location == w.place, f"Location is {w.place}, not {answer.location}")


@case("server-http-11")
async def what_comes_twice_at_once_is_done_twice(w: World) -> None:
    """Connections do not wait for each other; each answer belongs to its own request."""
    urls = [w.url(f"{number}.ttl") for number in range(6)]
    answers = await asyncio.gather(
        *(w.alice.put(url, TURTLE, f"<> <https://voc.example/is> <{url}> .") for url in urls)
    )
    for answer in answers:
        succeeded(answer)
    for url, found in zip(urls, await asyncio.gather(*(w.alice.get(url, TURTLE) for url in urls)), strict=True):
        require(url in found.text or len(found.graph()) == 1, f"GET {url} is answered with its own content")
        require(
            {str(one) for one in found.graph().objects()} == {url}, f"GET {url} is answered with what was put there"
        )
