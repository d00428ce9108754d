"""Real processes on one directory: they start together, write together, and one may be killed at any moment."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pod.storage.stores import Stores, open_sqlite
from tests.contract.making import POD, content, listed, make_pod, put, uri
from tests.system.storage_worker import ROUNDS

pytestmark = pytest.mark.system

ROOT = Path(__file__).parent.parent.parent
TOGETHER = 5


class Worker:
    """One process, which waits until all others are ready too."""

    def __init__(self, task: str, directory: Path, name: str) -> None:
        command = [sys.executable, "-m", "tests.system.storage_worker", task, str(directory), name]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", self.process.communicate()[1]

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def lines(self) -> Iterator[str]:
        """What it says, as it says it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield line.rstrip("\n")

    def ended(self) -> list[str]:
        """What it has said until it was done."""
        said, complaints = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, complaints
        lines = said.splitlines()
        assert lines[-1] == "done"
        return lines[:-1]


Start = Callable[[str, int], list[Worker]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts so many workers at the same moment, each for the same task."""
    started: list[Worker] = []

    def together(task: str, number: int) -> list[Worker]:
        workers = [Worker(task, tmp_path / "data", f"worker{n}") for n in range(number)]
        started.extend(workers)
        for worker in workers:
            worker.ready()
        for worker in workers:
            worker.go()
        return workers

    yield together
    for worker in started:
        worker.process.kill()
        worker.process.communicate()


@pytest.fixture
def stores(tmp_path: Path) -> Callable[[], "Opened"]:
    return lambda: Opened(tmp_path / "data")


class Opened:
    """The storage that the workers use, opened by this process too."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def __aenter__(self) -> Stores:
        self._stores = await open_sqlite(self._directory)
        return self._stores

    async def __aexit__(self, *_: object) -> None:
        await self._stores.close()


Look = Callable[[], Opened]


async def sound(stores: Stores) -> None:
    """Nothing is damaged, and the log tells of everything without a gap."""
    assert await stores.store.check() == []
    assert await stores.blobs.check() == []
    log = await stores.store.log(0, 1_000_000)
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))


def test_processes_can_make_the_storage_together(start: Start, stores: Look) -> None:
    said = [worker.ended() for worker in start("first", TOGETHER)]

    async def look() -> None:
        async with stores() as found:
            assert await found.store.pods() == [POD]
            assert len(await listed(found, "")) == TOGETHER * 20
            await sound(found)

    assert sorted(said) == [["found the pod"]] * (TOGETHER - 1) + [["made the pod"]]
    asyncio.run(look())


def test_no_update_is_lost_between_processes(start: Start, stores: Look) -> None:
    async def prepare() -> None:
        async with stores() as found:
            await make_pod(found)
            await put(found, "number", "0")

    async def look() -> None:
        async with stores() as found:
            assert await content(found, "number") == b"%d" % (3 * ROUNDS)
            agents = [one.agent for one in await found.store.log(0, 1000) if one.uri == uri("number")][1:]
            assert {agents.count(f"worker{n}") for n in range(3)} == {ROUNDS}
            await sound(found)

    asyncio.run(prepare())
    for worker in start("counting", 3):
        worker.ended()
    asyncio.run(look())


def test_no_child_is_left_without_its_container(start: Start, stores: Look) -> None:
    async def prepare() -> None:
        async with stores() as found:
            await make_pod(found)

    async def look() -> None:
        async with stores() as found:
            await sound(found)

    asyncio.run(prepare())
    for worker in start("containers", 3):
        worker.ended()
    asyncio.run(look())


def test_what_was_acknowledged_survives_a_kill(start: Start, stores: Look) -> None:
    async def prepare() -> None:
        async with stores() as found:
            await make_pod(found)

    acknowledged: set[str] = set()

    async def look() -> None:
        async with stores() as found:
            assert acknowledged <= set(await listed(found, ""))
            await sound(found)

    asyncio.run(prepare())
    for round_ in range(5):
        victim, survivor = start("writing", 2)
        for number, line in enumerate(victim.lines(), 1):
            acknowledged.add(f"{line}")
            if number >= 30 * (round_ + 1):
                break
        victim.process.kill()
        acknowledged.update(line for line in victim.lines() if line)
        for number, line in enumerate(survivor.lines(), 1):
            acknowledged.add(line)
            if number >= 300:
                break
        survivor.process.kill()
        asyncio.run(look())

    assert len(acknowledged) > 300


def test_large_content_takes_little_memory(start: Start, stores: Look) -> None:
    async def prepare() -> None:
        async with stores() as found:
            await make_pod(found)

    asyncio.run(prepare())
    (worker,) = start("streaming", 1)

    assert int(worker.ended()[0]) < 64


def test_no_two_processes_use_the_same_key(start: Start) -> None:
    said = [worker.ended() for worker in start("proving", 4)]

    assert sorted(int(key) for keys in said for key in keys) == list(range(2000))
    assert sum(1 for keys in said if keys) > 1
