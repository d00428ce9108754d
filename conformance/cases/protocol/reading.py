"""GET and HEAD: what was stored, its length, its date and its version (Protocol, 5.2)."""

from email.utils import parsedate_to_datetime

from conformance.case import case
from conformance.cases.protocol._terms import GONE, PLAIN
from conformance.exchange import TURTLE
from conformance.expect import require, status, succeeded
from conformance.world import NOTE, World

BYTES = (bytes(range(254)) + b"\r\n") * 8
PICTURE = "image/png"


@case("server-http")
async def what_was_put_can_be_read(w: World) -> None:
    """A document comes back with the media type it was stored with."""
    url = w.url("note.ttl")
    status(await w.alice.put(url, TURTLE, NOTE), 200, 201, 204, 205)
    answer = await w.alice.get(url)
    status(answer, 200)
    require(answer.media_type == TURTLE, f"a document that was stored as {TURTLE} comes back so")


@case("server-http", "ldpr-gen-binary")
async def what_is_no_rdf_comes_back_byte_for_byte(w: World) -> None:
    url = w.url("picture.png")
    succeeded(await w.alice.put(url, PICTURE, BYTES))
    answer = await w.alice.get(url)
    status(answer, 200)
    require(answer.media_type == PICTURE, f"what was stored as {PICTURE} comes back so")
    require(answer.content == BYTES, "each byte that was stored comes back, and no other")


@case("server-http")
async def text_comes_back_as_it_was_written(w: World) -> None:
    """Line ends, what is beyond ASCII, and no newline at the end."""
    text = "Grüße\r\n\tan 日本 🌱\n\nno newline at the end"
    url = await w.document("text.txt", text, "text/plain; charset=utf-8")
    answer = await w.alice.get(url)
    status(answer, 200)
    require(answer.content == text.encode(), "text comes back as it was written")
    require(answer.media_type == PLAIN, f"what was stored as {PLAIN} comes back so")


@case("server-safe-methods", "ldpr-head-must")
async def head_says_of_a_document_what_get_says(w: World) -> None:
    await _head_is_as_get(w, await w.document())


@case("server-safe-methods", "ldpr-head-must")
async def head_says_of_a_container_what_get_says(w: World) -> None:
    await _head_is_as_get(w, w.place)


@case("server-safe-methods", "ldpr-head-must")
async def head_says_of_what_is_no_rdf_what_get_says(w: World) -> None:
    await _head_is_as_get(w, await w.document("picture.png", BYTES, PICTURE))


async def _head_is_as_get(w: World, url: str) -> None:
    """RFC 9110, 9.3.2: HEAD has no content, and the same header fields, but those that need the content."""
    got, head = await w.alice.get(url), await w.alice.head(url)
    status(got, 200)
    status(head, 200)
    require(head.content == b"", "the answer to HEAD has no content")
    for name in ("content-type", "etag", "last-modified"):
        require(head.header(name) == got.header(name), f"HEAD says the same {name} as GET")
    require(head.names("allow") == got.names("allow"), "HEAD says the same Allow as GET")


@case("server-http")
async def what_is_not_there_is_not_found(w: World) -> None:
    """Documents and containers, for somebody who may know what is there."""
    for url in (w.url("none.ttl"), w.url("none/"), w.url("none/deeper.ttl")):
        status(await w.alice.get(url), *GONE)
        head = await w.alice.head(url)
        status(head, *GONE)
        require(head.content == b"", "the answer to HEAD has no content, also when nothing is there")


@case("server-last-modified-includes")
async def a_document_says_when_it_was_modified(w: World) -> None:
    """That a date can be read is looked at by `modified`; GET and HEAD say the same."""
    for url in (await w.document(), await w.document("text.txt", "text", PLAIN)):
        got, head = await w.alice.get(url), await w.alice.head(url)
        require(got.modified == head.modified, "GET and HEAD say the same Last-Modified")


@case("server-last-modified-includes")
async def a_container_says_when_it_was_modified(w: World) -> None:
    url = await w.folder()
    got, head = await w.alice.get(url), await w.alice.head(url)
    require(got.modified == head.modified, "GET and HEAD say the same Last-Modified")


@case("server-http")
async def a_date_of_modification_is_not_in_the_future(w: World) -> None:
    """RFC 9110, 8.8.2.1: an origin server must not say a date that is later than that of its message."""
    url = await w.document()
    answer = await w.alice.get(url)
    said = answer.header("date")
    if said:
        require(answer.modified <= _seconds(said), "Last-Modified is not later than Date")
    succeeded(await w.alice.put(url, TURTLE, "<#it> <https://voc.example/is> 2 ."))
    after = await w.alice.get(url)
    require(after.modified >= answer.modified, "Last-Modified does not go back when a document is changed")


def _seconds(date: str) -> float:
    return parsedate_to_datetime(date).timestamp()


@case("server-content-type-includes")
async def what_has_content_says_of_which_type(w: World) -> None:
    """Documents, containers, and refusals of each kind."""
    url = await w.document()
    answers = [
        await w.alice.get(url),
        await w.alice.get(w.place),
        await w.alice.get(w.url("none.ttl")),
        await w.anyone.get(url),
        await w.bob.get(url),
        await w.alice.request("PUT", url, [], NOTE),
        await w.alice.delete(w.place),
    ]
    for answer in answers:
        require(
            not answer.content or answer.media_type,
            f"the content of {answer.method} {answer.url}, answered with {answer.status}, has a Content-Type",
        )
    require(answers[0].content and answers[1].content, "GET of a document and of a container have content")


@case("server-etag", "ldpr-gen-etags", level="SHOULD")
async def a_document_has_an_etag(w: World) -> None:
    """LDP, 4.2.1.3 demands it; the Protocol leaves it to the server (5.3)."""
    url = await w.document()
    got, head = await w.alice.get(url), await w.alice.head(url)
    require(got.etag == head.etag, "GET and HEAD of the same representation have the same ETag")
    require((await w.alice.get(url)).etag == got.etag, "the ETag of what did not change stays")


@case("ldpr-gen-etags", level="SHOULD")
async def a_container_has_an_etag(w: World) -> None:
    got, head = await w.alice.get(w.place), await w.alice.head(w.place)
    require(got.etag == head.etag, "GET and HEAD of the same representation have the same ETag")


@case("server-http")
async def another_content_has_another_etag(w: World) -> None:
    """RFC 9110, 8.8.3, where there are ETags; also when two changes fall into one second."""
    url = w.url("note.ttl")
    seen = set()
    for number in range(4):
        succeeded(await w.alice.put(url, TURTLE, f"<#it> <https://voc.example/is> {number} ."))
        answer = await w.alice.get(url)
        if answer.header("etag"):
            seen.add(answer.etag)
    require(len(seen) in {0, 4}, "each of four contents of a document has an ETag of its own")


@case("server-caching")
async def a_cache_is_told_that_representations_depend_on_accept(w: World) -> None:
    """RFC 9110, 12.5.5: an origin server should say so by Vary, since a cache would hand out the wrong one."""
    url = await w.document()
    for answer in (await w.alice.get(url), await w.alice.get(w.place)):
        require("accept" in answer.names("vary") or "*" in answer.names("vary"), "Vary of an RDF source lists Accept")


@case("server-caching")
async def what_only_some_may_see_is_not_left_to_caches(w: World) -> None:
    """RFC 9111, 3.5: an answer to a request with Authorization is not shared, unless the server says that it may be."""
    answer = await w.alice.get(await w.document())
    status(answer, 200)
    control = answer.names("cache-control")
    shared = "public" in control or any(one.startswith("s-maxage") for one in control)
    require(not shared, "what is private is not declared to be for shared caches")


@case("server-range-requests")
async def a_part_can_be_asked_for(w: World) -> None:
    """Servers need not know ranges; who says 206 gives the bytes that were asked for (RFC 9110, 14)."""
    url = await w.document("picture.png", BYTES, PICTURE)
    answer = await w.alice.get(url, range="bytes=10-19")
    status(answer, 200, 206)
    if answer.status == 200:
        require(answer.content == BYTES, "a server that knows no ranges answers with all")
        return
    require(answer.content == BYTES[10:20], "what was asked for comes, and no more")
    require(answer.header("content-range") == f"bytes 10-19/{len(BYTES)}", "Content-Range says which part it is")
