"""How fast changes reach those who listen, and what those cost who hear nothing.

    python -m tests.bench.live [--sockets N] [--stored N] [--changes N]

Servers are started here with one worker each, and the clients run in this process, on the same machine.
What somebody costs who hears nothing is measured beside a server of the same kind without them, in turns.
"""

import argparse
import asyncio
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop

from tests.bench.__main__ import BIN, free_port, running
from tests.bench.ears import WEB_SOCKET, Deliveries, Writer, compared, deliveries, ears, share, subscribe

PLACE = "/demo/playground/"
BOUNDS = {"POD_LIVE_STREAMS_PER_ADDRESS": "20000", "POD_LIVE_STREAMS_PER_AGENT": "20000"}
Row = tuple[str, str, str]
"""What, figure, goal."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that was started here."""

    origin: str
    process: psutil.Process

    async def address(self, path: str) -> str:
        """Where a WebSocket hears of the resource."""
        return await subscribe(f"{self.origin}/.notifications/{WEB_SOCKET}/", self.origin + path)

    async def writer(self) -> Writer:
        """With a new connection, since an older one may have been idle for too long."""
        return await Writer.connected(self.origin)


def whole(found: Deliveries) -> list[float]:
    """Seconds from the acknowledgement, where everything came."""
    assert found.missed == 0, f"{found.missed} messages did not come"
    return found.acknowledged


async def heard(server: Served, options: argparse.Namespace) -> list[Row]:
    """How soon a few, and many, hear of a change."""
    rows = []
    for count, goal in ((1, 15), (200, 40)):
        topic = f"{PLACE}by-{count}"
        writer = await server.writer()
        await writer.patch(topic)
        listening = await ears(await server.address(topic), count)
        times = whole(await deliveries(writer, topic, listening, options.changes))
        figure = f"p50 {share(times, 0.5):.1f} ms, p95 {share(times, 0.95):.1f} ms"
        rows.append((f"acknowledged → received, {count} listening", figure, f"p50 ≤ 5 ms, p95 ≤ {goal} ms"))
        for ear in listening:
            ear.close()
    return rows


async def idle(server: Served, other: Served, options: argparse.Namespace) -> list[Row]:
    """What very many sockets cost that hear nothing; `other` has none."""
    process, half = server.process, options.sockets // 2
    alone = await compared(await server.writer(), await other.writer(), f"{PLACE}alone", options.changes // 5)
    before = process.memory_info().rss
    many = await ears(await server.address(f"{PLACE}many"), half)
    others = await ears(await server.address(f"{PLACE}others"), options.sockets - half)
    each = (process.memory_info().rss - before) / options.sockets / 1000
    crowded = await compared(await server.writer(), await other.writer(), f"{PLACE}alone", options.changes // 5)
    # By how much the two servers differ without any sockets is no matter of the sockets.
    figure = f"{crowded}, and {alone.ratio:.2f} before: {crowded.ratio / alone.ratio:.2f}"
    times = whole(await deliveries(await server.writer(), f"{PLACE}many", many, 5))
    used = process.cpu_times()
    await asyncio.sleep(5)
    now = process.cpu_times()
    busy = (now.user + now.system - used.user - used.system) / 5
    for ear in (*many, *others):
        ear.close()
    return [
        (f"{options.sockets:,} idle sockets", f"{each:.1f} KB each", "≤ 25 KB each"),
        ("PATCH elsewhere with all of them, against a server with none", figure, "≤ 1.2"),
        (f"one change to {half:,} of them", f"p99 {share(times, 0.99):.0f} ms", "p99 ≤ 400 ms"),
        ("processor with all of them and no change", f"{busy:.1%}", ""),
    ]


async def stored(server: Served, other: Served, options: argparse.Namespace) -> list[Row]:
    """What very many subscriptions cost that are about other resources; `other` has none."""
    for one in (server, other):
        writer = await one.writer()
        for _ in range(200):
            await writer.patch(f"{PLACE}first")
    found = await compared(await server.writer(), await other.writer(), f"{PLACE}stored", options.changes // 5)
    return [(f"PATCH with {options.stored:,} stored subscriptions, against none", str(found), "≤ 1.2")]


def store(data: Path, port: int, count: int) -> None:
    """So many subscriptions to other resources, as the server keeps them."""
    database = sqlite3.connect(data / "pod.sqlite")
    with database:
        for number in range(count):
            topic = f"http://localhost:{port}/demo/other/{number}"
            facts = [
                ("subscription", f"s{number}", b"{}"),
                ("subscription-topic", f"{topic} only s{number}", b"push"),
                ("subscription-agent", f"{number % 1000:032x} s{number}", b"push"),
            ]
            database.executemany("INSERT INTO record (family, key, value) VALUES (?, ?, ?)", facts)
    database.close()


@contextmanager
def server(folder: Path, port: int) -> Iterator[Served]:
    """One worker with a playground."""
    command = [str(BIN / "rhizome"), "serve", "--demo", "--port", str(port), "--data", str(folder)]
    # All clients have one address here.
    with running(command, f"http://127.0.0.1:{port}/.health/ready", POD_LIVE_STREAMS_PER_ADDRESS="100000") as process:
        yield Served(f"http://localhost:{port}", psutil.Process(process.pid))


def allow_many_sockets() -> None:
    """As many open files as the system lets this process have."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.live", description=__doc__)
    parser.add_argument("--sockets", type=int, default=10_000, help="idle sockets (10000)")
    parser.add_argument("--stored", type=int, default=100_000, help="subscriptions to other resources (100000)")
    parser.add_argument("--changes", type=int, default=300, help="changes for each figure (300)")
    options = parser.parse_args()
    allow_many_sockets()
    with tempfile.TemporaryDirectory() as name, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder, other, ports = Path(name) / "a", Path(name) / "b", (free_port(), free_port())
        with server(folder, ports[0]) as one, server(other, ports[1]) as two:
            rows = runner.run(heard(one, options)) + runner.run(idle(one, two, options))
        if options.stored:
            store(folder, ports[0], options.stored)
            with server(folder, ports[0]) as one, server(other, ports[1]) as two:
                rows += runner.run(stored(one, two, options))
    print("| what | figure | goal |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
