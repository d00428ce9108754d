"""A ZIP archive as a stream: written once from start to end, in constant memory, however much it holds.

Python's own module keeps a record of each member until the end. Here the directory that
closes an archive waits in a temporary file instead. All numbers are of ZIP64.
"""

import asyncio
import struct
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import IO, Self

IN_MEMORY = 1024 * 1024
"""Bytes of the directory beyond which it is in a file."""
PIECE = 64 * 1024
AT_ONCE = 16 * 1024
"""Bytes that are packed sooner than they are handed to a thread."""
_VERSION, _UNIX = 45, 3 << 8
_UTF_8, _SIZES_FOLLOW = 0x0800, 0x0008
_STORED, _DEFLATED = 0, 8
_MOST = 0xFFFFFFFF
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_DESCRIPTOR = struct.Struct("<IIQQ")
_END = struct.Struct("<IQHHIIQQQQIIQIIHHHHIIH")


class Zip:
    """Makes the pieces of an archive, in the order in which they must be sent."""

    def __init__(self) -> None:
        # Which stays open until the archive is closed.
        self._directory: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - see above
        self._position = 0
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._directory.close()

    async def member(self, name: str, time: datetime, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces of a file."""
        encoded, begun, size, crc = name.encode(), self._position, 0, 0
        shared = (_VERSION, _UTF_8 | _SIZES_FOLLOW, _DEFLATED, *_dos(time))
        extra = struct.pack("<HHQQ", 1, 16, 0, 0)
        yield self._sent(_LOCAL.pack(0x04034B50, *shared, 0, _MOST, _MOST, len(encoded), len(extra)) + encoded + extra)
        deflate, first = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS), self._position
        async for chunk in content:
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
            yield self._sent(await _worked(deflate, chunk))
        yield self._sent(deflate.flush())
        packed = self._position - first
        yield self._sent(_DESCRIPTOR.pack(0x08074B50, crc, packed, size))
        self._list(encoded, shared, (crc, size, packed), begun)

    def folder(self, name: str, time: datetime) -> bytes:
        """The piece for a folder; its name ends in a slash."""
        encoded, begun = name.encode(), self._position
        shared = (_VERSION, _UTF_8, _STORED, *_dos(time))
        self._list(encoded, shared, (0, 0, 0), begun)
        return self._sent(_LOCAL.pack(0x04034B50, *shared, 0, 0, 0, len(encoded), 0) + encoded)

    def _list(self, name: bytes, shared: tuple[int, ...], measures: tuple[int, int, int], begun: int) -> None:
        """Note a member in the directory, with checksum, size, packed size and position."""
        crc, size, packed = measures
        self._count += 1
        extra = struct.pack("<HHQQQ", 1, 24, size, packed, begun)
        attributes = 0o40700 << 16 | 0x10 if name.endswith(b"/") else 0o100600 << 16
        lengths = (len(name), len(extra), 0, 0, 0)
        entry = _CENTRAL.pack(0x02014B50, _UNIX | _VERSION, *shared, crc, _MOST, _MOST, *lengths, attributes, _MOST)
        self._directory.write(entry + name + extra)

    def end(self) -> Iterator[bytes]:
        """The last pieces: the directory of all members."""
        begun, size = self._position, self._directory.tell()
        self._directory.seek(0)
        while piece := self._directory.read(PIECE):
            yield self._sent(piece)
        locator = self._position
        yield _END.pack(
            0x06064B50, 44, _VERSION, _VERSION, 0, 0, self._count, self._count, size, begun,
            0x07064B50, 0, locator, 1,
            0x06054B50, 0, 0, 0xFFFF, 0xFFFF, _MOST, _MOST, 0,
        )  # fmt: skip

    def _sent(self, piece: bytes) -> bytes:
        self._position += len(piece)
        return piece


async def _worked(deflate: "zlib._Compress", chunk: bytes) -> bytes:
    """The chunk, packed; in a thread when that takes a while."""
    return deflate.compress(chunk) if len(chunk) < AT_ONCE else await asyncio.to_thread(deflate.compress, chunk)


def _dos(time: datetime) -> tuple[int, int]:
    """Time and date as this format has them, which begins in 1980 and counts two seconds at a time."""
    year = max(0, time.year - 1980)
    return time.hour << 11 | time.minute << 5 | time.second // 2, year << 9 | time.month << 5 | time.day
