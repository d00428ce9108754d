"""SPARQL Update, as far as it stays within one resource."""

import pytest

from pod.errors import Malformed, Unprocessable
from pod.model.access import Mode
from pod.rdf import sparql_update
from pod.rdf.graph import Quad
from pod.rdf.patterns import LIMIT_PATTERNS
from tests.unit.rdf.reading import BASE, PREFIXES, patched, said, statements

DOCUMENT = f"{PREFIXES}<#a> :name 'Anna'; :age 30; :home [ :city 'Rome' ] .\n<#b> :name 'Bert', 'Bob'; :age 30 .\n"
PROLOGUE = "PREFIX : <https://voc.example/#>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"


def after(update: str, before: str = DOCUMENT) -> frozenset[Quad]:
    return statements(patched(PROLOGUE + update, before))


def parsed(update: str) -> sparql_update.SparqlUpdate:
    return sparql_update.parse(update.encode(), BASE)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <#c> :name 'Carl'; a :C . }",
        "insert data{<#c> :name 'Carl';a :C}",
        "INSERT DATA { <#c> :name 'Carl'; a :C . };",
        "INSERT DATA { <#c> :name 'Carl'; a :C # end.\n }",
        "INSERT DATA { <#c> :name 'Carl'; a :C . # end\n }",
        "# first\nINSERT # then\nDATA # last\n { <#c> :name 'Carl'; a :C }",
        "INSERT DATA { <#c> :name 'Carl' } ; INSERT DATA { <#c> a :C } ;\n",
        "INSERT DATA { <#c> :name 'Carl' } ; PREFIX v: <https://voc.example/#> INSERT DATA { <#c> a v:C }",
        "INSERT { <#c> :name 'Carl'; a :C } WHERE {}",
        "INSERT { <#c> :name 'Carl'; a :C } WHERE { }",
        "INSERT { <#c> :name 'Carl'; a :C } WHERE { # nothing\n }",
        "INSERT { <#c> :name 'Carl'; a :C }",
        "INSERT { <#c> :name 'Carl'; a :C } WHERE { <#a> :age 30 }",
        "INSERT { <#c> :name 'Carl'; a :C } WHERE { ?who :age ?age }",
        "DELETE { <#x> :name 'X' } INSERT { <#c> :name 'Carl'; a :C } WHERE {}",
        "DELETE {} INSERT { <#c> :name 'Carl'; a :C } WHERE { ?who :name 'Anna' . }",
        "BASE <https://other.example/> INSERT DATA { <https://pod.example/alice/note#c> :name 'Carl'; a :C }",
        "base <https://pod.example/bob/> prefix n: <../alice/note#> insert data { n:c :name 'Carl'; a :C }",
        "INSERT DATA { <#c> :name 'Carl', 'Carl'; a :C; . }",
    ],
)
def test_what_is_inserted_is_there(update: str) -> None:
    assert after(update) == said(f"{DOCUMENT} <#c> :name 'Carl'; a :C .")


@pytest.mark.parametrize(
    "update",
    [
        "DELETE DATA { <#a> :age 30 }",
        "delete data { <#a> :age 30 . };",
        "DELETE WHERE { <#a> :age ?age }",
        "DELETE { ?who :age ?age } WHERE { ?who :name 'Anna'; :age ?age }",
        "DELETE { <#a> :age 30 } WHERE {}",
        "DELETE { <#a> :age 30 }",
        "DELETE DATA { <#a> :age 30, 31 . <#z> :age 30 }",
        "DELETE { ?who ?what 30 } WHERE { ?who :name 'Anna'; ?what 30 }",
        "DELETE { ?a :age $b } WHERE { $a :home [ :city 'Rome' ]; :age ?b }",
    ],
)
def test_what_is_deleted_is_gone(update: str) -> None:
    assert after(update) == said(DOCUMENT.replace("; :age 30; :home", "; :home"))


@pytest.mark.parametrize(
    "update",
    [
        "",
        " ",
        "# nothing",
        "PREFIX x: <https://x.example/>",
        "DELETE DATA { <#z> :age 30 }",
        "DELETE DATA {}",
        "INSERT DATA { }; DELETE DATA { };",
        "DELETE WHERE { <#z> :age ?age }",
        "DELETE { ?z :age 30 } INSERT { ?z :age 31 } WHERE { ?z :name 'Zoe' }",
        "DELETE {} WHERE {}",
        "INSERT DATA { <#a> :age 30 }",
        "DELETE DATA { <#a> :age 30 }; INSERT DATA { <#a> :age 30 }",
        "INSERT DATA { <#z> a :Z }; DELETE DATA { <#z> a :Z }",
        "INSERT { ?name :of ?who . ?who ?name 1 . ?who ?home 1 } WHERE { ?who :name ?name; :home ?home }",
    ],
)  # fmt: skip
def test_an_update_that_changes_nothing_leaves_the_bytes_as_they_are(update: str) -> None:
    assert patched(PROLOGUE + update, DOCUMENT) == DOCUMENT.encode()


def test_every_solution_counts() -> None:
    update = "DELETE { ?who :age ?age } INSERT { ?who :years ?age } WHERE { ?who :age ?age }"

    assert after(update) == said(DOCUMENT.replace(":age", ":years"))


def test_solutions_are_found_before_anything_changes() -> None:
    update = "DELETE { ?a :name ?b } INSERT { ?b :name ?a } WHERE { ?a :name ?b }"
    before = f"{PREFIXES}<#a> :name <#b> . <#b> :name <#a> . <#c> :name <#d> ."

    assert after(update, before) == said("<#a> :name <#b> . <#b> :name <#a> . <#d> :name <#c> .")


def test_an_operation_sees_what_those_before_it_did() -> None:
    update = "DELETE DATA { <#a> :age 30 }; INSERT { ?who :young true } WHERE { ?who :age 30 }"

    assert after(update) == said(DOCUMENT.replace("; :age 30; :home", "; :home") + "<#b> :young true .")


def test_each_solution_makes_a_blank_node_of_its_own() -> None:
    update = "INSERT { ?who :card [ :of ?name ], _:c . _:c :of ?who } WHERE { ?who :name ?name }"

    found = after(update)

    assert found == said(
        f"{DOCUMENT} <#a> :card [ :of 'Anna' ], [ :of <#a> ] ."
        " <#b> :card [ :of 'Bert' ], [ :of <#b> ], [ :of 'Bob' ], [ :of <#b> ] ."
    )


def test_each_operation_makes_blank_nodes_of_its_own() -> None:
    update = "INSERT DATA { <#x> :has _:c . _:c :n 1 }; INSERT DATA { <#x> :has _:c . _:c :n 2 }"

    assert after(update, "") == said("<#x> :has [ :n 1 ], [ :n 2 ] .")


@pytest.mark.parametrize("label", ["_:b0", "_:new-0", "_:new-0-0-0"])
def test_a_blank_node_of_the_document_stays_apart_from_those_that_are_made(label: str) -> None:
    before = f"{PREFIXES}<#a> :home {label} . {label} :city 'Rome' ."
    update = f"INSERT {{ <#a> :home {label} . {label} :near ?home }} WHERE {{ <#a> :home ?home }}"

    assert after(update, before) == said("<#a> :home _:x, _:y . _:x :city 'Rome' . _:y :near _:x .")


def test_a_blank_node_in_where_stands_for_anything() -> None:
    update = "INSERT { ?who :in ?city } WHERE { ?who :home _:h . _:h :city ?city }"

    assert after(update) == said(f"{DOCUMENT} <#a> :in 'Rome' .")


@pytest.mark.parametrize(
    "triples",
    [
        '<#t> :says \'DELETE WHERE { ?a ?b ?c }\', "INSERT } DATA {", \'\'\'GRAPH { # \'\'\', """; "}" ; """ .',
        "<http://drop.example/?GRAPH=1#LOAD> :p <#UNION> .",
        ":INSERT :DELETE :GRAPH . :filter :union.select :optional-1 .",
        ":a\\;b :c\\?d :e\\.f . :g\\( :h 'DATA'@with .",
        "<#n> :p 1, -2, +3.5, .5, 1e3, true, false, 'x'^^xsd:string, \"y\"@en-GB .",
        "<#l> :items (1 'b' (<#c>) [ :p [] ]); :more (), [ a :C; :d :e, :f ] .",
        "<#u> :p '\\u00e9\\t\\\\', '\\'' .",
        "<#d> :p 5 . <#d> :q 5.0 . <#e> :r :s.",
    ],
)
def test_texts_and_names_may_look_like_anything(triples: str) -> None:
    assert after(f"INSERT DATA {{ {triples} }}") == said(f"{DOCUMENT} {triples}")


@pytest.mark.parametrize(
    ("update", "line", "column"),
    [
        ("nonsense", 1, 1),
        ("INSERT", 1, 7),
        ("INSERT DATA", 1, 12),
        ("INSERT DATA x", 1, 13),
        ("INSERT DATA { <#a> <#b> <#c>", 1, 29),
        ("INSERT DATA { <#a> <#b> <#c> } }", 1, 32),
        ("INSERT DATA { <#a> <#b> <#c> } INSERT DATA { }", 1, 32),
        ("DELETE DATA { }; ;", 1, 18),
        ("PREFIX", 1, 7),
        ("PREFIX x <#>", 1, 8),
        ("PREFIX x: 'x' INSERT DATA {}", 1, 11),
        ("BASE x: INSERT DATA {}", 1, 6),
        ("DELETE { } {}", 1, 12),
        ("INSERT DATA {\n <#a> <#b> <#c> .\n <#a> nope <#c> }", 3, 7),
        ("PREFIX x: <#>\nPREFIX y: <#> INSERT DATA { x:a\n y:b\n z:c 1 }", 4, 2),
        ("DELETE WHERE { ?a ?b ?c . ?d nope ?e }", 1, 30),
        ("INSERT DATA { <#a> <#b> ?c }", 1, 14),
        ("DELETE DATA { ?a <#b> <#c> }", 1, 14),
        ("WHERE { ?a <#b> <#c> } INSERT DATA { <#a> <#b> <#d> }", 1, 1),
    ],
)
def test_what_is_no_update_is_malformed_with_its_place(update: str, line: int, column: int) -> None:
    with pytest.raises(Malformed) as refusal:
        parsed(update)

    assert (refusal.value.line, refusal.value.column) == (line, column)


@pytest.mark.parametrize("update", ["PREFIX x: <a b> INSERT DATA {}", "PREFIX x-: <#> INSERT DATA { 'a' a <#b> }"])
def test_what_is_wrong_in_the_prologue_is_malformed(update: str) -> None:
    with pytest.raises(Malformed):
        parsed(update)


def test_an_update_is_utf_8() -> None:
    with pytest.raises(Malformed):
        sparql_update.parse(b"INSERT DATA { <#a> <#b> '\xff' }", BASE)


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <https://other.example/>",
        "load silent <https://other.example/> into graph <https://other.example/>",
        "CLEAR DEFAULT",
        "CLEAR ALL",
        "DROP GRAPH <https://other.example/>",
        "CREATE GRAPH <https://other.example/>",
        "COPY DEFAULT TO <https://other.example/>",
        "MOVE DEFAULT TO <https://other.example/>",
        "ADD <https://other.example/> TO DEFAULT",
        "WITH <https://other.example/> DELETE { ?a ?b ?c } WHERE { ?a ?b ?c }",
        "INSERT DATA { GRAPH <https://other.example/> { <#a> <#b> <#c> } }",
        "DELETE { ?a ?b ?c } USING <https://other.example/> WHERE { ?a ?b ?c }",
        "DELETE { ?a ?b ?c } WHERE { GRAPH <https://other.example/> { ?a ?b ?c } }",
        "INSERT { ?a ?b ?c } WHERE { service <http://localhost/> { ?a ?b ?c } }",
        "INSERT DATA { <#a> <#b> <#c> }; CLEAR ALL",
    ],
)
def test_what_reaches_outside_of_the_resource_is_unprocessable(update: str) -> None:
    with pytest.raises(Unprocessable, match="outside"):
        parsed(update)


@pytest.mark.parametrize(
    "update",
    [
        "DELETE { ?a ?b ?c } WHERE { ?a ?b ?c FILTER(?c > 3) }",
        "DELETE { ?a ?b ?c } WHERE { ?a ?b ?c . filter not exists { ?a <#d> ?e } }",
        "DELETE { ?a ?b ?c } WHERE { OPTIONAL { ?a ?b ?c } }",
        "DELETE { ?a ?b ?c } WHERE { { ?a ?b ?c } UNION { ?c ?b ?a } }",
        "DELETE { ?a ?b ?c } WHERE { ?a ?b ?c MINUS { ?a ?b 1 } }",
        "INSERT { <#a> <#b> ?c } WHERE { BIND(1 AS ?c) }",
        "INSERT { <#a> <#b> ?c } WHERE { VALUES ?c { 1 2 } }",
        "INSERT { <#a> <#b> ?c } WHERE { SELECT ?c WHERE { ?a ?b ?c } }",
        "INSERT DATA { <#a> <#b> <<( <#c> <#d> <#e> )>> }",
        "DELETE WHERE { ?a ?b << ?c <#d> ?e >> }",
        "INSERT DATA { <#a> <#b> <#c> {| <#d> <#e> |} }",
        "INSERT { ?x <#b> <#c> } WHERE { ?y <#b> <#c> }",
        "DELETE { <#a> <#b> ?x } WHERE {}",
        "INSERT { <#a> ?x <#c> }",
        "DELETE DATA { _:x <#b> <#c> }",
        "DELETE DATA { <#a> <#b> [] }",
        "DELETE WHERE { <#a> <#b> [ <#c> ?d ] }",
        "DELETE { <#a> <#b> (1) } WHERE { <#a> <#b> ?c }",
    ],
)
def test_what_is_more_than_triple_patterns_is_unprocessable(update: str) -> None:
    with pytest.raises(Unprocessable):
        parsed(update)


@pytest.mark.parametrize(
    ("update", "modes"),
    [
        ("", {Mode.APPEND}),
        ("INSERT DATA {}", {Mode.APPEND}),
        ("INSERT DATA { <#a> <#b> <#c> }", {Mode.APPEND}),
        ("DELETE DATA { <#a> <#b> <#c> }", {Mode.WRITE}),
        ("DELETE DATA { <#a> <#b> <#c> }; INSERT DATA { <#a> <#b> <#d> }", {Mode.WRITE, Mode.APPEND}),
        ("DELETE WHERE { <#a> <#b> ?c }", {Mode.READ, Mode.WRITE}),
        ("INSERT { <#a> <#b> ?c } WHERE { <#d> <#b> ?c }", {Mode.READ, Mode.APPEND}),
        ("INSERT { <#a> <#b> <#c> } WHERE {}", {Mode.APPEND}),
        ("DELETE { <#a> <#b> <#c> } INSERT { <#a> <#b> <#d> } WHERE {}", {Mode.WRITE, Mode.APPEND}),
    ],
)
def test_the_modes_that_an_update_needs_follow_from_what_it_does(update: str, modes: set[Mode]) -> None:
    assert parsed(update).modes == modes


def test_an_update_with_too_many_operations_is_refused() -> None:
    with pytest.raises(Unprocessable, match="operations"):
        parsed("INSERT DATA { <#a> <#b> <#c> };" * (sparql_update.LIMIT_OPERATIONS + 1))


def test_an_update_with_too_many_conditions_is_refused_before_it_is_tried() -> None:
    many = " ".join(f"?a{number} <#p> ?b{number} ." for number in range(10_000))

    with pytest.raises(Unprocessable, match=str(LIMIT_PATTERNS)):
        parsed(f"DELETE {{ ?a1 <#p> ?b1 }} WHERE {{ {many} }}")


def test_an_update_that_would_make_too_many_triples_is_refused() -> None:
    before = PREFIXES + "".join(f"<#{number}> :p {number} .\n" for number in range(200))
    update = "INSERT { ?a :with ?b } WHERE { ?a :p ?c . ?b :p ?d }"

    with pytest.raises(Unprocessable, match="would change more"):
        after(update, before)


def test_many_operations_share_one_limit_of_work() -> None:
    before = PREFIXES + "".join(f"<#{number}> :p {number} .\n" for number in range(150))
    update = ";\n".join(["DELETE {} WHERE { ?a :p ?x . ?b :p ?y }"] * 3)

    with pytest.raises(Unprocessable, match="too many ways"):
        after(update, before)


def test_a_few_operations_on_many_triples_are_done() -> None:
    before = PREFIXES + "".join(f"<#{number}> :p {number} .\n" for number in range(5000))
    update = "DELETE { ?a :p ?b } INSERT { ?a :q ?b } WHERE { ?a :p ?b }; DELETE { ?a :q 7 } WHERE { ?a :q 7 }"

    assert len(after(update, before)) == 4999


@pytest.mark.parametrize("piece", ["a.", "a:", "'''", '"\\', "<\\u", "<a", "{", "?a ", "\\", "a.b-", "@a", "# ", "<<"])
def test_hostile_text_is_read_once(piece: str) -> None:
    """Were each piece read to the end of the text, this would take hours."""
    with pytest.raises((Malformed, Unprocessable)):
        parsed("INSERT DATA { <#a> " + piece * 100_000)
