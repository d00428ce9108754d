"""How many people can sign in at once, and what the others notice of it.

    python -m tests.bench.identity [--seconds S] [--rounds N] [--people N]

Anonymous GETs are asked at a steady pace, first at rest and then while twenty people sign in with
their passwords again and again, in turns within one run: it is the ratio of the two that counts.
Then tokens: an app's script gets one by its secret, with a proof of its key.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import uvloop

from tests.bench.__main__ import BIN, free_port, running, script
from tests.bench.load import Connection, Wanted, measure, request
from tests.bench.scenarios import SCENARIOS, Bench
from tests.tokens import Client, Issuer

PACE = 100
"""GETs in a second, each on time whatever became of the one before."""
PASSWORD = "seven green umbrellas"
GOAL = 2.0
"""By how much the slowest GET in a hundred may be slower while people sign in."""


@dataclass(frozen=True, slots=True)
class Paced:
    """How long GETs took that were asked at a steady pace."""

    p50_ms: float
    p99_ms: float


async def paced(port: int, seconds: float) -> Paced:
    """Ask for the public profile at the pace; the time counts from when a request was due."""
    loop = asyncio.get_running_loop()
    idle = [(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(8)]
    opened = list(idle)
    data = request("GET", f"localhost:{port}", "/person0/profile/card")
    times: list[float] = []

    async def ask(due: float) -> None:
        connection = idle.pop() if idle else (await loop.create_connection(Connection, "127.0.0.1", port))[1]
        status = await connection.ask(data)
        times.append(time.perf_counter() - due)
        assert status == 200, status
        idle.append(connection)

    start = time.perf_counter()
    async with asyncio.TaskGroup() as asking:
        for number in range(int(seconds * PACE)):
            due = start + number / PACE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            asking.create_task(ask(due))
    for connection in {*opened, *idle}:
        connection.close()
    ordered = sorted(times)
    return Paced(statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.99)] * 1000)


def sign_ins(port: int, people: int) -> list[Wanted]:
    """One of each person, as a program sends it."""
    headers = {"content_type": "application/json", "accept": "application/json"}
    bodies = [{"email": f"person{one}@example.org", "password": PASSWORD} for one in range(people)]
    return [
        Wanted(request("POST", f"localhost:{port}", "/.account/sign-in", json.dumps(one).encode(), **headers), 200)
        for one in bodies
    ]


async def turns(port: int, options: argparse.Namespace) -> int:
    """Rest and sign-ins in turns; how far the goal is met, as an exit code."""
    wanted = sign_ins(port, options.people)
    ratios = []
    for _ in range(options.rounds):
        rest = await paced(port, options.seconds)
        signing_in = asyncio.create_task(measure(port, itertools.cycle(wanted), options.seconds + 1, options.people))
        await asyncio.sleep(0.5)
        busy = await paced(port, options.seconds)
        window = await signing_in
        ratios.append(busy.p99_ms / rest.p99_ms)
        print(
            f"GET at rest: p50 {rest.p50_ms:.2f} ms, p99 {rest.p99_ms:.2f} ms;"
            f" while {options.people} sign in: p50 {busy.p50_ms:.2f} ms, p99 {busy.p99_ms:.2f} ms,"
            f" {ratios[-1]:.1f} times as long; {window.per_second:.0f} sign-ins/s,"
            f" p50 {window.p50_ms:.0f} ms, p99 {window.p99_ms:.0f} ms"
            + (f" wrong: {dict(window.wrong)}" if window.wrong else "")
        )
    ratio = statistics.median(ratios)
    print(f"In the median the p99 is {ratio:.1f} times that at rest; the goal is at most {GOAL:.0f}.")
    return 0 if ratio <= GOAL else 1


async def tokens(bench: Bench, seconds: float) -> None:
    """How many tokens a script gets."""
    found = await measure(bench.port, await SCENARIOS["tokens"].server(bench), seconds)
    print(
        f"Tokens: {found.per_second:.0f}/s, p50 {found.p50_ms:.1f} ms, p99 {found.p99_ms:.1f} ms"
        + (f" wrong: {dict(found.wrong)}" if found.wrong else "")
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.identity", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="length of a window (5)")
    parser.add_argument("--rounds", type=int, default=5, help="windows of each kind (5)")
    parser.add_argument("--people", type=int, default=20, help="who sign in at the same time (20)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        data = ["--data", str(Path(folder) / "data"), "--base-url", f"http://localhost:{port}/"]
        for number in range(options.people):
            name = f"person{number}"
            command = [str(BIN / "rhizome"), "pod", "create", name, "--email", f"{name}@example.org"]
            command += ["--password-stdin", *data]
            subprocess.run(command, check=True, input=PASSWORD, text=True, stdout=subprocess.DEVNULL)
        bench = Bench(Issuer(f"http://localhost:{port}/"), Client(), port, port, script(data, port))
        serve = [str(BIN / "rhizome"), "serve", "--port", str(port), *data]
        with (
            running(serve, f"http://127.0.0.1:{port}/.health/ready"),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            code = runner.run(turns(port, options))
            runner.run(tokens(bench, options.seconds))
    return code


if __name__ == "__main__":
    sys.exit(main())
