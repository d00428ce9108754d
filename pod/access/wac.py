"""Web Access Control 1.0: policies and what they grant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.rdf.graph import Graph, NamedNode, Term
from pod.rdf.vocab import ACL, FOAF, RDF

_MODES: Mapping[str, Mode] = MappingProxyType(
    {ACL.Read: Mode.READ, ACL.Append: Mode.APPEND, ACL.Write: Mode.WRITE, ACL.Control: Mode.CONTROL}
)


@dataclass(frozen=True, slots=True)
class Authorization:
    """One rule of a policy."""

    name: str
    """Its IRI, or the label of its blank node."""
    access_to: frozenset[str]
    default: frozenset[str]
    modes: frozenset[Mode]
    agents: frozenset[str]
    classes: frozenset[str]
    groups: frozenset[str]
    origins: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy document, with the rules that count, in the order of their names."""

    uri: Uri
    authorizations: tuple[Authorization, ...]

    @property
    def groups(self) -> frozenset[str]:
        """The groups that are named anywhere in it."""
        return frozenset().union(*(one.groups for one in self.authorizations))


def parse(graph: Graph, uri: Uri) -> Policy:
    """The policy that the graph states.

    Rules that are incomplete are left out (authorization-conformance), and so are unknown
    modes (extension-acl-mode). A rule with a condition never grants: conditions are not
    understood, and to ignore one would give more than its author meant.
    """
    facts: dict[Term, dict[str, set[str]]] = {}
    for triple in graph:
        about = facts.setdefault(triple.subject, {})
        value = triple.object.value if isinstance(triple.object, NamedNode) else ""
        about.setdefault(triple.predicate.value, set()).add(value)
    rules = [
        _authorization(name, about) for name, about in facts.items() if ACL.Authorization in about.get(RDF.type, ())
    ]
    conforming = [rule for rule in rules if rule is not None]
    return Policy(uri, tuple(sorted(conforming, key=lambda rule: rule.name)))


def _authorization(name: Term, about: Mapping[str, set[str]]) -> Authorization | None:
    def values(predicate: str) -> frozenset[str]:
        return frozenset(about.get(predicate, ())) - {""}

    rule = Authorization(
        name=name.value if isinstance(name, NamedNode) else str(name),
        access_to=values(ACL.accessTo),
        default=values(ACL.default),
        modes=frozenset(_MODES[mode] for mode in values(ACL.mode) if mode in _MODES),
        agents=values(ACL.agent),
        classes=values(ACL.agentClass),
        groups=values(ACL.agentGroup),
        origins=values(ACL.origin),
    )
    subjects = rule.agents or rule.classes or rule.groups or rule.origins
    targets = rule.access_to or rule.default
    return rule if rule.modes and subjects and targets and ACL.condition not in about else None


def granted(
    policy: Policy,
    subject: Uri,
    agent: Agent,
    groups: frozenset[str],
    *,
    inherited: bool,
    strict_origin: bool,
) -> dict[Mode, str]:
    """The modes that the policy gives the agent on what `subject` governs, each with the rule that gives it.

    `subject` is what the policy belongs to; `inherited` when the target lies below it, so
    that acl:default counts, else acl:accessTo. `groups` are those that the agent is in.
    """
    found: dict[Mode, str] = {}
    for rule in policy.authorizations:
        if subject not in (rule.default if inherited else rule.access_to):
            continue
        if _applies(rule, agent, groups) and not (strict_origin and _wrong_origin(policy, rule, agent)):
            for mode in rule.modes:
                found.setdefault(mode, rule.name)
    return found


def _applies(rule: Authorization, agent: Agent, groups: frozenset[str]) -> bool:
    if FOAF.Agent in rule.classes:
        return True
    if agent.webid is not None and (agent.webid in rule.agents or ACL.AuthenticatedAgent in rule.classes):
        return True
    if not groups.isdisjoint(rule.groups):
        return True
    # acl-origin: a rule for an origin alone is for whoever comes from there.
    only_origin = not (rule.agents or rule.classes or rule.groups)
    return only_origin and agent.origin is not None and agent.origin in rule.origins


def _wrong_origin(policy: Policy, rule: Authorization, agent: Agent) -> bool:
    """server-origin-authorization, read to the letter: not public, and no rule names the origin."""
    if agent.origin is None or FOAF.Agent in rule.classes:
        return False
    return not any(agent.origin in one.origins for one in policy.authorizations)


def controls(policy: Policy, subject: Uri) -> Iterator[str]:
    """The rules that give control of `subject` to anyone (server-root-container-acl-authorization-control)."""
    for rule in policy.authorizations:
        if Mode.CONTROL in rule.modes and subject in rule.access_to:
            yield rule.name
