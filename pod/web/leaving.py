"""Going: signing out, and deleting the account."""

from pod.web.page import Form, Go, Leave, Link, Page, Values
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
    return Page(
        "sign-out", {"email": email, "onward": to}, (Form("sign-out", leave, kind="main"),), (Link("home", "/"),)
    )
