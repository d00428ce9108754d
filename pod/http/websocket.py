"""A client's WebSocket: what the application needs of it that ASGI has no words for."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

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

    def abort(self) -> None:
        """End the connection, whether or not the client takes what was sent."""
        self.transport.abort()
