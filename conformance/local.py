"""Looks at Rhizome itself: starts a pod server with two people on this machine, and runs the cases against it.

python -m conformance.local [--only AREA] [--report DIR] [--workers N]
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.__main__ import KNOWN, main

RHIZOME = Path(sys.executable).with_name("rhizome")
PASSWORD = "a long password for trying things"
LONG = 60


@dataclass(frozen=True, slots=True)
class Started:
    """A server that runs, and two people who have pods on it, as credentials for a run."""

    url: str
    alice: Mapping[str, str]
    bob: Mapping[str, str]


@contextlib.contextmanager
def started(*options: str) -> Iterator[Started]:
    """A server with two people, from here to the end of the block. RuntimeError when it does not come up."""
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        url = f"http://localhost:{port}/"
        people = [_person(directory, url, name) for name in ("alice", "bob")]
        command = [str(RHIZOME), "serve", "--data", directory, "--port", str(port), *options]
        log = Path(directory, "log.txt")
        with log.open("w") as errors:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env=_environment(), start_new_session=True
            )
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            if not first.startswith("Rhizome serves"):
                raise RuntimeError(f"The server did not start: {first}{log.read_text()}")
            yield Started(url, *people)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(LONG)
            process.stdout.close()


def _person(directory: str, url: str, name: str) -> Mapping[str, str]:
    made = _rhizome(
        directory, url, "pod", "create", name, "--email", f"{name}@mail.example", "--password-stdin", given=PASSWORD
    )
    token = _rhizome(directory, url, "token", "create", "--webid", made["webid"], "--name", "conformance")
    return {**token, "email": f"{name}@mail.example", "password": PASSWORD}


def _rhizome(directory: str, url: str, *arguments: str, given: str = "") -> dict[str, str]:
    done = subprocess.run(
        [RHIZOME, *arguments, "--json", "--data", directory, "--base-url", url],
        input=given,
        capture_output=True,
        text=True,
        timeout=LONG,
        env=_environment(),
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"rhizome {' '.join(arguments)}: {done.stderr}")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _environment() -> dict[str, str]:
    """Without settings of a server in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("POD_")}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def run(arguments: Sequence[str]) -> int:
    """Start, look, stop; the exit code of the look."""
    workers = []
    given = list(arguments)
    if "--workers" in given:
        place = given.index("--workers")
        workers = given[place : place + 2]
        del given[place : place + 2]
    with started(*workers) as server:
        people = ["--alice", json.dumps(server.alice), "--bob", json.dumps(server.bob)]
        return main(["--target", server.url, "--name", "Rhizome", "--known", str(KNOWN), *people, *given])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
