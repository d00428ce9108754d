"""Solid N3 Patch (Solid Protocol, 5.3.1)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NoReturn

from pyoxigraph import RdfFormat
from pyoxigraph import parse as _parse

from pod.errors import Conflict, Malformed, Unprocessable
from pod.model.access import Mode
from pod.rdf import bounds, vocab
from pod.rdf.formats import reason
from pod.rdf.graph import BlankNode, DefaultGraph, NamedNode, Term, Triple
from pod.rdf.patterns import LIMIT_PATTERNS, Marked, Matcher, bind, blank_nodes, mark, renewed, terms

MEDIA_TYPE = "text/n3"

_TYPE = NamedNode(vocab.RDF.type)
_INSERTS = NamedNode(vocab.SOLID.inserts)
_DELETES = NamedNode(vocab.SOLID.deletes)
_WHERE = NamedNode(vocab.SOLID.where)
_INSERT_DELETE_PATCH = NamedNode(vocab.SOLID.InsertDeletePatch)


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

    def difference(self, graph: AbstractSet[Triple]) -> tuple[Sequence[Triple], Sequence[Triple]]:
        """What to delete and what to insert.

        Fits means: `where` matches exactly once, and every triple to delete is there.
        """
        bindings = self._bindings(graph)
        deletes, inserts = _bound(self.deletes, bindings), _bound(self.inserts, bindings)
        # server-patch-n3-semantics-deletions-non-empty-all-triples
        if any(triple not in graph for triple in deletes):
            raise Conflict("A triple that the patch deletes is not in the resource.")
        return deletes, inserts

    def _bindings(self, graph: AbstractSet[Triple]) -> Mapping[Term, Term]:
        if not self.where:
            return {}
        found: Mapping[Term, Term] | None = None
        for solution in Matcher(graph, self.marked).solutions(self.where):
            named: dict[Term, Term] = {
                term: value for term, value in solution.items() if not isinstance(term, BlankNode)
            }
            # server-patch-n3-semantics-no-mapping
            if found is not None and found != named:
                raise Conflict("The conditions of the patch match in more than one way; make them narrower.")
            found = named
        if found is None:
            raise Conflict("The conditions of the patch match nothing in the resource.")
        return found


def parse(body: bytes, base: str) -> N3Patch:
    """The patch in the document; Malformed when it is not N3, Unprocessable when it breaks a rule."""
    marked = mark(body, formulas=True)
    bounds.require_shallow_patch(marked.text)
    top, formulas = _read(marked, base)
    patch = _patch_resource(marked, top)
    names = {one: _formula(top, formulas, patch, one) for one in (_WHERE, _DELETES, _INSERTS)}
    where, deletes, inserts = (() if name is None else tuple(formulas[name]) for name in names.values())
    if len(where) > LIMIT_PATTERNS:
        raise Unprocessable(f"The conditions have more than {LIMIT_PATTERNS} triples; use fewer.")
    _require_known_variables(marked, where, deletes, inserts)
    elsewhere = [*top, *(t for name, triples in formulas.items() if name not in names.values() for t in triples)]
    _require_apart(elsewhere, where, deletes, inserts)
    return N3Patch(where, deletes, tuple(renewed(inserts)), marked)


def _read(marked: Marked, base: str) -> tuple[list[Triple], Mapping[object, list[Triple]]]:
    """The triples of the document, and those of each formula in it by the blank node that names it."""
    graphs: dict[object, list[Triple]] = defaultdict(list)
    try:
        for quad in _parse(marked.text, format=RdfFormat.N3, base_iri=base):
            triples = graphs[quad.graph_name]
            if quad.predicate != marked.nothing:
                triples.append(quad.triple)
    except SyntaxError as error:
        _refuse(error, marked)
    return graphs.pop(DefaultGraph(), []), graphs


def _refuse(error: SyntaxError, marked: Marked) -> NoReturn:
    if error.lineno is None or error.offset is None:
        # server-patch-n3-formulae: N3 lets more stand in a triple than RDF does.
        raise Unprocessable(f"The patch has a statement that is no RDF triple: {error.msg}.") from error
    line, column = marked.place(marked.offset(error.lineno, error.offset))
    raise Malformed(f"The patch is not N3: {reason(error)}.", line, column) from error


def _patch_resource(marked: Marked, top: Iterable[Triple]) -> object:
    """The one resource that patch statements are about (server-patch-n3-single, -simple-type)."""
    about = {t.subject for t in top if t.predicate in {_INSERTS, _DELETES, _WHERE}}
    typed = {t.subject for t in top if t.predicate == _TYPE and t.object == _INSERT_DELETE_PATCH}
    if not typed:
        raise Unprocessable("The patch has no resource of the type solid:InsertDeletePatch.")
    if len(typed | about) != 1:
        raise Unprocessable("The document must describe exactly one patch.")
    patch = typed.pop()
    # server-patch-n3-patch-identifier
    if marked.is_variable(patch):
        raise Unprocessable("The patch is named by a variable; use an IRI or a blank node.")
    return patch


def _formula(
    top: Iterable[Triple], formulas: Mapping[object, list[Triple]], patch: object, predicate: NamedNode
) -> object | None:
    """The name of the one formula that the patch has for `predicate`, or None when it has none."""
    found = [t.object for t in top if t.subject == patch and t.predicate == predicate]
    name = predicate.value.rpartition("#")[2]
    # server-patch-n3-inserts, -deletes, -where
    if len(found) > 1:
        raise Unprocessable(f"The patch has more than one solid:{name}; put all triples in one formula.")
    if not found:
        return None
    if found[0] not in formulas:
        raise Unprocessable(f"The object of solid:{name} must be a formula in braces.")
    # server-patch-n3-formulae: formulae do not nest.
    if any(term in formulas for term in terms(formulas[found[0]])):
        raise Unprocessable(f"The formula of solid:{name} has another formula in it.")
    return found[0]


def _require_known_variables(marked: Marked, where: Iterable[Triple], *others: Iterable[Triple]) -> None:
    known = {term for term in terms(where) if marked.is_variable(term)}
    for triples in others:
        # server-patch-n3-variables
        if any(marked.is_variable(term) and term not in known for term in terms(triples)):
            raise Unprocessable("A variable of the insertions or deletions does not occur in the conditions.")


def _require_apart(
    elsewhere: Iterable[Triple], where: Iterable[Triple], deletes: Iterable[Triple], inserts: Iterable[Triple]
) -> None:
    """server-patch-n3-blank-nodes and -syntax, as the 0.12 draft has them: insertions may have some."""
    outer, conditions, deleted, inserted = (
        blank_nodes(triples).keys() for triples in (elsewhere, where, deletes, inserts)
    )
    if deleted:
        raise Unprocessable("The deletions have a blank node; name what to delete by a variable in the conditions.")
    if inserted & conditions or (inserted | conditions) & outer:
        raise Unprocessable("A blank node label is used in more than one formula of the patch.")


def _bound(triples: Iterable[Triple], bindings: Mapping[Term, Term]) -> list[Triple]:
    found = []
    for triple in bind(triples, bindings):
        if triple is None:
            raise Conflict("A variable of the patch matches a literal or blank node where a triple cannot have one.")
        found.append(triple)
    return found
