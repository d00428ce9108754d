"""Clients that stop half way, or pause: nothing is changed, and nothing is kept."""

import asyncio
from collections.abc import Awaitable, Iterator

import pytest

from pod.config import Limits
from tests.asgi import goes_away
from tests.world import N3, TURTLE, World

LARGE = b"x" * 300_000  # more than is kept in memory on its way


def halves(first: bytes) -> Iterator[bytes | Awaitable[bytes]]:
    """Content that begins, and whose client then goes away."""
    yield first
    yield goes_away()


@pytest.mark.parametrize("content", [b"<#a> <#b> ", LARGE, b""])
@pytest.mark.parametrize("media_type", ["text/plain", TURTLE])
@pytest.mark.parametrize("path", ["/alice/new", "/alice/a/b/new", "/alice/note"])
async def test_a_client_that_stops_half_way_leaves_nothing_behind(
    world: World, content: bytes, media_type: str, path: str
) -> None:
    await world.document("/alice/note")

    async with world.unchanged():
        await world.alice.put(path, media_type, halves(content))
        await world.alice.put(path, media_type, halves(content), content_length="1000000")
        await world.alice.post("/alice/", media_type, halves(content))

    assert (await world.alice.get("/alice/new")).status == 404
    assert (await world.alice.get("/alice/note")).text.startswith("<#it>")


async def test_a_client_that_stops_half_way_through_a_patch_changes_nothing(world: World) -> None:
    await world.document("/alice/note")

    async with world.unchanged():
        await world.alice.patch("/alice/note", N3, halves(b"_:p a "))


@pytest.mark.parametrize("media_type", ["text/plain", TURTLE])
async def test_content_that_is_shorter_than_announced_is_not_kept(world: World, media_type: str) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/x", media_type, "# short", content_length="100")

    assert answer.status == 400


@pytest.mark.parametrize("media_type", ["text/plain", TURTLE])
async def test_a_client_that_says_nothing_more_is_not_waited_for_for_ever(storage: str, media_type: str) -> None:
    silent = asyncio.Event()

    async def never() -> bytes:
        await silent.wait()
        return b""

    async with World(storage, limits=Limits(idle=1)) as world, world.unchanged():
        answer = await world.alice.put("/alice/x", media_type, [b"# begin", never()])

    assert answer.status == 400
    assert "1 second" in answer.json()["detail"]


async def test_content_may_come_in_many_pieces(world: World) -> None:
    for content in (LARGE, b"small"):
        pieces = [content[start : start + 999] for start in range(0, len(content), 999)]

        answer = await world.alice.put("/alice/x", "text/plain", [b"", *pieces, b""])

        assert answer.status in {201, 204}
        assert (await world.alice.get("/alice/x")).body == content


async def test_a_request_that_is_given_up_at_the_end_of_the_server_leaves_nothing_behind(world: World) -> None:
    """A worker that ends cancels what it has waited for long enough."""
    started = asyncio.Event()

    async def slow() -> bytes:
        started.set()
        await asyncio.Event().wait()
        return b""

    async with world.unchanged():
        request = asyncio.create_task(world.alice.put("/alice/x", "text/plain", [LARGE, slow()]))
        await started.wait()
        request.cancel()
        answer = await request

    assert answer.status == 503
    assert answer["retry-after"] == "1"
