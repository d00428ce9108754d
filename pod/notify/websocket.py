"""WebSockets: WebSocketChannel2023, and the protocol of older apps, `solid-0.1`.

A socket that hears nothing has one task, which waits for its end; what sends lives only while it sends.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pod import events
from pod.errors import PodError, Throttled
from pod.http import problem
from pod.http.connection import EXTENSION
from pod.http.request import Message as Frame
from pod.http.request import Receive, Request, Response, Send
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.notify.feed import Message
from pod.notify.hub import Hub
from pod.notify.listening import Ending, Listener, Opened
from pod.notify.seats import Who
from pod.resources import Resources

CODES = {
    Ending.REVOKED: 4403,
    Ending.EXPIRED: 4401,
    Ending.SLOW: 1013,
    Ending.REMOVED: 1000,
    Ending.STOPPED: 1012,
    Ending.GONE: 1000,
}
"""The codes by which sockets are closed; those above 4000 are like statuses of HTTP."""
LEGACY = "solid-0.1"
LEGACY_TOPICS = 500
"""How many resources one socket of the older protocol may ask for."""
TOPICS_PER_SEAT = 50
"""Beyond so many it counts as one more client that listens."""

Direct = Callable[[Message, str], bool]


class Outlet:
    """Sends one listener what it is told, in a task that lives while there is something."""

    __slots__ = ("_close", "_closed", "_direct", "_hub", "_listener", "_send", "_task")

    def __init__(
        self,
        hub: Hub,
        listener: Listener,
        send: Callable[[Message, str], Awaitable[None]],
        close: Callable[[Ending], Awaitable[None]],
        direct: Direct | None = None,
    ) -> None:
        """`direct` sends as `send` does, where that can be done without waiting."""
        self._hub = hub
        self._listener = listener
        self._send = send
        self._close = close
        self._closed = False
        self._task: asyncio.Task[None] | None = None
        self._direct = direct
        listener.wake = self.wake
        listener.direct = None if direct is None else self.tell

    def tell(self, message: Message, text: str) -> bool:
        """Send it without waiting; False, and nothing is sent, when something else comes before it."""
        return self._task is None and not self._closed and self._direct is not None and self._direct(message, text)

    def wake(self) -> None:
        """Send what there is, unless that is under way."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while (told := await self._hub.take(self._listener)) is not None:
                await self._send(*told)
            if self._listener.ended is not None and not self._closed:
                self._closed = True
                await self._close(self._listener.ended)
        except OSError:
            # ASGI: the client has gone away.
            self._listener.abort()
        except Exception as error:  # noqa: BLE001 - the client connects anew and goes on after the last message
            events.failed("channel", error)
            self._listener.abort()
        finally:
            self._task = None

    async def stop(self) -> None:
        """Send nothing more."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task


@dataclass(slots=True)
class Socket:
    """A WebSocket, as ASGI has it, that was asked for and is not accepted yet."""

    scope: Frame
    receive: Receive
    send: Send

    @property
    def request(self) -> Request:
        """The request that asked for it."""
        return Request({"method": "GET", **self.scope}, self.receive)

    async def accept(self, *known: str) -> None:
        """Accept it, with a protocol that the client offers: browsers close a socket that has none of them."""
        offered: list[str] = self.scope.get("subprotocols") or []
        chosen = next((one for one in known if one in offered), offered[0] if offered else None)
        await self.send({"type": "websocket.accept", "subprotocol": chosen})

    async def refuse(self, error: Exception) -> None:
        """Answer with the problem, as to any other request."""
        response = problem.respond(error, self.request)
        await self._answer(response)

    async def _answer(self, response: Response) -> None:
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            await self.send({"type": "websocket.close", "code": 1008})
            return
        start = {"type": "websocket.http.response.start", "status": response.status, "headers": response.headers}
        await self.send(start)
        await self.send({"type": "websocket.http.response.body", "body": response.body})

    async def text(self) -> str | None:
        """The next text that the client sends; None once it is gone."""
        while True:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                return None
            if message.get("text") is not None:
                return str(message["text"])

    async def say(self, text: str) -> None:
        """Send a text."""
        await self.send({"type": "websocket.send", "text": text})

    async def close(self, ending: Ending) -> None:
        """End it, and say why."""
        await self.send({"type": "websocket.close", "code": CODES[ending], "reason": ending})

    @property
    def at_once(self) -> Callable[[str], bool] | None:
        """Sends a text without waiting; False, and nothing is sent, when the client takes none just now."""
        connection = (self.scope.get("extensions") or {}).get(EXTENSION)
        return None if connection is None else connection.tell

    def attach(self, listener: Listener) -> None:
        """Let the listener feel how fast the client takes what it is sent."""
        connection = (self.scope.get("extensions") or {}).get(EXTENSION)
        if connection is not None:
            listener.ready, listener.abort = connection.ready, connection.abort


async def serve(socket: Socket, hub: Hub, opened: Opened) -> None:
    """Tell the listener by the socket, until either ends; a client that says something is not listened to."""
    listener = opened.listener
    hub.admit(listener)

    async def told(_message: Message, text: str) -> None:
        await socket.say(text)

    at_once = socket.at_once
    direct = None if at_once is None else lambda _message, text: at_once(text)
    outlet = Outlet(hub, listener, told, socket.close, direct)
    socket.attach(listener)
    try:
        await socket.accept()
        await hub.join(listener, opened.after, opened.state)
        while await socket.text() is not None:
            pass
    finally:
        hub.leave(listener)
        await outlet.stop()


@dataclass(slots=True)
class Legacy:
    """One socket of the protocol `solid-0.1`: the client says what it wants to hear of, and hears that it changed."""

    socket: Socket
    hub: Hub
    resources: Resources
    agent: Agent
    resolve: Callable[[str], Uri]
    end: int | None
    peer: str
    """What the client's address is counted under."""
    _listeners: dict[Uri, tuple[Listener, Outlet]] = field(default_factory=dict)

    async def serve(self) -> None:
        """Do what the client says until one of both ends it; Throttled, and not accepted, when there are too many."""
        # The socket itself takes a seat, whether or not it ever asks for something.
        seat = self.hub.seats.take(Who.of(self.agent, self.peer))
        try:
            await self.socket.accept(LEGACY)
            await self.socket.say(f"protocol {LEGACY}")
            while (line := await self.socket.text()) is not None:
                word, _, rest = line.strip().partition(" ")
                if word == "sub":
                    await self._subscribe(rest)
                elif word == "unsub":
                    await self._unsubscribe(rest)
                elif word != "ping":
                    await self.socket.say(f"err {rest} unknown command")
        finally:
            self.hub.seats.give_back(seat)
            for listener, outlet in self._listeners.values():
                self.hub.leave(listener)
                await outlet.stop()

    async def _subscribe(self, wished: str) -> None:
        try:
            topic = self.resolve(wished)
            await self.resources.require_reader(self.agent, topic)
            if topic not in self._listeners:
                await self._listen(wished, topic)
        except PodError as error:
            await self.socket.say(f"err {wished} {error.message}")
            return
        await self.socket.say(f"ack {wished}")

    async def _listen(self, wished: str, topic: Uri) -> None:
        if len(self._listeners) >= LEGACY_TOPICS:
            raise Throttled(f"One socket hears of {LEGACY_TOPICS} resources at most; open another.", 10)
        listener = Listener(self.agent, topic, end=self.end, peer=self.peer)
        self.socket.attach(listener)

        async def told(_message: Message, _text: str) -> None:
            await self.socket.say(f"pub {wished}")

        async def close(ending: Ending) -> None:
            if ending is Ending.REVOKED:
                await self._unsubscribe(wished, f"err {wished} {ending}")
            else:
                await self.socket.close(ending)

        count = len(self._listeners)
        self.hub.admit(listener, sharing=count == 0 or count % TOPICS_PER_SEAT != 0)
        at_once, said = self.socket.at_once, f"pub {wished}"
        direct = None if at_once is None else lambda _message, _text: at_once(said)
        self._listeners[topic] = (listener, Outlet(self.hub, listener, told, close, direct))
        await self.hub.join(listener)

    async def _unsubscribe(self, wished: str, said: str | None = None) -> None:
        topic = self.resolve(wished)
        if topic in self._listeners:
            listener, outlet = self._listeners.pop(topic)
            self.hub.leave(listener)
            if said is not None:
                await self.socket.say(said)
            else:
                await outlet.stop()
