"""Link relations: how a client finds what belongs to a resource."""

import pytest

from tests.world import BASE, TURTLE, World, rule

LDP = "http://www.w3.org/ns/ldp#"
STORAGE = "http://www.w3.org/ns/pim/space#Storage"
DESCRIPTION = "http://www.w3.org/ns/solid/terms#storageDescription"
PATHS = ["/alice/", "/alice/box/", "/alice/box/note", "/alice/box/note.acl", "/alice/box/note.meta"]


async def made(world: World) -> None:
    await world.document("/alice/box/note")
    await world.alice.put("/alice/box/note.meta", TURTLE, "<> a <#x> .")
    await world.policy("/alice/box/note")


@pytest.mark.spec("server-link-acl", "server-link-auxiliary-type", "server-resource-acl-max")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_each_resource_names_exactly_one_policy(world: World, path: str, method: str) -> None:
    await made(world)

    answer = await world.alice.send(method, path)

    subject = path.removesuffix(".acl").removesuffix(".meta")
    assert answer.linked("acl") == [f"{BASE[:-1]}{subject}.acl"]


@pytest.mark.spec("server-link-acl")
async def test_the_policy_is_named_by_who_made_the_resource_and_where_there_is_none(world: World) -> None:
    written = await world.alice.put("/alice/new", "text/plain", "x")

    assert written.linked("acl") == [f"{BASE}alice/new.acl"]
    assert (await world.alice.head("/alice/new")).linked("acl") == [f"{BASE}alice/new.acl"]
    assert (await world.alice.get("/alice/new.acl")).status == 404


@pytest.mark.spec("server-link-auxiliary-type", "server-description-resource-max")
@pytest.mark.parametrize("path", ["/alice/", "/alice/box/", "/alice/box/note"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_each_resource_names_exactly_one_description(world: World, path: str, method: str) -> None:
    await made(world)

    assert (await world.alice.send(method, path)).linked("describedby") == [f"{BASE[:-1]}{path}.meta"]


@pytest.mark.spec("client-link-describes")
async def test_a_description_names_what_it_describes(world: World) -> None:
    await made(world)

    answer = await world.alice.head("/alice/box/note.meta")

    assert answer.linked("describes") == [f"{BASE}alice/box/note"]
    assert answer.linked("describedby") == []


@pytest.mark.spec("server-basic-container", "uri-slashes-hierarchical-identifier")
async def test_containers_are_told_by_their_type(world: World) -> None:
    await made(world)

    assert set((await world.alice.head("/alice/box/")).linked("type")) == {
        f"{LDP}Resource",
        f"{LDP}BasicContainer",
        f"{LDP}Container",
    }
    assert (await world.alice.head("/alice/box/note")).linked("type") == [f"{LDP}Resource"]


@pytest.mark.spec("server-storage", "server-link-storage", "server-storage-nonoverlapping", "client-storage-discovery")
async def test_the_storage_is_found_by_walking_up(world: World) -> None:
    await made(world)

    walked = [path for path in ("/alice/box/note", "/alice/box/", "/alice/", "/") if await is_storage(world, path)]

    assert walked == ["/alice/"]


async def is_storage(world: World, path: str) -> bool:
    return STORAGE in (await world.alice.head(path)).linked("type")


@pytest.mark.spec("server-storage-description")
@pytest.mark.parametrize("path", [*PATHS, "/alice/.well-known/solid", "/alice/none"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_each_resource_names_the_description_of_its_storage(world: World, path: str, method: str) -> None:
    await made(world)

    answer = await world.alice.send(method, path)

    assert answer.linked(DESCRIPTION) == [f"{BASE}alice/.well-known/solid"]


@pytest.mark.spec("server-storage-description-resource", "storage-description-rdf-type")
async def test_everyone_may_read_the_description_of_a_storage(world: World) -> None:
    answer = await world.anyone.get("/alice/.well-known/solid")

    types = {(q.subject, q.object) for q in answer.graph() if q.predicate.endswith("#type")}
    assert answer.status == 200
    assert types == {(f"{BASE}alice/", STORAGE)}


async def test_the_description_of_a_storage_comes_in_each_syntax_and_only_when_it_changed(world: World) -> None:
    turtle = await world.anyone.get("/alice/.well-known/solid", TURTLE)
    json_ld = await world.anyone.get("/alice/.well-known/solid", "application/ld+json")

    assert json_ld.graph() == turtle.graph()
    for known in (
        {"if_none_match": turtle["etag"]},
        {"if_none_match": f'"x", W/{turtle["etag"]}'},
        {"if_modified_since": turtle["last-modified"]},
    ):
        assert (await world.anyone.get("/alice/.well-known/solid", TURTLE, **known)).status == 304
    assert (await world.anyone.get("/alice/.well-known/solid", TURTLE, if_none_match='"x"')).status == 200
    assert (await world.anyone.get("/alice/.well-known/solid", "image/png")).status == 406


@pytest.mark.spec("server-link-acl", "server-storage-description")
async def test_who_is_refused_still_finds_the_policy_and_the_storage(world: World) -> None:
    await made(world)

    for person in (world.anyone, world.bob):
        answer = await person.get("/alice/box/note")

        assert answer.status in {401, 403}
        assert answer.linked("acl") == [f"{BASE}alice/box/note.acl"]
        assert answer.linked(DESCRIPTION) == [f"{BASE}alice/.well-known/solid"]


async def test_all_links_stand_in_one_line_without_commas_inside(world: World) -> None:
    """The conformance harness splits the line at every comma."""
    await made(world)

    answer = await world.alice.get("/alice/")

    assert len(answer.all("link")) == 1
    assert all(part.strip().startswith("<") for part in answer["link"].split(","))


async def test_a_name_with_a_comma_or_quote_does_not_break_the_links(world: World) -> None:
    await world.alice.put("/alice/a,b;c'd", "text/plain", "x")

    answer = await world.alice.head("/alice/a,b;c'd")

    assert answer.linked("acl") == [f"{BASE}alice/a,b;c'd.acl"]


async def test_the_server_names_no_owner(world: World) -> None:
    """Who owns a pod is advertised only where an owner wants that, and no setting asks for it."""
    await world.policy("/alice/", rule("acl:agentClass foaf:Agent", "read"))

    assert (await world.anyone.head("/alice/")).linked("http://www.w3.org/ns/solid/terms#owner") == []
