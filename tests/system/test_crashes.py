"""A server that is killed while it writes: what it acknowledged stays, what it did not is whole or absent.

RHIZOME_CRASH_ROUNDS says how often; the full proof is 200 rounds:

    RHIZOME_CRASH_ROUNDS=200 .venv/bin/python -m pytest tests/system/test_crashes.py
"""

import asyncio
import itertools
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.system.servers import LONG, Server, free_port, rhizome
from tests.system.writing import PLACE, Account, Writers, found

pytestmark = pytest.mark.system

ROUNDS = int(os.environ.get("RHIZOME_CRASH_ROUNDS", "6"))


@dataclass
class Proof:
    """Rounds of starting, writing and killing over one directory, and their account."""

    directory: Path
    account: Account = field(default_factory=Account)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    port: int = field(default_factory=free_port)
    open: int = 0
    done: int = 0

    @contextmanager
    def server(self, *options: str) -> Iterator[Server]:
        """A server that finds everything as the account says."""
        server = Server(self.directory / "data", self.directory / "log", "--demo", *options, port=self.port)
        try:
            server.start()
            self._verify(server)
            yield server
        finally:
            server.close()
        assert "Traceback" not in server.log.read_text()

    def _verify(self, server: Server) -> None:
        account = self.account
        contents, facts, posted = found(server.url, account)
        assert account.faults(contents, facts, posted) == []
        self.open += len(account.open) + len(account.open_facts) + len(account.open_posts)
        self.done += sum(contents[path] == content for path, content in account.open.items())
        self.done += len(account.open_facts & facts) + sum(one in account.open_posts for one in posted.values())
        account.settle(contents, facts, posted)

    def round(self, *options: str) -> None:
        """Write, kill, check."""
        with self.server(*options) as server:
            server.put(f"{PLACE}box/.meta", "<./> <#is> <#there>.")

            def kill() -> None:
                processes = [psutil.Process(server.pid), *server.workers()]
                for one in processes:
                    one.kill()
                psutil.wait_procs(processes[1:], timeout=LONG)

            # Somewhere in the few milliseconds of a commit.
            kill_soon = partial(self._after, self.chance.random() / 200, kill)
            writers = Writers(server.url, self.account, self.numbers)
            asyncio.run(writers.run(self.chance.choice((0, 1, 10, 50, 100, 200)), kill_soon))
            server.wait()
        checked = rhizome("check", "--data", server.data)
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, action)
        timer.start()


def test_the_account_tells_of_everything_that_contradicts_it() -> None:
    account = Account(
        kept={"/kept": b"1", "/deleted": None, "/open": b"1"},
        open={"/open": b"2"},
        facts={1},
        open_facts={2},
        posted={"/box/a": b"a"},
        open_posts={b"b"},
    )
    true = {"/kept": b"1", "/deleted": None, "/open": b"2"}

    assert account.faults(true, {1, 2}, {"/box/a": b"a", "/box/b": b"b"}) == []
    assert account.faults(true | {"/kept": b"0", "/deleted": b"1", "/open": b"half"}, {3}, {"/box/c": b"c"}) == [
        "/kept: 1 bytes b'0' instead of 1 bytes b'1'",
        "/deleted: 1 bytes b'1' instead of nothing",
        "/open: 4 bytes b'half' instead of 1 bytes b'1'",
        "the fact 1 is lost",
        "the fact 3 came from nowhere",
        "/box/a is lost or has changed",
        "/box/c came from nowhere: 1 bytes b'c'",
    ]


def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = Proof(tmp_path)
    begun = time.monotonic()
    with proof.server() as server:
        server.put(f"{PLACE}box/", "")

    for number in range(ROUNDS):
        proof.round(*(("--workers", "2") if number % 3 == 2 else ()))
    with proof.server() as server:
        assert server.stop() == 0

    account = proof.account
    with capsys.disabled():
        print(
            f"\n{ROUNDS} kills in {time.monotonic() - begun:.0f} s: {account.acknowledged} writes acknowledged,"
            f" none lost; {proof.open} under way at a kill, of which {proof.done} were done whole;"
            f" {account.refused} told to come back"
        )
    assert account.acknowledged > ROUNDS
