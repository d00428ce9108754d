"""Where accounts live, without a server around: storage, a clock that is set by hand, and mail that can be read."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace

from argon2 import PasswordHasher

from pod.config import Identity, Server, Settings
from pod.config import Mail as MailSettings
from pod.fetch import Fetched, Fetcher
from pod.idp.accounts import Account, Accounts
from pod.idp.devices import Devices
from pod.idp.entrance import Applicant, Entrance, Means
from pod.idp.invitations import Invitations
from pod.idp.keys import Keys
from pod.idp.letters import Letters
from pod.idp.mail import Mail
from pod.idp.passkeys import Passkeys
from pod.idp.passwords import Passwords
from pod.idp.recovery import RecoveryCodes
from pod.idp.sessions import Sessions
from pod.idp.throttle import Throttle
from pod.idp.webids import WebIds
from pod.model.resource import Uri
from pod.pods import Pods
from pod.storage.memory import MemoryRecords, MemoryStore
from pod.storage.memory_rows import MemoryBlobs
from pod.storage.ports import Blobs, Records, Store
from tests.smtp import MailServer

BASE = "https://pods.example/"
SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 24 * 3600 * SECOND
NOON = 1_800_000_000 * SECOND
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes that take no time."""
EMAIL, PASSWORD = "alice@mail.example", "correct horse battery"
PEER, OTHER_PEER = "192.0.2.1", "198.51.100.7"


@dataclass
class Clock:
    """A clock that stands still until it is set. Microseconds since 1970."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


class House:
    """All that belongs to accounts. Two over the same storage are two workers."""

    def __init__(
        self,
        base_url: str = BASE,
        *,
        sign_up: str = "open",
        mail: MailServer | None = None,
        account_url: str = "",
        stores: tuple[Store, Blobs, Records] | None = None,
        clock: Clock | None = None,
        hasher: PasswordHasher = CHEAP,
        smtp: Mapping[str, object] | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.clock = clock or Clock()
        blobs = MemoryBlobs(self.clock)
        self.store, self.blobs, self.records = stores or (MemoryStore(blobs), blobs, MemoryRecords(self.clock))
        settings = Settings(server=Server(base_url=base_url), identity=Identity(sign_up=sign_up, url=account_url))
        if mail is not None:
            told = MailSettings(host="127.0.0.1", port=mail.port, security=mail.security)
            settings = replace(settings, mail=replace(told, **(smtp or {})))  # type: ignore[arg-type]  # by their names
        records, now = self.records, self.clock
        self.web: dict[str, tuple[str, bytes]] = {}
        """What the rest of the web has, by URL: media type and content."""
        self.accounts, self.passwords = Accounts(records, now), Passwords(hasher)
        self.throttle, self.letters = Throttle(records, now), Letters(records, now)
        self.devices, self.invitations = Devices(records, now), Invitations(records, now)
        self.sessions = Sessions(records, now, 30)
        self.settings = settings
        self.mail = Mail(records, self.letters, settings, now, context)
        means = Means(
            self.accounts, self.passwords, self.throttle, self.devices, self.sessions, self.invitations,
            self.letters, self.mail,
        )  # fmt: skip
        self.entrance = Entrance(means, sign_up)
        self.codes = RecoveryCodes(records, self.accounts, self.throttle)
        self.passkeys = Passkeys(records, self.accounts, settings.account_url)
        self.pods = Pods(self.store, self.blobs, base_url)
        fetcher = Fetcher(local=self._served)
        self.webids = WebIds(
            self.accounts,
            self.pods,
            self.store,
            Keys(records, "", now),
            fetcher=fetcher,
            contexts=_no_contexts,
            base_url=base_url,
        )

    async def _served(self, url: str, _accept: str) -> Fetched | None:
        found = self.web.get(url)
        return None if found is None else Fetched(url, *found)

    async def member(self, email: str = EMAIL, password: str | None = PASSWORD) -> Account:
        """Somebody who has an account."""
        kept = None if password is None else await self.passwords.hash(password)
        account = Account(f"account-of-{email}", email, verified=True, password=kept, created=self.clock())
        await self.accounts.add(account)
        return account

    async def apply(self, email: str = EMAIL, password: str | None = PASSWORD, **more: str) -> Account | None:
        """Somebody signs up."""
        return await self.entrance.sign_up(Applicant(email, password, **more), PEER)

    async def account(self, email: str = EMAIL) -> Account:
        """The account as it is now."""
        found = await self.accounts.by_email(email)
        assert found is not None
        return found


async def _no_contexts(_content: bytes, _media_type: str, _base: Uri) -> Mapping[str, bytes]:
    return {}
