"""Who may add and not read learns nothing of what is there (WAC, consider-append-read-diff)."""

import asyncio

import pytest

from tests.world import World, rule

INSERT = "INSERT DATA { <#a> <https://voc.example/#p> 1 }"
UPDATE = "application/sparql-update"


async def box(world: World) -> None:
    await world.alice.put("/alice/box/note", "text/turtle", b"<#a> <https://voc.example/#p> 1 .")
    await world.policy("/alice/box/", rule(world.bob, "append"))


@pytest.mark.spec("consider-append-read-diff")
@pytest.mark.parametrize(
    "condition",
    [
        {"if_unmodified_since": "Mon, 01 Jan 2024 00:00:00 GMT"},
        {"if_match": '"0-0"'},
        {"if_none_match": '"0-0"'},
    ],
)
async def test_a_patch_cannot_ask_in_what_state_the_resource_is(world: World, condition: dict[str, str]) -> None:
    await box(world)

    plain = await world.bob.patch("/alice/box/note", UPDATE, INSERT)
    asking = await world.bob.patch("/alice/box/note", UPDATE, INSERT, **condition)

    assert plain.status == 204
    assert asking.status == 403


async def test_who_may_read_may_set_conditions_on_a_patch(world: World) -> None:
    await box(world)
    tag = (await world.alice.get("/alice/box/note"))["etag"]

    assert (await world.alice.patch("/alice/box/note", UPDATE, INSERT, if_match='"0-0"')).status == 412
    assert (await world.alice.patch("/alice/box/note", UPDATE, INSERT, if_match=tag)).status == 204


async def test_what_is_said_about_a_busy_container_can_be_patched(world: World) -> None:
    """What comes to lie in it meanwhile is no conflict: the patch did not touch it."""
    await world.alice.put("/alice/busy/", "text/turtle", b"")
    said = "INSERT DATA { <> <http://purl.org/dc/terms/title> 'Busy' }"

    answers = await asyncio.gather(
        *(world.alice.post("/alice/busy/", "text/plain", b"x") for _ in range(20)),
        world.alice.patch("/alice/busy/", UPDATE, said),
        *(world.alice.post("/alice/busy/", "text/plain", b"x") for _ in range(20)),
    )

    assert {answer.status for answer in answers} == {201, 204}
    assert "Busy" in (await world.alice.get("/alice/busy/")).text
