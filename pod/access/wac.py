"""Web Access Control 1.0: policies and what they grant."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pod.model.access import Mode
from pod.model.resource import Uri
from pod.rdf.graph import Graph, NamedNode, Term
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
        access_to=frozenset(map(_place, values(ACL.accessTo))),
        default=frozenset(map(_place, values(ACL.default))),
        modes=frozenset().union(*(_MODES.get(mode, ()) for mode in values(ACL.mode))),
        agents=values(ACL.agent),
        classes=values(ACL.agentClass),
        groups=values(ACL.agentGroup),
        origins=frozenset(origin.removesuffix("/") for origin in values(ACL.origin)),
    )
    subjects = rule.agents or rule.classes or rule.groups or rule.origins
    targets = rule.access_to or rule.default
    return rule if rule.modes and subjects and targets and ACL.condition not in about else None


def _place(iri: str) -> str:
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
    webid: str | None,
    groups: frozenset[str],
    *,
    inherited: bool,
    origin: str | None,
) -> dict[Mode, str]:
    """The modes that the policy gives on what `subject` governs, each with the rule that gives it.

    `subject` is what the policy belongs to; `inherited` when the target lies below it, so
    that acl:default counts, else acl:accessTo. `groups` are those that the agent is in.
    `origin` is that of the page that asks, None when it does not matter.
    """
    rules = [rule for rule in policy.authorizations if subject in (rule.default if inherited else rule.access_to)]
    found: dict[Mode, str] = {}
    for rule in rules:
        if not _names(rule, webid, groups):
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
    """The rules that give control of `subject` to anyone (server-root-container-acl-authorization-control)."""
    for rule in policy.authorizations:
        named = rule.agents or rule.classes or rule.groups
        if named and Mode.CONTROL in rule.modes and subject in rule.access_to:
            yield rule.name
