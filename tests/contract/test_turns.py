"""Store: waiting, for others who write to the same resource and for news in the log."""

import asyncio

from tests.contract.making import (
    Backend,
    make_pod,
    put,
    uri,
)


async def test_wait_returns_when_the_log_goes_on(backend: Backend) -> None:
    async with backend.opened() as stores:
        commit = await make_pod(stores, "a/")
        await stores.store.wait(commit.seq - 1)
        waiting = asyncio.create_task(stores.store.wait(commit.seq))
        await asyncio.sleep(0)
        assert not waiting.done()

        await put(stores, "a/note")

        async with asyncio.timeout(10):
            await waiting


async def test_writers_to_one_resource_take_turns_in_the_order_of_arrival(backend: Backend) -> None:
    order = []

    async with backend.opened() as stores:

        async def take(number: int, path: str) -> None:
            async with stores.store.turn(uri(path)):
                order.append((number, "begins"))
                await asyncio.sleep(0)
                order.append((number, "ends"))

        await asyncio.gather(take(1, "a"), take(2, "a"), take(3, "a"))
        one_after_the_other, order = order, []
        await asyncio.gather(take(4, "a"), take(5, "b"))

    assert one_after_the_other == [(number, step) for number in (1, 2, 3) for step in ("begins", "ends")]
    assert order == [(4, "begins"), (5, "begins"), (4, "ends"), (5, "ends")]


async def test_a_writer_that_gives_up_lets_the_next_one_have_its_turn(backend: Backend) -> None:
    async with backend.opened() as stores, asyncio.timeout(10):
        first, third = stores.store.turn(uri("a")), stores.store.turn(uri("a"))
        await first.__aenter__()
        second = asyncio.create_task(stores.store.turn(uri("a")).__aenter__())
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        await first.__aexit__(None, None, None)

        await third.__aenter__()

        await third.__aexit__(None, None, None)
        assert second.cancelled()
