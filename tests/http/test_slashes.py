"""What a trailing slash means (Solid Protocol, 3.1)."""

import pytest

from tests.world import BASE, BASIC_CONTAINER, TURTLE, World, rule


@pytest.mark.spec("server-uri-trailing-slash-distinct", "uri-slashes-hierarchical-identifier")
@pytest.mark.parametrize(("there", "other"), [("/alice/foo/", "/alice/foo"), ("/alice/foo", "/alice/foo/")])
async def test_only_one_of_two_uris_that_differ_in_the_slash_exists(world: World, there: str, other: str) -> None:
    await world.alice.put(there, TURTLE, "")

    async with world.unchanged():
        assert (await world.alice.get(other)).status == 404
        put = await world.alice.put(other, TURTLE, "")
        patched = await world.alice.insert(other, "<> a <#x> .")
        assert (await world.alice.delete(other)).status == 404

    assert (put.status, patched.status) == (409, 409)
    assert f"{BASE[:-1]}{there}" in put.json()["detail"]


@pytest.mark.spec("server-uri-trailing-slash-distinct", "server-post-uri-assignment")
@pytest.mark.parametrize("first", ["", BASIC_CONTAINER])
@pytest.mark.parametrize("second", ["", BASIC_CONTAINER])
async def test_a_slug_that_differs_from_a_name_in_the_slash_gives_another_name(
    world: World, first: str, second: str
) -> None:
    made = [
        await world.alice.post("/alice/", TURTLE, "", slug="foo", **({"link": link} if link else {}))
        for link in (first, second)
    ]

    assert [answer.status for answer in made] == [201, 201]
    locations = [answer.location.removesuffix("/") for answer in made]
    assert len(set(locations)) == 2
    for answer, link in zip(made, (first, second), strict=True):
        assert answer.location.endswith("/") == bool(link)


@pytest.mark.spec("server-uri-trailing-slash-distinct")
async def test_containers_on_the_way_respect_the_slash(world: World) -> None:
    await world.document("/alice/foo")

    async with world.unchanged():
        assert (await world.alice.put("/alice/foo/bar", TURTLE, "")).status == 409


@pytest.mark.spec("server-authorization-redirect", "server-uri-redirect-differing")
async def test_who_may_not_read_does_not_learn_of_the_sibling(world: World) -> None:
    await world.folder("/alice/foo/")
    await world.policy("/alice/foo/", rule(world.bob, "read"))

    assert (await world.anyone.get("/alice/foo")).status == 401
    assert (await world.bob.get("/alice/foo")).status == 403
    assert (await world.bob.get("/alice/foo/")).status == 200


@pytest.mark.parametrize("path", ["/alice//", "/alice//x", "//alice/", "/alice/a//b", "/alice/./x", "/alice/a/../b"])
async def test_a_path_with_an_empty_or_dotted_segment_has_no_one_meaning(world: World, path: str) -> None:
    async with world.unchanged():
        for method in ("GET", "PUT", "DELETE", "OPTIONS"):
            assert (await world.alice.request(method, path, raw_path=path.encode())).status == 400
