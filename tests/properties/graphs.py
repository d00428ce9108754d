"""Graphs and datasets made at random."""

from hypothesis import strategies as st
from pyoxigraph import BaseDirection

from pod.rdf.graph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

V = "https://voc.example/#"
XSD = "http://www.w3.org/2001/XMLSchema#"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
# Characters that XML has too.
plain_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\r\n"),
    max_size=8,
)
iris = st.sampled_from(
    [NamedNode(f"{V}{name}") for name in ("a", "b", "é", "x-1", "_", "o.p")]
    + [NamedNode(iri) for iri in ("https://pod.example/", "https://pod.example/alice/note#me", "urn:x:%20?=(b)", "x:y")]
)  # fmt: skip
predicates = st.sampled_from(
    [NamedNode(f"{V}{name}") for name in ("p", "q", "r")]
    + [NamedNode(f"http://www.w3.org/1999/02/22-rdf-syntax-ns#{name}") for name in ("type", "first", "rest", "value")]
)
blank_nodes = st.sampled_from([BlankNode(name) for name in ("b0", "b1", "new-0", "c14n0", "x")])
datatypes = st.sampled_from([NamedNode(f"{XSD}{name}") for name in ("integer", "double", "boolean", "date", "string")])
languages = st.sampled_from(["en", "de-at", "zh-hant-hk"])
directions = st.sampled_from([BaseDirection.LTR, BaseDirection.RTL])


def literals(text: st.SearchStrategy[str]) -> st.SearchStrategy[Literal]:
    """Literals of all kinds; those with a type are not always well-formed."""
    values = st.one_of(text, st.sampled_from(["1", "01", "1.5E0", "1.50", "true", "-0", "1e400"]))
    return st.one_of(
        st.builds(Literal, text),
        st.builds(lambda value, kind: Literal(value, datatype=kind), values, datatypes),
        st.builds(lambda value, language: Literal(value, language=language), text, languages),
        st.builds(lambda value, way: Literal(value, language="ar", direction=way), text, directions),
    )


def triples(text: st.SearchStrategy[str] = texts) -> st.SearchStrategy[Triple]:
    """Triples with such texts; rdf:type has IRIs."""
    nodes = st.one_of(iris, blank_nodes)
    return st.builds(Triple, nodes, predicates, st.one_of(nodes, literals(text)))


def graphs(text: st.SearchStrategy[str] = texts, size: int = 12) -> st.SearchStrategy[frozenset[Triple]]:
    """Graphs of at most so many triples."""
    return st.frozensets(triples(text), max_size=size)


names = st.one_of(st.just(DefaultGraph()), iris, blank_nodes)
datasets = st.frozensets(
    st.builds(lambda triple, name: Quad(triple.subject, triple.predicate, triple.object, name), triples(), names),
    max_size=12,
)
# Nothing that two could take for each other, whatever they are called.
ground = st.frozensets(st.builds(Triple, iris, predicates, st.one_of(iris, literals(texts))), max_size=12)
