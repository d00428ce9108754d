"""What the server says about a container, and what clients may say."""

from collections.abc import Sequence

import pytest

from pod.errors import Conflict, Malformed
from pod.model.resource import Child
from pod.rdf import formats
from pod.rdf.graph import Graph, Literal, NamedNode, Triple
from pod.rdf.vocab import DCTERMS, LDP, RDF, STAT, XSD
from pod.rules import containers
from tests.unit.facts import SECOND, child, resource

BOX = resource("box/")
NOTE = child("box/note.ttl", "text/turtle; charset=utf-8", size=42, modified=1_700_000_000 * SECOND + 999_999)
IMAGE = child("box/a'(b)%20c.png", "image/png", size=0)
INNER = child("box/inner/")
CHILDREN = (NOTE, IMAGE, INNER)
MEDIA = "http://www.w3.org/ns/iana/media-types/"


def graph(content: bytes, media_type: str = "text/turtle") -> Graph:
    return formats.parse(content, media_type, BOX.uri)


def shown(own: bytes = b"", children: Sequence[Child] = CHILDREN, media_type: str = "text/turtle") -> bytes:
    return containers.representation(own, media_type, BOX, children)


def kept(content: str, *, whole: bool = False, media_type: str = "text/turtle") -> bytes:
    return containers.own(content.encode(), media_type, BOX.uri, CHILDREN, {}, whole=whole)


def facts(subject: str, found: Graph) -> set[tuple[str, str]]:
    return {
        (triple.predicate.value, triple.object.value)
        for triple in found
        if triple.subject == NamedNode(subject) and isinstance(triple.object, NamedNode | Literal)
    }


@pytest.mark.spec("server-basic-container", "server-hierarchical-containment")
def test_a_container_names_its_classes_and_its_children() -> None:
    assert facts(BOX.uri, graph(shown())) == {
        (RDF.type, LDP.Resource),
        (RDF.type, LDP.Container),
        (RDF.type, LDP.BasicContainer),
        *((LDP.contains, child.uri) for child in CHILDREN),
    }


@pytest.mark.spec(
    "server-contained-resource-metadata",
    "contained-resource-metadata-rdf-type",
    "contained-resource-metadata-stat-size",
    "contained-resource-metadata-dcterms-modified",
    "contained-resource-metadata-stat-mtime",
    "dcterms-modified-corresponds-last-modified",
)
def test_a_document_is_listed_with_its_type_size_and_date_in_whole_seconds() -> None:
    found = graph(shown())

    assert facts(NOTE.uri, found) == {
        (RDF.type, LDP.Resource),
        (RDF.type, f"{MEDIA}text/turtle#Resource"),
        (STAT.size, "42"),
        (STAT.mtime, "1700000000"),
        (DCTERMS.modified, "2023-11-14T22:13:20Z"),
    }
    assert {t.object.datatype.value for t in found if isinstance(t.object, Literal)} == {XSD.integer, XSD.dateTime}


def test_a_container_is_listed_without_a_size() -> None:
    predicates = {predicate for predicate, _ in facts(INNER.uri, graph(shown()))}

    assert predicates == {RDF.type, STAT.mtime, DCTERMS.modified}


@pytest.mark.parametrize(
    ("media_type", "classes"),
    [
        ("image/svg+xml;x=y", {f"{MEDIA}image/svg+xml#Resource"}),
        ("Application/VND.x-y_z.1!$&", {f"{MEDIA}application/vnd.x-y_z.1!$&#Resource"}),
        ("a/b#c^d", {f"{MEDIA}a/b%23c%5Ed#Resource"}),
        ("a/<b>", set()),
        ("a/b c", set()),
    ],
)
def test_only_a_media_type_that_fits_into_an_iri_becomes_a_class(media_type: str, classes: set[str]) -> None:
    one = child("box/x", media_type)

    found = {value for _, value in facts(one.uri, graph(shown(children=(one,)))) if value.startswith(MEDIA)}

    assert found == classes


@pytest.mark.parametrize("media_type", [one for one in formats.FORMATS if one != formats.RDF_XML])
@pytest.mark.parametrize("children", [(), CHILDREN, (INNER,)])
def test_a_listing_says_the_same_as_the_graph(media_type: str, children: tuple[Child, ...]) -> None:
    listed = containers.listing(media_type, BOX, children)

    assert listed is not None
    assert graph(listed, media_type) == graph(shown(children=children))


def test_a_listing_in_xml_is_made_from_the_graph() -> None:
    assert containers.listing("application/rdf+xml", BOX, CHILDREN) is None
    assert graph(shown(media_type="application/rdf+xml"), "application/rdf+xml") == graph(shown())


@pytest.mark.parametrize("media_type", list(formats.FORMATS))
def test_a_container_shows_what_clients_said_beside_what_the_server_says(media_type: str) -> None:
    own = b'@prefix ex: <http://example.org/>. <> ex:title "Box".'

    found = graph(shown(own, media_type=media_type), media_type)

    title = Triple(NamedNode(BOX.uri), NamedNode("http://example.org/title"), Literal("Box"))
    assert found == graph(shown()) | {title}


def test_the_prefixes_of_clients_are_shown_too() -> None:
    assert b"ex:title" in shown(b'@prefix ex: <http://example.org/>. <> ex:title "Box".')


def test_what_a_client_says_is_kept_byte_for_byte() -> None:
    said = '# mine\n<>  <http://example.org/title>  "Box" .\n<other/it> a <http://example.org/Thing>.\n'

    assert kept(said) == said.encode()


@pytest.mark.parametrize("media_type", ["application/ld+json", "application/n-triples"])
def test_what_a_client_says_in_another_format_is_kept_as_turtle(media_type: str) -> None:
    said = graph(b'<> <http://example.org/title> "Box".')

    found = kept(formats.serialise(said, media_type).decode(), media_type=media_type)

    assert graph(found) == said


@pytest.mark.parametrize("children", [(), CHILDREN])
def test_a_client_that_sends_back_what_it_got_says_nothing(children: tuple[Child, ...]) -> None:
    assert containers.own(shown(children=children), "text/turtle", BOX.uri, children, {}) == b""


def test_a_client_that_adds_to_what_it_got_says_what_it_added() -> None:
    found = kept(shown().decode() + '<> <http://example.org/title> "Box".')

    assert graph(found) == graph(b'<> <http://example.org/title> "Box".')


@pytest.mark.spec("server-protect-containment", "server-protect-containment.409")
@pytest.mark.parametrize(
    "said",
    [
        "<> ldp:contains <note2>.",
        "<> ldp:contains <http://other.example/>.",
        "<> ldp:contains [].",
        '<> ldp:contains "x".',
    ],
)
def test_a_client_cannot_say_what_a_container_holds(said: str) -> None:
    with pytest.raises(Conflict):
        kept(f"@prefix ldp: <http://www.w3.org/ns/ldp#>. {said}")


@pytest.mark.spec(
    "server-protect-contained-resource-metadata",
    "server-protect-contained-resource-metadata.409",
    "x-contained-metadata-protected",
)
@pytest.mark.parametrize(
    "said",
    [
        "<note.ttl> stat:size 43.",
        "<note.ttl> stat:mtime 1.",
        '<note.ttl> dc:modified "2000-01-01T00:00:00Z"^^xsd:dateTime.',
        "<note.ttl> a ldp:Container.",
        "<inner/> a <http://example.org/Thing>.",
        "<not-there-yet> a <http://example.org/Thing>.",
    ],
)
def test_a_client_cannot_say_what_the_server_says_of_members(said: str) -> None:
    prefixes = (
        "@prefix ldp: <http://www.w3.org/ns/ldp#>. @prefix stat: <http://www.w3.org/ns/posix/stat#>."
        "@prefix dc: <http://purl.org/dc/terms/>. @prefix xsd: <http://www.w3.org/2001/XMLSchema#>."
    )

    with pytest.raises(Conflict):
        kept(prefixes + said)


@pytest.mark.parametrize(
    "said",
    [
        "<> a <http://example.org/Thing>; stat:size 1.",
        "<note.ttl> <http://example.org/title> <x>.",
        "<note.ttl#it> a <http://example.org/Thing>.",
        "<inner/deep> a <http://example.org/Thing>.",
        "<note.ttl.meta> a <http://example.org/Thing>.",
        "<http://other.example/> a <http://example.org/Thing>; <http://www.w3.org/ns/ldp#contains> <x>.",
        "[] a <http://example.org/Thing>; <http://www.w3.org/ns/ldp#contains> <note.ttl>.",
    ],
)
def test_a_client_may_say_everything_else(said: str) -> None:
    text = f"@prefix stat: <http://www.w3.org/ns/posix/stat#>. {said}"

    assert kept(text) == text.encode()


def test_a_patched_container_must_still_hold_what_it_held() -> None:
    whole = shown(b'<> <http://example.org/title> "Box".').decode()
    assert graph(kept(whole, whole=True)) == graph(b'<> <http://example.org/title> "Box".')

    with pytest.raises(Conflict):
        kept('<> <http://example.org/title> "Box".', whole=True)


def test_a_container_has_no_named_graphs() -> None:
    with pytest.raises(Conflict):
        kept("<g> { <a> <b> <c> }", media_type="application/trig")


def test_what_is_no_rdf_is_refused() -> None:
    with pytest.raises(Malformed):
        kept("<> <a>")
