"""Grants, places and apps in plain words."""

from collections.abc import Iterable
from urllib.parse import unquote

from pod.http.texts import Texts, iso
from pod.idp.asking import Ask
from pod.idp.clients import Client
from pod.model.access import Mode
from pod.model.consent import Grant
from pod.web.page import Json

READ, APPEND, WRITE = Mode.READ, Mode.APPEND, Mode.WRITE
_PHRASES = (
    (frozenset(Mode), "all"),
    (frozenset({READ, APPEND, WRITE}), "change"),
    (frozenset({READ, WRITE}), "change"),
    (frozenset({READ, APPEND}), "add"),
    (frozenset({READ}), "read"),
    (frozenset({APPEND}), "drop"),
    (frozenset({WRITE, APPEND}), "write"),
    (frozenset({WRITE}), "write"),
)


def modes(given: Iterable[Mode], texts: Texts) -> str:
    """What may be done, such as `look at and change`."""
    wanted = frozenset(given)
    for known, name in _PHRASES:
        if wanted == known:
            return texts.say(f"words.{name}")
    return ", ".join(texts.say(f"words.mode-{one}") for one in sorted(wanted))


def place(uri: str, base_url: str, texts: Texts) -> str:
    """What a target is called: a path here, or all of it."""
    if uri == base_url:
        return texts.say("words.everywhere")
    return unquote(uri.removeprefix(base_url)) if uri.startswith(base_url) else uri


def thing(ask: Ask, base_url: str, texts: Texts) -> str:
    """What an app asks for."""
    if ask.target is not None:
        return place(ask.target, base_url, texts)
    if ask.path is not None:
        return texts.say("words.your-folder", path=unquote(ask.path))
    kind = (ask.of_class or "").rstrip("/#").replace("#", "/").rpartition("/")[2]
    return texts.say("words.of-kind", kind=unquote(kind))


def grant(one: Grant, base_url: str, texts: Texts) -> dict[str, Json]:
    """A grant for programs and people."""
    return {
        "target": one.target,
        "place": place(one.target, base_url, texts),
        "modes": sorted(one.modes),
        "may": modes(one.modes, texts),
        "until": None if one.until is None else iso(one.until),
        "until_day": None if one.until is None else texts.day(one.until),
    }


def app(client: Client | None, client_id: str, texts: Texts) -> dict[str, Json]:
    """Who an app is, as far as it is known."""
    known = client or Client(client_id, client_id, "unknown", "")
    return {
        "client": client_id,
        "name": known.name or texts.say("words.nameless"),
        "host": known.host,
        "verified": known.verified,
        "kind": known.kind,
        "uri": known.uri,
        "policy": known.policy,
        "terms": known.terms,
    }
