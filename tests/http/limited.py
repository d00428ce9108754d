"""Somebody who acts through an app that they let do less than they may themselves."""

import time

from pod.idp.tokens import Minter
from pod.model.access import Mode
from pod.model.consent import Consent, Grant
from pod.model.resource import Uri
from tests.tokens import Client
from tests.world import BASE, Person, World

APP = "https://notes.example/id"


async def through(world: World, webid: str, *grants: tuple[str, str], client: str = APP) -> Person:
    """The person of a WebID with the issuer here, through an app that may do this: paths and modes."""
    if grants:
        await let(world, webid, *grants, client=client)
    return await signed_in(world, webid, client)


async def signed_in(world: World, webid: str, client: str = APP) -> Person:
    """The person with a token of this server for the client, whatever that may do."""
    ring = await world.parts.provider.keys.ring()
    person = Person(world.server, webid)
    person.client = Client(client_id=client)
    minter = Minter(ring, BASE, 600, int(time.time()))
    person._token = minter.access_token(webid, client, "a-grant", person.client.key.thumbprint, ("webid",))
    return person


async def let(world: World, webid: str, *grants: tuple[str, str], client: str = APP, until: int | None = None) -> None:
    """Let the client do this from now on: paths and modes."""
    given = tuple(Grant(Uri(BASE[:-1] + path), frozenset(map(Mode, modes.split())), until) for path, modes in grants)
    await world.parts.consents.give(Consent(webid, client, given, time.time_ns() // 1000))
