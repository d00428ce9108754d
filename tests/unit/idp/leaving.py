"""Where accounts end: all that keeps something about one, over memory or files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pod.access_requests import AccessRequests
from pod.actors import Actors, Audience
from pod.consents import Consents
from pod.contexts import Contexts
from pod.fetch import Fetcher
from pod.idp.accounts import Account
from pod.idp.clients import Clients
from pod.idp.deletion import Deletion
from pod.idp.export import Export
from pod.idp.keys import Keys
from pod.idp.letters import Letter
from pod.idp.notices import Notices
from pod.idp.places import Places
from pod.idp.provider import Provider
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.change import Change, Write
from pod.model.consent import Consent, Grant
from pod.model.representation import Staged
from pod.model.resource import Uri, View
from pod.model.unsubscribed import Unsubscribed
from pod.permissions import Permissions
from pod.resources import Resources
from pod.rules import names
from pod.storage.stores import Stores, open_memory, open_sqlite
from tests.authenticator import Authenticator
from tests.unit.idp.house import BASE, EMAIL, Clock, House

APP = "https://app.example/id"
GRACE = 30


class LeavingHouse(House):
    """A house from which people can move out."""

    def __init__(self, stores: Stores, clock: Clock, base_url: str = BASE) -> None:
        super().__init__(base_url, stores=(stores.store, stores.blobs, stores.records), clock=clock)
        self.stores = stores
        records, fetcher = stores.records, Fetcher()
        contexts = Contexts(fetcher, records)
        self.consents = Consents(records, base_url, clock)
        permissions = Permissions(
            stores.store, stores.blobs, contexts, fetcher, self.consents, clock, base_url=base_url, strict_origin=False
        )
        self.resources = Resources(
            stores.store, stores.blobs, contexts, permissions, base_url=base_url, rdf_limit=1_000_000, uri_limit=4096
        )
        self.requests = AccessRequests(records, stores.store, self.resources, clock)
        clients = Clients(records, fetcher, contexts.for_now, base_url, clock)
        keys, places = Keys(records, "", clock), Places(self.resources, base_url)
        self.provider = Provider(records, keys, clients, self.consents, places, base_url=base_url, now=clock)
        self.deletion = Deletion(
            records, stores.store, self.accounts, self.sessions,
            provider=self.provider, consents=self.consents, mail=self.mail, grace_days=GRACE,
        )  # fmt: skip
        self.notices = Notices(records, self.accounts, stores.store, self.mail)
        self.exports = Export(
            stores.store,
            stores.blobs,
            self.sessions,
            self.passkeys,
            provider=self.provider,
            consents=self.consents,
            notices=self.notices,
        )

    async def tenant(self, name: str = "alice", email: str = EMAIL) -> Account:
        """Somebody with a pod, who has used everything there is."""
        account = await self.member(email)
        await self.webids.create_pod(account, name)
        account = await self.account(email)
        webid = account.webids[0]
        await self.sessions.start(account.id, "password", "Firefox on Linux")
        await self.devices.remember(account.id)
        site = urlsplit(self.settings.account_url)
        device = Authenticator(origin=f"{site.scheme}://{site.netloc}", host=site.hostname or "")
        await self.passkeys.register(
            account, device.create(await self.passkeys.registration_options(account)), "Laptop"
        )
        await self.codes.make(account.id)
        await self.provider.credentials(account, webid, "a script")
        await self.consents.give(
            Consent(webid, APP, (Grant(self.pods.root(name), frozenset({Mode.READ})),), self.clock())
        )
        await self.letters.token(Letter("reset", email, account.id))
        self.clock.now += 1
        root = self.pods.root(name)
        await self.requests.ask(Agent("https://friend.example/#me"), f"{root}photo", frozenset({Mode.READ}), "May I?")
        await Actors(self.records).set(root, Audience.READERS)
        topic, now = Uri(f"{root}photo"), self.clock()
        await self.notices.unsubscribed(Unsubscribed("s", webid, APP, topic, root, "hook.example", now - 1, now))
        self.clock.now += 1
        return account

    async def put(self, uri: str, content: bytes | Staged, media_type: str = "text/plain") -> None:
        """Something in a pod."""
        target = Uri(uri)
        staged = content if isinstance(content, Staged) else await self.blobs.save(_once(content))
        write = Write(target, names.kind(target), media_type, staged, names.parent(target))
        await self.store.commit(Change((), (write,)))

    async def view(self, uri: str) -> View:
        return await self.store.view(Uri(uri))


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


@asynccontextmanager
async def leaving_house(directory: Path | None, base_url: str = BASE) -> AsyncIterator[LeavingHouse]:
    """A house over files in the directory, or over memory."""
    clock = Clock()
    stores = await (open_memory(clock) if directory is None else open_sqlite(directory, clock))
    try:
        yield LeavingHouse(stores, clock, base_url)
    finally:
        await stores.close()
