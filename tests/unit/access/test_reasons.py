"""The decision in one sentence."""

import pytest

from pod.access import reasons
from pod.access.conditions import NO_GROUPS
from pod.access.reasons import Facts, Reason
from pod.access.wac import Policy
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.consent import Consent, Grant
from tests.unit.access.policies import parsed, rule
from tests.unit.facts import ALICE, BOB, uri, view

APP = "https://app.example/id"
ROOT_POLICY = uri(".acl")
NAMED = f"<#bob> a acl:Authorization; acl:agent <{BOB}>; acl:default <./>; acl:mode acl:Read, acl:Append."
ABOVE = f"the policy {ROOT_POLICY}, inherited from {uri('.')},"


BOB_BY_APP = Agent(BOB, APP)


def reason(
    policy: Policy | None, mode: Mode = Mode.READ, agent: Agent = BOB_BY_APP, *let: Mode, limited: bool = False
) -> Reason:
    consent = Consent(BOB, APP, (Grant(uri("box/"), frozenset(let)),), 0) if limited else None
    here = view("box/a", "box/", "box/a", pods=()) if policy is None else view("box/a", "box/", "box/a")
    return reasons.of(Facts(here, policy, agent, NO_GROUPS, consent, 0, False), mode)


def test_a_rule_that_gives_a_mode_is_named_with_its_policy() -> None:
    found = reason(parsed(ROOT_POLICY, NAMED))

    assert found.sentence == f"Read is allowed: the rule {ROOT_POLICY}#bob of {ABOVE} gives it."
    assert (found.allowed, found.policy, found.rule, found.consent) == (True, ROOT_POLICY, f"{ROOT_POLICY}#bob", None)


def test_a_policy_of_its_own_is_not_inherited_and_a_rule_may_have_no_name() -> None:
    policy = parsed(uri("box/a.acl"), rule("Read", to="a"))

    found = reason(policy)

    assert found.sentence == f"Read is allowed: a rule without a name of the policy {uri('box/a.acl')} gives it."


def test_a_mode_that_no_rule_gives_is_refused() -> None:
    found = reason(parsed(ROOT_POLICY, NAMED), Mode.WRITE)

    assert found.sentence == f"Write is refused: no rule of {ABOVE} gives it."
    assert (found.allowed, found.rule) == (False, None)


def test_a_condition_that_is_not_met_is_told() -> None:
    text = NAMED[:-1] + "; acl:condition [ a acl:ClientCondition; acl:client <https://other.example/> ]."

    found = reason(parsed(ROOT_POLICY, text))

    assert found.sentence == (
        f"Read is refused: the rule {ROOT_POLICY}#bob of {ABOVE} would give it, but its condition is not met."
    )
    assert found.rule is None


def test_an_owner_has_control_by_no_policy() -> None:
    found = reason(parsed(ROOT_POLICY, ""), Mode.CONTROL, Agent(ALICE))

    assert found.sentence == "Control is allowed: the agent owns the pod, which no policy can change."
    assert found.rule == "owner"


def test_outside_of_pods_is_no_policy() -> None:
    found = reason(None)

    assert found.sentence == "Read is refused: no pod is here, and so no policy."
    assert found.policy is None


@pytest.mark.parametrize(
    ("text", "let", "allowed", "end"),
    [
        (NAMED, (Mode.READ,), True, ", and the agent lets the client do it."),
        (NAMED, (), False, ", but the agent does not let the client do it."),
        (rule("Read", default="."), (), True, ", as it does to everyone."),
    ],
)
def test_the_consent_is_a_part_of_the_reason(text: str, let: tuple[Mode, ...], allowed: bool, end: str) -> None:
    found = reason(parsed(ROOT_POLICY, text), Mode.READ, Agent(BOB, APP), *let, limited=True)

    assert found.allowed is allowed
    assert found.sentence.endswith(end)
    assert found.consent is bool(let)


def test_a_policy_itself_takes_control_whatever_is_wished() -> None:
    policy = parsed(
        uri("box/a.acl"), f"<#bob> a acl:Authorization; acl:agent <{BOB}>; acl:accessTo <a>; acl:mode acl:Read."
    )
    here = view("box/a.acl", "box/", "box/a", "box/a.acl")

    found = [reasons.of(Facts(here, policy, BOB_BY_APP, NO_GROUPS, None, 0, False), mode) for mode in Mode]

    assert [one.allowed for one in found] == [False] * 4
