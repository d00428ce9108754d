"""Removes pods from SQLite for good, in bounded steps, any of which may be the last before a crash.

Rows go first and leave behind which contents they named; then go those contents that nothing
else names; in the end what the database wrote on the way is overwritten too. What is left
to do is always seen from what is there, so that whoever begins again goes on.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from pod.errors import Busy
from pod.model.resource import Uri
from pod.storage import sql
from pod.storage.applying import clock
from pod.storage.files import Files
from pod.storage.leaving import begin_purge, end
from pod.storage.ports import INLINE_LIMIT, Purged
from pod.storage.sql import SqlRows
from pod.storage.sqlite import Reader, connect, refusal
from pod.storage.transactions import Transactions

BATCH = 100
"""How many rows go in one transaction, so that others get their turn."""
FILES = 10
"""How many files: large ones take the system a while."""
ENTRIES = 5_000
"""How many entries of the log are looked up at once."""
CONTENTS = 50_000
"""How many contents are compared at once with all that are named."""


class Purging:
    """See Store.purge."""

    def __init__(
        self, path: Path, files: Files, transactions: Transactions, patience: float, now: Callable[[], int] = clock
    ) -> None:
        self._path = path
        self._files = files
        self._transactions = transactions
        self._patience = patience
        self._clock = now

    async def purge(self, root: Uri) -> Purged:
        """See Store."""
        await self._transactions.run(lambda rows: begin_purge(rows, root, self._clock()))
        with closing(Reader(self._path, self._patience)) as reader:
            if not reader.rows(sql.FORMER_DONE, (root,)):
                await self._steps(root, reader)
            row = reader.row(sql.PURGED, (root,))
        assert row is not None  # since it has begun
        return Purged(*row)

    async def _steps(self, root: Uri, reader: Reader) -> None:
        await self._until_none(partial(_remove_resources, root))
        await self._remove_entries(root)
        await self._remove_contents(root, reader)
        await self._until_none(partial(_forget_contents, root))
        await self.scrub()
        await self._transactions.run(lambda rows: rows.execute(sql.FINISH_FORMER, (self._clock(), root)))

    async def scrub(self) -> None:
        """See Store."""
        await asyncio.to_thread(scrub, self._path, self._patience)

    async def _until_none(self, step: Callable[[SqlRows], int]) -> None:
        while await self._transactions.run(step):
            pass

    async def _remove_entries(self, root: Uri) -> None:
        after = 0
        while found := await asyncio.to_thread(self._entries, root, after):
            after = found[-1][0]
            for start in range(0, len(found), BATCH):
                await self._transactions.run(partial(_remove_entries, root, found[start : start + BATCH]))

    def _entries(self, root: Uri, after: int) -> list[sql.Row]:
        # No index leads to the entries of a pod: that would cost every write. So this may take a while.
        with closing(Reader(self._path, self._patience)) as reader:
            return reader.rows(sql.ENTRIES_WITHIN, (after, root, end(root), root, ENTRIES))

    async def _remove_contents(self, root: Uri, reader: Reader) -> None:
        seen, found = await asyncio.to_thread(self._unneeded, root, "")
        while found:
            inline = [one for one in found if one[1] <= INLINE_LIMIT]
            large = [one for one in found if one[1] > INLINE_LIMIT]
            spared: set[str] = set()
            for contents, batch in ((inline, BATCH), (large, FILES)):
                for start in range(0, len(contents), batch):
                    news = reader.rows(sql.NAMED_SINCE_WITH_SEQ, (seen,))
                    spared.update(digest for row in news for digest in row[1:])
                    seen = news[-1][0] if news else seen
                    await self._remove_batch(root, contents[start : start + batch], seen, spared)
            seen, found = await asyncio.to_thread(self._unneeded, root, found[-1][0])

    def _unneeded(self, root: Uri, after: str) -> tuple[int, list[tuple[str, int]]]:
        """The end of the log, and contents of the pod after a digest that nothing names as of then."""
        with closing(Reader(self._path, self._patience)) as reader, reader.snapshot():
            head = reader.row(sql.HEAD)
            rows = reader.rows(sql.UNNEEDED, (root, after, CONTENTS))
        assert head is not None  # the log tells of the end of the pod
        return head[0], [(digest, size) for digest, size in rows]

    async def _remove_batch(self, root: Uri, contents: Sequence[tuple[str, int]], seen: int, spared: set[str]) -> None:
        """Remove those that nothing has begun to name since the log ended with `seen`; they stay listed until then."""
        free = [one for one in contents if one[0] not in spared]
        gone = await self._transactions.run(partial(self._remove, root, free, seen))
        folders = {digest for digest, size in gone if size > INLINE_LIMIT}
        await asyncio.to_thread(self._files.sync, folders)
        await self._transactions.run(partial(_count_contents, root, gone))

    def _remove(
        self, root: Uri, contents: Sequence[tuple[str, int]], seen: int, rows: SqlRows
    ) -> list[tuple[str, int]]:
        since = {digest for row in rows.execute(sql.NAMED_SINCE, (seen,)) for digest in row}
        begun = rows.row(sql.FORMER_BEGUN, root)
        assert begun is not None  # what is purged is a former pod
        gone = []
        for digest, size in contents:
            if digest in since:
                continue
            if size <= INLINE_LIMIT:
                rows.execute(sql.DROP_CONTENT, (digest,))
            elif self._files.written(digest) > begun[0]:
                continue  # saved again, by somebody who is about to name it
            else:
                self._files.remove(digest)
            gone.append((digest, size))
        return gone


def _remove_resources(root: Uri, rows: SqlRows) -> int:
    found = list(rows.execute(sql.CONTENTS_WITHIN, (root, end(root), BATCH)))
    for uri, digest, size in found:
        rows.remove(uri)
        rows.execute(sql.ADD_PURGED_CONTENT, (root, digest, size))
    rows.execute(sql.COUNT_RESOURCES, (len(found), root))
    return len(found)


def _remove_entries(root: Uri, entries: Sequence[sql.Row], rows: SqlRows) -> None:
    count = 0
    for seq, *named in entries:
        count += rows.count(sql.REMOVE_ENTRY, seq)
        for digest, size in (named[:2], named[2:]):
            if digest is not None:
                rows.execute(sql.ADD_PURGED_CONTENT, (root, digest, size))
    rows.execute(sql.COUNT_ENTRIES, (count, root))


def _count_contents(root: Uri, gone: Sequence[tuple[str, int]], rows: SqlRows) -> None:
    counted = [size for digest, size in gone if rows.count(sql.FORGET_CONTENT, root, digest)]
    rows.execute(sql.COUNT_CONTENTS, (len(counted), sum(counted), root))


def _forget_contents(root: Uri, rows: SqlRows) -> int:
    """Let go of those that something else names."""
    found = [row[0] for row in rows.execute(sql.PURGED_CONTENTS, (root, BATCH))]
    for digest in found:
        rows.execute(sql.FORGET_CONTENT, (root, digest))
    return len(found)


def scrub(path: Path, patience: float) -> None:
    """Write all that is in the log of the database to its file, where removed bytes are zeros, and empty that log.

    Raises Busy when others read for so long that this cannot be done.
    """
    connection = connect(path, patience)
    deadline = time.monotonic() + patience
    try:
        while True:
            # Each attempt keeps writers waiting, so it is short.
            connection.execute("PRAGMA busy_timeout = 200")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return
            if time.monotonic() >= deadline:
                raise Busy("What was removed could not be overwritten, since others read for long.")
            time.sleep(0.05)
    except sqlite3.Error as error:
        raise refusal(error) from error
    finally:
        connection.close()
