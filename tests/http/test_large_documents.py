"""Documents that are large enough to be read and changed beside the event loop."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pod import representations, staging
from pod.rdf import edit, jsonld
from tests.world import JSON_LD, N3, World, n3

COUNT = 6_000


def large() -> bytes:
    """A document beyond what is handled at once."""
    lines = [f'<#e{number}> <http://ex.example/name> "Entry {number}".' for number in range(COUNT)]
    content = "\n".join(lines).encode()
    assert len(content) > max(staging.IN_A_THREAD, representations.IN_A_THREAD)
    return content


async def test_a_large_document_can_be_patched(world: World) -> None:
    await world.alice.put("/alice/large.ttl", "text/turtle", large())
    patch = b"""@prefix solid: <http://www.w3.org/ns/solid/terms#>.
_:patch a solid:InsertDeletePatch;
  solid:where { ?entry <http://ex.example/name> "Entry 17" };
  solid:deletes { ?entry <http://ex.example/name> "Entry 17" };
  solid:inserts { ?entry <http://ex.example/name> "Entry seventeen" }."""

    answer = await world.alice.patch("/alice/large.ttl", "text/n3", patch)

    assert answer.status == 204
    body = (await world.alice.get("/alice/large.ttl")).body
    assert body.count(b"Entry ") == COUNT
    assert b'"Entry seventeen"' in body
    assert b'"Entry 17"' not in body


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each document or patch that is read: whether the event loop went on meanwhile."""
    found: list[bool] = []

    def beside() -> None:
        found.append(threading.current_thread() is not threading.main_thread())

    def watched(self_contained: Callable[..., bytes]) -> Callable[..., bytes]:
        def read(*arguments: Any) -> bytes:
            beside()
            return self_contained(*arguments)

        return read

    def parse(*arguments: Any) -> Any:
        beside()
        return parse_patch(*arguments)

    parse_patch = edit.parse
    monkeypatch.setattr(jsonld, "self_contained", watched(jsonld.self_contained))
    monkeypatch.setattr(edit, "parse", parse)
    return found


@pytest.mark.parametrize(("count", "beside"), [(10, False), (COUNT, True)])
async def test_only_a_large_document_is_checked_beside_the_event_loop(
    world: World, threads: list[bool], count: int, beside: bool
) -> None:
    entries = [{"@id": f"#e{number}", "http://ex.example/name": f"Entry {number}"} for number in range(count)]

    put = await world.alice.put("/alice/large", JSON_LD, json.dumps(entries))
    broken = await world.alice.put("/alice/other", JSON_LD, json.dumps([*entries, {"@id": 1}]))

    assert (put.status, broken.status) == (201, 400)
    assert threads == [beside, beside]


@pytest.mark.parametrize(("count", "beside"), [(10, False), (COUNT, True)])
async def test_only_a_large_patch_is_read_beside_the_event_loop(
    world: World, threads: list[bool], count: int, beside: bool
) -> None:
    inserts = " ".join(f"<#e{number}> ex:name {number} ." for number in range(count))

    assert (await world.alice.insert("/alice/large", inserts)).status == 201
    assert (await world.alice.patch("/alice/other", N3, n3(inserts=f"{inserts} <#a>"))).status == 422

    assert threads == [beside, beside]


async def test_a_large_document_can_be_read_in_another_type(world: World) -> None:
    await world.alice.put("/alice/large.ttl", "text/turtle", large())

    answer = await world.alice.get("/alice/large.ttl", accept="application/n-triples")

    assert answer.body.count(b"\n") == COUNT
