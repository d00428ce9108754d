"""The Records port over SQLite."""

from collections.abc import Callable, Sequence

from pod.storage import sql
from pod.storage.sql import SqlRows
from pod.storage.sqlite import Reader
from pod.storage.transactions import Transactions


class SqliteRecords:
    """See Records."""

    def __init__(self, reader: Reader, transactions: Transactions, clock: Callable[[], int]) -> None:
        self._reader = reader
        self._transactions = transactions
        self._clock = clock

    async def get(self, family: str, key: str) -> bytes | None:
        """See Records."""
        row = self._reader.row(sql.RECORD, (family, key, self._clock()))
        return None if row is None else row[0]

    async def put(self, family: str, key: str, value: bytes, expires: int | None = None) -> None:
        """See Records."""
        await self._transactions.run(lambda rows: _put(rows, family, key, value, expires))

    async def replace(self, family: str, key: str, old: bytes | None, new: bytes | None) -> bool:
        """See Records."""

        def work(rows: SqlRows) -> bool:
            row = rows.row(sql.RECORD, family, key, self._clock())
            if (None if row is None else row[0]) != old:
                return False
            if new is None:
                rows.execute(sql.REMOVE_RECORD, (family, key))
            else:
                _put(rows, family, key, new, None)
            return True

        return await self._transactions.run(work)

    async def keys(self, family: str) -> Sequence[str]:
        """See Records."""
        return [row[0] for row in self._reader.rows(sql.RECORD_KEYS, (family, self._clock()))]

    async def sweep(self) -> None:
        """See Records."""
        await self._transactions.run(lambda rows: rows.execute(sql.SWEEP_RECORDS, (self._clock(),)))


def _put(rows: SqlRows, family: str, key: str, value: bytes, expires: int | None) -> None:
    rows.execute(sql.PUT_RECORD, (family, key, value, expires))
