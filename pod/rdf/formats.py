"""RDF media types: check, parse, serialise, convert.

The default graph is the document's own: formats that hold no named graphs show it alone,
and patches act on it. JSON-LD, TriG and N-Quads keep named graphs.
"""

import itertools
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import TypeVar
from xml.parsers import expat

from pyoxigraph import Quad, QuadParser, RdfFormat, serialize
from pyoxigraph import __version__ as _oxigraph_version
from pyoxigraph import parse as _parse

from pod.errors import Malformed, NotAcceptable
from pod.rdf import bounds, jsonld
from pod.rdf.graph import BlankNode, DefaultGraph, Graph, Literal, NamedNode, Triple
from pod.rdf.vocab import RDF

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
NO_PREFIXES: Mapping[str, str] = MappingProxyType({})
SLICE = 1000
"""Statements between two breaths of a check."""

AnyTerm = TypeVar("AnyTerm")

_NAMES_GRAPHS = frozenset({JSON_LD, N_QUADS, TRIG})
_LINES = frozenset({N_TRIPLES, N_QUADS})
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_POSITION = re.compile(r"^Parser error (?:at|between) line [^:]*: ")
# A quotation mark in a string of JSON has a backslash before it, so that none can look like this.
_TYPES = re.compile(rb'"http://www.w3.org/1999/02/22-rdf-syntax-ns#type":\[((?:\{"@id":"[^"]*+"\},?)++)\]')
_LETTER = (
    r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    r"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
# A context of JSON-LD may name a prefix as no other format can.
_PREFIX = re.compile(rf"[{_LETTER}](?:[{_LETTER}\w.-]*[{_LETTER}\w-])?|", re.ASCII)
_XML_NAME_AT_END = re.compile(rf"[{_LETTER}_][{_LETTER}\w.-]*\Z", re.ASCII)
_BETWEEN_TEXTS = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!\[CDATA\[(?P<data>.*?)\]\]>", re.DOTALL)
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TRIPLE: Callable[[Quad], Triple] = attrgetter("triple")
_GROUND = frozenset({TURTLE, N_TRIPLES})
_MARKS = (b"_:", b"[", b"(", b"{", b"<<", b"~")


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
    numbered = enumerate(parser(content, media_type, base, contexts), 1)
    try:
        # Without a step of Python for each statement, and without keeping more than one.
        while last := deque(itertools.islice(numbered, SLICE), 1):
            yield last[0][0]
    except SyntaxError as error:
        raise _malformed(error) from error


def slices(
    content: bytes, media_type: str, base: str, contexts: Mapping[str, bytes] = NO_CONTEXTS
) -> Iterator[Sequence[Quad]]:
    """The statements of the content, some at a time; raises as `validation` does."""
    reader = parser(content, media_type, base, contexts)
    while statements := _read(reader, SLICE):
        yield statements


def _read(reader: QuadParser, most: int) -> Sequence[Quad]:
    """The next statements, up to `most`, which are read without a step of Python for each."""
    try:
        return tuple(itertools.islice(reader, most))
    except SyntaxError as error:
        raise _malformed(error) from error


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
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if kind == JSON_LD:
        content = jsonld.self_contained(content, base, contexts)
    elif kind == RDF_XML:
        content = _well_formed(content)
    else:
        bounds.require_shallow_terms(content)
    try:
        return _parse(content, format=FORMATS[kind], base_iri=base)
    except ValueError as error:
        raise Malformed(f"The content cannot be read as RDF: {error}.") from error


def guarded(statements: Iterator[Quad]) -> Iterator[Quad]:
    """The statements of a parser; what it objects to is raised as Malformed."""
    try:
        yield from statements
    except SyntaxError as error:
        raise _malformed(error) from error


def triples(reader: QuadParser) -> list[Triple]:
    """Every statement of a format without named graphs, in order; Malformed as `guarded` raises it."""
    try:
        return list(map(_TRIPLE, reader))
    except SyntaxError as error:
        raise _malformed(error) from error


def _malformed(error: SyntaxError) -> Malformed:
    column = error.offset if error.lineno is not None else None
    return Malformed(f"The content cannot be read as RDF: {reason(error)}.", error.lineno, column)


def serialise(
    statements: Iterable[Quad] | Iterable[Triple], media_type: str, prefixes: Mapping[str, str] = NO_PREFIXES
) -> bytes:
    """The statements in the given type; the same bytes for the same statements in the same order.

    Statements about one subject stand together where that is shorter. Named graphs are left out where the type cannot
    hold them; NotAcceptable when it cannot hold a statement at all.
    """
    kind = essence(media_type)
    quads = list(relabelled(one if isinstance(one, Quad) else Quad(*one) for one in statements))
    if kind not in _LINES:
        quads = _grouped(quads)
    triples = [quad.triple for quad in quads if isinstance(quad.graph_name, DefaultGraph)]
    if kind == RDF_XML:
        _require_expressible(triples)
    try:
        output = serialize(
            quads if kind in _NAMES_GRAPHS else triples, format=FORMATS[kind], prefixes=_usable(prefixes, kind)
        )
    except OSError as error:
        raise _inexpressible(kind, str(error)) from error
    assert output is not None  # None only when an output is given
    if kind == JSON_LD:
        return _TYPES.sub(_typed, output)
    # To a reader of XML, a carriage return as such is the end of a line.
    return output.replace(b"\r", b"&#13;") if kind == RDF_XML else output


def rewritten(triples: Iterable[Triple], media_type: str, prefixes: Mapping[str, str]) -> bytes:
    """The triples, none of which has a blank node, as Turtle or N-Triples in exactly this order."""
    kind = essence(media_type)
    output = serialize(triples, format=FORMATS[kind], prefixes=_usable(prefixes, kind))
    assert output is not None  # None only when an output is given
    return output


def is_ground(content: bytes, media_type: str) -> bool:
    """Whether the characters alone show that this is Turtle or N-Triples without blank nodes and quoted triples.

    No claim is made otherwise: the marks that are looked for may also stand in a text.
    """
    return essence(media_type) in _GROUND and not any(mark in content for mark in _MARKS)


def convert(
    content: bytes,
    source: str,
    target: str,
    base: str,
    contexts: Mapping[str, bytes] = NO_CONTEXTS,
) -> bytes:
    """The content in another type, with its prefixes where that has some.

    NotAcceptable when that type cannot hold a statement.
    """
    reader = parser(content, source, base, contexts)
    statements = list(guarded(reader))
    return serialise(statements, target, reader.prefixes)


def reason(error: SyntaxError) -> str:
    """What a parser objects to, without the place, and such that it can be shown."""
    text = _POSITION.sub("", str(error.msg))[:200].rstrip(".")
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def relabelled(statements: Iterable[Quad], letter: str = "b") -> Iterator[Quad]:
    """The statements with every blank node renamed by order of appearance, beginning with the letter.

    The parser draws names at random for those that have none in the text.
    """
    names: dict[BlankNode, BlankNode] = {}

    def renamed(term: AnyTerm) -> AnyTerm:
        if isinstance(term, BlankNode):
            return names.setdefault(term, BlankNode(f"{letter}{len(names)}"))  # type: ignore[return-value]  # of one kind
        if isinstance(term, Triple):
            return Triple(renamed(term.subject), term.predicate, renamed(term.object))  # type: ignore[return-value]  # as above
        return term

    for quad in statements:
        subject, value, graph = quad.subject, quad.object, quad.graph_name
        if isinstance(subject, BlankNode) or isinstance(value, BlankNode | Triple) or isinstance(graph, BlankNode):
            yield Quad(renamed(subject), quad.predicate, renamed(value), renamed(graph))
        else:
            yield quad


def _grouped(statements: Iterable[Quad]) -> list[Quad]:
    """The statements with those about one subject of one graph together, and by predicate; else in their order."""
    graphs: dict[object, dict[object, dict[object, list[Quad]]]] = {}
    for quad in statements:
        subjects = graphs.setdefault(quad.graph_name, {})
        subjects.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(quad)
    return [
        quad
        for subjects in graphs.values()
        for predicates in subjects.values()
        for group in predicates.values()
        for quad in group
    ]


def _typed(types: re.Match[bytes]) -> bytes:
    """The member that says the same as one of rdf:type, as people write it."""
    return b'"@type":[%s]' % types[1].replace(b'{"@id":', b"").replace(b"}", b"")


def _usable(prefixes: Mapping[str, str], kind: str) -> dict[str, str]:
    """The prefixes that may stand in a document of this kind."""
    usable = {name: iri for name, iri in prefixes.items() if _PREFIX.fullmatch(name) and _is_iri(iri)}
    if kind == RDF_XML:
        return {name: iri for name, iri in usable.items() if name and not name.lower().startswith("xml")}
    return usable


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def _well_formed(content: bytes) -> bytes:
    """XML with each text in one piece, or Malformed. The RDF parser takes what is no XML, and knows no lines."""
    bounds.require_plain_xml(content)
    try:
        expat.ParserCreate("UTF-8", " ").Parse(content, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise Malformed(f"The content is not XML: {reason}.", error.lineno, error.offset + 1) from error
    # Lines end in one way for all that reads XML (XML 1.0, 2.11).
    return _BETWEEN_TEXTS.sub(_joined, content.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


def _joined(part: re.Match[bytes]) -> bytes:
    """What stands for a comment or a CDATA section, such that the texts around it are one."""
    if part["data"] is None:
        return part[0] if part[0].startswith(b"<?") else b""
    return part["data"].replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _require_expressible(statements: Iterable[Triple]) -> None:
    """NotAcceptable unless RDF/XML has names for all predicates and types, and characters for all texts."""
    waiting = list(statements)
    while waiting:
        triple = waiting.pop()
        for term in (triple.predicate, triple.object if triple.predicate.value == RDF.type else None):
            if isinstance(term, NamedNode) and _XML_NAME_AT_END.search(term.value) is None:
                raise _inexpressible(RDF_XML, f"{term.value} does not end in a name")
        if isinstance(triple.object, Literal) and _NOT_XML.search(triple.object.value):
            raise _inexpressible(RDF_XML, "a text has control characters in it")
        if isinstance(triple.object, Triple):
            waiting.append(triple.object)


def _inexpressible(kind: str, reason: str) -> NotAcceptable:
    others = tuple(one for one in FORMATS if one != kind)
    return NotAcceptable(f"The document cannot be written as {kind}: {reason}.", others)
