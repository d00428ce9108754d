"""PATCH with SPARQL Update, as Inrupt's libraries, LDO, soukai and rdflib send it."""

import pytest

from tests.asgi import Statement, graph
from tests.world import BASE, SPARQL, TURTLE, World, rule

V = "https://voc.example/#"
PREFIX = f"PREFIX ex: <{V}>\n"
DOCUMENT = f"@prefix ex: <{V}>.\n<#a> ex:name 'Anna'; ex:age 30 .\n<#b> ex:name 'Bert' .\n"
ALL = "<#a> ex:name 'Anna'; ex:age 30 . <#b> ex:name 'Bert' ."


def said(turtle: str) -> frozenset[Statement]:
    return graph(f"@prefix ex: <{V}>.\n{turtle}", base=f"{BASE}alice/note")


@pytest.mark.parametrize(
    ("update", "after"),
    [
        ("INSERT DATA { <#c> a ex:C . }", f"{ALL} <#c> a ex:C ."),
        ("INSERT DATA { <> ex:says <#c> }", f"{ALL} <> ex:says <#c> ."),
        ("DELETE DATA { <#a> ex:age 30 . }", "<#a> ex:name 'Anna' . <#b> ex:name 'Bert' ."),
        ("DELETE DATA { <#a> ex:age 31 . }", ALL),
        ("DELETE DATA { <#a> ex:age 30 } ; INSERT DATA { <#a> ex:age 31 }", ALL.replace("30", "31")),
        ("DELETE DATA { <#a> ex:age 30 } ;\nINSERT DATA { <#a> ex:age 30 } ;", ALL),
        ("DELETE { ?w ex:age ?n } INSERT { ?w ex:age 31 } WHERE { ?w ex:age ?n }", ALL.replace("30", "31")),
        ("INSERT { ?w a ex:P } WHERE { ?w ex:name ?n }", f"{ALL} <#a> a ex:P . <#b> a ex:P ."),
        ("INSERT { ?w a ex:P } WHERE { ?w ex:name 'Carl' }", ALL),
        ("DELETE WHERE { ?w ex:name ?n }", "<#a> ex:age 30 ."),
        ("DELETE { <#a> ex:age 30 } INSERT { <#a> ex:age 31 } WHERE {}", ALL.replace("30", "31")),
        ("INSERT DATA { _:x ex:name 'new' . [] ex:name 'other' }", f"{ALL} _:y ex:name 'new' . _:z ex:name 'other' ."),
        ("# nothing but a comment\n", ALL),
        ("", ALL),
        ("insert data { <#c> a ex:C }", f"{ALL} <#c> a ex:C ."),
        ("INSERT DATA { <#c> ex:v 'a } ; DROP ALL' }", f"{ALL} <#c> ex:v 'a }} ; DROP ALL' ."),
    ],
)
async def test_an_update_does_what_it_says(world: World, update: str, after: str) -> None:
    await world.document("/alice/note", DOCUMENT)

    answer = await world.alice.patch("/alice/note", SPARQL, PREFIX + update)

    assert answer.status == 204, answer.text
    assert (await world.alice.get("/alice/note")).graph() == said(after)


async def test_an_update_makes_what_is_not_there(world: World) -> None:
    answer = await world.alice.patch("/alice/new/note", SPARQL, f"{PREFIX}INSERT DATA {{ <#c> a ex:C }}")

    found = await world.alice.get("/alice/new/note")
    assert answer.status == 201
    assert found["content-type"] == TURTLE
    assert found.graph() == graph(f"<#c> a <{V}C> .", base=f"{BASE}alice/new/note")


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <https://elsewhere.example/>",
        "CLEAR DEFAULT",
        "DROP ALL",
        "CREATE GRAPH <#g>",
        "COPY DEFAULT TO <#g>",
        "MOVE <#g> TO <#h>",
        "ADD <#g> TO <#h>",
        "INSERT DATA { GRAPH <#g> { <#a> a ex:A } }",
        "WITH <#g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } USING <#g> WHERE { ?s ?p ?o }",
        "INSERT { <#a> a ex:A } WHERE { SERVICE <https://elsewhere.example/> { ?s ?p ?o } }",
        "INSERT { <#a> a ex:A } WHERE { ?s ex:age ?n FILTER(?n > 3) }",
        "INSERT { <#a> a ex:A } WHERE { { ?s ex:age ?n } UNION { ?s ex:name ?n } }",
        "INSERT { ?unknown a ex:A } WHERE { ?s ex:age ?n }",
        "DELETE DATA { _:x ex:age 1 }",
        "INSERT DATA { <#a> a ex:A } ; DROP ALL",
    ],
)
async def test_what_reaches_outside_of_the_resource_is_refused_whole(world: World, update: str) -> None:
    await world.document("/alice/note", DOCUMENT)

    async with world.unchanged():
        answer = await world.alice.patch("/alice/note", SPARQL, PREFIX + update)

    assert answer.status == 422
    assert world.asked.count("https://elsewhere.example/") == 0


@pytest.mark.parametrize(
    "update",
    [
        "SELECT * WHERE { ?s ?p ?o }",
        "INSERT DATA { <#a> a ex:A",
        "INSERT DATA <#a> a ex:A }",
        "INSERT DATA { <#a> a nix:A }",
        "INSERT DATA { ?x a ex:A }",
        "INSERT DATA { <#a> a 'unclosed }",
        "nonsense",
        "INSERT DATA { <#a> a ex:A } INSERT DATA { <#b> a ex:A }",
    ],
)
async def test_what_is_no_update_is_malformed(world: World, update: str) -> None:
    await world.document("/alice/note", DOCUMENT)

    async with world.unchanged():
        answer = await world.alice.patch("/alice/note", SPARQL, PREFIX + update)

    assert answer.status == 400


@pytest.mark.spec("http-patch", "server-update-operation")
async def test_an_update_needs_the_modes_of_what_it_does(world: World) -> None:
    await world.document("/alice/note", DOCUMENT)
    updates = (
        "INSERT DATA { <#c> a ex:C }",
        "INSERT { ?w a ex:P } WHERE { ?w ex:age ?n }",
        "DELETE WHERE { ?w ex:age ?n }",
    )
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
        found = [(await world.bob.patch("/alice/note", SPARQL, PREFIX + one)).status for one in updates]
        assert tuple(found) == statuses, modes


@pytest.mark.spec("acl-mode-append")
async def test_who_may_only_append_deletes_nothing(world: World) -> None:
    await world.document("/alice/note", DOCUMENT)
    await world.policy("/alice/note", rule(world.bob, "read append"))

    async with world.unchanged():
        update = f"{PREFIX}DELETE DATA {{ <#a> ex:age 30 }} ; INSERT DATA {{ <#a> ex:age 31 }}"
        assert (await world.bob.patch("/alice/note", SPARQL, update)).status == 403


async def test_prefixes_survive_an_update(world: World) -> None:
    await world.document("/alice/note", DOCUMENT)

    await world.alice.patch("/alice/note", SPARQL, f"{PREFIX}INSERT DATA {{ <#c> ex:name 'Carl' }}")

    assert "ex:name" in (await world.alice.get("/alice/note")).text
