"""Runs every scenario against the server and, where there is one, against its ceiling, in turns.

    python -m tests.bench [--seconds S] [--rounds N] [--only NAMES] [--json FILE]

Both are started here, with one worker each. A figure of this table is worth something only
beside the others of the same run: it is the ratio that counts.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import psutil
import uvloop

from tests.bench.load import Window, measure
from tests.bench.scenarios import SCENARIOS, Bench, documents
from tests.tokens import Client, Issuer

BIN = Path(sys.executable).parent


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(
    command: list[str], url: str, log: IO[bytes] | None = None, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A server, from its first answer until the end of the block; it logs to standard error, or to `log`."""
    settings = {**os.environ, **environment}
    process = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=log)
    try:
        for _ in range(400):
            try:
                with urllib.request.urlopen(url, timeout=5):
                    break
            except OSError:
                time.sleep(0.025)
        else:
            raise SystemExit(f"{command[0]} does not answer")
        yield process
    finally:
        process.terminate()
        process.wait()


def script(data: list[str], port: int) -> tuple[str, str]:
    """Id and secret of a script that acts for somebody with an account."""
    rhizome = str(BIN / "rhizome")
    create = [rhizome, "pod", "create", "person", "--email", "person@example.org", *data]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL)
    webid = f"http://localhost:{port}/person/profile/card#me"
    issue = [rhizome, "token", "create", "--webid", webid, "--name", "bench", "--json", *data]
    made = json.loads(subprocess.run(issue, check=True, stdout=subprocess.PIPE).stdout)
    return made["client_id"], made["client_secret"]


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Bench, psutil.Process]]:
    """The ceiling and the server, and a pod that the benchmark's WebID owns."""
    ceiling_port, port = free_port(), free_port()
    issuer, client = Issuer(f"http://localhost:{ceiling_port}/"), Client()
    data = ["--data", str(folder / "data"), "--base-url", f"http://localhost:{port}/"]
    bench = Bench(issuer, client, port, ceiling_port, script(data, port))
    facts = {"documents": documents(bench), "jwk": issuer.key.jwk(), "database": str(folder / "ceiling.sqlite")}
    (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    uvicorn = [sys.executable, "-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    command = [str(BIN / "rhizome"), "pod", "create", "bench", "--email", "bench@example.org", "--webid", bench.webid]
    subprocess.run([*command, *data], check=True, stdout=subprocess.DEVNULL)
    with ExitStack() as stack:
        stack.enter_context(
            running(
                [*uvicorn, "--log-level", "error", "--port", str(ceiling_port), "tests.bench.ceiling:app"],
                f"http://127.0.0.1:{ceiling_port}/large",
                CEILING_FILE=str(folder / "facts.json"),
            )
        )
        serve = [str(BIN / "rhizome"), "serve", "--port", str(port), *data]
        process = stack.enter_context(running(serve, f"http://127.0.0.1:{port}/.health/ready"))
        yield bench, psutil.Process(process.pid)


async def run(options: argparse.Namespace, bench: Bench) -> dict[str, dict[str, list[Window]]]:
    """Every window of every chosen scenario."""
    names = options.only.split(",") if options.only else list(SCENARIOS)
    found: dict[str, dict[str, list[Window]]] = {name: {"server": [], "ceiling": []} for name in names}
    await bench.prepare()
    for number in range(options.rounds):
        for name in names:
            scenario = SCENARIOS[name]
            connections = scenario.connections
            if scenario.ceiling is not None:
                requests = scenario.ceiling(bench)
                found[name]["ceiling"].append(await measure(bench.ceiling_port, requests, options.seconds, connections))
            requests = await scenario.server(bench)
            found[name]["server"].append(await measure(bench.port, requests, options.seconds, connections))
            print(f"\r{number + 1}/{options.rounds} {name:20}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def best(windows: list[Window]) -> Window:
    """The window that was disturbed least."""
    return max(windows, key=lambda one: one.per_second)


def table(found: dict[str, dict[str, list[Window]]], memory: dict[str, int]) -> Iterator[str]:
    """The figures as a Markdown table."""
    yield "| scenario | requests/s | p50 ms | p99 ms | ceiling/s | of the ceiling | goal |"
    yield "|---|---|---|---|---|---|---|"
    for name, windows in found.items():
        scenario, ours = SCENARIOS[name], best(windows["server"])
        cells = [scenario.title, f"{ours.per_second:,.0f}", f"{ours.p50_ms:.2f}", f"{ours.p99_ms:.2f}"]
        if windows["ceiling"]:
            top = best(windows["ceiling"]).per_second
            cells += [f"{top:,.0f}", f"{ours.per_second / top:.0%}", f"{scenario.goal:.0%}"]
        else:
            cells += ["", "", ""]
        wrong = sum((one.wrong for one in windows["server"]), start=ours.wrong.__class__())
        yield "| " + " | ".join(cells) + " |" + (f" wrong: {dict(wrong)}" if wrong else "")
    yield ""
    yield f"Memory of the worker: {memory['idle']} MB idle, {memory['after']} MB after all of it."


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2, help="length of a window (2)")
    parser.add_argument("--rounds", type=int, default=3, help="windows for each scenario; the best one counts (3)")
    parser.add_argument("--only", help="scenarios to run, with commas between: " + ", ".join(SCENARIOS))
    parser.add_argument("--json", metavar="FILE", help="also write every window as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder)) as (bench, process):
        memory = {"idle": process.memory_info().rss // 1_000_000}
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(run(options, bench))
        memory["after"] = process.memory_info().rss // 1_000_000
    for line in table(found, memory):
        print(line)
    if options.json:
        rows = {
            name: {who: [[one.per_second, one.p50_ms, one.p99_ms] for one in windows] for who, windows in by.items()}
            for name, by in found.items()
        }
        Path(options.json).write_text(json.dumps({"memory": memory, "scenarios": rows}, indent=1), "utf-8")
    return 1 if any(one.wrong for by in found.values() for windows in by.values() for one in windows) else 0


if __name__ == "__main__":
    sys.exit(main())
