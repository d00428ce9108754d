"""RDF media types: check, parse, serialise, convert.

The default graph is the document's own: formats that hold no named graphs show it alone,
and patches act on it. JSON-LD, TriG and N-Quads keep named graphs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from pyoxigraph import BlankNode, DefaultGraph, Quad, QuadParser, RdfFormat, Triple, serialize
from pyoxigraph import __version__ as _oxigraph_version
from pyoxigraph import parse as _parse

from pod.errors import Malformed
from pod.rdf import jsonld
from pod.rdf.graph import Graph

TURTLE = "text/turtle"
JSON_LD = "application/ld+json"
N_TRIPLES = "application/n-triples"
N_QUADS = "application/n-quads"
TRIG = "application/trig"
RDF_XML = "application/rdf+xml"

FORMATS: Mapping[str, RdfFormat] = MappingProxyType(
    {
        TURTLE: RdfFormat.TURTLE,
        JSON_LD: RdfFormat.JSON_LD,
        N_TRIPLES: RdfFormat.N_TRIPLES,
        N_QUADS: RdfFormat.N_QUADS,
        TRIG: RdfFormat.TRIG,
        RDF_XML: RdfFormat.RDF_XML,
    }
)
"""Every media type that is read and written, in the order in which they are offered."""

WRITER = f"1.{_oxigraph_version}"
"""Changes whenever the bytes of a derived representation may change; part of their ETags."""

NO_CONTEXTS: Mapping[str, bytes] = MappingProxyType({})
SLICE = 1000
"""Statements between two breaths of a check."""

_ENTITY = re.compile(rb"<!ENTITY\s+[^\s>]+\s+(\"[^\"]*\"|'[^']*'|[^\"'>]*)")
_ENTITY_LENGTH = 1000
_POSITION = re.compile(r" \(line \d+\)$|^Parser error (?:at|between) line \d+ column \d+(?: and .*?)?: ")
# A patch that inserts a name with a dot or colon after the prefix must not break the document:
# prefixes with an empty namespace or one that is no IRI are left out.
_PREFIX_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|")


def essence(media_type: str) -> str:
    """Type and subtype in lower case, without parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_rdf(media_type: str) -> bool:
    """Whether content of this type is a graph that can be read as any other RDF type."""
    return essence(media_type) in FORMATS


def validation(
    content: bytes, media_type: str, base: str, contexts: Mapping[str, bytes] = NO_CONTEXTS
) -> Iterator[int]:
    """Check that the content parses, a slice at a time, so that others get their turn between.

    Yields the number of statements so far; raises Malformed, with line and column where known.
    """
    count = 0
    for count, _ in enumerate(quads(content, media_type, base, contexts), 1):
        if count % SLICE == 0:
            yield count
    yield count


def parse(content: bytes, media_type: str, base: str, contexts: Mapping[str, bytes] = NO_CONTEXTS) -> Graph:
    """The default graph of the content, or Malformed."""
    return default_graph(quads(content, media_type, base, contexts))


def default_graph(statements: Iterable[Quad]) -> Graph:
    """The triples of the default graph."""
    return frozenset(quad.triple for quad in statements if isinstance(quad.graph_name, DefaultGraph))


def quads(content: bytes, media_type: str, base: str, contexts: Mapping[str, bytes] = NO_CONTEXTS) -> Iterator[Quad]:
    """Every statement of the content in its order; reading on raises Malformed."""
    return guarded(parser(content, media_type, base, contexts))


def parser(content: bytes, media_type: str, base: str, contexts: Mapping[str, bytes] = NO_CONTEXTS) -> QuadParser:
    """The parser of the content: its statements, and once they are read, its prefixes."""
    kind = essence(media_type)
    if kind == JSON_LD:
        content = jsonld.self_contained(content, base, contexts)
        if content.startswith(jsonld.FLAT):
            kind, content = N_QUADS, content.removeprefix(jsonld.FLAT)
    elif kind == RDF_XML:
        _refuse_entity_bombs(content)
    try:
        return _parse(content.removeprefix(b"\xef\xbb\xbf"), format=FORMATS[kind], base_iri=base)
    except SyntaxError as error:
        raise _malformed(error) from error
    except ValueError as error:
        raise Malformed(f"The content cannot be read as RDF: {error}.") from error


def guarded(statements: Iterator[Quad]) -> Iterator[Quad]:
    """The statements of a parser; what it objects to is raised as Malformed."""
    try:
        yield from statements
    except SyntaxError as error:
        raise _malformed(error) from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise Malformed(f"The content cannot be read as RDF: {error}.") from error


def serialise(
    statements: Iterable[Quad] | Iterable[Triple],
    media_type: str,
    prefixes: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The statements in the given type; the same bytes for the same statements in the same order.

    Named graphs are left out where the type cannot hold them.
    """
    kind = essence(media_type)
    wanted: Iterable[Quad] | Iterable[Triple] = statements
    if kind in {TURTLE, N_TRIPLES, RDF_XML}:
        wanted = [
            one if isinstance(one, Triple) else one.triple
            for one in statements
            if isinstance(one, Triple) or isinstance(one.graph_name, DefaultGraph)
        ]
    usable = {name: iri for name, iri in prefixes.items() if _PREFIX_NAME.fullmatch(name) and ":" in iri}
    # An RDF/XML file names its namespaces by XML names, which the empty prefix is not.
    if kind == RDF_XML:
        usable.pop("", None)
    output = serialize(wanted, format=FORMATS[kind], prefixes=usable)
    assert output is not None  # None only when an output is given
    return output


def convert(
    content: bytes,
    source: str,
    target: str,
    base: str,
    contexts: Mapping[str, bytes] = NO_CONTEXTS,
) -> bytes:
    """The content in another type, with its prefixes where that has some.

    The same bytes each time: blank nodes without a label of their own get one by their order.
    """
    reader = parser(content, source, base, contexts)
    statements = list(relabelled(guarded(reader)))
    return serialise(statements, target, reader.prefixes)


def relabelled(statements: Iterable[Quad]) -> Iterator[Quad]:
    """The statements with every blank node renamed by order of appearance.

    The parser draws names at random for those that have none in the text.
    """
    names: dict[BlankNode, BlankNode] = {}

    def renamed(term: object) -> object:
        if isinstance(term, BlankNode):
            return names.setdefault(term, BlankNode(f"b{len(names)}"))
        if isinstance(term, Triple):
            return Triple(renamed(term.subject), term.predicate, renamed(term.object))  # type: ignore[arg-type]  # a renamed term keeps its kind
        return term

    for quad in statements:
        parts = (quad.subject, quad.object, quad.graph_name)
        if any(isinstance(part, BlankNode | Triple) for part in parts):
            subject, value, graph = map(renamed, parts)
            yield Quad(subject, quad.predicate, value, graph)  # type: ignore[arg-type]  # as above
        else:
            yield quad


def _refuse_entity_bombs(content: bytes) -> None:
    """Entities may shorten namespaces, which is what they are for; none may grow without bound."""
    if b"<!ENTITY" not in content:
        return
    for entity in _ENTITY.finditer(content):
        value = entity.group(1)
        if b"&" in value or len(value) > _ENTITY_LENGTH:
            line = content.count(b"\n", 0, entity.start()) + 1
            raise Malformed(
                f"The entity declared here is longer than {_ENTITY_LENGTH} bytes or refers to another one;"
                " write it out.",
                line,
                1,
            )


def _malformed(error: SyntaxError) -> Malformed:
    what = _POSITION.sub("", _POSITION.sub("", str(error.msg))).rstrip(".")
    column = error.offset if error.lineno is not None else None
    return Malformed(f"The content cannot be read as RDF: {what}.", error.lineno, column)
