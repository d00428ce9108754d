"""JSON-LD documents and the contexts they refer to."""

import json

import pytest

from pod.errors import Malformed
from pod.rdf import formats, jsonld
from pod.rdf.contexts import SHIPPED
from pod.rdf.formats import JSON_LD
from pod.rdf.graph import Quad
from tests.unit.rdf.reading import BASE, PREFIXES, canonical, said

V = "https://voc.example/#"
URL = "https://context.example/one"
OTHER = "https://context.example/two"
NAMES = json.dumps({"@context": {"name": f"{V}name", "knows": {"@id": f"{V}knows", "@type": "@id"}}}).encode()


def context(content: object, **more: object) -> bytes:
    return json.dumps({"@context": content, **more}).encode()


def read(document: object, contexts: dict[str, bytes]) -> frozenset[Quad]:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return canonical(formats.quads(content, JSON_LD, BASE, contexts))


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        (URL, URL),
        ("context", "https://pod.example/alice/context"),
        ("../context", "https://pod.example/context"),
        ("//context.example/one", URL),
        ("", BASE),
    ],
)
def test_a_reference_is_relative_to_the_document(reference: str, url: str) -> None:
    assert jsonld.remote_contexts(context(reference), BASE, {}) == {url}


@pytest.mark.parametrize(
    ("document", "urls"),
    [
        ({}, set()),
        ({"@context": {"name": URL}, "name": URL}, set()),
        ({"@context": None}, set()),
        ({"@context": [URL, {"a": "b:c"}, None, OTHER]}, {URL, OTHER}),
        ([{"@context": URL}, {"p": [{"@context": OTHER}]}], {URL, OTHER}),
        ({"@context": {"name": {"@id": "a:b", "@context": URL}}}, {URL}),
        ({"@context": {"a": {"@id": "b:c", "@context": [{"d": {"@id": "e", "@context": OTHER}}, URL]}}}, {URL, OTHER}),
        ({"@context": {"@import": URL}}, {URL}),
        ({"@context": {"@import": 3}}, set()),
        ({"@import": URL, "context": OTHER}, set()),
        ({"@context": "https://www.w3.org/ns/activitystreams"}, set()),
    ],
)  # fmt: skip
def test_references_are_found_wherever_a_context_may_stand(document: object, urls: set[str]) -> None:
    assert jsonld.remote_contexts(json.dumps(document).encode(), BASE, {}) == urls


@pytest.mark.parametrize("key", [b"\\u0040context", b"@conte\\u0078t", b"@\\u0063\\u006F\\u006etext"])
def test_a_key_may_be_written_with_escapes(key: bytes) -> None:
    document = b'{"%s": "%s", "name": "A"}' % (key, URL.encode())

    assert jsonld.remote_contexts(document, BASE, {}) == {URL}
    assert read(document, {URL: NAMES}) == said("[] :name 'A' .")


def test_contexts_may_refer_to_contexts() -> None:
    known = {URL: context(["two", {"age": f"{V}age"}])}

    assert jsonld.remote_contexts(context(URL), BASE, known) == {OTHER}
    assert jsonld.remote_contexts(context(URL), BASE, known | {OTHER: NAMES}) == set()


def test_a_context_is_asked_for_once() -> None:
    known = {URL: context([OTHER, URL]), OTHER: context({"a": {"@id": "a:b", "@context": URL}})}

    assert jsonld.remote_contexts(context([URL, OTHER]), BASE, known) == set()


@pytest.mark.parametrize("content", [b'{"@context": "x"', b"\xff@context", b'{"@context": NaN}', b'\xff"@context"'])
def test_what_is_no_json_refers_to_nothing(content: bytes) -> None:
    if b'"@context"' not in content:
        assert jsonld.remote_contexts(content, BASE, {}) == frozenset()
        return
    with pytest.raises(Malformed):
        jsonld.remote_contexts(content, BASE, {})


def test_a_document_without_references_is_left_as_it_is() -> None:
    content = b'{ "@context":{"name":"a:b"}, "name":1.50 }'

    assert jsonld.self_contained(content, BASE, {}) is content


@pytest.mark.parametrize(
    ("document", "contexts", "expected"),
    [
        ({"@context": URL, "@id": "#a", "name": "A", "knows": "#b"}, {URL: NAMES}, "<#a> :name 'A'; :knows <#b> ."),
        (
            {"@context": [URL, {"@language": "en"}], "@id": "#a", "name": "A"},
            {URL: NAMES},
            "<#a> :name 'A'@en .",
        ),
        (
            [{"@context": URL, "name": "A"}, {"@context": OTHER, "name": "B"}],
            {URL: NAMES, OTHER: context({"name": f"{V}title"})},
            "[] :name 'A' . [] :title 'B' .",
        ),
        (
            {"@context": URL, "name": {"@context": OTHER, "title": "B"}},
            {URL: NAMES, OTHER: context({"title": f"{V}title"})},
            "[] :name [ :title 'B' ] .",
        ),
        (
            {"@context": {"in": {"@id": f"{V}in", "@context": URL}}, "in": {"name": "A"}},
            {URL: NAMES},
            "[] :in [ :name 'A' ] .",
        ),
        (
            {"@context": {"@import": URL, "name": f"{V}title"}, "@id": "#a", "name": "A", "knows": "#b"},
            {URL: NAMES},
            "<#a> :title 'A'; :knows <#b> .",
        ),
        (
            {"@context": URL, "@id": "#a", "in": {"name": "A"}},
            {
                URL: context(["two", {"in": {"@id": f"{V}in", "@context": "three"}}]),
                OTHER: context({"name": f"{V}no"}),
                "https://context.example/three": NAMES,
            },
            "<#a> :in [ :name 'A' ] .",
        ),
        (
            {"@context": URL, "@id": "a", "name": "A"},
            {URL: context([{"@base": "https://other.example/"}, OTHER]), OTHER: NAMES},
            "<a> :name 'A' .",
        ),
        (
            {"@context": [{"name": f"{V}no"}, URL], "name": "A", "title": "T"},
            {URL: context([None, {"title": f"{V}title"}])},
            "[] :title 'T' .",
        ),
        ({"@context": URL, "name": [1, 2.5, True, "é"]}, {URL: NAMES}, "[] :name 1, 2.5E0, true, 'é' ."),
    ],
)  # fmt: skip
def test_a_remote_context_means_what_it_says(document: object, contexts: dict[str, bytes], expected: str) -> None:
    assert read(document, contexts) == said(expected)


def test_a_context_that_is_given_is_preferred_to_one_that_is_shipped() -> None:
    """The first copy that was kept with the data gives it its meaning, whatever a release ships."""
    url = "https://www.w3.org/ns/activitystreams"

    assert read({"@context": url, "name": "A"}, {url: NAMES}) == said("[] :name 'A' .")


def test_a_json_literal_is_data_whatever_is_in_it() -> None:
    data = {"data": {"@id": f"{V}data", "@type": "@json"}, "name": f"{V}name"}
    contexts = {URL: context(data), OTHER: context({"name": f"{V}no"})}
    document = {"@context": URL, "data": {"@context": OTHER, "name": [1]}, "name": {"@value": "A", "@language": "en"}}

    found = read(document, contexts)

    assert found == said(
        """[] :data '{"@context":"https://context.example/two","name":[1]}'^^rdf:JSON; :name 'A'@en ."""
    )


@pytest.mark.parametrize("kind", [b'"@json"', b'"@js\\u006fn"', b'"\\u0040json"'])
def test_a_json_literal_of_the_document_is_data(kind: bytes) -> None:
    document = b'{"@context": "%s", "name": {"@type": %s, "@value": {"@context": 3}}}' % (URL.encode(), kind)

    assert read(document, {URL: NAMES}) == said("""[] :name '{"@context":3}'^^rdf:JSON .""")


def test_the_direction_of_a_text_is_kept_beside_json_literals() -> None:
    document = {
        "@context": [URL, {"@direction": "rtl", "@language": "ar"}],
        "@id": "rel",
        "name": ["A", {"@type": "@json", "@value": 1}],
    }

    assert read(document, {URL: NAMES}) == said("<rel> :name 'A'@ar--rtl, '1'^^rdf:JSON .")


@pytest.mark.parametrize(
    ("document", "contexts"),
    [
        ({"@context": URL}, {}),
        ({"@context": "https://[/"}, {}),
        ({"@context": {"@import": URL}}, {URL: context([{"a": "b:c"}])}),
        ({"@context": {"@import": URL}}, {URL: context(None)}),
        ({"@context": {"@import": 3}, "name": 1}, {}),
        ({"@context": URL}, {URL: b"[]"}),
        ({"@context": URL}, {URL: b'{"context": {}}'}),
        ({"@context": URL}, {URL: b"<html>"}),
        ({"@context": URL}, {URL: context(URL)}),
        ({"@context": URL}, {URL: context([OTHER]), OTHER: context({"a": {"@id": "a:b", "@context": URL}})}),
        ({"@context": URL, "name": {"@type": "@json"}}, {}),
        ({"@context": URL, "name": {"@type": "@json", "@value": 1}, "@id": 3}, {URL: NAMES}),
        ({"@context": URL, "name": "\ud800"}, {URL: NAMES}),
        (b'{"@context": "%s", "name": 1e999}' % URL.encode(), {URL: NAMES}),
        (b'{"@context": "%s", "name": %s}' % (URL.encode(), b"1" * 5000), {URL: NAMES}),
        (b'{"@context": "%s", "name": -Infinity}' % URL.encode(), {URL: NAMES}),
        (b'{"@context": "%s", "name": "\xff"}' % URL.encode(), {URL: NAMES}),
    ],
)  # fmt: skip
def test_what_cannot_be_put_together_is_malformed(document: object, contexts: dict[str, bytes]) -> None:
    with pytest.raises(Malformed):
        read(document, contexts)


@pytest.mark.parametrize("container", ["@graph", ["@graph"], ["@graph", "@id"], ["@set", "@graph", "@index"]])
@pytest.mark.parametrize(
    "value", [{"@list": []}, {"@set": [1]}, {"@none": [{"@list": [1]}]}, {"a": {"@set": []}}, [[]]]
)
@pytest.mark.parametrize("remote", [True, False])
def test_lists_where_graphs_are_made_do_no_harm(container: object, value: object, remote: bool) -> None:
    """Left to itself, the fast parser would end the process."""
    terms = {"claim": {"@id": f"{V}claim", "@container": container}, "name": f"{V}name"}
    contexts = {URL: context(terms)} if remote else {}
    document = {"@context": URL if remote else terms, "@id": "#a", "name": "A", "claim": value}

    try:
        found = read(document, contexts)
    except Malformed:
        return

    assert said("<#a> :name 'A' .") <= found


def test_a_graph_made_of_a_value_is_one() -> None:
    terms = {"claim": {"@id": f"{V}claim", "@container": "@graph"}, "name": f"{V}name"}

    found = read({"@context": terms, "@id": "#a", "claim": {"@id": "#b", "name": "B"}}, {})

    assert found == said("<#a> :claim _:g . _:g { <#b> :name 'B' }")


def test_contexts_that_double_each_other_are_refused() -> None:
    contexts = {
        f"https://context.example/{number}": context([f"https://context.example/{number + 1}"] * 10)
        for number in range(12)
    }
    contexts["https://context.example/12"] = NAMES

    with pytest.raises(Malformed, match="too large together"):
        read({"@context": "https://context.example/0"}, contexts)


def test_a_large_context_cannot_be_put_in_without_end() -> None:
    large = context({f"t{number}": f"{V}{number}" for number in range(2000)})

    with pytest.raises(Malformed, match="too large together"):
        read([{"@context": URL}] * 500, {URL: large})


def test_a_small_context_may_be_used_by_every_node() -> None:
    document = [{"@context": URL, "@id": f"#{number}", "name": "A"} for number in range(500)]

    assert len(formats.parse(json.dumps(document).encode(), JSON_LD, BASE, {URL: NAMES})) == 500


def test_contexts_nested_in_contexts_stay_within_bounds() -> None:
    deep: object = {}
    for _ in range(40):
        deep = {"a": {"@id": "a:b", "@context": deep}}
    contexts = {URL: context({"b": {"@id": "a:b", "@context": deep}})}
    contexts[OTHER] = contexts[URL].replace(b'"@context": {}', b'"@context": "%s"' % URL.encode())

    with pytest.raises(Malformed, match="nested more than"):
        read({"@context": OTHER}, contexts)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"@context": URL, "a": 1}, URL),
        ({"@context": [URL, {"a": "b:c"}]}, [URL, {"a": "b:c"}]),
        ([{"@context": URL}, {"@context": URL, "a": 1}], URL),
        ([{"@context": URL}, {"a": 1}], None),
        ([{"@context": URL}, {"@context": OTHER}], None),
        ([{"@context": URL}, 3], None),
        ({"a": {"@context": URL}}, None),
        ([], None),
        (3, None),
    ],
)
def test_a_document_has_a_context_of_its_own_when_all_of_it_does(document: object, expected: object) -> None:
    assert jsonld.own_context(document) == expected


def test_every_shipped_context_can_be_used_without_fetching() -> None:
    for url in SHIPPED:
        assert jsonld.remote_contexts(context(url), BASE, {}) == frozenset()
        assert read({"@context": url, "@id": "#a"}, {}) == frozenset()


def test_a_document_may_use_several_shipped_contexts() -> None:
    document = {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": "#me",
        "type": "Person",
        "preferredUsername": "anna",
        "publicKey": {"id": "#key", "owner": "#me", "publicKeyPem": "PEM"},
    }

    assert read(document, {}) == said(
        f"{PREFIXES} @prefix as: <https://www.w3.org/ns/activitystreams#>. @prefix sec: <https://w3id.org/security#>."
        " <#me> a as:Person; as:preferredUsername 'anna'; sec:publicKey <#key> ."
        " <#key> sec:owner <#me>; sec:publicKeyPem 'PEM' ."
    )
