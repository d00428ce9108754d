"""Which representation a client gets, and that all of them say the same."""

import asyncio

import pytest

from tests.asgi import graph
from tests.world import BASE, JSON_LD, TURTLE, World

N_TRIPLES, N_QUADS, TRIG, RDF_XML = (
    "application/n-triples",
    "application/n-quads",
    "application/trig",
    "application/rdf+xml",
)
ALL = [TURTLE, JSON_LD, N_TRIPLES, N_QUADS, TRIG, RDF_XML]
V = "https://voc.example/#"
WRITTEN = f"""@prefix v: <{V}>. @prefix xsd: <http://www.w3.org/2001/XMLSchema#>.
<#it> a v:Thing; v:name "Grüße \\"\\\\ \\n\\t"@de-AT, "plain"; v:when "2024-02-29"^^xsd:date;
  v:number 1, 1.50, 1.0E0, true; v:near <../other>; v:part [ v:of <#it>; v:list (1 "two" [ v:x <> ]) ].
_:shared v:knows _:shared."""


async def triples(world: World) -> str:
    """What was WRITTEN, in N-Triples."""
    await world.alice.put("/alice/box/source", TURTLE, WRITTEN)
    return (await world.alice.get("/alice/box/source", N_TRIPLES)).text.replace("/source", "/note")


@pytest.mark.spec("server-representation-turtle-jsonld", "server-http")
@pytest.mark.parametrize("stored", ALL)
@pytest.mark.parametrize("wanted", ALL)
async def test_what_is_stored_in_one_syntax_comes_in_every_other(world: World, stored: str, wanted: str) -> None:
    await world.alice.put("/alice/box/note", N_TRIPLES, await triples(world))
    written = (await world.alice.get("/alice/box/note", stored)).body
    await world.alice.put("/alice/box/note", stored, written)

    answer = await world.alice.get("/alice/box/note", wanted)

    assert answer.status == 200
    assert answer["content-type"] == wanted
    assert answer.graph() == graph(WRITTEN, base=f"{BASE}alice/box/note")
    if stored == wanted:
        assert answer.body == written


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, TURTLE),
        ("", TURTLE),
        ("*/*", TURTLE),
        ("text/*", TURTLE),
        ("application/*", JSON_LD),
        (JSON_LD, JSON_LD),
        ("APPLICATION/LD+JSON", JSON_LD),
        (f"{TURTLE};q=0.5, {JSON_LD}", JSON_LD),
        (f"{TURTLE};q=0.5, {JSON_LD};q=0.5", TURTLE),
        (f"{TURTLE};q=0, */*", JSON_LD),
        (f"*/*;q=0.1, {N_TRIPLES};q=0.2", N_TRIPLES),
        (f"text/html, {JSON_LD};q=0.3, */*;q=0.1", JSON_LD),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", TURTLE),
        (f'{JSON_LD};profile="http://www.w3.org/ns/json-ld#compacted"', JSON_LD),
        (f'{JSON_LD}; profile="a,b;q=0"; q=0.8, {TURTLE};q=0.1', JSON_LD),
        (f"nonsense, {JSON_LD}", JSON_LD),
        (f"{JSON_LD};q=nonsense", JSON_LD),
        ("text/turtle;charset=utf-8", TURTLE),
    ],
)
async def test_the_representation_that_suits_best_is_sent(world: World, accept: str | None, expected: str) -> None:
    await world.document("/alice/note")

    answer = await world.alice.get("/alice/note", accept)

    assert answer.status == 200
    assert answer.media_type == expected


@pytest.mark.parametrize("stored", ALL)
async def test_a_client_without_preference_gets_what_was_stored(world: World, stored: str) -> None:
    content = {JSON_LD: b"{}", RDF_XML: b"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"}.get(
        stored, b""
    )
    await world.alice.put("/alice/note", stored, content)

    for accept in (None, "*/*", f"{stored}, */*;q=0.5", "text/html, */*;q=0.1"):
        answer = await world.alice.get("/alice/note", accept)
        assert answer["content-type"] == stored
        assert answer.body == content


@pytest.mark.parametrize("accept", ["image/png", "text/html", f"{TURTLE};q=0", "*/*;q=0", "text/*;q=0, image/*"])
async def test_what_cannot_be_had_is_not_acceptable(world: World, accept: str) -> None:
    await world.alice.put("/alice/note", "text/plain", "x")
    await world.document("/alice/graph")

    rdf, text = await world.alice.get("/alice/graph", accept), await world.alice.get("/alice/note", accept)

    assert (rdf.status, text.status) == (406, 406)
    assert set(rdf.json()["available"]) == set(ALL)
    assert text.json()["available"] == ["text/plain"]


async def test_what_is_no_rdf_has_one_representation(world: World) -> None:
    await world.alice.put("/alice/picture", "image/png", b"\x89PNG")

    assert (await world.alice.get("/alice/picture", TURTLE)).status == 406
    assert (await world.alice.get("/alice/picture", "image/*")).status == 200
    assert (await world.alice.get("/alice/picture", f"{TURTLE}, */*;q=0.1")).body == b"\x89PNG"


async def test_negotiation_reveals_nothing_to_who_may_not_read(world: World) -> None:
    await world.alice.put("/alice/picture", "image/png", b"\x89PNG")

    assert (await world.anyone.get("/alice/picture", TURTLE)).status == 401
    assert (await world.bob.get("/alice/none", "image/png")).status == 403


@pytest.mark.spec("server-representation-turtle-jsonld")
@pytest.mark.parametrize("stored", [JSON_LD, N_QUADS, TRIG])
@pytest.mark.parametrize("wanted", [JSON_LD, N_QUADS, TRIG])
async def test_named_graphs_survive_where_the_syntax_has_some(world: World, stored: str, wanted: str) -> None:
    quads = f"<{V}s> <{V}p> <{V}o> <{V}g> .\n<{V}s> <{V}p> <{V}o2> .\n"
    await world.alice.put("/alice/source", N_QUADS, quads)
    await world.alice.put("/alice/note", stored, (await world.alice.get("/alice/source", stored)).body)

    answer = await world.alice.get("/alice/note", wanted)

    assert answer.graph() == graph(quads, N_QUADS)


@pytest.mark.parametrize("wanted", [TURTLE, N_TRIPLES, RDF_XML])
async def test_a_syntax_without_named_graphs_shows_the_default_graph(world: World, wanted: str) -> None:
    await world.alice.put("/alice/note", TRIG, f"<{V}g> {{ <{V}a> <{V}b> 1 }} <{V}s> <{V}p> 2 .")

    assert (await world.alice.get("/alice/note", wanted)).graph() == graph(f"<{V}s> <{V}p> 2 .")


async def test_a_base_in_the_document_wins(world: World) -> None:
    content = "@base <http://example.org/>. <a> <b> <c>."
    await world.alice.put("/alice/note", TURTLE, content)

    answer = await world.alice.get("/alice/note", JSON_LD)

    assert answer.graph() == graph(content)


async def test_derived_content_is_the_same_each_time(world: World) -> None:
    """Its ETag is strong, and blank nodes must not get new labels."""
    await world.alice.put("/alice/note", TURTLE, "[ <#p> [ <#q> 1 ], [ <#q> 2 ] ] .")

    for accept in ALL[1:]:
        one = await world.alice.get("/alice/note", accept)
        await world.alice.put("/alice/other", TURTLE, "[] a <#x>.")
        two = await world.alice.get("/alice/note", accept)
        assert (one.body, one["etag"]) == (two.body, two["etag"])


async def test_prefixes_are_kept_where_the_syntax_has_some(world: World) -> None:
    await world.alice.put("/alice/note", TURTLE, f"@prefix voc: <{V}>. <#it> a voc:Thing .")

    assert b"voc:Thing" in (await world.alice.get("/alice/note", TRIG)).body
    assert b"xmlns:voc=" in (await world.alice.get("/alice/note", RDF_XML)).body


async def test_a_large_document_is_converted_whole(world: World) -> None:
    content = "".join(f"<#{number}> <{V}value> {number} .\n" for number in range(8000))
    await world.alice.put("/alice/note", TURTLE, content)

    answer = await world.alice.get("/alice/note", JSON_LD)

    assert len(answer.graph()) == 8000


async def test_who_asks_at_once_gets_the_same(world: World) -> None:
    await world.alice.put("/alice/note", TURTLE, WRITTEN)

    answers = await asyncio.gather(*(world.alice.get("/alice/note", JSON_LD) for _ in range(10)))

    assert len({answer.body for answer in answers}) == 1
