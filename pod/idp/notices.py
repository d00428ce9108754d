"""Notices: what has happened to things of a person while they did not look, for their page and by mail."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from pod.errors import Busy
from pod.idp.accounts import Account, Accounts
from pod.idp.mail import Mail
from pod.idp.sessions import DAY
from pod.model.resource import Pod, Uri
from pod.model.unsubscribed import Unsubscribed
from pod.storage.ports import Records, Store, Swap

NOTICE = "notice"
"""Keys are `ACCOUNT TIME SUBSCRIPTION`."""
MAILED = "notice-mailed"
"""By account: that it was sent mail about notices within the last day."""
KEPT = 90 * DAY
MOST = 100
"""How many notices of one account are kept; then the oldest ones go."""
TRIES = 8


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a person is to know."""

    id: str
    about: Unsubscribed
    mine: bool
    """The person has made the subscription; else it was about something in a pod of theirs."""


class Notices:
    """Keeps notices, each of them once for each account."""

    def __init__(self, records: Records, accounts: Accounts, store: Store, mail: Mail) -> None:
        self._records = records
        self._accounts = accounts
        self._store = store
        self._mail = mail

    async def unsubscribed(self, about: Unsubscribed) -> None:
        """Let whoever made the subscription know that it ended, and the owner of the pod that it was about.

        Who knows already is not told again, so that this can be repeated until it was done.
        """
        pod = (await self._store.view(about.root)).pod
        maker = await self._accounts.by_webid(about.agent)
        owner = None if pod is None else await self._accounts.get(pod.account)
        for reader in {one.id: one for one in (maker, owner) if one is not None}.values():
            if reader.deleting is None:
                await self._tell(reader, about, pod)

    async def _tell(self, reader: Account, about: Unsubscribed, pod: Pod | None) -> None:
        mine = about.agent in reader.webids
        facts = {"pod": "" if pod is None else pod.name, "day": _day(about.since)}
        # What strangers chose is on the page alone, and in no letter.
        facts |= {"host": about.host} if mine else {}
        text = "unsubscribed" if mine else "unsubscribed-in-pod"
        key = f"{reader.id} {about.ended:020d} {about.subscription}"
        record = json.dumps({**asdict(about), "mine": mine}).encode()
        for _ in range(TRIES):
            known = await self._records.below(NOTICE, f"{reader.id} ")
            if key in dict(known):
                return
            swaps = [Swap(NOTICE, old, value, None) for old, value in known[: max(0, len(known) - MOST + 1)]]
            swaps.append(Swap(NOTICE, key, None, record, about.ended + KEPT))
            # However many there are in a day, one mail leads to the page that has them all.
            mailed = Swap(MAILED, reader.id, None, b"", self._accounts.now() + DAY)
            if await self._mail.send_with((*swaps, mailed), reader.email, text, facts, reader.language):
                return
            if await self._records.swap(*swaps):
                return
        raise Busy("These notices change all the time; try again in a moment.")

    async def of(self, account: str) -> Sequence[Notice]:
        """The notices of the account, the latest first."""
        kept = await self._records.below(NOTICE, f"{account} ")
        return [_read(key.partition(" ")[2], value) for key, value in reversed(kept)]

    async def remove(self, account: str, notice: str) -> None:
        """Forget the notice; nothing happens when there is none."""
        key = f"{account} {notice}"
        await self._records.replace(NOTICE, key, await self._records.get(NOTICE, key), None)


def _read(key: str, record: bytes) -> Notice:
    facts = json.loads(record)
    mine = facts.pop("mine")
    return Notice(key, Unsubscribed(**{**facts, "topic": Uri(facts["topic"]), "root": Uri(facts["root"])}), mine)


def _day(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).date().isoformat()
