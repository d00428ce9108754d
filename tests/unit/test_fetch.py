"""What other hosts say: what is taken and what is not. Against a real server on this machine."""

import asyncio
import gzip
from collections.abc import Sequence

import pytest
from aiohttp import web

from pod import fetch
from pod.fetch import Fetched, Fetcher
from tests.unit.web import TURTLE, Names, Page, Site, get, redirect, refusal


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_document_comes_with_its_type_and_where_it_was_found(site: Site) -> None:
    site.pages["/card"] = Page(b"<> a <x>.", "text/turtle; charset=utf-8")
    fetcher = Fetcher(allow_loopback=True)

    found = await get(fetcher, f"{site.url}card#me")

    assert found == Fetched(f"{site.url}card", "text/turtle; charset=utf-8", b"<> a <x>.")
    (headers,) = site.headers
    assert headers["Accept"] == TURTLE
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert "Authorization" not in headers
    await fetcher.aclose()


async def test_an_iri_is_asked_for_as_a_uri(site: Site) -> None:
    site.pages["/caf%C3%A9/a%20b?x=%C3%A9&y=1"] = Page(b"found")
    names = Names()
    fetcher = Fetcher(allow_private=True, allow_loopback=True, resolve=names)

    found = await get(fetcher, f"http://bücher.example:{site.port}/café/a b?x=é&y=1")

    assert found.body == b"found"
    assert names.asked == ["xn--bcher-kva.example"]
    assert site.headers[0]["Host"] == f"xn--bcher-kva.example:{site.port}"
    await fetcher.aclose()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_and_gives_the_base(site: Site, status: int) -> None:
    site.pages["/old"] = redirect("new/card#me", status)
    site.pages["/new/card"] = Page(b"<> a <x>.")
    fetcher = Fetcher(allow_loopback=True)

    assert (await get(fetcher, f"{site.url}old")).url == f"{site.url}new/card"
    await fetcher.aclose()


async def test_redirects_end(site: Site) -> None:
    site.pages["/loop"] = redirect("/loop")
    for number in range(fetch.REDIRECTS):
        site.pages[f"/{number}"] = redirect(f"/{number + 1}")
    site.pages[f"/{fetch.REDIRECTS}"] = Page(b"there")
    fetcher = Fetcher(allow_loopback=True)

    assert "redirects more than" in await refusal(fetcher, f"{site.url}loop")
    assert (await get(fetcher, f"{site.url}0")).body == b"there"
    await fetcher.aclose()


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "ftp://127.0.0.1/",
        "http://[::ffff:10.0.0.1]/", "https://[::1", "//10.0.0.1/", "gopher://127.0.0.1:70/",
    ],
)  # fmt: skip
async def test_a_redirect_leads_nowhere_where_one_may_not_go(site: Site, target: str) -> None:
    site.pages["/away"] = redirect(target)
    fetcher = Fetcher(allow_loopback=True)

    await refusal(fetcher, f"{site.url}away")
    assert site.asked == ["/away"]
    await fetcher.aclose()


@pytest.mark.parametrize("status", [201, 204, 301, 304, 400, 401, 403, 404, 500])
async def test_only_an_answer_with_content_is_a_document(site: Site, status: int) -> None:
    site.pages["/a"] = Page(status=status)
    fetcher = Fetcher(allow_loopback=True)

    assert str(status) in await refusal(fetcher, f"{site.url}a")
    await fetcher.aclose()


async def test_a_document_at_the_limit_is_taken_and_one_beyond_it_is_not(site: Site) -> None:
    site.pages["/fits"], site.pages["/large"] = Page(b"a" * 1000), Page(b"a" * 1001)
    fetcher = Fetcher(allow_loopback=True, limit=1000)

    assert len((await get(fetcher, f"{site.url}fits")).body) == 1000
    assert "larger than 1000 bytes" in await refusal(fetcher, f"{site.url}large")
    await fetcher.aclose()


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": TURTLE})
    await response.prepare(request)
    while True:
        await response.write(b"a" * 100)
        await asyncio.sleep(0)


async def test_a_document_without_end_is_given_up(site: Site) -> None:
    site.pages["/endless"] = endless
    fetcher = Fetcher(allow_loopback=True, limit=10_000)

    assert "larger than" in await refusal(fetcher, f"{site.url}endless")
    await fetcher.aclose()


async def test_a_compressed_document_is_not_taken_since_it_could_be_huge(site: Site) -> None:
    site.pages["/bomb"] = Page(gzip.compress(b"0" * 100_000), headers={"Content-Encoding": "gzip"})
    site.pages["/plain"] = Page(b"a", headers={"Content-Encoding": "identity"})
    fetcher = Fetcher(allow_loopback=True)

    assert "encoding" in await refusal(fetcher, f"{site.url}bomb")
    assert (await get(fetcher, f"{site.url}plain")).body == b"a"
    await fetcher.aclose()


async def silent(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


async def slow_redirect(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/silent")


@pytest.mark.parametrize("path", ["silent", "endless", "slow-redirect"])
async def test_one_limit_of_time_bounds_the_whole(site: Site, path: str) -> None:
    site.pages |= {"/silent": silent, "/endless": endless, "/slow-redirect": slow_redirect}
    fetcher = Fetcher(allow_loopback=True, timeout=0.1, limit=2**40)

    assert await refusal(fetcher, f"{site.url}{path}") == "127.0.0.1 did not answer in time."
    await fetcher.aclose()


async def test_a_name_service_that_does_not_answer_is_given_up() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        raise AssertionError(host, port)

    fetcher = Fetcher(timeout=0.05, resolve=resolve)

    assert "did not answer in time" in await refusal(fetcher, "https://slow.example/")
    await fetcher.aclose()


async def test_who_waits_for_a_free_connection_does_not_wait_for_ever(site: Site) -> None:
    many = range(3 * fetch.PARALLEL)
    site.pages |= {f"/{number}": silent for number in many}
    fetcher = Fetcher(allow_loopback=True, timeout=0.2)

    answers = await asyncio.gather(*(get(fetcher, f"{site.url}{number}") for number in many), return_exceptions=True)

    assert {str(answer) for answer in answers} == {"127.0.0.1 did not answer in time."}
    assert len(site.asked) < len(many)
    await fetcher.aclose()


@pytest.mark.parametrize(
    "said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", b"\0" * 200_000]
)
async def test_what_is_no_http_is_no_document(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    fetcher = Fetcher(allow_loopback=True)
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await refusal(fetcher, f"http://127.0.0.1:{port}/") == "127.0.0.1 could not be asked."
    await fetcher.aclose()
