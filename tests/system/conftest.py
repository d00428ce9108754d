"""Servers and an issuer for tests that need real ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.issuer import LocalIssuer
from tests.system.servers import Server

Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Makes a server over a directory of its own and starts it; in the end all are gone, and none met a fault."""
    servers: list[Server] = []

    def start(*options: str, data: Path | None = None, port: int | None = None, **settings: str) -> Server:
        name = f"server{len(servers)}"
        server = Server(data or tmp_path / name, tmp_path / f"{name}.log", *options, port=port, **settings)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.close()
    faults = [server.log.read_text() for server in servers if "Traceback" in server.log.read_text()]
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def issuer() -> Iterator[LocalIssuer]:
    """An identity provider that answers on this machine."""
    with LocalIssuer() as running:
        yield running
