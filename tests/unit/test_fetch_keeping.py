"""How long an answer is used, and who waits for it."""

import asyncio

import pytest
from aiohttp import web

from pod import fetch
from pod.errors import Unreachable
from pod.fetch import Fetched, Fetcher
from tests.unit.web import TURTLE, Clock, Page, Site, get, refusal


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.mark.parametrize(
    ("control", "fresh_for"),
    [
        ("", fetch.FRESH[1]),
        ("public", fetch.FRESH[1]),
        ("max-age=30", 30),
        ("private, MAX-AGE=30 ,x", 30),
        ("max-age=0", fetch.FRESH[0]),
        ("max-age=99999999999999", fetch.FRESH[1]),
        ("max-age=x", fetch.FRESH[1]),
        ("no-store", fetch.FRESH[0]),
        ("no-cache, max-age=60", fetch.FRESH[0]),
    ],
)
async def test_an_answer_is_used_as_long_as_it_says_within_bounds(site: Site, control: str, fresh_for: float) -> None:
    site.pages["/a"] = Page(b"one", headers={"Cache-Control": control} if control else {})
    clock = Clock()
    fetcher = Fetcher(allow_loopback=True, clock=clock)
    await get(fetcher, f"{site.url}a")
    site.pages["/a"] = Page(b"two")

    clock.now += fresh_for - 0.5
    assert (await get(fetcher, f"{site.url}a#x")).body == b"one"
    clock.now += 1
    assert (await get(fetcher, f"{site.url}a")).body == b"two"
    assert len(site.asked) == 2
    await fetcher.aclose()


async def test_an_answer_in_one_format_is_none_in_another(site: Site) -> None:
    site.pages["/a"] = Page(b"one")
    fetcher = Fetcher(allow_loopback=True)

    await fetcher.get(f"{site.url}a", accept=TURTLE)
    await fetcher.get(f"{site.url}a", accept="application/json")

    assert [headers["Accept"] for headers in site.headers] == [TURTLE, "application/json"]
    await fetcher.aclose()


async def test_who_wants_news_gets_them_but_not_at_every_call(site: Site) -> None:
    site.pages["/a"] = Page(b"one", headers={"Cache-Control": "max-age=100"})
    clock = Clock()
    fetcher = Fetcher(allow_loopback=True, clock=clock)
    await get(fetcher, f"{site.url}a")
    site.pages["/a"] = Page(b"two")

    assert (await get(fetcher, f"{site.url}a", renew=True)).body == b"one"
    clock.now += fetch.FRESH[0]
    assert (await get(fetcher, f"{site.url}a")).body == b"one"
    assert (await get(fetcher, f"{site.url}a", renew=True)).body == b"two"
    assert (await get(fetcher, f"{site.url}a")).body == b"two"
    assert len(site.asked) == 2
    await fetcher.aclose()


async def test_a_failure_is_remembered_for_a_moment(site: Site) -> None:
    clock = Clock()
    fetcher = Fetcher(allow_loopback=True, clock=clock)
    first = await refusal(fetcher, f"{site.url}a")
    site.pages["/a"] = Page(b"there")

    assert await refusal(fetcher, f"{site.url}a") == first
    with pytest.raises(Unreachable):
        await get(fetcher, f"{site.url}a", renew=True)
    assert len(site.asked) == 1
    clock.now += fetch.FAILED_FOR
    assert (await get(fetcher, f"{site.url}a")).body == b"there"
    await fetcher.aclose()


class Gate:
    """A page that is answered when the test says so."""

    def __init__(self) -> None:
        self.asked, self.open = asyncio.Event(), asyncio.Event()

    async def __call__(self, _request: web.Request) -> web.StreamResponse:
        self.asked.set()
        await self.open.wait()
        return web.Response(body=b"at last", content_type=TURTLE)


async def test_many_who_want_one_document_ask_once(site: Site) -> None:
    gate = Gate()
    site.pages["/a"] = gate
    fetcher = Fetcher(allow_loopback=True)
    waiting = [asyncio.create_task(get(fetcher, f"{site.url}a")) for _ in range(10)]
    await gate.asked.wait()
    gate.open.set()

    assert {found.body for found in await asyncio.gather(*waiting)} == {b"at last"}
    assert len(site.asked) == 1
    await fetcher.aclose()


async def test_many_who_want_one_document_fail_once(site: Site) -> None:
    fetcher = Fetcher(allow_loopback=True)

    found = await asyncio.gather(*(get(fetcher, f"{site.url}a") for _ in range(10)), return_exceptions=True)

    assert {type(one) for one in found} == {Unreachable}
    assert len(site.asked) == 1
    await fetcher.aclose()


async def test_who_gives_up_leaves_the_answer_to_the_others(site: Site) -> None:
    gate = Gate()
    site.pages["/a"] = gate
    fetcher = Fetcher(allow_loopback=True)
    impatient, patient = (asyncio.create_task(get(fetcher, f"{site.url}a")) for _ in range(2))
    await gate.asked.wait()

    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    gate.open.set()

    assert (await patient).body == b"at last"
    await fetcher.aclose()


async def test_an_answer_that_nobody_waits_for_any_longer_is_kept(site: Site) -> None:
    gate = Gate()
    site.pages["/a"] = gate
    fetcher = Fetcher(allow_loopback=True)
    impatient = asyncio.create_task(get(fetcher, f"{site.url}a"))
    await gate.asked.wait()
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    gate.open.set()

    assert (await get(fetcher, f"{site.url}a")).body == b"at last"
    assert len(site.asked) == 1
    await fetcher.aclose()


async def test_to_close_is_to_give_up_what_is_under_way(site: Site) -> None:
    gate = Gate()
    site.pages["/a"] = gate
    fetcher = Fetcher(allow_loopback=True)
    waiting = asyncio.create_task(get(fetcher, f"{site.url}a"))
    await gate.asked.wait()

    await fetcher.aclose()

    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_what_this_server_has_itself_is_not_asked_for(site: Site) -> None:
    site.pages["/there"] = Page(b"there")
    here = f"{site.url}here"
    versions = iter([b"one", b"two"])

    async def local(url: str, _accept: str) -> Fetched | None:
        return Fetched(url, TURTLE, next(versions)) if url == here else None

    fetcher = Fetcher(allow_loopback=True, local=local)

    assert (await get(fetcher, f"{here}#me")).body == b"one"
    assert (await get(fetcher, here)).body == b"two"
    assert (await get(fetcher, f"{site.url}there")).body == b"there"
    assert site.asked == ["/there"]
    await fetcher.aclose()
