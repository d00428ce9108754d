"""Access Controls, and the Policies that they apply (ACP, 4.1 to 4.3, 6.2 to 6.4)."""

from conformance.access import denied, hidden, readable, there, unchanged
from conformance.case import case
from conformance.cases.acp._resources import (
    NOBODY,
    PUBLIC,
    SIGNED_IN,
    agent,
    box,
    govern,
    governed,
    note,
    policy,
)
from conformance.exchange import TURTLE
from conformance.expect import status, succeeded
from conformance.world import NOTE, World

ACP_ONLY = ("acp",)
OTHER = "<#it> <https://voc.example/is> 2 ."


async def _writable(w: World, url: str, *, may: bool) -> None:
    """Failed unless Bob can replace a document just when he may."""
    answer = await w.bob.put(url, TURTLE, NOTE if may else OTHER)
    (succeeded if may else denied)(answer)
    await unchanged(w, url)


@case("acp-access-control", "effective-policies", needs=ACP_ONLY)
async def an_access_control_is_for_the_resource_and_not_for_its_members(w: World) -> None:
    folder = await box(w, here=[policy(allow="read", any_of=[agent(w.bob)])])
    await readable(folder, w.bob)
    await hidden(await note(w, folder), w.bob)


@case("acp-member-access-control", "effective-policies", needs=ACP_ONLY)
async def a_member_access_control_is_for_the_members_and_not_for_the_container(w: World) -> None:
    folder = await box(w, below=[policy(allow="read", any_of=[agent(w.bob)])])
    await readable(await note(w, folder), w.bob)
    await hidden(folder, w.bob)


@case("acp-member-access-control", "conforming-resource-server.membership", needs=ACP_ONLY)
async def a_member_access_control_reaches_all_depths(w: World) -> None:
    folder = await box(w, below=[policy(allow="read", any_of=[agent(w.bob)])])
    deep = folder
    for _ in range(3):
        deep = await w.folder(deep.removeprefix(w.place) + w.fresh())
    await readable(deep, w.bob)
    await readable(await note(w, deep), w.bob)


@case("acp-member-access-control", "effective-policies", needs=ACP_ONLY)
async def an_access_control_resource_below_ends_nothing_from_above(w: World) -> None:
    """Unlike policies of Web Access Control, those of all containers above count (ACP, 6.2)."""
    outer = await box(w, below=[policy(allow="read", any_of=[agent(w.bob)])])
    inner = await box(w, inside=outer)
    url = await note(w, inner)
    await govern(w, url)
    await readable(url, w.bob)
    await readable(inner, w.bob)


@case("effective-policies", "conforming-resource-server.membership", needs=ACP_ONLY)
async def policies_from_different_depths_add_up(w: World) -> None:
    outer = await box(w, below=[policy(allow="read", any_of=[agent(w.bob)])])
    inner = await box(w, below=[policy(allow="write", any_of=[agent(w.bob)])], inside=outer)
    url = await note(w, inner)
    await readable(url, w.bob)
    await _writable(w, url, may=True)
    other = await note(w, outer)
    await _writable(w, other, may=False)


@case("effective-policies", "granted-access-modes", needs=ACP_ONLY)
async def what_is_denied_above_is_denied_below_whatever_is_allowed_there(w: World) -> None:
    outer = await box(w, below=[policy(deny="write", any_of=[agent(w.bob)])])
    inner = await box(w, below=[policy(allow="read write", any_of=[agent(w.bob)])], inside=outer)
    url = await note(w, inner)
    await govern(w, url, policy(allow="write", any_of=[PUBLIC]))
    await readable(url, w.bob)
    await _writable(w, url, may=False)


@case("effective-policies", "conforming-resource-server.membership", needs=ACP_ONLY)
async def what_does_not_exist_is_governed_by_what_is_above(w: World) -> None:
    folder = await box(w, below=[policy(allow="read", any_of=[agent(w.bob)])])
    status(await w.bob.get(folder + w.fresh(".ttl")), 404, 410)
    await hidden(folder + w.fresh(".ttl"), w.anyone)


@case("acp-access-control", "acp-apply", "effective-policies", needs=ACP_ONLY)
async def all_access_controls_and_all_their_policies_count(w: World) -> None:
    url = await w.document()
    second = f"<> acp:accessControl <#second>. <#second> acp:apply {policy(allow='write', any_of=[agent(w.bob)])}."
    first = [policy(allow="read", any_of=[agent(w.bob)]), policy(allow="append", any_of=[NOBODY])]
    await govern(w, url, *first, more=second)
    await readable(url, w.bob)
    await _writable(w, url, may=True)


@case("acp-apply", "effective-policies", needs=ACP_ONLY)
async def a_policy_that_is_not_applied_gives_nothing(w: World) -> None:
    url = await w.document()
    loose = policy(allow="read", any_of=[agent(w.bob)]).removeprefix("[").removesuffix("]")
    await govern(w, url, more=f"<#loose> {loose}. <#control> a acp:AccessControl.")
    await hidden(url, w.bob)


@case("acp-access-control", "effective-policies", needs=ACP_ONLY)
async def an_access_control_that_is_not_named_by_the_resource_gives_nothing(w: World) -> None:
    url = await w.document()
    loose = policy(allow="read", any_of=[agent(w.bob)])
    await govern(w, url, more=f"<#loose> a acp:AccessControl; acp:apply {loose}.")
    await hidden(url, w.bob)


@case("acp-allow", "resolved-access-control", "conforming-resource-server.authorize", needs=ACP_ONLY)
async def the_modes_that_are_allowed_are_granted_and_no_others(w: World) -> None:
    reader = await governed(w, policy(allow="read", any_of=[agent(w.bob)]))
    await readable(reader, w.bob)
    await _writable(w, reader, may=False)
    writer = await governed(w, policy(allow="write", any_of=[agent(w.bob)]))
    await hidden(writer, w.bob)
    await _writable(w, writer, may=True)
    denied(await w.bob.get(await w.policy_of(writer)))


@case("resolved-access-control", "granted-access-modes", needs=ACP_ONLY)
async def without_a_policy_nothing_is_granted(w: World) -> None:
    url = await governed(w)
    await hidden(url, w.bob, w.anyone)
    await _writable(w, url, may=False)
    await there(w, url)


@case("acp-deny", "granted-access-modes", needs=ACP_ONLY)
async def what_is_denied_is_not_granted_though_it_is_allowed(w: World) -> None:
    allowed = policy(allow="read write", any_of=[agent(w.bob)])
    url = await governed(w, allowed, policy(deny="write", any_of=[SIGNED_IN]))
    await readable(url, w.bob)
    await _writable(w, url, may=False)


@case("acp-deny", "granted-access-modes", needs=ACP_ONLY)
async def one_policy_may_allow_and_deny(w: World) -> None:
    url = await governed(w, policy(allow="read write", deny="write", any_of=[agent(w.bob)]))
    await readable(url, w.bob)
    await _writable(w, url, may=False)


@case("acp-deny", "satisfied-policy", needs=ACP_ONLY)
async def a_policy_that_is_not_satisfied_denies_nothing(w: World) -> None:
    url = await governed(w, policy(allow="read", any_of=[agent(w.bob)]), policy(deny="read", any_of=[NOBODY]))
    await readable(url, w.bob)


@case("acp-deny", "resolved-access-control", needs=ACP_ONLY)
async def to_deny_one_mode_allows_no_other(w: World) -> None:
    url = await governed(w, policy(deny="write", any_of=[agent(w.bob)]))
    await hidden(url, w.bob)
    await _writable(w, url, may=False)


@case("acp-allow", "acp-access-mode", needs=ACP_ONLY)
async def a_mode_that_is_not_known_grants_none_that_is(w: World) -> None:
    """Any IRI may be a mode; servers use those of ACL, and one of another vocabulary is none of them."""
    foreign = policy(any_of=[agent(w.bob)]).replace("a acp:Policy", "a acp:Policy; acp:allow ex:Read, ex:Write", 1)
    url = await governed(w, foreign)
    await hidden(url, w.bob)
    await _writable(w, url, may=False)
    await governed_beside(w, url, foreign)


async def governed_beside(w: World, url: str, foreign: str) -> None:
    """A Policy with a mode that is not known takes nothing from another."""
    await govern(w, url, foreign, policy(allow="read", any_of=[agent(w.bob)]))
    await readable(url, w.bob)
