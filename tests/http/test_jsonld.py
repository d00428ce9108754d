"""JSON-LD documents whose contexts are elsewhere."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pod.config import Network
from pod.rdf.contexts import SHIPPED
from tests.asgi import graph
from tests.world import BASE, BASIC_CONTAINER, JSON_LD, TURTLE, World

CONTEXT = "https://contexts.example/v1"
V = "https://voc.example/#"


def context(**terms: str) -> bytes:
    return json.dumps({"@context": {name: f"{V}{term}" for name, term in terms.items()}}).encode()


def document(url: str = CONTEXT, **members: object) -> str:
    return json.dumps({"@context": url, "@id": "#it", **members})


@pytest.mark.spec("server-representation-turtle-jsonld")
async def test_a_remote_context_gives_terms_their_meaning(world: World) -> None:
    world.web[CONTEXT] = (JSON_LD, context(name="name"))

    written = await world.alice.put("/alice/note", JSON_LD, document(name="Anna"))

    found = await world.alice.get("/alice/note", TURTLE)
    assert written.status == 201
    assert found.graph() == graph(f"<#it> <{V}name> 'Anna' .", base=f"{BASE}alice/note")
    assert (await world.alice.get("/alice/note", JSON_LD)).text == document(name="Anna")


async def test_contexts_may_refer_to_contexts_also_relative_ones(world: World) -> None:
    world.web[CONTEXT] = (JSON_LD, json.dumps({"@context": ["/base", {"name": "voc:name"}]}).encode())
    world.web["https://contexts.example/base"] = (JSON_LD, json.dumps({"@context": {"voc": V}}).encode())

    await world.alice.put("/alice/note", JSON_LD, document(name="Anna"))

    assert (await world.alice.get("/alice/note", TURTLE)).graph() == graph(
        f"<#it> <{V}name> 'Anna' .", base=f"{BASE}alice/note"
    )


async def test_a_context_is_asked_for_once_and_then_kept_whatever_becomes_of_it(world: World) -> None:
    world.web[CONTEXT] = (JSON_LD, context(name="name"))
    await world.alice.put("/alice/note", JSON_LD, document(name="Anna"))
    before = (await world.alice.get("/alice/note", TURTLE)).body

    world.web[CONTEXT] = (JSON_LD, context(name="somethingElse"))
    await world.alice.put("/alice/other", JSON_LD, document(name="Anna"))

    assert world.asked.count(CONTEXT) == 1
    assert (await world.alice.get("/alice/other", TURTLE)).body == before.replace(b"/note", b"/other")


@pytest.mark.parametrize("answer", [b"<html>log in</html>", b"[]", b'{"no": "context"}', b"", b"\xff"])
async def test_what_is_no_context_is_not_kept_for_one(world: World, answer: bytes) -> None:
    """A page to log in, sent with the status 200, must not stand for the context from then on."""
    world.web[CONTEXT] = ("text/html", answer)
    async with world.unchanged():
        refused = await world.alice.put("/alice/note", JSON_LD, document(name="Anna"))

    world.web[CONTEXT] = (JSON_LD, context(name="name"))
    taken = await world.alice.put("/alice/note", JSON_LD, document(name="Anna"))

    assert refused.status in {400, 422}
    assert CONTEXT in refused.json()["detail"]
    assert taken.status == 201


async def test_contexts_that_the_server_ships_are_not_asked_for(world: World) -> None:
    for url in SHIPPED:
        answer = await world.alice.post("/alice/", JSON_LD, json.dumps({"@context": url, "@id": "#it"}))
        assert answer.status == 201
        assert (await world.alice.get(answer.location, TURTLE)).status == 200
    assert world.asked.count("https://www.w3.org/ns/activitystreams") == 0


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_context_that_cannot_be_had_is_named(world: World, method: str) -> None:
    async with world.unchanged():
        path = "/alice/" if method == "POST" else "/alice/note"
        answer = await world.alice.send(method, path, document("https://gone.example/c"), content_type=JSON_LD)

    assert answer.status == 422
    assert "gone.example" in answer.json()["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/context",
        "https://[::1]/context",
        "https://10.0.0.1/context",
        "https://192.168.1.1/context",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/context",
        "https://[::ffff:10.0.0.1]/context",
        "https://0.0.0.0/context",
        "http://93.184.216.34/context",
        "https://user:password@93.184.216.34/context",
        "file:///etc/passwd",
        "ftp://93.184.216.34/context",
    ],
)
async def test_a_context_in_a_private_place_is_not_asked_for(world: World, url: str) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/note", JSON_LD, document(url))

    assert answer.status in {400, 422}
    assert "/etc/passwd" not in answer.text


async def test_who_may_not_write_makes_the_server_ask_nobody(world: World) -> None:
    world.web[CONTEXT] = (JSON_LD, context(name="name"))

    assert (await world.anyone.put("/alice/note", JSON_LD, document())).status == 401
    assert (await world.bob.put("/alice/note", JSON_LD, document())).status == 403
    assert CONTEXT not in world.asked


async def test_contexts_that_go_in_circles_come_to_an_end(world: World) -> None:
    for here, there in ((CONTEXT, "/two"), ("https://contexts.example/two", CONTEXT)):
        world.web[here] = (JSON_LD, json.dumps({"@context": [there, {"name": f"{V}name"}]}).encode())

    async with world.unchanged():
        answer = await world.alice.put("/alice/note", JSON_LD, document(name="Anna"))

    assert answer.status == 400


async def test_contexts_that_refer_to_ever_more_come_to_an_end(world: World) -> None:
    for number in range(100):
        body = json.dumps({"@context": f"https://contexts.example/{number + 1}"}).encode()
        world.web[f"https://contexts.example/{number}"] = (JSON_LD, body)

    async with world.unchanged():
        answer = await world.alice.put("/alice/note", JSON_LD, document("https://contexts.example/0"))

    assert answer.status == 400
    assert len(world.asked) < 50


async def test_a_document_that_needs_very_many_contexts_is_refused_and_nobody_asked(world: World) -> None:
    urls = [f"https://contexts{number}.example/" for number in range(100)]

    async with world.unchanged():
        answer = await world.alice.put("/alice/note", JSON_LD, json.dumps({"@context": urls}))

    assert answer.status == 400
    assert not set(urls) & set(world.asked)


async def test_a_context_on_this_server_is_read_as_everyone_may_read_it(world: World) -> None:
    await world.alice.put("/alice/context", JSON_LD, context(name="name"))
    relative = json.dumps({"@context": "context", "@id": "#it", "name": "Anna"})
    refused = await world.alice.put("/alice/note", JSON_LD, relative)

    await world.policy("/alice/context", ("acl:agentClass foaf:Agent", "acl:Read", ("acl:accessTo",)))
    taken = await world.alice.put("/alice/other", JSON_LD, relative)

    assert (refused.status, taken.status) == (422, 201)


async def test_a_context_next_to_a_container_is_found_from_the_new_resource(world: World) -> None:
    world.web[CONTEXT] = (JSON_LD, context(title="title"))
    body = json.dumps({"@context": CONTEXT, "@id": "", "title": "Box"})

    answer = await world.alice.post("/alice/", JSON_LD, body, slug="box", link=BASIC_CONTAINER)

    assert answer.status == 201
    assert b"Box" in (await world.alice.get(answer.location, TURTLE)).body


async def test_a_document_with_a_remote_context_can_be_patched_and_keeps_it(world: World) -> None:
    world.web[CONTEXT] = (JSON_LD, context(name="name"))
    await world.alice.put("/alice/note", JSON_LD, document(name="Anna"))

    answer = await world.alice.insert("/alice/note", f"<#it> <{V}name> 'Anne' .")

    found = (await world.alice.get("/alice/note", JSON_LD)).json()
    assert answer.status == 204
    assert found["@context"] == CONTEXT
    assert sorted(found["name"]) == ["Anna", "Anne"]


@asynccontextmanager
async def silent_host() -> AsyncIterator[int]:
    """A host on this machine that takes connections and says nothing; its port."""
    quiet = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await quiet.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        quiet.set()
        server.close()


async def test_a_context_that_never_comes_is_waited_for_only_so_long() -> None:
    async with (
        World(network=Network(allow_loopback=True, timeout=1)) as world,
        silent_host() as port,
        world.unchanged(),
    ):
        content = document(f"http://127.0.0.1:{port}/context")
        slow = asyncio.create_task(world.alice.put("/alice/note", JSON_LD, content))
        meanwhile = await world.alice.get("/alice/")
        answer = await slow

    assert meanwhile.status == 200
    assert answer.status == 422
    assert "in time" in answer.json()["detail"]
