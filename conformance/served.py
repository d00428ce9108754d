"""Documents that a run serves for the server to fetch, and requests that it waits for.

WebIDs and their issuers, Client ID Documents, JSON-LD contexts and groups are published here; webhooks come here.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web

from conformance.case import Failed
from conformance.exchange import Pairs


@dataclass(frozen=True, slots=True)
class Got:
    """A request that came."""

    method: str
    url: str
    headers: Pairs
    content: bytes

    def header(self, name: str) -> str:
        """The value of a header; empty when there is none."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())


Said = tuple[int, Mapping[str, str], bytes]
"""Status, headers and content of an answer."""


@dataclass(slots=True)
class Place:
    """One URL that is served, with what came to it."""

    url: str
    answers: Callable[[Got], Said]
    got: list[Got] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, holds: Callable[[Got], bool] = lambda _: True, *, seconds: float = 20.0) -> Got:
        """The first request of which this holds, also of those that came before; Failed when none comes in time."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self.news.clear()
                    for one in self.got:
                        if holds(one):
                            return one
                    await self.news.wait()
        except TimeoutError:
            raise Failed(f"A request should have come to {self.url} within {seconds:.0f} seconds.") from None


class Served:
    """The web server of a run; open from `async with` to its end."""

    def __init__(self, listen: str = "127.0.0.1:0", reach: str = "") -> None:
        """`listen` is the address and port, 0 for any; `reach` the URL by which the server under test gets here."""
        host, _, port = listen.rpartition(":")
        self._host, self._port = host, int(port)
        self.url = reach
        self._places: dict[str, Place] = {}

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=16 << 20)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = (self.url or f"http://localhost:{port}").rstrip("/") + "/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def answer(self, answers: Callable[[Got], Said], path: str = "") -> Place:
        """Serve a new URL by a function; `path` ends it, so that documents can stand beside each other."""
        name = path or secrets.token_urlsafe(9)
        place = Place(self.url + name, answers)
        self._places["/" + name.partition("?")[0]] = place
        return place

    def publish(self, media_type: str, content: bytes | str, path: str = "") -> Place:
        """Serve a document at a new URL."""
        body = content.encode() if isinstance(content, str) else content
        return self.answer(lambda _: (200, {"content-type": media_type}, body), path)

    @staticmethod
    def name() -> str:
        """A name that nobody else has here."""
        return secrets.token_urlsafe(9)

    async def _answer(self, request: web.Request) -> web.Response:
        place = self._places.get(request.path)
        if place is None:
            return web.Response(status=404)
        headers = [(name, value) for name, value in request.headers.items()]
        got = Got(request.method, self.url + request.raw_path.lstrip("/"), headers, await request.read())
        place.got.append(got)
        place.news.set()
        status, named, content = place.answers(got)
        return web.Response(status=status, headers=dict(named), body=content)
