"""Every page with its address."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.routing import Route

from pod.errors import NotFound
from pod.web import (
    apps,
    authorize,
    credentials,
    entering,
    files,
    home,
    identities,
    keys,
    leaving,
    notices,
    requests,
    settings,
    tokens,
)
from pod.web.page import Page
from pod.web.parts import Parts
from pod.web.paths import PLACE
from pod.web.site import PageOf, endpoint
from pod.web.visit import Visit

PAGES: Mapping[str, PageOf] = MappingProxyType(
    {
        "/": home.home,
        PLACE: home.home,
        f"{PLACE}sign-up": entering.sign_up,
        f"{PLACE}sign-in": entering.sign_in,
        f"{PLACE}recover": entering.recover,
        f"{PLACE}start": entering.start,
        f"{PLACE}forgot": entering.forgot,
        f"{PLACE}reset/{{token}}": entering.reset,
        f"{PLACE}confirm/{{token}}": entering.confirm,
        f"{PLACE}mail": entering.mail,
        f"{PLACE}authorize/{{id}}": authorize.authorize,
        f"{PLACE}settings": settings.settings,
        f"{PLACE}email": credentials.email,
        f"{PLACE}password": credentials.password,
        f"{PLACE}passkeys": keys.passkeys,
        f"{PLACE}recovery-codes": keys.recovery_codes,
        f"{PLACE}sessions": keys.sessions,
        f"{PLACE}webids": identities.webids,
        f"{PLACE}link": identities.link,
        f"{PLACE}pods": identities.pods,
        f"{PLACE}tokens": tokens.tokens,
        f"{PLACE}files": files.files,
        f"{PLACE}file": files.file,
        f"{PLACE}open": files.opened,
        f"{PLACE}apps": apps.apps,
        f"{PLACE}app": apps.app,
        f"{PLACE}requests": requests.requests,
        f"{PLACE}requests/new": requests.ask,
        f"{PLACE}notices": notices.notices,
        f"{PLACE}sign-out": leaving.sign_out,
        f"{PLACE}delete": leaving.delete,
        f"{PLACE}export": leaving.export,
        f"{PLACE}receipt": leaving.receipt,
    }
)


async def nothing(_visit: Visit) -> Page:
    """What is at every other address."""
    raise NotFound("There is no such page.")


def routes(parts: Parts) -> list[Route]:
    """All routes of the pages."""
    found = [Route(path, endpoint(page, parts), methods=["GET", "POST"]) for path, page in PAGES.items()]
    return [*found, Route(f"{PLACE}{{rest:path}}", endpoint(nothing, parts), methods=["GET", "POST"])]
