"""Conditional requests (RFC 9110, 13)."""

import pytest

from tests.asgi import Answer
from tests.world import JSON_LD, N3, TURTLE, World, n3

PAST, FUTURE = "Thu, 01 Jan 1970 00:00:10 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
THING = "<#it> a <#Thing> ."


async def made(world: World, path: str = "/alice/note") -> Answer:
    await world.alice.put(path, TURTLE, THING)
    return await world.alice.get(path)


@pytest.mark.spec("resource-update-integrity", "server-conditional-requests", "server-http")
@pytest.mark.parametrize("path", ["/alice/note", "/alice/box/", "/alice/note.meta"])
async def test_what_is_only_to_be_created_does_not_replace(world: World, path: str) -> None:
    await made(world)

    first = await world.alice.put(path + "", TURTLE, THING, if_none_match="*")
    async with world.unchanged():
        second = await world.alice.put(path, TURTLE, "<#it> a <#Other> .", if_none_match="*")
        patched = await world.alice.insert(path, "<#it> a <#Other> .", if_none_match="*")

    assert first.status == (412 if path == "/alice/note" else 201)
    assert (second.status, patched.status) == (412, 412)
    assert b"Other" not in (await world.alice.get(path)).body


@pytest.mark.spec("server-etag", "server-http")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_write_happens_only_to_the_version_that_the_client_saw(world: World, method: str) -> None:
    seen = await made(world)
    await world.alice.put("/alice/note", TURTLE, "<#it> a <#Newer> .")
    now = await world.alice.get("/alice/note")

    async def write(tag: str) -> Answer:
        content = {"PUT": (TURTLE, THING), "PATCH": (N3, n3(inserts=THING))}.get(method)
        named = {"if_match": tag} if content is None else {"if_match": tag, "content_type": content[0]}
        return await world.alice.send(method, "/alice/note", content and content[1], **named)

    async with world.unchanged():
        assert (await write(seen["etag"])).status == 412
    assert (await write(f'"nonsense", {now["etag"]}')).status == (205 if method == "DELETE" else 204)


async def test_any_representation_of_the_version_will_do(world: World) -> None:
    """A client that read JSON-LD and writes Turtle means the version that it saw."""
    await made(world)
    tag = (await world.alice.get("/alice/note", JSON_LD))["etag"]

    assert (await world.alice.put("/alice/note", TURTLE, THING, if_match=tag)).status == 204
    assert (await world.alice.put("/alice/note", TURTLE, THING, if_match=tag)).status == 412


@pytest.mark.parametrize("value", ['"other"', "W/{tag}", "{bare}", "", ",", '"', "*, x", "nonsense"])
async def test_if_match_needs_a_strong_tag_that_fits(world: World, value: str) -> None:
    tag = (await made(world))["etag"]

    async with world.unchanged():
        answer = await world.alice.put(
            "/alice/note", TURTLE, THING, if_match=value.format(tag=tag, bare=tag.strip('"'))
        )

    assert answer.status == 412


@pytest.mark.spec("server-http")
async def test_if_match_on_what_is_not_there_fails(world: World) -> None:
    async with world.unchanged():
        for value in ("*", '"x"'):
            assert (await world.alice.put("/alice/none", TURTLE, THING, if_match=value)).status == 412
            assert (await world.alice.insert("/alice/none", THING, if_match=value)).status == 412
            assert (await world.alice.delete("/alice/none", if_match=value)).status == 412


async def test_if_match_with_a_star_means_whatever_is_there(world: World) -> None:
    await made(world)

    assert (await world.alice.put("/alice/note", TURTLE, THING, if_match="*")).status == 204


async def test_the_tag_of_another_resource_does_not_fit(world: World) -> None:
    one, other = await made(world), await made(world, "/alice/other")

    assert one["etag"] != other["etag"]
    async with world.unchanged():
        assert (await world.alice.put("/alice/note", TURTLE, THING, if_match=other["etag"])).status == 412


async def test_a_write_may_be_bound_to_a_version_not_being_there(world: World) -> None:
    tag = (await made(world))["etag"]

    async with world.unchanged():
        for value in (tag, f"W/{tag}", f'"a", {tag}'):
            assert (await world.alice.put("/alice/note", TURTLE, THING, if_none_match=value)).status == 412
    assert (await world.alice.put("/alice/note", TURTLE, THING, if_none_match='"other"')).status == 204


@pytest.mark.spec("server-caching")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/alice/note", "/alice/", "/alice/.acl"])
@pytest.mark.parametrize("accept", [TURTLE, JSON_LD])
async def test_what_the_client_has_is_not_sent_again(world: World, method: str, path: str, accept: str) -> None:
    await made(world)
    known = await world.alice.get(path, accept)

    for value in (known["etag"], f"W/{known['etag']}", f'"x", {known["etag"]}', "*"):
        answer = await world.alice.send(method, path, accept=accept, if_none_match=value)

        assert answer.status == 304
        assert answer["etag"] == known["etag"]
        assert {"cache-control", "vary", "wac-allow", "link", "last-modified"} <= {name for name, _ in answer.headers}


async def test_another_representation_is_another_thing(world: World) -> None:
    turtle = await made(world)

    assert (await world.alice.get("/alice/note", JSON_LD, if_none_match=turtle["etag"])).status == 200


async def test_dates_tell_what_changed_since(world: World) -> None:
    await made(world)

    assert (await world.alice.get("/alice/note", if_modified_since=FUTURE)).status == 304
    assert (await world.alice.get("/alice/note", if_modified_since=PAST)).status == 200
    assert (await world.alice.get("/alice/note", if_unmodified_since=FUTURE)).status == 200
    assert (await world.alice.get("/alice/note", if_unmodified_since=PAST)).status == 412
    async with world.unchanged():
        assert (await world.alice.put("/alice/note", TURTLE, THING, if_unmodified_since=PAST)).status == 412
        assert (await world.alice.delete("/alice/note", if_unmodified_since=PAST)).status == 412
    assert (await world.alice.put("/alice/note", TURTLE, THING, if_unmodified_since=FUTURE)).status == 204


@pytest.mark.parametrize(
    "value", ["yesterday", "", "Thu, 41 Jan 1970 00:00:10 GMT", "0", "Thu, 01 Jan 99999 00:00:00 GMT"]
)
async def test_what_is_no_date_counts_as_not_sent(world: World, value: str) -> None:
    await made(world)

    assert (await world.alice.get("/alice/note", if_modified_since=value)).status == 200
    assert (await world.alice.put("/alice/note", TURTLE, THING, if_unmodified_since=value)).status == 204


async def test_tags_count_more_than_dates(world: World) -> None:
    tag = (await made(world))["etag"]

    assert (await world.alice.get("/alice/note", if_none_match='"x"', if_modified_since=FUTURE)).status == 200
    assert (await world.alice.get("/alice/note", if_match=tag, if_unmodified_since=PAST)).status == 200
    assert (await world.alice.put("/alice/note", TURTLE, THING, if_match=tag, if_unmodified_since=PAST)).status == 204


async def test_reading_may_be_bound_to_a_version(world: World) -> None:
    tag = (await made(world))["etag"]

    assert (await world.alice.get("/alice/note", if_match=tag)).status == 200
    assert (await world.alice.get("/alice/note", if_match="*")).status == 200
    assert (await world.alice.get("/alice/note", if_match=f"W/{tag}")).status == 412
    assert (await world.alice.get("/alice/note", if_match='"x"')).status == 412


async def test_two_versions_of_one_moment_have_different_tags_and_no_date_tells_them_apart(world: World) -> None:
    """Versions of one second share their date, so that it must not be used to tell whether something changed."""
    versions = [await made(world) for _ in range(20)]

    assert len({one["etag"] for one in versions}) == 20
    newest = versions[-1]["last-modified"]
    if versions[0]["last-modified"] == newest:
        assert (await world.alice.get("/alice/note", if_modified_since=newest)).status == 200
        assert (await world.alice.put("/alice/note", TURTLE, THING, if_unmodified_since=newest)).status == 412


async def test_a_version_that_comes_back_has_another_tag(world: World) -> None:
    first = await made(world)
    await world.alice.delete("/alice/note")

    assert (await made(world))["etag"] != first["etag"]


async def test_permission_comes_before_conditions(world: World) -> None:
    await made(world)

    for person, status in ((world.anyone, 401), (world.bob, 403)):
        assert (await person.get("/alice/note", if_match='"x"')).status == status
        assert (await person.get("/alice/note", if_none_match="*")).status == status
        assert (await person.put("/alice/note", TURTLE, THING, if_match='"x"')).status == status
        assert (await person.put("/alice/none", TURTLE, THING, if_match="*")).status == status


async def test_conditions_come_before_what_is_wrong_with_the_content(world: World) -> None:
    """A client that lost a race must learn that, whatever else is wrong."""
    await made(world)
    await made(world, "/alice/box/note")

    assert (await world.alice.put("/alice/note", TURTLE, "<> a", if_match='"x"')).status == 412
    assert (await world.alice.delete("/alice/box/", if_match='"x"')).status == 412
    assert (await world.alice.post("/alice/", TURTLE, "<> a", if_none_match="*")).status == 412


async def test_an_empty_patch_changes_nothing_and_keeps_the_version(world: World) -> None:
    tag = (await made(world))["etag"]

    async with world.unchanged():
        answer = await world.alice.patch("/alice/note", N3, n3())

    assert answer.status == 204
    assert answer["etag"] == tag


async def test_a_container_is_conditional_too(world: World) -> None:
    await world.folder("/alice/box/")
    tag = (await world.alice.get("/alice/box/"))["etag"]
    await world.document("/alice/box/note")

    async with world.unchanged():
        assert (await world.alice.put("/alice/box/", TURTLE, "", if_match=tag)).status == 412
        assert (await world.alice.post("/alice/box/", TURTLE, "", if_match=tag)).status == 412
    fresh = (await world.alice.get("/alice/box/"))["etag"]
    assert (await world.alice.put("/alice/box/", TURTLE, "", if_match=fresh)).status == 204


async def test_a_container_that_changed_twice_in_a_second_is_not_told_by_its_date(world: World) -> None:
    await world.folder("/alice/box/")
    before = await world.alice.get("/alice/box/")
    await world.document("/alice/box/note")

    after = await world.alice.get("/alice/box/", if_modified_since=before["last-modified"])

    assert after.status == 200


@pytest.mark.spec("server-http", "server-delete-protect-root-container", "server-method-not-allowed")
@pytest.mark.parametrize("path", ["/alice/", "/alice/.acl"])
async def test_what_takes_no_such_method_says_so_before_it_looks_at_conditions(world: World, path: str) -> None:
    """RFC 9110, 13.2.1."""
    await made(world)

    async with world.unchanged():
        assert (await world.alice.delete(path, if_match='"none"')).status == 405
        assert (await world.alice.post("/alice/note", TURTLE, THING, if_match='"none"')).status == 405
        assert (await world.alice.post("/alice/none/", TURTLE, THING, if_match='"none"')).status == 404
