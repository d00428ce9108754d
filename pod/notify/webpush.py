"""WebPushChannel2023: messages to browsers that are closed, by the push services of their makers.

The content is encrypted for the browser (RFC 8291), so that the service learns only that there is something;
who sends proves it by VAPID (RFC 8292).
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from pod.errors import Unprocessable
from pod.fetch import Fetcher
from pod.notify import feed
from pod.notify.cursors import FAMILY
from pod.notify.feed import Message
from pod.notify.subscriptions import Subscription, Wish
from pod.notify.webhook import require_taken
from pod.storage.ports import Records

KEY = "vapid-key"
VOCABULARY = "https://purl.org/solid-web-push/vocab#"
SECOND = 1_000_000
VALID = 12 * 3600
"""Seconds for which the proof of who sends is valid; a push service takes a day at most."""
KEPT = 24 * 3600
"""Seconds for which a push service shall keep a message for a browser that is off."""
LARGEST = 3900
"""Bytes of a message that every push service takes."""
_CURVE = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Vapid:
    """The key by which push services know this server."""

    key: ec.EllipticCurvePrivateKey

    @property
    def public(self) -> str:
        """The public key, as a browser is given it to subscribe."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return _encoded(point)

    def authorization(self, url: str, subject: str, now: int) -> str:
        """The header that proves who sends to the URL; `subject` is where its operator is found."""
        parts = urlsplit(url)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now + VALID, "sub": subject}
        numbers = self.key.private_numbers()
        public = numbers.public_numbers
        key = ECKey.import_key(
            {
                "kty": "EC",
                "crv": "P-256",
                "x": _encoded(public.x.to_bytes(32)),
                "y": _encoded(public.y.to_bytes(32)),
                "d": _encoded(numbers.private_value.to_bytes(32)),
            }
        )
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, key)
        return f"vapid t={token}, k={self.public}"


async def vapid(records: Records) -> Vapid:
    """The key of this server; all workers share the one that the first of them makes."""
    made = ec.generate_private_key(_CURVE).private_numbers().private_value
    await records.replace(FAMILY, KEY, None, made.to_bytes(32))
    kept = await records.get(FAMILY, KEY)
    assert kept is not None  # it is never removed
    return Vapid(ec.derive_private_key(int.from_bytes(kept), _CURVE))


def require_keys(wish: Wish) -> None:
    """Raise Unprocessable unless the keys are those of a browser (wp-keys)."""
    try:
        point, secret = _decoded(wish.p256dh or ""), _decoded(wish.auth or "")
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except (ValueError, binascii.Error):
        secret = b""
    if len(secret) != 16:
        raise Unprocessable("The request must have the keys auth and p256dh that the browser gave.")


@dataclass(frozen=True, slots=True)
class WebPush:
    """Sends messages to push services."""

    fetcher: Fetcher
    vapid: Callable[[], Awaitable[Vapid]]
    clock: Callable[[], int]
    subject: str
    """Where the operator of this server is found."""

    async def deliver(self, subscription: Subscription, message: Message, text: str) -> None:
        """Send the message; Unreachable unless it was taken, NotFound when the browser has unsubscribed."""
        wish = subscription.wish
        assert wish.send_to is not None  # it was asked for
        content = text.encode()
        if len(content) > LARGEST:
            content = json.dumps({"@context": feed.CONTEXT, "id": message.id, "type": message.verb}).encode()
        proof = (await self.vapid()).authorization(wish.send_to, self.subject, self.clock() // SECOND)
        headers = {
            "authorization": proof,
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(KEPT),
        }
        status = await self.fetcher.post(wish.send_to, headers, encrypted(wish, content))
        require_taken(wish.send_to, status)


def encrypted(wish: Wish, content: bytes) -> bytes:
    """The content as only the browser can read it."""
    found: bytes = http_ece.encrypt(
        content,
        private_key=ec.generate_private_key(_CURVE),
        dh=_decoded(wish.p256dh or ""),
        auth_secret=_decoded(wish.auth or ""),
        version="aes128gcm",
    )
    return found


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
