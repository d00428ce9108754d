"""Asking for access to what somebody else keeps here, and answering those who ask."""

from collections.abc import Sequence
from dataclasses import replace

from pod.access_requests import AccessRequest, Answer, State
from pod.errors import Malformed, NotFound
from pod.http.texts import iso
from pod.model.access import Mode
from pod.model.resource import Uri
from pod.web import words
from pod.web.authorize import end, period
from pod.web.page import Field, Form, Go, Json, Link, Option, Page, Values
from pod.web.visit import Visit

WISHES = {
    "read": frozenset({Mode.READ}),
    "add": frozenset({Mode.READ, Mode.APPEND}),
    "change": frozenset({Mode.READ, Mode.APPEND, Mode.WRITE}),
}
"""What can be asked for, by the words of pages."""
WANTED = {"append": "add", "write": "change", "control": "change"}
"""What is proposed to somebody who was refused this."""


async def requests(visit: Visit) -> Page:
    """Requests that wait for an answer, those that have one, and those that the person made."""
    account = visit.require_account()
    keeper = visit.parts.requests
    to_me = await keeper.of_owner(account.id)
    mine = [one for webid in account.webids for one in await keeper.of_asker(webid)]

    async def grant(values: Values) -> Go:
        modes = WISHES[str(values["wish"])]
        until, recursive = end(values, visit.now), bool(values.get("recursive"))
        request = str(values["id"])
        await keeper.answer(request, account.id, Answer.GRANT, modes, until=until, recursive=recursive)
        return Go(visit.path, "done.granted")

    async def refuse(values: Values) -> Go:
        await keeper.answer(str(values["id"]), account.id, Answer.REFUSE)
        return Go(visit.path, "done.refused")

    forms = []
    for one in to_me:
        if one.state is State.OPEN:
            label = visit.texts.say("requests.grant-label", who=one.asker)
            forms.append(Form("grant", grant, _answer_fields(visit, one), kind="main", key=one.id, label=label))
            label = visit.texts.say("requests.refuse-label", who=one.asker)
            forms.append(Form("refuse", refuse, (Field("id", "hidden", value=one.id),), key=one.id, label=label))
    facts = {"to_me": _told(visit, to_me), "mine": _told(visit, mine)}
    return Page("requests", facts, tuple(forms), (Link("settings", "/.account/settings"),))


def _answer_fields(visit: Visit, one: AccessRequest) -> tuple[Field, ...]:
    wanted = next((name for name, modes in WISHES.items() if one.modes <= modes), "change")
    fields = [Field("id", "hidden", value=one.id), _wish(visit, wanted), period(visit.texts)]
    if one.uri.endswith("/"):
        fields.append(Field("recursive", "checkbox", required=False, value="on"))
    return tuple(fields)


def _wish(visit: Visit, chosen: str) -> Field:
    options = tuple(Option(one, visit.texts.say(f"words.{one}"), checked=one == chosen) for one in WISHES)
    return Field("wish", "select", options=options)


def _told(visit: Visit, found: Sequence[AccessRequest]) -> list[dict[str, Json]]:
    base_url, texts = visit.parts.settings.base_url, visit.texts
    return [
        {
            "id": one.id,
            "asker": one.asker,
            "client": one.client,
            "uri": one.uri,
            "place": words.place(one.uri, base_url, texts),
            "modes": sorted(one.modes),
            "may": words.modes(one.modes, texts),
            "reason": one.reason,
            "state": one.state.value,
            "state_said": texts.say(f"requests.state-{one.state.value}"),
            "time": iso(one.time),
            "day": texts.day(one.time),
            "until_day": None if one.until is None else texts.day(one.until),
        }
        for one in found
    ]


async def ask(visit: Visit) -> Page:
    """Ask the owner of a place for access to it; who was refused comes here with what they wanted to do."""
    account = visit.require_account()
    base_url = visit.parts.settings.base_url
    uri, client = visit.query("resource"), visit.query("client")
    if not uri.startswith(base_url) or len(uri) > 4096:
        raise Malformed("Say what you want access to, by an address on this server.")
    if not account.webids:
        raise NotFound("To ask for access you need a WebID; make a pod first, which has one.")

    async def send(values: Values) -> Go:
        only, modes = bool(values.get("only_client")), WISHES[str(values["wish"])]
        agent = replace(visit.agent(str(values["webid"])), client=client if only else None)
        await visit.parts.requests.ask(agent, Uri(uri), modes, str(values["reason"]), only_client=only)
        return Go("/.account/requests", "done.asked")

    who = tuple(Option(one, one, checked=at == 0) for at, one in enumerate(account.webids))
    webid = (
        Field("webid", "select", options=who, text="fields.as")
        if len(who) > 1
        else Field("webid", "hidden", value=who[0].value)
    )
    fields = (
        webid,
        _wish(visit, WANTED.get(visit.query("mode"), "read")),
        Field("reason", "textarea", required=False, hint="ask.reason-hint", longest=1000),
        *([Field("only_client", "checkbox", required=False)] if client.startswith(("https:", "http:")) else []),
    )
    facts = {"uri": uri, "client": client, "place": words.place(uri, base_url, visit.texts)}
    return Page(
        "ask",
        facts,
        (Form("ask", send, fields, kind="main", blame="reason"),),
        (Link("requests", "/.account/requests"),),
    )
