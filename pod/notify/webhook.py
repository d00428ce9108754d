"""Messages sent to a URL: WebhookChannel2023, and LDNChannel2023, whose URL is an inbox."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from pod.errors import NotFound, Unreachable
from pod.fetch import Fetcher
from pod.notify.feed import Message
from pod.notify.signing import Signer
from pod.notify.subscriptions import Subscription

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Sends messages, signed by the server (wh-sender-auth, ldnch-sender-identify)."""

    fetcher: Fetcher
    signer: Callable[[], Awaitable[Signer]]
    clock: Callable[[], int]

    async def deliver(self, subscription: Subscription, _message: Message, text: str) -> None:
        """POST the message; Unreachable unless it was taken."""
        wish, content = subscription.wish, text.encode()
        assert wish.send_to is not None  # it was asked for
        signer = await self.signer()
        now = self.clock() // SECOND
        headers = signer.headers("POST", wish.send_to, wish.accept, content, now)
        require_taken(wish.send_to, await self.fetcher.post(wish.send_to, headers, content))


def require_taken(url: str, status: int) -> None:
    """Raise Unreachable unless the status says that the message was taken; NotFound if nobody wants any there."""
    host = urlsplit(url).hostname or "The host"
    if status == 410:
        raise NotFound(f"{host} wants no more messages.")
    if not 200 <= status < 300:
        raise Unreachable(f"{host} answered with the status {status}.")
