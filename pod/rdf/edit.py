"""Patches: how they are read, and how they are applied to a document as a whole."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from pod.errors import Conflict, Malformed, NotAcceptable, UnsupportedMediaType
from pod.model.access import Mode
from pod.model.operation import Edit
from pod.model.resource import Uri
from pod.rdf import compact, formats, n3_patch, sparql_update
from pod.rdf.graph import Graph, Quad, Triple


class Changing(Protocol):
    """What a patch does to a graph, whatever its syntax."""

    @property
    def modes(self) -> frozenset[Mode]:
        """The modes that the patch needs on its target."""

    def difference(self, graph: Graph) -> tuple[Sequence[Triple], Sequence[Triple]]:
        """The triples to delete, and then those to insert, or Conflict when the patch does not fit.

        Blank nodes that the patch makes have labels that begin with `patterns.NEW`; those of
        the graph do not.
        """


Parser = Callable[[bytes, str], Changing]

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

    def __init__(self, changing: Changing) -> None:
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
        statements = list(dict.fromkeys(formats.relabelled(formats.guarded(reader))))
        deletes, inserts = self._changing.difference(formats.default_graph(statements))
        changed = _changed(statements, deletes, inserts)
        if changed == statements:
            return content
        if formats.essence(media_type) == formats.JSON_LD:
            return compact.rewritten(changed, content, base, contexts)
        try:
            return formats.serialise(changed, media_type, reader.prefixes)
        except NotAcceptable as error:
            raise Conflict(f"{error.message} Replace it by PUT in another format first.") from error


def _changed(statements: Sequence[Quad], deletes: Iterable[Triple], inserts: Iterable[Triple]) -> list[Quad]:
    """The statements without the deleted ones, then the inserted ones that were not there."""
    gone = {Quad(*triple) for triple in deletes}
    kept = [quad for quad in statements if quad not in gone]
    return list(dict.fromkeys([*kept, *(Quad(*triple) for triple in inserts)]))
