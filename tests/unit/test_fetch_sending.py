"""What is sent to other hosts: only where they may be asked, once, and nowhere else."""

import asyncio

import pytest
from aiohttp import web

from pod.errors import Unreachable
from pod.fetch import Fetcher
from tests.unit.web import Names, Page, Site, redirect

HEADERS = {"content-type": "text/plain", "x-more": "a"}


@pytest.fixture
def site() -> Site:
    return Site()


async def test_content_is_sent_as_it_is(site: Site) -> None:
    bodies = []

    async def take(request: web.Request) -> web.Response:
        bodies.append((request.method, await request.read()))
        return web.Response(status=202)

    site.pages["/hook?x=1"] = take
    fetcher = Fetcher(allow_loopback=True)

    assert await fetcher.post(f"{site.url}hook?x=1", HEADERS, b"content") == 202

    assert bodies == [("POST", b"content")]
    assert (site.headers[0]["Content-Type"], site.headers[0]["X-More"]) == ("text/plain", "a")
    await fetcher.aclose()


async def test_a_redirect_is_not_followed(site: Site) -> None:
    site.pages["/hook"] = redirect("/elsewhere", 307)
    fetcher = Fetcher(allow_loopback=True)

    assert await fetcher.post(f"{site.url}hook", HEADERS, b"") == 307

    assert site.asked == ["/hook"]
    await fetcher.aclose()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "ftp://hook.example/", "https://x/" + "a" * 3000]
)
async def test_nothing_is_sent_to_where_nobody_may_be_asked(url: str) -> None:
    fetcher = Fetcher()
    with pytest.raises(Unreachable):
        await fetcher.post(url, HEADERS, b"")
    await fetcher.aclose()


async def test_a_name_that_leads_to_this_machine_is_not_sent_to(site: Site) -> None:
    fetcher = Fetcher(allow_private=True, resolve=Names())
    with pytest.raises(Unreachable, match="public internet"):
        await fetcher.post(f"http://hook.example:{site.port}/", HEADERS, b"")
    assert site.asked == []
    await fetcher.aclose()


async def test_who_does_not_answer_is_not_waited_for(site: Site) -> None:
    async def wait(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    site.pages["/slow"] = wait
    fetcher = Fetcher(allow_loopback=True, timeout=0.2)
    with pytest.raises(Unreachable, match="in time"):
        await fetcher.post(f"{site.url}slow", HEADERS, b"")
    await fetcher.aclose()


async def test_what_was_sent_is_not_taken_from_what_was_fetched(site: Site) -> None:
    """Each is sent anew, whatever was answered before."""
    site.pages["/hook"] = Page(b"", status=503)
    fetcher = Fetcher(allow_loopback=True)
    assert await fetcher.post(f"{site.url}hook", HEADERS, b"") == 503
    site.pages["/hook"] = Page(b"")

    assert await fetcher.post(f"{site.url}hook", HEADERS, b"") == 200
    await fetcher.aclose()
