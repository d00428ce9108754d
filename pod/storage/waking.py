"""How processes that follow one log wake each other, so that none has to look again and again.

Each has a named pipe in a directory beside the database, and whoever commits writes a byte into the pipes of the
others. What a byte tells can always be found out otherwise, so that one that is lost costs time and nothing else.
"""

import asyncio
import contextlib
import errno
import os
import secrets
from pathlib import Path

_NEW = ".new"
_GONE = {errno.ENXIO, errno.ENOENT, errno.EPIPE}
"""Nobody reads the pipe any longer, or it was removed."""


class Bell:
    """Rings in every process that has opened one on the same directory, and hears the others.

    Nobody is heard before the first call of `heard`: a command that only writes has no pipe.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path: Path | None = None
        self._reading = -1
        self._others: dict[str, int] = {}
        """Pipes of others that are open for writing, by name."""
        self._seen = -1
        """When the directory changed last, as far as was seen."""
        self._news: asyncio.Future[None] | None = None
        self._ringing = False
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """Say that there is news; several times in one turn of the event loop say it once."""
        if not self._ringing:
            self._ringing = True
            asyncio.get_running_loop().call_soon(self._ring)

    def _ring(self) -> None:
        self._ringing = False
        self._wake()
        if self._closed:
            return
        self._look()
        for name, pipe in list(self._others.items()):
            try:
                os.write(pipe, b"!")
            except BlockingIOError:
                pass  # so much was written that it wakes anyway
            except OSError as error:
                if error.errno not in _GONE:
                    raise
                self._forget(name)

    def _look(self) -> None:
        """Open the pipes of those that came since, and remove those that nobody reads."""
        try:
            changed = self._directory.stat().st_mtime_ns
            if changed == self._seen:
                return
            self._seen = changed
            found = {one.name for one in self._directory.iterdir() if one.suffix != _NEW}
        except FileNotFoundError:
            return
        for name in self._others.keys() - found:
            self._forget(name)
        for name in found - self._others.keys():
            path = self._directory / name
            if path != self._path:
                self._open(name, path)

    def _open(self, name: str, path: Path) -> None:
        try:
            self._others[name] = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno not in _GONE:
                raise
            path.unlink(missing_ok=True)

    def _forget(self, name: str) -> None:
        os.close(self._others.pop(name))
        (self._directory / name).unlink(missing_ok=True)

    async def heard(self, patience: float) -> None:
        """Return when somebody rings, or after so many seconds."""
        self._listen()
        if self._news is None:
            self._news = asyncio.get_running_loop().create_future()
        await asyncio.wait((self._news,), timeout=patience)

    def _listen(self) -> None:
        if self._path is not None:
            return
        self._directory.mkdir(mode=0o700, exist_ok=True)
        path = self._directory / secrets.token_hex(8)
        # Under its name it is read from the first moment, so that nobody takes it for one that is left over.
        hidden = path.with_name(path.name + _NEW)
        os.mkfifo(hidden, 0o600)
        # Open for writing as well, so that it does not end when the last of the others goes.
        self._reading = os.open(hidden, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        hidden.rename(path)
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reading, self._hear)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._reading, 65536)
        self._wake()

    def _wake(self) -> None:
        if self._news is not None:
            if not self._news.done():
                self._news.set_result(None)
            self._news = None

    def close(self) -> None:
        """Hear nothing more, and ring no more."""
        self._closed = True
        if self._loop is not None and self._path is not None:
            self._loop.remove_reader(self._reading)
            os.close(self._reading)
            self._path.unlink(missing_ok=True)
            self._path = None
        for name in list(self._others):
            os.close(self._others.pop(name))
