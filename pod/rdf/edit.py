"""Patches: how they are read, and how they are applied to a document as a whole."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from pod.errors import Conflict, Malformed, NotAcceptable, UnsupportedMediaType
from pod.model.access import Mode
from pod.model.operation import Edit
from pod.model.resource import Uri
from pod.rdf import compact, formats, n3_patch, sparql_update
from pod.rdf.graph import BlankNode, Quad, Triple


class Changing(Protocol):
    """What a patch does to a graph, whatever its syntax."""

    @property
    def modes(self) -> frozenset[Mode]:
        """The modes that the patch needs on its target."""

    def difference(self, graph: AbstractSet[Triple]) -> tuple[Sequence[Triple], Sequence[Triple]]:
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

RECENT = 32
"""How many edited documents are remembered."""
SHORT = 32 * 1024
"""Bytes of the longest of them. What is much longer is edited in threads, which share nothing."""


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
        if formats.is_ground(content, media_type):
            return self._applied_to_ground(content, media_type, base)
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

    def _applied_to_ground(self, content: bytes, media_type: str, base: Uri) -> bytes:
        """The same for a document of plain triples, which nearly all are: in a third of the time."""
        kind = formats.essence(media_type)
        plain = _EDITED.pop((content, kind), None) or _read(content, media_type, base)
        kept, prefixes = plain.triples, plain.prefixes
        before = len(kept)
        deletes, inserts = self._changing.difference(kept.keys())
        for triple in deletes:
            kept.pop(triple, None)
        added = [triple for triple in dict.fromkeys(inserts) if triple not in kept]
        if not added and len(kept) == before:
            return content
        placed = _placed(kept, added)
        if any(isinstance(term, BlankNode | Triple) for one in added for term in (one.subject, one.object)):
            return formats.serialise(placed, media_type, prefixes)
        after = formats.rewritten(placed, media_type, prefixes)
        # What is empty has lost its prefixes.
        if placed and max(len(content), len(after)) <= SHORT:
            _remember(after, kind, _Plain(dict.fromkeys(placed) if added else kept, prefixes))
        return after


@dataclass(frozen=True, slots=True)
class _Plain:
    """A document of plain triples, read."""

    triples: dict[Triple, None]
    """In their order."""
    prefixes: Mapping[str, str]


def _read(content: bytes, media_type: str, base: Uri) -> _Plain:
    reader = formats.parser(content, media_type, base)
    return _Plain(dict.fromkeys(formats.triples(reader)), reader.prefixes)


_EDITED: dict[tuple[bytes, str], _Plain] = {}
"""What edits made last, and would be read again for the next edit of the same document. All
IRIs in it are absolute, so that it means the same everywhere. Who takes one out owns it."""


def _remember(content: bytes, kind: str, plain: _Plain) -> None:
    _EDITED[content, kind] = plain
    while len(_EDITED) > RECENT:
        _EDITED.pop(next(iter(_EDITED)), None)


def _placed(kept: Iterable[Triple], added: Sequence[Triple]) -> list[Triple]:
    """The kept triples in their order, each added one after those that say something alike of its subject."""
    if not added:
        return list(kept)
    ordered = list(kept)
    last = _last(ordered, added)
    after: dict[int, list[Triple]] = {}
    end = len(ordered) - 1
    for triple in added:
        place = last.get((triple.subject, triple.predicate), last.get(triple.subject, end))
        after.setdefault(place, []).append(triple)
    found = after.pop(-1, [])
    start = 0
    for place in sorted(after):
        found += ordered[start : place + 1]
        found += after[place]
        start = place + 1
    return found + ordered[start:]


def _last(ordered: Sequence[Triple], added: Iterable[Triple]) -> dict[object, int]:
    """Where the last triple is about each subject, and about each subject with predicate, of those added."""
    pairs = {(triple.subject, triple.predicate) for triple in added}
    subjects = {subject for subject, _ in pairs}
    last: dict[object, int] = {}
    for number in range(len(ordered) - 1, -1, -1):
        subject = ordered[number].subject
        if subject in subjects:
            last.setdefault(subject, number)
            pair = (subject, ordered[number].predicate)
            if pair in pairs:
                last[pair] = number
                pairs.remove(pair)
                if not pairs:
                    break
    return last


def _changed(statements: Sequence[Quad], deletes: Iterable[Triple], inserts: Iterable[Triple]) -> list[Quad]:
    """The statements without the deleted ones, then the inserted ones that were not there."""
    gone = {Quad(*triple) for triple in deletes}
    kept = [quad for quad in statements if quad not in gone]
    return list(dict.fromkeys([*kept, *(Quad(*triple) for triple in inserts)]))
