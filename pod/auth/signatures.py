"""Signatures that wait together are checked together, beside the event loop.

To check one takes longer than to find a small document, and needs the interpreter only to
begin and to end. So where many wait a thread checks them, while requests go on being answered.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pod.auth.keys import Key

FEW = 3
"""So many are checked at once where they are: to hand them over would take longer."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A signature, and who waits to learn whether it is right."""

    key: Key
    signed: bytes
    signature: bytes
    algorithm: str
    done: asyncio.Future[None]

    def fault(self) -> Exception | None:
        """What the check raises."""
        try:
            self.key.verify(self.signed, self.signature, self.algorithm)
        except Exception as error:  # noqa: BLE001 - handed to who waits, and to nobody else
            return error
        return None


class Signatures:
    """Checks the signatures of one event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "verify")
        self._waiting: list[_Waiting] = []
        self._running: asyncio.Task[None] | None = None

    async def verify(self, key: Key, signed: bytes, signature: bytes, algorithm: str) -> None:
        """Raise KeyFault unless the signature is right."""
        loop = asyncio.get_running_loop()
        one = _Waiting(key, signed, signature, algorithm, loop.create_future())
        self._waiting.append(one)
        if self._running is None:
            # It begins after all that is ready to run, so that their signatures wait as well.
            self._running = loop.create_task(self._drain())
        await one.done

    async def _drain(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                for one, fault in zip(batch, await self._faults(batch), strict=True):
                    if one.done.done():
                        continue
                    if fault is None:
                        one.done.set_result(None)
                    else:
                        one.done.set_exception(fault)
        finally:
            self._running = None
            # Only when the event loop stops is anyone left: nobody may wait for ever.
            for one in (*batch, *self._waiting):
                one.done.cancel()
            self._waiting = []

    async def _faults(self, batch: Sequence[_Waiting]) -> list[Exception | None]:
        if len(batch) <= FEW:
            return _faults(batch)
        return await asyncio.get_running_loop().run_in_executor(self._thread, _faults, batch)


def _faults(batch: Sequence[_Waiting]) -> list[Exception | None]:
    return [one.fault() for one in batch]
