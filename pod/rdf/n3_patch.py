"""Solid N3 Patch (Solid Protocol, 5.3.1)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import RdfFormat
from pyoxigraph import parse as _parse

from pod.errors import Conflict, Malformed, Unprocessable
from pod.model.access import Mode
from pod.rdf import vocab
from pod.rdf.graph import BlankNode, DefaultGraph, Graph, NamedNode, Term, Triple
from pod.rdf.patterns import Marked, Matcher, bind, mark, terms

MEDIA_TYPE = "text/n3"
NEW = "new-"
"""Begins the label of every blank node that a patch makes."""

_TYPE = NamedNode(vocab.RDF.type)
_INSERTS = NamedNode(vocab.SOLID.inserts)
_DELETES = NamedNode(vocab.SOLID.deletes)
_WHERE = NamedNode(vocab.SOLID.where)
_INSERT_DELETE_PATCH = NamedNode(vocab.SOLID.InsertDeletePatch)


class Changing(Protocol):
    """What a patch does to a graph, whatever its syntax."""

    @property
    def modes(self) -> frozenset[Mode]:
        """The modes that the patch needs on its target."""

    def difference(self, graph: Graph) -> tuple[Sequence[Triple], Sequence[Triple]]:
        """The triples to delete, and then those to insert, or Conflict when the patch does not fit."""


@dataclass(frozen=True, slots=True)
class N3Patch:
    """A patch that keeps every rule of the specification."""

    where: tuple[Triple, ...]
    deletes: tuple[Triple, ...]
    inserts: tuple[Triple, ...]
    marked: Marked

    @property
    def modes(self) -> frozenset[Mode]:
        """server-n3-patch-where, server-n3-patch-insert, server-n3-patch-delete."""
        modes = {Mode.READ} if self.where else set()
        if self.inserts:
            modes.add(Mode.APPEND)
        if self.deletes:
            modes.update({Mode.READ, Mode.WRITE})
        # A patch that does nothing still says whether the resource is there.
        return frozenset(modes or {Mode.APPEND})

    def difference(self, graph: Graph) -> tuple[Sequence[Triple], Sequence[Triple]]:
        """What to delete and what to insert.

        Fits means: `where` matches exactly once, and every triple to delete is there.
        """
        bindings = self._bindings(graph)
        deletes = bind(self.deletes, bindings)
        # server-patch-n3-semantics-deletions-non-empty-all-triples
        if not graph.issuperset(deletes):
            raise Conflict("A triple that the patch deletes is not in the resource.")
        return deletes, bind(self.inserts, bindings)

    def _bindings(self, graph: Graph) -> Mapping[Term, Term]:
        if not self.where:
            return {}
        found: Mapping[Term, Term] | None = None
        for solution in Matcher(graph, self.marked).solutions(self.where):
            named = {term: value for term, value in solution.items() if not isinstance(term, BlankNode)}
            # server-patch-n3-semantics-no-mapping
            if found is not None and found != named:
                raise Conflict("The conditions of the patch match in more than one way; make them narrower.")
            found = named
        if found is None:
            raise Conflict("The conditions of the patch match nothing in the resource.")
        return found


def parse(body: bytes, base: str) -> N3Patch:
    """The patch in the document; Malformed when it is not N3, Unprocessable when it breaks a rule."""
    marked = mark(body)
    graphs: dict[object, list[Triple]] = defaultdict(list)
    try:
        for quad in _parse(marked.text, format=RdfFormat.N3, base_iri=base):
            graphs[quad.graph_name].append(quad.triple)
    except SyntaxError as error:
        raise Malformed(f"The patch is not N3: {error.msg}.", error.lineno, error.offset) from error
    except ValueError as error:
        raise Malformed(f"The patch is not N3: {error}.") from error
    top = graphs.pop(DefaultGraph(), [])
    patch = _patch_resource(top)
    where, deletes, inserts = (_formula(top, graphs, patch, one) for one in (_WHERE, _DELETES, _INSERTS))
    _require_known_variables(marked, where, deletes, inserts)
    _require_apart(top, where, deletes, inserts)
    return N3Patch(where, deletes, _renewed(inserts), marked)


def _patch_resource(top: Iterable[Triple]) -> object:
    """The one resource that patch statements are about (server-patch-n3-single, -simple-type)."""
    about = {t.subject for t in top if t.predicate in {_INSERTS, _DELETES, _WHERE}}
    typed = {t.subject for t in top if t.predicate == _TYPE and t.object == _INSERT_DELETE_PATCH}
    if not typed:
        raise Unprocessable("The patch has no resource of the type solid:InsertDeletePatch.")
    if len(typed | about) != 1:
        raise Unprocessable("The document must describe exactly one patch.")
    return typed.pop()


def _formula(
    top: Iterable[Triple], graphs: Mapping[object, list[Triple]], patch: object, predicate: NamedNode
) -> tuple[Triple, ...]:
    """The triples of the one formula that the patch has for `predicate`; none when it has none."""
    found = [t.object for t in top if t.subject == patch and t.predicate == predicate]
    name = predicate.value.rpartition("#")[2]
    if len(found) > 1:
        raise Unprocessable(f"The patch has more than one solid:{name}; put all triples in one formula.")
    if not found:
        return ()
    if not isinstance(found[0], BlankNode):
        raise Unprocessable(f"The object of solid:{name} must be a formula in braces.")
    triples = tuple(graphs.get(found[0], ()))
    # server-patch-n3-formulae: formulae do not nest.
    if any(term in graphs for term in terms(triples)):
        raise Unprocessable(f"The formula of solid:{name} has another formula in it.")
    return triples


def _require_known_variables(marked: Marked, where: Iterable[Triple], *others: Iterable[Triple]) -> None:
    known = {term for term in terms(where) if marked.is_variable(term)}
    for triples in others:
        # server-patch-n3-variables
        if any(marked.is_variable(term) and term not in known for term in terms(triples)):
            raise Unprocessable("A variable of the insertions or deletions does not occur in the conditions.")


def _require_apart(
    top: Iterable[Triple], where: Iterable[Triple], deletes: Iterable[Triple], inserts: Iterable[Triple]
) -> None:
    """server-patch-n3-blank-nodes and -syntax, as the 0.12 draft has them: insertions may have some."""
    outer, conditions, deleted, inserted = (
        {term for term in terms(triples) if isinstance(term, BlankNode)} for triples in (top, where, deletes, inserts)
    )
    if deleted:
        raise Unprocessable("The deletions have a blank node; name what to delete by a variable in the conditions.")
    if inserted & conditions or (inserted | conditions) & outer:
        raise Unprocessable("A blank node label is used in more than one formula of the patch.")


def _renewed(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    """x-server-patch-n3-fresh-bnodes: each blank node in insertions becomes a new one."""
    inserted = list(triples)
    blank = [term for term in terms(inserted) if isinstance(term, BlankNode)]
    new: dict[Term, Term] = {term: BlankNode(f"{NEW}{number}") for number, term in enumerate(dict.fromkeys(blank))}
    return tuple(bind(inserted, new))
