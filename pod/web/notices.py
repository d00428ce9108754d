"""What has happened to a person's things while they did not look."""

from pod.http.texts import iso
from pod.idp.notices import Notice
from pod.web import words
from pod.web.page import Field, Form, Go, Json, Link, Page, Values
from pod.web.visit import Visit


async def notices(visit: Visit) -> Page:
    """What happened, the latest first, until the person has taken note of it."""
    account = visit.require_account()
    keeper = visit.parts.notices
    found = await keeper.of(account.id)

    async def noted(values: Values) -> Go:
        await keeper.remove(account.id, str(values["id"]))
        return Go(visit.path, "done.removed")

    async def noted_all(_: Values) -> Go:
        for one in found:
            await keeper.remove(account.id, one.id)
        return Go(visit.path, "done.removed")

    forms = [
        Form(
            "noted",
            noted,
            (Field("id", "hidden", value=one.id),),
            label=visit.texts.say("notices.noted-label", host=one.about.host, place=_place(visit, one)),
            key=one.about.subscription,
        )
        for one in found
    ]
    if len(found) > 1:
        forms.append(Form("noted-all", noted_all))
    told = [_told(visit, one) for one in found]
    return Page("notices", {"notices": told}, tuple(forms), (Link("settings", "/.account/settings"),))


def _place(visit: Visit, one: Notice) -> str:
    return words.place(one.about.topic, visit.parts.settings.base_url, visit.texts)


def _told(visit: Visit, one: Notice) -> dict[str, Json]:
    about, texts = one.about, visit.texts
    return {
        "id": one.id,
        "kind": "unsubscribed",
        "subscription": about.subscription,
        "mine": one.mine,
        "agent": about.agent,
        "client": about.client,
        "topic": about.topic,
        "place": _place(visit, one),
        "host": about.host,
        "since": iso(about.since),
        "since_day": texts.moment(about.since),
        "time": iso(about.ended),
        "day": texts.moment(about.ended),
    }
