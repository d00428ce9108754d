"""SQLite: the embedded default. Connections, transactions and group commit; nothing else.

Reads run at once in the event loop. Writes run there too, as statements of one open
transaction, since handing each to a thread costs more than it takes; only COMMIT, which
waits for the disk, runs in a thread. Changes that arrive meanwhile share the next commit.
"""

import asyncio
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import resources as package
from pathlib import Path

from pod.errors import Busy, Damaged, Misconfigured, PodError, Stale, StorageFull
from pod.model.change import Change, Commit, Entry
from pod.model.resource import Kind, Pod, Resource, Uri, View
from pod.storage import sql
from pod.storage.applying import apply
from pod.storage.checking import check_rows
from pod.storage.ports import Damage
from pod.storage.turns import Turns
from pod.storage.viewing import Views

LOCK_SECONDS = 10.0
BATCH = 256
CATCH_UP = 1000
POLL_SECONDS = 0.1


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the settings that durability and speed need."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=128, timeout=0)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "mmap_size = 268435456",
        "cache_size = -16384",
        "busy_timeout = 0",
    ):
        _patiently(lambda pragma=pragma: connection.execute(f"PRAGMA {pragma}").close())  # type: ignore[misc]  # binds early
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date; Misconfigured when the data is newer than this code."""
    files = sorted(
        (one for one in (package.files("pod.storage") / "migrations").iterdir() if one.name.endswith(".sql")),
        key=lambda one: one.name,
    )
    _patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(files):
            raise Misconfigured(("storage.data: the data was written by a newer version of this server.",))
        for number, file in enumerate(files[version:], version + 1):
            for statement in file.read_text("utf-8").split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def refusal(error: sqlite3.Error) -> PodError:
    """What a failure of the database means to the caller."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Busy("The storage is busy; try again in a moment.")
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_TOOBIG}:
        return StorageFull("There is no room to keep this.")
    return Damaged("The storage could not be written or read.")


def _patiently(step: Callable[[], object]) -> None:
    """Run a statement that needs the lock, again and again until another process lets go of it.

    Pauses are short and at random, so that of many processes none waits long. Raises Busy.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            step()
            return
        except sqlite3.OperationalError as error:
            if not isinstance(refusal(error), Busy):
                raise
            if time.monotonic() > deadline:
                raise refusal(error) from error
        time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311 - spreads processes, keeps no secret


@dataclass(slots=True)
class _Waiting:
    """A change on its way, and who waits for it."""

    work: Callable[[], object]
    done: asyncio.Future[object]
    result: object = None
    error: Exception | None = None


class Transactions:
    """The one connection that writes: takes whatever waits into one transaction."""

    def __init__(self, path: Path) -> None:
        self.connection = connect(path)
        self._waiting: list[_Waiting] = []
        self._running: asyncio.Task[None] | None = None

    async def run(self, work: Callable[[], object]) -> object:
        """The result of `work`, which executes statements and may raise Stale before its first write.

        Returns once they are durable. Raises Busy, StorageFull or Damaged when they are not
        and nothing has happened.
        """
        one = _Waiting(work, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._drain())
        # The change happens whether or not who asked for it still waits.
        return await asyncio.shield(one.done)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._run_batch(batch)
        finally:
            self._running = None

    async def _run_batch(self, batch: Sequence[_Waiting]) -> None:
        failure: Exception | None = None
        try:
            await self._begin()
            for one in batch:
                try:
                    one.result = one.work()
                except Stale as error:
                    one.error = error
            await asyncio.to_thread(self.connection.execute, "COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            failure = refusal(error)
            failure.__cause__ = error
        except Exception as error:  # noqa: BLE001 - handed to everyone who waits
            self._roll_back()
            failure = error
        for one in batch:
            if one.done.cancelled():
                continue
            if failure is not None or one.error is not None:
                one.done.set_exception(failure or one.error or RuntimeError)
                one.done.exception()  # who asked may be gone; that is no fault
            else:
                one.done.set_result(one.result)

    async def _begin(self) -> None:
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not isinstance(refusal(error), Busy):
                raise
            await asyncio.to_thread(_patiently, lambda: self.connection.execute("BEGIN IMMEDIATE"))

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    async def close(self) -> None:
        """Finish what waits, then close the connection."""
        while self._running is not None:
            await asyncio.shield(self._running)
        self.connection.close()


class SqliteStore:
    """The Store port over one SQLite file, which any number of processes may share."""

    def __init__(self, path: Path, transactions: Transactions) -> None:
        self._transactions = transactions
        self._rows = sql.SqlRows(transactions.connection.execute)
        self._reading = connect(path)
        self._execute = self._reading.execute
        self._turns = Turns()
        self._version = -1
        self._seq = 0
        self._views = Views(self._find, lambda: sql.pods(self._execute(sql.PODS)))

    async def view(self, uri: Uri) -> View:
        """See Store."""
        self._catch_up()
        return self._views.view(uri)

    def _find(self, uri: Uri) -> Resource | None:
        row = self._execute(sql.RESOURCE, (uri,)).fetchone()
        return None if row is None else sql.resource(row)

    def _catch_up(self) -> None:
        """Forget what was changed since the last look, by this process or another.

        PRAGMA data_version moves with every commit of another connection, and all commits
        are made by others than the one that reads.
        """
        version = self._execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return
        self._version = version
        entries = [sql.entry(row) for row in self._execute(sql.LOG, (self._seq, CATCH_UP))]
        if len(entries) == CATCH_UP or self._seq == 0:
            self._views.clear()
            row = self._execute(sql.LAST_SEQ).fetchone()
            self._seq = row[0] if row else 0
        elif entries:
            self._seq = entries[-1].seq
            self._views.drop(entries)

    async def children(self, container: Uri) -> Sequence[Resource]:
        """See Store."""
        return [sql.resource(row) for row in self._execute(sql.CHILDREN, (container,))]

    async def commit(self, change: Change) -> Commit:
        """See Store."""

        def work() -> Commit:
            now = time.time_ns() // 1000
            return apply(self._rows.at(now), change, now, lambda: secrets.randbits(63))

        found = await self._transactions.run(work)
        assert isinstance(found, Commit)  # what `work` gives
        return found

    async def log(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """See Store."""
        return [sql.entry(row) for row in self._execute(sql.LOG, (after, limit))]

    async def wait(self, after: int) -> None:
        """See Store."""
        while not self._execute(sql.LOG, (after, 1)).fetchall():
            version = self._execute("PRAGMA data_version").fetchone()[0]
            while self._execute("PRAGMA data_version").fetchone()[0] == version:
                await asyncio.sleep(POLL_SECONDS)

    def turn(self, uri: Uri) -> AbstractAsyncContextManager[None]:
        """See Store."""
        return self._turns.turn(uri)

    async def of_kind(self, kind: Kind) -> Sequence[Uri]:
        """See Store."""
        return [Uri(row[0]) for row in self._execute(sql.OF_KIND, (str(kind),))]

    async def pods(self) -> Sequence[Pod]:
        """See Store."""
        return sql.pods(self._execute(sql.PODS))

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """See Store."""
        found = [
            Damage(f"The database is damaged: {row[0]}.", repaired=False)
            for row in self._execute("PRAGMA integrity_check")
            if row[0] != "ok"
        ]
        pods = {pod.root: pod for pod in await self.pods()}
        rows = [(Uri(uri), str(kind), parent) for uri, kind, parent in self._execute(sql.PLACES)]
        found += [Damage(what, repaired=False) for what in check_rows(rows, pods)]
        found += [
            Damage(f"The log does not tell of {uri} as it is.", repaired=False)
            for (uri,) in self._execute(sql.UNLOGGED)
        ]
        return found

    async def close(self) -> None:
        """See Store."""
        self._reading.close()


class SqliteRecords:
    """The Records port over the same file."""

    def __init__(self, path: Path, transactions: Transactions) -> None:
        self._transactions = transactions
        self._write = transactions.connection.execute
        self._reading = connect(path)

    async def get(self, family: str, key: str) -> bytes | None:
        """See Records."""
        return self._value(self._reading.execute, family, key)

    def _value(self, execute: sql.Execute, family: str, key: str) -> bytes | None:
        row = execute(sql.RECORD, (family, key, time.time_ns() // 1000)).fetchone()
        return None if row is None else bytes(row[0])

    async def put(self, family: str, key: str, value: bytes, expires: int | None = None) -> None:
        """See Records."""
        await self._transactions.run(lambda: self._write(sql.PUT_RECORD, (family, key, value, expires)).close())

    async def replace(self, family: str, key: str, old: bytes | None, new: bytes | None) -> bool:
        """See Records."""

        def work() -> bool:
            if self._value(self._write, family, key) != old:
                return False
            if new is None:
                self._write(sql.REMOVE_RECORD, (family, key))
            else:
                self._write(sql.PUT_RECORD, (family, key, new, None))
            return True

        return bool(await self._transactions.run(work))

    async def keys(self, family: str) -> Sequence[str]:
        """See Records."""
        rows = self._reading.execute(sql.RECORD_KEYS, (family, time.time_ns() // 1000))
        return [str(row[0]) for row in rows]

    async def close(self) -> None:
        """Let go of the file."""
        self._reading.close()
