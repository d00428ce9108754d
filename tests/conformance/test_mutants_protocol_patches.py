"""A server that applies patches against one rule of the Solid Protocol is caught by the case named for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import pytest

from pod.errors import Conflict, Unprocessable
from pod.model.access import Mode
from pod.rdf import n3_patch
from pod.rdf.graph import Term, Triple
from pod.rdf.n3_patch import N3Patch
from pod.rdf.patterns import Matcher
from tests.mutants import Mutant, Rhizome

Patch = Callable[[pytest.MonkeyPatch], None]
Modes = Callable[[N3Patch], set[Mode]]


def needing(modes: Modes) -> Patch:
    """A patch needs other modes."""
    return lambda mp: mp.setattr(N3Patch, "modes", property(lambda patch: frozenset(modes(patch) or {Mode.APPEND})))


def _no_read_for_conditions(patch: N3Patch) -> set[Mode]:
    return {Mode.APPEND} if patch.inserts and not patch.deletes else {Mode.READ, Mode.WRITE}


def _no_read_for_deletions(patch: N3Patch) -> set[Mode]:
    modes = {Mode.READ} if patch.where else set()
    return modes | ({Mode.APPEND} if patch.inserts else set()) | ({Mode.WRITE} if patch.deletes else set())


def _no_write_for_deletions(patch: N3Patch) -> set[Mode]:
    return {Mode.READ, Mode.APPEND} if patch.deletes or patch.where else {Mode.APPEND}


def _first_solution(mp: pytest.MonkeyPatch) -> None:
    def bindings(patch: N3Patch, graph: AbstractSet[Triple]) -> Mapping[Term, Term]:
        if not patch.where:
            return {}
        found = next(iter(Matcher(graph, patch.marked).solutions(patch.where)), None)
        if found is None:
            raise Conflict("The conditions match nothing.")
        return found

    mp.setattr(N3Patch, "_bindings", bindings)


def _what_is_missing_is_passed_over(mp: pytest.MonkeyPatch) -> None:
    def difference(patch: N3Patch, graph: AbstractSet[Triple]) -> tuple[Sequence[Triple], Sequence[Triple]]:
        bindings = patch._bindings(graph)
        deletes = [one for one in n3_patch._bound(patch.deletes, bindings) if one in graph]
        return deletes, n3_patch._bound(patch.inserts, bindings)

    mp.setattr(N3Patch, "difference", difference)


def _insertions_come_first(mp: pytest.MonkeyPatch) -> None:
    right = N3Patch.difference

    def difference(patch: N3Patch, graph: AbstractSet[Triple]) -> tuple[Sequence[Triple], Sequence[Triple]]:
        deletes, inserts = right(patch, graph)
        return deletes, [one for one in inserts if one not in set(deletes)]

    mp.setattr(N3Patch, "difference", difference)


def _any_type(mp: pytest.MonkeyPatch) -> None:
    def patch_resource(_marked: object, top: Iterable[Triple]) -> object:
        return next(t.subject for t in top if t.predicate in {n3_patch._INSERTS, n3_patch._DELETES, n3_patch._WHERE})

    mp.setattr(n3_patch, "_patch_resource", patch_resource)


def _any_number(mp: pytest.MonkeyPatch) -> None:
    def patch_resource(_marked: object, top: Iterable[Triple]) -> object:
        found = [t.subject for t in top if t.object == n3_patch._INSERT_DELETE_PATCH]
        if not found:
            raise Unprocessable("There is no patch.")
        return found[0]

    mp.setattr(n3_patch, "_patch_resource", patch_resource)


def _first_formula(mp: pytest.MonkeyPatch) -> None:
    def formula(top: Iterable[Triple], _formulas: object, patch: object, predicate: object) -> object | None:
        return next((t.object for t in top if t.subject == patch and t.predicate == predicate), None)

    mp.setattr(n3_patch, "_formula", formula)


def _nothing(*_: object) -> None:
    """A rule that is not looked at."""


PATCHES = (
    Mutant(
        "conditions need no right to read",
        "protocol/patch-rights/who-may-only-append-sets-no-conditions",
        patch=needing(_no_read_for_conditions),
    ),
    Mutant(
        "deletions need no right to read",
        "protocol/patch-rights/who-may-not-read-deletes-nothing",
        patch=needing(_no_read_for_deletions),
    ),
    Mutant(
        "deletions need no right to write",
        "protocol/patch-rights/who-may-read-and-append-deletes-nothing",
        patch=needing(_no_write_for_deletions),
    ),
    Mutant(
        "insertions need the right to write",
        "protocol/patch-rights/who-may-append-may-insert",
        patch=needing(lambda _: {Mode.WRITE}),
    ),
    Mutant(
        "of several matches the first is taken",
        "protocol/patching/conditions-that-hold-in-several-ways-are-a-conflict",
        patch=_first_solution,
    ),
    Mutant(
        "what is not there is deleted silently",
        "protocol/patching/what-is-not-there-cannot-be-deleted",
        patch=_what_is_missing_is_passed_over,
    ),
    Mutant(
        "insertions come before deletions",
        "protocol/patching/what-is-deleted-and-inserted-is-there",
        patch=_insertions_come_first,
    ),
    Mutant(
        "a patch needs no type",
        "protocol/patch-rules/a-patch-says-which-kind-it-is",
        patch=_any_type,
    ),
    Mutant(
        "of several patches the first is taken",
        "protocol/patch-rules/a-document-has-one-patch",
        patch=_any_number,
    ),
    Mutant(
        "of several formulae the first is taken",
        "protocol/patch-rules/a-patch-has-insertions-once",
        patch=_first_formula,
    ),
    Mutant(
        "unknown variables are not looked for",
        "protocol/patch-rules/deletions-name-no-variable-of-their-own",
        patch=lambda mp: mp.setattr(n3_patch, "_require_known_variables", _nothing),
    ),
    Mutant(
        "blank nodes are not looked for",
        "protocol/patch-rules/deletions-have-no-blank-nodes",
        patch=lambda mp: mp.setattr(n3_patch, "_require_apart", _nothing),
    ),
)


@pytest.mark.parametrize("mutant", PATCHES, ids=lambda one: one.breaks)
def test_a_server_that_breaks_a_rule_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
