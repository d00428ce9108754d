"""The first page: what this place is for a visitor, and what is theirs for a person signed in."""

from urllib.parse import urlsplit

from pod import __version__
from pod.access_requests import State
from pod.web import apps, identities
from pod.web.keys import session_facts
from pod.web.page import Json, Link, Page, Watched
from pod.web.visit import Visit

MOST = 5
"""How many apps and devices are shown; the rest is on their own pages."""


async def home(visit: Visit) -> Page:
    """The first page."""
    if visit.account is None:
        return _welcome(visit)
    account = visit.account
    pods = await identities.described(visit)
    used = sum(int(str(one["bytes"])) for one in pods)
    devices = await visit.parts.sessions.all(account.id)
    told = await apps.described(visit)
    facts = {
        "name": account.name,
        "email": account.email,
        "verified": account.verified,
        "deleting": None if account.deleting is None else visit.texts.day(account.deleting),
        "webid": account.webids[0] if account.webids else None,
        "pods": pods,
        "bytes": used,
        "size": visit.texts.size(used),
        "apps": told[:MOST],
        "apps_count": len(told),
        "devices": [session_facts(visit, one.id, one.label, one.how, one.seen) for one in devices[:MOST]],
        "devices_count": len(devices),
        "requests_count": sum(one.state is State.OPEN for one in await visit.parts.requests.of_owner(account.id)),
        "notices_count": len(await visit.parts.notices.of(account.id)),
    }
    names = ("files", "pods", "apps", "sessions", "requests", "notices", "settings", "webids", "tokens", "sign-out")
    links = tuple(Link(one, f"/.account/{one}") for one in names)
    return Page("home", facts, links=links, watched=await _watched(visit))


async def _watched(visit: Visit) -> Watched:
    """The first page changes with what is in the pods, and with what apps may do."""

    async def recorded() -> Json:
        return [await apps.recorded(visit), await identities.roots(visit)]

    return Watched(await identities.holdings(visit), recorded)


def _welcome(visit: Visit) -> Page:
    settings = visit.parts.settings
    facts = {"base_url": settings.base_url, "version": __version__, "sign_up": settings.identity.sign_up}
    names = ["sign-in"] if settings.identity.sign_up == "closed" else ["sign-up", "sign-in"]
    # Where the pages have an origin of their own, this one may have been asked for at the other.
    host = urlsplit(settings.account_url).netloc
    root = "/" if visit.request.headers.get("host", host) == host else settings.account_url
    return Page("welcome", facts, links=tuple(Link(one, f"{root}.account/{one}") for one in names))
