"""Going: signing out, deleting the account, and what remains of it."""

from pod.errors import NotFound
from pod.http.texts import iso
from pod.web.page import Download, Field, Form, Go, Json, Leave, Link, Page, Refusal, Values
from pod.web.visit import Visit


async def sign_out(visit: Visit) -> Page | Go | Leave:
    """Asks whether to sign out, and goes back to the app that wanted it, if it named a place of its own."""
    leaving = visit.query("leaving")
    to = await visit.parts.front.onward(leaving) if leaving else None
    if to is not None:
        visit.targets.append(to)
    if visit.session is None and visit.request.method != "POST":
        return Go("/", "done.signed-out") if to is None else Leave(to)

    async def leave(_: Values) -> Go | Leave:
        if visit.session is not None:
            await visit.parts.end_session(visit.session)
        visit.sign_out()
        return Go("/", "done.signed-out") if to is None else Leave(to)

    email = visit.account.email if visit.account is not None else ""
    links = (Link("home", "/"),)
    return Page("sign-out", {"email": email, "onward": to}, (Form("sign-out", leave, kind="main"),), links)


async def delete(visit: Visit) -> Page:
    """Delete the account after taking everything along, or take that back while there is time."""
    account = visit.require_recent()
    texts, days = visit.texts, visit.parts.settings.identity.grace_days

    async def go(values: Values) -> Go:
        if not values["understood"]:
            raise Refusal({"understood": texts.say("faults.understood")})
        changed = await visit.parts.deletion.delete(account.id, visit.require_session().id)
        assert changed.deleting is not None  # so says the deletion
        return Go(visit.path, facts={"due": iso(changed.deleting)})

    async def stay(_: Values) -> Go:
        await visit.parts.deletion.undelete(account.id)
        return Go("/", "done.undeleted")

    due = account.deleting
    facts: dict[str, Json] = {"email": account.email, "grace_days": days, "due": None, "day": None}
    if due is not None:
        facts |= {"due": iso(due), "day": texts.day(due)}
        form = Form("undelete", stay, kind="main")
    else:
        box = Field("understood", "checkbox", required=False)
        form = Form("delete", go, (box,), kind="danger")
    return Page("delete", facts, (form,), (Link("export", "/.account/export"), Link("home", "/")))


async def export(visit: Visit) -> Download:
    """Everything that the account has here, as one file."""
    account = visit.require_recent()
    return Download("rhizome.zip", "application/zip", visit.parts.export.export(account))


async def receipt(visit: Visit) -> Page:
    """What was removed with an account, for whoever has the number."""
    number = visit.query("id")
    found = await visit.parts.deletion.receipt(number) if number else None
    if found is None:
        raise NotFound("There is no receipt with this number.")
    facts = found.facts() | {"size": visit.texts.size(found.bytes)}
    days = {"begun_day": visit.texts.moment(found.begun), "removed_day": visit.texts.moment(found.removed)}
    return Page("receipt", facts | days, links=(Link("home", "/"),))
