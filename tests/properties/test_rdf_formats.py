"""What holds for all graphs in all formats."""

import json
from contextlib import suppress

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from pod.errors import NotAcceptable, PodError
from pod.rdf import formats
from pod.rdf.formats import FORMATS, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from pod.rdf.graph import Graph, Literal, NamedNode, Quad
from pod.rdf.vocab import RDF
from tests.properties.graphs import XSD, V, datasets, graphs, plain_texts

BASE = "https://pod.example/alice/note"

media_types = st.sampled_from(list(FORMATS))
dataset_types = st.sampled_from([JSON_LD, N_QUADS, TRIG])
prefixes = st.dictionaries(
    st.sampled_from(["", "a", "v", "_", "xml", "rdf", "its", "é", "a.b", "a b", "1"]),
    st.sampled_from(
        ["https://voc.example/#", "https://voc.example/", "https://pod.example/", "urn:", "x:", "", "a b", "http://e/"]
    ),
    max_size=4,
)


expressible = graphs(plain_texts).filter(
    lambda graph: all(
        one.predicate.value != RDF.type or not isinstance(one.object, NamedNode) or one.object.value.startswith(V)
        for one in graph
    )
)


def is_plain(term: object) -> bool:
    """Whether this is no literal, or one of a text with at most a language."""
    if not isinstance(term, Literal):
        return True
    return term.direction is None and (term.language is not None or term.datatype.value == f"{XSD}string")


def canonical(statements: object) -> frozenset[Quad]:
    dataset = Dataset(statements)  # type: ignore[arg-type]  # any statements do
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return frozenset(dataset)


def as_quads(graph: Graph) -> frozenset[Quad]:
    return frozenset(Quad(*triple) for triple in graph)


@settings(max_examples=100, deadline=None)
@given(expressible, media_types, prefixes)
def test_a_graph_that_is_written_is_read_as_the_same(graph: Graph, media_type: str, prefixes: dict[str, str]) -> None:
    content = formats.serialise(graph, media_type, prefixes)

    assert canonical(formats.quads(content, media_type, BASE)) == canonical(as_quads(graph))


@settings(max_examples=100, deadline=None)
@given(datasets, dataset_types, prefixes)
def test_a_dataset_that_is_written_is_read_as_the_same(
    dataset: frozenset[Quad], media_type: str, prefixes: dict[str, str]
) -> None:
    content = formats.serialise(dataset, media_type, prefixes)

    assert canonical(formats.quads(content, media_type, BASE)) == canonical(dataset)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@settings(max_examples=60, deadline=None)
@given(expressible, st.sampled_from([TURTLE, N_TRIPLES, RDF_XML, JSON_LD]))
def test_another_implementation_reads_what_is_written(graph: Graph, media_type: str) -> None:
    """But for directions of texts, which it does not know, and values, which it writes its own way."""
    known = frozenset(one for one in graph if is_plain(one.object))

    found = rdflib.Graph().parse(data=formats.serialise(known, media_type), format=media_type, publicID=BASE)

    again = parse(found.serialize(format="nt"), format=RdfFormat.N_TRIPLES)
    assert canonical(again) == canonical(as_quads(known))


@settings(max_examples=100, deadline=None)
@given(expressible, media_types, media_types)
def test_a_conversion_keeps_the_graph_and_is_always_the_same(graph: Graph, source: str, target: str) -> None:
    content = formats.serialise(graph, source)

    converted = formats.convert(content, source, target, BASE)

    assert canonical(formats.quads(converted, target, BASE)) == canonical(as_quads(graph))
    assert formats.convert(content, source, target, BASE) == converted


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_a_graph_is_written_as_xml_that_means_it_or_not_at_all(graph: Graph) -> None:
    try:
        content = formats.serialise(graph, RDF_XML)
    except NotAcceptable:
        return

    assert canonical(formats.quads(content, RDF_XML, BASE)) == canonical(as_quads(graph))


@settings(max_examples=100, deadline=None)
@given(datasets, dataset_types)
def test_the_order_of_statements_makes_no_difference(dataset: frozenset[Quad], media_type: str) -> None:
    some = formats.serialise(sorted(dataset, key=str), media_type)
    other = formats.serialise(sorted(dataset, key=str, reverse=True), media_type)

    assert canonical(formats.quads(some, media_type, BASE)) == canonical(formats.quads(other, media_type, BASE))


PIECES = (
    r"""< > " ' { } [ ] ( ) \ @ _: # ^^ <<( )>> a : ; , . & rdf: null "@id" "@context" "@type" "@value" --ltr @en"""
    r""" 1e9 ?x <http://a.example/> @prefix /> <!-- <![CDATA[ <a \ud800 ]]> <? xmlns ="""
)
fragments = st.lists(st.sampled_from([*PIECES.split(), " ", "\n", "\x00", "\ufffe"]), max_size=40).map("".join)


@settings(max_examples=100, deadline=None)
@given(media_types, st.one_of(fragments.map(str.encode), st.binary(max_size=60)))
def test_whatever_is_sent_is_read_or_refused(media_type: str, content: bytes) -> None:
    with suppress(PodError):
        assert all(isinstance(one, Quad) for one in formats.quads(content, media_type, BASE))


odd_numbers = st.sampled_from([0.5, -1.25, 1e-5, 1e20, 123456.789])
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**14), 10**14), odd_numbers, st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(json_values)
def test_a_json_literal_survives_being_inlined(value: object) -> None:
    """A remote context leads through another processor, a local one does not."""
    terms = {"data": {"@id": "https://voc.example/#data", "@type": "@json"}}
    url = "https://context.example/"
    remote = json.dumps({"@context": url, "data": value}).encode()
    local = json.dumps({"@context": terms, "data": value}).encode()

    found = formats.parse(remote, JSON_LD, BASE, {url: json.dumps({"@context": terms}).encode()})

    assert {one.object for one in found} == {one.object for one in parse(local, format=RdfFormat.JSON_LD)}
