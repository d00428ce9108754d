"""The address and the password of an account."""

from pod.web.page import Field, Form, Go, Link, Page, Values
from pod.web.visit import Visit

LINKS = (Link("settings", "/.account/settings"),)


async def email(visit: Visit) -> Page:
    """The address, whether it is confirmed, and another one."""
    account = visit.require_recent()

    async def change(values: Values) -> Page | Go:
        new = str(values["email"])
        changed = await visit.parts.entrance.change_email(account, new)
        if changed is None:
            return Page("check-mail", {"email": new.strip()}, links=LINKS)
        return Go(visit.path, "done.saved")

    async def verify(_: Values) -> Page:
        await visit.parts.entrance.ask_to_verify(account)
        return Page("check-mail", {"email": account.email}, links=LINKS)

    field = Field("email", "email", autocomplete="email", text="fields.new_email", longest=320)
    forms = [Form("email", change, (field,), "forms.change", kind="main")]
    if not account.verified and visit.parts.mail.works:
        forms.append(Form("verify-mail", verify))
    return Page("email", {"email": account.email, "verified": account.verified}, tuple(forms), LINKS)


async def password(visit: Visit) -> Page:
    """A new password."""
    account = visit.require_recent()

    async def change(values: Values) -> Go:
        session = visit.require_session()
        await visit.parts.entrance.set_password(account, str(values["password"]), session.id)
        await visit.renew(account, session.how)
        return Go("/.account/settings", "done.password")

    secret = Field(
        "password",
        "password",
        autocomplete="new-password",
        longest=1024,
        text="fields.new_password",
        hint="sign-up.password-hint",
    )
    form = Form("password", change, (secret,), "forms.change", kind="main")
    return Page("password", {"has_password": account.password is not None}, (form,), LINKS)
