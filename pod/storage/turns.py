"""Writers to one resource take turns in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pod.model.resource import Uri


class Turns:
    """A queue for each URI that somebody writes to."""

    def __init__(self) -> None:
        self._locks: dict[Uri, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, uri: Uri) -> AsyncIterator[None]:
        """Hold the URI; who comes later waits, in order of arrival."""
        lock, waiting = self._locks.get(uri, (asyncio.Lock(), 0))
        self._locks[uri] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            _, waiting = self._locks[uri]
            if waiting == 1:
                del self._locks[uri]
            else:
                self._locks[uri] = (lock, waiting - 1)
