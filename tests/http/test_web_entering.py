"""People come in: sign up, sign in, come back when they have forgotten how, and go."""

import pytest

from pod.config import Identity, Server
from pod.http.request import Message, Receive, Send
from pod.idp import throttle
from tests.visitor import PASSWORD, Program, Visitor, forms
from tests.world import World


@pytest.fixture
def closed(storage: str) -> World:
    return World(storage, identity=Identity(sign_up="closed"))


@pytest.fixture
def invited(storage: str) -> World:
    return World(storage, identity=Identity(sign_up="invitation"))


async def test_a_visitor_is_told_what_this_is_and_how_to_come_in(world: World) -> None:
    page = await Visitor(world.server).get("/")

    assert page.status == 200
    assert 'href="/.account/sign-up"' in page.text
    assert 'href="/.account/sign-in"' in page.text
    assert "https://pod.example/your-name/" in page.text


async def test_an_account_is_made_with_a_password_and_comes_with_a_pod_and_a_webid(world: World) -> None:
    ada = Visitor(world.server)

    home = await ada.sign_up("ada")

    assert "Everything is ready." in home.text
    assert "https://pod.example/ada/" in home.text
    account = await world.parts.accounts.by_email("ada@people.example")
    assert account is not None
    assert account.webids == ("https://pod.example/ada/profile/card#me",)


async def test_the_first_steps_are_shown_until_they_are_done(world: World) -> None:
    ada = Visitor(world.server)
    start = await ada.sign_up("ada", pod=False)

    assert "name for your pod" in start.text
    taken = await ada.submit(start, "pod", pod_name="alice")
    assert taken.status == 409
    assert "There is a pod named alice already" in taken.text
    assert 'aria-invalid="true"' in taken.text
    assert (await ada.get("/.account/start")).status == 200


async def test_who_wants_a_passkey_is_asked_to_make_it_before_anything_else(world: World) -> None:
    ada = Visitor(world.server)
    page = await ada.get("/.account/sign-up")

    answer = await ada.submit(page, "sign-up", email="ada@people.example", way="passkey", name="")
    start = await ada.follow(answer)

    assert "passkey-add" in forms(start)
    assert "pod" not in forms(start)


async def test_a_sign_up_that_lacks_something_says_what_and_keeps_the_rest(world: World) -> None:
    ada = Visitor(world.server)
    page = await ada.get("/.account/sign-up")

    answer = await ada.submit(page, "sign-up", name="Ada", email="ada@people.example", password="")

    assert answer.status == 422
    assert 'href="#sign-up.password"' in answer.text
    assert 'value="ada@people.example"' in answer.text
    again = await ada.submit(answer, "sign-up", password="12345")
    assert "too short" in again.text
    assert "12345" not in again.text


async def test_where_sign_up_is_closed_there_is_no_form(closed: World) -> None:
    ada = Visitor(closed.server)

    page = await ada.get("/.account/sign-up")

    assert forms(page) == {}
    assert "made by whoever runs this server" in page.text
    assert "/.account/sign-up" not in (await ada.get("/.account/sign-in")).text


async def test_with_an_invitation_an_account_can_be_made_once(invited: World) -> None:
    code = await invited.parts.invitations.make("for Ada")
    ada, eve = Visitor(invited.server), Visitor(invited.server)
    page = await ada.get(f"/.account/sign-up?invitation={code}")
    values = {"name": "", "email": "ada@people.example", "password": PASSWORD, "way": "password"}

    made = await ada.submit(page, "sign-up", **values)

    assert made.status == 303
    page = await eve.get(f"/.account/sign-up?invitation={code}")
    refused = await eve.submit(page, "sign-up", **values | {"email": "eve@people.example"})
    assert refused.status == 403
    assert "invitation" in refused.text


async def test_who_signs_in_comes_to_their_own_page_and_who_signs_out_is_a_visitor(world: World) -> None:
    ada, later = Visitor(world.server), Visitor(world.server)
    await ada.sign_up("ada")

    home = await later.follow(await later.sign_in("ada"))

    assert "My pods" in home.text
    page = await later.get("/.account/sign-out")
    assert "ada@people.example" in page.text
    gone = await later.follow(await later.submit(page, "sign-out"))
    assert "You are signed out." in gone.text
    assert "My pods" not in gone.text
    assert "My pods" in (await ada.get("/")).text


async def test_the_browser_is_told_whether_somebody_is_signed_in(world: World) -> None:
    await Visitor(world.server).sign_up("ada")
    ada = Visitor(world.server)

    come = await ada.sign_in("ada")
    gone = await ada.submit(await ada.get("/.account/sign-out"), "sign-out")

    assert (come["set-login"], gone["set-login"]) == ("logged-in", "logged-out")


async def test_a_wrong_password_and_an_unknown_address_are_told_in_the_same_words(world: World) -> None:
    await Visitor(world.server).sign_up("ada")

    wrong, unknown = [await Visitor(world.server).sign_in(name, "wrong password") for name in ("ada", "nobody")]

    assert wrong.status == unknown.status == 403
    assert "The address or the password is wrong." in wrong.text
    assert len(wrong.body) - len("ada") == len(unknown.body) - len("nobody")


async def test_a_recovery_code_lets_its_owner_in_once(world: World) -> None:
    ada = Visitor(world.server)
    await ada.sign_up("ada")
    page = await ada.get("/.account/recovery-codes")
    assert "no codes yet" in page.text
    codes = (await ada.submit(page, "codes")).text.split("<li><code>")[1:]
    code = codes[0].partition("<")[0]

    first, second = [Visitor(world.server) for _ in range(2)]
    answers = []
    for one in (first, second):
        page = await one.get("/.account/recover")
        answers.append(await one.submit(page, "recover", email="ada@people.example", code=code.upper()))

    assert len(codes) == 10
    assert [one.status for one in answers] == [303, 403]
    assert "My pods" in (await first.get("/")).text
    assert "9 codes left" in (await ada.get("/.account/recovery-codes")).text


async def test_nobody_takes_up_room_without_end_by_asking_for_passkeys(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "LIMITS", {**throttle.LIMITS, "request": throttle.Limit(3, 60, 600)})
    eve = Program(world.server)

    answers = [await eve.post("/.account/sign-in", form="passkey-options") for _ in range(6)]

    assert [one.status for one in answers] == [200, 200, 200, 200, 429, 429]


async def test_where_no_mail_can_be_sent_nobody_is_offered_a_link(world: World) -> None:
    page = await Visitor(world.server).get("/.account/forgot")

    assert forms(page) == {}
    assert "/.account/recover" in page.text
    assert (await Visitor(world.server).get("/.account/mail")).status == 404


@pytest.mark.parametrize(
    ("host", "peer", "status"),
    [
        ("localhost:3000", "127.0.0.1", 200),
        ("127.0.0.1:3000", "::1", 200),
        ("localhost:3000", "192.0.2.1", 404),
        ("rebound.evil.example:3000", "127.0.0.1", 404),
        ("[", "127.0.0.1", 404),
        ("localhost:3000", "", 404),
    ],
)
async def test_only_who_sits_at_the_machine_reads_the_mail_that_is_shown(host: str, peer: str, status: int) -> None:
    base = "http://localhost:3000/"
    async with World("memory", server=Server(base_url=base)) as world:

        async def from_there(scope: Message, receive: Receive, send: Send) -> None:
            await world.server({**scope, "client": (peer, 1)}, receive, send)

        assert (await Visitor(from_there, base, host=host).get("/.account/mail")).status == status


@pytest.mark.parametrize("page", ["reset", "confirm"])
async def test_a_link_that_was_used_or_never_was_says_so(world: World, page: str) -> None:
    eve = Visitor(world.server)
    await eve.get("/.account/sign-in")

    shown = await eve.get(f"/.account/{page}/none")
    answer = await Program(world.server).post(f"/.account/{page}/none", password=PASSWORD)

    assert shown.status == answer.status == 404
    assert "used already, or is too old" in shown.text
    assert forms(shown) == {}
    assert 'href="/.account/sign-in"' in shown.text
    assert answer.json()["detail"] == "This link was used already, or is too old; ask for a new one."


@pytest.mark.parametrize("path", ["settings", "apps", "password", "sessions", "delete", "export", "tokens", "requests"])
async def test_who_is_not_signed_in_is_asked_to_and_comes_back(world: World, path: str) -> None:
    await Visitor(world.server).sign_up("ada")
    ada = Visitor(world.server)

    page = await ada.follow(await ada.get(f"/.account/{path}"))
    answer = await ada.submit(page, "sign-in", email="ada@people.example", password=PASSWORD)

    assert "sign-in" in page.url
    assert answer.location == f"https://pod.example/.account/{path}"


async def test_pages_speak_the_language_of_the_browser_or_the_one_that_is_set(world: World) -> None:
    ada = Visitor(world.server, **{"accept-language": "fr-CH, fr;q=0.9, en;q=0.8"})
    await ada.sign_up("ada")
    settings = await ada.get("/.account/settings")
    assert '<html lang="fr">' in settings.text
    assert settings["content-language"] == "fr"

    changed = await ada.follow(await ada.submit(settings, "language", language="de"))

    assert "Gespeichert." in changed.text
    ada.headers["accept-language"] = "en"
    assert "Einstellungen" in (await ada.get("/.account/settings")).text
