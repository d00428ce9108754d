"""Graphs as values: sets of triples, so that union, difference and comparison are set operations."""

from collections.abc import Iterator

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

__all__ = [
    "BlankNode",
    "DefaultGraph",
    "Graph",
    "Literal",
    "NamedNode",
    "Quad",
    "Term",
    "Triple",
    "described",
    "iris",
    "objects",
    "subjects",
]

Graph = frozenset[Triple]
Term = NamedNode | BlankNode | Literal | Triple


def described(graph: Graph) -> dict[Term, dict[str, set[Term]]]:
    """What the graph says about each subject: the objects of each predicate."""
    found: dict[Term, dict[str, set[Term]]] = {}
    for triple in graph:
        found.setdefault(triple.subject, {}).setdefault(triple.predicate.value, set()).add(triple.object)
    return found


def objects(graph: Graph, subject: str, predicate: str) -> Iterator[Term]:
    """The objects of the triples with this subject and predicate, given as IRIs."""
    one, other = NamedNode(subject), NamedNode(predicate)
    return (t.object for t in graph if t.subject == one and t.predicate == other)


def subjects(graph: Graph, predicate: str, value: str) -> Iterator[NamedNode | BlankNode | Triple]:
    """The subjects that have `value`, an IRI, as an object of `predicate`."""
    one, other = NamedNode(predicate), NamedNode(value)
    return (t.subject for t in graph if t.object == other and t.predicate == one)


def iris(terms: Iterator[Term]) -> Iterator[str]:
    """The IRIs among the terms."""
    return (term.value for term in terms if isinstance(term, NamedNode))
