"""A client that speaks to an ASGI application without sockets, and sends just what it is told.

Header names and order, raw paths, pieces of content and a client that goes away are all
its caller's choice. What no HTTP server may ever send fails right here, for every test.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

Message = dict[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[Any]
]
Headers = Sequence[tuple[str, str | bytes]]

FORMATS: Mapping[str, RdfFormat] = {
    one.media_type: one
    for one in map(
        RdfFormat.from_media_type,
        (
            "text/turtle",
            "application/ld+json",
            "application/n-triples",
            "application/n-quads",
            "application/trig",
            "application/rdf+xml",
        ),
    )
    if one is not None
}
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(rb"[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?|")
_LINK = re.compile(r'<([^<>]*)>\s*;\s*rel="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Statement:
    """A triple, or a quad of a named graph, whose terms are shown as text without their kind."""

    quad: Quad

    @property
    def subject(self) -> str:
        """Its IRI, or label."""
        return _text(self.quad.subject)

    @property
    def predicate(self) -> str:
        """Its IRI."""
        return _text(self.quad.predicate)

    @property
    def object(self) -> str:
        """Its IRI, label or value."""
        return _text(self.quad.object)


def _text(term: object) -> str:
    return str(getattr(term, "value", term))


def graph(
    content: bytes | str, media_type: str = "text/turtle", base: str = "https://pod.example/"
) -> frozenset[Statement]:
    """The statements of the content; equal for what differs in blank node labels alone."""
    data = content.encode() if isinstance(content, str) else content
    found = Dataset(parse(data, format=FORMATS[media_type.partition(";")[0].strip()], base_iri=base))
    found.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return frozenset(map(Statement, found))


@dataclass(frozen=True, slots=True)
class Answer:
    """A response."""

    url: str
    """Of the request."""
    status: int
    headers: Headers
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of the header on its own."""
        return [str(value) for key, value in self.headers if key == name.lower()]

    def __getitem__(self, name: str) -> str:
        """The one value of the header; fails when there are several, or none."""
        (value,) = self.all(name)
        return value

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

    def listed(self, name: str) -> list[str]:
        """The members of a header whose value is a list."""
        return [one.strip() for value in self.all(name) for one in value.split(",") if one.strip()]

    @property
    def media_type(self) -> str:
        """The content type without parameters."""
        return self["content-type"].partition(";")[0]

    @property
    def location(self) -> str:
        """The absolute URL in Location."""
        return urljoin(self.url, self["location"])

    @property
    def links(self) -> list[tuple[str, str]]:
        """Relation and target of each link."""
        found = [match for value in self.all("link") for match in _LINK.findall(value)]
        return [(relation, urljoin(self.url, target)) for target, relation in found]

    def linked(self, relation: str) -> list[str]:
        """The targets of the links with the relation."""
        return [target for one, target in self.links if one == relation]

    @property
    def text(self) -> str:
        """The content as UTF-8."""
        return self.body.decode()

    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.body)

    def graph(self) -> frozenset[Statement]:
        """The content as statements."""
        return graph(self.body, self.media_type, self.url)


class Gone(Exception):
    """What a client raises in `chunks` when it goes away in the middle of its content."""


async def exchange(
    application: Application,
    method: str,
    url: str,
    headers: Headers = (),
    chunks: Iterable[bytes | Awaitable[bytes]] = (),
    *,
    raw_path: bytes | None = None,
) -> Answer:
    """Send one request and give the answer, whole.

    Each of `chunks` is sent as it is asked for; one that can be awaited is waited for, and
    one that is Gone is where the client goes away.
    """
    base = re.match(r"[a-z]+://[^/]*", url)
    assert base is not None
    target = raw_path if raw_path is not None else (url[base.end() :] or "/").encode("latin-1")
    path, _, query = target.partition(b"?")
    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": url.partition(":")[0],
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), _encoded(value)) for name, value in headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
    }
    collected = _Collected()
    await application(scope, _receiver(chunks), collected.send)
    answer = collected.answer(url)
    _require_sound(method, answer)
    return answer


def _encoded(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _receiver(chunks: Iterable[bytes | Awaitable[bytes]]) -> Callable[[], Awaitable[Message]]:
    waiting = iter(chunks)
    ended = False

    async def receive() -> Message:
        nonlocal ended
        if ended:
            await asyncio.Event().wait()  # the client waits for its answer
        try:
            chunk = next(waiting)
            body = chunk if isinstance(chunk, bytes) else await chunk
        except Gone:
            return {"type": "http.disconnect"}
        except StopIteration:
            ended = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.request", "body": body, "more_body": True}

    return receive


async def goes_away() -> bytes:
    """A chunk that never comes, since the client is gone."""
    await asyncio.sleep(0)
    raise Gone


class _Collected:
    """What an application sends."""

    def __init__(self) -> None:
        self._start: Message | None = None
        self._body = bytearray()
        self._ended = False

    async def send(self, message: Message) -> None:
        assert not self._ended, "something was sent after the end"
        if message["type"] == "http.response.start":
            assert self._start is None, "a second response was started"
            self._start = message
            return
        assert message["type"] == "http.response.body"
        assert self._start is not None, "content was sent before the status"
        self._body += message.get("body", b"")
        self._ended = not message.get("more_body", False)

    def answer(self, url: str) -> Answer:
        assert self._start is not None
        assert self._ended, "the response has no end"
        for name, value in self._start["headers"]:
            assert _NAME.fullmatch(name), name
            assert _VALUE.fullmatch(value), (name, value)
        headers = [(name.decode(), value.decode("latin-1")) for name, value in self._start["headers"]]
        return Answer(url, self._start["status"], headers, bytes(self._body))


def _require_sound(method: str, answer: Answer) -> None:
    """What RFC 9110 and the Solid Protocol ask of every response."""
    names = [name for name, _ in answer.headers]
    for name in set(names) - {"www-authenticate", "vary", "link", "set-cookie"}:
        assert names.count(name) == 1, f"{name} is sent twice"
    # RFC 9110, 6.6.1 and 8.6, and server-content-type-includes
    assert "date" in answer
    if answer.body:
        assert method != "HEAD"
        assert answer.status not in {204, 304}
        assert "content-type" in answer
    if answer.status == 204:
        assert "content-length" not in answer
    elif "content-length" in answer and method != "HEAD" and answer.status != 304:
        assert int(answer["content-length"]) == len(answer.body)
    if answer.status == 401:
        assert "www-authenticate" in answer
    if answer.status == 405:
        assert "allow" in answer
    if "content-type" in answer:
        assert answer["x-content-type-options"] == "nosniff"
    assert "Origin" in answer.listed("vary")
