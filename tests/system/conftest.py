"""Servers and an issuer for tests that need real ones."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.issuer import LocalIssuer
from tests.system.servers import Server

Serve = Callable[..., Server]
OLDEST_NODE = 20


@contextmanager
def serving(directory: Path) -> Iterator[Serve]:
    """Makes servers over directories of their own and starts them; in the end all are gone, and none met a fault."""
    servers: list[Server] = []

    def start(*options: str, data: Path | None = None, port: int | None = None, **settings: str) -> Server:
        name = f"server{len(servers)}"
        server = Server(data or directory / name, directory / f"{name}.log", *options, port=port, **settings)
        servers.append(server)
        return server.start()

    try:
        yield start
    finally:
        for server in servers:
            server.close()
    faults = [server.log.read_text() for server in servers if "Traceback" in server.log.read_text()]
    assert not faults, "\n".join(faults)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers for one test."""
    with serving(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a playground, for tests that do no harm to each other."""
    with serving(tmp_path_factory.mktemp("demo")) as start:
        yield start("--demo")


@pytest.fixture(scope="session")
def issuer() -> Iterator[LocalIssuer]:
    """An identity provider that answers on this machine."""
    with LocalIssuer() as running:
        yield running


@pytest.fixture(scope="session")
def npm() -> str:
    """The command, with a Node.js that is new enough: in CI it must be there, elsewhere who needs it skips."""
    node, found = shutil.which("node"), shutil.which("npm")
    version = "none"
    if node and found:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if int(version.removeprefix("v").partition(".")[0]) >= OLDEST_NODE:
            return found
    reason = f"this needs npm and Node.js {OLDEST_NODE} or later; found: {version}"
    assert not os.environ.get("CI"), reason
    pytest.skip(reason)
