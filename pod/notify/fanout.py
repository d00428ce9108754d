"""One change told to many at once: what is the same for all who listen as one agent is done once for them.

Permission is asked at the moment of sending here too: between the answer and the last byte for those whom it
was asked for, nothing is waited for.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence

from pod import events
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.notify.feed import Activity, Message
from pod.notify.listening import Listener

Compose = Callable[[Agent, Activity, str, Uri], Awaitable[tuple[Message, str] | None]]
"""The message about the activity, as the agent may know of it at this moment; None if it may not."""
TOGETHER = 50
"""So many are told for one question; in between others have their turn, and permission is asked anew."""


class Fanout:
    """Tells listeners that wait for the same."""

    def __init__(self, compose: Compose, clock: Callable[[], int]) -> None:
        self._compose = compose
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, activity: Activity, listeners: Iterable[Listener]) -> None:
        """Have all of them told, each of which has let the activity wait."""
        crowds: dict[tuple[Agent, str, Uri], list[Listener]] = {}
        for one in listeners:
            crowds.setdefault((one.agent, one.media_type, one.topic), []).append(one)
        for crowd in crowds.values():
            task = asyncio.get_running_loop().create_task(self._serve(activity, crowd))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Tell nobody more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _serve(self, activity: Activity, crowd: Sequence[Listener]) -> None:
        one = crowd[0]
        try:
            for start in range(0, len(crowd), TOGETHER):
                if start:
                    await asyncio.sleep(0)
                told = await self._compose(one.agent, activity, one.media_type, one.topic)
                now = self._clock()
                for listener in crowd[start : start + TOGETHER]:
                    _give(listener, activity, told, now)
        except Exception as error:  # noqa: BLE001 - each of them tries again on its own, and is ended if that fails
            events.failed("channel", error)
            for listener in crowd:
                listener.wake()


def _give(listener: Listener, activity: Activity, told: tuple[Message, str] | None, now: int) -> None:
    """Send it if that can be done at once, and nothing else has to come before."""
    if listener.pending and listener.pending[0] is activity and _is_plain(listener, activity, now):
        assert listener.direct is not None  # else it is not told in a crowd
        if told is None or listener.direct(*told):
            listener.pending.popleft()
            if not listener.pending:
                listener.pending = None
    if listener.pending or listener.doubted:
        listener.wake()


def _is_plain(listener: Listener, activity: Activity, now: int) -> bool:
    is_over = listener.ended is not None or (listener.end is not None and now >= listener.end)
    return not is_over and not listener.doubted and activity.time >= listener.start
