"""The report in the Evaluation and Report Language of W3C (EARL 1.0), which specification editors read."""

from collections.abc import Sequence

from rdflib import DCTERMS, RDF, BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DOAP, XSD

from conformance.case import Case
from conformance.run import Report, Result

EARL = Namespace("http://www.w3.org/ns/earl#")
SPEC = Namespace("http://www.w3.org/ns/spec#")
RUNNER = URIRef("urn:rhizome:conformance")
"""Who asserts; each case is named below it, so that reports on several servers speak of the same tests."""


def earl(report: Report) -> Graph:
    """One assertion for each case."""
    graph = Graph()
    for prefix, namespace in (("earl", EARL), ("dcterms", DCTERMS), ("doap", DOAP), ("spec", SPEC)):
        graph.bind(prefix, namespace)
    subject = URIRef(report.target.url)
    _all(graph, RUNNER, [(RDF.type, EARL.Software), (RDF.type, EARL.Assertor), (DOAP.name, Literal("conformance"))])
    _all(graph, subject, [(RDF.type, EARL.TestSubject), (RDF.type, EARL.Software), (DOAP.name, Literal(report.name))])
    date = Literal(report.began.isoformat(timespec="seconds"), datatype=XSD.dateTime)
    for one in report.results:
        _case(graph, one.case)
        _assertion(graph, subject, one, date)
    return graph


def name(case: Case) -> URIRef:
    """The IRI of a case."""
    return URIRef(f"{RUNNER}:{case.id}")


def _case(graph: Graph, case: Case) -> None:
    _all(
        graph,
        name(case),
        [
            (RDF.type, EARL.TestCase),
            (DCTERMS.title, Literal(case.title, "en")),
            (DCTERMS.isPartOf, URIRef(f"{RUNNER}:{case.area}")),
            (SPEC.requirementLevel, SPEC[case.level]),
            *((SPEC.requirementReference, URIRef(one.url)) for one in case.requirements),
            *([(DCTERMS.description, Literal(case.about, "en"))] if case.about else []),
        ],
    )


def _assertion(graph: Graph, subject: URIRef, result: Result, date: Literal) -> None:
    assertion, found = BNode(), BNode()
    _all(
        graph,
        assertion,
        [
            (RDF.type, EARL.Assertion),
            (EARL.assertedBy, RUNNER),
            (EARL.subject, subject),
            (EARL.test, name(result.case)),
            (EARL.mode, EARL.automatic),
            (EARL.result, found),
        ],
    )
    _all(
        graph,
        found,
        [
            (RDF.type, EARL.TestResult),
            (EARL.outcome, EARL[result.outcome.value]),
            (DCTERMS.date, date),
            *([(EARL.info, Literal(result.why, "en"))] if result.why else []),
        ],
    )


def _all(graph: Graph, subject: URIRef | BNode, said: Sequence[tuple[URIRef, URIRef | BNode | Literal]]) -> None:
    for predicate, value in said:
        graph.add((subject, predicate, value))
