"""Solid N3 Patch: what is one, and what it does."""

import pytest

from pod.errors import Conflict, Malformed, Unprocessable
from pod.model.access import Mode
from pod.rdf import n3_patch
from pod.rdf.graph import Quad
from pod.rdf.patterns import LIMIT_PATTERNS
from tests.unit.rdf.reading import BASE, N3, PREFIXES, patched, said, statements

DOCUMENT = f"{PREFIXES}<#a> :name 'Anna'; :age 30; :home [ :city 'Rome' ] .\n<#b> :name 'Bert', 'Bob'; :age 30 .\n"
PATCH = "<> a solid:InsertDeletePatch"


def n3(*, where: str = "", deletes: str = "", inserts: str = "") -> str:
    """A patch with these formulas; those that are empty are left out."""
    formulas = (("where", where), ("deletes", deletes), ("inserts", inserts))
    return PREFIXES + PATCH + "".join(f"; solid:{name} {{ {text} }}" for name, text in formulas if text) + " ."


def after(patch: str, before: str = DOCUMENT) -> frozenset[Quad]:
    return statements(patched(patch, before, patch_type=N3))


def parsed(text: str) -> n3_patch.N3Patch:
    return n3_patch.parse((PREFIXES + text).encode(), BASE)


@pytest.mark.spec("server-patch-n3-semantics", "server-patch-n3-where")
def test_conditions_bind_what_deletions_and_insertions_use() -> None:
    patch = n3(where="?who :name 'Anna'; :age ?age .", deletes="?who :age ?age .", inserts="?who :age 31; :was ?age .")

    assert after(patch) == said(DOCUMENT.replace("'Anna'; :age 30", "'Anna'; :age 31; :was 30"))


@pytest.mark.spec("server-patch-n3-semantics")
def test_a_triple_that_is_deleted_and_inserted_is_there() -> None:
    assert after(n3(deletes="<#a> :age 30 .", inserts="<#a> :age 30 .")) == said(DOCUMENT)


@pytest.mark.spec("server-patch-n3-semantics")
def test_a_document_that_is_not_there_is_empty() -> None:
    assert after(n3(inserts="<> :title 'New' ."), "") == said("<> :title 'New' .")


@pytest.mark.spec("server-patch-n3-semantics-no-mapping")
@pytest.mark.parametrize(
    "where",
    [
        "?who :name 'Carl' .",
        "?who :age 30 .",
        "<#a> :age 31 .",
        "?who :name 'Anna', 'Bert' .",
        "<#b> :name ?name .",
        "?x :age ?y . ?y :age ?x .",
        "?who :home [ :city 'Oslo' ] .",
    ],
)
def test_conditions_that_do_not_match_exactly_once_are_a_conflict(where: str) -> None:
    with pytest.raises(Conflict):
        after(n3(where=where, inserts="<#c> a :C ."))


@pytest.mark.spec("server-patch-n3-semantics-no-mapping")
@pytest.mark.parametrize(
    "where",
    [
        "<#a> :age 30 .",
        "<#a> :age 30 . <#b> :age 30 .",
        "?who :name 'Anna' .",
        "?who :name 'Bert', 'Bob' .",
        "?who ?what 'Rome' .",
        "?who :home ?home . ?home :city 'Rome' .",
        "?who :home [ :city ?city ] .",
        "_:x :age 30 .",
        "_:x :name 'Bert' . _:x :age ?age .",
    ],
)
def test_conditions_match_once_whatever_their_blank_nodes_stand_for(where: str) -> None:
    assert after(n3(where=where, inserts="<#c> a :C .")) == said(f"{DOCUMENT} <#c> a :C .")


@pytest.mark.spec("server-patch-n3-semantics-deletions-non-empty-all-triples")
@pytest.mark.parametrize("deletes", ["<#a> :age 31 .", "<#a> :age 30; :name 'Ann' .", "<#c> :age 30 ."])
def test_what_is_not_there_cannot_be_deleted(deletes: str) -> None:
    with pytest.raises(Conflict):
        after(n3(deletes=deletes, inserts="<#c> a :C ."))


@pytest.mark.spec("server-patch-n3-semantics-deletions-non-empty-all-triples")
def test_nothing_can_be_deleted_from_what_is_not_there() -> None:
    with pytest.raises(Conflict):
        after(n3(deletes="<#a> :age 30 ."), "")


def test_a_blank_node_of_the_document_can_be_found_and_changed() -> None:
    patch = n3(
        where="<#a> :home ?home . ?home :city ?city .", deletes="?home :city ?city .", inserts="?home :city 'Oslo' ."
    )

    assert after(patch) == said(DOCUMENT.replace("Rome", "Oslo"))


@pytest.mark.parametrize("label", ["_:b0", "_:n0", "_:new-0", "_:new-0-0-0"])
@pytest.mark.spec("x-server-patch-n3-fresh-bnodes", "server-patch-n3-blank-nodes")
def test_a_blank_node_that_is_inserted_is_a_new_one(label: str) -> None:
    """Whatever the document calls its own."""
    before = f"{PREFIXES}<#a> :home {label} . {label} :city 'Rome' ."
    patch = n3(
        where="<#a> :home ?home .", inserts=f"<#a> :home {label} . {label} :near ?home; :in [ :name 'Norway' ] ."
    )

    found = after(patch, before)

    assert found == said("<#a> :home _:x, _:y . _:x :city 'Rome' . _:y :near _:x; :in [ :name 'Norway' ] .")


@pytest.mark.spec("x-server-patch-n3-fresh-bnodes")
def test_a_patch_that_is_sent_twice_makes_two_blank_nodes() -> None:
    patch = n3(inserts="<#a> :home [ :city 'Oslo' ] .")

    once = patched(patch, DOCUMENT, patch_type=N3)
    twice = patched(patch, once, patch_type=N3)

    assert statements(twice) == said(f"{DOCUMENT} <#a> :home [ :city 'Oslo' ], [ :city 'Oslo' ] .")


def test_lists_can_be_inserted() -> None:
    assert after(n3(inserts="<#l> :items (1 'b' (<#c>) ()) .")) == said(f"{DOCUMENT} <#l> :items (1 'b' (<#c>) ()) .")


@pytest.mark.parametrize("patch", ["?who :name ?name . ?name :is ?who .", "<#a> ?name <#b> ."])
def test_a_variable_that_matches_what_cannot_stand_there_is_a_conflict(patch: str) -> None:
    with pytest.raises(Conflict):
        after(n3(where="?who :name 'Anna', ?name; :home ?home .", inserts=patch))


def test_a_variable_may_be_a_predicate() -> None:
    patch = n3(where="<#a> ?age 30 .", inserts="<#c> ?age 40 .")

    assert after(patch) == said(f"{DOCUMENT} <#c> :age 40 .")


@pytest.mark.parametrize(
    "text",
    [
        r"""<#t> :says "?a $b _:c", '''?d "?e" ''', "\"?f", '?g' . # ?h
""",
        r"<http://x.example/?a> :p <http://x.example/?b=$c> .",
        r":a\?b :p :c\$d . :x :y 1, 2.5, -3e4, true, 'x'@en, '2020-01-01'^^xsd:date .",
    ],
)
def test_what_only_looks_like_a_variable_is_none(text: str) -> None:
    assert after(n3(where="?who :name 'Anna' .", inserts=text)) == said(f"{DOCUMENT} {text}")


def test_no_text_can_be_mistaken_for_a_variable() -> None:
    text = "<#t> :says 'variable0:', <variable0:who>, <variable1:who> ."

    assert after(n3(where="?who :name 'Anna' .", inserts=text)) == said(f"{DOCUMENT} {text}")


@pytest.mark.spec("server-patch-n3-patch-identifier", "server-patch-n3-type", "server-patch-n3-single")
@pytest.mark.parametrize(
    "text",
    [
        "_:patch a solid:InsertDeletePatch; solid:inserts { <#c> a :C }.",
        "[] a solid:Patch, solid:InsertDeletePatch; solid:inserts { <#c> a :C }.",
        "<#p> solid:inserts { <#c> a :C } . <#p> a solid:InsertDeletePatch; :by <#a> . <#a> :name 'Anna' .",
        "<#p> a solid:InsertDeletePatch; solid:where {}; solid:deletes { # none\n }; solid:inserts { <#c> a :C . }.",
        "@prefix p: <https://other.example/>. p:p a solid:InsertDeletePatch; solid:inserts { <#c> a :C . }.",
    ],
)  # fmt: skip
def test_a_patch_may_be_written_in_several_ways(text: str) -> None:
    assert after(PREFIXES + text) == said(f"{DOCUMENT} <#c> a :C .")


def test_a_patch_as_rdflib_writes_it_is_understood() -> None:
    patch = (
        "\n@prefix solid: <http://www.w3.org/ns/solid/terms#>.\n@prefix ex: <http://www.example.org/terms#>.\n\n"
        f"_:patch\n\n      solid:where {{\n        <{BASE}#a> <https://voc.example/#home> ?n7 .\n"
        '        ?n7 <https://voc.example/#city> "Rome" .\n      };\n      solid:deletes {\n'
        '        ?n7 <https://voc.example/#city> "Rome" .\n      };\n      solid:inserts {\n'
        '        ?n7 <https://voc.example/#city> "Oslo" .\n      };   a solid:InsertDeletePatch .\n'
    )

    assert after(patch) == said(DOCUMENT.replace("Rome", "Oslo"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<#p> solid:inserts { <#c> a :C }.",
        "<#p> a solid:Patch; solid:inserts { <#c> a :C }.",
        "<#p> a solid:InsertDeletePatch . <#q> a solid:InsertDeletePatch .",
        "<#p> a solid:InsertDeletePatch . <#q> solid:inserts { <#c> a :C }.",
        "?p a solid:InsertDeletePatch; solid:inserts { <#c> a :C }.",
        "<#p> a ?type; solid:inserts { <#c> a :C }.",
        f"{PATCH}; solid:inserts {{ <#c> a :C }}, {{ <#d> a :D }}.",
        f"{PATCH}; solid:inserts {{}}, {{}}.",
        f"{PATCH}; solid:deletes {{ <#c> a :C }}; solid:deletes {{ <#d> a :D }}.",
        f"{PATCH}; solid:where {{ <#c> a :C }}, {{ <#c> a :C }}.",
        f"{PATCH}; solid:inserts <#c>.",
        f"{PATCH}; solid:inserts 'text'.",
        f"{PATCH}; solid:inserts [].",
        f"{PATCH}; solid:inserts _:x.",
        f"{PATCH}; solid:inserts [ a :C ].",
        f"{PATCH}; solid:inserts ().",
        f"{PATCH}; solid:inserts ?formula.",
        f"{PATCH}; solid:inserts {{ <#c> :says {{ <#d> a :D }} }}.",
        f"{PATCH}; solid:inserts {{ <#c> :says {{ }} }}.",
        f"{PATCH}; solid:where {{ {{ <#d> a :D }} :of ?c }}.",
        f"{PATCH}; solid:inserts {{ ?c a :C }}.",
        f"{PATCH}; solid:inserts {{ <#c> ?is :C }}; solid:where {{ ?it a :C }}.",
        f"{PATCH}; solid:deletes {{ <#c> a ?type }}; solid:where {{}}.",
        f"{PATCH}; solid:deletes {{ _:c a :C }}.",
        f"{PATCH}; solid:deletes {{ <#c> :has [ a :C ] }}.",
        f"{PATCH}; solid:deletes {{ <#c> :has (1) }}.",
        f"{PATCH}; solid:inserts {{ _:c a :C }}; solid:where {{ _:c a :D }}.",
        f"{PATCH}; solid:inserts {{ _:c a :C }} . _:c a :D .",
        f"{PATCH}; solid:where {{ _:c a :C }} . <#x> :says {{ _:c a :D }} .",
        "_:c a solid:InsertDeletePatch; solid:inserts { _:c a :C }.",
        f"{PATCH}; solid:inserts {{ 'text' a :C }}.",
        f"{PATCH}; solid:inserts {{ <#c> _:is :C }}.",
        f"{PATCH}; solid:where {{ <#c> 'is' :C }}.",
    ],
)
@pytest.mark.spec(
    "server-patch-n3-invalid", "server-patch-n3-patches", "server-patch-n3-simple-type", "server-patch-n3-single",
    "server-patch-n3-patch-identifier", "server-patch-n3-inserts", "server-patch-n3-deletes", "server-patch-n3-where",
    "server-patch-n3-formulae", "server-patch-n3-variables", "server-patch-n3-blank-nodes",
    "server-patch-n3-blank-nodes-syntax",
)  # fmt: skip
def test_a_patch_that_breaks_a_rule_is_unprocessable(text: str) -> None:
    with pytest.raises(Unprocessable):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("nonsense", 2, 1),
        (f"{PATCH}; solid:inserts {{ <#c> a :C .", 2, 58),
        ("?x :p ?y .\n?z :p nope .", 3, 7),
        ("?x :p {} . <#a> nope ?z .", 2, 17),
        ("<#x> unknown:p <#y> .", 2, 6),
        (f"{PATCH}; solid:inserts {{ <#a> :says <<( <#b> a :B )>> }}.", 2, 58),
        ("'''open", 2, 1),
    ],
)
def test_what_is_no_n3_is_malformed_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(Malformed) as refusal:
        parsed(text)

    assert (refusal.value.line, refusal.value.column) == (line, column)


def test_a_patch_is_utf_8() -> None:
    with pytest.raises(Malformed):
        n3_patch.parse(PATCH.encode() + b" '\xff'", BASE)


def test_a_patch_with_too_many_conditions_is_refused_before_it_is_tried() -> None:
    many = " ".join(f"?a{number} :p ?b{number} ." for number in range(10_000))

    with pytest.raises(Unprocessable, match=str(LIMIT_PATTERNS)):
        n3_patch.parse(n3(where=many).encode(), BASE)


@pytest.mark.parametrize(
    ("patch", "modes"),
    [
        (n3(), {Mode.APPEND}),
        (n3(inserts="<#c> a :C ."), {Mode.APPEND}),
        (n3(deletes="<#c> a :C ."), {Mode.READ, Mode.WRITE}),
        (n3(where="<#c> a :C ."), {Mode.READ}),
        (n3(where="<#c> a :C .", inserts="<#c> a :C ."), {Mode.READ, Mode.APPEND}),
        (n3(deletes="<#c> a :C .", inserts="<#c> a :C ."), {Mode.READ, Mode.WRITE, Mode.APPEND}),
    ],
)
@pytest.mark.spec("server-n3-patch-where", "server-n3-patch-insert", "server-n3-patch-delete")
def test_the_modes_that_a_patch_needs_follow_from_what_it_does(patch: str, modes: set[Mode]) -> None:
    assert n3_patch.parse(patch.encode(), BASE).modes == modes


def test_what_a_patch_says_of_other_things_is_not_done() -> None:
    text = f"{PATCH}; solid:inserts {{ <#c> a :C }} . <#x> :says {{ <#d> a :D }} ."

    assert after(PREFIXES + text) == said(f"{DOCUMENT} <#c> a :C .")
