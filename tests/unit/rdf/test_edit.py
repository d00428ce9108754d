"""Patches on documents: what is kept, and what is refused."""

import pytest

from pod.errors import Conflict, Malformed, Unprocessable, UnsupportedMediaType
from pod.model.access import Mode
from pod.rdf import edit
from pod.rdf.formats import FORMATS, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, convert
from tests.unit.rdf.reading import BASE, N3, PREFIXES, SPARQL, patched, said, statements

DOCUMENT = f"{PREFIXES}<#a> :name 'Anna'@en--ltr, 'Ana'@pt-BR; :age 030; :knows _:b, [ :name 'C' ]. _:b :knows _:b ."
GRAPHS = f"{PREFIXES}<#a> :in _:g . _:g {{ <#a> :knows _:b . _:b :knows <#a> }} <#h> {{ <#a> :name 'A'; :age 1 }}"
INSERT = "INSERT DATA { <#a> <https://voc.example/#new> [ <https://voc.example/#name> 'N' ] }"
INSERTED = "<#a> :new [ :name 'N' ] ."
DELETE = "DELETE DATA { <#a> <https://voc.example/#in> <#g>; <https://voc.example/#name> 'A' }"


def test_a_patch_has_a_media_type() -> None:
    with pytest.raises(Malformed) as refusal:
        edit.parse(None, b"", BASE)

    assert SPARQL in refusal.value.message
    assert N3 in refusal.value.message


@pytest.mark.parametrize("media_type", ["text/turtle", "application/json-patch+json", "", "application/sparql-query"])
def test_other_media_types_are_not_supported(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaType) as refusal:
        edit.parse(media_type, b"", BASE)

    assert refusal.value.accepted == (N3, SPARQL)


@pytest.mark.spec("server-patch-n3-accept")
@pytest.mark.parametrize("media_type", ["application/sparql-update;charset=utf-8", "Application/SPARQL-Update"])
def test_parameters_and_case_of_the_media_type_do_not_matter(media_type: str) -> None:
    assert edit.parse(media_type, INSERT.encode(), BASE).modes == {Mode.APPEND}


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_patch_changes_a_document_of_any_format(media_type: str) -> None:
    before = convert(DOCUMENT.encode(), TURTLE, media_type, BASE)

    after = patched(INSERT, before, media_type)

    assert statements(after, media_type) == said(f"{DOCUMENT} {INSERTED}")


@pytest.mark.parametrize("media_type", [JSON_LD, TRIG, N_QUADS])
def test_a_patch_changes_the_default_graph_alone(media_type: str) -> None:
    before = convert(GRAPHS.encode(), TRIG, media_type, BASE)

    after = patched(f"{INSERT}; {DELETE}", before, media_type)

    assert statements(after, media_type) == said(f"{GRAPHS} {INSERTED}")


@pytest.mark.parametrize("media_type", [JSON_LD, TRIG, N_QUADS])
def test_what_named_graphs_say_fulfils_no_condition(media_type: str) -> None:
    patch = f"{PREFIXES} <> a solid:InsertDeletePatch; solid:where {{ <#a> :age 1 }}; solid:inserts {{ <#a> :old 1 }}."

    with pytest.raises(Conflict):
        patched(patch, convert(GRAPHS.encode(), TRIG, media_type, BASE), media_type, N3)


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_patch_that_changes_nothing_leaves_the_bytes_as_they_are(media_type: str) -> None:
    before = convert(DOCUMENT.encode(), TURTLE, media_type, BASE) + b"\n\n"

    assert patched("DELETE DATA { <#z> a <#Z> }", before, media_type) == before


def test_prefixes_and_order_survive_a_patch() -> None:
    text = "@prefix ex: <https://ex.example/>. @prefix b-1: <https://b.example/>. ex:z b-1:p 1 . ex:a b-1:p [] ."

    after = patched("INSERT DATA { <https://ex.example/m> <https://b.example/q> <https://ex.example/z> }", text)

    assert after.decode().endswith("ex:z b-1:p 1 .\nex:a b-1:p _:b0 .\nex:m b-1:q ex:z .\n")


def test_a_base_in_the_document_does_not_change_what_a_patch_means() -> None:
    before = "@base <https://other.example/>. <x> <p> [] ."

    after = patched("INSERT DATA { <#a> <#p> 1 }", before)

    assert statements(after) == said("<https://other.example/x> <https://other.example/p> [] . <#a> <#p> 1 .")


@pytest.mark.parametrize("media_type", ["text/plain", "text/html", "application/json", "application/octet-stream"])
def test_only_rdf_can_be_patched(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        patched(INSERT, "text", media_type)


def test_a_document_that_cannot_be_read_cannot_be_patched() -> None:
    with pytest.raises(Malformed):
        patched(INSERT, "[ <a>")


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <#a> <https://voc.example/1> 1 }",
        "INSERT DATA { <#a> <https://voc.example/#p> '\\u0001' }",
        "INSERT DATA { <#b> a <https://voc.example/> }",
    ],
)
def test_what_a_document_in_xml_cannot_say_is_a_conflict(update: str) -> None:
    with pytest.raises(Conflict, match="PUT"):
        patched(update, convert(DOCUMENT.encode(), TURTLE, RDF_XML, BASE), RDF_XML)


@pytest.mark.parametrize("media_type", [TURTLE, TRIG, N_TRIPLES, N_QUADS, RDF_XML])
def test_triple_terms_survive_a_patch(media_type: str) -> None:
    text = f"{PREFIXES}<#a> :says <<( _:b :name 'B' )>> . _:b :knows <#a> ."

    after = patched(INSERT, convert(text.encode(), TURTLE, media_type, BASE), media_type)

    assert statements(after, media_type) == said(f"{text} {INSERTED}")


def test_triple_terms_cannot_be_patched() -> None:
    with pytest.raises(Unprocessable):
        patched("INSERT DATA { <#a> <#says> <<( <#b> <#c> <#d> )>> }", DOCUMENT)


def test_a_variable_may_stand_for_a_triple_term() -> None:
    text = f"{PREFIXES}<#a> :says <<( <#b> :name 'B' )>> ."
    update = "DELETE { ?a ?b ?c } INSERT { ?a <https://voc.example/#said> ?c } WHERE { ?a ?b ?c }"

    assert statements(patched(update, text)) == said(text.replace(":says", ":said"))


def test_a_statement_that_is_there_twice_is_deleted_at_once() -> None:
    assert statements(patched("DELETE DATA { <#a> <#b> <#c> }", "<#a> <#b> <#c>, <#c>, [] . <#a> <#b> <#c> .")) == said(
        "<#a> <#b> [] ."
    )
