"""Servers that break one rule each, to see that a case of the runner notices.

    Mutant(
        "a new resource has no Location",
        "protocol/creating/post-names-the-new-resource",
        answers(without("location"), method="POST"),
    )

A mutant changes what the application is asked or answers, or patches a name of the server. The server is whole,
with people and sockets; it runs in a thread of this process, so that patches reach it.
"""

import asyncio
import contextlib
import functools
import re
import socket
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import uvicorn

from conformance.case import Outcome, cases
from conformance.people import Credentials
from conformance.run import Options, Result, run
from pod import app as server
from pod.commands.common import with_parts
from pod.config import Server, Settings, Storage
from pod.http.connection import Connection
from pod.http.websocket import WebSocket
from pod.idp.provision import Request
from pod.parts import Parts
from tests.world import FAST

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
Break = Callable[[Application], Application]
PASSWORD = "a long password for trying things"


@dataclass
class Told:
    """An answer on its way, which a mutant may change."""

    method: str
    path: str
    asked: dict[str, str]
    """The headers of the request, by name in lower case."""
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header of the answer; empty when there is none."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    def remove(self, name: str) -> None:
        """Take a header out."""
        self.headers = [(key, value) for key, value in self.headers if key.lower() != name]

    def set(self, name: str, value: str) -> None:
        """Put a header in the place of all of its name."""
        self.remove(name)
        self.headers.append((name, value))


Change = Callable[[Told], None]


@dataclass(frozen=True)
class Mutant:
    """A server with one rule broken."""

    breaks: str
    """What it does wrong, as a sentence."""
    case: str
    """The id of the case that must notice."""
    change: Break | None = None
    """Wraps the application."""
    patch: Callable[[pytest.MonkeyPatch], None] | None = None
    """Or changes a part of the server."""
    settings: dict[str, object] = field(default_factory=dict)


def answers(change: Change, *, method: str = "", when: Callable[[Told], bool] = lambda _: True) -> Break:
    """Break the answers to a method, or to all, of which this holds. Streams and WebSockets are left alone."""

    def wrap(application: Application) -> Application:
        async def broken(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or (method and scope["method"] not in method.split()):
                await application(scope, receive, send)
                return
            sent: list[Message] = []
            streamed = False

            async def hold(message: Message) -> None:
                nonlocal streamed
                sent.append(message)
                if _streams(sent[0]):
                    streamed = True
                    await send(message)

            await application(scope, receive, hold)
            if not streamed:
                await _answer(scope, sent, change, when, send)

        return broken

    return wrap


def _streams(start: Message) -> bool:
    types = [value for name, value in start.get("headers", ()) if name.lower() == b"content-type"]
    return any(one.startswith(b"text/event-stream") for one in types)


async def _answer(
    scope: Message, sent: list[Message], change: Change, when: Callable[[Told], bool], send: Send
) -> None:
    if not sent:
        return
    body = b"".join(one.get("body", b"") for one in sent[1:])
    told = Told(
        scope["method"],
        scope["path"],
        {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        sent[0]["status"],
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"]],
        body,
    )
    if when(told):
        change(told)
        if told.body != body:
            told.set("content-length", str(len(told.body)))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told.headers]
    await send({"type": "http.response.start", "status": told.status, "headers": raw})
    await send({"type": "http.response.body", "body": told.body})


def requests(change: Callable[[Message, bytes], bytes]) -> Break:
    """Break what the server hears: `change` may alter the scope, and returns the content."""

    def wrap(application: Application) -> Application:
        async def broken(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await application(scope, receive, send)
                return
            body, more = b"", True
            while more:
                message = await receive()
                body += message.get("body", b"")
                more = message.get("more_body", False)
            scope = dict(scope)
            body = change(scope, body)
            others = [
                one for one in scope["headers"] if one[0].lower() not in {b"content-length", b"transfer-encoding"}
            ]
            scope["headers"] = [*others, (b"content-length", str(len(body)).encode())]
            whole = [{"type": "http.request", "body": body, "more_body": False}]

            async def again() -> Message:
                return whole.pop() if whole else await receive()

            await application(scope, again, send)

        return broken

    return wrap


def without(name: str) -> Change:
    """A header is forgotten."""
    return lambda told: told.remove(name)


def says(status: int) -> Change:
    """Another status is told."""

    return lambda told: setattr(told, "status", status)


def header(name: str, value: str) -> Change:
    """A header says something else."""
    return lambda told: told.set(name, value)


def unlinked(part: str) -> Change:
    """The link with this in it is forgotten."""

    def change(told: Told) -> None:
        kept = [one for one in re.split(r",\s*(?=<)", told.header("link")) if part not in one]
        told.set("link", ", ".join(kept))

    return change


def linked(value: str) -> Change:
    """There is one more link."""
    return lambda told: told.headers.append(("link", value))


def replaced(old: str, new: str) -> Change:
    """The content says something else."""

    def change(told: Told) -> None:
        told.body = re.sub(old.encode(), new.encode(), told.body)

    return change


def unlisted(name: str, value: str) -> Change:
    """A header does not list this."""

    def change(told: Told) -> None:
        told.set(name, ", ".join(one for one in re.split(r",\s*", told.header(name)) if one.lower() != value.lower()))

    return change


def both(*changes: Change) -> Change:
    """One after the other."""

    def change(told: Told) -> None:
        for one in changes:
            one(told)

    return change


def refused(told: Told) -> bool:
    """Whether it is an error."""
    return told.status >= 400


def ends(*suffixes: str) -> Callable[[Told], bool]:
    """Whether the path ends so."""
    return lambda told: told.path.endswith(suffixes)


class Rhizome:
    """A server with two people, from `with` to its end."""

    def __init__(self, **settings: object) -> None:
        """`settings` are groups of settings that differ from the default."""
        self._settings = settings
        self._whole: Application
        self.change: Break | None = None

    def __enter__(self) -> Self:
        self._directory = tempfile.TemporaryDirectory(dir=FAST)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://localhost:{self._socket.getsockname()[1]}/"
        settings = Settings(server=Server(base_url=self.url), storage=Storage(data=str(Path(self._directory.name))))
        settings = replace(settings, **self._settings)  # type: ignore[arg-type]  # groups by their names
        self.people = with_parts_made(settings)
        self._whole = server.Application(settings)
        config = uvicorn.Config(
            self._asked,
            interface="asgi3",
            http=functools.partial(Connection, patience=settings.limits.idle),  # type: ignore[arg-type]  # makes one
            ws=WebSocket,
            lifespan="on",
            log_config=None,
            log_level="error",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=2,
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="mutant")
        self._thread.start()
        while not self._uvicorn.started:
            assert self._thread.is_alive(), "The server did not start."
            time.sleep(0.01)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._uvicorn.should_exit = True
        self._thread.join()
        self._socket.close()
        self._directory.cleanup()

    def _serve(self) -> None:
        asyncio.run(self._uvicorn.serve(sockets=[self._socket]))

    async def _asked(self, scope: Message, receive: Receive, send: Send) -> None:
        application = self._whole if self.change is None else self.change(self._whole)
        await application(scope, receive, send)

    @contextlib.contextmanager
    def broken(self, mutant: Mutant) -> Iterator[None]:
        """The rule is broken in the block."""
        with pytest.MonkeyPatch.context() as patch:
            if mutant.patch is not None:
                mutant.patch(patch)
            self.change = mutant.change
            try:
                yield
            finally:
                self.change = None

    def look(self, case: str) -> Result:
        """What comes of a case, with the server as it is now."""
        chosen = [one for one in cases() if one.id == case]
        assert len(chosen) == 1, f"There is no case {case}."
        alice, bob = self.people
        options = Options(self.url, Credentials.of(alice), Credentials.of(bob), reach="", patience=0.3)
        return asyncio.run(run(options, chosen)).results[0]

    def require_caught(self, mutant: Mutant) -> None:
        """Fails unless the case finds that the rule is broken.

        That it finds nothing when the rule is kept is what tests/system/test_conformance.py looks at, for all cases.
        """
        with self.broken(mutant):
            found = self.look(mutant.case)
        assert found.outcome is Outcome.FAILED, (mutant.breaks, found.outcome, found.why)


def with_parts_made(settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """Two people with pods and credentials, made before the server starts."""

    async def made(parts: Parts) -> list[dict[str, str]]:
        found = []
        for name in ("alice", "bob"):
            created = await parts.provision.create(Request(name, f"{name}@mail.example", password=PASSWORD))
            account = await parts.accounts.get(created.account)
            assert account is not None
            client, secret = await parts.provider.credentials(account, created.webid, "conformance")
            found.append(
                {"issuer": settings.base_url, "client_id": client, "client_secret": secret, "webid": created.webid}
                | {"email": f"{name}@mail.example", "password": PASSWORD}
            )
        return found

    alice, bob = with_parts(settings, made)
    return alice, bob
