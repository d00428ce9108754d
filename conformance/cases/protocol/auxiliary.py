"""Descriptions and policies of resources (Protocol, 4.3): written, read, and bound to what they are about."""

from rdflib import Literal, URIRef

from conformance.case import CannotTell, case
from conformance.cases.protocol._terms import PLAIN, VOC, n3, one, said
from conformance.exchange import JSON_LD, TURTLE
from conformance.expect import has, links, require, same, status, succeeded
from conformance.world import NOTE, World

REFUSED = (401, 403, 404)


async def _described(w: World, url: str) -> str:
    """The description of a resource, with a name in it; CannotTell when it cannot be written."""
    description = await _description_of(w, url)
    patch = n3(inserts=f'<{url}> ex:name "named".')
    w.prepared(await w.alice.patch(description, patch), "describe a resource")
    return description


async def _description_of(w: World, url: str) -> str:
    return links(await w.alice.head(url), "describedby")


@case("server-put-patch-auxiliary-resource", "server-auxiliary-resources-management")
async def a_description_can_be_patched(w: World) -> None:
    """Of documents, RDF or not, and of containers; it is made by the first patch, and changed by others."""
    for url in (await w.document(), await w.document("text.txt", "text", PLAIN), await w.folder("box")):
        description = await _description_of(w, url)
        succeeded(await w.alice.patch(description, n3(inserts=f'<{url}> ex:name "one".')))
        where = f"<{url}> ex:name ?name."
        succeeded(await w.alice.patch(description, n3(where, where, f'<{url}> ex:name "two".')))
        graph = (await w.alice.get(description, TURTLE)).graph()
        names = {str(value) for value in graph.objects(URIRef(url), URIRef(one("name")))}
        require(names == {"two"}, f"the description names {url} as the last patch did")


@case("server-put-patch-auxiliary-resource", "auxiliary-resources-rdf-document")
async def a_description_can_be_put(w: World) -> None:
    """Auxiliary resources are written as others are (4.3, 5.3)."""
    for url in (await w.document(), await w.document("text.txt", "text", PLAIN)):
        description = await _description_of(w, url)
        for name in ("one", "two"):
            succeeded(await w.alice.put(description, TURTLE, f'<{url}> <{one("name")}> "{name}".'))
            has((await w.alice.get(description, TURTLE)).graph(), url, one("name"), Literal(name))


@case("auxiliary-resources-rdf-document", "server-representation-turtle-jsonld")
async def a_description_can_be_read_as_turtle_and_json_ld(w: World) -> None:
    url = await w.document("text.txt", "text", PLAIN)
    description = await _described(w, url)
    for media_type in (TURTLE, JSON_LD):
        answer = await w.alice.get(description, media_type)
        status(answer, 200)
        require(answer.media_type == media_type, f"who accepts {media_type} gets it")
        has(answer.graph(), url, one("name"), Literal("named"))


@case("server-put-patch-auxiliary-resource")
async def a_policy_can_be_put_and_patched(w: World) -> None:
    """It is made by PUT, and changed by an N3 Patch, as an RDF document."""
    url = await w.folder("box")
    await w.share(url, (w.bob, "read"))
    policy = await w.policy_of(url)
    status(await w.alice.get(policy, TURTLE), 200)
    succeeded(await w.alice.patch(policy, n3(inserts='<#remark> ex:name "patched".')))
    has((await w.alice.get(policy, TURTLE)).graph(), f"{policy}#remark", one("name"), Literal("patched"))
    status(await w.bob.get(url), 200)


@case("auxiliary-resources-rdf-document")
async def an_auxiliary_resource_is_never_something_else_than_rdf(w: World) -> None:
    url = await w.document()
    for target in (await _description_of(w, url), await w.policy_of(url)):
        answer = await w.alice.put(target, "image/png", b"\x89PNG")
        require(answer.status >= 400, f"PUT of a picture is refused, and not answered with {answer.status}")
        answer = await w.alice.get(target)
        require(answer.media_type != "image/png", "an auxiliary resource is no picture")


@case("server-auxiliary-resources-management")
async def to_describe_does_not_change_what_is_described(w: World) -> None:
    url = await w.document("note.ttl", NOTE)
    await _described(w, url)
    same((await w.alice.get(url, TURTLE)).graph(), said(NOTE, url))
    require(await w.members(w.place) == {url}, "a description is no member of the container")


@case("server-auxiliary-resources-management", "server-hierarchical-containment")
async def auxiliary_resources_are_no_members(w: World) -> None:
    """A container lists what its own URL is a prefix of as resources; what goes along with them is found by links."""
    url = await w.folder("box")
    await _described(w, url)
    await w.share(url, (w.bob, "read"))
    require(not await w.members(url), "the container is empty, although it has a policy and a description")


@case("server-description-resource-authorization")
async def who_may_read_a_resource_may_read_its_description(w: World) -> None:
    url = await w.document("text.txt", "text", PLAIN)
    description = await _described(w, url)
    await w.share(url, (w.bob, "read"))
    if (await w.bob.get(url)).status != 200:
        raise CannotTell("Bob could not read what was shared with him.")
    answer = await w.bob.get(description, TURTLE)
    status(answer, 200)
    has(answer.graph(), url, one("name"), Literal("named"))


@case("server-description-resource-authorization")
async def who_may_not_read_a_resource_may_not_read_its_description(w: World) -> None:
    url = await w.document("text.txt", "text", PLAIN)
    description = await _described(w, url)
    for who in (w.bob, w.anyone):
        answer = await who.get(description, TURTLE)
        status(answer, *REFUSED)
        require("named" not in answer.text, "the refusal does not tell the content")


@case("server-description-resource-authorization")
async def who_may_only_read_a_resource_does_not_describe_it(w: World) -> None:
    url = await w.document("text.txt", "text", PLAIN)
    description = await _described(w, url)
    await w.share(url, (w.bob, "read"))
    status(await w.bob.patch(description, n3(inserts=f'<{url}> ex:name "forged".')), *REFUSED)
    status(await w.bob.put(description, TURTLE, f'<{url}> <{VOC}name> "forged".'), *REFUSED, 405)
    require("forged" not in (await w.alice.get(description, TURTLE)).text, "the description is as it was")


@case("server-description-resource-authorization")
async def who_may_write_a_resource_may_describe_it(w: World) -> None:
    url = await w.document("text.txt", "text", PLAIN)
    description = await _described(w, url)
    await w.share(url, (w.bob, "read append write"))
    succeeded(await w.bob.patch(description, n3(inserts=f'<{url}> ex:remark "by Bob".')))
    has((await w.alice.get(description, TURTLE)).graph(), url, one("remark"), Literal("by Bob"))
