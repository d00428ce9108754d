"""What answers tell about a resource: methods, media types and links (Protocol, 4.1, 4.3 and 5.2)."""

import re
from collections.abc import Sequence

from conformance.case import case
from conformance.cases.protocol._terms import CONTAINER, PLAIN, RESOURCE, STORAGE_DESCRIPTION, methods, n3
from conformance.exchange import N3, TURTLE, Answer
from conformance.expect import links, lists, require, status, succeeded
from conformance.world import BASIC_CONTAINER, NOTE, World

SAFE = ("GET", "HEAD", "OPTIONS")
ACCEPTS = {"accept-patch": "PATCH", "accept-post": "POST", "accept-put": "PUT"}
_RANGE = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(\s*;.*)?")


async def _kinds(w: World) -> Sequence[str]:
    """A document, one that is no RDF, a container and the root of the storage."""
    return [await w.document(), await w.document("text.txt", "text", PLAIN), await w.folder(), w.target.storage]


@case("server-allow-methods", "server-safe-methods")
async def get_and_head_say_what_can_be_done(w: World) -> None:
    for url in await _kinds(w):
        for method in ("GET", "HEAD"):
            answer = await w.alice.send(method, url)
            status(answer, 200)
            lists(methods(answer), *SAFE)


@case("server-allow-methods", "server-safe-methods", "ldpr-options-must", "ldpr-options-allow")
async def options_says_what_can_be_done(w: World) -> None:
    """Allow is in "successful responses" (5.2), also where no browser asks first."""
    for url in await _kinds(w):
        answer = await w.alice.options(url)
        succeeded(answer)
        lists(methods(answer), *SAFE)


@case("server-allow-methods")
async def writes_say_what_can_be_done(w: World) -> None:
    """Each answer of success has Allow (5.2), where the resource is still there."""
    url = w.url("note.ttl")
    answers = [
        await w.alice.put(url, TURTLE, NOTE),
        await w.alice.put(url, TURTLE, f"{NOTE} <#b> <#c> <#d> ."),
        await w.alice.patch(url, n3(inserts="<#it> ex:is 2 .")),
        await w.alice.post(w.place, TURTLE, NOTE),
    ]
    for answer in answers:
        succeeded(answer)
        require(methods(answer), f"{answer.method}, answered with {answer.status}, says what can be done by Allow")


@case("x-server-write-methods", "x-server-delete-method", "server-allow-methods")
async def what_can_be_done_includes_writing(w: World) -> None:
    document = await w.alice.head(await w.document())
    lists(methods(document), "PUT", "PATCH", "DELETE")
    container = await w.alice.head(await w.folder())
    lists(methods(container), "POST", "DELETE")


@case("server-method-not-allowed", "server-allow-methods")
async def what_is_not_listed_is_not_allowed(w: World) -> None:
    """Who may do everything is told 405 for each method that Allow leaves out."""
    contents = {
        "PUT": (TURTLE, NOTE),
        "PATCH": (N3, n3(inserts="<#a> ex:b 1 .")),
        "POST": (TURTLE, NOTE),
        "DELETE": ("", ""),
    }
    for url in (await w.document(), await w.folder()):
        allowed = methods(await w.alice.head(url))
        require(allowed, "HEAD says what can be done by Allow")
        for method in sorted(contents.keys() - allowed):
            media_type, content = contents[method]
            named = {"content_type": media_type} if media_type else {}
            answer = await w.alice.send(method, url, content, **named)
            status(answer, 405)


@case("server-method-not-allowed")
async def methods_that_nobody_has_are_not_allowed(w: World) -> None:
    """405, or 501 where the server knows no such method at all (RFC 9110, 15.6.2)."""
    for url in (await w.document(), w.place):
        for method in ("PROPFIND", "LOCK", "REPORT"):
            status(await w.alice.send(method, url), 405, 501)


@case("server-http", "server-method-not-allowed")
async def what_is_not_allowed_says_what_is(w: World) -> None:
    """RFC 9110, 15.5.6: 405 comes with Allow."""
    url = await w.document()
    answer = await w.alice.post(url, TURTLE, NOTE)
    if answer.status == 405:
        lists(methods(answer), "GET")
        require("POST" not in methods(answer), "Allow leaves out the method that was not allowed")
    root = await w.alice.send("LOCK", w.place)
    status(root, 405, 501)
    if root.status == 405:
        lists(methods(root), "GET")


@case("server-accept-headers")
async def get_and_head_say_what_is_accepted(w: World) -> None:
    """Accept-Patch, Accept-Post and Accept-Put are there exactly when the method is in Allow."""
    for url in await _kinds(w):
        for method in ("GET", "HEAD"):
            _require_accepts(await w.alice.send(method, url))


@case("server-accept-headers", "ldpr-patch-acceptpatch", "ldpc-post-acceptposthdr")
async def options_says_what_is_accepted(w: World) -> None:
    for url in await _kinds(w):
        answer = await w.alice.options(url)
        succeeded(answer)
        _require_accepts(answer)


def _require_accepts(answer: Answer) -> None:
    require(methods(answer), f"{answer.method} {answer.url} says what can be done by Allow")
    for name, method in ACCEPTS.items():
        allowed = method in methods(answer)
        told = "says" if allowed else "does not say"
        require(
            bool(answer.header(name)) == allowed,
            f"{answer.method} {answer.url} {told} {name.title()}, with Allow: {answer.header('allow')}",
        )


@case("accept-put", "server-accept-headers")
async def what_is_accepted_is_a_list_of_media_ranges(w: World) -> None:
    """As Accept has them (12.1.1)."""
    for url in (await w.document(), await w.folder()):
        answer = await w.alice.head(url)
        for name in ACCEPTS:
            for part in answer.names(name):
                require(_RANGE.fullmatch(part), f"{name.title()} lists media ranges, and not {part!r}")
    document = await w.alice.head(await w.document())
    require(_takes(document, "accept-put", TURTLE), "Accept-Put of a document covers Turtle")


@case("server-accept-headers", "ldpc-post-turtle")
async def a_container_accepts_turtle_and_json_ld(w: World) -> None:
    answer = await w.alice.head(w.place)
    for media_type in (TURTLE, "application/ld+json"):
        require(_takes(answer, "accept-post", media_type), f"Accept-Post of a container covers {media_type}")


def _takes(answer: Answer, name: str, media_type: str) -> bool:
    ranges = {one.partition(";")[0].strip() for one in answer.names(name)}
    return not ranges.isdisjoint({media_type, f"{media_type.partition('/')[0]}/*", "*/*"})


@case("server-patch-n3-advertise")
async def n3_patch_is_accepted_and_told(w: World) -> None:
    url = await w.document()
    for method in SAFE:
        answer = await w.alice.send(method, url)
        succeeded(answer)
        require(N3 in answer.names("accept-patch"), f"{method} lists {N3} in Accept-Patch")


@case("server-link-auxiliary-type")
async def resources_name_their_policy_and_description(w: World) -> None:
    """Documents, RDF or not, and containers, by GET and HEAD; also while nobody has written them."""
    for url in (await w.document(), await w.document("text.txt", "text", PLAIN), await w.folder(), w.target.storage):
        for method in ("GET", "HEAD"):
            answer = await w.alice.send(method, url)
            links(answer, "acl")
            links(answer, "describedby")


@case("server-description-resource-max")
async def a_resource_has_one_description_at_most(w: World) -> None:
    for url in (await w.document(), await w.document("text.txt", "text", PLAIN), await w.folder(), w.target.storage):
        found = set((await w.alice.head(url)).linked("describedby"))
        require(len(found) <= 1, f"{url} names one description, and not {len(found)}")


@case("server-link-auxiliary-type", "server-auxiliary-resources-management")
async def policies_and_descriptions_are_not_shared(w: World) -> None:
    """Each resource has its own."""
    urls = [await w.document(), await w.document("other.ttl"), await w.folder(), w.place]
    for relation in ("acl", "describedby"):
        found = [links(await w.alice.head(url), relation) for url in urls]
        require(len(set(found)) == len(urls), f"no two resources have the same link with rel={relation}")
        require(not set(found) & set(urls), f"no link with rel={relation} leads to the resource itself")


@case("server-storage-description")
async def resources_lead_to_the_description_of_the_storage(w: World) -> None:
    """By GET, HEAD and OPTIONS, for each resource in the storage, and always to the same one."""
    folder = await w.folder()
    urls = [await w.document(), await w.document("text.txt", "text", PLAIN), folder, w.place, w.target.storage]
    for url in urls:
        for method in SAFE:
            answer = await w.alice.send(method, url)
            links(answer, STORAGE_DESCRIPTION, w.target.description or None)


@case("ldpr-gen-linktypehdr", level="SHOULD")
async def resources_say_that_they_are_resources(w: World) -> None:
    """LDP, 4.2.1.4. The Protocol takes from LDP what containers are; for documents it is of use, not asked for."""
    for url in (await w.document(), await w.document("text.txt", "text", PLAIN)):
        answer = await w.alice.head(url)
        links(answer, "type", RESOURCE)
        require(CONTAINER not in answer.linked("type"), "a document does not say that it is a container")


@case("server-basic-container", "ldpc-linktypehdr", "ldpr-gen-linktypehdr")
async def containers_say_that_they_are_containers(w: World) -> None:
    made = await w.alice.request("POST", w.place, [("link", BASIC_CONTAINER), ("content-type", TURTLE)])
    urls = [w.place, await w.folder(), w.target.storage, *([made.location] if made.status == 201 else [])]
    for one in urls:
        for method in ("GET", "HEAD"):
            answer = await w.alice.send(method, one)
            links(answer, "type", CONTAINER)
            links(answer, "type", RESOURCE)


@case("server-resource-constraints-advertisement", "ldpr-gen-pubclireqs", level="SHOULD")
async def who_is_refused_is_told_by_which_constraint(w: World) -> None:
    """Encouraged by the Protocol (5.6); LDP demands it (4.2.1.6)."""
    url = await w.folder()
    answer = await w.alice.patch(url, n3(inserts=f"<> <http://www.w3.org/ns/ldp#contains> <{url}x> ."))
    status(answer, 405, 409)
    if answer.status == 409:
        links(answer, "http://www.w3.org/ns/ldp#constrainedBy")
