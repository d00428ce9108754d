"""PATCH with a Solid N3 Patch (Solid Protocol, 5.3.1)."""

import pytest

from tests.asgi import Statement, graph
from tests.world import BASE, JSON_LD, N3, TURTLE, World, n3, rule

V = "https://voc.example/#"
DOCUMENT = f"@prefix ex: <{V}>.\n<#a> ex:name 'Anna'; ex:age 30 .\n<#b> ex:name 'Bert' .\n"
HEAD = "@prefix solid: <http://www.w3.org/ns/solid/terms#>. @prefix ex: <https://voc.example/#>.\n"


async def patched(world: World, patch: str, before: str = DOCUMENT) -> frozenset[Statement]:
    """The statements after the patch, which must succeed."""
    await world.document("/alice/note", before)
    answer = await world.alice.patch("/alice/note", N3, patch)
    assert answer.status == 204, answer.text
    return (await world.alice.get("/alice/note")).graph()


def said(turtle: str) -> frozenset[Statement]:
    return graph(f"@prefix ex: <{V}>.\n{turtle}", base=f"{BASE}alice/note")


@pytest.mark.spec("server-patch-n3-accept", "server-patch-n3-semantics", "server-patch-n3-formulae")
async def test_a_patch_matches_deletes_and_inserts(world: World) -> None:
    patch = n3(where="?who ex:name 'Anna' .", deletes="?who ex:age 30 .", inserts="?who ex:age 31 .")

    found = await patched(world, patch)

    assert found == said("<#a> ex:name 'Anna'; ex:age 31 . <#b> ex:name 'Bert' .")


@pytest.mark.spec("server-patch-n3-semantics")
async def test_deletions_come_before_insertions(world: World) -> None:
    """A triple that is in both stays."""
    found = await patched(world, n3(deletes="<#a> ex:age 30 .", inserts="<#a> ex:age 30 ."))

    assert found == said(DOCUMENT)


@pytest.mark.spec("server-patch-n3-semantics", "server-patch-n3-accept", "server-put-patch-intermediate-containers")
async def test_what_is_not_there_is_made_as_turtle(world: World) -> None:
    answer = await world.alice.insert("/alice/new/note", "<#it> ex:is <> .")

    found = await world.alice.get("/alice/new/note")
    assert answer.status == 201
    assert answer.location == f"{BASE}alice/new/note"
    assert found["content-type"] == TURTLE
    assert found["etag"] == answer["etag"]
    assert found.graph() == graph(f"<#it> <{V}is> <> .", base=f"{BASE}alice/new/note")


@pytest.mark.spec("server-patch-n3-semantics-deletions-non-empty-all-triples")
@pytest.mark.parametrize("path", ["/alice/note", "/alice/none"])
async def test_what_is_not_there_cannot_be_deleted(world: World, path: str) -> None:
    await world.document("/alice/note", DOCUMENT)

    async with world.unchanged():
        answer = await world.alice.patch(
            path, N3, n3(deletes="<#a> ex:name 'Anna', 'Annabel' .", inserts="<#c> a ex:C .")
        )

    assert answer.status == 409


@pytest.mark.spec("server-patch-n3-semantics-no-mapping")
@pytest.mark.parametrize(
    "where",
    ["?who ex:name 'Carl' .", "?who ex:name ?name .", "<#a> ex:age 31 .", "?x ex:name 'Anna' . ?x ex:name 'Bert' ."],
)
async def test_conditions_must_match_exactly_once(world: World, where: str) -> None:
    await world.document("/alice/note", DOCUMENT)

    async with world.unchanged():
        answer = await world.alice.patch("/alice/note", N3, n3(where=where, inserts="<#c> a ex:C ."))
        missing = await world.alice.patch("/alice/none", N3, n3(where=where, inserts="<#c> a ex:C ."))

    assert (answer.status, missing.status) == (409, 409)


@pytest.mark.spec("server-patch-n3-semantics")
@pytest.mark.parametrize("where", ["<#a> ex:age 30 .", "<#a> ex:age 30; ex:name 'Anna' .", "?b ex:name 'Bert' ."])
async def test_conditions_that_match_once_let_the_patch_happen(world: World, where: str) -> None:
    found = await patched(world, n3(where=where, inserts="<#c> a ex:C ."))

    assert found == said(f"{DOCUMENT} <#c> a ex:C .")


@pytest.mark.spec(
    "server-patch-n3-invalid",
    "server-patch-n3-patches",
    "server-patch-n3-single",
    "server-patch-n3-simple-type",
    "server-patch-n3-inserts",
    "server-patch-n3-deletes",
    "server-patch-n3-where",
    "server-patch-n3-variables",
    "server-patch-n3-formulae",
    "server-patch-n3-blank-nodes",
    "server-patch-n3-blank-nodes-syntax",
)
@pytest.mark.parametrize(
    "patch",
    [
        "",
        "<#x> ex:y 1 .",
        "_:p solid:inserts { <#a> ex:b 1 } .",
        "_:p a solid:Patch; solid:inserts { <#a> ex:b 1 } .",
        "_:p a solid:InsertDeletePatch; solid:inserts { <#a> ex:b 1 }, { <#c> ex:d 2 } .",
        "_:p a solid:InsertDeletePatch; solid:deletes { <#a> ex:b 1 }, { <#c> ex:d 2 } .",
        "_:p a solid:InsertDeletePatch; solid:where { <#a> ex:b 1 }, { <#c> ex:d 2 } .",
        "_:p a solid:InsertDeletePatch . _:q a solid:InsertDeletePatch .",
        "_:p a solid:InsertDeletePatch; solid:inserts {} . _:q solid:deletes { <#a> ex:b 1 } .",
        "_:p a solid:InsertDeletePatch; solid:inserts { ?x ex:b 1 } .",
        "_:p a solid:InsertDeletePatch; solid:where { ?y ex:b 1 }; solid:deletes { ?x ex:b 1 } .",
        "_:p a solid:InsertDeletePatch; solid:deletes { <#a> ex:b _:x } .",
        "_:p a solid:InsertDeletePatch; solid:deletes { <#a> ex:b [] } .",
        "_:p a solid:InsertDeletePatch; solid:inserts <#nothing> .",
        '_:p a solid:InsertDeletePatch; solid:inserts "text" .',
        "_:p a solid:InsertDeletePatch; solid:inserts { <#a> ex:b { <#c> ex:d 1 } } .",
    ],
)
async def test_a_patch_against_the_rules_is_unprocessable(world: World, patch: str) -> None:
    await world.document("/alice/note", DOCUMENT)

    async with world.unchanged():
        answer = await world.alice.patch("/alice/note", N3, HEAD + patch)

    assert answer.status == 422
    assert answer.json()["detail"]


@pytest.mark.spec("server-patch-n3-patch-identifier", "server-patch-n3-type", "server-patch-n3-patches")
@pytest.mark.parametrize("name", ["_:p", "<#patch>", "<>", "<https://elsewhere.example/p>"])
async def test_a_patch_may_have_any_name_and_further_statements(world: World, name: str) -> None:
    patch = (
        f"{HEAD}{name} a solid:InsertDeletePatch, solid:Patch; ex:by 'me'; solid:inserts {{ <#c> a ex:C }} ."
        " <#x> ex:y 1 ."
    )

    assert await patched(world, patch) == said(f"{DOCUMENT} <#c> a ex:C .")


@pytest.mark.spec("server-patch-n3-blank-nodes", "x-server-patch-n3-fresh-bnodes")
async def test_blank_nodes_in_insertions_are_new_ones(world: World) -> None:
    before = f"@prefix ex: <{V}>. _:x ex:name 'old' ."

    found = await patched(world, n3(inserts="_:x ex:name 'new'; ex:knows [ ex:name 'other' ] ."), before)

    assert found == said("_:x ex:name 'old' . _:y ex:name 'new'; ex:knows [ ex:name 'other' ] .")


async def test_a_variable_may_stand_for_a_blank_node_of_the_document(world: World) -> None:
    before = f"@prefix ex: <{V}>. <#a> ex:address [ ex:city 'Bonn' ] ."
    patch = n3(
        where="<#a> ex:address ?where . ?where ex:city 'Bonn' .",
        deletes="?where ex:city 'Bonn' .",
        inserts="?where ex:city 'Berlin' .",
    )

    assert await patched(world, patch, before) == said("<#a> ex:address [ ex:city 'Berlin' ] .")


@pytest.mark.spec("server-patch-n3-invalid")
@pytest.mark.parametrize("patch", ["<#a", "{", "@prefix : .", "\x00", "_:p a solid:InsertDeletePatch"])
async def test_what_is_no_n3_is_malformed(world: World, patch: str) -> None:
    await world.document("/alice/note", DOCUMENT)

    async with world.unchanged():
        answer = await world.alice.patch("/alice/note", N3, patch)

    assert answer.status == 400


async def test_a_patch_that_is_no_utf_8_is_malformed(world: World) -> None:
    async with world.unchanged():
        assert (await world.alice.patch("/alice/note", N3, b"<#a> <#b> '\xff' .")).status == 400


async def test_where_a_malformed_patch_is_wrong_is_told(world: World) -> None:
    answer = await world.alice.patch("/alice/note", N3, f"{HEAD}\n\n   <#a> ex:b ] .")

    assert answer.status == 400
    assert answer.json()["line"] == 4


@pytest.mark.spec("server-patch-n3-advertise", "server-patch-n3-accept")
@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/json", "application/json-patch+json", "application/merge-patch+json", TURTLE],
)
@pytest.mark.parametrize("path", ["/alice/note", "/alice/none", "/alice/box/"])
async def test_another_patch_format_is_not_supported(world: World, media_type: str, path: str) -> None:
    await world.document("/alice/note", DOCUMENT)

    async with world.unchanged():
        answer = await world.alice.patch(path, media_type, "{}")

    # RFC 5789, 2.2
    assert answer.status == 415
    assert answer.listed("accept-patch") == ["text/n3", "application/sparql-update"]


@pytest.mark.parametrize("media_type", ["text/plain", "image/png", "application/json"])
async def test_only_rdf_can_be_patched(world: World, media_type: str) -> None:
    """RFC 5789, 2.2: a patch format that does not fit the resource is 415."""
    await world.alice.put("/alice/file", media_type, "{}")

    async with world.unchanged():
        answer = await world.alice.insert("/alice/file", "<#a> a ex:B .")

    assert answer.status == 415
    assert media_type in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["TEXT/N3", "text/n3; charset=utf-8", "text/n3;"])
async def test_a_patch_type_may_have_parameters(world: World, media_type: str) -> None:
    assert (await world.alice.patch("/alice/note", media_type, n3(inserts="<#a> a ex:B ."))).status == 201


@pytest.mark.parametrize(
    "stored",
    [TURTLE, JSON_LD, "application/n-triples", "application/n-quads", "application/trig", "application/rdf+xml"],
)
async def test_a_patch_leaves_the_syntax_as_it_is(world: World, stored: str) -> None:
    await world.document("/alice/note", DOCUMENT)
    written = (await world.alice.get("/alice/note", stored)).body
    await world.alice.put("/alice/note", stored, written)

    answer = await world.alice.insert("/alice/note", "<#c> a ex:C .")

    found = await world.alice.get("/alice/note")
    assert answer.status == 204
    assert found["content-type"] == stored
    assert found.graph() == said(f"{DOCUMENT} <#c> a ex:C .")


async def test_prefixes_and_media_type_parameters_survive_a_patch(world: World) -> None:
    await world.alice.put("/alice/note", "text/turtle;charset=utf-8", DOCUMENT)

    await world.alice.insert("/alice/note", "<#c> ex:name 'Carl' .")

    found = await world.alice.get("/alice/note")
    assert found["content-type"] == "text/turtle;charset=utf-8"
    assert f"@prefix ex: <{V}>" in found.text
    assert "ex:name" in found.text


async def test_the_context_of_json_ld_survives_a_patch(world: World) -> None:
    content = f'{{"@context": {{"ex": "{V}", "name": "ex:name"}}, "@id": "#a", "name": "Anna"}}'
    await world.alice.put("/alice/note", JSON_LD, content)

    await world.alice.insert("/alice/note", "<#a> ex:name 'Anne' .")

    found = (await world.alice.get("/alice/note")).json()
    assert found["@context"] == {"ex": V, "name": "ex:name"}
    assert sorted(found["name"]) == ["Anna", "Anne"]


async def test_named_graphs_are_left_alone_by_a_patch(world: World) -> None:
    await world.alice.put("/alice/note", "application/trig", f"<{V}g> {{ <{V}a> <{V}b> 1 }}")

    await world.alice.insert("/alice/note", f"<{V}s> <{V}p> 2 .")

    expected = graph(f"<{V}g> {{ <{V}a> <{V}b> 1 }} <{V}s> <{V}p> 2 .", "application/trig")
    assert (await world.alice.get("/alice/note")).graph() == expected


async def test_language_and_datatype_of_literals_survive_a_patch(world: World) -> None:
    content = (
        f"@prefix ex: <{V}>. @prefix xsd: <http://www.w3.org/2001/XMLSchema#>.\n"
        """<#a> ex:v "x"@en-GB, "1"^^ex:own, "01"^^xsd:integer, 1.0, "\\u00e9\\n" ."""
    )

    found = await patched(world, n3(inserts="<#c> a ex:C ."), content)

    assert found == said(f"{content} <#c> a ex:C .")


@pytest.mark.spec("server-n3-patch-insert", "server-n3-patch-delete", "server-n3-patch-where", "http-patch")
async def test_a_patch_needs_the_modes_of_what_it_does(world: World) -> None:
    await world.document("/alice/note", DOCUMENT)
    insert, where = n3(inserts="<#c> a ex:C ."), n3(where="<#a> ex:age 30 .", inserts="<#d> a ex:D .")
    delete = n3(deletes="<#b> ex:name 'Bert' .")
    expected = {
        "append": (204, 403, 403),
        "write": (204, 403, 403),
        "read": (403, 403, 403),
        "control": (403, 403, 403),
        "read append": (204, 204, 403),
        "read write": (204, 204, 204),
    }

    for modes, statuses in expected.items():
        await world.policy("/alice/note", rule(world.bob, modes))
        found = [(await world.bob.patch("/alice/note", N3, patch)).status for patch in (insert, where, delete)]
        assert tuple(found) == statuses, modes


async def test_a_patch_that_fails_says_nothing_to_who_may_not_read(world: World) -> None:
    """With 409 and 204 a stranger could ask, triple by triple, what a document says."""
    await world.document("/alice/note", DOCUMENT)
    await world.policy("/alice/note", rule(world.bob, "write append"))

    for triples in ("<#a> ex:age 30 .", "<#a> ex:age 31 ."):
        assert (await world.bob.patch("/alice/note", N3, n3(deletes=triples))).status == 403
        assert (await world.bob.patch("/alice/note", N3, n3(where=triples, inserts="<#x> a ex:X ."))).status == 403


@pytest.mark.spec("consider-append-read-diff")
async def test_who_may_not_read_does_not_learn_whether_a_patch_changed_anything(world: World) -> None:
    """The ETag stays when a triple was there already, which would tell what the document says."""
    await world.document("/alice/note", DOCUMENT)
    await world.policy("/alice/note", rule(world.bob, "append"))

    answers = [await world.bob.insert("/alice/note", f"<#a> ex:age {age} .") for age in (30, 31)]

    known, new = ([one for one in answer.headers if one[0] != "date"] for answer in answers)
    assert [answer.status for answer in answers] == [204, 204]
    assert known == new
    assert {"etag", "last-modified"}.isdisjoint(name for name, _ in new)
    await world.policy("/alice/note", rule(world.bob, "read append"))
    assert "etag" in await world.bob.insert("/alice/note", "<#a> ex:age 32 .")
