"""A client's WebSocket: what the application needs of it that ASGI has no words for."""

from functools import lru_cache

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from pod.http.connection import EXTENSION


class WebSocket(WebSocketsSansIOProtocol):
    """Tells the application when it takes more, and can be ended at once."""

    def handle_connect(self, event: Request) -> None:
        """The client asks for a WebSocket."""
        super().handle_connect(event)
        if not self.close_sent:
            # The task that was made to run the application has not begun yet.
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]  # ours

    async def ready(self) -> None:
        """Return when something that is sent is written at once."""
        await self.writable.wait()

    def tell(self, text: str) -> bool:
        """Write a text at once; False, and nothing is written, when the client takes none just now, or is going."""
        is_open = self.handshake_complete and not self.close_sent and self.conn.state is State.OPEN
        if not is_open or not self.writable.is_set() or self.transport.is_closing():
            return False
        # All of what came before is with the transport already, so that whole frames follow each other.
        self.transport.write(_frame(text))
        return True

    def abort(self) -> None:
        """End the connection, whether or not the client takes what was sent."""
        self.transport.abort()


@lru_cache(maxsize=64)
def _frame(text: str) -> bytes:
    """The text as the one frame that it is sent in, made once for however many hear it."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
