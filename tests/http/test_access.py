"""Web Access Control over HTTP: who may."""

import pytest

from pod.config import Access
from pod.idp.provision import Request
from pod.model.access import Mode
from pod.model.agent import ANYONE, Agent
from pod.model.resource import Uri
from tests.world import ALL, AUTHENTICATED, BASE, BELOW, BOTH, EVERYONE, HERE, TURTLE, World, policy, rule

GROUP = "https://groups.example/team#us"
ACL = "@prefix acl: <http://www.w3.org/ns/auth/acl#>. @prefix foaf: <http://xmlns.com/foaf/0.1/>.\n"


async def made(world: World) -> None:
    await world.document("/alice/box/note")
    await world.document("/alice/box/inner/deep/note")


async def statuses(world: World, path: str) -> tuple[int, int]:
    return (await world.bob.get(path)).status, (await world.anyone.get(path)).status


@pytest.mark.spec("acl-agent", "acl-agentclass", "acl-agentclass-foaf-agent", "acl-agentclass-authenticated-agent")
@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("acl:agent <https://bob.example/card#me>", (200, 401)),
        ("acl:agent <https://bob.example/card>", (403, 401)),
        ("acl:agent <https://bob.example/card#ME>", (403, 401)),
        (EVERYONE, (200, 200)),
        (AUTHENTICATED, (200, 401)),
        ("acl:agentClass acl:Agent", (403, 401)),
        ("acl:agentClass <https://bob.example/card#me>", (403, 401)),
        ('acl:agent "https://bob.example/card#me"', (403, 401)),
        ("acl:agent <https://other.example/>, <https://bob.example/card#me>", (200, 401)),
    ],
)
async def test_a_rule_is_for_whom_it_names(world: World, who: str, expected: tuple[int, int]) -> None:
    await made(world)
    await world.policy("/alice/box/note", rule(who, "read"))

    assert await statuses(world, "/alice/box/note") == expected


@pytest.mark.spec(
    "acl-accessto",
    "acl-default",
    "effective-acl-resource-algorithm",
    "effective-acl-resource-with-representation",
    "effective-acl-resource-container-hierarchy",
    "authorization-evaluation-context",
    "authorization-evaluation-applicable",
)
@pytest.mark.parametrize(
    ("scope", "box", "below"), [(HERE, 200, 403), (BELOW, 403, 200), (BOTH, 200, 200), ((), 403, 403)]
)
async def test_a_rule_holds_here_or_below_or_both(world: World, scope: tuple[str, ...], box: int, below: int) -> None:
    await made(world)
    await world.policy("/alice/box/", rule(world.bob, "read", scope or ("acl:other",)))

    assert (await world.bob.get("/alice/box/")).status == box
    for path in ("/alice/box/note", "/alice/box/inner/", "/alice/box/inner/deep/note"):
        assert (await world.bob.get(path)).status == below
    assert (await world.bob.get("/alice/")).status == 403


@pytest.mark.spec("effective-acl-resource-with-representation", "effective-acl-resource-container-hierarchy")
async def test_the_nearest_policy_replaces_all_above_it(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/", rule(EVERYONE, "read"))
    await world.policy("/alice/box/inner/", rule(world.bob, "read"))

    assert await statuses(world, "/alice/box/note") == (200, 200)
    assert await statuses(world, "/alice/box/inner/deep/note") == (200, 401)
    await world.policy("/alice/box/inner/deep/note")
    assert await statuses(world, "/alice/box/inner/deep/note") == (403, 401)
    assert await statuses(world, "/alice/box/inner/deep/") == (200, 401)


async def test_a_policy_speaks_of_its_own_subject_alone(world: World) -> None:
    await made(world)
    elsewhere = policy("/alice/box/", rule(EVERYONE, "read")) + policy("/alice/box/note", rule(world.alice, ALL))

    assert (await world.alice.put("/alice/box/note.acl", TURTLE, elsewhere)).status == 201

    assert await statuses(world, "/alice/box/") == (403, 401)
    assert await statuses(world, "/alice/box/note") == (403, 401)


@pytest.mark.spec("acl-mode-write", "access-mode-classes", "authorization-evaluation-acl-mode-entailment")
async def test_who_may_write_may_append_and_no_more(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/", rule(world.bob, "write"))

    assert (await world.bob.post("/alice/box/", "text/plain", "x")).status == 201
    assert (await world.bob.insert("/alice/box/note", "<#a> a <#b> .")).status == 204
    assert (await world.bob.get("/alice/box/note")).status == 403
    assert (await world.bob.get("/alice/box/note.acl")).status == 403


@pytest.mark.spec("acl-mode-append", "server-update-operation", "http-put")
async def test_who_may_append_replaces_and_deletes_nothing(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/", rule(world.bob, "append"))

    assert (await world.bob.put("/alice/box/new", "text/plain", "x")).status == 201
    assert (await world.bob.put("/alice/box/note", TURTLE, "")).status == 403
    assert (await world.bob.delete("/alice/box/note")).status == 403
    assert (await world.bob.delete("/alice/box/new")).status == 403


@pytest.mark.spec("authorization-evaluation-applicable")
async def test_different_rules_may_give_different_modes(world: World) -> None:
    await made(world)
    await world.policy(
        "/alice/box/note", rule(world.bob, "append"), rule(EVERYONE, "read"), rule(AUTHENTICATED, "write")
    )

    assert (await world.bob.head("/alice/box/note"))["wac-allow"] == 'user="read write append",public="read"'


@pytest.mark.spec("authorization-conformance")
@pytest.mark.parametrize(
    "authorization",
    [
        "acl:agentClass foaf:Agent; acl:mode acl:Read; acl:accessTo <note>",
        "a acl:Authorization; acl:agentClass foaf:Agent; acl:mode acl:Read",
        "a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <note>",
        "a acl:Authorization; acl:mode acl:Read; acl:accessTo <note>",
        'a acl:Authorization; acl:agentClass foaf:Agent; acl:mode "acl:Read"; acl:accessTo <note>',
        "a acl:Authorization; acl:agentClass foaf:Agent; acl:mode acl:Read; acl:accessTo <note#it>",
        "a acl:Authorization; acl:agentClass foaf:Agent; acl:mode acl:Read; acl:default <note>",
        "a acl:Authorization; acl:origin <https://app.example>; acl:mode acl:Read; acl:accessTo <note>",
    ],
)
async def test_an_incomplete_rule_gives_nothing(world: World, authorization: str) -> None:
    await made(world)
    await world.alice.put("/alice/box/note.acl", TURTLE, f"{ACL}<#rule> {authorization} .")

    assert await statuses(world, "/alice/box/note") == (403, 401)


@pytest.mark.spec("extension-acl-mode", "extension-acl-mode.continue", "extension-acl-mode.foreign", "acl-mode")
async def test_unknown_modes_are_passed_over(world: World) -> None:
    await made(world)
    text = (
        f"{ACL}<#a> a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <note>;"
        " acl:mode acl:Read, acl:Dance, <https://voc.example/Write>, acl:Access."
    )

    assert (await world.alice.put("/alice/box/note.acl", TURTLE, text)).status == 201
    assert (await world.anyone.head("/alice/box/note"))["wac-allow"] == 'user="read",public="read"'


def group(*members: str) -> tuple[str, bytes]:
    lines = "".join(f"<#us> <http://www.w3.org/2006/vcard/ns#hasMember> <{one}> .\n" for one in members)
    return TURTLE, lines.encode()


@pytest.mark.spec("acl-agentgroup")
async def test_a_rule_for_a_group_is_for_its_members(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/note", rule(f"acl:agentGroup <{GROUP}>", "read"))
    document = GROUP.partition("#")[0]

    world.web[document] = group("https://carol.example/#me", world.bob.webid)
    assert await statuses(world, "/alice/box/note") == (200, 401)
    world.web[document] = group("https://carol.example/#me")
    assert await statuses(world, "/alice/box/note") == (403, 401)


@pytest.mark.spec("acl-agentgroup")
@pytest.mark.parametrize(
    "answer", [None, ("text/html", b"<html/>"), (TURTLE, b"<> a"), (TURTLE, b"\xff"), (TURTLE, b"")]
)
async def test_a_group_that_cannot_be_read_has_no_members(world: World, answer: tuple[str, bytes] | None) -> None:
    await made(world)
    await world.policy("/alice/box/note", rule(f"acl:agentGroup <{GROUP}>", "read"), rule(world.bob, "append"))
    if answer is not None:
        world.web[GROUP.partition("#")[0]] = answer

    assert await statuses(world, "/alice/box/note") == (403, 401)
    assert (await world.bob.insert("/alice/box/note", "<#a> a <#b> .")).status == 204


@pytest.mark.spec("acl-agentgroup")
async def test_a_group_in_the_same_pod_need_not_be_public(world: World) -> None:
    await made(world)
    await world.document("/alice/team", group(world.bob.webid)[1])
    await world.policy("/alice/box/note", rule(f"acl:agentGroup <{BASE}alice/team#us>", "read"))

    assert await statuses(world, "/alice/box/note") == (200, 401)
    assert (await world.bob.get("/alice/team")).status == 403
    await world.alice.put("/alice/team", TURTLE, "")
    assert await statuses(world, "/alice/box/note") == (403, 401)


@pytest.mark.spec("acl-agentgroup")
async def test_a_group_of_this_server_that_is_not_there_has_no_members(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/note", rule(f"acl:agentGroup <{BASE}alice/none#us>, <{BASE}nobody/none#us>", "read"))

    assert await statuses(world, "/alice/box/note") == (403, 401)


@pytest.mark.spec("acl-agentgroup")
async def test_a_group_in_another_pod_counts_only_if_everyone_may_read_it(world: World) -> None:
    """A policy must not be a way to find out what a private document of somebody else says."""
    await world.parts.provision.create(Request("bob", "bob@pod.example", webid=world.bob.webid))
    await made(world)
    await world.bob.put("/bob/team", TURTLE, group(world.bob.webid)[1])
    await world.policy("/alice/box/note", rule(f"acl:agentGroup <{BASE}bob/team#us>", "read"))
    assert await statuses(world, "/alice/box/note") == (403, 401)

    await world.bob.put("/bob/team.acl", TURTLE, policy("/bob/team", rule(EVERYONE, "read")))
    assert await statuses(world, "/alice/box/note") == (200, 401)


async def test_what_somebody_may_do_is_told_to_other_parts_of_the_server(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/note", rule(world.bob, "read"))
    note = Uri(f"{BASE}alice/box/note")

    may = world.parts.resources.may

    assert await may(Agent(world.bob.webid), note, Mode.READ)
    assert not await may(Agent(world.bob.webid), note, Mode.APPEND)
    assert not await may(ANYONE, note, Mode.READ)


@pytest.mark.spec("authorization-evaluation-origin", "acl-origin")
async def test_the_origin_of_a_page_gives_nothing(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/note", rule("acl:origin <https://app.example>", "read"))

    for person, status in ((world.bob, 403), (world.anyone, 401)):
        assert (await person.get("/alice/box/note", origin="https://app.example")).status == status


@pytest.mark.spec("acl-origin", "server-origin-authorization")
async def test_a_page_of_any_origin_acts_for_its_user_by_default(world: World) -> None:
    await made(world)
    await world.policy("/alice/box/note", rule(world.bob, "read"))

    assert (await world.bob.get("/alice/box/note", origin="https://app.example")).status == 200


@pytest.mark.spec("acl-origin", "server-origin-authorization", "access-subject-origin-rejection-reason")
async def test_a_strict_server_asks_for_the_origin_as_well(storage: str) -> None:
    async with World(storage, access=Access(strict_origin=True)) as world:
        await world.document("/alice/box/note")
        named = rule(f"acl:agent <{world.bob.webid}>; acl:origin <https://app.example>", "read")
        await world.policy("/alice/box/note", named)

        assert (await world.bob.get("/alice/box/note")).status == 200
        assert (await world.bob.get("/alice/box/note", origin="https://app.example")).status == 200
        refused = await world.bob.get("/alice/box/note", origin="https://evil.example")
        assert refused.status == 403
        assert "https://evil.example" in refused.json()["detail"]
        assert (await world.alice.get("/alice/box/note.acl", origin="https://evil.example")).status == 403
        await world.policy("/alice/box/note", rule(EVERYONE, "read"))
        assert (await world.bob.get("/alice/box/note", origin="https://evil.example")).status == 200


async def test_a_revocation_holds_at_the_next_request(world: World) -> None:
    await made(world)
    for _ in range(3):
        await world.policy("/alice/box/", rule(world.bob, "read write"))
        assert (await world.bob.get("/alice/box/inner/deep/note")).status == 200
        assert (await world.bob.insert("/alice/box/note", "<#a> a <#b> .")).status == 204
        await world.policy("/alice/box/")
        assert (await world.bob.get("/alice/box/inner/deep/note")).status == 403
        assert (await world.bob.insert("/alice/box/note", "<#a> a <#c> .")).status == 403


@pytest.mark.spec("server-storage-nonoverlapping")
async def test_the_owner_of_one_pod_is_nobody_in_another(world: World) -> None:
    await world.parts.provision.create(Request("bob", "bob@pod.example", webid=world.bob.webid))

    assert (await world.bob.get("/bob/")).status == 200
    assert (await world.alice.get("/bob/")).status == 403
    assert (await world.alice.get("/bob/.acl")).status == 403
    assert (await world.bob.get("/alice/")).status == 403


async def test_of_a_policy_that_changes_all_the_time_one_version_is_kept(world: World) -> None:
    await world.document("/alice/note")
    permissions = world.parts.resources.permissions

    await world.policy("/alice/note", rule(world.bob, "read"))
    assert (await world.bob.get("/alice/note")).status == 200
    kept = len(permissions._policies)
    for modes in ("write", "read write", "append", "read"):
        await world.policy("/alice/note", rule(world.bob, modes))
        assert (await world.bob.get("/alice/note")).status == (200 if "read" in modes else 403)

    assert len(permissions._policies) == kept
