"""Programs use the pages too: each tells as JSON what it knows, where it leads, and what can be done on it."""

from typing import Any

import pytest

from tests.asgi import Answer
from tests.visitor import PASSWORD, Program, Visitor
from tests.world import World


async def signed_up(world: World, name: str = "ada") -> Program:
    """A program that has made an account, with a pod, by what the pages say alone."""
    program = Program(world.server)
    email = f"{name}@people.example"
    made = await program.post("/.account/sign-up", email=email, password=PASSWORD)
    assert made.status == 200, made.text
    program.token = made.json()["token"]
    started = await program.post("/.account/start", pod_name=name)
    assert started.json()["webid"] == f"https://pod.example/{name}/profile/card#me"
    return program


def form(page: Answer, name: str, key: str = "") -> dict[str, Any]:
    (found,) = [one for one in page.json()["forms"] if one["name"] == name and one.get("key", "") == key]
    return dict(found)


async def test_an_account_is_made_and_used_without_any_cookie(world: World) -> None:
    program = await signed_up(world)

    home = await program.get("/.account/")

    assert "set-cookie" not in home
    assert home.media_type == "application/json"
    facts = home.json()["facts"]
    assert [one["root"] for one in facts["pods"]] == ["https://pod.example/ada/"]
    assert facts["pods"][0]["bytes"] > 0
    assert facts["apps"] == []
    assert [one["here"] for one in facts["devices"]] == [True]


async def test_a_page_says_what_can_be_done_and_with_which_fields(world: World) -> None:
    page = await Program(world.server).get("/.account/sign-in")

    told = page.json()
    assert (told["page"], told["title"], told["language"]) == ("sign-in", "Sign in", "en")
    assert told["links"]["sign-up"] == {"href": "/.account/sign-up", "title": "Make an account"}
    sign_in = form(page, "sign-in")
    assert (sign_in["method"], sign_in["action"]) == ("POST", "/.account/sign-in")
    assert sign_in["fields"] == [
        {"name": "email", "type": "email", "required": True, "title": "E-mail address"},
        {"name": "password", "type": "password", "required": True, "title": "Password"},
    ]


async def test_every_page_leads_to_pages_that_are_there(world: World) -> None:
    program = await signed_up(world)
    seen: set[str] = set()
    waiting = ["/.account/"]

    while waiting:
        path = waiting.pop()
        seen.add(path)
        page = await program.get(path)
        assert page.status == 200, path
        if page.media_type == "application/json":
            links = [one["href"] for one in page.json()["links"].values()]
            waiting += [one for one in links if one not in seen and one not in waiting and one != "/"]

    assert {"/.account/tokens", "/.account/export", "/.account/delete", "/.account/recovery-codes"} <= seen


async def test_a_form_that_lacks_something_is_a_problem_that_names_each_field(world: World) -> None:
    answer = await Program(world.server).post("/.account/sign-in", email="ada@people.example")

    assert answer.status == 422
    assert answer.media_type == "application/problem+json"
    assert answer.json()["errors"] == {"password": "Fill in: Password."}


@pytest.mark.parametrize("path", ["/.account/settings", "/.account/tokens"])
async def test_nobody_known_gets_a_problem_and_no_redirect(world: World, path: str) -> None:
    answer = await Program(world.server).get(path)

    assert answer.status == 401
    assert answer.json()["status"] == 401


async def test_a_token_for_a_script_is_made_shown_once_and_removed(world: World) -> None:
    program = await signed_up(world)
    page = await program.get("/.account/tokens")
    options = form(page, "token")["fields"][1]["options"]

    made = (await program.post("/.account/tokens", form="token", token_name="Backup", webid=options[0]["value"])).json()

    assert made["facts"]["issuer"] == "https://pod.example/"
    assert made["facts"]["client_secret"]
    listed = await program.get("/.account/tokens")
    assert made["facts"]["client_secret"] not in listed.text
    (token,) = listed.json()["facts"]["tokens"]
    assert token["client_id"] == made["facts"]["client_id"]
    gone = await program.post("/.account/tokens", **_sent(form(listed, "remove", token["client_id"])))
    assert gone.json()["done"] == "Removed."
    assert (await program.get("/.account/tokens")).json()["facts"]["tokens"] == []


def _sent(given: dict[str, Any]) -> dict[str, object]:
    """The form as it is, with the values of its fields."""
    values = {one["name"]: one.get("value", "") for one in given["fields"]}
    return {"form": given["name"], "key": given["key"], **values}


async def test_a_choice_that_is_not_offered_is_refused(world: World) -> None:
    program = await signed_up(world)

    answer = await program.post("/.account/tokens", form="token", token_name="x", webid="https://pod.example/alice/#me")

    assert answer.status == 422
    assert "webid" in answer.json()["errors"]


@pytest.mark.parametrize("members", [{"form": "none"}, {"email": 5}, {"email": {"a": "b"}}])
async def test_what_a_page_does_not_do_is_a_problem(world: World, members: dict[str, object]) -> None:
    answer = await Program(world.server).post("/.account/sign-in", password="x", **members)

    assert answer.status in {400, 401, 422}


@pytest.mark.parametrize("half", ["\ud800", "a\udfffb"])
async def test_half_a_character_is_no_text(world: World, half: str) -> None:
    for members in ({"email": half, "password": "x"}, {"email": "eve@people.example", "password": half}):
        answer = await Program(world.server).post("/.account/sign-in", form="sign-in", **members)

        assert answer.status == 400


async def test_json_that_is_none_is_a_problem(world: World) -> None:
    eve = Visitor(world.server, accept="application/json")

    answer = await eve.send("POST", "/.account/sign-in", b"[1", content_type="application/json")

    assert answer.status == 400


async def test_a_cookie_counts_for_a_program_that_shows_the_token_of_forms(world: World) -> None:
    ada = Visitor(world.server)
    await ada.sign_up("ada")
    csrf = (await ada.get("/.account/settings")).text.split('name="csrf" value="')[1].partition('"')[0]

    shown = await ada.get("/.account/", accept="application/json", x_csrf_token=csrf, sec_fetch_dest="empty")
    changed = await ada.send(
        "POST",
        "/.account/settings",
        b'{"form": "name", "name": "Ada"}',
        content_type="application/json",
        accept="application/json",
        x_csrf_token=csrf,
    )

    assert shown.json()["facts"]["email"] == "ada@people.example"
    assert shown.json()["csrf"] == csrf
    assert changed.json() == {"done": "Saved.", "next": "/.account/settings"}


async def test_failures_are_told_in_the_language_that_is_asked_for(world: World) -> None:
    eve = Visitor(world.server, **{"accept-language": "de"})
    page = await eve.get("/.account/sign-in")

    answer = await eve.submit(page, "sign-in", email="nobody@people.example", password="wrong password")

    assert "Die Adresse oder das Passwort ist falsch." in answer.text
