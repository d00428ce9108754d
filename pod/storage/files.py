"""Large blobs as files named by their digest."""

import asyncio
import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from pod.errors import Damaged, PodError, StorageFull
from pod.model.resource import Blob

PIECE = 256 * 1024
BATCH = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _refusal(error: OSError) -> PodError:
    if error.errno in _FULL:
        return StorageFull("There is no room to keep this.")
    return Damaged("The storage could not be written or read.")


class Files:
    """A directory of blobs: `blobs/ab/abcdef…`; what is under way is in `blobs/new/`.

    A blob is written under a temporary name, synchronised, and then renamed, so that a name
    always stands for whole content, also after a crash.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._new = directory / "new"
        self._new.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        """Where the blob is, or would be."""
        return self._directory / digest[:2] / digest

    async def save(self, first: bytes, chunks: AsyncIterator[bytes]) -> Blob:
        """Keep `first` and then the chunks, durably; memory holds one batch at a time."""
        temporary = self._new / secrets.token_hex(16)
        try:
            return await self._write(temporary, first, chunks)
        except OSError as error:
            raise _refusal(error) from error
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()

    async def _write(self, temporary: Path, first: bytes, chunks: AsyncIterator[bytes]) -> Blob:
        digest, size, batch = hashlib.sha256(), 0, bytearray(first)
        file = await asyncio.to_thread(_create, temporary)
        try:
            async for chunk in chunks:
                batch += chunk
                if len(batch) >= BATCH:
                    size += len(batch)
                    await asyncio.to_thread(_append, file, digest, batch)
                    batch = bytearray()
            size += len(batch)
            await asyncio.to_thread(_append, file, digest, batch)
            await asyncio.to_thread(os.fsync, file)
        finally:
            os.close(file)
        name = digest.hexdigest()
        await asyncio.to_thread(self._rename, temporary, name)
        return Blob(name, size)

    def _rename(self, temporary: Path, digest: str) -> None:
        path = self.path(digest)
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_directory(self._directory)
        temporary.rename(path)
        _sync_directory(path.parent)

    async def stream(self, blob: Blob, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, in pieces."""
        try:
            file = await asyncio.to_thread(os.open, self.path(blob.digest), os.O_RDONLY)
        except OSError as error:
            raise Damaged(f"The blob {blob.digest} is missing.") from error
        try:
            while start < end:
                piece = await asyncio.to_thread(os.pread, file, min(PIECE, end - start), start)
                if not piece:
                    raise Damaged(f"The blob {blob.digest} is too short.")
                start += len(piece)
                yield piece
        finally:
            os.close(file)

    def read(self, blob: Blob) -> bytes:
        """The whole content."""
        try:
            content = self.path(blob.digest).read_bytes()
        except OSError as error:
            raise Damaged(f"The blob {blob.digest} is missing.") from error
        if len(content) != blob.size:
            raise Damaged(f"The blob {blob.digest} has another size than it must have.")
        return content

    def digests(self) -> Iterator[str]:
        """The name of every file that is kept, whatever it holds."""
        for folder in sorted(self._directory.iterdir()):
            if folder != self._new and folder.is_dir():
                yield from sorted(file.name for file in folder.iterdir())

    def measured(self, digest: str) -> str:
        """The digest that the file's content really has."""
        with self.path(digest).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def temporaries(self) -> list[Path]:
        """What uploads left behind, or are writing right now."""
        return sorted(self._new.iterdir())

    def age(self, path: Path) -> int:
        """When the file was last written, in microseconds since 1970."""
        return path.stat().st_mtime_ns // 1000


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _append(file: int, digest: "hashlib._Hash", batch: bytearray) -> None:
    digest.update(batch)
    rest = memoryview(batch)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync_directory(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
