"""Triple patterns, and how they match a graph."""

import pytest

from pod.errors import Malformed, Unprocessable
from pod.rdf import formats
from pod.rdf.formats import TURTLE
from pod.rdf.graph import BlankNode, Literal, NamedNode, Term, Triple
from pod.rdf.patterns import LIMIT_STEPS, Matcher, bind, mark, renewed
from tests.unit.rdf.reading import BASE, PREFIXES

GRAPH = PREFIXES + ":a :p :b, :c; :q 1 . :b :p :c; :q 2 . :c :p :c ."


def triples(text: str) -> list[Triple]:
    return [one.triple for one in formats.quads((PREFIXES + text).encode(), TURTLE, BASE)]


def solutions(patterns: str, graph: str = GRAPH, steps: int = LIMIT_STEPS) -> list[dict[str, str]]:
    """Every solution, variables and values by their local names, in a fixed order."""
    marked = mark(f"{PREFIXES}{patterns}".encode())
    wanted = [one.triple for one in formats.quads(marked.text.encode(), TURTLE, BASE)]
    found = Matcher(triples(graph), marked, steps).solutions(wanted)
    return sorted(({local(k): local(v) for k, v in one.items()} for one in found), key=str)


def local(term: Term) -> str:
    assert not isinstance(term, Triple)
    return term.value.replace("#", ":").rpartition(":")[2]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ("", [{}]),
        (":a :p :b .", [{}]),
        (":a :p :x .", []),
        ("?x :q ?y .", [{"x": "a", "y": "1"}, {"x": "b", "y": "2"}]),
        ("?x :p ?x .", [{"x": "c"}]),
        ("?x :p ?y . ?y :q ?z .", [{"x": "a", "y": "b", "z": "2"}]),
        ("?x ?how :b .", [{"x": "a", "how": "p"}]),
        ("?x :p :c . ?x :q ?n . :a :p ?x .", [{"x": "b", "n": "2"}]),
        ("?x :q 1 . ?y :q 2 .", [{"x": "a", "y": "b"}]),
        ("?x :q 1 . ?x :q 2 .", []),
        (":a :p :b . :a :q 1 . ?x :q 2 .", [{"x": "b"}]),
        (":a :p :b . :a :q 3 . ?x :q 2 .", []),
        (":a ?p ?o . ?s ?p :b . ?s :q 1 .", [{"p": "p", "o": "b", "s": "a"}, {"p": "p", "o": "c", "s": "a"}]),
    ],
)
def test_patterns_match_in_every_way_that_fits_all(patterns: str, expected: list[dict[str, str]]) -> None:
    assert solutions(patterns) == sorted(expected, key=str)


def test_a_pattern_that_leaves_everything_open_matches_every_triple() -> None:
    assert len(solutions("?s ?p ?o .")) == len(triples(GRAPH))


def test_a_blank_node_stands_for_anything_but_for_one_thing() -> None:
    found = solutions("?x :p _:y . _:y :q 2 .")

    assert [one["x"] for one in found] == ["a"]


def test_hundreds_of_patterns_are_matched() -> None:
    chain = "".join(f":n{number} :next :n{number + 1} . " for number in range(1000))
    patterns = "".join(f"?v{number} :next ?v{number + 1} . " for number in range(999)) + "?v999 :next :n1000 ."

    assert solutions(patterns, chain)[0]["v0"] == "n0"


def test_what_is_rare_is_looked_for_first() -> None:
    """Three steps find one among ten thousand."""
    graph = "".join(f":n{number} a :Thing; :of :all . " for number in range(1000)) + ":n500 :name 'it' ."

    assert solutions("?x :of :all . ?x a :Thing . ?x :name 'it' .", graph, steps=2 * 200 + 100 * 2 + 3)


@pytest.mark.parametrize("patterns", ["?a :p ?b . ?c :p ?d . ?e :p ?f . ?g :p ?h .", "?a ?b ?c . ?d ?e ?f ."])
def test_a_match_that_takes_too_long_is_given_up(patterns: str) -> None:
    graph = "".join(f":n{number} :p {number} . " for number in range(1000))

    with pytest.raises(Unprocessable):
        solutions(patterns, graph)


def test_variables_are_marked_and_nothing_else() -> None:
    marked = mark(b"\xef\xbb\xbf?a $b_1 '?c' <?d> #?e\n:f\\?g ?? ?")

    assert marked.text == "<variable0:a> <variable0:b_1> '?c' <?d> #?e\n:f\\?g ?? ?"
    assert marked.is_variable(NamedNode("variable0:a"))
    assert not marked.is_variable(NamedNode("https://a.example/"))
    assert not marked.is_variable(Literal("variable0:a"))


def test_the_mark_of_a_variable_is_none_that_the_text_has() -> None:
    marked = mark(b"<variable0:a> 'variable2:' :variable1: ?b")

    assert marked.text.endswith("<variable3:b>")
    assert not marked.is_variable(NamedNode("variable0:a"))


def test_a_text_full_of_marks_is_marked_at_once() -> None:
    text = "".join(f"variable{number}:" for number in range(50_000)) + "x" * 100_000 + "variable:?a"

    assert mark(text.encode()).scheme == "variable50000:"


def test_empty_formulas_are_marked_when_asked() -> None:
    text = b"{} { # none\n } '{}' \\{} <a>"

    assert mark(text).text == text.decode()
    assert mark(text, formulas=True).text.count("<variable0:>") == 6


def test_places_are_those_of_the_text_as_it_was_sent() -> None:
    marked = mark(b"?a {}\n?bc ?d x {} y", formulas=True)

    assert marked.place(0) == (1, 1)
    assert marked.place(marked.text.index("x")) == (2, 8)
    assert marked.place(marked.text.index(" y")) == (2, 12)
    assert marked.place(len(marked.text)) == (2, 14)


def test_an_offset_is_counted_from_its_start() -> None:
    marked = mark(b"one\ntwo\nthree")

    assert marked.text[marked.offset(2, 1) :] == "two\nthree"
    assert marked.text[marked.offset(2, 3, start=4) :] == "ree"


def test_a_text_that_is_not_utf_8_is_malformed() -> None:
    with pytest.raises(Malformed):
        mark(b"\xff")


def test_binding_puts_values_in_their_places() -> None:
    a, b, c = (NamedNode(f"https://a.example/{name}") for name in "abc")
    one, other = Triple(a, b, c), Triple(c, b, a)

    assert list(bind([one, other], {c: BlankNode("x")})) == [Triple(a, b, BlankNode("x")), Triple(BlankNode("x"), b, a)]
    assert list(bind([one, other], {c: Literal("x")})) == [Triple(a, b, Literal("x")), None]
    assert list(bind([one, other], {b: BlankNode("x")})) == [None, None]


def test_renewed_blank_nodes_keep_their_connections() -> None:
    made = renewed(triples("_:a :p _:b, _:a, :c . _:b :q 1 ."), "-7")

    assert {one.subject for one in made} == {BlankNode("new-0-7"), BlankNode("new-1-7")}
    assert made[1] == Triple(made[0].subject, made[0].predicate, made[1].subject)
