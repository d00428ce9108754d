"""Writers to one resource take turns in this process."""

import asyncio

from pod.model.resource import Uri


class _Queue:
    """Those who write to one URI, or wait to do so."""

    __slots__ = ("length", "lock")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.length = 0


class Turns:
    """A queue for each URI that somebody writes to."""

    def __init__(self) -> None:
        self._queues: dict[Uri, _Queue] = {}

    def turn(self, uri: Uri) -> "Turn":
        """Hold the URI; who comes later waits, in order of arrival."""
        return Turn(self._queues, uri)


class Turn:
    """To be entered once; a class, since a generator would take longer than most turns."""

    __slots__ = ("_queue", "_queues", "_uri")

    def __init__(self, queues: dict[Uri, _Queue], uri: Uri) -> None:
        self._queues = queues
        self._uri = uri

    async def __aenter__(self) -> None:
        self._queue = self._queues.setdefault(self._uri, _Queue())
        self._queue.length += 1
        try:
            await self._queue.lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._queue.lock.release()
        self._leave()

    def _leave(self) -> None:
        self._queue.length -= 1
        if not self._queue.length:
            del self._queues[self._uri]
