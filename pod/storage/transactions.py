"""Group commit: the changes that wait share one transaction, and one wait for the disk.

Statements run in the event loop, since handing each to a thread costs more than it takes;
only COMMIT, which waits for the disk, runs in a thread. Changes that arrive meanwhile make
the next transaction.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from pod.errors import Busy, PodError, Stale
from pod.storage.applying import finish
from pod.storage.sql import SqlRows
from pod.storage.sqlite import patiently, refusal

BATCH = 256
"""How many changes share a transaction at most, so that reads get their turn."""

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Waiting:
    """A change on its way, and who waits for it."""

    work: Callable[[SqlRows], object]
    done: asyncio.Future[Any]  # Any: what `work` gives
    result: object = None
    refused: Stale | None = None

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def settle(self) -> None:
        if self.refused is not None:
            self.fail(self.refused)
        elif not self.done.done():
            self.done.set_result(self.result)


class Transactions:
    """The one connection that writes."""

    def __init__(self, connection: sqlite3.Connection, has_file: Callable[[str], bool], patience: float) -> None:
        self._connection = connection
        self._has_file = has_file
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, "commit")
        self._waiting: list[_Waiting] = []
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    async def run(self, work: Callable[[SqlRows], T]) -> T:
        """The result of `work`, once what it wrote is durable.

        `work` may raise Stale before it writes. It may be run again, when it shared a
        transaction with another that failed. Whatever it or the database raises comes out
        here, Busy, StorageFull or Damaged for the latter, and nothing has happened.
        """
        if self._closed:
            raise Busy("The server is stopping; try again in a moment.")
        loop = asyncio.get_running_loop()
        one = _Waiting(work, loop.create_future())
        self._waiting.append(one)
        if self._running is None:
            self._running = loop.create_task(self._drain())
        result: T = await one.done
        return result

    async def _drain(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._settle(batch)
        except BaseException as error:
            # The event loop stops, or this code is wrong: nobody may wait for ever.
            for one in (*batch, *self._waiting):
                one.fail(error)
            self._waiting = []
            raise
        finally:
            self._running = None

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        """Give everyone in the batch a result or an error."""
        # Who no longer waits is left out while that can still be done.
        batch = [one for one in batch if not one.done.done()]
        if not batch:
            return
        try:
            await self._begin()
        except PodError as error:
            for one in batch:
                one.fail(error)
            return
        failure = await self._attempt(batch)
        if failure is None:
            for one in batch:
                one.settle()
        elif len(batch) == 1:
            batch[0].fail(failure)
        else:
            # One of them is to blame; the others shall not suffer.
            for one in batch:
                await self._settle([one])

    async def _begin(self) -> None:
        try:
            patiently(self._connection, "BEGIN IMMEDIATE", 0)
        except Busy:
            loop = asyncio.get_running_loop()
            arguments = (self._connection, "BEGIN IMMEDIATE", self._patience)
            await loop.run_in_executor(self._thread, patiently, *arguments)

    async def _attempt(self, batch: Sequence[_Waiting]) -> Exception | None:
        """Run and commit the batch in the open transaction; why not, if it was rolled back."""
        rows = SqlRows(self._connection.execute, self._has_file)
        try:
            for one in batch:
                try:
                    one.result, one.refused = one.work(rows), None
                except Stale as error:
                    one.refused = error
            finish(rows)
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.execute, "COMMIT")
        except Exception as error:  # noqa: BLE001 - handed to who waits
            self._roll_back()
            if not isinstance(error, sqlite3.Error):
                return error
            failure = refusal(error)
            failure.__cause__ = error
            return failure
        return None

    def _roll_back(self) -> None:
        # After some failures the database has done that itself.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    async def close(self) -> None:
        """Finish what waits, then close the connection."""
        self._closed = True
        while self._running is not None:
            await asyncio.wait((self._running,))
        self._thread.shutdown()
        self._connection.close()
