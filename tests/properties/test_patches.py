"""Laws that patches keep."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pod.errors import Conflict
from pod.model.resource import Uri
from pod.rdf import edit, formats
from pod.rdf.formats import FORMATS, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from pod.rdf.graph import Graph, NamedNode, Quad, Triple
from tests.properties.graphs import V, datasets, graphs, ground, plain_texts
from tests.properties.test_rdf_formats import as_quads, canonical

BASE = Uri("https://pod.example/alice/note")
SPARQL = "application/sparql-update"
N3 = "text/n3"
HEAD = "@prefix solid: <http://www.w3.org/ns/solid/terms#>. _:patch a solid:InsertDeletePatch"

# N3 has no directions of texts.
sayable = ground.map(lambda graph: frozenset(one for one in graph if getattr(one.object, "direction", None) is None))
media_types = st.sampled_from([TURTLE, N_TRIPLES, N_QUADS, TRIG, JSON_LD])


def text(triples: Graph) -> str:
    return formats.serialise(sorted(triples, key=str), N_TRIPLES).decode()


def update(inserts: Graph = frozenset(), deletes: Graph = frozenset()) -> str:
    return f"DELETE DATA {{ {text(deletes)} }}; INSERT DATA {{ {text(inserts)} }}"


def n3(inserts: Graph = frozenset(), deletes: Graph = frozenset()) -> str:
    return f"{HEAD}; solid:deletes {{ {text(deletes)} }}; solid:inserts {{ {text(inserts)} }} ."


def applied(patch: str, content: bytes, media_type: str, patch_type: str = SPARQL) -> bytes:
    return edit.parse(patch_type, patch.encode(), BASE).apply(content, media_type, BASE, {})


def patched(patch: str, graph: Graph, media_type: str = N_TRIPLES, patch_type: str = SPARQL) -> Graph:
    content = applied(patch, formats.serialise(graph, media_type), media_type, patch_type)
    return formats.parse(content, media_type, BASE)


@settings(max_examples=100, deadline=None)
@given(ground, ground, ground, media_types)
def test_an_update_is_a_difference_and_a_union(graph: Graph, inserts: Graph, deletes: Graph, media_type: str) -> None:
    assert patched(update(inserts, deletes), graph, media_type) == (graph - deletes) | inserts


@settings(max_examples=100, deadline=None)
@given(ground, sayable, sayable, media_types)
def test_an_n3_patch_is_a_difference_and_a_union_or_a_conflict(
    graph: Graph, inserts: Graph, deletes: Graph, media_type: str
) -> None:
    try:
        found = patched(n3(inserts, deletes), graph, media_type, N3)
    except Conflict:
        assert not deletes <= graph
        return

    assert deletes <= graph
    assert found == (graph - deletes) | inserts


@settings(max_examples=60, deadline=None)
@given(sayable, sayable, st.data(), media_types)
def test_both_patches_that_say_the_same_do_the_same(
    graph: Graph, inserts: Graph, data: st.DataObject, media_type: str
) -> None:
    deletes = frozenset(data.draw(st.lists(st.sampled_from(sorted(graph, key=str)), unique=True))) if graph else graph

    some = patched(update(inserts, deletes), graph, media_type)
    other = patched(n3(inserts, deletes), graph, media_type, N3)

    assert some == other


@settings(max_examples=100, deadline=None)
@given(sayable.filter(bool), st.data())
def test_both_patches_find_the_same_by_conditions(graph: Graph, data: st.DataObject) -> None:
    """An N3 Patch where there is one solution; SPARQL Update where there are several, too."""
    one = data.draw(st.sampled_from(sorted(graph, key=str)))
    known = f"{one.predicate} {one.object}"
    alike = {triple for triple in graph if triple.predicate == one.predicate and triple.object == one.object}
    expected = (graph - alike) | {Triple(t.subject, NamedNode(f"{V}found"), t.object) for t in alike}

    found = patched(f"DELETE {{ ?x {known} }} INSERT {{ ?x <{V}found> {one.object} }} WHERE {{ ?x {known} }}", graph)
    patch = (
        f"{HEAD}; solid:where {{ ?x {known} }}; solid:deletes {{ ?x {known} }};"
        f" solid:inserts {{ ?x <{V}found> {one.object} }} ."
    )  # fmt: skip

    assert found == expected
    try:
        assert patched(patch, graph, patch_type=N3) == expected
    except Conflict:
        assert len(alike) > 1


@settings(max_examples=60, deadline=None)
@given(ground, sayable)
def test_what_was_inserted_can_be_deleted_again(graph: Graph, new: Graph) -> None:
    added = new - graph

    once = patched(n3(inserts=added), graph, patch_type=N3)

    assert patched(n3(deletes=added), once, patch_type=N3) == graph


@settings(max_examples=60, deadline=None)
@given(sayable, sayable)
def test_what_was_deleted_can_be_inserted_again(graph: Graph, some: Graph) -> None:
    gone = some & graph or graph

    once = patched(n3(deletes=gone), graph, patch_type=N3)

    assert once == graph - gone
    assert patched(n3(inserts=gone), once, patch_type=N3) == graph


@settings(max_examples=60, deadline=None)
@given(ground, st.lists(st.tuples(ground, ground), min_size=2, max_size=3), st.data())
def test_updates_of_different_statements_may_come_in_any_order(
    graph: Graph, changes: list[tuple[Graph, Graph]], data: st.DataObject
) -> None:
    seen: set[Triple] = set()
    updates = []
    for inserts, deletes in changes:
        updates.append(update(inserts - seen, deletes - inserts - seen))
        seen |= inserts | deletes
    one, other = graph, graph
    for each in updates:
        one = patched(each, one)
    for each in data.draw(st.permutations(updates)):
        other = patched(each, other)

    assert one == other


@settings(max_examples=60, deadline=None)
@given(ground, ground)
def test_a_patch_that_is_applied_twice_is_applied_once(graph: Graph, inserts: Graph) -> None:
    content = applied(update(inserts), formats.serialise(graph, TURTLE), TURTLE)

    assert applied(update(inserts), content, TURTLE) == content


@settings(max_examples=60, deadline=None)
@given(ground, st.lists(st.tuples(ground, ground), min_size=2, max_size=4), st.sampled_from([TURTLE, N_TRIPLES]))
def test_what_was_edited_before_is_edited_as_if_it_were_read_again(
    graph: Graph, changes: list[tuple[Graph, Graph]], media_type: str
) -> None:
    """The first of two edits of the same content may find it in memory, the second does not."""
    content = formats.serialise(sorted(graph, key=str), media_type)
    for inserts, deletes in changes:
        first, second = (applied(update(inserts, deletes), content, media_type) for _ in range(2))

        assert first == second
        content = first


@settings(max_examples=60, deadline=None)
@given(datasets, ground, st.sampled_from([JSON_LD, N_QUADS, TRIG]))
def test_a_patch_leaves_everything_else_as_it_was(dataset: frozenset[Quad], inserts: Graph, media_type: str) -> None:
    """Blank nodes, languages, directions and named graphs included."""
    content = applied(update(inserts), formats.serialise(dataset, media_type), media_type)

    assert canonical(formats.quads(content, media_type, BASE)) == canonical(dataset | as_quads(inserts))


@settings(max_examples=60, deadline=None)
@given(graphs(plain_texts), graphs(plain_texts, 4), st.sampled_from(list(FORMATS)))
def test_blank_nodes_of_a_patch_are_new(graph: Graph, inserts: Graph, media_type: str) -> None:
    assume(media_type != RDF_XML)

    content = applied(update(inserts), formats.serialise(graph, media_type), media_type)

    apart = formats.relabelled(Quad(*one) for one in sorted(inserts, key=str))
    moved = formats.quads(formats.serialise(apart, N_QUADS).replace(b"_:b", b"_:apart"), N_QUADS, BASE)
    assert canonical(formats.quads(content, media_type, BASE)) == canonical({*as_quads(graph), *moved})
