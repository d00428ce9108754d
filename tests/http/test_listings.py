"""What a container says about itself and what lies in it (Solid Protocol, 4.2)."""

from email.utils import parsedate_to_datetime

import pytest

from tests.asgi import Answer
from tests.world import BASE, TURTLE, World

LDP, DCTERMS, STAT = "http://www.w3.org/ns/ldp#", "http://purl.org/dc/terms/", "http://www.w3.org/ns/posix/stat#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
IANA = "http://www.w3.org/ns/iana/media-types/"
SYNTAXES = [
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "application/n-quads",
    "application/trig",
    "application/rdf+xml",
]


async def made(world: World) -> None:
    await world.document("/alice/box/note.ttl", "<#it> a <#x> .")
    await world.alice.put("/alice/box/picture.png", "image/png", b"\x89PNG")
    await world.alice.put("/alice/box/a%20b", "text/plain; charset=utf-8", "hello")
    await world.folder("/alice/box/inner/")


def facts(answer: Answer, path: str) -> set[tuple[str, str]]:
    """Predicate and value of all that the answer says about a path."""
    about = f"{BASE[:-1]}{path}"
    return {(quad.predicate, quad.object) for quad in answer.graph() if quad.subject == about}


@pytest.mark.spec("server-basic-container", "server-hierarchical-containment")
@pytest.mark.parametrize("accept", SYNTAXES)
async def test_a_listing_has_all_members_in_every_syntax(world: World, accept: str) -> None:
    await made(world)

    answer = await world.alice.get("/alice/box/", accept)

    assert answer.media_type == accept
    assert answer.graph() == (await world.alice.get("/alice/box/", TURTLE)).graph()
    assert facts(answer, "/alice/box/") == {
        *((TYPE, f"{LDP}{one}") for one in ("Resource", "BasicContainer", "Container")),
        *((f"{LDP}contains", f"{BASE}alice/box/{one}") for one in ("note.ttl", "picture.png", "a%20b", "inner/")),
    }


@pytest.mark.spec(
    "server-contained-resource-metadata",
    "contained-resource-metadata-rdf-type",
    "contained-resource-metadata-stat-size",
    "contained-resource-metadata-stat-mtime",
    "contained-resource-metadata-dcterms-modified",
)
@pytest.mark.parametrize(
    ("name", "media_type", "size"),
    [("note.ttl", "text/turtle", 14), ("picture.png", "image/png", 4), ("a%20b", "text/plain", 5)],
)
async def test_a_member_has_its_type_size_and_dates(world: World, name: str, media_type: str, size: int) -> None:
    await made(world)

    found = facts(await world.alice.get("/alice/box/"), f"/alice/box/{name}")

    assert (TYPE, f"{LDP}Resource") in found
    assert (TYPE, f"{IANA}{media_type}#Resource") in found
    assert (f"{STAT}size", str(size)) in found
    assert {f"{STAT}mtime", f"{DCTERMS}modified"} <= {predicate for predicate, _ in found}


@pytest.mark.spec("contained-resource-metadata-rdf-type")
async def test_a_member_that_is_a_container_has_its_types_and_no_size(world: World) -> None:
    await made(world)

    found = facts(await world.alice.get("/alice/box/"), "/alice/box/inner/")

    assert {(TYPE, f"{LDP}{one}") for one in ("Resource", "BasicContainer", "Container")} <= found
    assert f"{STAT}size" not in {predicate for predicate, _ in found}


@pytest.mark.spec("dcterms-modified-corresponds-last-modified", "contained-resource-metadata-stat-mtime")
async def test_the_dates_of_a_member_are_that_of_its_own_header(world: World) -> None:
    await made(world)
    listing = await world.alice.get("/alice/box/", TURTLE)

    for name in ("note.ttl", "inner/"):
        date = parsedate_to_datetime((await world.alice.head(f"/alice/box/{name}"))["last-modified"])
        found = dict(facts(listing, f"/alice/box/{name}"))

        assert found[f"{DCTERMS}modified"] == date.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert found[f"{STAT}mtime"] == str(int(date.timestamp()))


@pytest.mark.spec("server-auxiliary-resources-management")
async def test_auxiliary_resources_are_no_members(world: World) -> None:
    await made(world)
    for path in ("/alice/box/", "/alice/box/note.ttl"):
        await world.policy(path)
        await world.alice.put(f"{path}.meta", TURTLE, "<> a <#x> .")

    members = await world.members("/alice/box/")

    assert members == {f"/alice/box/{one}" for one in ("note.ttl", "picture.png", "a%20b", "inner/")}


async def test_a_listing_follows_every_change_at_once(world: World) -> None:
    await world.folder("/alice/box/")
    tags = [(await world.alice.get("/alice/box/"))["etag"]]

    for method, path, media_type, content in (
        ("PUT", "a", "text/plain", "1"),
        ("PUT", "a", "text/plain", "22"),
        ("POST", "", "text/plain", "1"),
        ("DELETE", "a", "", ""),
        ("PUT", "", TURTLE, "<> a <#Box> ."),
    ):
        await world.alice.send(method, f"/alice/box/{path}", content, content_type=media_type)
        tags.append((await world.alice.get("/alice/box/"))["etag"])

    assert len(set(tags)) == len(tags)


@pytest.mark.spec("server-container-last-modified")
async def test_what_happens_deeper_down_leaves_a_listing_as_it_is(world: World) -> None:
    await world.folder("/alice/box/inner/deep/")
    before = await world.alice.get("/alice/box/")

    await world.document("/alice/box/inner/deep/note")

    assert (await world.alice.get("/alice/box/", if_none_match=before["etag"])).status == 304


@pytest.mark.spec("dcterms-modified-corresponds-last-modified")
async def test_the_date_of_a_container_in_a_listing_follows_what_happens_in_it(world: World) -> None:
    await world.folder("/alice/box/inner/")
    await world.alice.get("/alice/box/")
    await world.document("/alice/box/inner/note")

    date = parsedate_to_datetime((await world.alice.head("/alice/box/inner/"))["last-modified"])
    found = dict(facts(await world.alice.get("/alice/box/"), "/alice/box/inner/"))

    assert found[f"{DCTERMS}modified"] == date.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_each_syntax_of_a_listing_has_an_etag_of_its_own(world: World) -> None:
    await made(world)

    tags = {(await world.alice.get("/alice/box/", accept))["etag"] for accept in SYNTAXES}

    assert len(tags) == len(SYNTAXES)


async def test_a_listing_is_turtle_when_the_client_has_no_preference(world: World) -> None:
    await made(world)

    for accept in (None, "*/*", "text/*", "text/html, */*;q=0.8"):
        assert (await world.alice.get("/alice/box/", accept)).media_type == "text/turtle"


@pytest.mark.parametrize("accept", SYNTAXES)
async def test_what_clients_say_about_a_container_is_part_of_its_listing(world: World, accept: str) -> None:
    await made(world)
    answer = await world.alice.put(
        "/alice/box/", TURTLE, '<> <http://purl.org/dc/terms/title> "Döschen"@de; <#p> [ <#q> 1 ] .'
    )

    listing = await world.alice.get("/alice/box/", accept)

    assert answer.status == 204
    assert (f"{DCTERMS}title", "Döschen") in facts(listing, "/alice/box/")
    assert (f"{LDP}contains", f"{BASE}alice/box/note.ttl") in facts(listing, "/alice/box/")


async def test_a_large_listing_is_whole(world: World) -> None:
    for number in range(300):
        await world.alice.put(f"/alice/box/{number}", "text/plain", "x")

    assert len(await world.members("/alice/box/")) == 300
