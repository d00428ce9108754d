"""Constructs every part of a server by hand, top to bottom; the only place that names implementations."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pod.access_requests import AccessRequests
from pod.actors import Actors
from pod.auth.identify import Identifier
from pod.auth.proofs import Proofs
from pod.auth.tokens import Home
from pod.config import Settings
from pod.consents import Consents
from pod.contexts import Contexts
from pod.errors import Misconfigured
from pod.fetch import Fetched, Fetcher, Local
from pod.http import pages
from pod.http.answer import Answers
from pod.http.server import Server
from pod.http.solid import Solid
from pod.idp import codes, metadata, routes
from pod.idp.accounts import Accounts
from pod.idp.clients import Clients
from pod.idp.cookies import Cookies
from pod.idp.deletion import Deletion
from pod.idp.devices import Devices
from pod.idp.endpoints import Endpoints, Limits
from pod.idp.entrance import Entrance, Means
from pod.idp.export import Export
from pod.idp.front import Front
from pod.idp.invitations import Invitations
from pod.idp.keys import Keys
from pod.idp.letters import Letters
from pod.idp.mail import Mail
from pod.idp.notices import Notices
from pod.idp.passkeys import Passkeys
from pod.idp.passwords import Passwords
from pod.idp.places import Places
from pod.idp.provider import Provider
from pod.idp.provision import Provision
from pod.idp.recovery import RecoveryCodes
from pod.idp.sessions import Sessions
from pod.idp.telling import Telling
from pod.idp.throttle import Throttle
from pod.idp.webids import WebIds
from pod.model.resource import Uri
from pod.notify.cursors import shared_secret
from pod.notify.parts import Notifications, Sources, notifications
from pod.permissions import Permissions
from pod.pods import Pods
from pod.resources import Resources
from pod.showing import Showing
from pod.storage.stores import Stores, open_memory, open_sqlite
from pod.web import routes as web
from pod.web.live import Streams
from pod.web.parts import Parts as PageParts

BASE_URL = ("server", "base-url")
"""The record that says for which base URL the data was made."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A server's parts, ready to use."""

    settings: Settings
    stores: Stores
    fetcher: Fetcher
    contexts: Contexts
    resources: Resources
    pods: Pods
    accounts: Accounts
    entrance: Entrance
    passkeys: Passkeys
    recovery_codes: RecoveryCodes
    webids: WebIds
    provision: Provision
    sessions: Sessions
    devices: Devices
    invitations: Invitations
    throttle: Throttle
    mail: Mail
    consents: Consents
    places: Places
    requests: AccessRequests
    notices: Notices
    actors: Actors
    provider: Provider
    notifications: Notifications
    deletion: Deletion
    export: Export

    def server(self) -> Server:
        """The ASGI application over the parts."""
        settings, base_url = self.settings, self.settings.base_url
        identifier = Identifier(
            self.fetcher,
            self.contexts.for_now,
            self.stores.replays,
            time.time,
            bearer=settings.access.bearer,
            home=Home(base_url, self.resources.state, self._has_ended),
        )
        solid = Solid(self.resources, identifier, settings.limits, Answers(self.resources.stream))

        async def check() -> None:
            await self.stores.store.view(Uri(base_url))

        provider = self._provider_routes(identifier.proofs)
        further = [*routes.routes(provider), *web.routes(self._pages(provider.front))]
        router = pages.router(check, further)
        channels = self.notifications.live
        return Server(
            self.resources, solid, router, base_url, settings.limits.uri, settings.account_url, channels=channels
        )

    async def _has_ended(self, grant: str) -> bool:
        return await self.stores.records.get(codes.ENDED, grant) is not None

    def _pages(self, front: Front) -> PageParts:
        return PageParts(
            settings=self.settings,
            stores=self.stores,
            accounts=self.accounts,
            sessions=self.sessions,
            devices=self.devices,
            entrance=self.entrance,
            passkeys=self.passkeys,
            recovery=self.recovery_codes,
            mail=self.mail,
            webids=self.webids,
            places=self.places,
            provider=self.provider,
            front=front,
            consents=self.consents,
            requests=self.requests,
            notices=self.notices,
            actors=self.actors,
            deletion=self.deletion,
            export=self.export,
            resources=self.resources,
            streams=Streams(self.notifications.hub, self.sessions, self.stores.records),
            cookies=Cookies.of(self.settings.account_url),
            now=now,
        )

    def _provider_routes(self, proofs: Proofs) -> routes.Parts:
        identity, records, account_url = self.settings.identity, self.stores.records, self.settings.account_url
        limits = Limits(identity.access_token_seconds, identity.refresh_token_days, identity.require_nonces)
        endpoints = Endpoints(self.provider, self.accounts, records, proofs, limits)
        front = Front(
            self.provider,
            endpoints,
            self.sessions,
            self.accounts,
            records,
            Cookies.of(account_url),
            self.throttle,
            account_url,
        )
        return routes.Parts(front, endpoints, self.throttle, self.settings.base_url, account_url)


@asynccontextmanager
async def opened(settings: Settings, served: Local | None = None, *, beside: bool = False) -> AsyncIterator[Parts]:
    """The parts of a server, from storage upward; closed in reverse at the end.

    `served` gives remote documents that need not be fetched, before anything else is asked.
    With `beside` this is a command beside the server, for which the base URL is the server's
    unless the settings name one.
    """
    stores = await _stores(settings)
    try:
        settings = await _for_base_url(stores, settings, beside=beside)

        async def local(url: str, accept: str) -> Fetched | None:
            found = None if served is None else await served(url, accept)
            found = found or await _own_document(settings, keys, url)
            return found if found is not None else await resources.public_document(url, accept)

        keys = Keys(stores.records, settings.identity.secret, now)

        fetcher = Fetcher(
            allow_loopback=settings.allow_loopback,
            allow_private=settings.network.allow_private,
            timeout=settings.network.timeout,
            limit=settings.network.size,
            local=local,
        )
        contexts = Contexts(fetcher, stores.records)
        permissions = Permissions(
            stores.store,
            stores.blobs,
            contexts,
            fetcher,
            Consents(stores.records, settings.base_url, now),
            now,
            base_url=settings.base_url,
            strict_origin=settings.access.strict_origin,
        )
        resources = Resources(
            stores.store,
            stores.blobs,
            contexts,
            permissions,
            base_url=settings.base_url,
            rdf_limit=settings.limits.rdf,
            uri_limit=settings.limits.uri,
        )
        try:
            secret = await shared_secret(stores.records)
            yield _parts(settings, stores, fetcher, contexts, resources, keys, secret=secret)
        finally:
            await fetcher.aclose()
    finally:
        await stores.close()


async def _own_document(settings: Settings, keys: Keys, url: str) -> Fetched | None:
    """What the identity provider would answer, so that the server need not ask itself."""
    document: object
    if url == f"{settings.base_url}{metadata.OPENID[1:]}":
        document = metadata.configuration(settings.base_url, settings.account_url)
    elif url == f"{settings.base_url}{metadata.JWKS[1:]}":
        document = (await keys.ring()).jwks()
    else:
        return None
    return Fetched(url, "application/json", json.dumps(document).encode())


def _parts(
    settings: Settings,
    stores: Stores,
    fetcher: Fetcher,
    contexts: Contexts,
    resources: Resources,
    keys: Keys,
    *,
    secret: bytes,
) -> Parts:
    """The parts over those that take and give documents."""
    records, base_url = stores.records, settings.base_url
    resources.permissions.consents.tell(Showing(resources).turned)
    consents, places = resources.permissions.consents, Places(resources, base_url)
    clients = Clients(records, fetcher, contexts.for_now, base_url, now)
    provider = Provider(records, keys, clients, consents, places, base_url=base_url, now=now)
    pods = Pods(stores.store, stores.blobs, base_url)
    accounts, passwords = Accounts(records, now), Passwords()
    throttle, letters = Throttle(records, now), Letters(records, now)
    devices, invitations = Devices(records, now), Invitations(records, now)
    sessions = Sessions(records, now, settings.identity.session_days, provider.end_session)
    mail, passkeys = Mail(records, letters, settings, now), Passkeys(records, accounts, settings.account_url)
    means = Means(accounts, passwords, throttle, devices, sessions, invitations, letters, mail)
    notices, actors = Notices(records, accounts, stores.store, mail), Actors(records)
    sources = Sources(stores.store, records, resources, fetcher, actors, notices.unsubscribed)
    webids = WebIds(accounts, pods, stores.store, keys, fetcher=fetcher, contexts=contexts.for_now, base_url=base_url)
    grace = settings.identity.grace_days
    people = (records, stores.store, accounts, sessions)
    deletion = Deletion(*people, provider=provider, consents=consents, mail=mail, grace_days=grace)
    return Parts(
        settings=settings,
        stores=stores,
        fetcher=fetcher,
        contexts=contexts,
        resources=resources,
        pods=pods,
        accounts=accounts,
        entrance=Entrance(means, settings.identity.sign_up),
        passkeys=passkeys,
        recovery_codes=RecoveryCodes(records, accounts, throttle),
        webids=webids,
        provision=Provision(accounts, passwords, webids, pods, base_url),
        sessions=sessions,
        devices=devices,
        invitations=invitations,
        throttle=throttle,
        mail=mail,
        consents=consents,
        places=places,
        requests=AccessRequests(records, stores.store, resources, now, Telling(accounts, stores.store, mail).told),
        notices=notices,
        actors=actors,
        provider=provider,
        notifications=notifications(settings, sources, now, secret),
        deletion=deletion,
        export=Export(
            stores.store, stores.blobs, sessions, passkeys, provider=provider, consents=consents, notices=notices
        ),
    )


def now() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


async def _stores(settings: Settings) -> Stores:
    if settings.storage.kind == "memory":
        return await open_memory()
    directory = Path(settings.storage.data)
    try:
        return await open_sqlite(directory)
    except OSError as error:
        raise Misconfigured((f"storage.data: {directory} cannot be used: {error.strerror}.",)) from error


async def _for_base_url(stores: Stores, settings: Settings, *, beside: bool) -> Settings:
    """URIs are kept whole, so that data made for one base URL does not fit another."""
    wanted = settings.base_url
    await stores.records.replace(*BASE_URL, None, wanted.encode())
    known = (await stores.records.get(*BASE_URL) or b"").decode()
    if known == wanted:
        return settings
    if beside and not settings.server.base_url:
        return replace(settings, server=replace(settings.server, base_url=known))
    raise Misconfigured(
        (f"server.base_url: the data was made for {known}, not for {wanted}; start with --base-url {known}.",)
    )
