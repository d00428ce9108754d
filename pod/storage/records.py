"""The Records port over SQLite."""

from collections.abc import Callable, Sequence

from pod.storage import sql
from pod.storage.ports import Swap
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
        return await self.swap(Swap(family, key, old, new))

    async def swap(self, *swaps: Swap) -> bool:
        """See Records."""

        def work(rows: SqlRows) -> bool:
            now = self._clock()
            for one in swaps:
                row = rows.row(sql.RECORD, one.family, one.key, now)
                if (None if row is None else row[0]) != one.old:
                    return False
            for one in swaps:
                if one.new is None:
                    rows.execute(sql.REMOVE_RECORD, (one.family, one.key))
                else:
                    _put(rows, one.family, one.key, one.new, one.expires)
            return True

        return await self._transactions.run(work)

    async def below(self, family: str, prefix: str) -> Sequence[tuple[str, bytes]]:
        """See Records."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        return [(row[0], row[1]) for row in self._reader.rows(sql.RECORDS_BELOW, (family, prefix, end, self._clock()))]

    async def keys(self, family: str) -> Sequence[str]:
        """See Records."""
        return [row[0] for row in self._reader.rows(sql.RECORD_KEYS, (family, self._clock()))]

    def version(self) -> int:
        """See Records."""
        return self._reader.version()

    async def sweep(self) -> None:
        """See Records."""
        await self._transactions.run(lambda rows: rows.execute(sql.SWEEP_RECORDS, (self._clock(),)))


def _put(rows: SqlRows, family: str, key: str, value: bytes, expires: int | None) -> None:
    rows.execute(sql.PUT_RECORD, (family, key, value, expires))
