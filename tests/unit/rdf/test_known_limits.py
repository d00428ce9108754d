"""What docs/reference/http.md says under "Known limits": when one of these fails, it has to say something else."""

import pytest

from pod.rdf import formats
from pod.rdf.formats import JSON_LD, N_TRIPLES, TURTLE
from pod.rdf.vocab import XSD
from tests.unit.rdf.reading import BASE


@pytest.mark.parametrize(("source", "target"), [(TURTLE, N_TRIPLES), (N_TRIPLES, TURTLE), (TURTLE, JSON_LD)])
def test_language_tags_of_derived_forms_are_in_lower_case(source: str, target: str) -> None:
    derived = formats.convert(b'<http://v.example/a> <http://v.example/b> "colour"@en-GB .', source, target, BASE)

    assert b"en-gb" in derived
    assert b"en-GB" not in derived


@pytest.mark.parametrize(
    ("number", "datatype"),
    [(10**20 - 1, "integer"), (10**20, "double"), (1 - 10**20, "integer"), (-(10**20), "double")],
)
def test_json_integers_of_more_than_twenty_digits_are_doubles(number: int, datatype: str) -> None:
    plain = b'{"http://v.example/n": %d}' % number
    typed = b'{"http://v.example/n": {"@value": "%d", "@type": "%s"}}' % (number, XSD.integer.encode())

    assert f"#{datatype}>".encode() in formats.convert(plain, JSON_LD, N_TRIPLES, BASE)
    assert f'"{number}"^^<{XSD.integer}>'.encode() in formats.convert(typed, JSON_LD, N_TRIPLES, BASE)
