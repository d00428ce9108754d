"""JSON-LD written the way its author writes: nested, with lists, and in the terms of its own context."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from pod.errors import Malformed
from pod.rdf import bounds, formats, jsonld
from pod.rdf.graph import BlankNode, Quad
from pod.rdf.vocab import RDF, XSD

DEPTH = 16
"""How deep blank nodes and lists are nested in each other; deeper ones are named."""
LIMIT_WORK = 1_000_000
"""Statements times terms of the contexts within the context: about as many are gone through."""

Json = Any  # the shape of a JSON document is known only when it has been looked at
Node = dict[str, Json]

# How each type looks where JSON can say the same, and every reader of JSON keeps all digits.
_NATIVE = {
    XSD.boolean: re.compile("true|false"),
    XSD.double: re.compile(
        r"-?[1-9]\.(?:0E-[1-9]|\d{0,13}[1-9]E(?:0|-[1-9])|\d{1,13}[1-9]E1|\d{2,13}[1-9]E2|\d{3,13}[1-9]E3)"
    ),
    XSD.integer: re.compile(r"0|-?[1-9]\d{0,14}"),
}
_CELL = {"@id", RDF.first, RDF.rest}


def rewritten(statements: Sequence[Quad], original: bytes, base: str, contexts: Mapping[str, bytes]) -> bytes:
    """The statements as JSON-LD, with the context that the original document has at its top, if it has one.

    Where that context cannot say them, or takes too long to, they come without one.
    """
    expanded = _nested(jsonld.loaded(formats.serialise(statements, formats.JSON_LD)))
    indent = 2 if b"\n" in original else None
    context = jsonld.own_context(jsonld.loaded(original))
    inlined = jsonld.inlined_context(context, base, contexts)
    if context is None or bounds.scoped_terms(inlined) * len(statements) > LIMIT_WORK:
        return jsonld.dumped(expanded, indent)
    ways = [_native(expanded, _coerced(inlined)), expanded]
    # IRIs stay relative to the document unless its author names it.
    if base.encode() not in original:
        ways.insert(0, _relative(ways[0], base))
    wanted = _shape(statements)
    for way in ways:
        try:
            written = jsonld.dumped({"@context": context, **_compacted(way, inlined)}, indent)
            if _shape(formats.quads(written, formats.JSON_LD, base, contexts)) == wanted:
                return written
        except Malformed:
            continue
    return jsonld.dumped(expanded, indent)


def _compacted(document: Json, context: Json) -> Node:
    """The document in the terms of the context, or Malformed when they do not fit."""
    from pyld import jsonld as pyld  # noqa: PLC0415 - few documents need it, and it takes 30 MB

    # Without a base, IRIs stay absolute where that of the context does not make them relative.
    options = {"skipExpansion": True, "compactToRelative": False}
    try:
        found: Node = pyld.compact(document, {"@context": context}, options)
    except (pyld.JsonLdError, *jsonld.LOST) as error:
        raise Malformed(f"The content does not fit its context: {error}.") from error
    found.pop("@context", None)
    return found


def _shape(statements: Iterable[Quad]) -> Counter[tuple[object, ...]]:
    """The statements but for the names of blank nodes, which have no meaning."""
    parts = ((one.subject, one.predicate, one.object, one.graph_name) for one in statements)
    return Counter(tuple(None if isinstance(part, BlankNode) else part for part in one) for one in parts)


def _relative(node: Json, base: str) -> Json:
    """The document with what is in it named by "" and "#fragment"."""
    if isinstance(node, list):
        return [_relative(one, base) for one in node]
    if not isinstance(node, dict) or node.get("@type") == "@json":
        return node
    found = {key: _relative(one, base) for key, one in node.items()}
    name = found.get("@id")
    if name == base or (isinstance(name, str) and name.startswith(f"{base}#")):
        found["@id"] = name.removeprefix(base)
    return found


def _native(node: Json, coerced: frozenset[str]) -> Json:
    """The document with JSON literals, whole numbers and the like as the JSON that they are.

    Not those of a type that the context gives to a term: there a string is the shorter way.
    """
    if isinstance(node, list):
        return [_native(one, coerced) for one in node]
    if not isinstance(node, dict):
        return node
    kind = node.get("@type")
    if not isinstance(kind, str):
        return {key: _native(one, coerced) for key, one in node.items()}
    if kind == RDF.JSON:
        return _literal(node)
    shape = _NATIVE.get(kind)
    if shape is None or _local(kind) in coerced or shape.fullmatch(node["@value"]) is None:
        return node
    return {"@value": json.loads(node["@value"])}


def _literal(node: Node) -> Node:
    """A JSON literal as JSON, or as it was when it is none."""
    try:
        return {"@type": "@json", "@value": jsonld.loaded(node["@value"].encode())}
    except Malformed:
        return node


def _coerced(context: Json) -> frozenset[str]:
    """The local names of all types that the context gives to terms."""
    if isinstance(context, list):
        return frozenset().union(*map(_coerced, context))
    if not isinstance(context, dict):
        return frozenset()
    own = {_local(context["@type"])} if isinstance(context.get("@type"), str) else set()
    return frozenset(own).union(*map(_coerced, context.values()))


def _local(name: str) -> str:
    return re.split("[#:]", name)[-1]


def _nested(document: list[Node]) -> list[Node]:
    """Flat expanded JSON-LD with each blank node in the one place where it is referred to, and with lists."""
    uses = Counter(_names(document))
    found = _Tree([node for node in document if "@graph" not in node], uses).roots()
    for node in document:
        if "@graph" in node:
            found.append({"@id": node["@id"], "@graph": _Tree(node["@graph"], uses).roots()})
    return found


def _names(node: Json) -> Iterator[str]:
    """Every name of a node, once for each place where it stands; twice where nothing can be put in its place."""
    if isinstance(node, list):
        yield from chain.from_iterable(map(_names, node))
        return
    if "@id" in node:
        yield node["@id"]
    if "@value" not in node:
        yield from 2 * node.get("@type", [])
        yield from chain.from_iterable(_names(one) for key, one in node.items() if key not in {"@id", "@type"})


class _Tree:
    """The nodes of one graph."""

    def __init__(self, nodes: list[Node], uses: Counter[str]) -> None:
        self._nodes = {node["@id"]: node for node in nodes}
        self._uses = uses
        self._placed: set[str] = set()

    def roots(self) -> list[Node]:
        """The nodes with all others in them: first those that are no part of one, then what goes in a circle."""
        inner = {name for name in self._nodes if self._is_inner(name)}
        found = [self._node(name, 0) for name in self._nodes if name not in inner]
        return found + [self._node(name, 0) for name in self._nodes if name in inner and name not in self._placed]

    def _is_inner(self, name: str) -> bool:
        """Whether this is a blank node that stands as subject once, and in one other place."""
        return name.startswith("_:") and self._uses[name] == 2

    def _node(self, name: str, depth: int) -> Node:
        self._placed.add(name)
        return {
            key: values if key.startswith("@") else [self._value(one, depth + 1) for one in values]
            for key, values in self._nodes[name].items()
            if key != "@id" or not name.startswith("_:") or (depth == 0 and self._uses[name] > 1)
        }

    def _value(self, value: Node, depth: int) -> Node:
        """What stands for the value: a list or node in its whole, if that is where it belongs, or the name of it."""
        name = value.get("@id")
        if name is None or depth >= DEPTH:
            return value
        items = self._items(name)
        if items is not None:
            return {"@list": [self._value(one, depth + 1) for one in items]}
        if name in self._nodes and name not in self._placed and self._is_inner(name):
            return self._node(name, depth)
        return value

    def _items(self, head: str) -> list[Node] | None:
        """The members of the list that begins with this node, or None when it is not wholly a list."""
        items: list[Node] = []
        cells: list[str] = []
        while head != RDF.nil:
            cell = self._nodes.get(head, {})
            if head in self._placed or not self._is_inner(head) or cell.keys() != _CELL:
                return None
            if len(cell[RDF.first]) != 1 or len(cell[RDF.rest]) != 1:
                return None
            items += cell[RDF.first]
            cells.append(head)
            head = cell[RDF.rest][0].get("@id", "")
        self._placed.update(cells)
        return items
