"""What a rule of a policy requires beyond naming an agent: `acl:condition` of the draft of WAC 1.1.

Three kinds are understood: a client (acl:ClientCondition), an issuer (acl:IssuerCondition), and an end in time, which
is a constraint of ODRL. A rule with any other condition gives nothing: to pass over it would give more than its
author meant.
"""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pod.model.agent import Agent
from pod.rdf.graph import Literal, NamedNode, Term
from pod.rdf.vocab import ACL, FOAF, ODRL, RDF, XSD

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")

NEVER = 2**63
"""After every end: who does not say what time it is gets nothing by a rule that ends."""
NOBODY: frozenset[str] = frozenset()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Facts = Mapping[str, Collection[Term]]
"""The objects of each predicate."""
_Graph = Mapping[Term, _Facts]


class Misunderstood(ValueError):
    """A condition that is not understood; the text says what would be."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who has to have something to do with the request: some of these, members of these groups, or anyone."""

    names: frozenset[str]
    groups: frozenset[str]
    anyone: bool

    def include(self, name: str | None, groups: frozenset[str]) -> bool:
        """Whether the party, which is in these groups, is among them."""
        return self.anyone or name in self.names or not groups.isdisjoint(self.groups)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the conditions of one rule require: all of it (server-condition-evaluation-conjunctive)."""

    clients: tuple[Parties, ...] = ()
    issuers: tuple[Parties, ...] = ()
    until: int | None = None
    """From this moment on the rule gives nothing; in microseconds since 1970."""


UNCONDITIONAL = Circumstances()


@dataclass(frozen=True, slots=True)
class Memberships:
    """The groups that those are in by whom a request comes."""

    agent: frozenset[str] = NOBODY
    client: frozenset[str] = NOBODY
    issuer: frozenset[str] = NOBODY

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.agent or self.client or self.issuer)


NO_GROUPS = Memberships()


def hold(what: Circumstances, agent: Agent, groups: Memberships, now: int) -> bool:
    """Whether a request by the agent's client, with a token of its issuer, meets all that is required."""
    issuer = None if agent.issuer is None else _plain(agent.issuer)
    return (
        (what.until is None or now < what.until)
        and all(one.include(agent.client, groups.client) for one in what.clients)
        and all(one.include(issuer, groups.issuer) for one in what.issuers)
    )


def required(about: _Graph, rule: Term) -> Circumstances:
    """What the conditions of the rule require; Misunderstood when one of them is not understood."""
    clients: list[Parties] = []
    issuers: list[Parties] = []
    ends: list[int] = []
    for node in about[rule].get(ACL.condition, ()):
        facts = about.get(node, {})
        types = _iris(facts, RDF.type) - {ACL.Condition}
        match next(iter(types)) if len(types) == 1 else None:
            case ACL.ClientCondition:
                clients.append(_parties(facts, ACL.client, ACL.clientGroup, ACL.clientClass))
            case ACL.IssuerCondition:
                found = _parties(facts, ACL.issuer, ACL.issuerGroup, ACL.issuerClass)
                issuers.append(replace(found, names=frozenset(map(_plain, found.names))))
            case ODRL.Constraint:
                ends.append(_end(facts))
            case _:
                raise Misunderstood(f"it must be of exactly one kind, {_KINDS}")
    return Circumstances(tuple(clients), tuple(issuers), min(ends, default=None))


_KINDS = "acl:ClientCondition, acl:IssuerCondition or odrl:Constraint"


def _iris(facts: _Facts, predicate: str) -> frozenset[str]:
    return frozenset(one.value for one in facts.get(predicate, ()) if isinstance(one, NamedNode))


def _parties(facts: _Facts, one: str, group: str, kind: str) -> Parties:
    found = Parties(_iris(facts, one), _iris(facts, group), FOAF.Agent in _iris(facts, kind))
    if not (found.names or found.groups or found.anyone):
        one, group, kind = (f"acl:{iri.partition('#')[2]}" for iri in (one, group, kind))
        raise Misunderstood(f"it needs {one}, {group}, or {kind} foaf:Agent")
    return found


def _plain(issuer: str) -> str:
    """An issuer is the same with and without a slash at its end."""
    return issuer.removesuffix("/")


def _end(facts: _Facts) -> int:
    """The moment before which an ODRL constraint of the one understood shape holds."""
    operands = facts.get(ODRL.rightOperand, ())
    value = next(iter(operands), None)
    if (
        _iris(facts, ODRL.leftOperand) == {ODRL.dateTime}
        and _iris(facts, ODRL.operator) == {ODRL.lt}
        and len(operands) == 1
        and isinstance(value, Literal)
        and value.datatype.value == XSD.dateTime
        and _DATE_TIME.fullmatch(value.value)
    ):
        with suppress(ValueError):
            return (datetime.fromisoformat(value.value) - _EPOCH) // timedelta(microseconds=1)
    raise Misunderstood(
        "it needs odrl:leftOperand odrl:dateTime, odrl:operator odrl:lt, and as odrl:rightOperand"
        " an xsd:dateTime with a time zone"
    )
