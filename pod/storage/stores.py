"""A backend, opened: all ports of storage together."""

import errno
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from pod.errors import Damaged
from pod.storage.checking import check_rows
from pod.storage.contents import Contents
from pod.storage.memory import MemoryBlobs, MemoryRecords, MemoryStore
from pod.storage.ports import Blobs, Records, Replays, Store
from pod.storage.replays import MemoryReplays, SharedReplays
from pod.storage.sqlite import SqliteRecords, SqliteStore, Transactions, migrate

__all__ = ["Stores", "check_rows", "open_memory", "open_sqlite"]


@dataclass(frozen=True, slots=True)
class Stores:
    """The ports of one backend."""

    store: Store
    blobs: Blobs
    records: Records
    replays: Replays
    close: Callable[[], Awaitable[None]]
    """Finish what is under way and let go of everything."""


async def open_memory() -> Stores:
    """Storage that forgets everything at the end."""
    blobs = MemoryBlobs()
    store = MemoryStore(blobs)

    async def close() -> None:
        return

    return Stores(store, blobs, MemoryRecords(), MemoryReplays(), close)


FILE = "pod.sqlite"


def is_made(directory: Path) -> bool:
    """Whether the directory holds storage."""
    return (directory / FILE).is_file()


async def open_sqlite(directory: Path) -> Stores:
    """Storage in a directory, made if it is not there; any number of processes may share it.

    `pod.sqlite` holds rows and small content, `blobs/` large content, `replays` what was used once.
    Raises OSError when the directory cannot be used, and Damaged when what it holds is no storage.
    """
    try:
        return await _open_sqlite(directory)
    except sqlite3.OperationalError as error:
        raise OSError(errno.EIO, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"The database cannot be opened: {error}.") from error


async def _open_sqlite(directory: Path) -> Stores:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / FILE
    transactions = Transactions(path)
    migrate(transactions.connection)
    store = SqliteStore(path, transactions)
    records = SqliteRecords(path, transactions)
    contents = Contents(path, directory / "blobs", transactions)
    replays = SharedReplays(directory / "replays")

    async def close() -> None:
        await transactions.close()
        for one in (store, records, contents):
            await one.close()
        replays.close()

    return Stores(store, contents, records, replays, close)
