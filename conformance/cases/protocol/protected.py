"""What only the server says of a container: its members, and facts about them (Protocol, 5.3)."""

import rdflib

from conformance.case import NotOffered, case
from conformance.cases.protocol._terms import CONTAINS, MODIFIED, STAT, VOC, methods, n3
from conformance.exchange import TURTLE, Answer
from conformance.expect import lacks, require, status
from conformance.world import BASIC_CONTAINER, World

XSD = "http://www.w3.org/2001/XMLSchema#"


async def _conflict(w: World, answer: Answer) -> None:
    """Failed unless it is answered with 409; or 405, when Allow says that containers do not take the method at all."""
    if answer.status == 405 and answer.method not in methods(await w.alice.head(answer.url)):
        return
    status(answer, 409)


@case("server-protect-containment", "server-protect-containment.409")
async def put_adds_no_member(w: World) -> None:
    box = await w.folder("box")
    member = await w.document("box/member.ttl")
    content = f"<{box}> <{CONTAINS}> <{member}>, <{box}invented.ttl> ."
    await _conflict(w, await w.alice.put(box, TURTLE, content))
    require(await w.members(box) == {member}, "the members are as they were")


@case("server-protect-containment")
async def put_of_a_new_container_adds_no_member(w: World) -> None:
    """Refused, or made without the member: that a new container is "updated" can be doubted."""
    box = w.url("box/")
    answer = await w.alice.put(box, TURTLE, f"<> <{CONTAINS}> <{box}invented.ttl> .", link=BASIC_CONTAINER)
    if answer.status >= 400:
        status(answer, 409)
        require(box not in await w.members(w.place), "what was refused is not there")
        return
    require(not await w.members(box), "the new container lists no member that is not there")


@case("server-protect-containment", "server-protect-containment.409")
async def patch_adds_no_member(w: World) -> None:
    box = await w.folder("box")
    await _conflict(w, await w.alice.patch(box, n3(inserts=f"<{box}> <{CONTAINS}> <{box}invented.ttl>.")))
    require(not await w.members(box), "the container has no members, as before")


@case("server-protect-containment", "server-protect-containment.409")
async def patch_takes_no_member_away(w: World) -> None:
    box = await w.folder("box")
    member = await w.document("box/member.ttl")
    await _conflict(w, await w.alice.patch(box, n3(deletes=f"<{box}> <{CONTAINS}> <{member}>.")))
    require(await w.members(box) == {member}, "the member is listed as before")
    status(await w.alice.get(member), 200)


@case("server-protect-containment")
async def put_takes_no_member_away(w: World) -> None:
    """What a container says of itself may be replaced, where a server allows it; its members stay all the same."""
    box = await w.folder("box")
    member = await w.document("box/member.ttl")
    await w.alice.put(box, TURTLE, "<#about> a <#Thing> .", link=BASIC_CONTAINER)
    require(await w.members(box) == {member}, "the member is listed as before")
    status(await w.alice.get(member), 200)


@case("server-protect-contained-resource-metadata", "server-protect-contained-resource-metadata.409")
async def patch_does_not_change_what_is_said_of_members(w: World) -> None:
    box = await w.folder("box")
    member = await w.document("box/member.ttl")
    before = await _said_of(w, box, member)
    for fact in (f"<{STAT}size> 12345678", f'<{MODIFIED}> "2001-01-01T00:00:00Z"^^<{XSD}dateTime>', f"<{STAT}mtime> 1"):
        await _conflict(w, await w.alice.patch(box, n3(inserts=f"<{member}> {fact}.")))
    require(await _said_of(w, box, member) == before, "what the container says of its member is as before")


@case("server-protect-contained-resource-metadata", "server-protect-contained-resource-metadata.409")
async def patch_does_not_take_away_what_is_said_of_members(w: World) -> None:
    box = await w.folder("box")
    member = await w.document("box/member.ttl")
    before = await _said_of(w, box, member)
    facts = [(predicate, value) for predicate, value in before if predicate == f"{STAT}size"]
    if not facts:
        raise NotOffered("The container says nothing about the size of its members.")
    await _conflict(w, await w.alice.patch(box, n3(deletes=f"<{member}> <{facts[0][0]}> {facts[0][1]}.")))
    require(await _said_of(w, box, member) == before, "what the container says of its member is as before")


@case("server-protect-contained-resource-metadata", "server-protect-contained-resource-metadata.409")
async def put_does_not_change_what_is_said_of_members(w: World) -> None:
    box = await w.folder("box")
    member = await w.document("box/member.ttl")
    before = await _said_of(w, box, member)
    await _conflict(w, await w.alice.put(box, TURTLE, f"<{member}> <{STAT}size> 12345678 ."))
    require(await _said_of(w, box, member) == before, "what the container says of its member is as before")


@case("server-protect-contained-resource-metadata", "x-contained-metadata-protected")
async def post_does_not_change_what_is_said_of_members(w: World) -> None:
    """What a new container brings along says nothing of members that it does not have; refused, or passed over."""
    invented = "invented.ttl"
    content = f"<> <{CONTAINS}> <{invented}> . <{invented}> <{STAT}size> 12345678 ."
    answer = await w.alice.post(w.place, TURTLE, content, link=BASIC_CONTAINER, slug="box")
    if answer.status >= 400:
        status(answer, 409, 400, 403, 422)
        require(not await w.members(w.place), "what was refused is not there")
        return
    status(answer, 201)
    require(not await w.members(answer.location), "the new container has no members")
    lacks((await w.alice.get(answer.location, TURTLE)).graph(), answer.location + invented, f"{STAT}size", None)


@case("x-contained-metadata-protected")
async def a_member_does_not_say_what_its_container_says_of_it(w: World) -> None:
    """A document may say anything of its own size and date; what the container lists is the server's."""
    claims = f'<> <{STAT}size> 12345678; <{MODIFIED}> "2001-01-01T00:00:00Z"^^<{XSD}dateTime>; <{VOC}is> 1 .'
    box = await w.folder("box")
    member = await w.document("box/member.ttl", claims)
    for predicate, value in await _said_of(w, box, member):
        require("12345678" not in value, f"{predicate} is not what the member claims")
        require("2001-01-01" not in value, f"{predicate} is not what the member claims")
    require(VOC not in str(await _said_of(w, box, member)), "the content of a member is not in its container")


async def _said_of(w: World, container: str, member: str) -> set[tuple[str, str]]:
    graph = (await w.alice.get(container, TURTLE)).graph()
    return {(str(predicate), value.n3()) for predicate, value in graph.predicate_objects(rdflib.URIRef(member))}
