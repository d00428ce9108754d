"""What a person keeps in their pods: folders to look into, and files to open. Nothing is changed here."""

import re
import unicodedata
from collections.abc import AsyncIterator, Sequence
from urllib.parse import unquote, urlencode, urlsplit

from pod.access.audience import Audience
from pod.errors import Forbidden, Malformed, NotFound
from pod.http.texts import Texts, iso
from pod.model.agent import ANYONE, Agent
from pod.model.resource import Blob, Child, Kind, Uri
from pod.notify.feed import Activity
from pod.rules import names
from pod.web import kinds
from pod.web.page import Download, Json, Link, Page, Topic, Watched
from pod.web.visit import Visit

MOST = 100
"""Entries of a folder that are shown at once."""
LONGEST = 200
"""Characters of what is looked for."""
FILES, FILE, OPEN = "/.account/files", "/.account/file", "/.account/open"
_DIGITS = re.compile(r"(\d+)")
_JOINERS = frozenset("\u200c\u200d")
"""Invisible, and part of words in some scripts, and of pictographs."""


async def files(visit: Visit) -> Page:
    """A folder; without one in the address the pods of who is signed in, or the only one of them."""
    account = visit.require_account()
    pods = [one for one in await visit.parts.webids.pods(account.id) if not one.closed]
    places = [{"name": one.name, "uri": one.root, "href": _href(FILES, one.root)} for one in pods]
    if visit.query("at"):
        return await _folder(visit, _uri(visit, container=True), places)
    if len(pods) == 1:
        return await _folder(visit, pods[0].root, places)
    return Page("files", {"places": places}, links=(Link("pods", "/.account/pods"),))


async def _folder(visit: Visit, uri: Uri, places: Sequence[Json]) -> Page:
    agent = await _reader(visit, uri)
    found = sorted(await visit.parts.resources.members(agent, uri), key=_order)
    find = " ".join(visit.query("find").split())[:LONGEST]
    matching = [one for one in found if find.casefold() in name(one.uri).casefold()] if find else found
    pages = max(1, -(-len(matching) // MOST))
    at = min(_number(visit.query("page")), pages)
    shown = matching[(at - 1) * MOST : at * MOST]
    facts: dict[str, Json] = {
        "uri": uri,
        "name": name(uri),
        "crumbs": await _crumbs(visit, uri),
        "places": [one for one in places if not uri.startswith(one["uri"])],
        "entries": [await _entry(visit, one) for one in shown],
        "count": len(found),
        "matching": len(matching),
        "find": find,
        "whole": _href(FILES, uri),
        "page": at,
        "pages": pages,
        "previous": _href(FILES, uri, find=find, page=at - 1) if at > 1 else None,
        "next": _href(FILES, uri, find=find, page=at + 1) if at < pages else None,
    }
    facts |= await _seen(visit, agent, uri)
    titled = {"folder": name(uri)}
    return Page("folder", facts, links=(Link("home", "/"),), titled=titled, watched=_watched(agent, uri))


def _watched(agent: Agent, container: Uri) -> Watched:
    """A folder changes with what it lists, with how that is, and with who may see it."""

    def concerns(activity: Activity) -> bool:
        about = names.subject(activity.topic)
        return container in {about, names.parent(about)}

    return Watched((Topic(agent, container, concerns, below=True),))


async def file(visit: Visit) -> Page:
    """What is known of a file, to open it or to keep it."""
    visit.require_account()
    uri = _uri(visit, container=False)
    agent = await _reader(visit, uri)
    found = (await visit.parts.resources.read(agent, uri, None)).resource
    facts: dict[str, Json] = {
        "uri": uri,
        "name": name(uri),
        "crumbs": await _crumbs(visit, uri),
        "media_type": found.media_type,
        **_told(visit.texts, found.kind, found.media_type, found.modified),
        "bytes": found.blob.size,
        "size": visit.texts.size(found.blob.size),
        "opens": kinds.shown_as(found.media_type) is not None,
        "open": _href(OPEN, uri),
        "keep": _href(OPEN, uri, keep=1),
    }
    facts |= await _seen(visit, agent, uri)

    def concerns(activity: Activity) -> bool:
        return uri == activity.topic

    above = names.parent(uri)
    links = () if above is None else (Link("files", _href(FILES, above)),)
    watched = Watched((Topic(agent, uri, concerns),))
    return Page("file", facts, links=links, titled={"file": name(uri)}, watched=watched)


async def opened(visit: Visit) -> Download:
    """The content of a file: to look at what a browser only shows, and to keep all else."""
    visit.require_account()
    uri = _uri(visit, container=False)
    document = await visit.parts.resources.read(await _reader(visit, uri), uri, None)
    shown = None if visit.query("keep") else kinds.shown_as(document.media_type)
    content = document.content
    pieces = visit.parts.resources.stream(content) if isinstance(content, Blob) else _whole(content)
    return Download(name(uri), shown or document.media_type, pieces, document.size, shown is not None)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _uri(visit: Visit, *, container: bool) -> Uri:
    """What the address is about; NotFound when it is not of the kind, or not here."""
    base_url, given = visit.parts.settings.base_url, visit.query("at")
    if not given.startswith(base_url) or "?" in given or "#" in given:
        raise Malformed("Say which file or folder you mean, by its address on this server.")
    uri = names.resolve(base_url, urlsplit(given).path.encode(), visit.parts.settings.limits.uri)
    if names.kind(uri) is not (Kind.CONTAINER if container else Kind.DOCUMENT):
        raise NotFound("Nothing is here.")
    return uri


async def _reader(visit: Visit, uri: Uri) -> Agent:
    """The person by that of their WebIDs that may read there: the owner's first, else the one that they use most.

    Forbidden when none may, whether or not something is there.
    """
    account = visit.require_account()
    pod = await visit.parts.resources.pod(uri)
    if pod is not None and pod.closed and pod.account == account.id:
        raise NotFound("This pod was closed; nothing is here.")
    owners = () if pod is None else pod.owners
    for webid in sorted(account.webids, key=lambda one: one not in owners):
        agent = visit.agent(webid)
        if (await visit.parts.resources.reading(agent, uri)).allowed:
            return agent
    if (await visit.parts.resources.reading(ANYONE, uri)).allowed:
        return ANYONE
    raise Forbidden("This is not yours, and was not shared with you.")


def name(uri: str) -> str:
    """What the last part of an address is called, without what could make it look like something else."""
    text = unquote(uri.rstrip("/").rpartition("/")[2])
    if text.isprintable():
        return text
    return "".join(one if one in _JOINERS or unicodedata.category(one) not in {"Cc", "Cf"} else "�" for one in text)


def _order(one: Child) -> tuple[bool, list[str | tuple[int, str]], str]:
    """Folders first, then as people sort: 9 before 10, and a beside A."""
    pieces = _DIGITS.split(name(one.uri).casefold())
    natural = [f"{int(piece):030}" if piece.isdecimal() else piece for piece in pieces]
    return one.kind is not Kind.CONTAINER, [*natural], one.uri


async def _entry(visit: Visit, one: Child) -> dict[str, Json]:
    is_folder = one.kind is Kind.CONTAINER
    public = await visit.parts.resources.reading(ANYONE, one.uri)
    return {
        "uri": one.uri,
        "name": name(one.uri),
        "href": _href(FILES if is_folder else FILE, one.uri),
        "folder": is_folder,
        **_told(visit.texts, one.kind, one.media_type, one.modified),
        "bytes": None if is_folder else one.size,
        "size": None if is_folder else visit.texts.size(one.size),
        "everyone": public.allowed,
    }


def _told(texts: Texts, kind: Kind, media_type: str, modified: int) -> dict[str, Json]:
    what = "folder" if kind is Kind.CONTAINER else kinds.kind(media_type)
    said = {"kind": what, "kind_said": texts.say(f"kinds.{what}")}
    return said | {"modified": iso(modified), "modified_day": texts.moment(modified)}


async def _crumbs(visit: Visit, uri: Uri) -> list[dict[str, Json]]:
    """The folders above, the outermost first, up to the pod."""
    root = await visit.parts.resources.root(uri)
    above = [one for one in names.ancestors(uri) if root is not None and one.startswith(root)]
    return [{"name": name(one), "href": _href(FILES, one)} for one in reversed(above)]


async def _seen(visit: Visit, agent: Agent, uri: Uri) -> dict[str, Json]:
    """Who can see it, for who may know that."""
    audience = await visit.parts.resources.audience(agent, uri)
    if audience is None:
        return {"seen": None, "others": []}
    own = visit.require_account().webids
    others = sorted((audience.agents | audience.groups) - set(own))
    return {"seen": _audience(audience, own, len(others), visit.texts), "others": others}


def _audience(audience: Audience, own: Sequence[str], others: int, texts: Texts) -> str:
    if audience.everyone:
        return texts.say("seen.everyone")
    if audience.authenticated:
        return texts.say("seen.signed-in")
    if others:
        return texts.say("seen.some", count=others)
    return texts.say("seen.you" if audience.agents.intersection(own) else "seen.nobody")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 and int(text) > 0 else 1


def _href(place: str, uri: str, **more: str | int) -> str:
    return f"{place}?{urlencode({'at': uri} | {name: value for name, value in more.items() if value})}"
