"""A request as the handlers see it, and the response that they give."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from pod.errors import Malformed

Message = Any  # ASGI says what messages hold in its text, not in types
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

ARRIVED = "pod.arrived"
"""The ASGI extension that says that the whole content is in memory, so that `receive` will not wait."""

_MEDIA_TYPE = re.compile(
    r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:[ \t]*;[ \t]*[\w!#$&^.+-]+=(?:[\w!#$%&'*^`|~.+-]+|\"(?:[^\"\\]|\\.)*\"))*[ \t]*;?",
    re.ASCII,
)
_MEDIA_TYPE_LENGTH = 255


class Request:
    """One request; header names are in lower case, values of the same name are kept apart."""

    __slots__ = ("_headers", "arrived", "extensions", "method", "peer", "query", "raw_path", "receive")

    def __init__(self, scope: Message, receive: Receive) -> None:
        self.method: str = scope["method"]
        self.raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        self.query: str = scope.get("query_string", b"").decode("latin-1")
        self.extensions: Mapping[str, Any] = scope.get("extensions") or {}  # Any: each is of its own kind
        self.peer = str((scope.get("client") or ("",))[0])
        """The address of the client; empty when it is not known."""
        self.receive = receive
        self.arrived = ARRIVED in self.extensions
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            # No value can have a line feed in it, so that it tells values apart.
            headers[name] = (
                f"{headers[name].decode('latin-1')}\n".encode("latin-1") + value if name in headers else value
            )
        self._headers = headers

    def __contains__(self, name: bytes) -> bool:
        return name in self._headers

    def raw(self, name: bytes) -> bytes | None:
        """The value as it was sent; that of a header sent more than once has line feeds between."""
        return self._headers.get(name)

    def get(self, name: bytes) -> str | None:
        """The value, those of a header sent more than once joined by commas (RFC 9110, 5.3)."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1").replace("\n", ", ")

    def values(self, name: bytes) -> tuple[str, ...]:
        """Every value of the header on its own."""
        value = self._headers.get(name)
        return () if value is None else tuple(value.decode("latin-1").split("\n"))

    @property
    def content_type(self) -> str | None:
        """The media type of the content with its parameters; Malformed when it is none."""
        value = self.get(b"content-type")
        if value is None:
            return None
        value = value.strip()
        if len(value) > _MEDIA_TYPE_LENGTH or _MEDIA_TYPE.fullmatch(value) is None:
            raise Malformed("The Content-Type is not a media type; send one such as text/turtle.")
        return value.rstrip("; \t")

    @property
    def from_navigation(self) -> bool:
        """Whether a person's browser asks for a page, and not an app for data."""
        if self.method not in {"GET", "HEAD"} or b"authorization" in self or b"origin" in self:
            return False
        return (self.get(b"accept") or "").lstrip().startswith("text/html")


@dataclass(slots=True)
class Response:
    """What is sent back."""

    status: int
    headers: list[Header]
    body: bytes | AsyncIterator[bytes] = b""

    async def send(self, send: Send, extra: Iterable[Header] = ()) -> None:
        """Send it whole, with further headers."""
        headers = [date(int(time.time())), *self.headers, *extra]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if isinstance(self.body, bytes):
            await send({"type": "http.response.body", "body": self.body})
            return
        async for piece in self.body:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


@lru_cache(maxsize=4)
def date(seconds: int) -> Header:
    """The Date header. Made here, since a Last-Modified must never be later (RFC 9110, 8.8.2.1)."""
    return (b"date", formatdate(seconds, usegmt=True).encode())
