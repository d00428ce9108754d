"""PUT: create and replace."""

import pytest

from tests.world import BASE, BASIC_CONTAINER, JSON_LD, N3, TURTLE, World, n3, rule

THING = "<#it> a <https://voc.example/#Thing> ."


@pytest.mark.spec("x-server-write-methods", "server-put-patch-uri-assignment", "uri-allocation-put-patch", "http-put")
async def test_put_creates_at_the_uri_that_it_is_sent_to(world: World) -> None:
    answer = await world.alice.put("/alice/note", TURTLE, THING)

    assert answer.status == 201
    assert answer.body == b""
    assert answer.location == f"{BASE}alice/note"
    assert (await world.alice.get("/alice/note")).text == THING


async def test_put_replaces_content_and_type(world: World) -> None:
    await world.document("/alice/note")

    answer = await world.alice.put("/alice/note", "text/plain", "other")

    found = await world.alice.get("/alice/note")
    assert answer.status == 204
    assert (found.text, found["content-type"]) == ("other", "text/plain")


@pytest.mark.spec("server-etag")
async def test_the_answer_to_a_write_has_the_etag_that_a_read_would_have(world: World) -> None:
    created = await world.alice.put("/alice/note", JSON_LD, '{"@id": "#it"}')
    replaced = await world.alice.put("/alice/note", JSON_LD, '{"@id": "#it"}')

    found = await world.alice.get("/alice/note", JSON_LD)
    assert created["etag"] != replaced["etag"] == found["etag"]
    assert replaced["last-modified"] == found["last-modified"]


async def test_a_write_that_was_not_kept_as_it_came_has_no_etag(world: World) -> None:
    """RFC 9110, 9.3.4: the client must not think that its content is that of the version."""
    answer = await world.alice.put("/alice/box/", TURTLE, THING)

    assert "etag" not in answer


@pytest.mark.spec("server-content-type-missing", "server-content-type")
@pytest.mark.parametrize(("method", "path"), [("PUT", "/alice/a"), ("PUT", "/alice/b/"), ("POST", "/alice/")])
@pytest.mark.parametrize("length", [True, False])
async def test_content_without_a_type_is_malformed(world: World, method: str, path: str, length: bool) -> None:
    async with world.unchanged():
        answer = await world.alice.request(method, path, THING, length=length)

    assert answer.status == 400
    assert "Content-Type" in answer.json()["detail"]


@pytest.mark.spec("server-content-type-missing", "server-content-type")
@pytest.mark.parametrize("path", ["/alice/note", "/alice/none"])
async def test_a_patch_without_a_type_is_malformed(world: World, path: str) -> None:
    await world.document("/alice/note")

    async with world.unchanged():
        answer = await world.alice.send("PATCH", path, n3(inserts=THING))

    assert answer.status == 400


async def test_nothing_needs_no_type(world: World) -> None:
    """server-content-type-missing asks for a type only where there is content."""
    assert (await world.alice.send("PUT", "/alice/empty")).status == 201
    assert (await world.alice.send("PUT", "/alice/empty", "")).status == 204
    assert (await world.alice.send("PUT", "/alice/box/")).status == 201
    assert (await world.alice.send("POST", "/alice/", link=BASIC_CONTAINER)).status == 201

    found = await world.alice.get("/alice/empty")
    assert (found.body, found["content-type"]) == (b"", "application/octet-stream")


@pytest.mark.parametrize(
    "media_type", ["turtle", "text/", "/plain", "text/plain, text/turtle", "text/pl ain", "*/*\t;", "text/t;q", ""]
)
async def test_a_type_that_is_none_is_malformed(world: World, media_type: str) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/note", media_type, THING)

    assert answer.status == 400
    assert "Content-Type" in answer.json()["detail"]


async def test_two_content_types_are_malformed(world: World) -> None:
    headers = [("content-type", TURTLE), ("content-type", "text/plain")]

    assert (await world.alice.request("PUT", "/alice/note", THING, headers)).status == 400


@pytest.mark.parametrize(("sent", "kept"), [("Text/Turtle", "Text/Turtle"), ("text/plain; ", "text/plain")])
async def test_a_type_is_kept_as_it_was_sent(world: World, sent: str, kept: str) -> None:
    await world.alice.put("/alice/note", sent, THING)

    assert (await world.alice.get("/alice/note"))["content-type"] == kept


@pytest.mark.spec("server-representation-turtle-jsonld")
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "us-ascii"])
async def test_rdf_in_utf_8_may_say_so(world: World, charset: str) -> None:
    assert (await world.alice.put("/alice/note", f"text/turtle; charset={charset}", THING)).status == 201
    assert (await world.alice.get("/alice/note", JSON_LD)).status == 200


@pytest.mark.parametrize("media_type", ["text/turtle; charset=iso-8859-1", 'application/ld+json;charset="utf-16"'])
async def test_rdf_in_another_encoding_is_not_taken(world: World, media_type: str) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/note", media_type, '{"@id": "#it"}')

    assert answer.status == 415
    assert "UTF-8" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (TURTLE, THING),
        (JSON_LD, '{"@id": "#it"}'),
        ("application/rdf+xml", "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"),
    ],
)
async def test_a_byte_order_mark_is_no_part_of_what_is_said(world: World, media_type: str, content: str) -> None:
    answer = await world.alice.put("/alice/note", media_type, b"\xef\xbb\xbf" + content.encode())

    assert answer.status == 201
    assert (await world.alice.get("/alice/note")).body == b"\xef\xbb\xbf" + content.encode()
    assert (await world.alice.get("/alice/note", "application/trig")).status == 200


@pytest.mark.spec("server-create-operation", "server-put-patch-intermediate-containers", "container-permissions")
async def test_put_makes_the_containers_on_the_way(world: World) -> None:
    answer = await world.alice.put("/alice/a/b/c/note", "text/plain", "x")

    assert answer.status == 201
    assert await world.members("/alice/a/b/c/") == {"/alice/a/b/c/note"}
    assert await world.members("/alice/a/b/") == {"/alice/a/b/c/"}
    assert "/alice/a/" in await world.members("/alice/")


@pytest.mark.spec("server-put-patch-intermediate-containers")
@pytest.mark.parametrize("below", ["note/x", "note/x/y", "note/x/"])
async def test_nothing_can_lie_below_a_document(world: World, below: str) -> None:
    await world.document("/alice/note")

    async with world.unchanged():
        put = await world.alice.put(f"/alice/{below}", TURTLE, THING)
        patched = await world.alice.insert(f"/alice/{below}", THING)

    assert (put.status, patched.status) == (409, 409)
    assert f"{BASE}alice/note" in put.json()["detail"]


@pytest.mark.spec("server-post-container-create-container", "uri-slashes-hierarchical-identifier")
async def test_a_container_cannot_be_put_where_no_slash_ends_the_uri(world: World) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/box", TURTLE, "", link=BASIC_CONTAINER)

    assert answer.status == 400


@pytest.mark.parametrize(
    "headers",
    [{"content_range": "bytes 0-1/3"}, {"content_encoding": "gzip"}, {"content_type": "nonsense"}],
)
async def test_permission_comes_before_what_is_wrong_with_the_request(world: World, headers: dict[str, str]) -> None:
    await world.policy("/alice/", rule(world.bob, "read"))

    for method, path in (("PUT", "/alice/none"), ("POST", "/alice/"), ("PATCH", "/alice/none"), ("PATCH", "/alice/")):
        named = {"content_type": TURTLE, **headers}
        assert (await world.anyone.send(method, path, THING, **named)).status == 401
        assert (await world.bob.send(method, path, THING, **named)).status == 403
    assert (await world.bob.put("/alice/box", TURTLE, "", link=BASIC_CONTAINER)).status == 403


@pytest.mark.parametrize("path", ["/", "/bob/note", "/note"])
async def test_nothing_is_written_outside_of_pods(world: World, path: str) -> None:
    async with world.unchanged():
        assert (await world.anyone.put(path, TURTLE, THING)).status == 401
        assert (await world.alice.put(path, TURTLE, THING)).status == 403
        assert (await world.alice.post(path, TURTLE, THING)).status == 403
        assert (await world.alice.delete(path)).status == 403


@pytest.mark.parametrize("path", ["/alice/.well-known/x", "/.rhizome/x", "/alice/a/.well-known/x", "/.health/x"])
async def test_the_places_of_the_server_cannot_be_written(world: World, path: str) -> None:
    async with world.unchanged():
        for method in ("PUT", "PATCH", "DELETE", "POST"):
            answer = await world.alice.send(method, path, n3(inserts=THING), content_type=N3)
            assert answer.status in {404, 405}


@pytest.mark.spec("consider-append-read-diff")
async def test_the_answer_to_a_write_does_not_repeat_the_content(world: World) -> None:
    await world.policy("/alice/", rule(world.bob, "write"))

    for answer in (
        await world.bob.put("/alice/x", "text/plain", "a secret"),
        await world.bob.post("/alice/", "text/plain", "a secret"),
    ):
        assert answer.status == 201
        assert b"secret" not in answer.body
    assert (await world.bob.get("/alice/x")).status == 403


@pytest.mark.spec("consider-acl-resource-activities")
async def test_every_write_is_in_the_log_with_who_made_it(world: World) -> None:
    before = len(await world.log())
    await world.policy("/alice/", rule(world.bob, "write"))
    await world.bob.put("/alice/x", "text/plain", "1")

    entries = (await world.log())[before:]

    assert [(one.uri, one.agent, one.client) for one in entries] == [
        (f"{BASE}alice/.acl", world.alice.webid, world.alice.client.client_id),
        (f"{BASE}alice/x", world.bob.webid, world.bob.client.client_id),
    ]
