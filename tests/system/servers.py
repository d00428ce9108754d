"""Servers as processes of their own, and the command beside them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Self

import httpx
import psutil

from tests.issuer import Person

ROOT = Path(__file__).parent.parent.parent
RHIZOME = Path(sys.executable).with_name("rhizome")
LONG = 60
"""Seconds after which a process that says nothing is stuck."""
TURTLE = "text/turtle"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment(**changes: str) -> dict[str, str]:
    """The environment without settings of a server in it, and with the changes."""
    return {name: value for name, value in os.environ.items() if not name.startswith("POD_")} | changes


def rhizome(
    *arguments: str | Path, given: str | None = None, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with `given` on its standard input."""
    return subprocess.run(
        [RHIZOME, *arguments],
        input=given,
        stdin=None if given is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONG,
        env=environment(**(settings or {})),
        check=False,
    )


class Server:
    """A server that can be started, asked and ended in every way."""

    def __init__(self, data: Path, log: Path, *options: str, port: int | None = None, **settings: str) -> None:
        self.data = data
        self.log = log
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}/"
        self._options = options
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._client = httpx.Client(base_url=self.url, timeout=LONG, trust_env=False)

    def start(self, *, within: tuple[str, ...] = ()) -> "Server":
        """Start the process and wait until it says that it serves; `within` is a command that runs it."""
        command: list[str | Path] = [
            *within,
            RHIZOME,
            "serve",
            "--data",
            self.data,
            "--port",
            str(self.port),
            *self._options,
        ]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment(**self._settings)
            )
        assert self._process.stdout is not None
        first = self._process.stdout.readline()
        assert first.startswith(f"Rhizome serves {self.url}"), first + self.log.read_text()
        return self

    @property
    def pid(self) -> int:
        """The process that was started."""
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests, when there are several."""
        return [one for one in psutil.Process(self.pid).children() if _serves(one)]

    def signal(self, number: int) -> None:
        """Send a signal to the process that was started."""
        os.kill(self.pid, number)

    def wait(self) -> int:
        """The exit code, once it ends by itself."""
        assert self._process is not None
        code = self._process.wait(LONG)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return code

    def stop(self) -> int:
        """End it in order; the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End it at once, as a loss of power does to a process."""
        self.signal(signal.SIGKILL)
        self.wait()

    def close(self) -> None:
        """End it however it is."""
        self._client.close()
        if self._process is not None:
            self.kill()

    def request(
        self,
        method: str,
        path: str,
        content: bytes | str | AsyncIterator[bytes] | Iterator[bytes] | None = None,
        media_type: str | None = None,
        *,
        by: Person | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Ask it for a path, as someone or as nobody known."""
        sent = dict(headers or {})
        if media_type is not None:
            sent["content-type"] = media_type
        if by is not None:
            sent |= by.headers(method, self.url + path.lstrip("/"))
        return self._client.request(method, path, content=content, headers=sent)

    def put(self, path: str, content: bytes | str, media_type: str = TURTLE) -> httpx.Response:
        """PUT by nobody known, which must succeed."""
        answer = self.request("PUT", path, content, media_type)
        assert answer.status_code in {201, 204}, answer.text
        return answer

    def get(self, path: str, accept: str = "*/*") -> httpx.Response:
        """GET by nobody known."""
        return self.request("GET", path, headers={"accept": accept})

    def memory(self, kind: str = "rss") -> int:
        """Bytes of memory that the process holds now, or `hwm`: has ever held."""
        if kind == "rss":
            return int(psutil.Process(self.pid).memory_info().rss)
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    def connect(self) -> "Raw":
        """A connection on which anything can be sent."""
        return Raw(self.port)


def _serves(process: psutil.Process) -> bool:
    """Whether it is a worker, not one that ended nor what multiprocessing starts for itself."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


class Raw:
    """A TCP connection to a server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=LONG)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send it all."""
        self._socket.sendall(data)

    def try_to_send(self, data: bytes) -> None:
        """Send it, or as much as is taken before the other side closes."""
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(data)

    def rest(self) -> bytes:
        """All that comes until the other side closes."""
        received = bytearray()
        with contextlib.suppress(ConnectionError):
            while piece := self._socket.recv(65536):
                received += piece
        return bytes(received)

    def line(self) -> bytes:
        """The next line that comes."""
        received = bytearray()
        while not received.endswith(b"\n") and (piece := self._socket.recv(1)):
            received += piece
        return bytes(received)
