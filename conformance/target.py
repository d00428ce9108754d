"""What a server offers, as far as it tells.

The words for it are what cases name in `needs`:

    wac, acp                    policies are ACLs, or ACRs
    notifications               the description of the storage names subscription services
    channel:TYPE                one of them makes channels of that type, such as `WebSocketChannel2023`
    issuer                      it is an identity provider, and the one of Alice
    pages                       it has pages through which the run knows how to sign in
    reach                       it can fetch documents that the run serves
    https                       its URL begins so
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import rdflib

from conformance.case import CannotTell, Failed
from conformance.client import Client
from conformance.exchange import TURTLE
from conformance.pages import Pages, find
from conformance.people import Person

SOLID = "http://www.w3.org/ns/solid/terms#"
PIM = "http://www.w3.org/ns/pim/space#"
ACP = "http://www.w3.org/ns/solid/acp#"
NOTIFY = "http://www.w3.org/ns/solid/notifications#"
STORAGE_DESCRIPTION = f"{SOLID}storageDescription"

KNOWN = ("wac", "acp", "notifications", "issuer", "pages", "reach", "https")
SENTENCES: Mapping[str, str] = {
    "wac": "The server's policies are no ACLs of Web Access Control.",
    "acp": "The server's policies are no ACRs of Access Control Policy.",
    "notifications": "The description of the storage names no subscription service.",
    "issuer": "The server is not the issuer of Alice, as far as it tells.",
    "pages": "The run does not know how to go through the pages of this issuer.",
    "reach": "The server cannot fetch what the run serves; --serve and --reach say where it could.",
    "https": "The server's URL does not begin with https.",
}


@dataclass(slots=True)
class Target:
    """A server that is looked at."""

    url: str
    storage: str = ""
    """The root of Alice's storage."""
    description: str = ""
    """The description of that storage."""
    services: Sequence[Mapping[str, Any]] = ()
    """The subscription services that it names: `id`, `channel` (the last part of the type) and `features`."""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    """The configuration of the issuer, where the server is one."""
    pages: Pages | None = None
    """The pages of the issuer, with Alice in front of them."""
    offers: set[str] = field(default_factory=set)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by a case while it changes what the whole storage depends on, such as the policy of its root."""

    def lacking(self, needs: Sequence[str]) -> str | None:
        """Why a case with these needs does not apply; None when it does."""
        for one in needs:
            if one not in self.offers:
                kind, _, name = one.partition(":")
                return f"The server offers no {name}." if kind == "channel" else SENTENCES[one]
        return None

    def service(self, channel: str) -> str:
        """The URL where channels of that type are asked for; CannotTell when there is none."""
        for one in self.services:
            if one["channel"] == channel:
                return str(one["id"])
        raise CannotTell(f"The server offers no {channel}.")


async def look(url: str, client: Client, alice: Person, bob: Person, *, reach: bool) -> Target:
    """What the server offers, and where the people are; CannotTell when Alice has no storage there."""
    target = Target(url.rstrip("/") + "/")
    for one in (alice, bob):
        one.webid = one.webid or str((await one.claims()).get("webid", ""))
        if not one.webid:
            raise CannotTell(f'The token of {one.name} names no WebID; give it with the credentials as "webid".')
    alice.storage = alice.storage or await _storage(target, client, alice)
    target.storage = alice.storage
    if not bob.storage:
        bob.storage = await _storage_of_another(target, client, bob)
    await _describe(target, alice)
    await _policies(target, alice)
    await _issuer(target, alice)
    if reach:
        target.offers.add("reach")
    if urlsplit(target.url).scheme == "https":
        target.offers.add("https")
    return target


async def _storage(target: Target, client: Client, person: Person) -> str:
    """The storage that their profile names, or the one above it."""
    document = person.webid.partition("#")[0]
    profile = (await client.fetched(document, TURTLE)).graph()
    named = sorted(str(one) for one in profile.objects(rdflib.URIRef(person.webid), rdflib.URIRef(f"{PIM}storage")))
    here = [one for one in named if one.startswith(target.url)]
    if here:
        return here[0]
    while document.startswith(target.url):
        document = document.rstrip("/").rpartition("/")[0] + "/"
        if f"{PIM}Storage" in (await person.head(document)).linked("type"):
            return document
        if document == target.url:
            break
    raise CannotTell(f'{person.webid} names no storage below {target.url}; give it with the credentials as "storage".')


async def _storage_of_another(target: Target, client: Client, person: Person) -> str:
    """The same for Bob, who need not have one."""
    try:
        return await _storage(target, client, person)
    except (CannotTell, Failed):
        return ""


async def _describe(target: Target, alice: Person) -> None:
    named = (await alice.head(target.storage)).linked(STORAGE_DESCRIPTION)
    if not named:
        return
    target.description = named[0]
    answer = await alice.get(target.description, TURTLE)
    if answer.status != 200:
        return
    try:
        graph = answer.graph()
    except Failed:  # that the description can be read has a case
        return
    services = set(graph.objects(None, rdflib.URIRef(f"{NOTIFY}subscription")))
    target.services = [
        {
            "id": str(one),
            "channel": str(kind).rpartition("#")[2],
            "features": {str(feature) for feature in graph.objects(one, rdflib.URIRef(f"{NOTIFY}feature"))},
        }
        for one in sorted(services, key=str)
        for kind in sorted(graph.objects(one, rdflib.URIRef(f"{NOTIFY}channelType")), key=str)
    ]
    target.offers.update(f"channel:{one['channel']}" for one in target.services)
    if target.services:
        target.offers.add("notifications")


async def _policies(target: Target, alice: Person) -> None:
    for policy in (await alice.head(target.storage)).linked("acl"):
        answer = await alice.head(policy)
        target.offers.add("acp" if f"{ACP}AccessControlResource" in answer.linked("type") else "wac")


async def _issuer(target: Target, alice: Person) -> None:
    if not f"{alice.given.issuer.rstrip('/')}/".startswith(target.url):
        return
    target.configuration = await alice.configuration()
    target.offers.add("issuer")
    target.pages = await find(alice.client, alice)
    if target.pages is not None:
        target.offers.add("pages")
