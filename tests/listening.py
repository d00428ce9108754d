"""Clients that listen: WebSockets and streams of a server in process, and what they hear."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self
from urllib.parse import urlsplit

from pod.http.connection import EXTENSION
from tests.asgi import Application, Headers, Message

PLURAL = "http://www.w3.org/ns/solid/notifications#"
CONTEXT = "https://www.w3.org/ns/solid/notifications-context/v1"


def subscription(channel: str, topic: str, **features: object) -> str:
    """The content of a request for a channel."""
    return json.dumps({"@context": [CONTEXT], "type": PLURAL + channel, "topic": topic, **features})


class _Connection:
    """One connection of ASGI, which runs in a task until both sides are done."""

    def __init__(self, application: Application, kind: str, url: str, headers: Headers, first: Message) -> None:
        parts = urlsplit(url)
        self.sent: list[Message] = []
        """What the server sent, in order."""
        self._news = asyncio.Event()
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._incoming.put_nowait(first)
        self._application = application
        self._scope: Message = {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": parts.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), str(value).encode("latin-1")) for name, value in headers],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 80),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
        }
        self.holding: Callable[[], Awaitable[None]] | None = None
        """What the server has to wait for before it can send more."""

    async def __aenter__(self) -> Self:
        if self._scope["type"] == "http":
            self._scope["method"] = "GET"
        self._task = asyncio.create_task(self._run())
        await self.until(lambda: bool(self.sent))
        return self

    async def _run(self) -> None:
        try:
            await self._application(self._scope, self._incoming.get, self._send)
        finally:
            self._news.set()

    async def _send(self, message: Message) -> None:
        if self.holding is not None:
            await self.holding()
        self.sent.append(message)
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if last:
            self._incoming.put_nowait({"type": "http.disconnect"})
        if message["type"] == "websocket.close":
            self._incoming.put_nowait({"type": "websocket.disconnect", "code": message.get("code", 1000)})
        self._news.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when this holds of what was sent; fails when the server is done before."""
        async with asyncio.timeout(20):
            while not holds():
                assert not self._task.done(), (self._task.exception(), self.sent)
                self._news.clear()
                await self._news.wait()

    async def __aexit__(self, *_: object) -> None:
        kind = "websocket.disconnect" if self._scope["type"] == "websocket" else "http.disconnect"
        self._incoming.put_nowait({"type": kind, "code": 1005})
        async with asyncio.timeout(20):
            with contextlib.suppress(asyncio.CancelledError):
                await self._task


class Socket(_Connection):
    """A WebSocket."""

    def __init__(self, application: Application, url: str, headers: Headers = (), offers: tuple[str, ...] = ()) -> None:
        super().__init__(application, "websocket", url, headers, {"type": "websocket.connect"})
        self._scope["subprotocols"] = list(offers)
        # As the connection of a real server does.
        self._scope["extensions"][EXTENSION] = self

    async def ready(self) -> None:
        """Return when a text would be taken."""
        if self.holding is not None:
            await self.holding()

    def tell(self, text: str) -> bool:
        """Take a text at once, if that is possible."""
        if self.holding is not None or self.code is not None or not self.sent:
            return False
        self.sent.append({"type": "websocket.send", "text": text})
        self._news.set()
        return True

    def abort(self) -> None:
        """End, whatever was not taken."""
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    @property
    def texts(self) -> list[str]:
        """What the server said."""
        return [one["text"] for one in self.sent if one["type"] == "websocket.send"]

    @property
    def heard(self) -> list[Any]:
        """What it said as JSON."""
        return [json.loads(one) for one in self.texts]

    @property
    def status(self) -> int:
        """101 for a socket that was accepted."""
        first = self.sent[0]
        return 101 if first["type"] == "websocket.accept" else int(first.get("status", 403))

    @property
    def code(self) -> int | None:
        """By which code the server closed it."""
        return next((one["code"] for one in self.sent if one["type"] == "websocket.close"), None)

    def say(self, text: str) -> None:
        """Say something."""
        self._incoming.put_nowait({"type": "websocket.receive", "text": text})


class Stream(_Connection):
    """An answer that goes on."""

    def __init__(self, application: Application, url: str, headers: Headers = ()) -> None:
        super().__init__(application, "http", url, headers, {"type": "http.request", "body": b"", "more_body": False})

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    def header(self, name: str) -> str:
        """The value of a header."""
        return str(dict(self.sent[0]["headers"])[name.encode()].decode())

    @property
    def text(self) -> str:
        """All that came."""
        return b"".join(one.get("body", b"") for one in self.sent[1:]).decode()

    @property
    def events(self) -> list[tuple[str, Any]]:
        """Id and JSON of each event that has data."""
        found = []
        for event in self.text.split("\n\n"):
            lines = dict(line.split(": ", 1) for line in event.split("\n") if ": " in line and not line.startswith(":"))
            if "data" in lines:
                found.append((lines["id"], json.loads(lines["data"])))
        return found

    @property
    def ended(self) -> bool:
        """Whether the server ended it."""
        return any(one["type"] == "http.response.body" and not one.get("more_body", False) for one in self.sent)
