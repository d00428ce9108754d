"""Random writers, subscribers, revocations and reconnects for an hour: nothing missing, nothing too much, memory flat.

    python -m tests.bench.soak [--minutes M] [--changes N] [--rate R] [--warm N] [--seed S] [--directory DIR]

The server runs here with one worker. Four people have two containers each, which they and others follow by
every channel; subscribers go away and come back with their last cursor, owners give and take the right to
read. What is written is deleted as well, so that nothing grows but the log: on the disk, and not in memory.
What the server keeps in memory up to some bound is filled before, which takes minutes at full speed.
"""

import argparse
import asyncio
import itertools
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
import uvloop
from aiohttp import web

import pod
from tests.bench.__main__ import BIN, free_port, running
from tests.bench.followers import CHANNELS, WEBHOOK, Caller, Follower, Mood
from tests.bench.journal import Box, Journal, Right
from tests.bench.memory import MB, SHARE, Watch
from tests.bench.writers import Granter, Writer, fill
from tests.issuer import LocalIssuer

ROOT = Path(pod.__file__).parent.parent
PEOPLE = ("alice", "bob", "carol", "dave")
BOXES = 2
"""Containers that each has."""
FOLLOWED = 2
"""By how many channels each person follows each container."""
SAMPLES = 120
LONGEST_PAUSE = 30
"""Seconds between two looks at the memory."""
LOG = "soak.log"
SETTLING = 90
"""Seconds in which everything must have arrived, once nothing more is written."""


@dataclass
class Soak:
    """Everything that takes part."""

    journal: Journal
    boxes: list[Box]
    writers: list[Writer]
    granters: list[Granter]
    followers: list[Follower]
    mood: Mood

    async def run(self, watch: Watch, options: argparse.Namespace) -> None:
        """Until the time is over, or enough is written; then until everything has arrived."""
        following = [asyncio.create_task(one.run()) for one in self.followers]
        each = options.rate / len(self.writers)
        working = [asyncio.create_task(one.run(each, self.mood)) for one in self.writers]
        working += [asyncio.create_task(one.run(options.pause, self.mood)) for one in self.granters]
        watching = asyncio.create_task(self._watch(watch, options))
        try:
            await asyncio.wait([watching, *working, *following], return_when=asyncio.FIRST_COMPLETED)
            self.mood.settled.set()
            await asyncio.gather(watching, *working)
            await self._settle(following)
            watch.look()
        finally:
            for task in (*following, *working, watching):
                task.cancel()
            await asyncio.gather(*following, *working, watching, return_exceptions=True)

    async def _watch(self, watch: Watch, options: argparse.Namespace) -> None:
        """Look at the memory and at what is overdue, until it is enough."""
        each = min(LONGEST_PAUSE, options.minutes * 60 / SAMPLES)
        due = 0.0
        while not self._enough(watch, options):
            if watch.minutes * 60 >= due:
                due += each
                found = watch.look()
                for one in self.followers:
                    one.account.check(listens=one.listens)
                for box in self.boxes:
                    box.forget()
                print(self._line(watch, found.rss), file=sys.stderr, flush=True)
            await self.mood.pause(0.2)
            if self.mood.settled.is_set():
                return

    def _enough(self, watch: Watch, options: argparse.Namespace) -> bool:
        if options.changes:
            return bool(self.journal.writes >= options.changes)
        return bool(watch.minutes >= options.minutes)

    def _line(self, watch: Watch, rss: int) -> str:
        journal = self.journal
        faults = ", ".join(f"{len(found)} {kind}" for kind, found in journal.faults.items())
        used, last = f"{watch.processor:.0%} of a processor", watch.samples[-1]
        return (
            f"{watch.minutes:5.1f} min: {journal.writes} writes, {dict(journal.counts)}, {faults};"
            f" RSS {rss / MB:.1f} MB, {last.files} files, {last.threads} threads, {last.stored / MB:.0f} MB kept,"
            f" {used}"
        )

    async def _settle(self, following: list["asyncio.Task[None]"]) -> None:
        """Let everyone read again, and wait until they have heard all that they must."""
        for granter in self.granters:
            await granter.grant_all()
        for _ in range(SETTLING * 10):
            for task in following:
                if task.done():
                    task.result()
            if all(one.listens or one.account.channel == WEBHOOK for one in self.followers) and not any(
                one.account.due for one in self.followers
            ):
                break
            await asyncio.sleep(0.1)
        for one in self.followers:
            one.account.check(listens=one.listens, limit=0)
            if not one.listens and one.account.channel != WEBHOOK:
                one.account.fault("otherwise", "it does not listen in the end")


@contextmanager
def server(folder: Path, port: int, people: dict[str, str]) -> Iterator[psutil.Process]:
    """One worker, and a pod for each of the people, by name and WebID."""
    data = ["--data", str(folder), "--base-url", f"http://localhost:{port}/"]
    for name, webid in people.items():
        command = [str(BIN / "rhizome"), "pod", "create", name, "--email", f"{name}@example.org", "--webid", webid]
        subprocess.run([*command, *data], check=True, stdout=subprocess.DEVNULL)
    serve = [str(BIN / "rhizome"), "serve", "--port", str(port), *data]
    ready = f"http://127.0.0.1:{port}/.health/ready"
    with (folder / LOG).open("wb") as log, running(serve, ready, log, PYTHONPATH=str(ROOT)) as process:
        yield psutil.Process(process.pid)


@asynccontextmanager
async def hooks(followers: dict[str, Follower]) -> AsyncIterator[str]:
    """Where webhooks are received, each at its number below this URL."""

    async def take(request: web.Request) -> web.Response:
        follower = followers[request.match_info["number"]]
        return web.Response(status=await follower.take(await request.json(), signed="Signature" in request.headers))

    application = web.Application()
    application.router.add_post("/{number}", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0).start()
    yield f"http://localhost:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def soaked(port: int, callers: dict[str, Caller], watch: Watch, options: argparse.Namespace) -> Journal:
    """The account of a whole run."""
    dice, journal, mood = random.Random(options.seed), Journal(), Mood()
    boxes: list[Box] = []
    granters: list[Granter] = []
    for name, caller in callers.items():
        for number in range(BOXES):
            box = Box(journal, f"http://localhost:{port}/{name}/box{number}/", caller.webid)
            box.rights |= {one.webid: Right() for one in callers.values() if one is not caller}
            granters.append(Granter(caller, box, dice))
            await granters[-1].prepare()
            boxes.append(box)
    numbers = itertools.count(1)
    writers = [
        Writer(caller, [box for box in boxes if box.owner == caller.webid], numbers, dice)
        for caller in callers.values()
        for _ in range(2)
    ]
    hooked: dict[str, Follower] = {}
    async with hooks(hooked) as address:
        followers: list[Follower] = []
        channels = itertools.cycle(CHANNELS)
        for box, caller, _ in itertools.product(boxes, callers.values(), range(FOLLOWED)):
            name = str(len(followers))
            followers.append(Follower(caller, box, next(channels), f"{address}{name}", dice, mood))
            hooked[name] = followers[-1]
        await Soak(journal, boxes, writers, granters, followers, mood).run(watch, options)
    return journal


async def run(issuer: LocalIssuer, folder: Path, port: int, options: argparse.Namespace) -> tuple[Journal, Watch]:
    """All of it, once the server is there."""
    people = {name: issuer.person(name) for name in PEOPLE}
    webids = {name: one.webid for name, one in people.items()}
    with server(folder, port, webids) as process:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=2)) as session:
            callers = {name: Caller(session, one) for name, one in people.items()}
            owner, reader, *_ = callers.values()
            if options.warm:
                place = f"http://localhost:{port}/{PEOPLE[0]}/filled/"
                await fill(owner, reader, place, options.warm, random.Random(options.seed))
            watch = Watch(process, folder)
            return await soaked(port, callers, watch, options), watch


def table(journal: Journal, watch: Watch) -> Iterator[str]:
    """What came of it, as Markdown."""
    counts, last = journal.counts, watch.samples[-1]
    yield "| what | |\n|---|---|"
    yield f"| minutes | {watch.minutes:.1f} |"
    yield f"| writes | {journal.writes} |"
    for name in ("deliveries", "resumes", "ended by the server", "grants", "revocations", "webhooks refused"):
        yield f"| {name} | {counts[name]} |"
    yield f"| heard twice, with the same id | {counts['repeats']} |"
    yield f"| under way while a revocation was | {counts['under way at a revocation']} |"
    yield f"| slowest end of a stream after a revocation | {journal.slowest_end / MB * 1000:.0f} ms |"
    for kind, found in journal.faults.items():
        yield f"| {kind} | {len(found)} |"
    moments = [watch.at(part) for part in (0.1, 0.5, 1.0)]
    yield f"| RSS after a tenth, at the middle, at the end | {', '.join(f'{one.rss / MB:.1f}' for one in moments)} MB |"
    yield f"| slope over the last three quarters | {watch.slope() / MB:+.1f} MB an hour |"
    yield f"| open files, threads | {', '.join(f'{one.files}, {one.threads}' for one in (moments[0], last))} |"
    yield f"| kept on the disk | {moments[0].stored / MB:.1f}, {last.stored / MB:.1f} MB |"
    yield f"| processor | {watch.processor:.0%} |"


def main() -> int:
    """Run, print, and say whether all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long (60)")
    parser.add_argument("--changes", type=int, default=0, help="end after so many writes instead")
    parser.add_argument("--rate", type=float, default=30, help="writes in a second (30)")
    parser.add_argument(
        "--warm", type=int, default=10_000, help="documents and policies that come and go before (10000)"
    )
    parser.add_argument("--pause", type=float, default=8, help="seconds between two changes of rights to a box (8)")
    parser.add_argument("--seed", type=int, default=1, help="of the random choices (1)")
    parser.add_argument(
        "--directory", type=Path, help="where the server keeps its data; by default one that is removed"
    )
    options = parser.parse_args()
    # Who ends this from outside ends the server as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"The server is that of {Path(pod.__file__).parent}.", file=sys.stderr)
    with (
        tempfile.TemporaryDirectory(dir=options.directory) as name,
        LocalIssuer() as issuer,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        folder = Path(name)
        journal, watch = runner.run(run(issuer, folder, free_port(), options))
        for line in (folder / LOG).read_text().splitlines():
            if " INFO " not in line:
                journal.fault("otherwise", line)
    print("\n".join(table(journal, watch)))
    if watch.judged and not watch.flat:
        print(f"Memory is not flat: it grows by more than {SHARE:.0%} in an hour.")
    return 1 if any(journal.faults.values()) or (watch.judged and not watch.flat) else 0


if __name__ == "__main__":
    sys.exit(main())
