"""What cases say about answers. Each raises Failed with a sentence that says what should have been."""

from collections.abc import Iterable

import rdflib
from rdflib.compare import graph_diff, to_isomorphic

from conformance.case import Failed
from conformance.exchange import Answer


def require(holds: object, should: str) -> None:
    """Failed unless it holds; `should` is what holds of a server that does it right."""
    if not holds:
        raise Failed(f"It should be so that {should}.")


def status(answer: Answer, *expected: int) -> None:
    """Failed unless the answer has one of these statuses."""
    if answer.status not in expected:
        wanted = " or ".join(str(one) for one in expected)
        raise Failed(f"{_asked(answer)} should have been answered with {wanted}, not {answer.status}.")


def succeeded(answer: Answer) -> None:
    """Failed unless the answer has a status of success."""
    if not 200 <= answer.status < 300:
        raise Failed(f"{_asked(answer)} should have succeeded, and was answered with {answer.status}.")


def refused(answer: Answer, *expected: int) -> None:
    """Failed unless the answer is a refusal by an error of the client: one of these, or any of 4xx."""
    if expected:
        status(answer, *expected)
    elif not 400 <= answer.status < 500:
        raise Failed(f"{_asked(answer)} should have been refused with a status of 4xx, not {answer.status}.")


def links(answer: Answer, relation: str, target: str | None = None) -> str:
    """The target of a link with that relation; Failed when there is none, or none with the target given."""
    found = answer.linked(relation)
    if not found or (target is not None and target not in found):
        to = f" to {target}" if target else ""
        raise Failed(f"{_asked(answer)} should have had a Link{to} with rel={relation}.")
    return target or found[0]


def has(graph: rdflib.Graph, subject: str | None, predicate: str | None, value: str | rdflib.Literal | None) -> None:
    """Failed unless the graph has such a triple; strings are IRIs, None is anything."""
    triple = (_iri(subject), _iri(predicate), value if isinstance(value, rdflib.Literal) else _iri(value))
    if triple not in graph:
        told = " ".join("?" if one is None else one.n3() for one in triple)
        raise Failed(f"The graph should have had {told}.")


def lacks(graph: rdflib.Graph, subject: str | None, predicate: str | None, value: str | None) -> None:
    """Failed when the graph has such a triple; None is anything."""
    triple = (_iri(subject), _iri(predicate), _iri(value))
    if triple in graph:
        told = " ".join("?" if one is None else one.n3() for one in triple)
        raise Failed(f"The graph should not have had {told}.")


def same(found: rdflib.Graph, expected: rdflib.Graph) -> None:
    """Failed unless both graphs say the same, whatever their blank nodes are called."""
    if to_isomorphic(found) != to_isomorphic(expected):
        _, more, less = graph_diff(to_isomorphic(found), to_isomorphic(expected))
        raise Failed(f"The graph should have been as written; it has besides {_some(more)}, and lacks {_some(less)}.")


def lists(found: Iterable[str], *expected: str) -> None:
    """Failed unless all that is expected is found."""
    there = set(found)
    missing = [one for one in expected if one not in there]
    if missing:
        raise Failed(f"There should have been {', '.join(missing)} in: {', '.join(sorted(there)) or 'nothing'}.")


def _asked(answer: Answer) -> str:
    who = f" by {answer.who}" if answer.who else ""
    return f"{answer.method} {answer.url}{who}"


def _iri(value: str | None) -> rdflib.URIRef | None:
    return None if value is None else rdflib.URIRef(value)


def _some(graph: rdflib.Graph) -> str:
    triples = sorted(" ".join(one.n3() for one in triple) for triple in graph)
    return "; ".join(triples[:5]) or "nothing"
