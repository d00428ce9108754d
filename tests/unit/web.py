"""A web site on this machine, for what asks other hosts.

async with Site() as site:
    site.pages["/card"] = Page(b"<#me> a <#Person>.", "text/turtle")
    … site.url + "card" …
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import pytest
from aiohttp import web

from pod.errors import Unreachable
from pod.fetch import Fetched, Fetcher

TURTLE = "text/turtle"


@dataclass(frozen=True)
class Page:
    """What is answered."""

    body: bytes = b""
    media_type: str = "text/turtle"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def redirect(url: str, status: int = 302) -> Page:
    """An answer that leads on."""
    return Page(status=status, headers={"Location": url})


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """Answers with `pages`, by path and query; tells what was `asked`, in order."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.pages: dict[str, Page | Handler] = {}
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        self.port = int(self._runner.addresses[0][1])
        self.url = f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.raw_path)
        self.headers.append(request.headers)
        page = self.pages.get(request.raw_path, Page(b"", "text/plain", 404))
        if not isinstance(page, Page):
            return await page(request)
        headers = {"Content-Type": page.media_type, **page.headers}
        return web.Response(status=page.status, body=page.body, headers=headers)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Names:
    """A name service that knows what a test says, and everything else to be this machine."""

    def __init__(self, **known: Sequence[str]) -> None:
        self.known = dict(known)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        assert port > 0
        self.asked.append(host)
        return self.known.get(host.partition(".")[0], ["127.0.0.1"])


async def get(fetcher: Fetcher, url: str, *, renew: bool = False) -> Fetched:
    return await fetcher.get(url, accept=TURTLE, renew=renew)


async def refusal(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(Unreachable) as refused:
        await get(fetcher, url)
    return refused.value.message
