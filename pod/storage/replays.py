"""What may be used once: a table in a file that all workers of a machine share.

The file is mapped into memory, so that asking costs microseconds, and survives restarts, so
that a proof cannot be used again after one. It need not survive a loss of power: by the time
a machine is up again, proofs from before have expired.
"""

import fcntl
import hashlib
import mmap
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

from pod.errors import Busy

SLOTS = 1 << 20
PROBES = 64
SWEEP_SECONDS = 60
_SLOT = struct.Struct("<12sI")


class MemoryReplays:
    """The Replays port for one process."""

    def __init__(self, now: Callable[[], float] = time.time, slots: int = SLOTS) -> None:
        self._now = now
        self._slots = slots
        self._until: dict[bytes, int] = {}
        self._swept = 0

    def first_use(self, key: bytes, until: int) -> bool:
        """See Replays."""
        now = int(self._now())
        if now > self._swept + SWEEP_SECONDS or len(self._until) >= self._slots:
            self._swept = now
            self._until = {one: end for one, end in self._until.items() if end >= now}
        if self._until.get(key, -1) >= now:
            return False
        if len(self._until) >= self._slots:
            raise _full()
        self._until[key] = until
        return True


class SharedReplays:
    """The Replays port for all processes that open the same file.

    Open addressing: a key lies in one of the PROBES slots that follow its hash; a slot whose
    time is over is free.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time, slots: int = SLOTS) -> None:
        self._now = now
        self._slots = slots
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        size = slots * _SLOT.size
        # Another worker may have begun to use the file a moment ago.
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            kept = os.fstat(self._file).st_size
            # Written, not only made longer: a page that has no room on a full disk would end the process.
            while kept < size:
                kept += os.pwrite(self._file, bytes(size - kept), kept)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        self._table = mmap.mmap(self._file, size)

    def first_use(self, key: bytes, until: int) -> bool:
        """See Replays."""
        digest = hashlib.sha256(key).digest()
        name, start = digest[:12], int.from_bytes(digest[12:20], "little")
        now = int(self._now())
        free = None
        # The lock is the process's, and this code does not yield: no two ever hold it.
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            for probe in range(PROBES):
                offset = (start + probe) % self._slots * _SLOT.size
                found, end = _SLOT.unpack_from(self._table, offset)
                if end < now:
                    free = offset if free is None else free
                    if end == 0:
                        break  # never used, so nothing lies beyond it
                elif found == name:
                    return False
            if free is None:
                raise _full()
            _SLOT.pack_into(self._table, free, name, until)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        return True

    def close(self) -> None:
        """Let go of the file."""
        self._table.close()
        os.close(self._file)


def _full() -> Busy:
    return Busy("Too many requests were proved at once; try again in a moment.")
