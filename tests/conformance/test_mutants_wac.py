"""A server that reads policies wrongly in one point is caught by the case named for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from pod.access import conditions, wac
from pod.access.conditions import Circumstances, Memberships
from pod.access.wac import Authorization, Policy
from pod.groups import Groups
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Pod, Uri, View
from pod.permissions import Permissions
from pod.rdf.vocab import ACL, FOAF
from tests.mutants import Mutant, Rhizome

Patch = Callable[[pytest.MonkeyPatch], None]
right_names = wac._names
right_granted = wac.granted
right_memberships = Groups.memberships


def rules(change: Callable[[Authorization], Authorization]) -> Patch:
    """Rules mean something else when a policy is asked."""

    def granted(policy: Policy, subject: Uri, agent: Agent, groups: Memberships, **how: object) -> dict[Mode, str]:
        read = replace(policy, authorizations=tuple(map(change, policy.authorizations)))
        return right_granted(read, subject, agent, groups, **how)  # type: ignore[arg-type]  # as it was asked

    return lambda patch: patch.setattr(wac, "granted", granted)


def whom(also: Callable[[Authorization, str | None], bool]) -> Patch:
    """Rules are for others besides those that they name."""

    def named(rule: Authorization, webid: str | None, groups: frozenset[str]) -> bool:
        return right_names(rule, webid, groups) or also(rule, webid)

    return lambda patch: patch.setattr(wac, "_names", named)


def modes(**changes: frozenset[Mode]) -> Patch:
    """A mode brings others than it should."""
    changed = {getattr(ACL, name): value for name, value in changes.items()}
    return lambda patch: patch.setattr(wac, "_MODES", {**wac._MODES, **changed})


class ByLastPart(dict[str, frozenset[Mode]]):
    """Modes that are found by the last part of their IRI."""

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]  # as it is asked here
        found = {name.rpartition("#")[2]: value for name, value in self.items()}
        return found.get(key.rpartition("#")[2].rpartition("/")[2], default)


class InAnyCase(dict[str, frozenset[Mode]]):
    """Modes that are found in capital and small letters."""

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]  # as it is asked here
        return {name.lower(): value for name, value in self.items()}.get(key.lower(), default)


async def of_all(_groups: Groups, _webid: str, groups: frozenset[str], _pod: Pod | None) -> frozenset[str]:
    return frozenset(groups)


async def by_document(self: Groups, webid: str, groups: frozenset[str], pod: Pod | None) -> frozenset[str]:
    """Groups whose document has any group with the member."""
    found = set()
    for one in groups:
        members = await self._members(one.partition("#")[0], pod)
        if any(webid in named for named in members.values()):
            found.add(one)
    return frozenset(found)


async def of_the_furthest(self: Permissions, view: View) -> Policy | None:
    return await self.parsed(view.policies[-1]) if view.policies else None


async def of_two(self: Permissions, view: View) -> Policy | None:
    """The nearest policy, and what the next one above says for members added to it."""
    if not view.policies:
        return None
    nearest = await self.parsed(view.policies[0])
    if len(view.policies) == 1 or not nearest.authorizations:
        return nearest
    above = await self.parsed(view.policies[1])
    subject = next(iter(nearest.authorizations)).access_to
    more = tuple(replace(one, access_to=subject) for one in above.authorizations if one.default)
    return replace(nearest, authorizations=(*nearest.authorizations, *more))


def any_condition(what: Circumstances, agent: Agent, groups: Memberships, _now: int) -> bool:
    """One condition that is met is enough."""
    clients = [one.include(agent.client, groups.client) for one in what.clients]
    issuers = [one.include((agent.issuer or "").removesuffix("/"), groups.issuer) for one in what.issuers]
    return any((*clients, *issuers))


def always(_policy: Policy, _subject: Uri) -> Iterator[str]:
    yield "somebody"


def patched(target: object, name: str, value: object) -> Patch:
    return lambda patch: patch.setattr(target, name, value)


def is_anything(facts: Mapping[str, object]) -> bool:
    return ACL.mode in facts


MUTANTS = (
    Mutant(
        "acl:accessTo of a container counts for its members",
        "wac/inheritance/access-to-a-container-is-not-access-to-what-is-in-it",
        patch=rules(lambda one: replace(one, default=one.default | one.access_to)),
    ),
    Mutant(
        "acl:default counts for the container itself",
        "wac/inheritance/what-is-given-by-default-is-not-given-on-the-container-itself",
        patch=rules(lambda one: replace(one, access_to=one.default | one.access_to)),
    ),
    Mutant(
        "the policy that is furthest away counts",
        "wac/inheritance/the-nearest-container-with-a-policy-counts",
        patch=patched(Permissions, "_policy", of_the_furthest),
    ),
    Mutant(
        "policies of containers above are added to the nearest",
        "wac/inheritance/a-documents-own-policy-takes-the-place-of-the-containers",
        patch=patched(Permissions, "_policy", of_two),
    ),
    Mutant(
        "who may append may write",
        "wac/putting/who-may-append-may-not-replace",
        patch=modes(Append=frozenset({Mode.APPEND, Mode.WRITE})),
    ),
    Mutant(
        "who may write may not append", "wac/posting/who-may-write-may-post", patch=modes(Write=frozenset({Mode.WRITE}))
    ),
    Mutant(
        "who may write may read",
        "wac/reading/who-may-write-may-not-therefore-read",
        patch=modes(Write=frozenset({Mode.WRITE, Mode.APPEND, Mode.READ})),
    ),
    Mutant(
        "who has control may do all",
        "wac/reading/who-has-control-may-not-therefore-read",
        patch=modes(Control=frozenset(Mode)),
    ),
    Mutant(
        "modes of other vocabularies count by their last part",
        "wac/rules/modes-of-other-vocabularies-give-nothing",
        patch=patched(wac, "_MODES", ByLastPart(wac._MODES)),
    ),
    Mutant(
        "modes are found whatever their case",
        "wac/rules/modes-are-named-with-capital-letters",
        patch=patched(wac, "_MODES", InAnyCase(wac._MODES)),
    ),
    Mutant(
        "a rule needs no type",
        "wac/rules/a-rule-without-its-type-gives-nothing",
        patch=patched(wac, "is_rule", is_anything),
    ),
    Mutant(
        "acl:AuthenticatedAgent is everyone",
        "wac/agents/an-authenticated-agent-is-anyone-who-signs-in",
        patch=whom(lambda rule, _: ACL.AuthenticatedAgent in rule.classes),
    ),
    Mutant(
        "a class that is not known is everyone",
        "wac/agents/a-class-that-is-not-known-is-nobody",
        patch=whom(lambda rule, _: bool(rule.classes - {ACL.AuthenticatedAgent})),
    ),
    Mutant(
        "the class of all agents may be named as an agent",
        "wac/agents/a-class-is-no-agent-and-an-agent-no-class",
        patch=whom(lambda rule, _: FOAF.Agent in rule.agents),
    ),
    Mutant(
        "a WebID that begins with the one named is the same",
        "wac/agents/a-webid-is-compared-whole",
        patch=whom(lambda rule, webid: webid is not None and any(webid.startswith(one) for one in rule.agents)),
    ),
    Mutant(
        "a rule for an origin is for everyone",
        "wac/origins/an-origin-alone-gives-nobody-access",
        patch=whom(lambda rule, _: bool(rule.origins)),
    ),
    Mutant(
        "everyone who signs in is in every group",
        "wac/groups/a-rule-for-a-group-is-for-nobody-else",
        patch=patched(Groups, "memberships", of_all),
    ),
    Mutant(
        "any group of a document will do",
        "wac/groups/only-the-group-that-is-named-counts",
        patch=patched(Groups, "memberships", by_document),
    ),
    Mutant(
        "conditions are not evaluated",
        "wac/conditions/a-client-that-is-named-has-access-and-another-has-not",
        patch=patched(conditions, "hold", lambda *_: True),
    ),
    Mutant(
        "one condition of a rule is enough",
        "wac/conditions/all-conditions-of-a-rule-must-be-met",
        patch=patched(conditions, "hold", any_condition),
    ),
    Mutant(
        "the root can be left without anybody in control",
        "wac/root/the-policy-of-the-root-cannot-be-left-without-control",
        patch=patched(wac, "controls", always),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_a_server_that_misreads_policies_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
