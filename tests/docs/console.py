"""A terminal in which the examples of a page are run, as a reader would."""

import contextlib
import itertools
import os
import queue
import random
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

from tests.docs.pages import ROOT, Example

ANYTHING = "…"
"""Stands in a page for what is left out: the rest of a line, or lines when it stands alone."""
SECONDS = 60
UNTIL_STOPPED = "Ctrl+C stops it."
"""What a server says first."""

_VARYING = (
    (re.compile(r'"[0-9a-z]{4,}(?:\.[0-9a-z]+)?-[0-9a-z.]+"'), '"ETAG"'),
    (re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT"), "DATE"),
    (re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:Z|,\d{3})"), "TIME"),
    (re.compile(r"(?<=posix:mtime )\d+"), "SECONDS"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
)


def settled(text: str) -> str:
    """The text without what differs each time: entity tags, dates and ids."""
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def fits(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed."""
    lines = [
        r"(?:.*\n)*" if line == ANYTHING else re.escape(line).replace(ANYTHING, ".*") + r"\n"
        for line in settled(shown).splitlines()
    ]
    return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in settled(printed).splitlines())) is not None


def free_port() -> int:
    """A port that nobody listens on, of four digits as the one in the pages: sizes depend on it."""
    for port in random.sample(range(4000, 10_000), 1000):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no port is free")


class Console:
    """Runs commands in a directory of its own, where `.venv` is that of the project.

    Port 3000 stands for a free one, so that examples run beside anything else.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.port = free_port()
        self._server: subprocess.Popen[str] | None = None
        (directory / ".venv").symlink_to(sys.prefix)
        # At a terminal curl shows no progress when the answer is short.
        (directory / ".curlrc").write_text("silent\nshow-error\n")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POD_")}
        self._environment = {**kept, "HOME": str(directory), "POD_SERVER_PORT": str(self.port)}

    def run(self, example: Example) -> str:
        """What the command prints; a server goes on running, and is left once it has printed what is shown."""
        command = _made("run") if example.command == "make run" else example.command
        command = command.replace("localhost:3000", f"localhost:{self.port}")
        if UNTIL_STOPPED in example.output:
            lines = [line for line in example.output.splitlines() if line != ANYTHING]
            return self._shown(self._serve(command, len(lines)))
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self._directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return self._shown(done.stdout)

    def _shown(self, text: str) -> str:
        return text.replace("\r", "").replace(f"localhost:{self.port}", "localhost:3000")

    def _serve(self, command: str, lines: int) -> str:
        self.close()
        self._server = subprocess.Popen(
            ["bash", "-c", f"exec env {command}"],
            cwd=self._directory,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        printed: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_read, args=(self._server, printed), daemon=True).start()
        first = iter(lambda: printed.get(timeout=SECONDS), "")
        return "".join(itertools.islice(first, lines))

    def close(self) -> None:
        """Stop the server, if there is one, as Ctrl+C does."""
        if self._server is not None:
            self._server.terminate()
            assert self._server.wait(SECONDS) == 0
            self._server = None


def _read(process: subprocess.Popen[str], printed: queue.Queue[str]) -> None:
    assert process.stdout is not None  # it is a pipe
    with process.stdout as lines:
        for line in lines:
            printed.put(line)
    printed.put("")


def _made(target: str) -> str:
    """The last command that make runs for the target."""
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip().splitlines()[-1]
