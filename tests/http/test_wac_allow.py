"""The header WAC-Allow (WAC, 6.1): what who asks may do, and what everyone may."""

import re

import pytest

from tests.asgi import Answer
from tests.world import AUTHENTICATED, BELOW, EVERYONE, HERE, TURTLE, World, rule


def allowed(answer: Answer) -> dict[str, set[str]]:
    """The modes by group; append is not told apart from write, which contains it."""
    groups = dict(re.findall(r'(\w+)="([^"]*)"', answer["wac-allow"]))
    found = {name: set(modes.split()) for name, modes in groups.items()}
    return {name: modes - {"append"} if "write" in modes else modes for name, modes in found.items()}


MODES = ["read", "read append", "read write", "read control", "read write control", "read append control"]


@pytest.mark.spec("server-wac-allow", "wac-allow")
@pytest.mark.parametrize("modes", MODES)
@pytest.mark.parametrize("inherited", [True, False])
async def test_it_tells_the_modes_of_who_asks_and_nothing_more(world: World, modes: str, inherited: bool) -> None:
    await world.document("/alice/box/note")
    await world.policy(
        *(
            ("/alice/box/", rule(world.bob, modes, BELOW))
            if inherited
            else ("/alice/box/note", rule(world.bob, modes, HERE))
        )
    )

    for method in ("GET", "HEAD"):
        assert allowed(await world.bob.send(method, "/alice/box/note")) == {"user": set(modes.split()), "public": set()}


@pytest.mark.spec("server-wac-allow", "wac-allow")
@pytest.mark.parametrize("modes", MODES)
@pytest.mark.parametrize("inherited", [True, False])
async def test_what_everyone_may_belongs_to_each_user(world: World, modes: str, inherited: bool) -> None:
    await world.document("/alice/box/note")
    await world.policy(
        *(
            ("/alice/box/", rule(EVERYONE, modes, BELOW))
            if inherited
            else ("/alice/box/note", rule(EVERYONE, modes, HERE))
        )
    )

    for person in (world.bob, world.anyone):
        for method in ("GET", "HEAD"):
            answer = await person.send(method, "/alice/box/note")
            assert allowed(answer) == {"user": set(modes.split()), "public": set(modes.split())}


@pytest.mark.spec("server-wac-allow")
async def test_modes_of_the_user_and_of_everyone_add_up(world: World) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/note", rule(EVERYONE, "read"), rule(AUTHENTICATED, "append"), rule(world.bob, "control"))

    assert allowed(await world.bob.get("/alice/note")) == {"user": {"read", "append", "control"}, "public": {"read"}}
    assert allowed(await world.anyone.get("/alice/note")) == {"user": {"read"}, "public": {"read"}}


@pytest.mark.spec("server-wac-allow")
async def test_it_is_sent_with_every_resource_in_one_line(world: World) -> None:
    await world.document("/alice/note")
    await world.alice.put("/alice/note.meta", TURTLE, "<> a <#x> .")
    await world.alice.put("/alice/picture", "image/png", b"\x89PNG")
    await world.policy("/alice/note")

    for path in (
        "/alice/",
        "/alice/note",
        "/alice/note.meta",
        "/alice/note.acl",
        "/alice/picture",
        "/alice/profile/card",
    ):
        for method in ("GET", "HEAD"):
            answer = await world.alice.send(method, path)
            assert len(answer.all("wac-allow")) == 1
            assert allowed(answer)["user"] == {"read", "write", "control"}


@pytest.mark.spec("wac-allow")
async def test_it_names_modes_in_lower_case_and_append_with_write(world: World) -> None:
    assert (await world.alice.get("/alice/"))["wac-allow"] == 'user="read write append control",public=""'


@pytest.mark.spec("server-wac-allow", "server-wac-allow")
async def test_what_the_owner_may_beyond_all_policies_is_told(world: World) -> None:
    await world.document("/alice/note")
    await world.alice.put("/alice/note.acl", TURTLE, "")

    assert (await world.alice.get("/alice/note")).status == 403
    assert allowed(await world.alice.get("/alice/note.acl"))["user"] == {"control"}
    await world.policy("/alice/note", rule(EVERYONE, "read"))
    await world.alice.put(
        "/alice/note.acl",
        TURTLE,
        (await world.alice.get("/alice/note.acl")).body.replace(b"acl:agent <", b"acl:agent <x"),
    )
    assert allowed(await world.alice.get("/alice/note"))["user"] == {"read", "control"}


async def test_it_is_there_when_nothing_changed(world: World) -> None:
    await world.document("/alice/note")
    tag = (await world.alice.get("/alice/note"))["etag"]

    assert allowed(await world.alice.get("/alice/note", if_none_match=tag))["public"] == set()


async def test_it_says_what_holds_at_this_moment(world: World) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/note", rule(world.bob, "read"))
    before = await world.bob.get("/alice/note")
    await world.policy("/alice/note", rule(world.bob, "read write"))

    after = await world.bob.get("/alice/note")

    assert allowed(before)["user"] == {"read"}
    assert allowed(after)["user"] == {"read", "write"}
    assert after["etag"] == before["etag"]
