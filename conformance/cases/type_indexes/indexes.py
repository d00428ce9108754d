"""Type indexes: where they are, and who may read them."""

import rdflib

from conformance.case import NotOffered, case
from conformance.cases.webid_profile._profile import (
    SOLID,
    TYPE,
    document,
    insert,
    named,
    offered,
    preferred,
    profile,
    webid,
)
from conformance.exchange import JSON_LD, TURTLE
from conformance.expect import has, lists, refused, require, same, status, succeeded
from conformance.world import EVERYONE, World

PUBLIC, PRIVATE = f"{SOLID}publicTypeIndex", f"{SOLID}privateTypeIndex"
NOTES = "https://schema.org/NoteDigitalDocument"


async def _public(w: World) -> str:
    found = await named(w, PUBLIC)
    if not found:
        raise NotOffered("The profile names no public type index.")
    return found[0]


async def _private(w: World) -> str:
    graph = await preferred(w)
    found = sorted(str(one) for one in graph.objects(rdflib.URIRef(webid(w)), rdflib.URIRef(PRIVATE)))
    if not found:
        raise NotOffered("The preferences name no private type index.")
    return found[0]


@case("webid-no-fragment-303")
async def a_webid_without_fragment_is_redirected_to_its_document(w: World) -> None:
    if "#" in webid(w):
        raise NotOffered("The WebID of Alice has a fragment.")
    answer = await w.anyone.get(webid(w), TURTLE)
    status(answer, 303)
    require(answer.location != webid(w), "Location names the document")


@case("webid-profile-turtle")
async def a_profile_can_be_had_in_turtle(w: World) -> None:
    lists(await offered(w, document(w)), TURTLE)


@case("webid-profile-other")
async def a_profile_can_be_had_in_json_ld_by_negotiation(w: World) -> None:
    if JSON_LD not in await offered(w, document(w)):
        raise NotOffered("The profile is there in Turtle alone.")

    async def agree() -> None:
        same(await profile(w, JSON_LD), await profile(w))

    # It may change between the two requests.
    await w.eventually(agree)


@case("public-index-access", "find-load")
async def everyone_reads_the_public_index(w: World) -> None:
    answer = await w.anyone.get(await _public(w), TURTLE)
    status(answer, 200)
    answer.graph()


@case("public-index-access")
async def nobody_else_changes_the_public_index(w: World) -> None:
    url = await _public(w)
    for who in (w.anyone, w.bob):
        refused(await who.patch(url, insert(f"<#it> a <{SOLID}TypeRegistration> .")), 401, 403)


@case("private-index-access")
async def nobody_else_reads_the_private_index(w: World) -> None:
    url = await _private(w)
    status(await w.alice.get(url, TURTLE), 200)
    refused(await w.anyone.get(url, TURTLE), 401, 403)
    refused(await w.bob.get(url, TURTLE), 403, 404)


@case("private-index-pointer")
async def the_profile_does_not_tell_of_the_private_index(w: World) -> None:
    """The pointer stands in the preferences document, which is private as well."""
    await _private(w)
    require(not await named(w, PRIVATE), "the public profile does not name it")


@case("type-index-types")
async def indexes_say_what_they_are(w: World) -> None:
    public = (await w.alice.get(await _public(w), TURTLE)).graph()
    has(public, await _public(w), TYPE, f"{SOLID}TypeIndex")
    has(public, await _public(w), TYPE, f"{SOLID}ListedDocument")
    private = (await w.alice.get(await _private(w), TURTLE)).graph()
    has(private, await _private(w), TYPE, f"{SOLID}TypeIndex")
    has(private, await _private(w), TYPE, f"{SOLID}UnlistedDocument")


@case("missing-create", "public-index-access", level="SHOULD")
async def an_app_makes_an_index_that_everyone_reads(w: World) -> None:
    """What apps do where there is none: make the document, and let everyone read it."""
    url = await w.document("publicTypeIndex.ttl", f"<> a <{SOLID}TypeIndex>, <{SOLID}ListedDocument> .")
    refused(await w.anyone.get(url, TURTLE), 401, 403)
    await w.share(url, (EVERYONE, "read"))
    answer = await w.anyone.get(url, TURTLE)
    status(answer, 200)
    has(answer.graph(), url, TYPE, f"{SOLID}ListedDocument")


@case("registration-entries-any", "registration-entries-predicates", level="MAY")
async def an_app_registers_where_it_keeps_a_class(w: World) -> None:
    """For a container and for a single document, one after the other."""
    url = await w.document("publicTypeIndex.ttl", f"<> a <{SOLID}TypeIndex>, <{SOLID}ListedDocument> .")
    for name, predicate, place in (
        ("all", f"{SOLID}instanceContainer", w.url("notes/")),
        ("one", f"{SOLID}instance", w.url("note.ttl")),
    ):
        entry = f"<{url}#{name}> a <{SOLID}TypeRegistration>; <{SOLID}forClass> <{NOTES}>; <{predicate}> <{place}> ."
        succeeded(await w.alice.patch(url, insert(entry)))
    graph = (await w.alice.get(url, TURTLE)).graph()
    has(graph, f"{url}#all", f"{SOLID}instanceContainer", w.url("notes/"))
    has(graph, f"{url}#one", f"{SOLID}instance", w.url("note.ttl"))
