"""Coming in: sign up, sign in, with a password, a passkey or a recovery code, and the first steps."""

import re
from urllib.parse import quote, urlsplit

from pod.errors import Forbidden, NotFound
from pod.http.peers import peer_name
from pod.idp.accounts import Account
from pod.idp.entrance import Applicant
from pod.idp.throttle import Counter
from pod.web.keys import credential
from pod.web.page import Data, Field, Form, Go, Link, Option, Page, Refusal, Values
from pod.web.paths import PATHS
from pod.web.visit import Visit

AUTHORIZE = re.compile(r"/\.account/authorize/[A-Za-z0-9_-]{1,64}")
EMAIL = Field("email", "email", autocomplete="username", longest=320)
RESPONSE = Field("response", "hidden", longest=65536)
NOBODY = "Sign in with the account that you are signed in with, or sign out first."


def onward(visit: Visit, wanted: str | None = None) -> str:
    """Where a person goes on to: a page here that they came from, else the first page. Never elsewhere."""
    wanted = visit.query("next") if wanted is None else wanted
    # A path, and no host: what begins with two slashes or has a backslash a browser would read as one.
    is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    parts = urlsplit(wanted) if is_path and wanted.isascii() and wanted.isprintable() and len(wanted) < 4096 else None
    if parts is None or parts.fragment:
        return "/"
    if parts.path not in PATHS and AUTHORIZE.fullmatch(parts.path) is None:
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _with_next(path: str, to: str) -> str:
    return path if to == "/" else f"{path}?next={quote(to, safe='')}"


async def asking_app(visit: Visit, to: str) -> str:
    """The name of the app that waits for the person to come in; empty when none does."""
    if AUTHORIZE.fullmatch(to) is None:
        return ""
    found = await visit.parts.provider.interaction(to.rpartition("/")[2], visit.browser or None)
    if found is None:
        return ""
    visit.targets.append(found.redirect_uri)
    return found.client.name or found.client.host


async def _welcomed(visit: Visit, account: Account, how: str, to: str, *, again: bool = False) -> Go:
    """Let the account in, and go on."""
    if again and visit.account is not None and visit.account.id != account.id:
        raise Forbidden(NOBODY)
    is_again = again and visit.account is not None
    token = await (visit.renew(account, how) if is_again else visit.start(account, how))
    facts = {"account": account.id} | ({} if visit.browser and not visit.is_bearer else {"token": token})
    return Go(to, facts=facts)


async def sign_in(visit: Visit) -> Page | Go:
    """Sign in, or, with `again`, show once more who one is."""
    to, again = onward(visit), bool(visit.query("again")) and visit.account is not None
    if visit.account is not None and not again and visit.request.method != "POST":
        return Go(to)
    app = await asking_app(visit, to)
    entrance, passkeys = visit.parts.entrance, visit.parts.passkeys

    async def password(values: Values) -> Go:
        email = str(values["email"])
        account = await entrance.sign_in(email, str(values["password"]), visit.peer, visit.device)
        return await _welcomed(visit, account, "password", to, again=again)

    async def options(_: Values) -> Data:
        # Anyone may ask, and what was asked is kept until it is answered.
        await visit.parts.front.throttle.attempt(Counter("request", f"passkey {peer_name(visit.peer)}"))
        return Data(await passkeys.authentication_options())

    async def passkey(values: Values) -> Go:
        account = await passkeys.authenticate(credential(values))
        return await _welcomed(visit, account, "passkey", to, again=again)

    given = visit.account.email if again and visit.account is not None else ""
    email = Field("email", "email", value=given, autocomplete="username webauthn", longest=320)
    secret = Field("password", "password", autocomplete="current-password", longest=1024)
    forms = (
        Form("sign-in", password, (email, secret), kind="main", blame="password"),
        Form("passkey", passkey, (RESPONSE,), kind="script"),
        Form("passkey-options", options, kind="script"),
    )
    links = [Link("forgot", "/.account/forgot"), Link("recover", _with_next("/.account/recover", to))]
    if visit.parts.settings.identity.sign_up != "closed" and not again:
        links.append(Link("sign-up", _with_next("/.account/sign-up", to)))
    return Page("sign-in", {"app": app, "again": again}, forms, tuple(links))


async def recover(visit: Visit) -> Page:
    """Sign in with one of the codes that were put aside for that."""
    to = onward(visit)
    await asking_app(visit, to)

    async def code(values: Values) -> Go:
        account = await visit.parts.recovery.use(str(values["email"]), str(values["code"]), visit.peer)
        return await _welcomed(visit, account, "code", to)

    fields = (EMAIL, Field("code", autocomplete="one-time-code", hint="recover.code-hint", longest=100))
    links = (Link("sign-in", _with_next("/.account/sign-in", to)),)
    return Page("recover", {}, (Form("recover", code, fields, kind="main", blame="code"),), links)


async def sign_up(visit: Visit) -> Page | Go:
    """Make an account."""
    to = onward(visit)
    if visit.account is not None and visit.request.method != "POST":
        return Go(to)
    settings = visit.parts.settings.identity
    app = await asking_app(visit, to)

    async def make(values: Values) -> Page | Go:
        way, secret = values["way"], str(values["password"])
        if way != "passkey" and not secret:
            raise Refusal({"password": visit.texts.say("faults.missing", field=visit.texts.say("fields.password"))})
        applicant = Applicant(
            str(values["email"]),
            None if way == "passkey" else secret,
            str(values["name"]),
            visit.texts.language,
            str(values.get("invitation", "")).strip() or None,
            to,
            visit.browser,
        )
        account = await visit.parts.entrance.sign_up(applicant, visit.peer)
        if account is None:
            return Page("check-mail", {"email": str(values["email"]).strip()})
        how = "password" if applicant.password is not None else "mail"
        return await _welcomed(visit, account, how, _with_next("/.account/start", to))

    ways = tuple(
        Option(
            one,
            visit.texts.say(f"sign-up.way-{one}"),
            visit.texts.say(f"sign-up.way-{one}-hint"),
            checked=one == "password",
        )
        for one in ("passkey", "password")
    )
    fields = [
        Field("name", required=False, autocomplete="name", longest=200, hint="sign-up.name-hint"),
        Field("email", "email", autocomplete="username", longest=320, hint="sign-up.email-hint"),
        Field("way", "radio", required=False, options=ways, data={"script": "way"}),
        Field(
            "password",
            "password",
            required=False,
            autocomplete="new-password",
            longest=1024,
            hint="sign-up.password-hint",
        ),
    ]
    if settings.sign_up == "invitation":
        fields.insert(0, Field("invitation", value=visit.query("invitation"), hint="sign-up.invitation-hint"))
    forms = (Form("sign-up", make, tuple(fields), kind="main", blame="email"),) if settings.sign_up != "closed" else ()
    links = (Link("sign-in", _with_next("/.account/sign-in", to)),)
    return Page("sign-up", {"app": app, "sign_up": settings.sign_up}, forms, links)


async def start(visit: Visit) -> Page | Go:
    """The first steps of a new account: a pod with a WebID, and a way to come back in."""
    account = visit.require_account()
    to = onward(visit)
    keys = await visit.parts.passkeys.all(account.id)
    lacks_key = account.password is None and not keys
    if account.webids and not lacks_key and visit.request.method != "POST":
        return Go(to, "" if AUTHORIZE.fullmatch(to) else "done.ready")
    await asking_app(visit, to)

    async def pod(values: Values) -> Go:
        made = await visit.parts.webids.create_pod(account, str(values["pod_name"]).strip().lower())
        return Go(_with_next(visit.path, to), facts={"root": made.root, "webid": made.owners[0]})

    async def options(_: Values) -> Data:
        return Data(await visit.parts.passkeys.registration_options(visit.require_recent()))

    async def passkey(values: Values) -> Go:
        await visit.parts.passkeys.register(visit.require_recent(), credential(values), visit.label)
        return Go(_with_next(visit.path, to))

    forms = []
    if lacks_key:
        forms += [
            Form("passkey-add", passkey, (RESPONSE,), kind="script"),
            Form("passkey-options", options, kind="script"),
        ]
    elif not account.webids:
        name = Field("pod_name", value=_suggested(account), hint="pods.name-hint", longest=63)
        forms.append(Form("pod", pod, (name,), kind="main"))
    facts = {"lacks_key": lacks_key, "lacks_pod": not account.webids, "base_url": visit.parts.settings.base_url}
    links = (Link("set-password", "/.account/password"), Link("skip", to))
    return Page("start", facts, tuple(forms), links)


def _suggested(account: Account) -> str:
    """A name for a pod, after the person's own."""
    name = account.name or account.email.partition("@")[0]
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]


async def forgot(visit: Visit) -> Page:
    """Ask for a letter to set a new password with."""

    async def send(values: Values) -> Page:
        await visit.parts.entrance.forgot(str(values["email"]), visit.peer)
        return Page(
            "check-mail", {"email": str(values["email"]).strip()}, links=(Link("sign-in", "/.account/sign-in"),)
        )

    forms = (Form("forgot", send, (EMAIL,), kind="main"),) if visit.parts.mail.works else ()
    links = (Link("recover", "/.account/recover"), Link("sign-in", "/.account/sign-in"))
    return Page("forgot", {"works": visit.parts.mail.works}, forms, links)


async def _is_worn(visit: Visit, page: str) -> bool:
    """Whether whoever follows the link of a letter is told at once that it works no more."""
    return visit.request.method != "POST" and not await visit.parts.entrance.works(
        visit.request.path_params["token"], page
    )


async def reset(visit: Visit) -> Page:
    """Set a new password, by the link of a letter."""
    if await _is_worn(visit, "reset"):
        again = Link("forgot", "/.account/forgot", visit.texts.say("worn.again"))
        return Page("worn", {}, links=(again, Link("sign-in", "/.account/sign-in")), status=404)

    async def new(values: Values) -> Go:
        account = await visit.parts.entrance.reset(visit.request.path_params["token"], str(values["password"]))
        visit.session = visit.account = visit.token = None
        await visit.start(account, "mail")
        return Go("/", "done.password")

    secret = Field(
        "password",
        "password",
        autocomplete="new-password",
        longest=1024,
        hint="sign-up.password-hint",
        text="fields.new_password",
    )
    return Page("reset", {}, (Form("reset", new, (secret,), kind="main"),), (Link("forgot", "/.account/forgot"),))


async def confirm(visit: Visit) -> Page:
    """Confirm an address, by the link of a letter; the button makes sure that no robot that reads mail does it."""
    if await _is_worn(visit, "confirm"):
        again = Link("email", "/.account/email", visit.texts.say("worn.again"))
        come_in = (Link("sign-in", "/.account/sign-in"), Link("sign-up", "/.account/sign-up"))
        return Page("worn", {}, links=come_in if visit.account is None else (again, Link("home", "/")), status=404)

    async def done(_: Values) -> Go:
        found = await visit.parts.entrance.confirm(visit.request.path_params["token"], visit.browser)
        if found.kind == "sign-up":
            to = onward(visit, found.then)
            return await _welcomed(visit, found.account, "mail", _with_next("/.account/start", to))
        return Go("/", "done.confirmed")

    return Page("confirm", {}, (Form("confirm", done, kind="main"),))


async def mail(visit: Visit) -> Page:
    """Mail that a server in development would have sent; only for whoever sits at the machine."""
    if not (visit.parts.mail.is_shown and visit.is_at_the_machine):
        raise NotFound("Mail is shown only by a server in development.")
    shown = [{"to": one.to, "subject": one.subject, "text": one.text} for one in await visit.parts.mail.shown()]
    return Page("mail", {"mail": shown}, links=(Link("home", "/"),))
