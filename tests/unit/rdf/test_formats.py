"""RDF media types: reading, writing, converting."""

import pytest
from pyoxigraph import parse as oxigraph_parse

from pod.errors import Malformed, NotAcceptable
from pod.rdf import formats
from pod.rdf.formats import FORMATS, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from pod.rdf.graph import Literal, NamedNode, Triple
from tests.unit.rdf.reading import BASE, PREFIXES, WITH_GRAPHS, WITHOUT_GRAPHS, said, statements

DOCUMENT = (
    PREFIXES + '<#a> a :Thing; :name "Anna", "Ana"@pt-BR, "أنا"@ar--rtl; :age 030; :height "1.60"^^xsd:decimal;'
    ' :knows <#b>, <../bob/card#me>, [ :name "C\\u00e9line\\r\\n\\t\\"<&>"; :knows _:d ]; :list (1 (2 <#x>) ()) .'
    " _:d :knows _:d; :name '''''' ."
).encode()
GRAPHS = PREFIXES + "<#a> :in <#g>, _:h . <#g> { <#a> :knows _:b . _:b :knows <#a> } _:h { <#a> :name 'A'; :knows _:b }"


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [("text/turtle", TURTLE), (" Application/LD+JSON ; profile=x", JSON_LD), ("text/turtle;charset=utf-8", TURTLE)],
)
def test_the_essence_of_a_media_type_is_without_parameters(media_type: str, expected: str) -> None:
    assert formats.essence(media_type) == expected
    assert formats.is_rdf(media_type)


@pytest.mark.parametrize("media_type", ["text/plain", "", "application/json", "text/n3", "text/turtle+xml", "turtle"])
def test_other_types_are_no_rdf(media_type: str) -> None:
    assert not formats.is_rdf(media_type)


@pytest.mark.spec("server-representation-turtle-jsonld")
@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_a_graph_is_the_same_in_every_format(source: str, target: str) -> None:
    before = formats.convert(DOCUMENT, TURTLE, source, BASE)

    after = formats.convert(before, source, target, BASE)

    assert statements(after, target) == statements(DOCUMENT)


@pytest.mark.parametrize("target", WITH_GRAPHS)
@pytest.mark.parametrize("source", WITH_GRAPHS)
def test_named_graphs_are_the_same_in_every_format_that_has_them(source: str, target: str) -> None:
    before = formats.convert(GRAPHS.encode(), TRIG, source, BASE)

    after = formats.convert(before, source, target, BASE)

    assert statements(after, target) == statements(GRAPHS, TRIG)


@pytest.mark.parametrize("target", WITHOUT_GRAPHS)
def test_other_formats_show_the_default_graph(target: str) -> None:
    after = formats.convert(GRAPHS.encode(), TRIG, target, BASE)

    assert statements(after, target) == said("<#a> :in <#g>, _:h .")


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_a_conversion_gives_the_same_bytes_each_time(source: str, target: str) -> None:
    before = formats.convert(GRAPHS.encode(), TRIG, source, BASE)

    assert formats.convert(before, source, target, BASE) == formats.convert(before, source, target, BASE)


def test_relative_iris_are_those_of_the_document() -> None:
    assert formats.parse(b"<> <#p> <../x> .", TURTLE, BASE) == {
        Triple(NamedNode(BASE), NamedNode(f"{BASE}#p"), NamedNode("https://pod.example/x"))
    }


JSON_WITH_BASE = (
    b'{"@context": {"@base": "https://other.example/", "p": {"@id": "https://other.example/p", "@type": "@id"}},'
    b' "@id": "x", "p": "y"}'
)
XML_WITH_BASE = (
    b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="https://other.example/"'
    b' xml:base="https://other.example/"><r:Description r:about="x"><p r:resource="y"/></r:Description></r:RDF>'
)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"@base <https://other.example/> . <x> <p> <y> .", TURTLE),
        (b"BASE <https://other.example/> <x> <p> <y> .", TRIG),
        (JSON_WITH_BASE, JSON_LD),
        (XML_WITH_BASE, RDF_XML),
    ],
)
def test_a_base_in_the_document_wins(content: bytes, media_type: str) -> None:
    assert statements(content, media_type) == statements(
        "<https://other.example/x> <https://other.example/p> <https://other.example/y> ."
    )


@pytest.mark.parametrize("media_type", [TURTLE, N_TRIPLES, N_QUADS, TRIG])
def test_an_empty_document_says_nothing(media_type: str) -> None:
    assert formats.parse(b"", media_type, BASE) == frozenset()


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_document_may_begin_with_a_byte_order_mark(media_type: str) -> None:
    content = b"\xef\xbb\xbf" + formats.convert(DOCUMENT, TURTLE, media_type, BASE)

    assert statements(content, media_type) == statements(DOCUMENT)


def test_a_blank_node_of_a_text_is_none_of_another() -> None:
    """Two labels that are the same, and two without a label, do not become one node."""
    both = said("_:x :name 'a' . [ :name 'b' ] . [ :name 'b2' ] .")

    assert len({one.subject for one in both}) == 3


@pytest.mark.parametrize("media_type", [TURTLE, TRIG])
def test_prefixes_survive_a_conversion(media_type: str) -> None:
    text = "@prefix ex: <https://voc.example/#>. @prefix é.t-1: <https://é.example/>. ex:a ex:b é.t-1:c ."

    after = formats.convert(text.encode(), TURTLE, media_type, BASE).decode()

    assert "ex:a ex:b é.t-1:c" in after


def test_prefixes_survive_a_conversion_to_xml() -> None:
    text = b"@prefix ex: <https://voc.example/#>. <a> ex:b <c> ."

    after = formats.convert(text, TURTLE, RDF_XML, BASE)

    assert b'xmlns:ex="https://voc.example/#"' in after
    assert b"<ex:b " in after


@pytest.mark.parametrize("target", [TURTLE, TRIG, RDF_XML])
@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("_", "https://voc.example/#"),
        ("1", "https://voc.example/#"),
        ("a b", "https://voc.example/#"),
        ("a:b", "https://voc.example/#"),
        ("a.", "https://voc.example/#"),
        ("", "https://voc.example/#"),
        ("xml", "https://voc.example/#"),
        ("XmlNs", "https://voc.example/#"),
        ("rdf", "https://voc.example/#"),
        ("its", "https://voc.example/#"),
        ("ex", ""),
        ("ex", "voc"),
        ("ex", "https://a b/"),
        ("ex", "https://voc.example"),
    ],
)
def test_no_prefix_can_spoil_a_document(name: str, iri: str, target: str) -> None:
    graph = formats.parse(b"<https://voc.example/#a> <https://voc.example/#b> 'c' .", TURTLE, BASE)

    content = formats.serialise(graph, target, {name: iri})

    assert formats.parse(content, target, BASE) == graph


def test_statements_about_one_subject_stand_together() -> None:
    content = formats.convert(f"{PREFIXES}:a :p 1 . :b :p 2 . :a :q 3; :p 4 .".encode(), TURTLE, TURTLE, BASE)

    assert b":a :p 1 , 4 ;\n\t:q 3 .\n:b :p 2 .\n" in content


def test_json_ld_names_types_as_people_do() -> None:
    content = formats.convert(
        f"{PREFIXES}:a a :T, _:u, 'odd' . :b a :U; :c ':a a :T' .".encode(), TURTLE, JSON_LD, BASE
    )

    assert b'"@type":["https://voc.example/#U"]' in content
    assert statements(content, JSON_LD) == said(":a a :T, _:u, 'odd' . :b a :U; :c ':a a :T' .")


def test_a_text_that_looks_like_json_stays_a_text() -> None:
    text = '"http://www.w3.org/1999/02/22-rdf-syntax-ns#type":[{"@id":"x"}]'
    graph = frozenset({Triple(NamedNode("https://a.example/"), NamedNode("https://b.example/"), Literal(text))})

    assert formats.parse(formats.serialise(graph, JSON_LD), JSON_LD, BASE) == graph


def test_a_check_pauses_after_each_slice() -> None:
    content = b"".join(b"<#a> <#b> %d .\n" % number for number in range(2500))

    assert list(formats.validation(content, TURTLE, BASE)) == [1000, 2000, 2500]
    assert [len(one) for one in formats.slices(content, TURTLE, BASE)] == [1000, 1000, 500]


def test_a_check_finds_an_error_at_the_end() -> None:
    content = b"".join(b"<#a> <#b> %d .\n" % number for number in range(1500)) + b"<#a> <#b>"

    for check in (formats.validation(content, TURTLE, BASE), formats.slices(content, TURTLE, BASE)):
        next(check)
        with pytest.raises(Malformed):
            next(check)


@pytest.mark.parametrize(
    ("media_type", "content", "line", "column"),
    [
        (TURTLE, b"<#a> <#b> <#c> .\n<#a> nope <#c> .", 2, 6),
        (TURTLE, b"<#a> <#b> 'open .", 1, 11),
        (TURTLE, b"<#a> <#b> <a b> .", 1, 11),
        (TURTLE, b"<#a> <#b> 'a' .\n<#a> x:b 'a' .", 2, 6),
        (TURTLE, b"<#a> <#b> \xff .", 1, 11),
        (TURTLE, b"<#a> <#b> \x00 .", 1, 11),
        (N_TRIPLES, b"<http://a> <http://b> <http://c> .\n<http://a> .", 2, 12),
        (N_TRIPLES, b"<#a> <http://b> <http://c> .", 1, 1),
        (N_QUADS, b"<http://a> <http://b> <http://c> <http://d> <http://e> .", 1, 45),
        (TRIG, b"<#g> {\n <#a> <#b> }", 2, 12),
        (RDF_XML, b"<a>\n <b></a>", 2, 7),
        (RDF_XML, b"<a>\xff</a>", 1, 4),
        (RDF_XML, b"<x:a/>", 1, 1),
        (RDF_XML, b"<a>&#0;</a>", 1, 4),
        (RDF_XML, b"", 1, 1),
        (JSON_LD, b'{"@id": "a",\n "http://b": }', 2, 14),
        (JSON_LD, b'{"@context": {},\n "http://b": }', 2, 14),
        (JSON_LD, b'{"@context": "http://c",\n "http://b": }', 2, 14),
        (JSON_LD, b'{"a": "\xff"}', 1, 8),
        (JSON_LD, b"", 1, 1),
        (JSON_LD, b"[1, 2", 1, 6),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(media_type: str, content: bytes, line: int, column: int) -> None:
    with pytest.raises(Malformed) as refusal:
        formats.parse(content, media_type, BASE)

    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert refusal.value.message.isprintable()
    assert "line" not in refusal.value.message


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (RDF_XML, b"<a xmlns='http://a/'><b><c/><d/></b></a>"),
        (RDF_XML, b'<?xml version="1.0" encoding="latin1"?><a xmlns="http://a/">\xc3\xa9</a>'),
        (RDF_XML, b'<?xml version="1.0" encoding="unknown"?><a xmlns="http://a/"/>'),
        (JSON_LD, b'{"@id": 3}'),
        (JSON_LD, b'{"@context": {"a": {"@id": 3}}, "a": 1}'),
        (JSON_LD, b'{"@context": 3}'),
        (JSON_LD, b'{"http://a": {"@value": {}}}'),
    ],
)
def test_what_makes_no_sense_is_refused(media_type: str, content: bytes) -> None:
    with pytest.raises(Malformed):
        formats.parse(content, media_type, BASE)


def test_a_message_is_short_and_can_be_shown() -> None:
    with pytest.raises(Malformed) as refusal:
        formats.parse(b"\x00\x1b" * 10_000, TURTLE, BASE)

    assert len(refusal.value.message) < 300
    assert refusal.value.message.isprintable()


@pytest.mark.parametrize("media_type", [TURTLE, TRIG, RDF_XML, JSON_LD])
def test_a_base_that_is_no_iri_is_refused(media_type: str) -> None:
    with pytest.raises(Malformed, match="base"):
        formats.parse(formats.convert(DOCUMENT, TURTLE, media_type, BASE), media_type, "not an iri")


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (b"a<!-- b -->c", "ac"),
        (b"<!----><![CDATA[<a> & ]]>&amp;&lt;<![CDATA[]]]]><![CDATA[>]]>", "<a> & &<]]>"),
        (b"<![CDATA[<!-- a --> <?b?>]]>", "<!-- a --> <?b?>"),
        (b"<!-- <![CDATA[ -->a<!-- ]]> -->", "a"),
        (b"\r\n a&#13;", "\n a\r"),
    ],
)
def test_a_text_of_several_pieces_is_one(inner: bytes, text: str) -> None:
    content = (
        b"<?xml version='1.0'?><!-- a --><?b <!-- ?><r:Description xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
        b" xmlns='https://voc.example/#'><p>%s</p></r:Description>" % inner
    )

    assert [one.object for one in formats.parse(content, RDF_XML, BASE)] == [Literal(text)]


TERMS = f"{PREFIXES}<#a> :says <<( _:b :knows <<( <#c> :name 'C'@en )>> )>> . _:b :name 'B' ."


@pytest.mark.parametrize("media_type", [TURTLE, TRIG, N_TRIPLES, N_QUADS, RDF_XML])
def test_triple_terms_are_kept(media_type: str) -> None:
    content = formats.convert(TERMS.encode(), TURTLE, media_type, BASE)

    assert statements(content, media_type) == said(TERMS)


def test_triple_terms_cannot_be_had_as_json_ld() -> None:
    with pytest.raises(NotAcceptable) as refusal:
        formats.convert(TERMS.encode(), TURTLE, JSON_LD, BASE)

    assert refusal.value.available == tuple(one for one in FORMATS if one != JSON_LD)


@pytest.mark.parametrize(
    "turtle",
    [
        "<#a> <http://voc.example/1> <#b> .",
        "<#a> <http://voc.example/> <#b> .",
        "<#a> a <http://voc.example/#1> .",
        "<#a> <#b> '\\u0001' .",
        "<#a> <#b> '\\uFFFE' .",
        "<#a> <#b> <<( <#c> <#d> '\\u0000' )>> .",
        "<#a> <#b> <<( <#c> <http://voc.example/-> <#d> )>> .",
        "<#a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#li> 'x' .",
    ],
)
def test_what_xml_has_no_words_for_cannot_be_had_as_xml(turtle: str) -> None:
    with pytest.raises(NotAcceptable) as refusal:
        formats.convert(turtle.encode(), TURTLE, RDF_XML, BASE)

    assert RDF_XML not in refusal.value.available


def test_xml_shows_a_default_graph_whatever_the_other_graphs_hold() -> None:
    content = formats.convert(b"<#a> <#b> 'c' . <#g> { <#a> <http://voc.example/1> <#b> }", TRIG, RDF_XML, BASE)

    assert statements(content, RDF_XML) == said("<#a> <#b> 'c' .")


def test_the_graph_of_a_document_is_its_default_graph() -> None:
    assert formats.parse(b"<#a> <#b> <#c> . <#g> { <#d> <#e> <#f> }", TRIG, BASE) == formats.parse(
        b"<#a> <#b> <#c> .", TURTLE, BASE
    )


def test_a_graph_can_be_written_as_it_is() -> None:
    graph = formats.parse(DOCUMENT, TURTLE, BASE)

    content = formats.serialise(graph, "Application/N-Triples; charset=utf-8")

    assert statements(content, N_TRIPLES) == statements(DOCUMENT)
    assert len(list(oxigraph_parse(content, format=FORMATS[N_TRIPLES]))) == len(graph)
