"""Which statements only who controls a document may change."""

import pytest

from pod.model.resource import Uri
from pod.rdf import formats
from pod.rules import protected

DOC = Uri("https://pods.example/alice/card")
ISSUER = "http://www.w3.org/ns/solid/terms#oidcIssuer"


def found(turtle: str) -> protected.Statements:
    return protected.statements(formats.quads(turtle.encode(), "text/turtle", DOC), DOC)


@pytest.mark.parametrize(
    ("subject", "within"),
    [("<>", True), ("<#me>", True), ("<CARD#me>", False), ("<urn:x:y>", False), ("[]", False), ("<../card#me>", False)],
)
def test_what_is_said_of_the_document_or_a_fragment_counts(subject: str, within: bool) -> None:
    assert bool(found(f"{subject} <{ISSUER}> <https://login.example/>.")) is within


def test_only_some_properties_count() -> None:
    assert found("<#me> <http://www.w3.org/ns/solid/terms#publicTypeIndex> <x>; <https://voc.example/#x> 1.") == set()


def test_contexts_count_only_beside_statements() -> None:
    said = found(f"<#me> <{ISSUER}> <https://login.example/>.")

    assert protected.with_contexts(protected.NONE, ["https://x.example/"], DOC) == protected.NONE
    assert len(protected.with_contexts(said, ["https://x.example/"], DOC)) == 2


@pytest.mark.parametrize(
    ("media_type", "content", "free"),
    [
        ("text/turtle", b"<#a> <https://voc.example/#is> 1.", True),
        ("application/n-quads", b"", True),
        ("text/turtle", b"@prefix solid: <http://www.w3.org/ns/solid/terms#>.", False),
        ("text/turtle", b"@prefix pim: <http://www.w3.org/ns/pim/space#>.", False),
        ("text/turtle", b"bAsE <http://x.example/>", False),
        ("text/turtle", b"<\\u0041> <x> 1.", False),
        ("application/ld+json", b"{}", False),
        ("application/rdf+xml", b"<x/>", False),
    ],
)
def test_only_plain_text_without_the_names_is_free_at_a_glance(media_type: str, content: bytes, free: bool) -> None:
    assert protected.is_free(content, media_type) is free
