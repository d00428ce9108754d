"""Which representation a client gets."""

import pytest

from pod.errors import NotAcceptable
from pod.rdf.formats import FORMATS, JSON_LD, N_TRIPLES, RDF_XML, TURTLE
from pod.rdf.negotiate import choose


@pytest.mark.spec("server-representation-turtle-jsonld")
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON_LD),
        ("", JSON_LD),
        (" \t", JSON_LD),
        ("*/*", JSON_LD),
        ("text/*", TURTLE),
        ("application/*", JSON_LD),
        ("text/turtle", TURTLE),
        ("TEXT/Turtle;Charset=utf-8", TURTLE),
        ("text/turtle;q=0.9, application/ld+json", JSON_LD),
        ("text/turtle;q=0.9, application/ld+json;q=0.8", TURTLE),
        ("text/turtle;q=0.9, application/ld+json;q=0.9", JSON_LD),
        ("text/turtle;q=0.9, */*;q=0.1", TURTLE),
        ("application/ld+json;q=0, */*", TURTLE),
        ("application/ld+json;q=0, */*;q=0.5, text/turtle;q=0.2", N_TRIPLES),
        ("application/*;q=0, */*", TURTLE),
        ("application/*;q=0.2, application/rdf+xml;q=0.3", RDF_XML),
        ("text/turtle;q=0, text/turtle;q=0.5", TURTLE),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON_LD),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON_LD),
        ("text/turtle;q=.2, application/ld+json;q=.1", TURTLE),
        ("text/turtle;q=1., application/ld+json;q=0.999", TURTLE),
        ("text/turtle;q=0., */*", JSON_LD),
        ("application/ld+json;q=0.0001, text/turtle;q=0.0002", TURTLE),
        ("text/turtle; Q = 0.5 , application/ld+json ; q=0.4", TURTLE),
        ('text/turtle;x="a,b;q=0", application/ld+json;q=0.5', TURTLE),
        ('text/turtle;x="\\",q=0";q=0.3, application/ld+json;q=0.2', TURTLE),
        ('text/turtle;x="unclosed, application/ld+json', TURTLE),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', JSON_LD),
        ("nonsense, , ;q=1, /, a/b/c, text/turtle", TURTLE),
        ("text/turtle;q=nonsense", TURTLE),
        ("text/turtle;q=2, application/ld+json;q=0.9", TURTLE),
        ("text/turtle;q", TURTLE),
    ],
)
def test_the_type_that_suits_the_client_best_is_chosen(accept: str | None, expected: str) -> None:
    assert choose(accept, JSON_LD) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "text/turtle;q=0",
        "*/*;q=0",
        "*/*;q=0.000",
        "nonsense",
        "text/turtle/x",
        "*",
        "application/json",
        ";",
        '"',
    ],
)
def test_what_no_type_suits_is_not_acceptable(accept: str) -> None:
    with pytest.raises(NotAcceptable) as refusal:
        choose(accept, TURTLE)

    assert refusal.value.available == tuple(FORMATS)


def test_the_stored_type_is_given_with_its_parameters() -> None:
    assert (
        choose("text/turtle, application/ld+json;q=0.9", "text/turtle; charset=utf-8") == "text/turtle; charset=utf-8"
    )


def test_a_listing_has_no_type_that_it_prefers_but_turtle() -> None:
    assert choose("*/*", JSON_LD, listing=True) == TURTLE
    assert choose(None, RDF_XML, listing=True) == TURTLE
    assert choose("application/*", TURTLE, listing=True) == JSON_LD


@pytest.mark.parametrize("accept", [None, "*/*", "image/*", "image/png;q=0.1", "text/html, image/png"])
def test_other_content_is_there_as_it_is(accept: str | None) -> None:
    assert choose(accept, "image/png") == "image/png"


def test_other_content_has_no_other_type() -> None:
    with pytest.raises(NotAcceptable) as refusal:
        choose("text/turtle, image/jpeg", "image/png")

    assert refusal.value.available == ("image/png",)


@pytest.mark.parametrize("piece", ["x  ;", "a/b;x  ;", '"', '\\"', 'a/b;x="\\', ", ", "a/b,", "a/b;q=0."])
def test_a_hostile_header_is_answered_at_once(piece: str) -> None:
    """Were all ways to read it tried, this would take longer than there is time."""
    with pytest.raises(NotAcceptable):
        choose(piece * 20_000, "image/png")
