"""Documents of plain triples take a shorter way through a patch: with the same result, whatever the patch."""

import pytest

from pod.errors import Malformed
from pod.model.resource import Uri
from pod.rdf import edit, formats

BASE = Uri("https://a.example/x")
DOCUMENT = b"""@prefix ex: <https://ex.example/>.
ex:a ex:p 1, 2; ex:q "one".
ex:b ex:p 3.
ex:c ex:p 4.
"""
# A mark in a comment says that there could be blank nodes, and so leads the long way.
LONG_WAY = DOCUMENT + b"# [\n"
PREFIX = "PREFIX ex: <https://ex.example/>\n"


def applied(content: bytes, update: str) -> bytes:
    parsed = edit.parse("application/sparql-update", (PREFIX + update).encode(), BASE)
    return parsed.apply(content, "text/turtle", BASE, {})


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { ex:a ex:p 9 }",
        "INSERT DATA { ex:new ex:p 9 . ex:b ex:q 8 . ex:a ex:r 7 }",
        "DELETE DATA { ex:b ex:p 3 }",
        "DELETE DATA { ex:a ex:p 1 } ; INSERT DATA { ex:a ex:p 5 }",
        "DELETE { ?s ex:p ?o } INSERT { ?s ex:r ?o } WHERE { ?s ex:p ?o }",
        "INSERT DATA { ex:a ex:p [ ex:q 1 ] }",
        "DELETE WHERE { ?s ?p ?o }",
    ],
)
def test_both_ways_give_the_same_graph(update: str) -> None:
    assert not formats.is_ground(LONG_WAY, "text/turtle")
    assert formats.is_ground(DOCUMENT, "text/turtle")

    short = formats.parse(applied(DOCUMENT, update), "text/turtle", BASE)
    long = formats.parse(applied(LONG_WAY, update), "text/turtle", BASE)

    assert short == long


def test_an_added_triple_stands_with_its_subject_and_the_rest_keeps_its_order() -> None:
    content = applied(DOCUMENT, "INSERT DATA { ex:a ex:p 9 . ex:z ex:p 0 }")

    objects = [str(quad.object).partition("^^")[0] for quad in formats.quads(content, "text/turtle", BASE)]
    assert objects == ['"1"', '"2"', '"9"', '"one"', '"3"', '"4"', '"0"']


def test_a_triple_with_another_predicate_stands_after_all_that_is_said_of_its_subject() -> None:
    content = applied(DOCUMENT, "INSERT DATA { ex:a ex:r 7 . ex:b ex:p 8 }")

    objects = [str(quad.object).partition("^^")[0] for quad in formats.quads(content, "text/turtle", BASE)]
    assert objects == ['"1"', '"2"', '"one"', '"7"', '"3"', '"8"', '"4"']


def test_what_was_edited_a_moment_ago_is_edited_as_if_it_were_read_again() -> None:
    """The first of two edits of the same content may find it in memory, the second does not."""
    content = DOCUMENT
    for number in range(2 * edit.RECENT):
        update = f"DELETE DATA {{ ex:a ex:p {number} }} ; INSERT DATA {{ ex:a ex:p {number + 1} . ex:n ex:q {number} }}"

        first, second = applied(content, update), applied(content, update)

        assert first == second
        content = first
    assert content.startswith(b"@prefix ex: <https://ex.example/>")


def test_an_added_triple_begins_an_empty_document() -> None:
    assert b"ex.example/a" in applied(b"", "INSERT DATA { ex:a ex:p 9 }")


@pytest.mark.parametrize("update", ["INSERT DATA { ex:a ex:p 1 }", "DELETE DATA { ex:a ex:p 77 }"])
def test_a_patch_that_changes_nothing_leaves_the_bytes_as_they_are(update: str) -> None:
    assert applied(DOCUMENT, update) is DOCUMENT


def test_content_that_is_damaged_is_refused_with_its_place() -> None:
    with pytest.raises(Malformed) as refused:
        applied(b"@prefix ex: <https://ex.example/>.\nex:a ex:p .\n", "INSERT DATA { ex:a ex:p 9 }")

    assert refused.value.line == 2
