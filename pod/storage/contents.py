"""Blobs: small ones in the database, large ones in files, what is used often in memory."""

import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from pod.cache import Cache
from pod.model.representation import Staged
from pod.model.resource import Blob
from pod.storage import sql
from pod.storage.files import PIECE, Files
from pod.storage.ports import INLINE_LIMIT, Damage
from pod.storage.sqlite import Transactions, connect

KEPT = 32 * 1024 * 1024
"""Bytes of content that stay in memory."""
RECENT = 24 * 3600 * 1_000_000
"""A blob or temporary file this young may belong to a write under way; microseconds."""


async def gather(chunks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """The content as far as INLINE_LIMIT and one chunk more, and whether that is all."""
    first = bytearray()
    async for chunk in chunks:
        first += chunk
        if len(first) > INLINE_LIMIT:
            return bytes(first), False
    return bytes(first), True


class Contents:
    """The Blobs port over a database and a directory."""

    def __init__(self, path: Path, directory: Path, transactions: Transactions) -> None:
        self._transactions = transactions
        self._reading = connect(path)
        self._files = Files(directory)
        self._kept: Cache[str, bytes] = Cache(KEPT, len)

    async def save(self, chunks: AsyncIterator[bytes]) -> Staged:
        """See Blobs."""
        first, whole = await gather(chunks)
        if not whole:
            return Staged(await self._files.save(first, chunks), None)
        return Staged(Blob(hashlib.sha256(first).hexdigest(), len(first)), first)

    async def read(self, blob: Blob) -> bytes:
        """See Blobs."""
        content = self._kept.get(blob.digest)
        if content is None:
            content = self._stored(blob)
            self._kept.put(blob.digest, content)
        return content

    def _stored(self, blob: Blob) -> bytes:
        row = self._reading.execute(sql.CONTENT, (blob.digest,)).fetchone()
        return self._files.read(blob) if row is None else bytes(row[0])

    async def stream(self, blob: Blob, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See Blobs."""
        last = blob.size if end is None else min(end, blob.size)
        if self._reading.execute(sql.CONTENT, (blob.digest,)).fetchone() is None:
            async for piece in self._files.stream(blob, start, last):
                yield piece
            return
        content = await self.read(blob)
        for offset in range(start, last, PIECE):
            yield content[offset : min(offset + PIECE, last)]

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """See Blobs."""
        execute = self._reading.execute
        named = {str(row[0]) for row in execute(sql.NAMED_DIGESTS)}
        found = []
        for digest in sorted(named):
            fault = self._fault(digest)
            if fault is not None:
                found.append(Damage(f"The content {digest} {fault}.", repaired=False))
        now = time.time_ns() // 1000
        for digest in list(self._files.digests()):
            path = self._files.path(digest)
            if digest not in named and self._files.age(path) < now - RECENT:
                found.append(self._leftover(path, f"The file {digest} belongs to nothing", repair=repair))
        for path in self._files.temporaries():
            if self._files.age(path) < now - RECENT:
                found.append(self._leftover(path, f"The file {path.name} was left by an upload", repair=repair))
        return found

    def _fault(self, digest: str) -> str | None:
        row = self._reading.execute(sql.CONTENT, (digest,)).fetchone()
        try:
            real = hashlib.sha256(row[0]).hexdigest() if row is not None else self._files.measured(digest)
        except FileNotFoundError:
            return "is missing"
        except OSError:
            return "cannot be read"
        return None if real == digest else "is not what it was"

    def _leftover(self, path: Path, what: str, *, repair: bool) -> Damage:
        if repair:
            path.unlink()
        return Damage(f"{what}.", repaired=repair)

    async def sweep(self, older_than: int) -> int:
        """See Blobs."""
        connection = self._transactions.connection
        swept = await self._transactions.run(lambda: connection.execute(sql.SWEEP, (older_than,)).rowcount)
        count = int(str(swept))
        named = {str(row[0]) for row in self._reading.execute(sql.NAMED_DIGESTS)}
        unwanted = [self._files.path(digest) for digest in self._files.digests() if digest not in named]
        for path in (*unwanted, *self._files.temporaries()):
            if self._files.age(path) < older_than:
                path.unlink()
                count += 1
        return count

    async def close(self) -> None:
        """Let go of the database."""
        self._reading.close()
