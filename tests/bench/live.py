"""How fast changes reach those who listen, and what those cost who hear nothing.

    python -m tests.bench.live [--sockets N] [--stored N] [--changes N]

The server is started here with one worker, and the clients run in this process, on the same machine.
"""

import argparse
import asyncio
import base64
import json
import os
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import psutil
import uvloop

from tests.bench.__main__ import BIN, free_port, running
from tests.bench.load import Connection, request

PLACE = "/demo/playground/"
PATCH = (
    "_:p a <http://www.w3.org/ns/solid/terms#InsertDeletePatch>;"
    " <http://www.w3.org/ns/solid/terms#inserts> { <> <#has> <#n-%d>. }."
)
OPENED_AT_ONCE = 200


class Ear(asyncio.Protocol):
    """A WebSocket that notes when it hears something, and reads no more of it than that."""

    def __init__(self, host: str, path: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self._offer = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self.opened = asyncio.get_running_loop().create_future()
        self.heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._offer)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if not self.opened.done():
            assert data.startswith(b"HTTP/1.1 101 "), data
            self.opened.set_result(None)
        elif data[0] == 0x89:
            assert self.transport is not None
            self.transport.write(b"\x8a\x80\0\0\0\0")  # a ping; nothing is expected of the payload here
        elif not self.heard.done():
            self.heard.set_result(time.perf_counter())

    def listen(self) -> None:
        """Be ready for the next message."""
        self.heard = asyncio.get_running_loop().create_future()


class Writer:
    """One connection that patches."""

    def __init__(self, connection: Connection, host: str) -> None:
        self._connection = connection
        self._host = host
        self._number = 0

    @classmethod
    async def connected(cls, port: int) -> "Writer":
        """A writer with a new connection."""
        connection = (await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port))[1]
        return cls(connection, f"localhost:{port}")

    async def patch(self, path: str) -> tuple[float, float]:
        """When it was sent, and when acknowledged."""
        self._number += 1
        body = (PATCH % self._number).encode()
        before = time.perf_counter()
        status = await self._connection.ask(request("PATCH", self._host, path, body, content_type="text/n3"))
        assert status in {201, 204}, status
        return before, time.perf_counter()

    async def latency(self, path: str, count: int) -> float:
        """The median time of a patch, in milliseconds, in the one of three windows that was disturbed least."""
        medians = []
        for _ in range(3):
            # A new document each time, since a long one takes longer.
            new = f"{path}-{os.urandom(6).hex()}"
            times = [after - before for before, after in [await self.patch(new) for _ in range(count)]]
            medians.append(share(times, 0.5))
        return min(medians)


def share(times: list[float], part: float) -> float:
    """The quantile, in milliseconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


async def subscribe(port: int, path: str) -> str:
    """The path at which a WebSocket hears of the resource."""
    host = f"localhost:{port}"
    channel = "WebSocketChannel2023"
    wish = {
        "@context": ["https://www.w3.org/ns/solid/notifications-context/v1"],
        "type": f"http://www.w3.org/ns/solid/notifications#{channel}",
        "topic": f"http://{host}{path}",
    }
    body = json.dumps(wish).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    place = f"/.notifications/{channel}/"
    writer.write(request("POST", host, place, body, content_type="application/ld+json", connection="close"))
    answer = (await reader.read()).partition(b"\r\n\r\n")[2]
    writer.close()
    return str(json.loads(answer)["receiveFrom"]).removeprefix(f"ws://{host}")


async def ears(port: int, path: str, count: int) -> list[Ear]:
    """So many sockets that listen."""
    loop, found = asyncio.get_running_loop(), list[Ear]()
    while len(found) < count:
        some = min(OPENED_AT_ONCE, count - len(found))
        opening = [
            loop.create_connection(lambda: Ear(f"localhost:{port}", path), "127.0.0.1", port) for _ in range(some)
        ]
        made = [ear for _, ear in await asyncio.gather(*opening)]
        await asyncio.gather(*(one.opened for one in made))
        found += made
    # What they were opened with is all told before anything is measured.
    await asyncio.sleep(0.5)
    return found


async def deliveries(writer: Writer, path: str, listening: list[Ear], count: int) -> list[float]:
    """Seconds from the acknowledgement of each change to its arrival at each ear."""
    found = []
    for _ in range(count):
        for ear in listening:
            ear.listen()
        _, acknowledged = await writer.patch(path)
        arrivals = await asyncio.wait_for(asyncio.gather(*(one.heard for one in listening)), 60)
        found += [max(0.0, one - acknowledged) for one in arrivals]
    return found


async def measured(port: int, process: psutil.Process, options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: what, figure, goal."""
    writer, rows = await Writer.connected(port), list[tuple[str, str, str]]()
    for count, goal in ((1, 15), (200, 40)):
        topic = f"{PLACE}by-{count}"
        await writer.patch(topic)
        listening = await ears(port, await subscribe(port, topic), count)
        times = await deliveries(writer, topic, listening, options.changes)
        figure = f"p50 {share(times, 0.5):.1f} ms, p95 {share(times, 0.95):.1f} ms"
        rows.append((f"acknowledged → received, {count} listening", figure, f"p50 ≤ 5 ms, p95 ≤ {goal} ms"))
        for ear in listening:
            assert ear.transport is not None
            ear.transport.close()
    alone = await writer.latency(f"{PLACE}alone", options.changes)
    before = process.memory_info().rss
    half = options.sockets // 2
    many = await ears(port, await subscribe(port, f"{PLACE}many"), half)
    many_others = await ears(port, await subscribe(port, f"{PLACE}others"), options.sockets - half)
    each = (process.memory_info().rss - before) / options.sockets / 1000
    rows.append((f"{options.sockets:,} idle sockets", f"{each:.1f} KB each", "≤ 25 KB each"))
    # Meanwhile its connection was idle for too long.
    writer = await Writer.connected(port)
    crowded = await writer.latency(f"{PLACE}alone", options.changes)
    rows.append(
        (
            "PATCH elsewhere with all of them, against none",
            f"{crowded:.2f} : {alone:.2f} ms = {crowded / alone:.2f}",
            "≤ 1.2",
        )
    )
    times = await deliveries(writer, f"{PLACE}many", many, 5)
    rows.append((f"one change to {half:,} of them", f"p99 {share(times, 0.99):.0f} ms", "p99 ≤ 400 ms"))
    used = process.cpu_times()
    await asyncio.sleep(5)
    now = process.cpu_times()
    idle = (now.user + now.system - used.user - used.system) / 5
    rows.append(("processor with all of them and no change", f"{idle:.1%}", ""))
    for ear in (*many, *many_others):
        assert ear.transport is not None
        ear.transport.abort()
    return iter(rows)


async def write_latency(port: int, changes: int) -> float:
    """The median time of a patch."""
    writer = await Writer.connected(port)
    await writer.latency(f"{PLACE}stored", 200)
    return await writer.latency(f"{PLACE}stored", changes)


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
def server(folder: Path, port: int) -> Iterator[psutil.Process]:
    """One worker with a playground."""
    command = [str(BIN / "rhizome"), "serve", "--demo", "--port", str(port), "--data", str(folder)]
    with running(command, f"http://127.0.0.1:{port}/.health/ready") as process:
        yield psutil.Process(process.pid)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.live", description=__doc__)
    parser.add_argument("--sockets", type=int, default=10_000, help="idle sockets (10000)")
    parser.add_argument("--stored", type=int, default=100_000, help="subscriptions to other resources (100000)")
    parser.add_argument("--changes", type=int, default=300, help="changes for each figure (300)")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as name, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder, port = Path(name), free_port()
        with server(folder, port) as process:
            rows = list(runner.run(measured(port, process, options)))
        if options.stored:
            with server(folder, port):
                few = runner.run(write_latency(port, options.changes))
            store(folder, port, options.stored)
            with server(folder, port):
                lots = runner.run(write_latency(port, options.changes))
            figure = f"{lots:.2f} : {few:.2f} ms = {lots / few:.2f}"
            rows.append((f"PATCH with {options.stored:,} stored subscriptions, against none", figure, "≤ 1.2"))
    print("| what | figure | goal |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
