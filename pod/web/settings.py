"""What a person sets: name, language, what apps are offered; and where everything else is set."""

from pod.http.texts import LANGUAGES
from pod.web.page import Field, Form, Go, Link, Option, Page, Values
from pod.web.visit import Visit

SERVER = "server"
"""Stands for what the server, or the browser, says: nothing is set."""
PAGES = (
    "email",
    "password",
    "passkeys",
    "recovery-codes",
    "sessions",
    "webids",
    "pods",
    "tokens",
    "apps",
    "requests",
    "notices",
)


async def settings(visit: Visit) -> Page:
    """The first page of settings."""
    account = visit.require_account()

    async def name(values: Values) -> Go:
        await visit.parts.accounts.set_name(account.id, str(values["name"]))
        return Go(visit.path, "done.saved")

    async def language(values: Values) -> Go:
        wanted = str(values["language"])
        await visit.parts.accounts.set_language(account.id, None if wanted == SERVER else wanted)
        return Go(visit.path, "done.saved")

    async def consent(values: Values) -> Go:
        wanted = str(values["default_consent"])
        await visit.parts.accounts.set_default_consent(account.id, None if wanted == SERVER else wanted)
        return Go(visit.path, "done.saved")

    texts = visit.texts
    languages = [Option(SERVER, texts.say("settings.language-auto"), checked=account.language is None)]
    languages += [Option(code, label, checked=account.language == code) for code, label in LANGUAGES.items()]
    default = visit.parts.settings.identity.default_consent
    chosen = account.default_consent or default
    offers = [
        Option(one, texts.say(f"settings.offer-{one}"), texts.say(f"settings.offer-{one}-hint"), checked=chosen == one)
        for one in ("everything", "ask")
    ]
    return Page(
        "settings",
        {"name": account.name, "email": account.email, "language": account.language, "default_consent": chosen},
        (
            Form(
                "name",
                name,
                (Field("name", required=False, value=account.name, autocomplete="name", longest=200),),
                "forms.save",
            ),
            Form("language", language, (Field("language", "select", options=tuple(languages)),), "forms.save"),
            Form("consent", consent, (Field("default_consent", "radio", options=tuple(offers)),), "forms.save"),
        ),
        (*(Link(one, f"/.account/{one}") for one in PAGES), Link("delete", "/.account/delete")),
    )
