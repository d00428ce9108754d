"""Conditional requests (RFC 9110, 13), which are part of HTTP and of the Protocol (2.1, 5.3)."""

from email.utils import formatdate

from conformance.case import NotOffered, case
from conformance.cases.protocol._terms import GONE, PLAIN, n3, said
from conformance.exchange import JSON_LD, TURTLE, Answer
from conformance.expect import require, same, status, succeeded
from conformance.world import BASIC_CONTAINER, NOTE, World

OTHER = "<#it> <https://voc.example/is> 2 ."
DAY = 86400


def _tag(answer: Answer) -> str:
    """Its ETag, where the server has such; a weak one is no condition for a write."""
    tag = answer.header("etag")
    if not tag or tag.startswith("W/"):
        raise NotOffered("The server has no strong ETags.")
    return tag


async def _is(w: World, url: str, turtle: str) -> None:
    same((await w.alice.get(url, TURTLE)).graph(), said(turtle, url))


@case("server-http")
async def put_that_may_only_create_does_not_replace(w: World) -> None:
    """If-None-Match: * (13.1.2)."""
    url = w.url("note.ttl")
    status(await w.alice.put(url, TURTLE, NOTE, if_none_match="*"), 201)
    status(await w.alice.put(url, TURTLE, OTHER, if_none_match="*"), 412)
    await _is(w, url, NOTE)


@case("server-http")
async def patch_that_may_only_create_does_not_change(w: World) -> None:
    url = w.url("note.ttl")
    succeeded(await w.alice.patch(url, n3(inserts="<#it> ex:is 1."), if_none_match="*"))
    status(await w.alice.patch(url, n3(inserts="<#it> ex:is 2."), if_none_match="*"), 412)
    await _is(w, url, "<#it> ex:is 1.")


@case("server-http")
async def put_of_a_container_that_may_only_create_does_not_replace(w: World) -> None:
    """412; a server that refuses to replace a container anyway may say that instead (13.2.1)."""
    url = w.url("box/")
    succeeded(await w.alice.put(url, TURTLE, "", link=BASIC_CONTAINER, if_none_match="*"))
    member = await w.document("box/note.ttl")
    status(await w.alice.put(url, TURTLE, "", link=BASIC_CONTAINER, if_none_match="*"), 412, 409, 405)
    require(await w.members(url) == {member}, "the container is as it was")


@case("server-http", "ldpr-put-precond")
async def put_to_a_version_that_is_gone_is_refused(w: World) -> None:
    """If-Match (13.1.1): with 412, and nothing changes."""
    url = await w.document("note.ttl")
    old = _tag(await w.alice.get(url, TURTLE))
    succeeded(await w.alice.put(url, TURTLE, OTHER))
    status(await w.alice.put(url, TURTLE, NOTE, if_match=old), 412)
    await _is(w, url, OTHER)
    succeeded(await w.alice.put(url, TURTLE, NOTE, if_match=_tag(await w.alice.get(url, TURTLE))))
    await _is(w, url, NOTE)


@case("server-http")
async def patch_to_a_version_that_is_gone_is_refused(w: World) -> None:
    url = await w.document("note.ttl")
    old = _tag(await w.alice.get(url, TURTLE))
    succeeded(await w.alice.put(url, TURTLE, OTHER))
    status(await w.alice.patch(url, n3(inserts="<#more> ex:is 3."), if_match=old), 412)
    await _is(w, url, OTHER)
    succeeded(await w.alice.patch(url, n3(inserts="<#more> ex:is 3."), if_match=_tag(await w.alice.get(url, TURTLE))))
    await _is(w, url, f"{OTHER} <#more> ex:is 3.")


@case("server-http")
async def delete_of_a_version_that_is_gone_is_refused(w: World) -> None:
    url = await w.document("note.ttl")
    old = _tag(await w.alice.get(url, TURTLE))
    succeeded(await w.alice.put(url, TURTLE, OTHER))
    status(await w.alice.delete(url, if_match=old), 412)
    await _is(w, url, OTHER)
    succeeded(await w.alice.delete(url, if_match=_tag(await w.alice.get(url, TURTLE))))
    status(await w.alice.get(url), *GONE)


@case("server-http")
async def a_write_that_may_only_change_does_not_create(w: World) -> None:
    """If-Match: * needs something that is there (13.1.1)."""
    url = w.url("note.ttl")
    status(await w.alice.put(url, TURTLE, NOTE, if_match="*"), 412)
    status(await w.alice.patch(url, n3(inserts="<#it> ex:is 1."), if_match="*"), 412)
    status(await w.alice.get(url), *GONE)
    await w.document("note.ttl")
    succeeded(await w.alice.put(url, TURTLE, OTHER, if_match="*"))


@case("server-http")
async def a_condition_may_name_several_versions(w: World) -> None:
    """One that fits is enough; commas within quotes are no ends."""
    url = await w.document("note.ttl")
    tag = _tag(await w.alice.get(url, TURTLE))
    status(await w.alice.put(url, TURTLE, OTHER, if_match='"none", "no, none"'), 412)
    succeeded(await w.alice.put(url, TURTLE, OTHER, if_match=f'"no, none", {tag}'))


@case("server-http")
async def a_weak_version_is_no_condition_for_a_write(w: World) -> None:
    """If-Match compares strongly: what is weak never fits (13.1.1)."""
    url = await w.document("note.ttl")
    tag = _tag(await w.alice.get(url, TURTLE))
    status(await w.alice.put(url, TURTLE, OTHER, if_match=f"W/{tag}"), 412)
    await _is(w, url, NOTE)


@case("server-http", level="SHOULD")
async def who_has_the_version_gets_no_content_again(w: World) -> None:
    """If-None-Match: 304 without content, for GET and HEAD, documents and containers (13.1.2)."""
    for url in (await w.document(), w.place):
        tag = (await w.alice.get(url, TURTLE)).header("etag")
        if not tag:
            raise NotOffered("The server has no ETags.")
        for method in ("GET", "HEAD"):
            for condition in (tag, f'"none", {tag}'):
                answer = await w.alice.send(method, url, accept=TURTLE, if_none_match=condition)
                status(answer, 304)
                require(answer.content == b"", "304 has no content")


@case("server-http", level="SHOULD")
async def who_has_the_version_may_call_it_weak(w: World) -> None:
    """13.1.2: If-None-Match compares weakly, so that a cache that made the tag weak is understood."""
    url = await w.document()
    tag = _tag(await w.alice.get(url, TURTLE))
    status(await w.alice.get(url, TURTLE, if_none_match=f"W/{tag}"), 304)


@case("server-http")
async def who_has_another_version_gets_the_content(w: World) -> None:
    url = await w.document("note.ttl")
    old = (await w.alice.get(url, TURTLE)).header("etag") or '"none"'
    succeeded(await w.alice.put(url, TURTLE, OTHER))
    answer = await w.alice.get(url, TURTLE, if_none_match=old)
    status(answer, 200)
    same(answer.graph(), said(OTHER, url))


@case("server-http")
async def who_has_the_other_syntax_gets_the_content(w: World) -> None:
    """A version of the Turtle is none of the JSON-LD, when it is strong (8.8.1)."""
    url = await w.document("note.ttl")
    tag = _tag(await w.alice.get(url, TURTLE))
    answer = await w.alice.get(url, JSON_LD, if_none_match=tag)
    status(answer, 200)
    require(answer.media_type == JSON_LD, f"who accepts {JSON_LD} gets it")


@case("server-http", level="SHOULD")
async def who_has_what_is_of_that_date_gets_no_content_again(w: World) -> None:
    """If-Modified-Since (13.1.3)."""
    url = await w.document()
    date = (await w.alice.get(url)).header("last-modified")
    if not date:
        raise NotOffered("The server does not say when documents were modified.")
    answer = await w.alice.get(url, if_modified_since=date)
    status(answer, 304)
    require(answer.content == b"", "304 has no content")


@case("server-http")
async def who_has_what_is_older_gets_the_content(w: World) -> None:
    url = await w.document()
    modified = (await w.alice.get(url)).modified
    status(await w.alice.get(url, if_modified_since=formatdate(modified - DAY, usegmt=True)), 200)


@case("server-http")
async def a_date_does_not_count_beside_a_version(w: World) -> None:
    """13.1.3: If-Modified-Since must be passed over when there is If-None-Match."""
    url = await w.document()
    got = await w.alice.get(url)
    date = formatdate(got.modified + DAY, usegmt=True)
    status(await w.alice.get(url, if_none_match='"none"', if_modified_since=date), 200)


@case("server-http")
async def what_is_no_date_does_not_count(w: World) -> None:
    """13.1.3 and 13.1.4: a condition whose date cannot be read must be passed over."""
    url = await w.document("note.ttl")
    status(await w.alice.get(url, if_modified_since="yesterday"), 200)
    succeeded(await w.alice.put(url, TURTLE, OTHER, if_unmodified_since="tomorrow"))
    await _is(w, url, OTHER)


@case("server-http")
async def a_write_to_what_was_modified_since_is_refused(w: World) -> None:
    """If-Unmodified-Since (13.1.4)."""
    url = await w.document("note.ttl")
    modified = (await w.alice.get(url)).modified
    before = formatdate(modified - DAY, usegmt=True)
    status(await w.alice.put(url, TURTLE, OTHER, if_unmodified_since=before), 412)
    status(await w.alice.delete(url, if_unmodified_since=before), 412)
    await _is(w, url, NOTE)
    succeeded(await w.alice.put(url, TURTLE, OTHER, if_unmodified_since=formatdate(modified, usegmt=True)))


@case("server-http")
async def conditions_do_not_tell_who_may_not_know(w: World) -> None:
    """13.2.1: conditions count only for what would succeed without them: a stranger learns nothing by 412 or 304."""
    url = await w.document()
    tag = (await w.alice.get(url)).header("etag") or '"none"'
    status(await w.bob.get(url, if_none_match=tag), 403, 404)
    status(await w.bob.put(url, TURTLE, OTHER, if_match='"none"'), 403, 404)
    status(await w.anyone.get(url, if_none_match=tag), 401, 404)
    status(await w.anyone.put(url, TURTLE, OTHER, if_none_match="*"), 401, 404)
    await _is(w, url, NOTE)


@case("server-etag", "server-http", level="MAY")
async def a_write_says_which_version_it_made(w: World) -> None:
    """A server may say it; then GET says the same (RFC 9110, 9.3.4), unless the content was transformed."""
    url = w.url("text.txt")
    answer = await w.alice.put(url, PLAIN, "text")
    succeeded(answer)
    if not answer.header("etag"):
        raise NotOffered("The server does not say by PUT which version it made.")
    require((await w.alice.get(url)).header("etag") == answer.header("etag"), "GET has the ETag that PUT said")
