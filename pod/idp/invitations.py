"""Invitations: codes that work once, with which somebody may make an account."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from pod.errors import Forbidden
from pod.idp.accounts import Now
from pod.idp.sessions import DAY, token_key
from pod.storage.ports import Records, Swap

FAMILY = "invitation"
"""Keys are hashes of codes."""
WEEKS = 2


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that nobody has used yet. Times are in microseconds since 1970."""

    id: str
    """What it is called in lists; no secret."""
    created: int
    until: int
    note: str


class Invitations:
    """Makes invitations, and uses them up. Only hashes of their codes are kept."""

    def __init__(self, records: Records, now: Now) -> None:
        self._records = records
        self._now = now

    async def make(self, note: str = "", days: int = 7 * WEEKS) -> str:
        """A new code, told once; `note` says whom it is for."""
        code, now = secrets.token_urlsafe(16), self._now()
        facts = {"created": now, "until": now + days * DAY, "note": note}
        await self._records.put(FAMILY, token_key(code), json.dumps(facts).encode(), now + days * DAY)
        return code

    async def all(self) -> Sequence[Invitation]:
        """Those that can be used, in the order in which they were made."""
        found = []
        for key in await self._records.keys(FAMILY):
            record = await self._records.get(FAMILY, key)
            if record is not None:
                found.append(Invitation(_name(key), **json.loads(record)))
        return sorted(found, key=lambda one: (one.created, one.id))

    async def revoke(self, invitation: str) -> bool:
        """Make the invitation with the id useless; whether there was one."""
        for key in await self._records.keys(FAMILY):
            if _name(key) == invitation:
                record = await self._records.get(FAMILY, key)
                return record is not None and await self._records.replace(FAMILY, key, record, None)
        return False

    async def use(self, code: str | None) -> Swap:
        """The swap that uses the code up; Forbidden when it is none, or was used."""
        return await self.use_kept(token_key(code or ""))

    async def use_kept(self, key: str) -> Swap:
        """The same for a code of which only the hash is known: the key of an earlier swap."""
        record = await self._records.get(FAMILY, key)
        if record is None:
            raise Forbidden("New accounts need an invitation, and this one is none, too old, or used already.")
        return Swap(FAMILY, key, record, None)


def _name(key: str) -> str:
    return key[:12]
