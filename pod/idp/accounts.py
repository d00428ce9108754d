"""Who has an account here: the records of accounts, found by id, by address and by WebID."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from pod.errors import Busy, Conflict, Malformed, NotFound
from pod.storage.ports import Records, Swap

ACCOUNT, ACCOUNT_OF, WEBID = "account", "account-of", "webid"
"""The families of records that keep accounts by id, and the id of each account by its address and by its WebIDs."""
_PLAIN = r"[^@\s\x00-\x1f\x7f\"(),:;<>\[\\\]]"
# Without the signs by which a header tells several addresses apart, and an address from a name or a comment.
EMAIL = re.compile(rf"{_PLAIN}{{1,64}}@{_PLAIN}{{1,255}}")
NAME = 200
"""Characters of a person's name."""
MOST_WEBIDS = 50
"""WebIDs of one account."""
TRIES = 8
CONSENTS = (None, "everything", "ask")

Now = Callable[[], int]
"""Microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person who has an account."""

    id: str
    email: str
    """In lower case; no two accounts have the same."""
    verified: bool = False
    """Whether the person has shown that mail to the address reaches them."""
    password: str | None = None
    """A hash."""
    created: int = 0
    """Microseconds since 1970."""
    language: str | None = None
    name: str = ""
    webids: tuple[str, ...] = ()
    """The first is the default."""
    default_consent: str | None = None
    """What an app is offered that asks for nothing in particular: `everything`, `ask`, or as the server does."""
    deleting: int | None = None
    """When it will be removed for good, in microseconds since 1970."""


def address(email: str) -> str:
    """The address as it is kept, or Malformed when it is none."""
    found = email.strip(" ").lower()
    if EMAIL.fullmatch(found) is None:
        raise Malformed(f"{email!r} is not an e-mail address.")
    return found


def on_one_line(name: str) -> str:
    """The name without what changes how the rest is shown."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())


def encoded(account: Account) -> bytes:
    """The account as its record has it."""
    return json.dumps(asdict(account)).encode()


def decoded(record: bytes) -> Account:
    """The account of a record. What a record of an earlier version lacks is at its default."""
    facts = json.loads(record)
    return Account(**{**facts, "webids": tuple(facts.get("webids", ()))})


class Accounts:
    """Keeps accounts."""

    def __init__(self, records: Records, now: Now) -> None:
        self._records = records
        self.now = now

    async def get(self, account: str) -> Account | None:
        """The account with the id."""
        record = await self._records.get(ACCOUNT, account)
        return None if record is None else decoded(record)

    async def by_email(self, email: str) -> Account | None:
        """The account with the address, however it is spelled in upper and lower case."""
        return await self._by(ACCOUNT_OF, email.strip(" ").lower())

    async def by_webid(self, webid: str) -> Account | None:
        """The account that the WebID belongs to."""
        return await self._by(WEBID, webid)

    async def _by(self, family: str, key: str) -> Account | None:
        found = await self._records.get(family, key)
        return None if found is None else await self.get(found.decode())

    async def all(self) -> Sequence[Account]:
        """Every account, in the order of ids."""
        found = [await self.get(key) for key in await self._records.keys(ACCOUNT)]
        return [one for one in found if one is not None]

    async def add(self, account: Account, *beside: Swap) -> None:
        """Keep a new account, and make the swaps beside it, or do nothing.

        Raises Conflict when its address or one of its WebIDs has an account, or the swaps cannot be made.
        """
        swaps = (
            Swap(ACCOUNT, account.id, None, encoded(account)),
            Swap(ACCOUNT_OF, account.email, None, account.id.encode()),
            *(Swap(WEBID, webid, None, account.id.encode()) for webid in account.webids),
        )
        if not await self._records.swap(*swaps, *beside):
            await self._refuse(account.email, account.webids)

    async def _refuse(self, email: str, webids: Sequence[str]) -> None:
        """Say why the records of an account could not be made."""
        if await self._records.get(ACCOUNT_OF, email) is not None:
            raise Conflict(f"There is an account with the address {email} already.")
        for webid in webids:
            if await self._records.get(WEBID, webid) is not None:
                raise Conflict(f"{webid} belongs to another account.")
        raise Conflict("This was done already, perhaps in another window; try again.")

    async def change(self, account: str, alter: Callable[[Account], Account], *beside: Swap) -> Account:
        """The account as `alter` makes it, kept together with the swaps beside it.

        Records of its address and WebIDs follow. Raises NotFound when there is no account, and
        Conflict when the address or a WebID is another account's, or the swaps cannot be made.
        """
        for _ in range(TRIES):
            record = await self._records.get(ACCOUNT, account)
            if record is None:
                raise NotFound("There is no such account.")
            old = decoded(record)
            new = alter(old)
            moves = await self._moves(old, new)
            if await self._records.swap(Swap(ACCOUNT, account, record, encoded(new)), *moves, *beside):
                return new
            if await self._records.get(ACCOUNT, account) == record:
                await self._refuse_move(old, new)
        raise Busy("The account changes all the time; try again in a moment.")

    async def _moves(self, old: Account, new: Account) -> Sequence[Swap]:
        key = old.id.encode()
        moves = []
        if old.email != new.email:
            moves += [Swap(ACCOUNT_OF, old.email, key, None), Swap(ACCOUNT_OF, new.email, None, key)]
        moves += [Swap(WEBID, webid, key, None) for webid in old.webids if webid not in new.webids]
        moves += [Swap(WEBID, webid, None, key) for webid in new.webids if webid not in old.webids]
        return moves

    async def _refuse_move(self, old: Account, new: Account) -> None:
        webids = [webid for webid in new.webids if webid not in old.webids]
        await self._refuse("" if new.email == old.email else new.email, webids)

    async def removal(self, account: str) -> Sequence[Swap]:
        """The swaps that remove the account and all by which it is found; none when there is no account."""
        record = await self._records.get(ACCOUNT, account)
        if record is None:
            return ()
        known, key = decoded(record), account.encode()
        webids = [Swap(WEBID, webid, key, None) for webid in known.webids]
        return (Swap(ACCOUNT, account, record, None), Swap(ACCOUNT_OF, known.email, key, None), *webids)

    async def remove(self, account: str) -> None:
        """Forget the account, if there is one: its records here, and nothing else that belongs to it."""
        for _ in range(TRIES):
            if await self._records.swap(*await self.removal(account)):
                return
        raise Busy("The account changes all the time; try again in a moment.")

    async def set_name(self, account: str, name: str) -> Account:
        """Call the person by another name."""
        name = on_one_line(name)
        if len(name) > NAME:
            raise Malformed(f"The name is too long; use at most {NAME} characters.")
        return await self.change(account, lambda one: replace(one, name=name))

    async def set_language(self, account: str, language: str | None) -> Account:
        """Speak and write to the person in this language; None: as their browser asks."""
        if language is not None and re.fullmatch(r"[a-z]{2,3}", language) is None:
            raise Malformed(f"{language!r} is not the code of a language, such as `en`.")
        return await self.change(account, lambda one: replace(one, language=language))

    async def set_default_consent(self, account: str, consent: str | None) -> Account:
        """Offer apps that ask for nothing in particular `everything`, or let the person choose: `ask`."""
        if consent not in CONSENTS:
            raise Malformed("The default must be `everything` or `ask`.")
        return await self.change(account, lambda one: replace(one, default_consent=consent))
