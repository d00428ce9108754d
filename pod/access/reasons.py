"""Why a mode is there or not: the decision in one sentence for people, with what is behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pod.access import consent as consents
from pod.access import decide
from pod.access.conditions import UNCONDITIONAL, Memberships
from pod.access.wac import Policy
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.consent import Consent
from pod.model.resource import Kind, Uri, View
from pod.rules import names


@dataclass(frozen=True, slots=True)
class Reason:
    """One mode, and why it is there or not."""

    mode: Mode
    allowed: bool
    sentence: str
    policy: Uri | None
    """The policy that decides."""
    rule: str | None
    """What gives the mode to the agent: the IRI of a rule, the label of one without, or `owner`."""
    consent: bool | None
    """Whether the agent lets the client use the mode; None when nothing limits the client."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides about one agent at one place."""

    view: View
    policy: Policy | None
    agent: Agent
    groups: Memberships
    consent: Consent | None
    now: int
    strict_origin: bool


def of(facts: Facts, mode: Mode) -> Reason:
    """Why the agent has the mode, or has not."""
    # server-control-operation: whatever is done with a policy takes control of its subject, and nothing else.
    needed = Mode.CONTROL if names.kind(facts.view.uri) is Kind.POLICY else mode
    rule = _modes(facts, facts.policy, None).get(needed)
    allowed = needed in _modes(facts, facts.policy, facts.consent)
    let = None if facts.consent is None else needed in consents.modes(facts.consent, facts.view.uri)
    because = _missing(facts, needed) if rule is None else _given(facts, rule)
    if rule is not None and let is not None:
        because += _LET[let, allowed]
    sentence = f"{mode.title()} is {'allowed' if allowed else 'refused'}: {because}."
    return Reason(mode, allowed, sentence, None if facts.policy is None else facts.policy.uri, rule, let)


_LET = {
    (True, True): ", and the agent lets the client do it",
    (False, True): ", as it does to everyone",
    (False, False): ", but the agent does not let the client do it",
}


def _modes(facts: Facts, policy: Policy | None, consent: Consent | None) -> Mapping[Mode, str]:
    return decide.grants(
        facts.view,
        policy,
        facts.agent,
        facts.groups,
        consent=consent,
        strict_origin=facts.strict_origin,
        now=facts.now,
    ).modes


def _given(facts: Facts, rule: str) -> str:
    if rule == decide.OWNER or facts.policy is None:
        return "the agent owns the pod, which no policy can change"
    return f"{_named(rule)} of the policy {facts.policy.uri}{_from_above(facts)} gives it"


def _missing(facts: Facts, mode: Mode) -> str:
    """Why no rule gives the mode; a rule with a condition that does not hold may be what is looked for."""
    policy = facts.policy
    if policy is None:
        return "no pod is here, and so no policy"
    bare = replace(policy, authorizations=tuple(replace(one, when=UNCONDITIONAL) for one in policy.authorizations))
    rule = _modes(facts, bare, None).get(mode)
    where = f"of the policy {policy.uri}{_from_above(facts)}"
    if rule is not None:
        return f"{_named(rule)} {where} would give it, but its condition is not met"
    return f"no rule {where} gives it"


def _named(rule: str) -> str:
    return "a rule without a name" if rule.startswith("_:") else f"the rule {rule}"


def _from_above(facts: Facts) -> str:
    """Where the policy comes from, if it is not the resource's own."""
    assert facts.policy is not None  # there is one to tell of
    above = names.subject(facts.policy.uri)
    return "" if above == names.subject(facts.view.uri) else f", inherited from {above},"
