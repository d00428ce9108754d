"""POST, PUT and PATCH make resources, and say where (Protocol, 5.1 and 5.3)."""

import asyncio

from conformance.case import NotOffered, case
from conformance.cases.protocol._terms import CONTAINER, GONE, PLAIN, n3, one, said
from conformance.exchange import JSON_LD, N3, TURTLE
from conformance.expect import has, lacks, links, refused, require, same, status, succeeded
from conformance.world import BASIC_CONTAINER, NOTE, World

DONE = (200, 204, 205)
"""What is said to a change of what was there."""
PICTURE = b"\x89PNG\r\n\x1a\n\x00\xff"


@case("server-post-container", "server-post-uri-assignment", "ldpc-post-created201")
async def post_makes_a_member_and_says_where(w: World) -> None:
    answer = await w.alice.post(w.place, TURTLE, NOTE)
    status(answer, 201)
    status(await w.alice.get(answer.location), 200)
    require(answer.location in await w.members(w.place), "what was posted is in the container")


@case("server-post-container-create-resource")
async def what_is_posted_lies_directly_in_the_container(w: World) -> None:
    for slug in (None, "note", "deeper/note", "/note", "../note"):
        headers = [] if slug is None else [("slug", slug)]
        answer = await w.alice.request("POST", w.place, [("content-type", TURTLE), *headers], NOTE)
        if answer.status >= 400 and slug is not None:
            refused(answer)
            continue
        status(answer, 201)
        name = answer.location.removeprefix(w.place)
        require(answer.location.startswith(w.place), f"what was posted with Slug: {slug} lies in the container")
        require(name and "/" not in name, f"what was posted with Slug: {slug} lies directly in the container")


@case("server-post-container", "ldpr-gen-binary")
async def anything_can_be_posted(w: World) -> None:
    """RDF or not."""
    for media_type, content in (("image/png", PICTURE), (PLAIN, b"text"), ("application/json", b'{"a": 1}')):
        answer = await w.alice.post(w.place, media_type, content)
        status(answer, 201)
        found = await w.alice.get(answer.location)
        status(found, 200)
        require(found.content == content, f"what was posted as {media_type} comes back byte for byte")
        require(found.media_type == media_type, f"what was posted as {media_type} comes back so")


@case("server-post-uri-assignment", "ldpc-post-dontreuseuris")
async def each_post_makes_another_resource(w: World) -> None:
    """Also with the same hint, and at once."""
    answers = await asyncio.gather(
        *(w.alice.post(w.place, TURTLE, f"<> <{one('is')}> {number}.", slug="note") for number in range(4))
    )
    for answer in answers:
        status(answer, 201)
    urls = [answer.location for answer in answers]
    require(len(set(urls)) == len(urls), "no two of the new resources have the same URL")
    for number, url in enumerate(urls):
        same((await w.alice.get(url, TURTLE)).graph(), said(f"<> ex:is {number}.", url))


@case("server-post-target-not-found")
async def nothing_can_be_posted_to_a_container_that_is_not_there(w: World) -> None:
    for url in (w.url("none/"), w.url("none/deeper/")):
        status(await w.alice.post(url, TURTLE, NOTE), 404)
        status(await w.alice.get(url), *GONE)
    require(not await w.members(w.place), "nothing is in the container")


@case("server-post-target-not-found")
async def nothing_can_be_posted_to_a_document_that_is_not_there(w: World) -> None:
    """404; where documents take no POST at all, 405 tells the same client as much."""
    url = w.url("none.ttl")
    status(await w.alice.post(url, TURTLE, NOTE), 404, 405)
    status(await w.alice.get(url), *GONE)


@case("ldpc-post-createrdf", "server-post-container-create-container", level="SHOULD")
async def a_container_can_be_posted(w: World) -> None:
    """By a Link to its type, as LDP has it (5.2.3.4); the Protocol dropped its own sentence, and apps rely on it."""
    answer = await w.alice.request(
        "POST", w.place, [("link", BASIC_CONTAINER), ("slug", "box"), ("content-type", TURTLE)]
    )
    status(answer, 201)
    require(answer.location.endswith("/"), "the URL of a new container ends in a slash")
    links(await w.alice.head(answer.location), "type", CONTAINER)
    require(answer.location in await w.members(w.place), "the new container is in the container")
    require(not await w.members(answer.location), "the new container is empty")


@case("uri-slashes-hierarchical-identifier", "server-post-uri-assignment")
async def what_is_posted_as_a_document_is_no_container(w: World) -> None:
    """Whatever the hint looks like."""
    for slug in ("note", "note/", "note%2F"):
        answer = await w.alice.post(w.place, TURTLE, NOTE, slug=slug)
        if answer.status >= 400:
            refused(answer)
            continue
        status(answer, 201)
        require(not answer.location.endswith("/"), "the URL of a new document does not end in a slash")
        require(CONTAINER not in (await w.alice.head(answer.location)).linked("type"), "a new document is no container")


@case("server-slug-uri-assignment")
async def a_hint_may_be_taken(w: World) -> None:
    """Slug is a hint that servers may pass over."""
    slug = w.fresh()
    answer = await w.alice.post(w.place, TURTLE, NOTE, slug=slug)
    status(answer, 201)
    if slug not in answer.location:
        raise NotOffered("The server takes no hint by Slug.")


@case("server-auxiliary-resources-management", "server-post-slug-auxiliary-resource")
async def no_hint_leads_to_a_policy_or_a_description(w: World) -> None:
    """Who may add to a container could otherwise give themselves rights on all in it."""
    url = await w.folder("box")
    head = await w.alice.head(url)
    claim = f"<#mine> a <http://www.w3.org/ns/auth/acl#Authorization>; <{one('claimed')}> true."
    for relation in ("acl", "describedby"):
        target = links(head, relation)
        if not target.startswith(url):
            continue
        answer = await w.alice.post(url, TURTLE, claim, slug=target.removeprefix(url))
        if 200 <= answer.status < 300:
            require(answer.location != target, f"what was posted is not the resource of rel={relation}")
        found = await w.alice.get(target, TURTLE)
        if found.status == 200:
            lacks(found.graph(), f"{target}#mine", one("claimed"), None)


@case("x-server-write-methods", "ldpr-put-create")
async def put_makes_a_resource_where_the_client_says(w: World) -> None:
    """201 is what RFC 9110, 9.3.4 says of PUT that created."""
    url = w.url("note.ttl")
    status(await w.alice.put(url, TURTLE, NOTE), 201)
    status(await w.alice.get(url), 200)
    require(url in await w.members(w.place), "what was put is in the container")


@case("server-http", "ldpr-put-replaceall")
async def put_replaces_all_that_was_there(w: World) -> None:
    """With 200, 204 or 205, as nothing was created."""
    url = await w.document("note.ttl", f"<#a> <{one('is')}> 1; <{one('was')}> 2.")
    status(await w.alice.put(url, TURTLE, f"<#b> <{one('is')}> 3."), *DONE)
    same((await w.alice.get(url, TURTLE)).graph(), said("<#b> ex:is 3.", url))


@case("server-http", "ldpr-put-replaceall")
async def put_replaces_bytes_as_well(w: World) -> None:
    url = await w.document("data.bin", PICTURE * 40, "application/octet-stream")
    status(await w.alice.put(url, "application/octet-stream", b"short"), *DONE)
    require((await w.alice.get(url)).content == b"short", "nothing is left of what was longer")


@case("server-http")
async def put_again_changes_nothing(w: World) -> None:
    """It is idempotent (RFC 9110, 9.2.2), and does not create what is there."""
    url = await w.document()
    for _ in range(2):
        status(await w.alice.put(url, TURTLE, NOTE), *DONE)
    same((await w.alice.get(url, TURTLE)).graph(), said(NOTE, url))


@case("x-server-write-methods", "server-patch-n3-accept")
async def patch_makes_a_resource_where_the_client_says(w: World) -> None:
    url = w.url("note")
    answer = await w.alice.patch(url, n3(inserts="<#it> ex:is 1."))
    succeeded(answer)
    found = await w.alice.get(url, TURTLE)
    status(found, 200)
    has(found.graph(), f"{url}#it", one("is"), None)
    require(url in await w.members(w.place), "what was made by PATCH is in the container")


@case("server-content-type-missing")
async def put_without_a_media_type_is_refused(w: World) -> None:
    """With 400, since nobody could say what was put; what was there stays."""
    url = w.url("new")
    status(await w.alice.request("PUT", url, [], NOTE), 400)
    status(await w.alice.get(url), *GONE)
    there = await w.document("there.ttl")
    status(await w.alice.request("PUT", there, [], "<#other> a <#Thing> ."), 400)
    same((await w.alice.get(there, TURTLE)).graph(), said(NOTE, there))


@case("server-content-type-missing")
async def post_without_a_media_type_is_refused(w: World) -> None:
    status(await w.alice.request("POST", w.place, [("slug", "note")], NOTE), 400)
    require(not await w.members(w.place), "nothing is in the container")


@case("server-content-type-missing")
async def patch_without_a_media_type_is_refused(w: World) -> None:
    there = await w.document()
    for url in (there, w.url("new")):
        status(await w.alice.request("PATCH", url, [], n3(inserts="<#a> ex:b 1.")), 400)
    same((await w.alice.get(there, TURTLE)).graph(), said(NOTE, there))
    status(await w.alice.get(w.url("new")), *GONE)


@case("server-method-not-allowed")
async def nothing_can_be_posted_to_a_document(w: World) -> None:
    """405, unless the server has a use for it and says so by Allow."""
    url = await w.document()
    if "post" in (await w.alice.head(url)).names("allow"):
        raise NotOffered("The server takes POST to documents.")
    status(await w.alice.post(url, TURTLE, "<#other> a <#Thing> ."), 405)
    same((await w.alice.get(url, TURTLE)).graph(), said(NOTE, url))
    require(await w.members(w.place) == {url}, "nothing is in the container beside the document")


@case("server-http", "server-patch-n3-accept")
async def a_patch_in_another_format_is_refused(w: World) -> None:
    """RFC 5789, 2.2: 415 where the format is not supported for the resource, with Accept-Patch."""
    url = await w.document()
    answer = await w.alice.patch(url, '[{"op": "add"}]', "application/vnd.example.patch+json")
    status(answer, 415)
    require(N3 in answer.names("accept-patch"), f"who is refused is told by Accept-Patch that {N3} would do")
    same((await w.alice.get(url, TURTLE)).graph(), said(NOTE, url))


@case("server-representation-write-redirect")
async def who_writes_to_a_representation_is_sent_to_the_resource(w: World) -> None:
    """Where representations have URLs of their own, as Content-Location tells."""
    url = await w.document("note")
    for media_type in (TURTLE, JSON_LD):
        answer = await w.alice.get(url, media_type)
        where = answer.header("content-location")
        if where and where != url and "://" in where:
            written = await w.alice.put(where, media_type, answer.content)
            status(written, 307, 308)
            require(written.location == url, f"Location is {url}")
            return
    raise NotOffered("No representation has a URL of its own.")
