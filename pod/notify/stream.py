"""Streams over HTTP: EventSourceChannel2023 and StreamingHTTPChannel2023."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pod.http.request import Receive
from pod.notify.feed import Message
from pod.notify.hub import Hub
from pod.notify.listening import Ending, Listener, Opened

EVENTS = "text/event-stream"
HEARTBEAT = 25
"""Seconds of silence after which something is sent: whoever stands between must not take the stream for dead."""
RETRY = 2000
"""Milliseconds after which EventSource connects anew."""


@dataclass(frozen=True, slots=True)
class Frames:
    """How messages follow each other in a stream of a media type."""

    media_type: str

    def start(self, cursor: str) -> bytes:
        """What comes first. An event without data tells EventSource where it is, and the app nothing."""
        return f"retry: {RETRY}\nid: {cursor}\n\n".encode() if self.media_type == EVENTS else b""

    def message(self, message: Message, text: str) -> bytes:
        """One message."""
        if self.media_type == EVENTS:
            lines = "".join(f"data: {line}\n" for line in text.splitlines())
            return f"id: {message.id}\n{lines}\n".encode()
        return f"{text}\n".encode()

    def silence(self) -> bytes:
        """What means nothing."""
        return b":\n\n" if self.media_type == EVENTS else b"\n"

    def end(self, ending: Ending) -> bytes:
        """What comes last."""
        return f": {ending}\n\n".encode() if self.media_type == EVENTS else b""


async def body(hub: Hub, opened: Opened, receive: Receive, frames: Frames, cursor: str) -> AsyncIterator[bytes]:
    """What the listener, which was admitted, is told, until it ends or the client is gone."""
    listener = opened.listener
    news = asyncio.Event()
    listener.wake = news.set
    watching = asyncio.create_task(_watch(receive, listener))
    # What was missed is told while it is read, as there may be more of it than may wait.
    joining = asyncio.create_task(hub.join(listener, opened.after, opened.state))
    try:
        yield frames.start(cursor) or frames.silence()
        while True:
            news.clear()
            while (told := await hub.take(listener)) is not None:
                yield frames.message(*told)
            if listener.ended is not None:
                yield frames.end(listener.ended)
                return
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await news.wait()
            except TimeoutError:
                yield frames.silence()
    finally:
        for task in (watching, joining):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        hub.leave(listener)


async def _watch(receive: Receive, listener: Listener) -> None:
    """Notice that the client is gone, which nothing else would tell while there is nothing to send."""
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.finish(Ending.GONE)
