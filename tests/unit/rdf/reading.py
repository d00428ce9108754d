"""Reading RDF in tests, and comparing what it says whatever its blank nodes are called."""

from collections.abc import Iterable

from pyoxigraph import CanonicalizationAlgorithm, Dataset

from pod.model.resource import Uri
from pod.rdf import edit, formats
from pod.rdf.formats import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from pod.rdf.graph import Quad

BASE = Uri("https://pod.example/alice/note")
PREFIXES = (
    "@prefix : <https://voc.example/#>. @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>."
    " @prefix solid: <http://www.w3.org/ns/solid/terms#>. @prefix xsd: <http://www.w3.org/2001/XMLSchema#>.\n"
)
SPARQL = "application/sparql-update"
N3 = "text/n3"

WITH_GRAPHS = (JSON_LD, N_QUADS, TRIG)
WITHOUT_GRAPHS = (TURTLE, N_TRIPLES, RDF_XML)


def canonical(statements: Iterable[Quad]) -> frozenset[Quad]:
    """The statements with blank nodes named by their place alone."""
    dataset = Dataset(statements)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return frozenset(dataset)


def statements(content: bytes | str, media_type: str = TURTLE, base: str = BASE) -> frozenset[Quad]:
    """What the content says."""
    text = content.encode() if isinstance(content, str) else content
    return canonical(formats.quads(text, media_type, base))


def said(turtle: str) -> frozenset[Quad]:
    """What TriG with the usual prefixes says."""
    return statements(PREFIXES + turtle, TRIG)


def patched(
    patch: str, before: bytes | str, media_type: str = TURTLE, patch_type: str = SPARQL, base: Uri = BASE
) -> bytes:
    """The content after the patch."""
    content = before.encode() if isinstance(before, str) else before
    return edit.parse(patch_type, patch.encode(), base).apply(content, media_type, base, {})
