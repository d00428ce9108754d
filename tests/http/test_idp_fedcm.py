"""Sign-in through the browser itself, as the browser asks for it."""

import json
from urllib.parse import urlencode

import pytest

from tests.asgi import Answer
from tests.http.apps import DOCUMENT, App, Resident, resident
from tests.world import BASE, World

APP = "https://app.example"
BROWSER = {"sec_fetch_dest": "webidentity"}
FORM = "application/x-www-form-urlencoded"


async def asserted(app: App, who: Resident, **headers: str) -> Answer:
    """What the app gets once the person has chosen in the browser."""
    request = app.request(nonce=None)
    form = {
        "client_id": DOCUMENT,
        "account_id": who.webid,
        "nonce": "a nonce",
        "params": json.dumps({name: request[name] for name in ("code_challenge", "code_challenge_method", "scope")}),
    }
    sent = {"cookie": who.cookie, "origin": APP, **BROWSER, **headers}
    return await app.world.anyone.post("/.oidc/fedcm/assertion", FORM, urlencode(form), **sent)


async def test_the_browser_finds_its_way(world: World) -> None:
    place = (await world.anyone.get("/.well-known/web-identity")).json()["provider_urls"]
    found = (await world.anyone.get(place[0])).json()

    assert place == [f"{BASE}.oidc/fedcm/config"]
    assert found["id_assertion_endpoint"] == f"{BASE}.oidc/fedcm/assertion"


async def test_the_browser_learns_who_is_signed_in(world: World) -> None:
    carol = await resident(world)

    answer = await world.anyone.get("/.oidc/fedcm/accounts", cookie=carol.cookie, **BROWSER)

    (account,) = answer.json()["accounts"]
    assert (account["id"], account["email"], account["approved_clients"]) == (carol.webid, "carol@mail.example", [])
    assert (await world.anyone.get("/.oidc/fedcm/accounts", **BROWSER)).status == 401


async def test_no_script_learns_who_is_signed_in(world: World) -> None:
    carol = await resident(world)

    for headers in ({}, {"sec_fetch_dest": "empty"}, {"sec_fetch_dest": "document"}):
        assert (await world.anyone.get("/.oidc/fedcm/accounts", cookie=carol.cookie, **headers)).status == 403


async def test_the_browser_learns_about_the_app(world: World) -> None:
    App(world).publish(policy_uri="https://app.example/privacy", tos_uri="javascript:alert(1)")

    answer = await world.anyone.get(f"/.oidc/fedcm/client?{urlencode({'client_id': DOCUMENT})}")

    assert answer.json() == {"privacy_policy_url": "https://app.example/privacy"}
    assert (await world.anyone.get("/.oidc/fedcm/client?client_id=x")).status == 400


async def test_an_app_that_its_person_knows_gets_a_code(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    answer = await asserted(app, carol)

    assert (await app.redeem(answer.json()["token"])).status == 200
    assert answer["access-control-allow-origin"] == APP


async def test_an_app_that_its_person_does_not_know_is_asked_about_on_a_page(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)

    answer = await asserted(app, carol)

    assert answer.json()["continue_on"].startswith(f"{BASE}.oidc/auth?")
    assert (await world.anyone.get(answer.json()["continue_on"]))["location"].startswith(f"{BASE}.account/authorize/")


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"origin": "https://evil.example"}, 400), ({"sec_fetch_dest": "empty"}, 403), ({"cookie": "x=y"}, 401)],
)
async def test_nobody_else_gets_a_code(world: World, headers: dict[str, str], status: int) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    assert (await asserted(app, carol, **headers)).status == status


async def test_a_person_cannot_be_taken_for_another(world: World) -> None:
    app, carol, dora = App(world).publish(), await resident(world), await resident(world, "dora")
    await app.sign_in(dora)

    assert (await asserted(app, dora, cookie=carol.cookie)).status == 401


@pytest.mark.parametrize("params", ["x", "[]", "{}"])
async def test_a_request_without_a_challenge_is_refused(world: World, params: str) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)
    form = {"client_id": DOCUMENT, "account_id": carol.webid, "params": params}

    answer = await world.anyone.post(
        "/.oidc/fedcm/assertion", FORM, urlencode(form), cookie=carol.cookie, origin=APP, **BROWSER
    )

    assert answer.status == 400


async def test_an_app_can_let_go_of_its_person(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)
    form = urlencode({"client_id": DOCUMENT, "account_hint": carol.webid})
    sent = {"cookie": carol.cookie, **BROWSER}

    evil = await world.anyone.post("/.oidc/fedcm/disconnect", FORM, form, origin="https://evil.example", **sent)
    stranger = await world.anyone.post("/.oidc/fedcm/disconnect", FORM, form, origin=APP, **BROWSER)
    answer = await world.anyone.post("/.oidc/fedcm/disconnect", FORM, form, origin=APP, **sent)

    assert (evil.status, stranger.status) == (403, 401)
    assert answer.json() == {"account_id": carol.webid}
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
