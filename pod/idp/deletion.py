"""The end of an account: asked for, taken back within a time of grace, and then for good, with a receipt."""

import contextlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from pod import access_requests, actors, events
from pod.consents import Consents
from pod.errors import Conflict, NotFound, PodError
from pod.idp import clients, codes, devices, letters, mail, notices, passkeys, recovery
from pod.idp.accounts import ACCOUNT, Account, Accounts, Now
from pod.idp.mail import Mail
from pod.idp.provider import AGREED, Provider
from pod.idp.sessions import DAY, Sessions
from pod.model.resource import Uri
from pod.storage.ports import Records, Store, Swap

DEPARTURE = "departure"
"""Accounts whose removal has begun, by id: what is needed to go on after an interruption."""
RECEIPT = "receipt"
TURN = "turn"
"""What one worker at a time may do, by name."""
SWEEPING = Swap(TURN, "deletion", None, b"taken")
LEASE = 3600 * 1_000_000
"""After so many microseconds another worker may think that the one whose turn it was has died."""
MAY_NAME = (access_requests.REQUEST, letters.FAMILY, codes.CODE, mail.QUEUE, mail.SHOWN, notices.NOTICE)
"""Families whose values may name an account, and whose keys do not tell which."""

REMAINS = (
    "The addresses of the removed pods, so that nobody else gets them and, with them, their WebIDs.",
    "One entry in the log for each removed pod: that everything at its address is gone.",
    "What other pods say themselves: their content, policies, and logs may name the WebIDs of the account.",
    "Backups that the operator of the server has made, until they are removed in their turn.",
)
"""What a receipt says is left."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed; it does not tell whose it was. Times are in microseconds since 1970."""

    id: str
    server: str
    begun: int
    removed: int
    pods: int = 0
    resources: int = 0
    versions: int = 0
    """Entries of the log of these pods."""
    contents: int = 0
    bytes: int = 0
    sessions: int = 0
    passkeys: int = 0
    tokens: int = 0
    apps: int = 0
    remains: tuple[str, ...] = REMAINS

    def facts(self) -> dict[str, object]:
        """The receipt for people and scripts to keep."""
        times = {name: _date(getattr(self, name)) for name in ("begun", "removed")}
        return {**asdict(self), **times, "remains": list(self.remains)}


@dataclass(frozen=True, slots=True)
class _Departure:
    """An account on its way out."""

    receipt: Receipt
    pods: tuple[str, ...]


class Deletion:
    """Deletes accounts."""

    def __init__(
        self,
        records: Records,
        store: Store,
        accounts: Accounts,
        sessions: Sessions,
        *,
        provider: Provider,
        consents: Consents,
        mail: Mail,
        grace_days: int,
    ) -> None:
        self._records = records
        self._store = store
        self._accounts = accounts
        self._sessions = sessions
        self._provider = provider
        self._consents = consents
        self._mail = mail
        self._grace = grace_days * DAY

    @property
    def _now(self) -> Now:
        return self._accounts.now

    async def delete(self, account: str, keep: str | None = None) -> Account:
        """The account as it is from here on: closed, and to be removed when `deleting` comes.

        Its pods are closed, all tokens end, and all sessions but the one with the id `keep`. Asked
        again, nothing changes. NotFound when there is no such account.
        """
        due = self._now() + self._grace
        changed = await self._accounts.change(account, lambda one: one if one.deleting else replace(one, deleting=due))
        await self._sessions.end_all(account, keep)
        await self._provider.end_account(changed)
        for pod in await self._store.pods_of(account):
            await self._store.close(pod.root, True)
        facts = {"day": _date(changed.deleting or due)[:10]}
        await self._mail.send(changed.email, "deletion", facts, changed.language)
        return changed

    async def undelete(self, account: str) -> Account:
        """The account as it was before it was deleted; Conflict when its removal has begun.

        Scripts need new tokens, and apps sign in anew.
        """
        if await self._records.get(DEPARTURE, account) is not None:
            raise Conflict("The account is being removed already; it cannot be had back.")
        still = Swap(DEPARTURE, account, None, None)
        changed = await self._accounts.change(account, lambda one: replace(one, deleting=None), still)
        for pod in await self._store.pods_of(account):
            await self._store.close(pod.root, False)
        return changed

    async def purge(self, account: str) -> Receipt:
        """Remove the account and everything that belongs to it, for good; the receipt of that.

        Goes on where an interrupted one ended. NotFound when there is no such account.
        """
        known = await self._accounts.get(account)
        if known is None:
            raise NotFound("There is no such account.")
        departure = await self._depart(known)
        await self._sessions.end_all(account)
        await self._provider.end_account(known)
        receipt = departure.receipt
        for root in departure.pods:
            with contextlib.suppress(NotFound):
                gone = await self._store.purge(Uri(root))
                receipt = replace(
                    receipt,
                    pods=receipt.pods + 1,
                    resources=receipt.resources + gone.resources,
                    versions=receipt.versions + gone.entries,
                    contents=receipt.contents + gone.contents,
                    bytes=receipt.bytes + gone.bytes,
                )
        await self._forget(known, departure.pods)
        receipt = replace(receipt, removed=self._now())
        facts = {name: str(value) for name, value in receipt.facts().items()} | {"receipt": receipt.id}
        await self._mail.send(known.email, "deleted", facts, known.language)
        await self._finish(known, receipt)
        return receipt

    async def _depart(self, account: Account) -> _Departure:
        """The departure that is kept, or a new one; from here on there is no way back."""
        while True:
            kept = await self._records.get(DEPARTURE, account.id)
            if kept is not None:
                facts = json.loads(kept)
                receipt = Receipt(**{**facts["receipt"], "remains": tuple(facts["receipt"]["remains"])})
                return _Departure(receipt, tuple(facts["pods"]))
            record = await self._records.get(ACCOUNT, account.id)
            departure = _Departure(await self._counted(account), tuple(await self._roots(account)))
            same = Swap(ACCOUNT, account.id, record, record)
            new = json.dumps(asdict(departure)).encode()
            if record is not None and await self._records.swap(same, Swap(DEPARTURE, account.id, None, new)):
                return departure

    async def _roots(self, account: Account) -> Sequence[str]:
        return [pod.root for pod in await self._store.pods_of(account.id)]

    async def _counted(self, account: Account) -> Receipt:
        apps = [one for webid in account.webids for one in await self._consents.all(webid)]
        return Receipt(
            secrets.token_urlsafe(18),
            self._provider.base_url,
            self._now(),
            0,
            sessions=len(await self._sessions.all(account.id)),
            passkeys=len(await self._records.below(passkeys.PASSKEY, f"{account.id}/")),
            tokens=len(await self._provider.credentials_of(account)),
            apps=len(apps),
        )

    async def _forget(self, account: Account, pods: Sequence[str]) -> None:
        """Remove every record about the account but its own."""
        for family in (devices.FAMILY, recovery.FAMILY, passkeys.PASSKEY):
            for key, value in await self._records.below(family, f"{account.id}/"):
                if family == passkeys.PASSKEY:
                    await self._remove(passkeys.PASSKEY_OF, key.rpartition("/")[2])
                await self._records.replace(family, key, value, None)
        for family in (clients.CREDENTIALS_OF, notices.NOTICE):
            await self._remove_below(family, f"{account.id} ")
        await self._remove(notices.MAILED, account.id)
        for webid in account.webids:
            await self._consents.forget(webid)
            await self._remove_below(AGREED, f"{webid} ")
            await self._remove_below(access_requests.BY, f"{webid} ")
        for root in pods:
            await self._remove_below(access_requests.TO, f"{root} ")
            await self._remove(actors.ACTORS, root)
        await self._forget_mentions(account.id, account.email, *account.webids, *pods)

    async def _forget_mentions(self, *mentioned: str) -> None:
        names = [json.dumps(one).encode() for one in mentioned]
        for family in MAY_NAME:
            for key in await self._records.keys(family):
                record = await self._records.get(family, key)
                if record is not None and any(name in record for name in names):
                    await self._records.replace(family, key, record, None)

    async def _remove_below(self, family: str, prefix: str) -> None:
        for key, value in await self._records.below(family, prefix):
            await self._records.replace(family, key, value, None)

    async def _remove(self, family: str, key: str) -> None:
        await self._records.replace(family, key, await self._records.get(family, key), None)

    async def _finish(self, account: Account, receipt: Receipt) -> None:
        """Remove the account itself, and keep the receipt instead."""
        while swaps := await self._accounts.removal(account.id):
            departure = await self._records.get(DEPARTURE, account.id)
            kept = Swap(RECEIPT, receipt.id, None, json.dumps(asdict(receipt)).encode())
            if await self._records.swap(*swaps, Swap(DEPARTURE, account.id, departure, None), kept):
                break
        await self._store.scrub()

    async def receipt(self, number: str) -> Receipt | None:
        """The receipt with the id."""
        kept = await self._records.get(RECEIPT, number)
        if kept is None:
            return None
        facts = json.loads(kept)
        return Receipt(**{**facts, "remains": tuple(facts["remains"])})

    async def sweep(self) -> int:
        """Remove accounts whose time of grace is over, and go on with what was interrupted; how many went.

        One worker at a time does it, and others pass.
        """
        turn = replace(SWEEPING, expires=self._now() + LEASE)
        if not await self._records.swap(turn):
            return 0
        try:
            due = [one.id for one in await self._accounts.all() if one.deleting and one.deleting <= self._now()]
            begun = await self._records.keys(DEPARTURE)
            gone = [account for account in dict.fromkeys((*begun, *due)) if await self._went(account)]
            for root in await self._store.unfinished():
                await self._store.purge(root)
            return len(gone)
        finally:
            await self._records.swap(replace(SWEEPING, old=SWEEPING.new, new=None))

    async def _went(self, account: str) -> bool:
        try:
            await self.purge(account)
        except PodError as error:
            events.failed("deletion", error)  # what could not be removed today will be tomorrow
            return False
        return True


def _date(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
