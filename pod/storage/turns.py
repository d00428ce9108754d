"""Writers to one resource, or to one record, take turns in this process."""

import asyncio


class _Queue:
    """Those who write to one thing, or wait to do so."""

    __slots__ = ("length", "lock")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.length = 0


class Turns:
    """A queue for each URI or key that somebody writes to."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}

    def turn(self, key: str) -> "Turn":
        """Hold what has this key; who comes later waits, in order of arrival."""
        return Turn(self._queues, key)


class Turn:
    """To be entered once; a class, since a generator would take longer than most turns."""

    __slots__ = ("_key", "_queue", "_queues")

    def __init__(self, queues: dict[str, _Queue], key: str) -> None:
        self._queues = queues
        self._key = key

    async def __aenter__(self) -> None:
        self._queue = self._queues.setdefault(self._key, _Queue())
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
            del self._queues[self._key]
