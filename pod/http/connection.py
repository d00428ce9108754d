"""A client's connection: the bounds that uvicorn leaves open.

While a handler works on a request, it limits what it reads itself (`pod.http.body`). In between,
before the first request and from each answer to the next, only this class waits for the client.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from pod.http.request import ARRIVED

EXTENSION = "pod.connection"
"""The name under which applications find the connection among the extensions of ASGI."""
HEAD_LIMIT = 64 * 1024
"""Bytes of a request line with its headers: enough for any token and proof, too little to fill the memory."""


class Connection(HttpToolsProtocol):
    """Reads requests; refuses heads that are malformed or too large, and does not wait for them for ever."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # Any: uvicorn says no more of the state of an application
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        patience: float,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._patience = patience
        self._waiting: asyncio.TimerHandle | None = None
        self._silent = 0
        """Bytes read since a head or a piece of content was last whole."""
        self._again = False
        """Whether a head is read that was answered before."""
        self._refused = False
        self.ending: Callable[[], None] | None = None
        """Ends the answer that is under way, which would not end by itself; called when the server ends."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A client is there, and should say something."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """More bytes, of which those that are not content may be only so many: heads, trailers, sizes of chunks."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        self._silent += len(data)
        try:
            while data:
                data = self._rest(data)
        except httptools.HttpParserError:
            self.send_400_response("")
            return
        if self._silent > HEAD_LIMIT:
            self._refuse(431, "Too large", f"The request line and headers can have at most {HEAD_LIMIT} bytes.")

    def _rest(self, data: bytes) -> bytes:
        """Read the data, but for the rest after a request that offers to speak another protocol.

        An offer other than a WebSocket is passed over (RFC 9110, 7.8). The parser however takes it for accepted: the
        content of such a request would be read as the next one. So it gets another head, from which
        it learns how the content ends.
        """
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            if self._should_upgrade():
                self._stop_waiting()
                self.handle_websocket_upgrade()
                return b""
            framing = [
                b"%b: %b\r\n" % header
                for header in self.headers
                if header[0] in {b"content-length", b"transfer-encoding"}
            ]
            self._again = True
            self.parser.feed_data(b"PUT / HTTP/1.1\r\n%b\r\n" % b"".join(framing))
            return data[offer.args[0] :]
        return b""

    def on_headers_complete(self) -> None:
        """A head has ended."""
        self._silent = 0
        if self._again:
            self._again = False
            return
        self._stop_waiting()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            # RFC 9112, 3.2. What is raised here comes out of the parser as an error of the request.
            raise ValueError("a request names one host")
        # A stream must know when its client takes nothing more.
        self.scope["extensions"] = {EXTENSION: self}  # type: ignore[dict-item]  # ours
        super().on_headers_complete()

    async def ready(self) -> None:
        """Return when something that is sent is written at once."""
        if self.flow.write_paused:
            await self.flow.drain()

    def abort(self) -> None:
        """End the connection, whether or not the client takes what was sent."""
        self.transport.abort()

    def on_body(self, body: bytes) -> None:
        """A piece of content has come."""
        self._silent = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The content has ended."""
        if not self.parser.should_upgrade():
            self.cycle.scope["extensions"][ARRIVED] = {}
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is sent; what the client sends of the content that nobody read is thrown away, for a while."""
        self.ending = None
        another_waits = bool(self.pipeline)
        super().on_response_complete()
        if not another_waits and not self.transport.is_closing():
            self._wait()

    def shutdown(self) -> None:
        """The server ends."""
        if self.ending is not None:
            self.ending()
        if self._refused:
            self.transport.close()
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words tell nothing
        """What came is no HTTP, or HTTP that two readers could understand differently."""
        self._refuse(400, "The request cannot be understood", "The request is not well-formed HTTP/1.1.")

    def _refuse(self, status: int, title: str, detail: str) -> None:
        """Say so, and take nothing more."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started or self.pipeline:
                # In the middle of another answer nothing can be said.
                self.transport.close()
                return
        facts = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        body = json.dumps(facts).encode()
        head = (
            f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        # A client that still sends would not get the answer if the connection were closed (RFC 9112, 9.6).
        self.transport.write_eof()
        self._refused = True
        self.flow.resume_reading()
        self._wait()

    def _wait(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(self._patience, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
