"""Coming in with a passkey, and by the links of letters, as a browser does it."""

import json

import pytest

from pod.config import Mail
from pod.idp import mail
from pod.idp.letters import Letter, Letters
from tests.asgi import Answer
from tests.authenticator import Authenticator
from tests.visitor import PASSWORD, Program, Visitor, forms
from tests.world import World

EMAIL = "ada@people.example"
DEVICE = ("https://pod.example", "pod.example")


@pytest.fixture
def posted(storage: str) -> World:
    """A world whose server sends mail; what it would send waits in its queue."""
    return World(storage, mail=Mail(host="smtp.example"))


async def letter(world: World, kind: str) -> str:
    """The token of the link in the last mail of this kind."""
    records = world.parts.stores.records
    found = [json.loads(await records.get(mail.QUEUE, key) or b"") for key in await records.keys(mail.QUEUE)]
    facts = [one["letter"] for one in found if one["letter"] is not None and one["letter"]["kind"] == kind]
    return await Letters(records, world.parts.accounts.now).token(Letter(**facts[-1])) if facts else ""


async def asked(visitor: Visitor, path: str) -> dict[str, object]:
    """What a page wants of a passkey, as its script asks for it."""
    page = await visitor.get(path)
    token = next(value for one in forms(page).values() for name, value in one.fields if name == "csrf")
    answer = await visitor.send(
        "POST",
        path,
        b'{"form": "passkey-options"}',
        content_type="application/json",
        accept="application/json",
        x_csrf_token=token,
        sec_fetch_dest="empty",
        sec_fetch_site="same-origin",
    )
    assert answer.status == 200, answer.text
    return dict(answer.json())


async def test_an_account_is_made_and_used_with_a_passkey_alone(world: World) -> None:
    ada, later, device = Visitor(world.server), Visitor(world.server), Authenticator(*DEVICE)
    page = await ada.get("/.account/sign-up")
    start = await ada.follow(await ada.submit(page, "sign-up", name="Ada", email=EMAIL, way="passkey"))
    made = device.create(await asked(ada, "/.account/start"))
    start = await ada.follow(await ada.submit(start, "passkey-add", response=json.dumps(made)))
    assert "pod" in forms(start)
    await ada.submit(start, "pod", pod_name="ada")

    given = device.get(await asked(later, "/.account/sign-in"))
    page = await later.get("/.account/sign-in")
    home = await later.follow(await later.submit(page, "passkey", response=json.dumps(given)))

    assert "My pods" in home.text
    assert "Signed in with a passkey." in (await later.get("/.account/sessions")).text


async def test_passkeys_are_added_renamed_and_removed(world: World) -> None:
    ada, device = Visitor(world.server), Authenticator(*DEVICE)
    await ada.sign_up("ada")
    made = device.create(await asked(ada, "/.account/passkeys"))
    page = await ada.get("/.account/passkeys")
    page = await ada.follow(await ada.submit(page, "passkey-add", response=json.dumps(made), passkey_name="Phone"))
    assert "Phone" in page.text
    key = next(name for name in forms(page) if name.startswith("rename-"))

    page = await ada.follow(await ada.submit(page, key, passkey_name="My key"))

    assert "My key" in page.text
    page = await ada.follow(await ada.submit(page, key.replace("rename", "remove")))
    assert "You have no passkey yet." in page.text


async def test_a_program_can_use_a_passkey_too(world: World) -> None:
    ada, device, program = Visitor(world.server), Authenticator(*DEVICE), Program(world.server)
    await ada.sign_up("ada")
    made = device.create(await asked(ada, "/.account/passkeys"))
    page = await ada.get("/.account/passkeys")
    await ada.submit(page, "passkey-add", response=json.dumps(made))

    options = (await program.post("/.account/sign-in", form="passkey-options")).json()
    answer = await program.post("/.account/sign-in", form="passkey", response=device.get(options))

    program.token = answer.json()["token"]
    assert (await program.get("/.account/email")).json()["facts"]["email"] == EMAIL


async def signed_up(world: World, visitor: Visitor) -> Answer:
    page = await visitor.get("/.account/sign-up")
    return await visitor.submit(page, "sign-up", name="", email=EMAIL, password=PASSWORD, way="password")


async def test_where_mail_is_sent_an_account_is_made_by_the_link(posted: World) -> None:
    ada = Visitor(posted.server)
    answer = await signed_up(posted, ada)
    assert "We have written to <strong>ada@people.example</strong>" in answer.text
    assert await posted.parts.accounts.by_email(EMAIL) is None
    page = await ada.get(f"/.account/confirm/{await letter(posted, 'sign-up')}")
    assert await posted.parts.accounts.by_email(EMAIL) is None

    start = await ada.follow(await ada.submit(page, "confirm"))

    assert "pod" in forms(start)
    account = await posted.parts.accounts.by_email(EMAIL)
    assert account is not None
    assert account.verified


async def test_nobody_learns_by_signing_up_who_has_an_account(posted: World) -> None:
    ada, eve = Visitor(posted.server), Visitor(posted.server)
    await signed_up(posted, ada)
    page = await ada.get(f"/.account/confirm/{await letter(posted, 'sign-up')}")
    await ada.submit(page, "confirm")

    known = await signed_up(posted, eve)
    page = await eve.get("/.account/sign-up")
    new = await eve.submit(page, "sign-up", name="", email="new@people.example", password=PASSWORD, way="password")

    assert known.status == new.status == 200
    assert known.text.replace("ada@", "new@") == new.text


async def confirmed(world: World) -> Visitor:
    """Somebody who has an account whose address is confirmed."""
    ada = Visitor(world.server)
    await signed_up(world, ada)
    page = await ada.get(f"/.account/confirm/{await letter(world, 'sign-up')}")
    await ada.submit(await ada.follow(await ada.submit(page, "confirm")), "pod", pod_name="ada")
    return ada


async def test_who_has_forgotten_the_password_sets_a_new_one_by_a_link(posted: World) -> None:
    ada, later = await confirmed(posted), Visitor(posted.server)
    page = await later.get("/.account/forgot")
    assert "Look into your mail" in (await later.submit(page, "forgot", email=EMAIL)).text
    link = f"/.account/reset/{await letter(posted, 'reset')}"
    page = await later.get(link)
    assert "too short" in (await later.submit(page, "reset", password="123")).text

    home = await later.follow(await later.submit(page, "reset", password="nine blue umbrellas"))

    assert "My pods" in home.text
    assert (await ada.get("/.account/settings")).status == 303
    worn = await ada.get(link)
    assert (worn.status, forms(worn)) == (404, {})
    assert '<a href="/.account/forgot">Ask for a new link</a>' in worn.text


async def test_another_address_counts_once_its_link_was_followed(posted: World) -> None:
    ada = await confirmed(posted)
    page = await ada.get("/.account/email")
    assert "new@people.example" in (await ada.submit(page, "email", email="new@people.example")).text
    assert EMAIL in (await ada.get("/.account/email")).text

    link = f"/.account/confirm/{await letter(posted, 'email')}"
    page = await ada.get(link)
    done = await ada.follow(await ada.submit(page, "confirm"))

    assert "the address is confirmed" in done.text
    assert "new@people.example" in (await ada.get("/.account/email")).text
    worn = await ada.get(link)
    assert (worn.status, forms(worn)) == (404, {})
    assert '<a href="/.account/email">Ask for a new link</a>' in worn.text


async def test_an_app_that_wants_a_new_account_leads_to_sign_up_and_a_signed_in_person_on(world: World) -> None:
    ada = Visitor(world.server)
    client = await ada.app("Good Notes")

    page = await ada.asked(client, prompt="create")

    assert "Make an account to go on to <strong>Good Notes</strong>" in page.text
    await ada.sign_up("ada")
    for path in ("sign-in", "sign-up", "start"):
        assert "My pods" in (await ada.follow(await ada.get(f"/.account/{path}"))).text


async def test_an_app_that_wants_a_fresh_sign_in_gets_one(world: World) -> None:
    ada = Visitor(world.server)
    await ada.sign_up("ada")
    page = await ada.asked(await ada.app(), prompt="login")
    assert "sign-in" in forms(page)

    answer = await ada.submit(page, "sign-in", email="ada@people.example", password=PASSWORD)

    assert "allow" in forms(await ada.follow(answer))


async def test_who_is_not_signed_in_needs_no_sign_out(world: World) -> None:
    page = await Visitor(world.server).follow(await Visitor(world.server).get("/.account/sign-out"))

    assert "You are signed out." in page.text
