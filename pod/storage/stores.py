"""A backend, opened: all ports of storage together."""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from pod.errors import Damaged
from pod.storage.applying import clock
from pod.storage.contents import Contents
from pod.storage.files import Files, sync_directory
from pod.storage.leading import Leading
from pod.storage.memory import MemoryRecords, MemoryStore
from pod.storage.memory_rows import MemoryBlobs
from pod.storage.ports import RECENT, Blobs, Records, Replays, Store
from pod.storage.purging import Purging
from pod.storage.records import SqliteRecords
from pod.storage.replays import MemoryReplays, SharedReplays
from pod.storage.sqlite import LOCK_SECONDS, Reader, connect, create, migrate, migrations
from pod.storage.sqlite_store import SqliteStore
from pod.storage.transactions import Transactions
from pod.storage.waking import Bell

FILE = "pod.sqlite"


@dataclass(frozen=True, slots=True)
class Stores:
    """The ports of one backend."""

    store: Store
    blobs: Blobs
    records: Records
    replays: Replays
    close: Callable[[], Awaitable[None]]
    """Finish what is under way and let go of everything."""

    async def sweep(self, now: int) -> None:
        """Remove what takes up room for nothing; to be called at the start and about once a day.

        That is what uploads left behind, content that nothing names, and expired records.
        `now` is in microseconds since 1970.
        """
        await self.blobs.sweep(now - RECENT)
        await self.records.sweep()


async def open_memory(now: Callable[[], int] = clock) -> Stores:
    """Storage that forgets everything at the end."""

    async def close() -> None:
        return

    blobs = MemoryBlobs(now)
    return Stores(MemoryStore(blobs, now), blobs, MemoryRecords(now), MemoryReplays(), close)


def is_made(directory: Path) -> bool:
    """Whether the directory holds storage."""
    return (directory / FILE).is_file()


async def open_sqlite(directory: Path, now: Callable[[], int] = clock, patience: float = LOCK_SECONDS) -> Stores:
    """Storage in a directory, made if it is not there; any number of processes may share it.

    `pod.sqlite` holds rows and small content, `blobs/` large content, `replays` what was used once.
    A writer waits for other processes for up to `patience` seconds. Raises OSError when the
    directory cannot be used, Damaged when its database cannot be read, Misconfigured when it
    was made by another program or by a newer version of this one.
    """
    path = _made(directory)
    try:
        connection = _opened(path, patience)
    except Damaged as error:
        raise Damaged(f"The database cannot be opened: {error.__cause__}.") from error
    files = Files(directory / "blobs")
    reader = Reader(path, patience)
    transactions = Transactions(connection, files.has, patience)
    replays = SharedReplays(directory / "replays")
    bell, leading = Bell(directory / "followers"), Leading(directory)

    async def close() -> None:
        bell.close()
        leading.close()
        await transactions.close()
        reader.close()
        replays.close()

    return Stores(
        SqliteStore(
            path, reader, transactions, Purging(path, files, transactions, patience, now), (bell, leading), now
        ),
        Contents(path, reader, files, transactions, now),
        SqliteRecords(reader, transactions, now),
        replays,
        close,
    )


def _made(directory: Path) -> Path:
    """The file of the database, durably there."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_directory(directory.parent)
    path = directory / FILE
    create(path)
    return path


def _opened(path: Path, patience: float) -> sqlite3.Connection:
    """A connection to the database with the schema of this version."""
    connection = connect(path, patience)
    try:
        migrate(connection, migrations(), patience)
    except BaseException:
        connection.close()
        raise
    return connection
