"""How a person proves who they are: passkeys, the password, recovery codes; and where they have done so."""

from collections.abc import Mapping

from pod.auth.keys import KeyFault, json_object
from pod.errors import Malformed
from pod.http.texts import iso
from pod.web.page import Data, Field, Form, Go, Json, Link, Page, Values
from pod.web.visit import Visit

SETTINGS = (Link("settings", "/.account/settings"),)


async def passkeys(visit: Visit) -> Page:
    """The passkeys of the account."""
    account = visit.require_account()
    keeper = visit.parts.passkeys

    async def options(_: Values) -> Data:
        return Data(await keeper.registration_options(visit.require_recent()))

    async def add(values: Values) -> Go:
        account = visit.require_recent()
        name = str(values["passkey_name"]).strip() or visit.label
        await keeper.register(account, credential(values), name)
        return Go(visit.path, "done.passkey")

    async def rename(values: Values) -> Go:
        await keeper.rename(account.id, str(values["id"]), str(values["passkey_name"]))
        return Go(visit.path, "done.saved")

    async def remove(values: Values) -> Go:
        await keeper.remove(visit.require_recent().id, str(values["id"]))
        return Go(visit.path, "done.removed")

    named = Field("passkey_name", required=False, hint="passkeys.name-hint", longest=100)
    forms = [
        Form("passkey-add", add, (named, Field("response", "hidden", required=True, longest=65536)), kind="script"),
        Form("passkey-options", options, kind="script"),
    ]
    told = []
    for one in await keeper.all(account.id):
        hidden = Field("id", "hidden", value=one.id)
        label = visit.texts.say("passkeys.remove-label", name=one.name)
        field = Field("passkey_name", value=one.name, longest=100)
        forms.append(Form("rename", rename, (hidden, field), "forms.rename", key=one.id))
        forms.append(Form("remove", remove, (hidden,), kind="danger", label=label, key=one.id))
        told.append({"id": one.id, "name": one.name, "created": iso(one.created), "day": visit.texts.day(one.created)})
    return Page("passkeys", {"passkeys": told}, tuple(forms), SETTINGS)


async def recovery_codes(visit: Visit) -> Page:
    """How many recovery codes are left, and new ones."""
    account = visit.require_account()

    async def make(_: Values) -> Page:
        codes = await visit.parts.recovery.make(visit.require_recent().id)
        facts = {"codes": list(codes), "email": account.email, "url": visit.parts.settings.account_url}
        return Page("codes", facts, links=SETTINGS)

    left = await visit.parts.recovery.left(account.id)
    return Page("recovery-codes", {"left": left}, (Form("codes", make, kind="main"),), SETTINGS)


async def sessions(visit: Visit) -> Page:
    """Every device that is signed in."""
    account, here = visit.require_account(), visit.require_session()

    async def end(values: Values) -> Go:
        for one in await visit.parts.sessions.all(account.id):
            if one.id == values["id"]:
                await visit.parts.end_session(one)
        if values["id"] == here.id:
            visit.sign_out()
            return Go("/", "done.signed-out")
        return Go(visit.path, "done.session")

    async def everywhere(_: Values) -> Go:
        for one in await visit.parts.sessions.all(account.id):
            await visit.parts.end_session(one)
        await visit.parts.devices.forget_all(account.id)
        visit.sign_out()
        return Go("/", "done.signed-out-everywhere")

    forms = [Form("everywhere", everywhere, kind="danger")]
    told = []
    for one in await visit.parts.sessions.all(account.id):
        label = visit.texts.say("sessions.end-label", device=one.label)
        forms.append(Form("end", end, (Field("id", "hidden", value=one.id),), label=label, key=one.id))
        told.append(session_facts(visit, one.id, one.label, one.how, one.seen))
    return Page("sessions", {"sessions": told}, tuple(forms), SETTINGS)


def session_facts(visit: Visit, session: str, label: str, how: str, seen: int) -> dict[str, object]:
    """A device for programs and people."""
    is_here = visit.session is not None and session == visit.session.id
    said = {"how_said": visit.texts.say(f"how.{how}"), "seen_day": visit.texts.moment(seen)}
    return {"id": session, "label": label, "how": how, "seen": iso(seen), "here": is_here} | said


def credential(values: Values) -> Mapping[str, Json]:
    """What a browser's passkey answered."""
    try:
        return json_object(str(values["response"]).encode())
    except KeyFault as error:
        raise Malformed("The passkey could not be understood; try again.") from error
