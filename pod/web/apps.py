"""Which apps may do what in a person's name, and taking it back."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from pod.errors import NotFound
from pod.http.texts import iso
from pod.idp.accounts import Account
from pod.model.access import Mode
from pod.model.consent import Consent, Grant, Occurrence
from pod.web import words
from pod.web.authorize import end, period
from pod.web.page import Field, Form, Go, Json, Link, Option, Page, Refusal, Values, Watched
from pod.web.visit import Visit


async def apps(visit: Visit) -> Page:
    """Every app that a person has agreed with."""
    account = visit.require_account()
    told = await described(visit)

    async def revoke(values: Values) -> Go:
        webid = _own(account, str(values["webid"]))
        await visit.parts.provider.revoke(webid, str(values["client"]))
        return Go(visit.path, "done.revoked")

    forms = []
    for at, one in enumerate(told):
        hidden = (Field("webid", "hidden", value=one["webid"]), Field("client", "hidden", value=one["client"]))
        label = visit.texts.say("apps.revoke-label", name=one["name"])
        forms.append(Form("revoke", revoke, hidden, kind="danger", label=label, key=str(at)))
    watched = Watched(recorded=lambda: recorded(visit))
    return Page("apps", {"apps": told}, tuple(forms), (Link("settings", "/.account/settings"),), watched=watched)


def _own(account: Account, webid: str) -> str:
    if webid not in account.webids:
        raise NotFound("This WebID is not one of yours.")
    return webid


async def described(visit: Visit) -> list[dict[str, Json]]:
    """The apps of who is signed in, the one used last first; scripts have a page of their own."""
    account = visit.require_account()
    found: list[tuple[int, dict[str, Json]]] = []
    for webid in account.webids:
        used = await visit.parts.consents.last_used(webid)
        for consent in await visit.parts.consents.all(webid):
            one = await _app(visit, consent, used.get(consent.client))
            if one["kind"] != "credentials":
                found.append((used.get(consent.client, consent.given), one))
    return [one for _, one in sorted(found, key=lambda pair: pair[0], reverse=True)]


async def recorded(visit: Visit) -> Json:
    """What a list of the apps shows: when each was used is shown by its place in the list, and by the day."""
    return [{name: value for name, value in one.items() if name != "last_used"} for one in await described(visit)]


async def _app(visit: Visit, consent: Consent, used: int | None) -> dict[str, Json]:
    agreed = await visit.parts.provider.agreed(consent.agent, consent.client)
    base_url, texts = visit.parts.settings.base_url, visit.texts
    told = words.app(None if agreed is None else agreed.client, consent.client, texts)
    told |= {"webid": consent.agent, "given": iso(consent.given), "given_day": texts.day(consent.given)}
    told |= {"grants": [words.grant(one, base_url, texts) for one in _live(consent.grants, visit.now)]}
    told |= {"last_used": None if used is None else iso(used)}
    told |= {"last_used_day": None if used is None else texts.day(used)}
    told["href"] = "/.account/app?" + urlencode({"webid": consent.agent, "client": consent.client})
    return told


def _live(grants: Sequence[Grant], now: int) -> list[Grant]:
    return [one for one in grants if one.until is None or one.until > now]


async def app(visit: Visit) -> Page | Go:
    """One app: what it may, to narrow it or take it back, and what was agreed before."""
    account = visit.require_account()
    webid, client = visit.query("webid"), visit.query("client")
    if webid not in account.webids:
        raise NotFound("You have no agreement with this app.")
    consent = await visit.parts.consents.get(webid, client)
    if consent is None:
        raise NotFound("You have no agreement with this app.")
    told = await _app(visit, consent, (await visit.parts.consents.last_used(webid)).get(client))
    grants = _live(consent.grants, visit.now)

    async def narrow(values: Values) -> Go:
        kept = _narrowed(visit, grants, values)
        await visit.parts.consents.give(replace(consent, grants=kept, given=visit.now))
        return Go(f"{visit.path}?{visit.request.url.query.partition('&done=')[0]}", "done.narrowed")

    async def revoke(_: Values) -> Go:
        await visit.parts.provider.revoke(webid, client)
        return Go("/.account/apps", "done.revoked")

    shown = [words.grant(one, visit.parts.settings.base_url, visit.texts) for one in grants]
    options = tuple(Option(str(at), one["place"], one["may"], checked=True) for at, one in enumerate(shown))
    fields = (
        Field("keep", "checkboxes", required=False, options=options),
        Field("read_only", "checkbox", required=False, hint="app.read-only-hint"),
        replace(period(visit.texts), text="fields.end"),
    )
    forms = [Form("revoke", revoke, kind="danger", label=visit.texts.say("apps.revoke-label", name=told["name"]))]
    if grants:
        forms.insert(0, Form("narrow", narrow, fields, kind="main"))
    history = [_event(visit, one) for one in await visit.parts.consents.history(webid) if one.client == client]
    links = (Link("apps", "/.account/apps"),)
    facts, watched = {"app": told, "history": history}, Watched(recorded=lambda: recorded(visit))
    return Page("app", facts, tuple(forms), links, titled={"app": told["name"]}, watched=watched)


def _narrowed(visit: Visit, grants: Sequence[Grant], values: Values) -> tuple[Grant, ...]:
    """What is left of the grants: never more than there was, and never for longer."""
    kept, until = values["keep"], end(values, visit.now)
    found = []
    for at, one in enumerate(grants):
        if str(at) not in kept:
            continue
        modes = one.modes & {Mode.READ} if values["read_only"] else one.modes
        ends = [moment for moment in (one.until, until) if moment is not None]
        if modes:
            found.append(Grant(one.target, modes, min(ends, default=None)))
    if not found:
        raise Refusal({"keep": visit.texts.say("faults.nothing-kept")})
    return tuple(found)


def _event(visit: Visit, one: Occurrence) -> dict[str, Json]:
    base_url, texts = visit.parts.settings.base_url, visit.texts
    grants = [words.grant(grant, base_url, texts) for grant in one.grants]
    said = {"said": texts.say(f"history.{one.turn}"), "day": texts.moment(one.time)}
    return {"what": one.turn, "at": iso(one.time), "grants": grants} | said
