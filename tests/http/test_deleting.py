"""DELETE."""

import pytest

from tests.world import ALL, BASE, EVERYONE, HERE, TURTLE, World, rule


@pytest.mark.spec("x-server-delete-method", "server-delete-remove-containment", "server-delete-get")
@pytest.mark.parametrize(
    ("path", "media_type", "content"),
    [
        ("/alice/box/note.ttl", TURTLE, "<> a <#x> ."),
        ("/alice/box/text", "text/plain", "x"),
        ("/alice/box/inner/", TURTLE, ""),
    ],
)
async def test_what_is_deleted_is_gone_and_no_longer_listed(
    world: World, path: str, media_type: str, content: str
) -> None:
    await world.alice.put(path, media_type, content)
    assert path in await world.members("/alice/box/")

    answer = await world.alice.delete(path)

    assert (answer.status, answer["content-length"], answer.body) == (205, "0", b"")
    assert "etag" not in answer
    assert (await world.alice.get(path)).status == 404
    assert await world.members("/alice/box/") == set()


@pytest.mark.parametrize("path", ["/alice/none", "/alice/none/", "/alice/none.acl", "/alice/profile/card.meta"])
async def test_what_is_not_there_cannot_be_deleted(world: World, path: str) -> None:
    async with world.unchanged():
        assert (await world.alice.delete(path)).status == 404


@pytest.mark.spec("server-delete-protect-nonempty-container")
@pytest.mark.parametrize("inside", ["inner/", "note.ttl", "text"])
async def test_a_container_that_holds_something_stays(world: World, inside: str) -> None:
    await world.alice.put(f"/alice/box/{inside}", TURTLE, "")

    async with world.unchanged():
        answer = await world.alice.delete("/alice/box/")

    assert answer.status == 409
    assert "empty" in answer.json()["detail"]
    assert await world.members("/alice/box/") == {f"/alice/box/{inside}"}


@pytest.mark.spec("server-delete-remove-empty-container", "server-delete-remove-auxiliary-resource")
async def test_a_container_with_nothing_but_auxiliary_resources_is_empty(world: World) -> None:
    await world.folder("/alice/box/")
    await world.policy("/alice/box/")
    await world.alice.put("/alice/box/.meta", TURTLE, "<> a <#x> .")

    assert (await world.alice.delete("/alice/box/")).status == 205

    for path in ("/alice/box/", "/alice/box/.acl", "/alice/box/.meta"):
        assert (await world.alice.get(path)).status == 404


@pytest.mark.spec("server-delete-remove-auxiliary-resource")
async def test_auxiliary_resources_go_with_their_subject_and_do_not_come_back(world: World) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/note", rule(EVERYONE, "read"))
    await world.alice.put("/alice/note.meta", TURTLE, "<> a <#x> .")

    await world.alice.delete("/alice/note")
    await world.document("/alice/note")

    assert (await world.alice.get("/alice/note.meta")).status == 404
    assert (await world.alice.get("/alice/note.acl")).status == 404
    assert (await world.anyone.get("/alice/note")).status == 401


@pytest.mark.spec("server-auxiliary-resources-management")
async def test_auxiliary_resources_of_what_has_a_similar_name_stay(world: World) -> None:
    for path in ("/alice/note", "/alice/note2"):
        await world.document(path)
        await world.alice.put(f"{path}.meta", TURTLE, "<> a <#x> .")

    await world.alice.delete("/alice/note")

    assert (await world.alice.get("/alice/note2.meta")).status == 200


@pytest.mark.spec("effective-acl-resource-without-representation")
async def test_without_its_own_policy_a_resource_inherits_again(world: World) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/note", rule(EVERYONE, "read"))
    assert (await world.anyone.get("/alice/note")).status == 200

    answer = await world.alice.delete("/alice/note.acl")

    assert answer.status == 205
    assert (await world.anyone.get("/alice/note")).status == 401
    assert (await world.alice.get("/alice/note")).status == 200


@pytest.mark.spec("server-delete-protect-root-container", "server-disallow-delete", "server-root-container-acl")
@pytest.mark.parametrize("path", ["/alice/", "/alice/.acl"])
async def test_the_root_of_a_pod_and_its_policy_stay(world: World, path: str) -> None:
    async with world.unchanged():
        answer = await world.alice.delete(path)

    assert answer.status == 405
    assert "DELETE" not in answer.listed("allow")
    assert (await world.alice.get(path)).status == 200


async def test_a_pod_named_in_full_is_still_a_root_when_it_is_empty(world: World) -> None:
    await world.policy("/alice/", rule(world.bob, ALL))
    kept = {f"{BASE}alice/", f"{BASE}alice/profile/", f"{BASE}alice/profile/card"}
    paths = {one.uri for one in await world.log() if not one.uri.endswith(".acl")} - kept
    for uri in sorted(paths, key=len, reverse=True):
        assert (await world.alice.delete(uri)).status == 205
    # Once her profile is gone, nobody vouches for her tokens.
    assert (await world.alice.delete("/alice/profile/card")).status == 205
    assert (await world.bob.delete("/alice/profile/")).status == 205

    assert "contains" not in (await world.bob.get("/alice/", TURTLE)).text
    assert (await world.bob.delete("/alice/")).status == 405


@pytest.mark.spec("server-delete-operation", "http-delete")
async def test_delete_needs_write_on_the_resource_and_on_what_lists_it(world: World) -> None:
    await world.document("/alice/box/note")
    await world.policy("/alice/box/note", rule(world.bob, "read write control"))
    assert (await world.bob.delete("/alice/box/note")).status == 403

    await world.policy("/alice/box/", rule(world.bob, "write", HERE))
    assert (await world.bob.delete("/alice/box/note")).status == 205


@pytest.mark.spec("consider-delete-read-diff")
async def test_who_may_not_read_does_not_learn_whether_a_container_is_empty(world: World) -> None:
    await world.folder("/alice/box/empty/")
    await world.document("/alice/box/full/note")
    await world.policy("/alice/box/", rule(world.bob, "write"))

    assert (await world.bob.delete("/alice/box/empty/")).status == 403
    assert (await world.bob.delete("/alice/box/full/")).status == 403


async def test_a_name_that_was_deleted_can_be_used_for_the_other_kind(world: World) -> None:
    await world.document("/alice/thing")
    await world.alice.delete("/alice/thing")

    assert (await world.alice.put("/alice/thing/", TURTLE, "")).status == 201
    assert (await world.alice.delete("/alice/thing/")).status == 205
    assert (await world.alice.put("/alice/thing", "text/plain", "x")).status == 201
