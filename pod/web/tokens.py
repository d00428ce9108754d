"""Tokens for scripts: clients that act in the name of a WebID by an id and a secret alone."""

from pod.http.texts import iso
from pod.web.page import Field, Form, Go, Json, Link, Option, Page, Values
from pod.web.visit import Visit

LINKS = (Link("settings", "/.account/settings"),)


async def tokens(visit: Visit) -> Page:
    """The tokens of the account."""
    account = visit.require_account()
    provider = visit.parts.provider

    async def make(values: Values) -> Page:
        account = visit.require_recent()
        webid = str(values["webid"])
        client, secret = await provider.credentials(account, webid, str(values["token_name"]).strip())
        facts = {"client_id": client, "client_secret": secret, "webid": webid, "issuer": visit.parts.settings.base_url}
        return Page("token", facts, links=(Link("tokens", visit.path),))

    async def remove(values: Values) -> Go:
        await provider.remove_credentials(account, str(values["client_id"]))
        return Go(visit.path, "done.removed")

    forms: list[Form] = []
    if account.webids:
        owners = tuple(Option(one, one, checked=at == 0) for at, one in enumerate(account.webids))
        name = Field("token_name", hint="tokens.name-hint", longest=100)
        forms.append(
            Form("token", make, (name, Field("webid", "select", options=owners, text="fields.acts-as")), kind="main")
        )
    told = []
    for one in await provider.credentials_of(account):
        label = visit.texts.say("tokens.remove-label", name=one.name)
        forms.append(
            Form(
                "remove", remove, (Field("client_id", "hidden", value=one.id),), kind="danger", label=label, key=one.id
            )
        )
        made: dict[str, Json] = {"created": iso(one.created), "day": visit.texts.day(one.created)}
        told.append(made | {"client_id": one.id, "name": one.name, "webid": one.webid})
    return Page("tokens", {"tokens": told, "webids": list(account.webids)}, tuple(forms), LINKS)
