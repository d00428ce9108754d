"""Remote JSON-LD contexts: fetched once, then kept."""

import json
from collections.abc import Mapping

import pytest
from aiohttp import web

from pod import contexts
from pod.contexts import Contexts
from pod.errors import Malformed, Unreachable
from pod.fetch import Fetcher
from pod.model.resource import Uri
from pod.rdf import formats
from pod.rdf.graph import Literal
from pod.storage.memory import MemoryRecords
from tests.unit.web import Page, Site

BASE = Uri("https://pods.example/alice/a")
JSON_LD = "application/ld+json"
CONTEXT = {"@context": {"title": "http://example.org/title"}}


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(allow_loopback=True)


def page(document: object = CONTEXT) -> Page:
    return Page(json.dumps(document).encode(), JSON_LD)


def document(*urls: str) -> bytes:
    return json.dumps({"@context": list(urls), "title": "A"}).encode()


async def of(found: Contexts, content: bytes, media_type: str = JSON_LD) -> Mapping[str, bytes]:
    return await found.of(content, media_type, BASE)


async def test_a_document_gets_the_contexts_that_it_names(site: Site, fetcher: Fetcher) -> None:
    site.pages["/one"], site.pages["/two"] = page(), page({"@context": {}})
    content = document(f"{site.url}one", f"{site.url}two")

    found = await of(Contexts(fetcher, MemoryRecords()), content, "application/ld+json; charset=utf-8")

    assert set(found) == {f"{site.url}one", f"{site.url}two"}
    (triple,) = formats.parse(content, JSON_LD, BASE, found)
    assert triple.object == Literal("A")
    assert "application/ld+json" in site.headers[0]["Accept"]
    await fetcher.aclose()


@pytest.mark.parametrize("media_type", ["text/turtle", "application/json", "text/plain"])
async def test_what_is_no_json_ld_needs_none(site: Site, fetcher: Fetcher, media_type: str) -> None:
    assert await of(Contexts(fetcher, MemoryRecords()), document(f"{site.url}one"), media_type) == {}
    assert site.asked == []
    await fetcher.aclose()


async def test_a_document_without_remote_contexts_needs_none(site: Site, fetcher: Fetcher) -> None:
    content = json.dumps({"@context": CONTEXT["@context"], "title": "A"}).encode()

    assert await of(Contexts(fetcher, MemoryRecords()), content) == {}
    assert site.asked == []
    await fetcher.aclose()


async def test_the_first_copy_is_kept_for_every_worker_and_for_ever(site: Site, fetcher: Fetcher) -> None:
    records = MemoryRecords()
    url = f"{site.url}one"
    site.pages["/one"] = page()
    found = Contexts(fetcher, records)
    first = await of(found, document(url))
    site.pages["/one"] = page({"@context": {"title": "http://evil.example/"}})

    again, other_worker = await of(found, document(url)), await of(Contexts(Fetcher(), records), document(url))

    assert first == again == other_worker == {url: json.dumps(CONTEXT).encode()}
    assert site.asked == ["/one"]
    await fetcher.aclose()


async def test_two_workers_that_fetch_at_once_use_one_copy(site: Site, fetcher: Fetcher) -> None:
    records = MemoryRecords()
    url = f"{site.url}one"
    theirs = json.dumps({"@context": {"title": "http://example.org/theirs"}}).encode()

    async def while_another_worker_keeps_its_copy(_request: web.Request) -> web.StreamResponse:
        await records.put(contexts.FAMILY, url, theirs)
        return web.json_response(CONTEXT)

    site.pages["/one"] = while_another_worker_keeps_its_copy

    assert await of(Contexts(fetcher, records), document(url)) == {url: theirs}
    await fetcher.aclose()


async def test_contexts_may_need_further_ones(site: Site, fetcher: Fetcher) -> None:
    site.pages["/one"] = page({"@context": ["two", {"title": "http://example.org/title"}]})
    site.pages["/two"] = page({"@context": {"@import": "three"}})
    site.pages["/three"] = page({"@context": {}})

    found = await of(Contexts(fetcher, MemoryRecords()), document(f"{site.url}one"))

    assert set(found) == {f"{site.url}{name}" for name in ("one", "two", "three")}
    await fetcher.aclose()


async def test_contexts_that_need_each_other_are_fetched_once(site: Site, fetcher: Fetcher) -> None:
    site.pages["/one"], site.pages["/two"] = page({"@context": "two"}), page({"@context": "one"})

    assert len(await of(Contexts(fetcher, MemoryRecords()), document(f"{site.url}one"))) == 2
    assert site.asked == ["/one", "/two"]
    await fetcher.aclose()


async def test_contexts_cannot_need_further_ones_without_end(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {f"/{number}": page({"@context": str(number + 1)}) for number in range(100)}

    with pytest.raises(Malformed, match="deep"):
        await of(Contexts(fetcher, MemoryRecords()), document(f"{site.url}0"))
    assert len(site.asked) == contexts.DEPTH
    await fetcher.aclose()


async def test_a_document_cannot_need_contexts_without_end(site: Site, fetcher: Fetcher) -> None:
    urls = [f"{site.url}{number}" for number in range(contexts.MOST + 1)]
    site.pages |= {f"/{number}": page() for number in range(contexts.MOST + 1)}

    with pytest.raises(Malformed, match="more than"):
        await of(Contexts(fetcher, MemoryRecords()), document(*urls))
    assert site.asked == []
    assert len(await of(Contexts(fetcher, MemoryRecords()), document(*urls[1:]))) == contexts.MOST
    await fetcher.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        Page(status=404),
        Page(b"<p>Please log in", "text/html"),
        Page(b"[" * 100_000),
        Page(b"\xff"),
        page([CONTEXT]),
        page({"title": "http://example.org/title"}),
    ],
)
async def test_what_is_no_context_is_neither_used_nor_kept(site: Site, fetcher: Fetcher, answer: Page) -> None:
    site.pages["/one"] = answer
    records = MemoryRecords()

    with pytest.raises(Unreachable):
        await of(Contexts(fetcher, records), document(f"{site.url}one"))

    assert await records.keys(contexts.FAMILY) == []
    await fetcher.aclose()


async def test_one_context_that_cannot_be_had_fails_the_document(site: Site, fetcher: Fetcher) -> None:
    site.pages["/one"] = page()
    records = MemoryRecords()

    with pytest.raises(Unreachable):
        await of(Contexts(fetcher, records), document(f"{site.url}one", f"{site.url}two"))

    assert await records.keys(contexts.FAMILY) == [f"{site.url}one"]
    await fetcher.aclose()


async def test_content_that_is_no_json_is_refused(fetcher: Fetcher) -> None:
    with pytest.raises(Malformed):
        await of(Contexts(fetcher, MemoryRecords()), b'{"@context": "https://a.example/"')
    await fetcher.aclose()


async def test_for_a_document_that_is_not_stored_no_copy_is_kept(site: Site, fetcher: Fetcher) -> None:
    site.pages["/one"] = page()
    url = f"{site.url}one"
    records = MemoryRecords()

    assert (await Contexts(fetcher, records).for_now(document(url), JSON_LD, BASE)).keys() == {url}
    assert await records.get(contexts.FAMILY, url) is None
    await fetcher.aclose()


async def test_a_copy_that_is_kept_is_used_for_a_document_that_is_not_stored(site: Site, fetcher: Fetcher) -> None:
    site.pages["/one"] = page()
    url = f"{site.url}one"
    records = MemoryRecords()
    ours = json.dumps({"@context": {"title": "http://example.org/ours"}}).encode()
    await records.replace(contexts.FAMILY, url, None, ours)

    assert await Contexts(fetcher, records).for_now(document(url), JSON_LD, BASE) == {url: ours}
    assert site.asked == []
    await fetcher.aclose()
