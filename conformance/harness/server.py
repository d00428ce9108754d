"""A server of one's own for a run: behind TLS, with two people who have pods and credentials."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.harness.certificates import issue
from conformance.harness.proxy import terminating_tls

HOST = "pods.localhost"
"""Not `localhost`, for which the harness would not look at the certificate."""
PEOPLE = ("alice", "bob")
COMMAND = (sys.executable, "-m", "pod")
LONG = 60.0
PATIENCE = "30000"
"""Milliseconds that an answer may take, on a machine that has much else to do."""


class NotStarted(Exception):
    """The server did not come up, or a command was refused; the sentence is what it said."""


@dataclass(frozen=True, slots=True)
class Tested:
    """What the harness is told: the variables of its environment, and options for Java."""

    environment: Mapping[str, str]
    java: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    """Further options for the harness."""


@contextlib.asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[Tested]:
    """Run a server with people while the block runs; its data, log and certificates are in the directory."""
    public, behind = _free_port(), _free_port()
    url = f"https://{HOST}:{public}/"
    options = ["--data", str(directory / "data"), "--base-url", url]
    certificates = issue(HOST, directory)
    hosts = directory / "hosts"
    hosts.write_text(f"127.0.0.1 {HOST}\n")
    environment = {"SOLID_IDENTITY_PROVIDER": url, "RESOURCE_SERVER_ROOT": url, "TEST_CONTAINER": "alice/"}
    environment["READTIMEOUT"] = PATIENCE
    for name in PEOPLE:
        environment |= _person(name, options)
    async with (
        _process([*COMMAND, "serve", *options, "--port", str(behind)], directory / "server.log"),
        terminating_tls(certificates.context(), "127.0.0.1", public, behind),
    ):
        # What the tests made goes with the server.
        yield Tested(environment, (*certificates.java(), f"-Djdk.net.hosts.file={hosts}"), ("--skip-teardown",))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _person(name: str, options: list[str]) -> Mapping[str, str]:
    """Make a pod and a token as whoever runs a server does; what the harness has to know of them."""
    made = _told("pod", "create", name, "--email", f"{name}@people.example", "--json", *options)
    token = _told("token", "create", "--webid", made["webid"], "--name", "harness", "--json", *options)
    prefix = f"USERS_{name.upper()}"
    return {
        f"{prefix}_WEBID": made["webid"],
        f"{prefix}_CLIENTID": token["client_id"],
        f"{prefix}_CLIENTSECRET": token["client_secret"],
    }


def _told(*arguments: str) -> Mapping[str, str]:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=LONG, check=False, env=_environment()
    )
    if done.returncode != 0:
        raise NotStarted(done.stderr.strip())
    told: Any = json.loads(done.stdout)
    return {str(name): str(value) for name, value in told.items()}


def _environment() -> Mapping[str, str]:
    """Without settings of another server in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("POD_")}


@contextlib.asynccontextmanager
async def _process(command: list[str], log: Path) -> AsyncIterator[None]:
    """Run the command until it says that it serves, and then while the block runs."""
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.PIPE, stderr=errors, env=_environment()
        )
    assert process.stdout is not None
    try:
        if not await asyncio.wait_for(process.stdout.readline(), LONG):
            raise NotStarted(_said(log))
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _said(log: Path) -> str:
    """Why a server did not start."""
    return log.read_text().strip()
