"""What apps may do is shown in policies too, where that changes nothing."""

import time

import pytest

from pod.errors import StorageFull
from pod.model.agent import Agent
from pod.model.operation import Delete
from pod.model.resource import Uri
from tests.http.apps import resident
from tests.http.limited import APP, let, through
from tests.world import ALL, BASE, TURTLE, World, policy, rule

ACL = "http://www.w3.org/ns/auth/acl#"


async def shown(world: World, path: str) -> dict[str, set[str]]:
    """What the policy of the place says of apps: the ends of properties, and their objects."""
    view = await world.parts.stores.store.view(Uri(f"{BASE[:-1]}{path}.acl"))
    if view.target is None:
        return {}
    found: dict[str, set[str]] = {}
    for triple in await world.parts.resources.permissions.graph(view.target):
        if "#app-" in str(triple.subject):
            end = triple.predicate.value.rpartition("#")[2].rpartition("/")[2]
            found.setdefault(end, set()).add(str(getattr(triple.object, "value", "")).removeprefix(ACL))
    return found


async def test_what_an_app_may_is_a_rule_for_that_app_alone(world: World) -> None:
    her = (await resident(world)).webid

    await let(world, her, ("/carol/", "read write append"), ("/carol/settings/prefs.ttl", "read"))

    rules = await shown(world, "/carol/")
    assert (rules["agent"], rules["client"], rules["mode"]) == ({her}, {APP}, {"Read", "Write"})
    assert rules["accessTo"] == rules["default"] == {f"{BASE}carol/"}
    assert "ClientCondition" in rules["type"]
    # A place that inherits would no longer do so if it got a policy for this.
    assert await shown(world, "/carol/settings/prefs.ttl") == {}


async def test_a_rule_changes_with_the_consent_and_goes_with_it(world: World) -> None:
    her = (await resident(world)).webid
    until = (time.time_ns() // 1000 // 1_000_000 + 3600) * 1_000_000
    await let(world, her, ("/carol/", "read write"))

    await let(world, her, ("/carol/", "read"), until=until)
    assert (await shown(world, "/carol/"))["mode"] == {"Read"}
    assert "http://www.w3.org/ns/odrl/2/Constraint" in (await shown(world, "/carol/"))["type"]
    await world.parts.consents.revoke(her, APP)

    assert await shown(world, "/carol/") == {}
    app = await through(world, her)
    assert (await app.get("/carol/settings/prefs.ttl")).status == 403


@pytest.mark.parametrize(
    ("path", "client"),
    [
        ("/", APP),
        ("/alice/", APP),
        ("/carol/none", APP),
        ("/carol/.acl", APP),
        ("/carol/", "urn:uuid:app"),
        ("/carol/profile/card", "a script"),
    ],
)
async def test_nothing_is_shown_where_it_cannot_be(world: World, path: str, client: str) -> None:
    her = (await resident(world)).webid
    async with world.unchanged():
        await let(world, her, (path, "read"), client=client)
        await world.parts.consents.revoke(her, client)


async def test_nothing_is_shown_that_would_give_the_person_more_than_they_have(world: World) -> None:
    her = (await resident(world)).webid
    everyone = policy("/carol/inbox/", rule(world.alice, ALL))
    app = await through(world, her, ("/carol/", ALL))
    assert (await app.put("/carol/inbox/.acl", TURTLE, everyone)).status == 204

    await let(world, her, ("/carol/inbox/", "read"))

    assert await shown(world, "/carol/inbox/") == {}


async def test_a_rule_that_somebody_has_taken_out_already_is_no_hindrance(world: World) -> None:
    her = (await resident(world)).webid
    await let(world, her, ("/carol/inbox/", "read"))
    assert await shown(world, "/carol/inbox/") != {}
    await world.parts.resources.write(Agent(her), Delete(Uri(f"{BASE}carol/inbox/.acl")))

    await world.parts.consents.revoke(her, APP)

    assert await world.parts.consents.get(her, APP) is None


async def test_a_policy_that_cannot_be_written_is_no_hindrance(world: World) -> None:
    her = (await resident(world)).webid
    await let(world, her, ("/carol/inbox/", "read"))

    async def full(_content: bytes) -> None:
        raise StorageFull("There is no room.")

    world.parts.resources._staging.kept = full  # type: ignore[method-assign, assignment]  # a disk that is full
    await world.parts.consents.revoke(her, APP)

    assert await world.parts.consents.get(her, APP) is None
