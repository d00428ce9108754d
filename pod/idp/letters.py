"""Letters: what a link in a mail is for. It works once, and not for ever."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

from pod.errors import NotFound
from pod.idp.accounts import Now
from pod.idp.sessions import DAY, token_key
from pod.storage.ports import Records, Swap

FAMILY = "letter"
"""Keys are hashes of tokens."""
HOUR = 3600 * 1_000_000
LIVES: Mapping[str, int] = MappingProxyType({"sign-up": 3 * DAY, "verify": 3 * DAY, "email": DAY, "reset": HOUR})
"""How long the link of each kind of letter works, in microseconds."""
PAGES: Mapping[str, str] = MappingProxyType(
    {"sign-up": "confirm", "verify": "confirm", "email": "confirm", "reset": "reset"}
)
"""The page below `.account/` that takes the token of each kind."""
WORN = "This link was used already, or is too old; ask for a new one."


@dataclass(frozen=True, slots=True)
class Letter:
    """What will be done when somebody follows the link."""

    kind: str
    """One of LIVES."""
    email: str
    """Where the letter goes: who follows the link can read what is sent there."""
    account: str | None = None
    facts: Mapping[str, str | None] = field(default_factory=dict)


class Letters:
    """Gives letters the tokens of their links, of which only hashes are kept, and reads them once."""

    def __init__(self, records: Records, now: Now) -> None:
        self._records = records
        self._now = now

    async def token(self, letter: Letter) -> str:
        """A new token, of 256 bits, for the letter's link."""
        token = secrets.token_urlsafe(32)
        expires = self._now() + LIVES[letter.kind]
        await self._records.put(FAMILY, token_key(token), encoded(letter), expires)
        return token

    async def read(self, token: str) -> tuple[Letter, Swap]:
        """The letter of the token, and the swap that uses it up, to be made together with what the letter is for.

        NotFound when it was used, or is too old.
        """
        record = await self._records.get(FAMILY, token_key(token))
        if record is None:
            raise NotFound(WORN)
        return decoded(record), Swap(FAMILY, token_key(token), record, None)


def encoded(letter: Letter) -> bytes:
    """The letter as a record."""
    return json.dumps(asdict(letter)).encode()


def decoded(record: bytes) -> Letter:
    """The letter of a record."""
    return Letter(**json.loads(record))
