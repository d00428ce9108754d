"""Work that one process at a time does for all that share a storage.

A lock on a file: the system takes it back when the process ends, however it ends.
"""

import fcntl
import os
from pathlib import Path


class Leading:
    """The kinds of work that this process has taken on."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[str, int] = {}

    def leads(self, work: str) -> bool:
        """Whether the work is this process's; from the first time that it is, until `close`."""
        if work in self._files:
            return True
        file = os.open(self._directory / f"{work}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._files[work] = file
        return True

    def close(self) -> None:
        """Leave all of it to others."""
        while self._files:
            os.close(self._files.popitem()[1])
