"""Whether reading stays as fast when much is stored: a small store against a large one.

    python -m tests.bench.size [--small N] [--large N] [--seconds S] [--rounds N]

Two servers on stores that differ only in size are asked in turns, by one connection, so that
the time of a request is measured and not that of a queue: for one resource, and for resources
drawn at random from a thousand and from all.
"""

import argparse
import asyncio
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import uvloop

from pod.config import Settings, load
from pod.idp.provision import Request
from pod.model.change import Change, Write
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Uri
from pod.parts import opened
from tests.bench.__main__ import BIN, free_port, running
from tests.bench.load import Wanted, Window, measure, request
from tests.bench.scenarios import SMALL

FOLDER = 100
"""Resources in one container."""
FOLDERS_AT_ONCE = 10


def path(number: int) -> str:
    """Of one resource in the playground, where everyone may read."""
    return f"/demo/playground/{number // FOLDER}/{number % FOLDER}.ttl"


async def fill(settings: Settings, count: int) -> None:
    """Put `count` documents there, many in one commit."""
    async with opened(settings) as parts:
        await parts.provision.create(Request("demo", "demo@example.org", playground=True))
        for first in range(0, count, FOLDER * FOLDERS_AT_ONCE):
            numbers = range(first, min(first + FOLDER * FOLDERS_AT_ONCE, count))
            await parts.stores.store.commit(Change((), tuple(_writes(settings.base_url, numbers))))


def _writes(base_url: str, numbers: range) -> Iterator[Write]:
    for number in numbers:
        uri = Uri(base_url + path(number)[1:])
        folder = Uri(uri[: uri.rindex("/") + 1])
        if number % FOLDER == 0:
            yield Write(folder, Kind.CONTAINER, "text/turtle", _staged(b""), Uri(f"{base_url}demo/playground/"))
        yield Write(uri, Kind.DOCUMENT, "text/turtle", _staged(b"# %d\n" % number + SMALL), folder)


def _staged(content: bytes) -> Staged:
    return Staged(Blob(hashlib.sha256(content).hexdigest(), len(content)), content)


async def compare(ports: dict[int, int], seconds: float, rounds: int) -> dict[str, dict[int, list[Window]]]:
    """Windows by what was read and the size of the store."""
    draw = random.Random(1)  # the same resources for each
    found: dict[str, dict[int, list[Window]]] = {}
    for _ in range(rounds):
        for size, port in ports.items():
            for what, span in (("one resource", 1), ("1,000 resources", 1_000), ("all resources", size)):
                numbers = [draw.randrange(span) * (size // span) for _ in range(50_000)]
                requests = (Wanted(request("GET", f"localhost:{port}", path(one)), 200) for one in numbers)
                window = await measure(port, requests, seconds, 1)
                found.setdefault(what, {}).setdefault(size, []).append(window)
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.size")
    parser.add_argument("--small", type=int, default=1_000, help="resources in the small store (1,000)")
    parser.add_argument("--large", type=int, default=1_000_000, help="resources in the large store (1,000,000)")
    parser.add_argument("--seconds", type=float, default=2, help="length of a window (2)")
    parser.add_argument("--rounds", type=int, default=5, help="windows for each figure; the best one counts (5)")
    options = parser.parse_args()
    ports: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for size in (options.small, options.large):
            port, data = free_port(), str(Path(folder) / str(size))
            start = time.monotonic()
            asyncio.run(fill(load(None, {}, {("storage", "data"): data, ("server", "port"): port}), size))
            print(f"{size:,} resources in {time.monotonic() - start:.0f} s", file=sys.stderr)
            serve = [str(BIN / "rhizome"), "serve", "--port", str(port), "--data", data]
            stack.enter_context(running(serve, f"http://127.0.0.1:{port}/.health/ready"))
            ports[size] = port
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(compare(ports, options.seconds, options.rounds))
    print(f"| GET of | {options.small:,}: p50 µs | {options.large:,}: p50 µs | ratio |\n|---|---|---|---|")
    for what, by_size in found.items():
        small, large = (min(one.p50_ms for one in windows) * 1000 for windows in by_size.values())
        print(f"| {what} | {small:.0f} | {large:.0f} | {large / small:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
