"""Large blobs as files named by their digest."""

import asyncio
import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pod.errors import Damaged, StorageFull
from pod.model.resource import Blob

PIECE = 256 * 1024
BATCH = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

T = TypeVar("T")


class Files:
    """A directory of blobs: `blobs/ab/abcdef…`; what is under way is in `blobs/new/`.

    A blob is written under a temporary name, synchronised, and then renamed, so that a name
    always stands for whole content, also after a crash.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._new = directory / "new"
        for one in (directory, self._new):
            one.mkdir(mode=0o700, exist_ok=True)
        sync_directory(directory.parent)
        sync_directory(directory)
        self._durable: set[Path] = set()

    def _path(self, digest: str) -> Path:
        return self._directory / digest[:2] / digest

    async def save(self, first: bytes, chunks: AsyncIterator[bytes]) -> Blob:
        """Keep `first` and then the chunks, durably; memory holds one batch at a time."""
        temporary = self._new / secrets.token_hex(16)
        try:
            return await self._write(temporary, first, chunks)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()

    async def _write(self, temporary: Path, first: bytes, chunks: AsyncIterator[bytes]) -> Blob:
        digest, size, batch = hashlib.sha256(), 0, bytearray(first)
        with _writing():
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        async for chunk in chunks:
            batch += chunk
            if len(batch) >= BATCH:
                size += len(batch)
                await _in_thread(_append, temporary, digest, batch)
                batch = bytearray()
        size += len(batch)
        await _in_thread(_append, temporary, digest, batch)
        name = digest.hexdigest()
        await _in_thread(self._keep, temporary, name)
        return Blob(name, size)

    def _keep(self, temporary: Path, digest: str) -> None:
        path = self._path(digest)
        _sync(temporary)
        if path.parent not in self._durable:
            # Another process may have made it a moment ago, and not be done yet.
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_directory(self._directory)
            self._durable.add(path.parent)
        temporary.rename(path)
        sync_directory(path.parent)

    async def stream(self, blob: Blob, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, in pieces."""
        with _reading(blob):
            file = os.open(self._path(blob.digest), os.O_RDONLY)
        try:
            while start < end:
                with _reading(blob):
                    piece = await asyncio.to_thread(os.pread, file, min(PIECE, end - start), start)
                if not piece:
                    raise Damaged(f"The content {blob.digest} is too short.")
                start += len(piece)
                yield piece
        finally:
            os.close(file)

    def read(self, blob: Blob) -> bytes:
        """The whole content."""
        with _reading(blob):
            return self._path(blob.digest).read_bytes()

    def has(self, digest: str) -> bool:
        """Whether there is a file for the blob."""
        return self._path(digest).exists()

    def written(self, digest: str) -> int:
        """When the blob was last saved, in microseconds since 1970; 0 when it is not there."""
        return _written(self._path(digest))

    def measured(self, blob: Blob) -> Blob:
        """What the file of the blob really holds."""
        with _reading(blob), self._path(blob.digest).open("rb") as file:
            return Blob(hashlib.file_digest(file, "sha256").hexdigest(), file.tell())

    def digests(self) -> Iterator[str]:
        """The name of every file that is kept, whatever it holds."""
        for folder in sorted(self._directory.iterdir()):
            if folder != self._new and folder.is_dir():
                yield from sorted(file.name for file in folder.iterdir())

    def remove(self, digest: str) -> None:
        """Remove the blob, if it is there."""
        self._path(digest).unlink(missing_ok=True)

    def sync(self, digests: Iterable[str]) -> None:
        """Make it durable that these were removed."""
        for folder in {self._path(digest).parent for digest in digests}:
            sync_directory(folder)

    def leftovers(self, older_than: int) -> list[str]:
        """What uploads left behind that were cut off before `older_than` (microseconds since 1970)."""
        return sorted(path.name for path in self._new.iterdir() if 0 < _written(path) < older_than)

    def clear(self, leftover: str) -> None:
        """Remove what an upload left behind."""
        (self._new / leftover).unlink(missing_ok=True)


async def _in_thread(step: Callable[..., T], *arguments: object) -> T:
    with _writing():
        return await asyncio.to_thread(step, *arguments)


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """What goes wrong within comes out as StorageFull or Damaged."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull("There is no room to keep this.") from error
        raise Damaged("The storage could not be written.") from error


@contextlib.contextmanager
def _reading(blob: Blob) -> Iterator[None]:
    """What goes wrong within comes out as Damaged."""
    try:
        yield
    except FileNotFoundError as error:
        raise Damaged(f"The content {blob.digest} is missing.") from error
    except OSError as error:
        raise Damaged(f"The content {blob.digest} cannot be read.") from error


# An upload may be cancelled while a thread writes for it. So the thread has the file open
# for itself, lest it goes on to write where the number of a closed file leads by then.


def _append(path: Path, digest: "hashlib._Hash", batch: bytearray) -> None:
    digest.update(batch)
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        rest = memoryview(batch)
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        os.close(file)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_WRONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1000
    except FileNotFoundError:
        return 0


def sync_directory(path: Path) -> None:
    """Make what was created or renamed in the directory durable."""
    file = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
