"""Cursors: places in the log as clients see them, and tickets: who somebody was a moment ago.

A cursor tells nobody how many changes there were, since it is encrypted; one that was made up leads
nowhere. Both are made from one secret of the server, which all workers share.
"""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from pod.errors import Unauthenticated
from pod.model.agent import Agent
from pod.notify.feed import Position
from pod.storage.ports import Records

FAMILY = "notify"
SECRET = "secret"  # noqa: S105 - the name of the record
_MARK = 0x5EED


async def shared_secret(records: Records) -> bytes:
    """The secret of this server, made at the first call by any worker."""
    await records.replace(FAMILY, SECRET, None, secrets.token_bytes(32))
    found = await records.get(FAMILY, SECRET)
    assert found is not None  # it is never removed
    return found


class Cursors:
    """Positions as texts, which are also the ids of messages."""

    def __init__(self, secret: bytes) -> None:
        key = hmac.digest(secret, b"cursor", hashlib.sha256)
        # One block is encrypted on its own, so that the same place always has the same name.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - see above

    def text(self, position: Position) -> str:
        """The position as a URN, the same each time."""
        block = position.seq.to_bytes(8) + position.part.to_bytes(2) + _MARK.to_bytes(6)
        return uuid.UUID(bytes=self._cipher.encryptor().update(block)).urn

    def position(self, text: str) -> Position | None:
        """What `text` made of it; None when it is no cursor of this server."""
        try:
            block = self._cipher.decryptor().update(uuid.UUID(text).bytes)
        except ValueError:
            return None
        if int.from_bytes(block[10:]) != _MARK:
            return None
        return Position(int.from_bytes(block[:8]), int.from_bytes(block[8:10]))


@dataclass(frozen=True, slots=True)
class Tickets:
    """Who asks, as a text that goes into a URL, for what can send no headers: sockets and EventSource in browsers.

    Whoever has a ticket is taken for the agent, for as long as the ticket lets streams be opened.
    """

    secret: bytes

    def issue(self, agent: Agent, opens: float) -> str:
        """A ticket that opens streams until `opens`, in seconds since 1970; they end with the agent's credentials."""
        facts = [int(opens), agent.webid, agent.client, agent.issuer, agent.origin, agent.until]
        content = json.dumps(facts, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(content) + content).rstrip(b"=").decode()

    def agent(self, text: str, now: float) -> Agent:
        """Who the ticket was given to, or Unauthenticated."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            raw = b""
        mac, content = raw[:16], raw[16:]
        if not hmac.compare_digest(mac, self._mac(content)):
            raise Unauthenticated("This is no ticket of this server; ask for a new one.", "invalid_token")
        opens, webid, client, issuer, origin, until = json.loads(content)
        if opens < now:
            raise Unauthenticated("The ticket has expired; ask for a new one.", "invalid_token")
        return Agent(webid, client, issuer, origin, until)

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self.secret, b"ticket" + content, hashlib.sha256)[:16]
