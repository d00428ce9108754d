"""Documents made to exhaust a parser. Each would end the process, or take it for minutes."""

import json

import pytest

from pod.errors import Malformed
from pod.rdf import bounds, edit, formats, n3_patch, sparql_update
from pod.rdf.formats import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from tests.unit.rdf.reading import BASE

MANY = 100_000
RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://v.example/">%s</rdf:RDF>'


def nested(opening: bytes, middle: bytes, closing: bytes, depth: int) -> bytes:
    return opening * depth + middle + closing * depth


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (JSON_LD, nested(b'{"http://v.example/p":', b"1", b"}", MANY)),
        (JSON_LD, nested(b'{"http://v.example/p":', b"1", b"", MANY)),
        (JSON_LD, nested(b'{"@graph":', b"{}", b"}", MANY)),
        (JSON_LD, b'{"http://v.example/p":' + nested(b'{"@list":[', b"1", b"]}", MANY) + b"}"),
        (JSON_LD, b'{"@context":' + nested(b'{"http://v.example/p":{"@context":', b"{}", b"}}", MANY) + b"}"),
        (JSON_LD, nested(b"[", b"", b"]", MANY)),
        (JSON_LD, b'{"@context":{},"a":' + nested(b"[", b"", b"", MANY)),
        (JSON_LD, b'["]]]", "\\"]]", ' + nested(b"[", b'"', b"", MANY)),
        (TURTLE, b"<#a> <#b> " + nested(b"<<( <#a> <#b> ", b"1", b" )>> ", MANY) + b"."),
        (TRIG, b"<#a> <#b> " + nested(b"<<( <#a> <#b> ", b"1", b"", MANY)),
        (N_TRIPLES, b"<a:a> <a:b> " + nested(b"<<( <a:a> <a:b> ", b'"1"', b" )>> ", MANY) + b"."),
        (N_QUADS, b"<a:a> <a:b> " + nested(b"<<( <a:a> <a:b> ", b'"1"', b" )>> ", MANY) + b"."),
        (RDF_XML, RDF % nested(b"<a><b>", b"1", b"</b></a>", MANY)),
        (RDF_XML, RDF % nested(b"<a><b c='/>'>", b"", b"", MANY)),
    ],
)
def test_what_is_nested_too_deeply_is_refused(media_type: str, content: bytes) -> None:
    with pytest.raises(Malformed, match="nested more than"):
        formats.parse(content, media_type, BASE)


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (JSON_LD, nested(b'{"http://v.example/p":', b'{"@value":1}', b"}", 50)),
        (JSON_LD, b'[{"http://v.example/p":"%s"}%s]' % (b"[{" * 500, b',{"@id":"a"}' * 500)),
        (JSON_LD, json.dumps([{"http://v.example/p": [{"@value": 1}]}] * 300).encode()),
        (JSON_LD, b'{"http://v.example/p":"\\"[", "http://v.example/q":[%s1]}' % (b"[[1]]," * 200)),
        (TURTLE, b"<#a> <#b> " + nested(b"(", b"", b")", MANY) + b"."),
        (TURTLE, b"<#a> <#b> " + nested(b"[ <#b> ", b"1", b" ]", MANY) + b"."),
        (TURTLE, b"<#a> <#b> " + nested(b"<<( <#a> <#b> ", b"1", b" )>> ", bounds.TERM_DEPTH) + b"."),
        (TURTLE, b"<#a> <#b> <<( <#a> <#b> 1 )>> ." * 100),
        (TURTLE, b"""<#a> <#b> "%s", '%s', \"\"\"%s\"\"\", '''%s''' . # %s""" % ((b"<< " * 100,) * 5)),
        (RDF_XML, RDF % nested(b"<a><b>", b"1", b"</b></a>", 200)),
        (RDF_XML, RDF % (b"<a><b>&lt;<![CDATA[<a><a>]]></b><!-- <a><a> --><b/><?a <a>?></a>" * 300)),
    ],
)  # fmt: skip
def test_what_is_only_long_is_read(media_type: str, content: bytes) -> None:
    assert formats.parse(content, media_type, BASE)


ENTITY = b'<!DOCTYPE r [%s]><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
THING = b' xmlns="http://v.example/"><T r:about="%s"><p>%s</p></T></r:RDF>'


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!ENTITY v "http://v.example/">',
        b'<!ENTITY\n v\t"http://v.example/" >',
        b'<!ENTITY x ""><!ENTITY v "http://v.example/">',
    ],
)
def test_an_entity_may_shorten_a_namespace(declaration: bytes) -> None:
    short = formats.parse(ENTITY % declaration + THING % (b"&v;a", b"&lt;&v;&#98;&amp;"), RDF_XML, BASE)

    long = b"@prefix v: <http://v.example/>. v:a a v:T; v:p '<http://v.example/b&' ."
    assert short == formats.parse(long, TURTLE, BASE)


@pytest.mark.parametrize(
    "declarations",
    [
        b'<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">',
        b'<!ENTITY a "%s">' % (b"a" * (bounds.ENTITY_LENGTH + 1)),
        b"<!ENTITY a 'http://v.example/'>",
        b'<!ENTITY a SYSTEM "file:///etc/passwd">',
        b'<!ENTITY a PUBLIC "x" "http://localhost/">',
        b"<!ENTITY a",
        b'<!ENTITY \xc2\xa0a "a">',
    ],
)
def test_other_entities_are_refused_with_their_place(declarations: bytes) -> None:
    content = b"\n\n" + ENTITY % declarations + THING % (b"a", b"&a;")

    with pytest.raises(Malformed) as refusal:
        formats.parse(content, RDF_XML, BASE)

    assert refusal.value.line == 3
    assert refusal.value.column is not None


def test_entities_may_not_make_a_document_grow() -> None:
    declared = ENTITY % (b'<!ENTITY a "%s">' % (b"a" * bounds.ENTITY_LENGTH))

    with pytest.raises(Malformed, match="grow"):
        formats.parse(declared + THING % (b"a", b"&a;" * MANY), RDF_XML, BASE)


TERMS = {f"t{number}": f"http://v.example/{number}" for number in range(2000)}


@pytest.mark.parametrize(
    "document",
    [
        {"@context": TERMS, "@graph": [{"@context": {}, "t1": 1}] * 2000},
        {"@context": TERMS, "@graph": [{"@context": [{"x": "http://v.example/x"}, None], "t1": 1}] * 2000},
        {"@context": {"p": {"@id": "http://v.example/p", "@context": TERMS}}, "@graph": [{"p": {"t1": 1}}] * 2000},
        {"@context": {"T": {"@id": "http://v.example/T", "@context": [TERMS]}}, "@graph": [{"@type": "T"}] * 2000},
        {"@context": {"T": {"@id": "a:T", "@context": TERMS}}, "@graph": [{"@type": ["S", "T"]}] * 2000},
    ],
)
def test_contexts_that_are_applied_too_often_are_refused(document: object) -> None:
    with pytest.raises(Malformed, match="contexts take too long"):
        formats.parse(json.dumps(document).encode(), JSON_LD, BASE)


@pytest.mark.parametrize(
    "document",
    [
        {"@context": TERMS, "@graph": [{"t1": {"t2": "x"}}] * 2000},
        {"@context": {"p": {"@id": "a:p", "@context": TERMS}, "q": "a:q"}, "@graph": [{"q": "x"}] * 2000},
        {"@graph": [{"@context": {"p": "http://v.example/p"}, "p": 1}] * 2000},
    ],
)  # fmt: skip
def test_large_contexts_may_be_applied_once_and_small_ones_often(document: object) -> None:
    assert formats.parse(json.dumps(document).encode(), JSON_LD, BASE)


@pytest.mark.parametrize(
    "piece",
    [b"<!--", b'<a "', b"<a '\"", b"<![CDATA[", b"<?", b"<", b"<a /", b"</", b"<a b='", b"<!ENTITY"],
)
def test_xml_that_does_not_end_is_read_once(piece: bytes) -> None:
    """Were each piece read to the end of the text, this would take hours."""
    with pytest.raises(Malformed):
        formats.parse(RDF % (piece * MANY * 3), RDF_XML, BASE)


@pytest.mark.parametrize("piece", [b'"\\', b'["\\', b'"', b'[\\"', b'{"'])
def test_json_that_does_not_end_is_read_once(piece: bytes) -> None:
    with pytest.raises(Malformed):
        formats.parse(b"[" * 200 + piece * MANY * 3, JSON_LD, BASE)


@pytest.mark.parametrize("piece", [b'"""\\', b"'''\"\"\"'", b"<<a", b"<\\u", b'<<"\\', b"<<#", b"<<\\", b"<<'''\n"])
def test_turtle_that_does_not_end_is_read_once(piece: bytes) -> None:
    with pytest.raises(Malformed):
        formats.parse(b"<<" * 20 + piece * MANY * 3, TURTLE, BASE)


TRIPLE = b"<#a> <#b> "
N3_PATCH = (
    b"@prefix ex: <http://v.example/>. @prefix solid: <http://www.w3.org/ns/solid/terms#>."
    b" [] a solid:InsertDeletePatch; solid:inserts { <#a> <#b> %s }."
)


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (n3_patch.MEDIA_TYPE, TRIPLE + b"(" * MANY),
        (n3_patch.MEDIA_TYPE, TRIPLE + nested(b"(", b"", b")", MANY) + b"."),
        (n3_patch.MEDIA_TYPE, TRIPLE + nested(b"[ <#b> ", b"1", b" ]", MANY) + b"."),
        (n3_patch.MEDIA_TYPE, TRIPLE + nested(b"{ <#a> <#b> ", b"1", b" }", MANY) + b"."),
        (n3_patch.MEDIA_TYPE, TRIPLE + b"([{" * MANY),
        (sparql_update.MEDIA_TYPE, b"INSERT DATA { " + TRIPLE + nested(b"(", b"", b")", MANY) + b"}"),
        (sparql_update.MEDIA_TYPE, b"INSERT DATA { " + TRIPLE + nested(b"[ <#b> ", b"1", b" ]", MANY) + b"}"),
    ],
)
def test_a_patch_that_is_nested_too_deeply_is_refused(media_type: str, content: bytes) -> None:
    with pytest.raises(Malformed, match="nested more than"):
        edit.parse(media_type, content, BASE)


@pytest.mark.parametrize(
    "value",
    [
        nested(b"(", b"1", b")", 50),
        nested(b"[ <#b> ", b"1", b" ]", 50),
        b"(" + b"() [] (1) [ <#b> 1 ] " * 200 + b")",
        b'"%s", \'%s\', """%s"""' % ((b"([{" * 100,) * 3),
        b"<#%s>" % (b"(" * 200),
        b"1 # %s\n" % (b"([{" * 100),
        b"<#a>, ex:%s" % (b"\\(" * 200),
    ],
)
@pytest.mark.parametrize(
    ("media_type", "patch"),
    [
        (
            n3_patch.MEDIA_TYPE,
            N3_PATCH,
        ),
        (sparql_update.MEDIA_TYPE, b"PREFIX ex: <http://v.example/> INSERT DATA { <#a> <#b> %s }"),
    ],
)
def test_a_patch_that_is_only_long_is_read(media_type: str, patch: bytes, value: bytes) -> None:
    content = patch % value

    assert edit.parse(media_type, content, BASE).modes
