"""Web Access Control, 1.0 and the conditions of the draft of 1.1: policies and what they grant."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pod.access import conditions
from pod.access.conditions import NEVER, UNCONDITIONAL, Circumstances, Memberships, Misunderstood
from pod.errors import Unprocessable
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.rdf.graph import Graph, NamedNode, Term, described
from pod.rdf.vocab import ACL, FOAF, RDF
from pod.rules import names

# access-mode-classes: who may write may append.
_MODES: Mapping[str, frozenset[Mode]] = MappingProxyType(
    {
        ACL.Read: frozenset({Mode.READ}),
        ACL.Append: frozenset({Mode.APPEND}),
        ACL.Write: frozenset({Mode.WRITE, Mode.APPEND}),
        ACL.Control: frozenset({Mode.CONTROL}),
    }
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
    when: Circumstances = UNCONDITIONAL
    """Under which the rule gives anything at all."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy document, with the rules that count, in the order of their names."""

    uri: Uri
    authorizations: tuple[Authorization, ...]

    @property
    def groups(self) -> Memberships:
        """The groups that are named anywhere in it: of agents, of clients, of issuers."""
        rules = self.authorizations
        return Memberships(
            frozenset().union(*(one.groups for one in rules)),
            frozenset().union(*(some.groups for one in rules for some in one.when.clients)),
            frozenset().union(*(some.groups for one in rules for some in one.when.issuers)),
        )

    @property
    def is_conditional(self) -> bool:
        """Whether client or issuer of a request can decide."""
        return any(one.when.clients or one.when.issuers for one in self.authorizations)

    @property
    def ends(self) -> tuple[int, ...]:
        """The moments at which a rule ends, in order."""
        return tuple(sorted({one.when.until for one in self.authorizations if one.when.until is not None}))


def parse(graph: Graph, uri: Uri) -> Policy:
    """The policy that the graph states.

    Rules that are incomplete are left out (authorization-conformance), and so are unknown
    modes (extension-acl-mode). A rule with a condition that is not understood never grants:
    to ignore it would give more than its author meant.
    """
    about = described(graph)
    rules = [_authorization(name, about) for name in about if is_rule(about[name])]
    conforming = [rule for rule in rules if rule is not None]
    return Policy(uri, tuple(sorted(conforming, key=lambda rule: rule.name)))


def require_understood(graph: Graph) -> None:
    """Raise Unprocessable for a rule with a condition that is not understood, which would never grant anything."""
    about = described(graph)
    for name, facts in about.items():
        if is_rule(facts) and ACL.condition in facts:
            try:
                conditions.required(about, name)
            except Misunderstood as error:
                rule = f"The rule {name.value}" if isinstance(name, NamedNode) else "A rule"
                raise Unprocessable(f"{rule} has a condition that is not understood here: {error}.") from error


def is_rule(facts: Mapping[str, set[Term]]) -> bool:
    """Whether what is described so is an authorization."""
    return _AUTHORIZATION in facts.get(RDF.type, ())


_AUTHORIZATION = NamedNode(ACL.Authorization)


def _authorization(name: Term, about: Mapping[Term, Mapping[str, set[Term]]]) -> Authorization | None:
    facts = about[name]

    def values(predicate: str) -> frozenset[str]:
        return frozenset(one.value for one in facts.get(predicate, ()) if isinstance(one, NamedNode))

    try:
        when = conditions.required(about, name) if ACL.condition in facts else UNCONDITIONAL
    except Misunderstood:
        return None
    rule = Authorization(
        name=name.value if isinstance(name, NamedNode) else str(name),
        access_to=frozenset(map(place, values(ACL.accessTo))),
        default=frozenset(map(place, values(ACL.default))),
        modes=frozenset().union(*(_MODES.get(mode, ()) for mode in values(ACL.mode))),
        agents=values(ACL.agent),
        classes=values(ACL.agentClass),
        groups=values(ACL.agentGroup),
        origins=frozenset(origin.removesuffix("/") for origin in values(ACL.origin)),
        when=when,
    )
    subjects = rule.agents or rule.classes or rule.groups or rule.origins
    targets = rule.access_to or rule.default
    return rule if rule.modes and subjects and targets else None


def place(iri: str) -> str:
    """The IRI as the server spells it, so that `<café>` in a policy is the resource /caf%C3%A9."""
    if "?" in iri or "#" in iri:
        return iri
    try:
        return names.canonical(iri)
    except ValueError:
        return iri


def granted(
    policy: Policy,
    subject: Uri,
    agent: Agent,
    groups: Memberships,
    *,
    inherited: bool,
    origin: str | None,
    now: int = NEVER,
) -> dict[Mode, str]:
    """The modes that the policy gives on what `subject` governs, each with the rule that gives it.

    `subject` is what the policy belongs to; `inherited` when the target lies below it, so
    that acl:default counts, else acl:accessTo. `groups` are those that the agent, its client and
    its issuer are in. `origin` is that of the page that asks, None when it does not matter.
    """
    rules = [
        rule
        for rule in policy.authorizations
        if subject in (rule.default if inherited else rule.access_to)
        and (rule.when is UNCONDITIONAL or conditions.hold(rule.when, agent, groups, now))
    ]
    found: dict[Mode, str] = {}
    for rule in rules:
        if not _names(rule, agent.webid, groups.agent):
            continue
        for mode in rule.modes:
            if origin is None or FOAF.Agent in rule.classes or _names_origin(rules, origin, mode):
                found.setdefault(mode, rule.name)
    return found


def _names(rule: Authorization, webid: str | None, groups: frozenset[str]) -> bool:
    """Whether the rule is for this agent.

    A rule that names an origin alone is for nobody: anyone can send the header Origin.
    """
    if FOAF.Agent in rule.classes:
        return True
    if webid is not None and (webid in rule.agents or ACL.AuthenticatedAgent in rule.classes):
        return True
    return not groups.isdisjoint(rule.groups)


def _names_origin(rules: Iterable[Authorization], origin: str, mode: Mode) -> bool:
    """server-origin-authorization: a rule, be it for whom it may, gives the mode to pages of this origin."""
    return any(mode in rule.modes and origin in rule.origins for rule in rules)


def controls(policy: Policy, subject: Uri) -> Iterator[str]:
    """The rules that give control of `subject` to anyone (server-root-container-acl-authorization-control).

    Those with a condition do not count, which may be met by nobody (consider-client-agnostic-control).
    """
    for rule in policy.authorizations:
        named = rule.agents or rule.classes or rule.groups
        if named and Mode.CONTROL in rule.modes and subject in rule.access_to and rule.when is UNCONDITIONAL:
            yield rule.name
