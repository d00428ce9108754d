"""Going through the pages of an issuer as a person does: signing in, and letting an app have what it asks for.

Every issuer has pages of its own. There is one module for each kind whose interface for programs is known.
"""

from collections.abc import Sequence
from typing import Protocol

from conformance.client import Client
from conformance.pages import css, rhizome
from conformance.people import Person


class Pages(Protocol):
    """The pages of one issuer, through which one person goes."""

    async def agree(self, url: str, redirect_uri: str) -> str:
        """Open an authorization request, sign in and agree: the URL of the app to which the browser is sent.

        CannotTell when the pages are not as they are known to be.
        """


KINDS: Sequence[type[css.Pages] | type[rhizome.Pages]] = (rhizome.Pages, css.Pages)


async def find(client: Client, person: Person) -> Pages | None:
    """The pages of the person's issuer; None when they are not known, or there is no password to sign in with."""
    if not (person.given.email and person.given.password):
        return None
    home = f"{person.given.issuer.rstrip('/')}/.account/"
    answer = await client.send("GET", home, [("accept", "application/json")])
    for kind in KINDS:
        if kind.fits(answer):
            return kind(client, home, person)
    return None
