"""A right that is lost while content is on its way is lost for that content."""

import pytest

from tests.world import World, rule

TEAM = "/alice/team"


@pytest.mark.spec("acl-agentgroup")
async def test_a_member_struck_during_an_upload_writes_nothing(world: World) -> None:
    member = f"<#us> <http://www.w3.org/2006/vcard/ns#hasMember> <{world.bob.webid}> ."
    await world.document(TEAM, member)
    await world.alice.put("/alice/box/", "text/turtle", b"")
    await world.policy("/alice/box/", rule("acl:agentGroup <https://pod.example/alice/team#us>", "read write"))

    async def struck() -> bytes:
        assert (await world.alice.put(TEAM, "text/turtle", b"")).status == 204
        return b" end"

    before = await world.bob.put("/alice/box/one", "text/plain", b"one")
    after = await world.bob.put("/alice/box/two", "text/plain", [b"begin", struck()])

    assert before.status == 201
    assert after.status == 403
    assert (await world.alice.get("/alice/box/two")).status == 404
