"""What containers list: their members, and facts about them (Protocol, 4.2)."""

from collections.abc import Mapping
from datetime import UTC, datetime

import rdflib

from conformance.case import CannotTell, Failed, NotOffered, case
from conformance.cases.protocol._terms import CONTAINS, MODIFIED, PLAIN, RDF_TYPE, STAT, n3
from conformance.exchange import TURTLE
from conformance.expect import require, status, succeeded
from conformance.world import BASIC_CONTAINER, LDP, NOTE, World

MEDIA_TYPE = "http://www.w3.org/ns/iana/media-types/{}#Resource"
CONTENT = "Grüße: zwölf Bytes und mehr"


@case("server-hierarchical-containment", "server-basic-container")
async def a_container_lists_what_is_directly_in_it(w: World) -> None:
    """Documents, RDF or not, and containers, however they came there; not what is deeper, and nothing else."""
    posted = await w.alice.post(w.place, TURTLE, NOTE)
    patched = w.url("patched")
    succeeded(await w.alice.patch(patched, n3(inserts="<#a> ex:b 1.")))
    box = await w.folder("box")
    expected = {
        await w.document("note.ttl"),
        await w.document("text.txt", "text", PLAIN),
        posted.location,
        patched,
        box,
    }
    deeper = await w.document("box/deeper.ttl")
    found = await w.members(w.place)
    require(found == expected, f"the container lists {sorted(expected)}, and not {sorted(found)}")
    require(await w.members(box) == {deeper}, "the container below lists what is in it")


@case("server-basic-container", "ldprs-gen-rdf", "ldpc-isldpr")
async def a_container_is_described_as_the_one_that_contains(w: World) -> None:
    """LDP, 5.2.1: the subject of `ldp:contains` is the container."""
    member = await w.document()
    graph = (await w.alice.get(w.place, TURTLE)).graph()
    subjects = {str(subject) for subject in graph.subjects(rdflib.URIRef(CONTAINS), rdflib.URIRef(member))}
    require(subjects == {w.place}, f"what contains the member is {w.place}, and not {', '.join(sorted(subjects))}")


@case("server-put-patch-intermediate-containers", "server-hierarchical-containment")
async def put_makes_the_containers_above(w: World) -> None:
    url = w.url("a/b/c/note.ttl")
    status(await w.alice.put(url, TURTLE, NOTE), 201)
    await _lie_in_each_other(w, url)


@case("server-put-patch-intermediate-containers", "server-hierarchical-containment")
async def patch_makes_the_containers_above(w: World) -> None:
    url = w.url("a/b/c/note.ttl")
    succeeded(await w.alice.patch(url, n3(inserts="<#a> ex:b 1.")))
    await _lie_in_each_other(w, url)


@case("server-put-patch-intermediate-containers", "server-hierarchical-containment")
async def put_of_a_container_makes_the_containers_above(w: World) -> None:
    url = w.url("a/b/c/")
    succeeded(await w.alice.put(url, TURTLE, "", link=BASIC_CONTAINER))
    await _lie_in_each_other(w, url)


@case("server-put-patch-intermediate-containers", "server-hierarchical-containment")
async def put_of_bytes_makes_the_containers_above(w: World) -> None:
    url = w.url("a/b/text.txt")
    status(await w.alice.put(url, PLAIN, "text"), 201)
    await _lie_in_each_other(w, url)


async def _lie_in_each_other(w: World, url: str) -> None:
    """Each container from the place down to the resource lists the next one alone."""
    here = w.place
    for step in url.removeprefix(w.place).rstrip("/").split("/"):
        below = f"{here}{step}/"
        if below.rstrip("/") == url.rstrip("/"):
            below = url
        require(await w.members(here) == {below}, f"{here} lists {below}")
        here = below


@case("server-hierarchical-containment")
async def what_fails_leaves_no_container_behind(w: World) -> None:
    """A write that is refused makes nothing above it either."""
    url = w.url("a/b/note.ttl")
    status(await w.alice.patch(url, n3(deletes="<#a> ex:b 1.")), 409)
    status(await w.alice.request("PUT", url, [], NOTE), 400)
    require(not await w.members(w.place), "nothing was made")


async def _facts(w: World, member: str) -> Mapping[str, list[rdflib.term.Node]]:
    """What the container says of a member, by predicate."""
    graph = (await w.alice.get(w.place, TURTLE)).graph()
    found: dict[str, list[rdflib.term.Node]] = {}
    for predicate, value in graph.predicate_objects(rdflib.URIRef(member)):
        found.setdefault(str(predicate), []).append(value)
    return found


@case("server-contained-resource-metadata", "contained-resource-metadata-rdf-type")
async def a_container_says_of_which_type_its_members_are(w: World) -> None:
    """By the class of their media type, without parameters; containers are containers."""
    for media_type, content in ((TURTLE, NOTE), ("application/json", "{}"), ("text/plain; charset=utf-8", CONTENT)):
        member = await w.document(w.fresh(), content, media_type)
        types = {str(one) for one in (await _facts(w, member)).get(RDF_TYPE, [])}
        expected = MEDIA_TYPE.format(media_type.partition(";")[0])
        require(expected in types, f"the type of what is {media_type} is {expected}")
    box = await w.folder("box")
    types = {str(one) for one in (await _facts(w, box)).get(RDF_TYPE, [])}
    require(f"{LDP}Container" in types or f"{LDP}BasicContainer" in types, "a member that is a container has that type")


@case("server-contained-resource-metadata", "contained-resource-metadata-stat-size")
async def a_container_says_how_large_its_members_are(w: World) -> None:
    """In bytes. How many an RDF document has is for the server to know."""
    member = await w.document("text.txt", CONTENT, PLAIN)
    sizes = (await _facts(w, member)).get(f"{STAT}size", [])
    require([str(one) for one in sizes] == [str(len(CONTENT.encode()))], f"the size is {len(CONTENT.encode())}")
    succeeded(await w.alice.put(member, PLAIN, CONTENT * 2))
    sizes = (await _facts(w, member)).get(f"{STAT}size", [])
    require([str(one) for one in sizes] == [str(2 * len(CONTENT.encode()))], "the size changes with the content")


@case("server-contained-resource-metadata", "contained-resource-metadata-dcterms-modified")
async def a_container_says_when_its_members_were_modified(w: World) -> None:
    for member in (await w.document(), await w.document("text.txt", "text", PLAIN), await w.folder("box")):
        found = (await _facts(w, member)).get(MODIFIED, [])
        require(len(found) == 1, f"there is one date of modification of {member}")
        _seconds(found[0])


@case("contained-resource-metadata-stat-mtime")
async def a_container_says_in_unix_time_when_its_members_were_modified(w: World) -> None:
    member = await w.document()
    facts = await _facts(w, member)
    times = facts.get(f"{STAT}mtime", [])
    require(len(times) == 1, "there is one time of modification")
    modified = (await w.alice.head(member)).modified
    require(abs(float(str(times[0])) - modified) < 1, "it is that of Last-Modified, in seconds")


@case("dcterms-modified-corresponds-last-modified")
async def a_date_in_a_container_is_that_of_the_resource_itself(w: World) -> None:
    """As far as the container tells; Last-Modified has no fractions. Also after a change."""
    member = await w.document()
    for content in (None, "<#it> a <#Other> ."):
        if content:
            succeeded(await w.alice.put(member, TURTLE, content))
        found = (await _facts(w, member)).get(MODIFIED, [])
        if not found:
            raise NotOffered("The container does not say when its members were modified.")
        said, header = _seconds(found[0]), (await w.alice.head(member)).modified
        require(int(said) == int(header), f"the date in the container is that of Last-Modified: {said}, {header}")


def _seconds(value: rdflib.term.Node) -> float:
    when = value.toPython() if isinstance(value, rdflib.Literal) else None
    if not isinstance(when, datetime):
        raise Failed(f"{value} should have been a date and time of XML Schema.")
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


@case("server-container-last-modified")
async def the_date_of_a_container_follows_its_members(w: World) -> None:
    """A server may leave out what changes deeper down; that a member was added is a change of the container."""
    before = (await w.alice.head(w.place)).modified
    member = await w.document()
    container, document = (await w.alice.head(w.place)).modified, (await w.alice.head(member)).modified
    require(container >= before, "the date of a container does not go back")
    require(container >= int(document), "a container is not older than the member that was added last")


@case("ldpc-prefer")
async def a_container_can_be_asked_for_without_its_members(w: World) -> None:
    """LDP, 7.2: who prefers the minimal container, and is told that it was heeded, gets no members."""
    await w.document()
    preferred = f'return=representation; include="{LDP}PreferMinimalContainer"'
    answer = await w.alice.get(w.place, TURTLE, prefer=preferred)
    status(answer, 200)
    if "return=representation" not in answer.header("preference-applied"):
        raise NotOffered("The server knows no preferences of LDP.")
    members = list(answer.graph().objects(None, rdflib.URIRef(CONTAINS)))
    require(not members, "a minimal container lists no members")


@case("server-storage", "server-hierarchical-containment")
async def everything_can_be_found_from_the_root(w: World) -> None:
    """The root is a container, and each container down to the place of the case lists the next."""
    here = w.target.storage
    steps = w.place.removeprefix(here).rstrip("/").split("/")
    if not w.place.startswith(here) or not steps:
        raise CannotTell(f"{w.place} does not lie in {here}.")
    for step in steps:
        below = f"{here}{step}/"
        require(below in await w.members(here), f"{here} lists {below}")
        here = below
