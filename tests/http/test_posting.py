"""POST: the server names what comes to be."""

import re

import pytest

from tests.world import BASE, BASIC_CONTAINER, JSON_LD, TURTLE, World

THING = "<#it> a <https://voc.example/#Thing> ."
SAFE = re.compile(r"https://pod\.example/alice/(?:[A-Za-z0-9._~@+-]|%[0-9A-F]{2})+/?")


@pytest.mark.spec(
    "server-post-uri-assignment",
    "server-post-container",
    "server-post-container-create-resource",
    "uri-allocation-post",
    "http-post",
)
async def test_post_makes_a_resource_directly_in_the_container(world: World) -> None:
    answer = await world.alice.post("/alice/", TURTLE, THING)

    assert answer.status == 201
    assert re.fullmatch(rf"{BASE}alice/[^/]+", answer.location)
    found = await world.alice.get(answer.location)
    assert (found.text, found["etag"]) == (THING, answer["etag"])
    assert answer.location.removeprefix(BASE[:-1]) in await world.members("/alice/")


@pytest.mark.spec("server-representation-turtle-jsonld")
async def test_relative_iris_in_a_post_are_those_of_the_new_resource(world: World) -> None:
    answer = await world.alice.post("/alice/", TURTLE, "<> <#p> <x> .", slug="deep")

    (quad,) = (await world.alice.get(answer.location, JSON_LD)).graph()
    assert (quad.subject, quad.object) == (f"{BASE}alice/deep", f"{BASE}alice/x")


@pytest.mark.spec("server-slug-uri-assignment")
@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("foobar", "foobar"),
        ("My trip.ttl", "My-trip.ttl"),
        ("My%20trip", "My-trip"),
        ("caf%C3%A9", "caf%C3%A9"),
        ("a/b", "a-b"),
        ("a%2Fb", "a-b"),
        ("../../etc/passwd", "etc-passwd"),
        ("x.acl", "x"),
        ("x.meta.acl", "x"),
        (".acl", "acl"),
        ("..", "resource"),
        (".well-known", "well-known"),
        ("", None),
        ("a?b#c", "a-b-c"),
        ("<script>", "script"),
        ("a\tb", "a-b"),
        ('"q"', "q"),
        ("%", None),
        ("%zz%00%0d%0aSet-Cookie: x", None),
        ("é", "%C3%A9"),
        ("x" * 5000, "x" * 128),
        ("☃".encode(), None),
        ("日本".encode(), "%E6%97%A5%E6%9C%AC"),
    ],
)
async def test_the_name_follows_the_slug_as_far_as_is_safe(world: World, slug: str | bytes, name: str | None) -> None:
    answer = await world.alice.request("POST", "/alice/", THING, [("content-type", TURTLE), ("slug", slug)])

    assert answer.status == 201
    assert SAFE.fullmatch(answer.location)
    if name is not None:
        assert answer.location == f"{BASE}alice/{name}"
    assert (await world.alice.get(answer.location)).text == THING


@pytest.mark.spec("server-post-slug-auxiliary-resource")
@pytest.mark.parametrize("slug", ["note.acl", "note.meta", ".acl", ".meta", "note%2Eacl", "note.acl.", "note.ACL.acl"])
async def test_a_slug_never_names_an_auxiliary_resource(world: World, slug: str) -> None:
    await world.document("/alice/note")
    log = len(await world.log())

    answer = await world.alice.post("/alice/", TURTLE, THING, slug=slug)

    assert answer.status == 201
    assert not answer.location.endswith((".acl", ".meta"))
    assert [str(one.kind) for one in (await world.log())[log:]] == ["document"]


async def test_a_taken_name_is_told_apart(world: World) -> None:
    answers = [await world.alice.post("/alice/", TURTLE, THING, slug="note.ttl") for _ in range(3)]

    names = [answer.location.removeprefix(f"{BASE}alice/") for answer in answers]
    assert len(set(names)) == 3
    assert names[0] == "note.ttl"
    assert all(re.fullmatch(r"note-[0-9a-f]+\.ttl", name) for name in names[1:])


@pytest.mark.spec("server-post-container-create-container")
@pytest.mark.parametrize(
    "link",
    [
        BASIC_CONTAINER,
        "<http://www.w3.org/ns/ldp#Container>;rel=type",
        '<http://www.w3.org/ns/ldp#Resource>; rel="type", <http://www.w3.org/ns/ldp#BasicContainer>; rel="type"',
    ],
)
async def test_a_link_to_the_type_makes_a_container(world: World, link: str) -> None:
    answer = await world.alice.post("/alice/", TURTLE, "", slug="box", link=link)

    assert answer.status == 201
    assert answer.location == f"{BASE}alice/box/"
    assert await world.members("/alice/box/") == set()
    assert answer.linked("type")[1:] == [f"http://www.w3.org/ns/ldp#{one}" for one in ("BasicContainer", "Container")]


async def test_several_links_are_read_as_one(world: World) -> None:
    headers = [("link", '<http://www.w3.org/ns/ldp#Resource>; rel="type"'), ("link", BASIC_CONTAINER)]

    answer = await world.alice.request("POST", "/alice/", headers=[*headers, ("slug", "box")])

    assert answer.location == f"{BASE}alice/box/"


@pytest.mark.parametrize(
    "link",
    [
        '<http://www.w3.org/ns/ldp#BasicContainer>; rel="describedby"',
        '<http://www.w3.org/ns/ldp#Resource>; rel="type"',
        '<http://www.w3.org/ns/ldp#BasicContainer>; rel="typeface"',
        "nonsense",
    ],
)
async def test_other_links_make_no_container(world: World, link: str) -> None:
    answer = await world.alice.post("/alice/", TURTLE, THING, slug="box", link=link)

    assert answer.location == f"{BASE}alice/box"


async def test_what_is_said_about_a_new_container_is_kept(world: World) -> None:
    content = '<> <http://purl.org/dc/terms/title> "Box" .'

    answer = await world.alice.post("/alice/", TURTLE, content, slug="box", link=BASIC_CONTAINER)

    values = {quad.object for quad in (await world.alice.get(answer.location)).graph()}
    assert "Box" in values


@pytest.mark.spec("server-post-container-create-container")
@pytest.mark.parametrize("media_type", [TURTLE, JSON_LD])
async def test_what_is_said_about_a_new_container_is_about_the_name_that_it_gets(world: World, media_type: str) -> None:
    content = {TURTLE: '<> <#title> "Box" .', JSON_LD: '{"@id": "", "https://pod.example/x#title": "Box"}'}[media_type]
    first = await world.alice.post("/alice/", media_type, content, slug="box", link=BASIC_CONTAINER)
    again = await world.alice.post("/alice/", media_type, content, slug="box", link=BASIC_CONTAINER)

    for answer in (first, again):
        graph = (await world.alice.get(answer.location)).graph()
        assert {quad.subject for quad in graph if quad.predicate.endswith("#title")} == {answer.location}
    assert first.location != again.location


@pytest.mark.spec("server-post-target-not-found")
@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/alice/none/", TURTLE), ("/alice/none.ttl", TURTLE), ("/alice/x.json", JSON_LD), ("/alice/x.foo", "foo/bar")],
)
async def test_post_to_what_is_not_there_makes_nothing(world: World, path: str, media_type: str) -> None:
    async with world.unchanged():
        answer = await world.alice.post(path, media_type, "{}" if media_type == JSON_LD else THING)

    assert answer.status == 404
    assert (await world.alice.get(path)).status == 404


@pytest.mark.spec("server-post-target-not-found")
async def test_post_does_not_make_containers_on_the_way(world: World) -> None:
    await world.document("/alice/note")

    async with world.unchanged():
        assert (await world.alice.post("/alice/note/foo/", TURTLE, THING)).status == 404
        assert (await world.alice.post("/alice/note/", TURTLE, THING)).status == 404
        assert (await world.alice.post("/alice/a/b/", TURTLE, "", link=BASIC_CONTAINER)).status == 404


@pytest.mark.spec("server-post-container-create-resource")
async def test_a_posted_policy_is_a_document_like_any_other(world: World) -> None:
    answer = await world.alice.post("/alice/", TURTLE, "<> a <http://www.w3.org/ns/auth/acl#Authorization> .")

    assert answer.status == 201
    assert not answer.location.endswith(".acl")


async def test_content_of_any_type_can_be_posted(world: World) -> None:
    answer = await world.alice.post("/alice/", "image/png", b"\x89PNG", slug="me.png")

    found = await world.alice.get(answer.location)
    assert (found.body, found["content-type"]) == (b"\x89PNG", "image/png")


async def test_a_container_must_be_rdf(world: World) -> None:
    async with world.unchanged():
        answer = await world.alice.post("/alice/", "text/plain", "x", link=BASIC_CONTAINER)

    assert answer.status == 415
    assert TURTLE in answer.json()["accepted"]
