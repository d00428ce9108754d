"""Blobs: small ones in the database, large ones in files, what is used often in memory."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from pod.cache import Cache
from pod.errors import Damaged
from pod.model.representation import Staged
from pod.model.resource import Blob
from pod.storage import sql
from pod.storage.files import Files
from pod.storage.ports import INLINE_LIMIT, RECENT, Damage
from pod.storage.sql import SqlRows
from pod.storage.sqlite import Reader
from pod.storage.transactions import Transactions

KEPT = 32 * 1024 * 1024
"""Bytes of content that stay in memory."""
AT_ONCE = 1024 * 1024
"""Files of up to this many bytes are read without handing that to a thread."""
_BATCH = 100
"""How many unwanted blobs are removed in one transaction."""


async def gather(chunks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """The content as far as INLINE_LIMIT and one chunk more, and whether that is all."""
    first = bytearray()
    async for chunk in chunks:
        first += chunk
        if len(first) > INLINE_LIMIT:
            return bytes(first), False
    return bytes(first), True


def blob_of(content: bytes) -> Blob:
    """What the content is named."""
    return Blob(hashlib.sha256(content).hexdigest(), len(content))


async def _nothing() -> AsyncIterator[bytes]:
    """No further chunks."""
    none: Sequence[bytes] = ()
    for chunk in none:
        yield chunk


class Contents:
    """The Blobs port over a database and a directory."""

    def __init__(
        self, path: Path, reader: Reader, files: Files, transactions: Transactions, clock: Callable[[], int]
    ) -> None:
        self._path = path
        self._reader = reader
        self._files = files
        self._transactions = transactions
        self._clock = clock
        self._kept: Cache[str, bytes] = Cache(KEPT, len)

    async def save(self, chunks: AsyncIterator[bytes]) -> Staged:
        """See Blobs."""
        first, whole = await gather(chunks)
        return await self.keep(first) if whole else Staged(await self._files.save(first, chunks), None)

    async def keep(self, content: bytes) -> Staged:
        """See Blobs."""
        if len(content) > INLINE_LIMIT:
            return Staged(await self._files.save(content, _nothing()), None)
        return Staged(blob_of(content), content)

    async def read(self, blob: Blob) -> bytes:
        """See Blobs."""
        content = self._kept.get(blob.digest)
        if content is None:
            content = await self._stored(blob)
            if blob_of(content) != blob:
                raise Damaged(f"The content {blob.digest} is not what it was.")
            self._kept.put(blob.digest, content)
        return content

    async def _stored(self, blob: Blob) -> bytes:
        if blob.size <= INLINE_LIMIT:
            return _inline(self._reader, blob)
        if blob.size <= AT_ONCE:
            return self._files.read(blob)
        return await asyncio.to_thread(self._files.read, blob)

    async def stream(self, blob: Blob, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See Blobs."""
        last = blob.size if end is None else min(end, blob.size)
        if blob.size > INLINE_LIMIT:
            async for piece in self._files.stream(blob, start, last):
                yield piece
            return
        content = await self.read(blob)
        if start < last:
            yield content[start:last]

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """See Blobs."""
        before = self._clock() - RECENT
        try:
            faults = await asyncio.to_thread(self._faults)
            unwanted = await asyncio.to_thread(self._unwanted, before)
            if repair:
                await self.sweep(before)
            left = await asyncio.to_thread(self._unwanted, before) if repair else unwanted
        except Damaged as error:
            return [Damage(f"Not everything could be checked. {error.message}", repaired=False)]
        found = [Damage(what, repaired=False) for what in faults]
        return found + [Damage(what, repaired=what not in left) for what in unwanted]

    def _unwanted(self, older_than: int) -> list[str]:
        """A sentence for each thing that takes up room for nothing."""
        unnamed = self._unnamed(older_than)
        blobs = [f"The content {digest} belongs to nothing." for digest in (*unnamed.inline, *unnamed.files)]
        return blobs + [f"The file {name} was left by an upload." for name in self._files.leftovers(older_than)]

    def _faults(self) -> list[str]:
        """A sentence for each blob that is named and is not as it must be."""
        reader = Reader(self._path)
        try:
            named = (Blob(digest, size) for digest, size in reader.each(sql.NAMED))
            return [what for blob in named if (what := self._fault(reader, blob)) is not None]
        finally:
            reader.close()

    def _fault(self, reader: Reader, blob: Blob) -> str | None:
        inline = blob.size <= INLINE_LIMIT
        try:
            real = blob_of(_inline(reader, blob)) if inline else self._files.measured(blob)
        except Damaged as error:
            return error.message
        return None if real == blob else f"The content {blob.digest} is not what it was."

    async def sweep(self, older_than: int) -> int:
        """See Blobs."""
        unnamed = await asyncio.to_thread(self._unnamed, older_than)
        count = 0
        for digests, remove in ((unnamed.inline, _remove_row), (unnamed.files, partial(self._remove_file, older_than))):
            for start in range(0, len(digests), _BATCH):
                batch = digests[start : start + _BATCH]
                count += await self._transactions.run(partial(_remove, batch, unnamed.seen, remove))
        leftovers = self._files.leftovers(older_than)
        for leftover in leftovers:
            self._files.clear(leftover)
        return count + len(leftovers)

    def _unnamed(self, older_than: int) -> "_Unnamed":
        reader = Reader(self._path)
        try:
            with reader.snapshot():
                head = reader.row(sql.HEAD)
                inline = [str(row[0]) for row in reader.each(sql.UNNAMED, (older_than,))]
                files = {digest for digest in self._files.digests() if self._files.written(digest) < older_than}
                for digest, *_ in chain(reader.each(sql.NAMED), reader.each(sql.PURGED_DIGESTS)) if files else ():
                    files.discard(digest)
            return _Unnamed(0 if head is None else head[0], inline, sorted(files))
        finally:
            reader.close()

    def _remove_file(self, older_than: int, _: SqlRows, digest: str) -> int:
        # It may have been saved again, by somebody who is about to name it, or be gone.
        if not 0 < self._files.written(digest) < older_than:
            return 0
        self._files.remove(digest)
        return 1


@dataclass(frozen=True, slots=True)
class _Unnamed:
    """What came before some time, and was named by nothing when the log ended with `seen`."""

    seen: int
    inline: Sequence[str]
    files: Sequence[str]


def _remove(digests: Sequence[str], seen: int, remove: Callable[[SqlRows, str], int], rows: SqlRows) -> int:
    """Remove those that nothing has begun to name since; nothing can while this transaction lasts."""
    since = {digest for row in rows.execute(sql.NAMED_SINCE, (seen,)) for digest in row}
    return sum(remove(rows, digest) for digest in digests if digest not in since)


def _remove_row(rows: SqlRows, digest: str) -> int:
    rows.execute(sql.DROP_CONTENT, (digest,))
    return 1


def _inline(reader: Reader, blob: Blob) -> bytes:
    row = reader.row(sql.CONTENT, (blob.digest,))
    if row is None:
        raise Damaged(f"The content {blob.digest} is missing.")
    return bytes(row[0])
