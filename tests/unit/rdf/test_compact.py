"""JSON-LD that was patched, and looks as its author wrote it."""

import json

import pytest

from pod.rdf import edit
from pod.rdf.formats import JSON_LD
from tests.unit.rdf.reading import BASE, SPARQL, canonical, patched, said, statements

V = "https://voc.example/#"
URL = "https://context.example/"
CONTEXT = {"@vocab": V, "knows": {"@type": "@id"}, "items": {"@container": "@list"}}
REMOTE = {URL: json.dumps({"@context": CONTEXT}).encode()}
INSERT = "PREFIX : <https://voc.example/#> INSERT DATA { <#a> :new 'N' }"


def after(document: object, update: str = INSERT, contexts: dict[str, bytes] | None = None) -> object:
    """The document after the patch, which must say what it said and the triple that was added."""
    before = json.dumps(document, ensure_ascii=False).encode()
    content = edit.parse(SPARQL, update.encode(), BASE).apply(before, JSON_LD, BASE, contexts or {})
    if contexts is None:
        again = patched(update.replace("INSERT", "DELETE"), content, JSON_LD)
        assert statements(again, JSON_LD) == statements(before, JSON_LD)
    return json.loads(content)


@pytest.mark.parametrize(
    "node",
    [
        {"@id": "#a", "name": "Anna"},
        {"@id": "#a", "@type": "Person", "name": ["Anna", {"@language": "de", "@value": "Änne"}]},
        {"@id": "#a", "knows": ["#b", "https://other.example/#c", ""]},
        {"@id": "#a", "home": {"city": {"name": "Rome"}}, "work": {"@type": "Place", "name": "Rome"}},
        {"@id": "#a", "items": [1, "b", {"name": "c"}, ["d", []]], "more": {"@list": [{"@id": "#b"}]}},
        {"@id": "#a", "items": []},
        {"@id": "#a", "age": 30, "height": 1.6, "weight": -62.5, "debt": 1234.5, "tiny": 0.001, "here": True},
        {"@id": "#a", "big": 123456789012345, "none": 0, "less": -1, "not": False},
        {"@id": "#a", "data": {"@type": "@json", "@value": {"@context": [1, None, {"x": "y"}], "b": 2.5}}},
        {"@id": "#a", "price": {"@type": "euro", "@value": "3"}},
        {"@id": "#a", "text": {"@direction": "rtl", "@language": "ar", "@value": "أنا"}},
        {"@id": "#a", "text": 'quotes " and \\ and\nlines'},
    ],
    ids=lambda node: next(key for key in node if not key.startswith("@")),
)  # fmt: skip
def test_a_document_looks_the_same_but_for_what_was_added(node: dict[str, object]) -> None:
    assert after({"@context": CONTEXT, **node}) == {"@context": CONTEXT, **node, "new": "N"}


@pytest.mark.parametrize(
    "context",
    [URL, [URL], [URL, {"title": f"{V}name"}], [{"@vocab": "https://other.example/"}, URL]],
)
def test_a_document_keeps_its_remote_context(context: object) -> None:
    document = {"@context": context, "@id": "#a", "knows": "#b", "items": ["x"]}

    assert after(document, contexts=REMOTE) == {**document, "new": "N"}


def test_a_document_keeps_a_shipped_context() -> None:
    document = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "#a",
        "type": "OrderedCollection",
        "totalItems": "2",
        "orderedItems": ["#b", {"type": "Note", "published": "2020-01-01T00:00:00Z"}],
        "nameMap": {"de": "Liste", "en": ["list", "queue"]},
    }
    update = "INSERT DATA { <#a> <https://www.w3.org/ns/activitystreams#summary> 'S' }"

    assert after(document, update) == {**document, "summary": "S"}


def test_several_nodes_share_the_context_at_the_top() -> None:
    nodes = [{"@id": "#a", "name": "Anna"}, {"@id": "#b", "name": "Bert"}]

    expected = {"@context": CONTEXT, "@graph": [{**nodes[0], "new": "N"}, nodes[1]]}
    assert after({"@context": CONTEXT, "@graph": nodes}) == expected
    assert after([{"@context": CONTEXT, **node} for node in nodes]) == expected


def test_a_document_without_a_context_stays_expanded() -> None:
    assert after([{"@id": "#a", f"{V}home": [{f"{V}city": "Rome"}], "@type": [f"{V}C"]}]) == [
        {
            "@id": f"{BASE}#a",
            "@type": [f"{V}C"],
            f"{V}home": [{f"{V}city": [{"@value": "Rome"}]}],
            f"{V}new": [{"@value": "N"}],
        }
    ]


def test_nodes_with_contexts_of_their_own_are_expanded() -> None:
    found = after([{"@context": CONTEXT, "@id": "#a", "name": "A"}, {"@context": {"n": f"{V}name"}, "n": "B"}])

    assert isinstance(found, list)
    assert f"{V}name" in found[0]


def test_iris_stay_absolute_where_the_author_wrote_them() -> None:
    document = {"@context": CONTEXT, "@id": f"{BASE}#a", "knows": [f"{BASE}#b", BASE]}

    assert after(document) == {**document, "new": "N"}


def test_iris_are_those_that_a_base_in_the_context_makes() -> None:
    context = {**CONTEXT, "@base": "https://other.example/x"}

    found = after({"@context": context, "@id": "#a", "name": "A"})

    assert found == {
        "@context": context,
        "@graph": [
            {"@id": "#a", "name": "A"},
            {"@id": f"{BASE}#a", "new": "N"},
        ],
    }


def test_named_graphs_stay_apart() -> None:
    document = {
        "@context": CONTEXT,
        "@graph": [
            {"@id": "#a", "in": [{"@id": "#g"}, {"@id": "_:b0"}]},
            {"@id": "#g", "@graph": [{"@id": "#a", "name": "G"}, {"@id": "#c", "knows": ["_:b1"]}]},
            {"@id": "_:b0", "@graph": [{"@id": "#a", "home": {"city": "Rome"}}, {"@id": "_:b1", "name": "B"}]},
        ],
    }

    found = json.dumps(after(document))

    assert '"home": {"city": "Rome"}' in found
    assert statements(found, JSON_LD) == said(
        "<#a> :in <#g>, _:k; :new 'N' . <#g> { <#a> :name 'G' . <#c> :knows _:b }"
        " _:k { <#a> :home [ :city 'Rome' ] . _:b :name 'B' }"
    )


@pytest.mark.parametrize(
    "nodes",
    [
        "_:x :knows _:x .",
        "_:x :knows _:y . _:y :knows _:x .",
        "<#b> :knows _:x . <#c> :knows _:x . _:x :name 'X' .",
        "_:x rdf:first 1; rdf:rest _:x .",
        "_:x rdf:first 1; rdf:rest _:y . _:y rdf:first 2; rdf:rest _:x .",
        "<#b> :items _:x . _:x rdf:first 1, 2; rdf:rest rdf:nil .",
        "<#b> :items _:x . _:x rdf:first 1; rdf:rest rdf:nil, _:y .",
        "<#b> :items _:x . _:x rdf:first 1; rdf:rest rdf:nil; :name 'X' .",
        "<#b> :items _:x . _:x rdf:first 1; rdf:rest <#l> . <#l> rdf:first 2; rdf:rest rdf:nil .",
        "<#b> :items _:x . _:x rdf:first 1; rdf:rest 'x' .",
        "<#b> :items _:x . _:x rdf:first 1 .",
        "<#b> :items _:x . <#c> :items _:x . _:x rdf:first 1; rdf:rest rdf:nil .",
        "<#b> :items (1 _:y) . <#c> :items _:y . _:y :name 'Y' .",
        "<#b> a _:x . _:x a :Class .",
        "<#b> a _:x . <#c> :knows _:x .",
        "_:x :name 'X' . [] :knows _:x .",
        "<#b> a 'text', rdf:nil; :knows rdf:nil . rdf:nil :name 'nothing' .",
        "<#b> :p 'x'^^xsd:integer, '01'^^xsd:integer, '1.0'^^xsd:double, '1.50E0'^^xsd:double, 'yes'^^xsd:boolean .",
        "<#b> :p '1.0E0'^^xsd:double, '1.5E20'^^xsd:double, '9999999999999999'^^xsd:integer, '-0'^^xsd:integer .",
        "<#b> :p '{ \"b\": 1 }'^^rdf:JSON .",
        "<#b> :p 'no JSON'^^rdf:JSON .",
        "<#b> <http://odd.example/> 1; <urn:x:y> 2; <#p> 3 .",
        "<#b> <https://voc.example/#@id> 'keyword'; <https://voc.example/#> 'empty' .",
    ],
)  # fmt: skip
def test_no_shape_of_a_graph_is_damaged(nodes: str) -> None:
    before = json.dumps({"@context": CONTEXT, "@id": "#a", "name": "A"})
    update = (
        "PREFIX : <https://voc.example/#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
        f" PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> INSERT DATA {{ {nodes} }}"
    )

    once = patched(update, before, JSON_LD)
    twice = patched(INSERT, once, JSON_LD)

    assert statements(twice, JSON_LD) == said(f"<#a> :name 'A'; :new 'N' . {nodes}")


def test_deep_nodes_are_named_so_that_the_document_stays_readable() -> None:
    chain = "<#a> :next _:n0 . " + "".join(f"_:n{number} :next _:n{number + 1} . " for number in range(40))
    lists = "<#a> :items " + "(" * 40 + "1" + ")" * 40 + " ."
    update = f"PREFIX : <https://voc.example/#> INSERT DATA {{ {chain} {lists} }}"

    once = patched(update, json.dumps({"@context": CONTEXT, "@id": "#a", "name": "A"}), JSON_LD)

    assert statements(once, JSON_LD) == said(f"<#a> :name 'A' . {chain} {lists}")
    assert statements(patched(INSERT, once, JSON_LD), JSON_LD) == said(f"<#a> :name 'A'; :new 'N' . {chain} {lists}")


def test_a_long_list_stays_one() -> None:
    document = {"@context": CONTEXT, "@id": "#a", "items": list(range(3000))}

    assert after(document) == {**document, "new": "N"}


@pytest.mark.parametrize(
    ("context", "update"),
    [
        ({"@vocab": V, "new": {"@type": "@id"}}, INSERT),
        ({"@vocab": V, "new": {"@id": f"{V}new", "@type": "http://www.w3.org/2001/XMLSchema#integer"}}, INSERT),
        ({"@vocab": V, "new": None}, INSERT),
        ({"@vocab": V, "https": "https://wrong.example/"}, INSERT),
        ({"voc": V, "name": "voc:name"}, INSERT),
        ({"@vocab": V, "@language": "en"}, INSERT),
        ({"@vocab": V, "@propagate": False}, INSERT),
        ({"@vocab": V, "Person": {"@context": {"new": "https://wrong.example/"}}}, INSERT),
    ],
)
def test_a_context_that_means_other_things_does_no_harm(context: object, update: str) -> None:
    before = json.dumps({"@context": context, "@id": "#a", "@type": "Person", f"{V}name": "A", "name": "A"})
    expected = canonical([*statements(before, JSON_LD), *said("<#a> :new 'N' .")])

    assert statements(patched(update, before, JSON_LD), JSON_LD) == expected


def test_numbers_of_a_type_that_the_context_gives_stay_short() -> None:
    context = {"@vocab": V, "age": {"@type": "http://www.w3.org/2001/XMLSchema#integer"}}

    assert after({"@context": context, "@id": "#a", "age": "30"}) == {
        "@context": context,
        "@id": "#a",
        "age": "30",
        "new": "N",
    }


def test_a_context_that_would_be_applied_too_often_is_left_out() -> None:
    inner = {f"t{number}": f"{V}{number}" for number in range(300)}
    context = {"@vocab": V, "home": {"@context": inner}}
    many = [{"@id": f"#{number}", "name": "x"} for number in range(4000)]

    found = after({"@context": context, "@graph": [{"@id": "#a", "home": {"t1": "x"}}, *many]})

    assert isinstance(found, list)


@pytest.mark.parametrize("indent", [None, 4])
def test_lines_are_broken_where_they_were(indent: int | None) -> None:
    before = json.dumps({"@context": CONTEXT, "@id": "#a", "name": "A"}, indent=indent)

    assert (b"\n" in patched(INSERT, before, JSON_LD)) == (indent is not None)


def test_a_document_may_become_empty() -> None:
    before = json.dumps({"@context": CONTEXT, "@id": "#a", "name": "A"})

    after_all = patched("DELETE WHERE { ?a ?b ?c }", before, JSON_LD)

    assert json.loads(after_all) == {"@context": CONTEXT}
