"""Processes that follow one log wake each other; here each bell is as good as a process."""

import asyncio
import os
from pathlib import Path

from pod.storage.waking import Bell
from tests.contract.making import Backend, make_pod

HOUR = 3600.0


async def hearing(bell: Bell) -> asyncio.Task[None]:
    """A task that waits until somebody rings."""
    task = asyncio.create_task(bell.heard(HOUR))
    await asyncio.sleep(0)
    return task


async def test_a_bell_is_heard_by_itself_and_by_others(tmp_path: Path) -> None:
    one, other = Bell(tmp_path / "followers"), Bell(tmp_path / "followers")
    for ringing in (one, other, one):
        tasks = [await hearing(one), await hearing(other)]

        ringing.ring()

        await asyncio.wait_for(asyncio.gather(*tasks), 20)
    one.close()
    other.close()
    assert [*(tmp_path / "followers").iterdir()] == []


async def test_one_who_came_later_is_heard_too(tmp_path: Path) -> None:
    one = Bell(tmp_path / "followers")
    first = await hearing(one)
    one.ring()
    await first
    late = Bell(tmp_path / "followers")
    waiting = await hearing(late)

    one.ring()

    await asyncio.wait_for(waiting, 20)
    one.close()
    late.close()


async def test_the_pipe_of_a_process_that_died_is_removed(tmp_path: Path) -> None:
    (tmp_path / "followers").mkdir()
    os.mkfifo(tmp_path / "followers" / "dead")
    bell = Bell(tmp_path / "followers")
    waiting = await hearing(bell)

    bell.ring()

    await waiting
    await asyncio.sleep(0)
    assert not (tmp_path / "followers" / "dead").exists()
    bell.close()


async def test_a_process_that_stops_listening_is_forgotten(tmp_path: Path) -> None:
    one, other = Bell(tmp_path / "followers"), Bell(tmp_path / "followers")
    waiting = await hearing(other)
    one.ring()
    await asyncio.wait_for(waiting, 20)
    other.close()
    again = await hearing(one)

    one.ring()

    await again
    await asyncio.sleep(0)
    one.close()
    assert [*(tmp_path / "followers").iterdir()] == []


async def test_one_who_only_writes_has_no_pipe(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "followers")

    bell.ring()
    await asyncio.sleep(0)

    assert not (tmp_path / "followers").exists()
    bell.close()


async def test_a_pipe_that_is_full_does_not_keep_anyone_waiting(tmp_path: Path) -> None:
    one, other = Bell(tmp_path / "followers"), Bell(tmp_path / "followers")
    waiting = await hearing(other)
    (path,) = (tmp_path / "followers").iterdir()
    pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    filled = True
    while filled:
        try:
            os.write(pipe, b"!" * 4096)
        except BlockingIOError:
            filled = False
    os.close(pipe)

    one.ring()

    await asyncio.wait_for(waiting, 20)
    one.close()
    other.close()


async def test_the_end_of_waiting_comes_without_a_ring(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "followers")

    await bell.heard(0.0)

    bell.close()


async def test_who_follows_learns_of_commits_by_another_process(sqlite: Backend) -> None:
    async with sqlite.opened() as one, sqlite.opened() as other:
        head = await other.store.head()
        waiting = asyncio.create_task(other.store.wait(head))
        await asyncio.sleep(0)

        await make_pod(one)

        await asyncio.wait_for(waiting, 20)
        assert await other.store.head() > head
