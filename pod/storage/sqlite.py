"""SQLite: connections, migrations and what its failures mean. Nothing here knows a query."""

import os
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources as package
from pathlib import Path

from pod.errors import Busy, Damaged, Misconfigured, PodError, StorageFull
from pod.storage.files import sync_directory
from pod.storage.sql import Row, Values

LOCK_SECONDS = 10.0
"""How long a writer waits for the lock that another process holds."""
_FULL = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_TOOBIG,
    # Some systems refuse what goes beyond a quota or a size limit in a way of their own.
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
_SETTINGS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    # Only where a system has a stronger way to sync, and nothing elsewhere.
    "fullfsync = ON",
    "checkpoint_fullfsync = ON",
    "foreign_keys = ON",
    # What is removed is overwritten: whoever leaves must not stay in the free pages of the file.
    "secure_delete = ON",
    "cache_size = -16384",
    # After a burst of writes, give its room back.
    "journal_size_limit = 67108864",
)


def create(path: Path) -> None:
    """Make an empty file, which only its owner can read, unless there is one; durably."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    sync_directory(path.parent)


def connect(path: Path, patience: float = LOCK_SECONDS) -> sqlite3.Connection:
    """A connection with the settings that durability and speed need.

    Raises Damaged when the file is no database or WAL cannot be had, Busy when it stays locked.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=128, timeout=0)
    try:
        for setting in _SETTINGS:
            patiently(connection, f"PRAGMA {setting}", patience)
    except BaseException:
        connection.close()
        raise
    return connection


def patiently(connection: sqlite3.Connection, statement: str, patience: float) -> None:
    """Run a statement that needs the lock, again and again until another process lets go of it.

    Pauses are short and at random, so that of many processes none waits long. Raises Busy
    after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute(statement).close()
            return
        except sqlite3.Error as error:
            failure = refusal(error)
            if not isinstance(failure, Busy) or time.monotonic() >= deadline:
                raise failure from error
        time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311 - spreads processes, keeps no secret


def refusal(error: sqlite3.Error) -> PodError:
    """What a failure of the database means to the caller."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Busy("The storage is busy; try again in a moment.")
    if code in _FULL:
        return StorageFull("There is no room to keep this.")
    if code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return Damaged("The database is damaged.")
    return Damaged("The storage could not be written or read.")


def migrations() -> Sequence[str]:
    """The scripts that make the schema, in order; the version of a schema is how many it has seen."""
    folder = package.files("pod.storage") / "migrations"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".sql")), key=lambda one: one.name)
    return [file.read_text("utf-8") for file in files]


def migrate(connection: sqlite3.Connection, scripts: Sequence[str], patience: float = LOCK_SECONDS) -> None:
    """Bring the schema up to date, all of it or nothing; any number of processes may try at once.

    Raises Misconfigured when the data is newer than this code, or none of ours.
    """
    patiently(connection, "BEGIN IMMEDIATE", patience)
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        if version > len(scripts):
            raise Misconfigured(("storage.data: the data was written by a newer version of this server.",))
        if version == 0 and tables:
            raise Misconfigured(("storage.data: the database is not one of this server.",))
        for number, script in enumerate(scripts[version:], version + 1):
            for statement in script.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise refusal(error) from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class Reader:
    """A connection that only reads; what goes wrong comes out as a PodError."""

    def __init__(self, path: Path, patience: float = LOCK_SECONDS) -> None:
        self._connection = connect(path, patience)
        # Readers wait for nobody, but for one that mends the file after a crash.
        self._connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        self._connection.execute("PRAGMA query_only = ON")

    def row(self, query: str, values: Values = ()) -> Row | None:
        """The first row."""
        try:
            found: Row | None = self._connection.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise refusal(error) from error
        return found

    def rows(self, query: str, values: Values = ()) -> list[Row]:
        """All rows at once, as of one moment."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise refusal(error) from error

    def each(self, query: str, values: Values = ()) -> Iterator[Row]:
        """One row after the other, however many there are."""
        try:
            cursor = self._connection.execute(query, values)
            while rows := cursor.fetchmany(1000):
                yield from rows
        except sqlite3.Error as error:
            raise refusal(error) from error

    def version(self) -> int:
        """A number that changes with each commit of another connection.

        It is also that of what the present snapshot sees.
        """
        row = self.row("PRAGMA data_version")
        assert row is not None  # this statement gives one row, always
        return int(row[0])

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read within is as of one moment."""
        self.row("BEGIN")
        try:
            yield
        finally:
            # After some failures the database has ended it.
            if self._connection.in_transaction:
                self.row("ROLLBACK")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
