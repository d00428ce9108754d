"""Rules that the server writes into policies for an owner: one more rule, and what was inherited before."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from pod.access.wac import is_rule, place
from pod.model.access import Mode
from pod.model.resource import Uri
from pod.rdf.graph import BlankNode, Graph, Literal, NamedNode, Term, Triple, described
from pod.rdf.vocab import ACL, ODRL, RDF, XSD
from pod.rules import names

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "acl": "http://www.w3.org/ns/auth/acl#",
        "odrl": "http://www.w3.org/ns/odrl/2/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
CONDITIONS = ("-client", "-until")
"""What the names of a rule's conditions have after its own."""
_MODES = MappingProxyType(
    {Mode.READ: ACL.Read, Mode.APPEND: ACL.Append, Mode.WRITE: ACL.Write, Mode.CONTROL: ACL.Control}
)


def rule(
    name: str, subject: Uri, agent: str, modes: Iterable[Mode], *, below: bool, client: str | None, until: int | None
) -> Graph:
    """A rule for one agent on `subject`, and with `below` on all that lies in it; every node of it has an IRI.

    `name` is its IRI. With `client` it holds through that client alone, with `until` up to that moment.
    """
    found = [
        (name, RDF.type, ACL.Authorization),
        (name, ACL.agent, agent),
        (name, ACL.accessTo, subject),
        *((name, ACL.mode, _MODES[mode]) for mode in modes),
    ]
    if below:
        found.append((name, ACL.default, subject))
    if client is not None:
        node = name + CONDITIONS[0]
        found += [(name, ACL.condition, node), (node, RDF.type, ACL.ClientCondition), (node, ACL.client, client)]
    if until is None:
        return _graph(found)
    node = name + CONDITIONS[1]
    found += [
        (name, ACL.condition, node),
        (node, RDF.type, ODRL.Constraint),
        (node, ODRL.leftOperand, ODRL.dateTime),
        (node, ODRL.operator, ODRL.lt),
    ]
    moment = datetime.fromtimestamp(until // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    end = Literal(moment, datatype=NamedNode(XSD.dateTime))
    return _graph(found) | {Triple(NamedNode(node), NamedNode(ODRL.rightOperand), end)}


def _graph(triples: Iterable[tuple[str, str, str]]) -> Graph:
    return frozenset(Triple(*map(NamedNode, triple)) for triple in triples)


def inherited(graph: Graph, source: Uri, subject: Uri) -> Graph:
    """The rules that `subject` gets from the policy at `source`, as those of a policy of its own.

    For a container they also hold below it, as they did. Rules and conditions that are named in the one policy have
    the same names in the other; all else that they name, such as groups, stays where it is.
    """
    about = described(graph)
    found: set[Triple] = set()
    for name, facts in about.items():
        if is_rule(facts) and names.subject(source) in map(place, _iris(facts.get(ACL.default, ()))):
            found.update(_moved(name, about, source, subject))
    return frozenset(found)


_SCOPES = frozenset({ACL.accessTo, ACL.default})


def _iris(values: Iterable[Term]) -> Iterator[str]:
    return (one.value for one in values if isinstance(one, NamedNode))


def _moved(rule: Term, about: Mapping[Term, Mapping[str, set[Term]]], source: Uri, subject: Uri) -> Iterator[Triple]:
    """What is said of the rule, but for its places, and of each condition and blank node that this leads to."""

    def renamed(node: Term) -> Term:
        if isinstance(node, NamedNode) and node.value.startswith(f"{source}#"):
            return NamedNode(names.policy_of(subject) + node.value[len(source) :])
        return node

    def said(node: Term, predicate: str, value: Term) -> Triple:
        return Triple(renamed(node), NamedNode(predicate), value)  # type: ignore[arg-type]  # a subject stays one

    yield said(rule, ACL.accessTo, NamedNode(subject))
    if subject.endswith("/"):
        yield said(rule, ACL.default, NamedNode(subject))
    waiting, seen = [rule], {rule}
    while waiting:
        node = waiting.pop()
        for predicate, values in about.get(node, {}).items():
            for value in () if node == rule and predicate in _SCOPES else values:
                leads = isinstance(value, BlankNode) or predicate == ACL.condition
                yield said(node, predicate, renamed(value) if leads else value)
                if leads and value not in seen:
                    seen.add(value)
                    waiting.append(value)
