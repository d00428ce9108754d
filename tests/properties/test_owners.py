"""Whatever the policies say: an owner can read and replace them over HTTP, and an app without control never can."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from pod.config import Access
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from tests.http.apps import resident
from tests.http.limited import let, signed_in, through
from tests.world import BASE, TURTLE, World, policy, rule

PLACES = ("/carol/", "/carol/box/", "/carol/box/note")
TRUSTED = "https://trusted.example/id"
WHO = (
    "acl:agent <https://bob.example/card#me>",
    f"acl:agent <{BASE}carol/profile/card#me>",
    "acl:agentClass foaf:Agent",
    "acl:agentClass acl:AuthenticatedAgent",
    "acl:agentGroup <#group>",
    "acl:origin <https://app.example>",
)
CONDITIONS = (
    "",
    "; acl:condition [ a acl:ClientCondition; acl:client <https://other.example/id> ]",
    "; acl:condition [ a acl:ClientCondition; acl:clientClass foaf:Agent ]",
    "; acl:condition [ a acl:ClientCondition; acl:clientGroup <#group> ]",
    "; acl:condition [ a acl:IssuerCondition; acl:issuer <https://other.example/> ]",
)
SCOPES = (("acl:accessTo",), ("acl:default",), ("acl:accessTo", "acl:default"))

rules = st.builds(
    lambda who, condition, modes, scope: rule(who + condition, " ".join(sorted(modes)), scope),
    st.sampled_from(WHO),
    st.sampled_from(CONDITIONS),
    st.sets(st.sampled_from(("read", "write", "append", "control")), min_size=1),
    st.sampled_from(SCOPES),
)
policies = st.dictionaries(st.sampled_from(PLACES), st.lists(rules, max_size=3), max_size=4)
SOMEBODY = rule("acl:agent <https://nobody.example/#me>", "control")
"""The policy of a root gives control to somebody, be it nobody that there is."""


@settings(max_examples=20, deadline=None)
@given(policies, st.booleans())
def test_an_owner_is_never_locked_out_and_an_app_without_control_never_gets_in(
    said: dict[str, list[tuple[str, str, tuple[str, ...]]]], strict: bool
) -> None:
    asyncio.run(_tried(said, strict=strict))


async def _tried(said: dict[str, list[tuple[str, str, tuple[str, ...]]]], *, strict: bool) -> None:
    async with World(access=Access(strict_origin=strict)) as world:
        her = await resident(world)
        await let(world, her.webid, ("/", "read append write control"), client=TRUSTED)
        trusted = await signed_in(world, her.webid, TRUSTED)
        app = await through(world, her.webid, ("/", "read append write"))
        assert (await trusted.put("/carol/box/note", TURTLE, "")).status == 201
        for path, some in said.items():
            text = policy(path, *some, *([SOMEBODY] if path == "/carol/" else []))
            assert (await trusted.put(f"{path}.acl", TURTLE, text)).status in {201, 204}

        for path in PLACES:
            there = path in {*said, "/carol/"}
            open_to_all = (await world.anyone.get(f"{path}.acl")).status != 401
            view = await world.parts.stores.store.view(Uri(BASE[:-1] + path))
            found = await world.parts.resources.permissions.on(view, Agent(her.webid))
            assert found.user.allows(Mode.CONTROL)
            if not open_to_all:
                assert (await app.get(f"{path}.acl")).status == 403
                assert (await app.put(f"{path}.acl", TURTLE, policy(path, SOMEBODY))).status == 403
                assert (await app.delete(f"{path}.acl")).status == 403
            assert (await trusted.get(f"{path}.acl")).status == (200 if there else 404)
            replaced = await trusted.put(f"{path}.acl", TURTLE, policy(path, SOMEBODY))
            assert replaced.status == (204 if there else 201)
