"""What a document says of its owner's identity and storage changes only for who controls it."""

import asyncio
import json

import pytest

from tests.http.apps import resident
from tests.http.limited import let, through
from tests.world import BASE, JSON_LD, N3, SPARQL, TURTLE, Person, World, n3, rule

CARD = "/carol/profile/card"
SOLID = "@prefix solid: <http://www.w3.org/ns/solid/terms#>. @prefix pim: <http://www.w3.org/ns/pim/space#>.\n"
ISSUER = "http://www.w3.org/ns/solid/terms#oidcIssuer"
EVIL = f"<#me> <{ISSUER}> <https://evil.example/>."
SPLIT_JSON = (
    '{"@context": {"a": {"@id": "http://www.w3", "@prefix": true}, "c": {"@id": "a:.org/ns/solid/terms#oidcIssuer"}},'
    ' "@id": "#me", "c": {"@id": "https://evil.example/"}}'
)
SPLIT_XML = (
    '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://www.w3.org/ns/solid/terms&#35;oidc">'
    '<r:Description r:about="#me"><x:Issuer r:resource="https://evil.example/"/></r:Description></r:RDF>'
)
SAID = "Only who controls this may change what it says of its owner's identity or storage"


async def people(world: World) -> tuple[Person, Person]:
    """Carol through an app that may read and write everything, and through one that may also control."""
    her = await resident(world)
    app = await through(world, her.webid, ("/carol/", "read write"))
    trusted = await through(world, her.webid, ("/", "read write control"), client="https://trusted.example/id")
    return app, trusted


async def test_an_app_that_may_write_the_profile_cannot_name_an_issuer(world: World) -> None:
    app, _ = await people(world)
    text = (await app.get(CARD, TURTLE)).text

    async with world.unchanged():
        for answer in (
            await app.put(CARD, TURTLE, f"{text}\n{EVIL}"),
            await app.put(CARD, TURTLE, ""),
            await app.put(CARD, "text/plain", "no RDF"),
            await app.put(CARD, TURTLE, text.replace("oidcIssuer", "issuer")),
            await app.insert(CARD, EVIL),
            await app.patch(CARD, SPARQL, f"INSERT DATA {{ {EVIL} }}"),
            await app.patch(
                CARD, SPARQL, f"DELETE DATA {{ <#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{BASE}> }}"
            ),
            await app.delete(CARD),
        ):
            assert (answer.status, answer.json()["detail"][: len(SAID)]) == (403, SAID)


async def test_a_named_graph_beside_the_profile_is_no_way_around(world: World) -> None:
    """Others who verify a token may look at all graphs of a profile."""
    app, trusted = await people(world)
    text = (await app.get(CARD, "application/trig")).text
    other = f"{text}\n<#graph> {{ {EVIL} }}"

    refused = await app.put(CARD, "application/trig", other)

    assert refused.status == 403
    assert refused.json()["detail"].endswith(f"<https://evil.example/> <{BASE}carol/profile/card#graph>.")
    assert (await trusted.put(CARD, "application/trig", other)).status == 204
    assert (await app.put(CARD, "application/trig", text)).status == 403


async def test_the_sentence_names_the_statement(world: World) -> None:
    app, _ = await people(world)

    said = (await app.insert(CARD, EVIL)).json()["detail"]

    assert said == f"{SAID}: <{BASE}carol/profile/card#me> solid:oidcIssuer <https://evil.example/>."


async def test_who_controls_it_may_change_it(world: World) -> None:
    app, trusted = await people(world)

    assert (await trusted.insert(CARD, EVIL)).status == 204
    deletion = n3(deletes=EVIL)
    assert (await app.patch(CARD, N3, deletion)).status == 403
    assert (await trusted.patch(CARD, N3, deletion)).status == 204


async def test_all_else_in_a_profile_is_for_who_may_write(world: World) -> None:
    app, _ = await people(world)
    text = (await app.get(CARD, TURTLE)).text

    assert (await app.insert(CARD, "<#me> ex:name 'Carol'.")).status == 204
    assert (await app.put(CARD, TURTLE, f"{text}\n<#me> <https://voc.example/#name> 'Caroline'.")).status == 204
    as_json = (await app.get(CARD, JSON_LD)).body
    assert (await app.put(CARD, JSON_LD, as_json)).status == 204
    assert (
        await app.insert(CARD, "<https://else.example/#x> <http://www.w3.org/ns/solid/terms#owner> <#me>.")
    ).status == 204


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (TURTLE, EVIL),
        (TURTLE, f"{SOLID}<> solid:owner <https://evil.example/#me>."),
        (TURTLE, f"{SOLID}<#me> pim:storage <https://evil.example/>."),
        (TURTLE, f'{SOLID}<#me> solid:oidcIssuerRegistrationToken "x".'),
        (TURTLE, "@prefix a: <http://www.w3.org/ns/solid/terms#oidcIss>. <#me> a:uer <https://evil.example/>."),
        (TURTLE, "@base <http://www.w3.org/ns/solid/terms>. <{doc}#me> <#oidcIssuer> <https://evil.example/>."),
        (TURTLE, "BaSe <http://www.w3.org/ns/solid/x> <{doc}#me> <terms#oidcIssuer> <https://evil.example/>."),
        (TURTLE, "<#me> <http://www.w3.org/ns/solid/\\u0074erms#oidcIssuer> <https://evil.example/>."),
        (TURTLE, "@prefix a: <http://www.w3.org/>. <#me> a:ns\\/solid\\/terms\\#oidcIssuer <https://evil.example/>."),
        (TURTLE, "<HTTPS://POD.example:443/carol/notes/%6eew#me> " + EVIL[6:]),
        (TURTLE, '<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> [], "x".'),
        ("application/trig", "{ " + EVIL + " }"),
        ("application/trig", "<#graph> { " + EVIL + " }"),
        (JSON_LD, json.dumps({"@id": "_:graph", "@graph": {"@id": "#me", ISSUER: {"@id": "https://evil.example/"}}})),
        ("application/n-triples", "<{doc}#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <https://evil.example/> ."),
        (JSON_LD, SPLIT_JSON),
        ("application/rdf+xml", SPLIT_XML),
    ],
)
async def test_however_it_is_written_it_is_seen(world: World, media_type: str, content: str) -> None:
    app, trusted = await people(world)
    content = content.replace("{doc}", f"{BASE}carol/notes/new")
    assert (await app.put("/carol/notes/", TURTLE, "")).status == 201

    put = await app.put("/carol/notes/new", media_type, content)
    posted = await app.post("/carol/notes/", media_type, content, slug="new")

    assert (put.status, posted.status) == (403, 403), (put.text, posted.text)
    assert (await trusted.put("/carol/notes/new", media_type, content)).status == 201
    assert (await app.delete("/carol/notes/new")).status == 403


async def test_it_is_seen_in_containers_and_descriptions(world: World) -> None:
    app, trusted = await people(world)
    assert (await app.put("/carol/box/note", TURTLE, "")).status == 201

    assert (await app.put("/carol/box/", TURTLE, EVIL)).status == 403
    assert (await app.insert("/carol/box/", EVIL)).status == 403
    assert (
        await app.post(
            "/carol/box/", TURTLE, EVIL, slug="in", link='<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'
        )
    ).status == 403
    assert (await app.put("/carol/box/note.meta", TURTLE, EVIL)).status == 403
    assert (await trusted.put("/carol/box/note.meta", TURTLE, EVIL)).status == 201
    assert (await app.delete("/carol/box/note.meta")).status == 403
    assert (await app.delete("/carol/box/note")).status == 403
    assert (await trusted.delete("/carol/box/note")).status == 205


async def test_it_is_seen_in_content_that_is_checked_in_a_thread(world: World) -> None:
    app, _ = await people(world)
    lines = "".join(f"<#a{number}> <https://voc.example/#is> {number}.\n" for number in range(6000))

    assert (await app.put("/carol/notes/big", TURTLE, lines)).status == 201
    assert (await app.put("/carol/notes/big", TURTLE, lines + EVIL)).status == 403
    assert (await app.insert("/carol/notes/big", EVIL)).status == 403


async def test_what_another_says_elsewhere_is_free(world: World) -> None:
    app, _ = await people(world)

    assert (await app.put("/carol/notes/friends", TURTLE, "<https://else.example/#me> " + EVIL[6:])).status == 201
    assert (await app.put("/carol/notes/text", "text/plain", EVIL)).status == 201


async def test_a_profile_may_not_take_its_meaning_from_elsewhere(world: World) -> None:
    app, trusted = await people(world)
    context = "https://evil.example/context"
    world.web[context] = (JSON_LD, b'{"@context": {"name": "https://voc.example/#name"}}')
    same = (await app.get(CARD, JSON_LD)).json()
    remote = str([{"@context": context, "@id": "#x", "name": "Carol"}, *same]).replace("'", '"')

    assert (await app.put("/carol/notes/new", JSON_LD, f'{{"@context": "{context}", "name": "Carol"}}')).status == 201
    refused = await app.put(CARD, JSON_LD, remote)

    assert (refused.status, f"@context <{context}>" in refused.json()["detail"]) == (403, True), refused.text
    assert (await trusted.put(CARD, JSON_LD, remote)).status == 204


async def test_who_may_not_read_is_not_told_what_was_there(world: World) -> None:
    her = await resident(world)
    app = await through(world, her.webid, ("/carol/secret", "append write"))
    trusted = await through(world, her.webid, ("/", "read write control"), client="https://trusted.example/id")
    assert (await trusted.put("/carol/secret", TURTLE, EVIL)).status == 201

    assert (await app.put("/carol/secret", TURTLE, "")).json()["detail"] == f"{SAID}."
    added = f"{EVIL} {EVIL.replace('evil', 'worse')}"
    assert "worse.example" in (await app.put("/carol/secret", TURTLE, added)).json()["detail"]


async def test_others_who_may_write_cannot_do_it_either(world: World) -> None:
    await world.document("/alice/box/note")
    await world.policy(
        "/alice/box/note", rule(world.bob, "read write"), rule("acl:agentClass foaf:Agent", "read append")
    )

    assert (await world.bob.put("/alice/box/note", TURTLE, EVIL)).status == 403
    assert (await world.anyone.insert("/alice/box/note", EVIL)).status == 401
    await world.policy("/alice/box/note", rule(world.bob, "read write control"))
    assert (await world.bob.put("/alice/box/note", TURTLE, EVIL)).status == 204


async def test_consent_to_control_is_asked_at_the_commit(world: World) -> None:
    """What arrives slowly is decided by what holds when it has arrived."""
    her = await resident(world)
    app = await through(world, her.webid, ("/carol/", "read write control"))
    text = (await app.get(CARD, TURTLE)).text
    taken = asyncio.Event()

    async def slowly() -> bytes:
        await let(world, her.webid, ("/carol/", "read write"))
        taken.set()
        return f"\n{EVIL}".encode()

    answer = await app.put(CARD, TURTLE, [text.encode(), slowly()])

    assert taken.is_set()
    assert answer.status == 403
