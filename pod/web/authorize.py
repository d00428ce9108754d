"""Whether an app may: the page that tells a person who asks for what, and takes their answer."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pod.errors import NotFound
from pod.http.texts import Texts
from pod.idp.accounts import Account
from pod.idp.asking import Ask
from pod.idp.authorization import Interaction
from pod.model.access import Mode
from pod.model.consent import Grant
from pod.model.resource import Uri
from pod.web import places, words
from pod.web.page import Field, Form, Go, Json, Leave, Option, Page, Refusal, Values
from pod.web.visit import Visit

DAY = 24 * 3600 * 1_000_000
PERIODS = ("day", "week", "month", "year")
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
USUAL = frozenset({Mode.READ, Mode.APPEND, Mode.WRITE})
"""What an app may do in a folder that a person picks; who else may, it cannot change."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that an app asks for, and where that is for this person."""

    ask: Ask
    targets: tuple[Uri, ...]


Wishes = Mapping[str, Sequence[Wish]]
"""What is asked for, by the WebID in whose name it would be."""


def path(interaction: str) -> str:
    """The page of an interaction."""
    return f"/.account/authorize/{interaction}"


async def authorize(visit: Visit) -> Page | Go | Leave:
    """The page of one request of an app."""
    interaction = await _interaction(visit)
    visit.targets.append(interaction.redirect_uri)
    if visit.account is None or visit.session is None:
        page = (
            "sign-up"
            if "create" in interaction.prompt and visit.parts.settings.identity.sign_up != "closed"
            else "sign-in"
        )
        return Go(f"/.account/{page}?next={quote(visit.path, safe='')}")
    account, session = visit.account, visit.session
    if interaction.must_sign_in(session.authenticated, visit.now):
        return Go(f"/.account/sign-in?next={quote(visit.path, safe='')}&again=1")
    if visit.request.method != "POST" and not {"consent", "select_account"} & set(interaction.prompt):
        webid = await visit.parts.provider.standing(interaction, account)
        if webid is not None and account.deleting is None:
            return Leave(await visit.parts.provider.agree(interaction, session, account, webid, None))
    return await _page(visit, interaction, account)


async def _interaction(visit: Visit) -> Interaction:
    found = await visit.parts.provider.interaction(visit.request.path_params["id"], visit.browser or None)
    if found is None:
        raise NotFound(
            "This request is too old, was answered, or began in another browser; go back to the app and try again."
        )
    return found


async def _page(visit: Visit, interaction: Interaction, account: Account) -> Page:
    texts = visit.texts

    async def allow(values: Values) -> Leave:
        webid = str(values["webid"])
        # An app that may write a type index could otherwise let other places stand there in the meantime.
        if interaction.asks and values["shown"] != _shown(wishes):
            raise Refusal({"scope": texts.say("faults.moved")})
        grants = _grants(visit, wishes.get(webid, ()), values)
        for grant in grants:
            if Mode.APPEND in grant.modes or Mode.WRITE in grant.modes:
                await visit.parts.places.make(webid, grant.target)
        remember = bool(values["remember"])
        answer = await visit.parts.provider.agree(
            interaction, visit.require_session(), account, webid, grants, remember=remember
        )
        return Leave(answer)

    async def refuse(_: Values) -> Leave:
        return Leave(await visit.parts.provider.refuse(interaction))

    async def switch(_: Values) -> Go:
        await visit.parts.end_session(visit.require_session())
        visit.sign_out()
        return Go(f"/.account/sign-in?next={quote(visit.path, safe='')}")

    async def undelete(_: Values) -> Go:
        await visit.parts.deletion.undelete(visit.require_recent().id)
        return Go(visit.path, "done.undeleted")

    forms = [Form("refuse", refuse), Form("switch", switch, kind="quiet")]
    wishes = {webid: await _wishes(visit, interaction, webid) for webid in account.webids}
    if account.deleting is not None:
        forms.insert(0, Form("undelete", undelete, kind="main"))
    elif account.webids:
        fields = await _fields(visit, interaction, account, wishes)
        forms.insert(0, Form("allow", allow, fields, kind="main", blame="folders"))
    facts: dict[str, Json] = {"app": words.app(interaction.client, interaction.client.id, texts)}
    facts["asked"] = [_told(visit, one, wishes) for one in (interaction.asks if account.webids else ())]
    facts |= {"webids": list(account.webids), "account": account.email}
    facts["deleting"] = None if account.deleting is None else texts.day(account.deleting)
    facts |= {"returns_to": interaction.redirect_uri, "standing": "offline_access" in interaction.scopes}
    return Page("authorize", facts, tuple(forms), titled={"app": facts["app"]["name"]})


def _told(visit: Visit, ask: Ask, wishes: Wishes) -> Mapping[str, Json]:
    """What an app asks for, for people and programs."""
    base_url, texts = visit.parts.settings.base_url, visit.texts
    return {
        "what": words.thing(ask, base_url, texts),
        "may": words.modes(ask.modes, texts),
        "modes": sorted(ask.modes),
        "label": ask.label,
        "where": [words.place(target, base_url, texts) for target in _targets(wishes, ask)],
    }


async def _wishes(visit: Visit, interaction: Interaction, webid: str) -> Sequence[Wish]:
    return [Wish(ask, await visit.parts.provider.targets(webid, ask)) for ask in interaction.asks]


def _targets(wishes: Wishes, ask: Ask) -> Sequence[Uri]:
    """The places that are meant, whichever WebID the person chooses."""
    found = [target for some in wishes.values() for one in some if ask == one.ask for target in one.targets]
    return list(dict.fromkeys(found))


def _shown(wishes: Wishes) -> str:
    """What stands for all places that the page shows."""
    places = {webid: [list(one.targets) for one in some] for webid, some in wishes.items()}
    return hashlib.sha256(json.dumps(places).encode()).hexdigest()


async def _fields(visit: Visit, interaction: Interaction, account: Account, wishes: Wishes) -> tuple[Field, ...]:
    texts = visit.texts
    hinted = interaction.login_hint if interaction.login_hint in account.webids else account.webids[0]
    several = len(account.webids) > 1
    who = tuple(Option(one, one, checked=one == hinted) for one in account.webids)
    webid = (
        Field("webid", "radio", options=who, text="fields.as") if several else Field("webid", "hidden", value=hinted)
    )
    offered = ("asked", "folders") if interaction.asks else ("everything", "folders")
    default = account.default_consent or visit.parts.settings.identity.default_consent
    chosen = offered[0] if interaction.asks or default == "everything" else "folders"
    scope = tuple(
        Option(
            one, texts.say(f"authorize.scope-{one}"), texts.say(f"authorize.scope-{one}-hint"), checked=one == chosen
        )
        for one in offered
    )
    pods = await visit.parts.webids.pods(account.id)
    # None is ticked before the person does it: where what is asked for has no place, those that are ticked are its.
    folders = await places.tree(visit.parts.stores.store, pods)
    # Where everything that is asked for has its place, there is nothing to pick for it.
    placed = {"placed": "yes"} if all(one.targets for some in wishes.values() for one in some) else {}
    return (
        webid,
        *([Field("shown", "hidden", value=_shown(wishes))] if interaction.asks else []),
        Field("scope", "radio", options=scope, data=placed),
        *([Field("folders", "checkboxes", required=False, options=folders)] if folders else []),
        Field("other", "url", required=False, hint="authorize.other-hint", longest=2048),
        Field("read_only", "checkbox", required=False, hint="authorize.read-only-hint"),
        period(texts),
        Field("remember", "checkbox", required=False, value="on", hint="authorize.remember-hint"),
    )


def period(texts: Texts) -> Field:
    """For how long."""
    options = [Option("", texts.say("periods.open"), checked=True)]
    options += [Option(one, texts.say(f"periods.{one}")) for one in PERIODS]
    return Field("period", "select", required=False, options=tuple(options))


def end(values: Values, now: int) -> int | None:
    """When the chosen period ends."""
    days = DAYS.get(str(values["period"]))
    return None if days is None else now + days * DAY


def _grants(visit: Visit, wishes: Sequence[Wish], values: Values) -> tuple[Grant, ...]:
    """What the person lets the app do; Refusal when that is nothing."""
    base_url, until = Uri(visit.parts.settings.base_url), end(values, visit.now)
    picked = _picked(values, base_url, visit.texts)
    match values["scope"]:
        case "everything":
            found = [Grant(base_url, frozenset(Mode), until)]
        case "asked":
            found = _asked(wishes, picked, until)
        case _:
            found = [Grant(one, USUAL, until) for one in picked]
    if values["read_only"]:
        found = [Grant(one.target, one.modes & {Mode.READ}, one.until) for one in found if Mode.READ in one.modes]
    if not found:
        raise Refusal({"folders": visit.texts.say("faults.nothing-chosen")})
    return tuple(found)


def _asked(wishes: Sequence[Wish], picked: Iterable[Uri], until: int | None) -> list[Grant]:
    """A grant for each place that is known; what has no place yet may use the folders that are picked."""
    found = [Grant(target, wish.ask.modes, until) for wish in wishes for target in wish.targets]
    homeless = frozenset(mode for wish in wishes if not wish.targets for mode in wish.ask.modes)
    if homeless:
        found += [Grant(one, homeless, until) for one in picked]
    return found


def _picked(values: Values, base_url: str, texts: Texts) -> list[Uri]:
    """The folders that were picked, and the one that was typed; Refusal unless that one is here."""
    folders, other = values.get("folders", ()), str(values["other"]).strip()
    picked = [Uri(one) for one in folders] if isinstance(folders, tuple) else [Uri(folders)]
    if other and (not other.startswith(base_url) or any(one in other for one in "?#\\ ")):
        raise Refusal({"other": texts.say("faults.elsewhere", base_url=base_url)})
    return [*picked, *([Uri(other)] if other else [])]
