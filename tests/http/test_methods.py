"""What can be done with a resource: OPTIONS, Allow, Accept-*, and methods that there are not."""

import pytest

from tests.world import N3, TURTLE, World, n3, rule

RDF = {
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "application/n-quads",
    "application/trig",
    "application/rdf+xml",
}
PATCHES = {"text/n3", "application/sparql-update"}
READING = {"GET", "HEAD", "OPTIONS"}
DOCUMENT = READING | {"PUT", "PATCH", "DELETE"}
KINDS = [
    ("/alice/box/", DOCUMENT | {"POST"}),
    ("/alice/box/note", DOCUMENT),
    ("/alice/box/note.acl", DOCUMENT),
    ("/alice/box/note.meta", DOCUMENT),
    ("/alice/", DOCUMENT - {"DELETE"} | {"POST"}),
    ("/alice/.acl", DOCUMENT - {"DELETE"}),
    ("/alice/.well-known/solid", READING),
]


async def made(world: World) -> None:
    await world.document("/alice/box/note")
    await world.alice.put("/alice/box/note.meta", TURTLE, "<> a <#x> .")
    await world.policy("/alice/box/note")


@pytest.mark.spec("server-allow-methods", "server-safe-methods", "server-disallow-delete")
@pytest.mark.parametrize(("path", "methods"), KINDS)
async def test_every_success_lists_the_methods_of_the_resource(world: World, path: str, methods: set[str]) -> None:
    await made(world)

    for method in ("GET", "HEAD", "OPTIONS"):
        answer = await world.alice.send(method, path)

        assert answer.status in {200, 204}
        assert set(answer.listed("allow")) == methods


@pytest.mark.spec("server-allow-methods")
async def test_every_write_that_succeeds_lists_the_methods_of_what_was_written(world: World) -> None:
    answers = [
        await world.alice.put("/alice/box/note", TURTLE, "<> a <#x> ."),
        await world.alice.put("/alice/box/note", TURTLE, "<> a <#y> ."),
        await world.alice.insert("/alice/box/note", "<#it> a <#z> ."),
        await world.alice.post("/alice/box/", "text/plain", "x", slug="other"),
        await world.alice.delete("/alice/box/note"),
    ]

    assert [answer.status for answer in answers] == [201, 204, 204, 201, 205]
    assert all(set(answer.listed("allow")) == DOCUMENT for answer in answers)


@pytest.mark.spec("server-accept-headers", "accept-put", "server-patch-n3-advertise")
@pytest.mark.parametrize(("path", "methods"), KINDS)
async def test_what_content_a_method_takes_is_said_where_the_method_is_allowed(
    world: World, path: str, methods: set[str]
) -> None:
    await made(world)

    for method in ("GET", "HEAD", "OPTIONS"):
        answer = await world.alice.send(method, path)

        assert ("accept-patch" in answer) == ("PATCH" in methods)
        assert ("accept-put" in answer) == ("PUT" in methods)
        assert ("accept-post" in answer) == ("POST" in methods)
        assert set(answer.listed("accept-patch")) == (PATCHES if "PATCH" in methods else set())
        if "PUT" in methods:
            anything = path.endswith("/note")
            assert set(answer.listed("accept-put")) == ({"*/*"} if anything else RDF)


@pytest.mark.spec("server-safe-methods", "server-cors-options")
async def test_options_says_what_can_be_done_to_everyone_and_nothing_else(world: World) -> None:
    await made(world)

    for path, missing in (("/alice/box/note", "/alice/box/nota"), ("/alice/box/", "/alice/bax/")):
        there, not_there = await world.anyone.options(path), await world.anyone.options(missing)

        assert there.status == 204
        assert there.body == b""
        assert there.listed("allow") == not_there.listed("allow")
        assert [name for name, _ in there.headers] == [name for name, _ in not_there.headers]


async def test_options_works_with_credentials_of_whomever(world: World) -> None:
    await made(world)

    for person in (world.alice, world.bob, world.anyone):
        assert (await person.options("/alice/box/note")).status == 204


async def test_options_on_a_uri_that_nothing_can_have_offers_nothing(world: World) -> None:
    answer = await world.alice.options("/alice/note.acl.acl")

    assert answer.status == 204
    assert "allow" not in answer


@pytest.mark.spec("server-method-not-allowed", "server-http")
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "MKCOL", "COPY", "get", "X" * 500])
@pytest.mark.parametrize("path", ["/alice/box/note", "/alice/box/", "/alice/none", "/alice/.well-known/solid"])
async def test_a_method_that_there_is_not_is_refused_with_those_that_there_are(
    world: World, method: str, path: str
) -> None:
    await made(world)

    async with world.unchanged():
        answer = await world.alice.send(method, path, "<> a <#x> .", content_type=TURTLE)

    assert answer.status == 405
    assert set(answer.listed("allow")) >= READING
    assert answer.json()["allowed"] == answer.listed("allow")


@pytest.mark.spec("server-method-not-allowed")
@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
async def test_nobody_writes_the_description_of_a_storage(world: World, method: str) -> None:
    answer = await world.alice.send(method, "/alice/.well-known/solid", "<> a <#x> .", content_type=TURTLE)

    assert answer.status == 405
    assert set(answer.listed("allow")) == READING


@pytest.mark.spec("server-method-not-allowed", "server-post-container")
async def test_post_to_what_is_no_container_is_not_allowed(world: World) -> None:
    await made(world)

    for path in ("/alice/box/note", "/alice/box/note.meta", "/alice/box/note.acl"):
        answer = await world.alice.post(path, TURTLE, "<> a <#x> .")

        assert answer.status == 405
        assert "POST" not in answer.listed("allow")


@pytest.mark.spec("server-post-target-not-found", "server-unauthenticated")
async def test_permission_comes_before_the_method(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/note", rule(world.bob, "read"))

    assert (await world.bob.post("/alice/box/note", TURTLE, "<> a <#x> .")).status == 403
    assert (await world.anyone.post("/alice/box/note", TURTLE, "<> a <#x> .")).status == 401


@pytest.mark.spec("x-server-write-methods", "x-server-delete-method")
async def test_all_writing_methods_work(world: World) -> None:
    assert (await world.alice.put("/alice/it", TURTLE, "<#it> a <#x> .")).status == 201
    assert (await world.alice.patch("/alice/it", N3, n3(inserts="<#it> ex:is 2 ."))).status == 204
    assert (await world.alice.post("/alice/", TURTLE, "<#it> a <#x> .")).status == 201
    assert (await world.alice.delete("/alice/it")).status == 205


async def test_rdflib_learns_that_it_may_send_sparql(world: World) -> None:
    await made(world)

    assert (await world.alice.get("/alice/box/note"))["ms-author-via"] == "SPARQL"
    assert (await world.alice.options("/alice/box/note"))["ms-author-via"] == "SPARQL"
