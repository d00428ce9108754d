"""Documents that are large enough to be read and changed beside the event loop."""

from pod import representations, staging
from tests.world import World

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


async def test_a_large_document_can_be_read_in_another_type(world: World) -> None:
    await world.alice.put("/alice/large.ttl", "text/turtle", large())

    answer = await world.alice.get("/alice/large.ttl", accept="application/n-triples")

    assert answer.body.count(b"\n") == COUNT
