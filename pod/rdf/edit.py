"""Patches: how they are read, and how they are applied to a document as a whole."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from pod.errors import Malformed, UnsupportedMediaType
from pod.model.operation import Edit
from pod.model.resource import Uri
from pod.rdf import formats, jsonld, n3_patch, sparql_update
from pod.rdf.graph import BlankNode, DefaultGraph, Quad, Triple

Parser = Callable[[bytes, str], n3_patch.Changing]

PARSERS: Mapping[str, Parser] = MappingProxyType(
    {n3_patch.MEDIA_TYPE: n3_patch.parse, sparql_update.MEDIA_TYPE: sparql_update.parse}
)
"""How each media type of a patch is read: body and base URI give the patch."""

ACCEPTED = tuple(PARSERS)


def parse(media_type: str | None, body: bytes, base: Uri) -> Edit:
    """The patch in `body`.

    Malformed without a media type or when it cannot be read, UnsupportedMediaType for another
    one, Unprocessable when it breaks a rule of its format.
    """
    if media_type is None:
        raise Malformed(f"The patch has no Content-Type; send one of {', '.join(ACCEPTED)}.")
    parser = PARSERS.get(formats.essence(media_type))
    if parser is None:
        raise UnsupportedMediaType(
            f"A patch of type {formats.essence(media_type)} is not understood; send {' or '.join(ACCEPTED)}.",
            ACCEPTED,
        )
    return _Edit(parser(body, base))


class _Edit:
    """A change to triples, as a change to content."""

    def __init__(self, changing: n3_patch.Changing) -> None:
        self._changing = changing
        self.modes = changing.modes

    def apply(self, content: bytes, media_type: str, base: Uri, contexts: Mapping[str, bytes]) -> bytes:
        """The patched content, in the same media type; statements keep their order.

        Conflict when the patch does not fit, UnsupportedMediaType when this is no RDF.
        """
        if not formats.is_rdf(media_type):
            raise UnsupportedMediaType(
                f"Only RDF can be patched, and this is {formats.essence(media_type)}; replace it by PUT."
            )
        reader = formats.parser(content, media_type, base, contexts)
        statements = list(dict.fromkeys(formats.guarded(reader)))
        deletes, inserts = self._changing.difference(formats.default_graph(statements))
        changed = _changed(statements, deletes, inserts)
        if changed == statements:
            return content
        output = formats.serialise(formats.relabelled(changed), media_type, reader.prefixes)
        if formats.essence(media_type) == formats.JSON_LD:
            return jsonld.compacted(output, content, base, contexts)
        return output


def _changed(statements: list[Quad], deletes: Iterable[Triple], inserts: Sequence[Triple]) -> list[Quad]:
    """The statements without the deleted ones, then the inserted ones that were not there."""
    gone = frozenset(deletes)
    kept = [quad for quad in statements if not (isinstance(quad.graph_name, DefaultGraph) and quad.triple in gone)]
    fresh = _fresh(inserts, kept)
    there = frozenset(kept)
    added = [Quad(one.subject, one.predicate, one.object) for one in fresh]
    return kept + [quad for quad in dict.fromkeys(added) if quad not in there]


def _fresh(inserts: Sequence[Triple], kept: Sequence[Quad]) -> list[Triple]:
    """The triples, with the blank nodes that the patch makes named apart from those that are there.

    A blank node that was bound to one of the document is told apart by `n3_patch.NEW`.
    """
    taken = {term.value for quad in kept for term in (quad.subject, quad.object) if isinstance(term, BlankNode)}
    names: dict[BlankNode, BlankNode] = {}

    def renamed(term: object) -> object:
        if not isinstance(term, BlankNode) or not term.value.startswith(n3_patch.NEW):
            return term
        if term not in names:
            number = len(names)
            while f"n{number}" in taken:
                number += 1
            taken.add(f"n{number}")
            names[term] = BlankNode(f"n{number}")
        return names[term]

    return [Triple(renamed(t.subject), t.predicate, renamed(t.object)) for t in inserts]  # type: ignore[arg-type]  # a renamed term keeps its kind
