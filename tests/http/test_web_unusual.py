"""What people seldom do on the pages, and what then comes of it."""

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from pod.config import Mail
from pod.errors import Busy
from pod.idp.accounts import Account
from pod.idp.passwords import Passwords
from pod.model.access import Mode
from pod.model.consent import Consent, Grant
from pod.model.resource import Uri
from tests.visitor import CALLBACK, PASSWORD, Program, Visitor, forms
from tests.world import BASE, World

WEBID = f"{BASE}ada/profile/card#me"
NOTES = Uri(f"{BASE}ada/notes/")
BYE = "https://app.example/bye"


async def ada(world: World) -> Visitor:
    visitor = Visitor(world.server)
    await visitor.sign_up("ada")
    return visitor


async def account_of(world: World) -> Account:
    found = await world.parts.accounts.by_email("ada@people.example")
    assert found is not None
    return found


async def consented(world: World, client: str, *grants: Grant) -> str:
    """The path of the page of an app that was allowed this."""
    await world.parts.consents.give(Consent(WEBID, client, grants, world.parts.accounts.now()))
    return f"/.account/app?{urlencode({'webid': WEBID, 'client': client})}"


async def test_nobody_takes_back_what_somebody_else_has_allowed(world: World) -> None:
    visitor, bob = await ada(world), Visitor(world.server)
    await bob.sign_up("bob")
    client = await visitor.app()
    await consented(world, client, Grant(NOTES, frozenset({Mode.READ})))
    await world.parts.consents.give(Consent(f"{BASE}bob/profile/card#me", client, (), 1))
    page = await bob.get("/.account/apps")

    answer = await bob.submit(page, "revoke-0", webid=WEBID)

    assert answer.status == 404
    assert "not one of yours" in answer.text
    assert await world.parts.consents.get(WEBID, client) is not None


async def test_an_app_is_put_out_on_its_own_page_too(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app("Notes")
    page = await visitor.get(await consented(world, client, Grant(NOTES, frozenset({Mode.READ}))))

    apps = await visitor.follow(await visitor.submit(page, "revoke"))

    assert urlsplit(apps.url).path == "/.account/apps"
    assert await world.parts.consents.get(WEBID, client) is None


async def test_an_app_that_may_nothing_any_longer_cannot_be_allowed_less(world: World) -> None:
    visitor = await ada(world)
    page = await visitor.get(await consented(world, await visitor.app(), Grant(NOTES, frozenset(Mode), until=1)))

    assert set(forms(page)) == {"revoke"}


async def test_who_lets_an_app_only_read_takes_what_it_may_only_write(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    inbox = Grant(Uri(f"{BASE}ada/inbox/"), frozenset({Mode.APPEND}))
    page = await visitor.get(await consented(world, client, Grant(NOTES, frozenset(Mode)), inbox))

    await visitor.submit(page, "narrow", read_only="on")

    kept = await world.parts.consents.get(WEBID, client)
    assert kept is not None
    assert kept.grants == (Grant(NOTES, frozenset({Mode.READ})),)


async def test_an_address_is_verified_when_its_owner_asks_for_it(storage: str) -> None:
    async with World(storage, mail=Mail(host="smtp.example")) as world:
        visitor = Visitor(world.server)
        account = await world.parts.accounts.change(
            (await made(world, visitor)).id, lambda one: replace(one, verified=False)
        )

        page = await visitor.get("/.account/email")
        told = await visitor.submit(page, "verify-mail")

        assert "Look into your mail" in told.text
        assert account.email in told.text
        assert "verify-mail" in forms(page)


async def made(world: World, visitor: Visitor) -> Account:
    """An account, made by its operator, whose person signs in."""
    kept = await Passwords().hash(PASSWORD)
    account = Account("an-account", "ada@people.example", verified=True, password=kept, created=1)
    await world.parts.accounts.add(account)
    await visitor.sign_in("ada")
    return account


async def leaving(world: World, visitor: Visitor) -> str:
    """The page that an app leads to that wants its person to sign out."""
    document = (
        f'{{"client_id": "https://app.example/id", "redirect_uris": ["{CALLBACK}"],'
        f' "post_logout_redirect_uris": ["{BYE}"]}}'
    )
    world.web["https://app.example/id"] = ("application/ld+json", document.encode())
    wish = urlencode({"client_id": "https://app.example/id", "post_logout_redirect_uri": BYE})
    answer = await visitor.get(f"/.oidc/end-session?{wish}")
    assert set(parse_qs(urlsplit(answer.location).query)) == {"leaving"}
    return answer.location


async def test_who_signs_out_for_an_app_goes_back_to_it_once_and_again(world: World) -> None:
    visitor = await ada(world)
    url = await leaving(world, visitor)
    page = await visitor.get(url)
    assert "https://app.example" in page["content-security-policy"]

    answers = [await visitor.submit(page, "sign-out"), await visitor.get(url)]

    assert [(one.status, one.location) for one in answers] == [(303, BYE)] * 2


async def test_a_program_is_told_where_a_sign_out_leads(world: World) -> None:
    url = await leaving(world, await ada(world))

    assert (await Program(world.server).get(url)).json() == {"next": BYE}


async def test_who_signs_out_in_two_windows_is_signed_out(world: World) -> None:
    visitor = await ada(world)
    page = await visitor.get("/.account/sign-out")
    token = dict(forms(page)["sign-out"].fields)["csrf"]
    await visitor.submit(page, "sign-out")

    again = await visitor.post("/.account/sign-out", [("csrf", token), ("form", "sign-out")])

    assert again.status == 403
    assert "open for too long" in again.text


async def test_access_to_a_document_is_asked_for_without_what_lies_below(world: World) -> None:
    visitor, eve = await ada(world), Visitor(world.server)
    await eve.sign_up("eve")
    for path in ("note", "notes/"):
        page = await eve.get(f"/.account/requests/new?resource={BASE}ada/{path}&mode=append")
        await eve.submit(page, "ask")

    shown = forms(await visitor.get("/.account/requests"))

    assert sorted("recursive" in one.names for name, one in shown.items() if name.startswith("grant-")) == [False, True]


async def test_who_has_no_webid_cannot_ask_for_access(world: World) -> None:
    visitor = Visitor(world.server)
    await visitor.sign_up("ada", pod=False)

    answer = await visitor.get(f"/.account/requests/new?resource={BASE}alice/")

    assert answer.status == 404
    assert "make a pod first" in answer.text


async def test_a_request_that_has_been_forgotten_is_named_to_nobody(world: World) -> None:
    page = await Visitor(world.server).get("/.account/sign-in?next=/.account/authorize/forgotten")

    assert page.status == 200
    assert "to go on to" not in page.text


async def test_who_sends_more_than_fits_is_told_so(world: World) -> None:
    visitor = await ada(world)
    page = await visitor.get("/.account/settings")

    answer = await visitor.submit(page, "name", name="x" * 5000)

    assert answer.status == 422
    assert "at most" in answer.text


async def test_who_has_to_sign_in_again_for_an_app_cannot_answer_it_before(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    page = await visitor.asked(client, prompt="login")
    path = parse_qs(urlsplit(page.url).query)["next"][0]
    token = dict(forms(page)["sign-in"].fields)["csrf"]

    answer = await visitor.post(path, [("csrf", token), ("form", "allow"), ("scope", "everything")])

    assert answer.status == 303
    assert urlsplit(answer.location).path == "/.account/sign-in"
    assert await world.parts.consents.get(WEBID, client) is None


@pytest.mark.parametrize("understood", [True, [True], ["on"]])
async def test_a_program_may_tick_a_box_by_true(world: World, understood: object) -> None:
    program = Program(world.server)
    made = await program.post("/.account/sign-up", email="ada@people.example", password=PASSWORD)
    program.token = made.json()["token"]

    answer = await program.post("/.account/delete", form="delete", understood=understood)

    assert "due" in answer.json(), answer.text
    assert (await account_of(world)).deleting is not None


async def test_a_busy_storage_asks_to_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = await ada(world)

    async def busy(_webid: str) -> None:
        raise Busy("The storage is busy; try again in a moment.")

    monkeypatch.setattr(world.parts.consents, "last_used", busy)
    answer = await visitor.get("/.account/apps")

    assert (answer.status, answer["retry-after"]) == (503, "1")
    assert "The storage is busy" in answer.text
