"""How what apps got ends: by consents, sessions, and accounts that end, and by signing out."""

import time
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from pod.auth.proofs import Proofs
from pod.errors import Forbidden, NotFound
from pod.model.access import Mode
from pod.model.consent import Consent, Grant
from pod.model.resource import Uri
from tests.http.apps import DOCUMENT, EVERYTHING, App, answered, claims, resident
from tests.world import BASE, World

APP = "https://app.example"
BYE = f"{APP}/bye"


async def test_revoking_a_consent_ends_everything_at_the_next_request(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)
    person = app.person(carol, tokens["access_token"])
    assert (await person.get("/carol/settings/prefs.ttl")).status == 200

    await world.parts.provider.revoke(carol.webid, DOCUMENT)

    assert (await person.get("/carol/settings/prefs.ttl")).status == 401
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.authorize(carol))["location"].startswith(f"{BASE}.account/")


async def test_agreeing_anew_does_not_bring_back_old_access_tokens(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    old = app.person(carol, (await app.sign_in(carol))["access_token"])
    await world.parts.provider.revoke(carol.webid, DOCUMENT)

    new = app.person(carol, (await app.sign_in(carol))["access_token"])

    assert (await new.get("/carol/settings/prefs.ttl")).status == 200
    assert (await old.get("/carol/settings/prefs.ttl")).status == 401


async def test_agreeing_anew_does_not_bring_back_old_refresh_tokens(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    old = (await app.sign_in(carol))["refresh_token"]
    await world.parts.provider.revoke(carol.webid, DOCUMENT)

    await app.sign_in(carol)

    assert (await app.refresh(old)).json()["error"] == "invalid_grant"


async def test_a_refresh_token_without_a_consent_is_worth_nothing(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)

    await world.parts.consents.revoke(carol.webid, DOCUMENT)
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    await world.parts.consents.give(Consent(carol.webid, DOCUMENT, EVERYTHING, 1))

    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_ending_a_session_ends_what_apps_got_in_it(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)
    people = [app.person(carol, tokens[one]) for one in ("access_token", "id_token")]
    assert [(await one.get("/carol/settings/prefs.ttl")).status for one in people] == [200, 200]

    await world.parts.sessions.end(carol.account.id, carol.session.id)

    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert [(await one.get("/carol/settings/prefs.ttl")).status for one in people] == [401, 401]


async def test_a_code_of_a_session_that_has_ended_is_worth_nothing(world: World) -> None:
    """Who was in the account could otherwise stay in it by what they had asked for just before."""
    app, carol = App(world).publish(), await resident(world)
    code = (await app.agree(carol))["code"]

    await world.parts.sessions.end_all(carol.account.id)

    assert (await app.redeem(code)).json()["error"] == "invalid_grant"


async def test_what_was_let_for_a_time_that_is_over_is_asked_for_again(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)

    await app.agree(carol, grants=(Grant(Uri(f"{BASE}carol/"), frozenset({Mode.READ}), until=1),))

    assert (await app.authorize(carol))["location"].startswith(f"{BASE}.account/")


@pytest.mark.parametrize("state", [None, "x"])
async def test_an_app_signs_its_person_out_by_a_token_of_the_session(world: World, state: str | None) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)
    wish = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BYE, **({"state": state} if state else {})}

    answer = await world.anyone.get(f"/.oidc/end-session?{urlencode(wish)}", cookie=carol.cookie)

    assert answer["location"] == BYE + ("?state=x" if state else "")
    assert "Max-Age=0" in answer["set-cookie"]
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert answered((await app.authorize(carol, prompt="none"))["location"])["error"] == "login_required"


async def test_without_a_token_of_the_session_the_person_is_asked(world: World) -> None:
    app, carol, dora = App(world).publish(), await resident(world), await resident(world, "dora")
    hint = (await app.sign_in(dora))["id_token"]

    for query in ("", "id_token_hint=x", f"id_token_hint={hint}", "client_id=x"):
        answer = await world.anyone.get(f"/.oidc/end-session?{query}", cookie=carol.cookie)
        assert answer["location"] == f"{BASE}.account/sign-out"

    onward = urlencode({"client_id": DOCUMENT, "post_logout_redirect_uri": BYE})
    answer = await world.anyone.get(f"/.oidc/end-session?{onward}", cookie=carol.cookie)
    assert answer["location"].startswith(f"{BASE}.account/sign-out?leaving=")
    assert await world.parts.sessions.find(carol.cookies["rhizome"]) is not None


@pytest.mark.parametrize("uri", ["https://evil.example/", "https://app.example/bye/", "javascript:alert(1)"])
async def test_nobody_is_signed_out_to_a_place_that_is_not_the_apps_own(world: World, uri: str) -> None:
    App(world).publish()

    for named in ({"client_id": DOCUMENT}, {}):
        wish = urlencode({**named, "post_logout_redirect_uri": uri})
        answer = await world.anyone.get(f"/.oidc/end-session?{wish}")
        assert answer.status == 400


async def test_who_is_not_signed_in_goes_on(world: World) -> None:
    App(world).publish()

    wish = urlencode({"client_id": DOCUMENT, "post_logout_redirect_uri": BYE})

    assert (await world.anyone.get(f"/.oidc/end-session?{wish}"))["location"] == BYE


async def test_what_is_signed_by_a_key_that_was_lost_is_nothing(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    hint = (await app.sign_in(carol))["id_token"]

    assert claims(hint)["sid"] == carol.session.id
    answer = await world.anyone.get(f"/.oidc/end-session?id_token_hint={hint[:-8]}AAAAAAAA", cookie=carol.cookie)

    assert answer["location"] == f"{BASE}.account/sign-out"


async def test_the_end_of_an_account_ends_all_that_anyone_holds(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)
    client_id, secret = await world.parts.provider.credentials(carol.account, carol.webid, "backup")

    await world.parts.provider.end_account(carol.account)

    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    script = App(world, client_id, secret)
    assert (await script.post("/.oidc/token", grant_type="client_credentials")).status == 401


async def test_there_is_no_token_to_remove_of_somebody_else(world: World) -> None:
    carol, dora = await resident(world), await resident(world, "dora")
    client_id, _ = await world.parts.provider.credentials(carol.account, carol.webid, "backup")

    for name in (client_id, "nobody"):
        with pytest.raises(NotFound):
            await world.parts.provider.remove_credentials(dora.account, name)


async def test_an_account_that_is_to_be_deleted_gives_apps_nothing(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)
    leaving = await world.parts.accounts.change(carol.account.id, lambda one: replace(one, deleting=1))

    with pytest.raises(Forbidden, match="about to be deleted"):
        await world.parts.provider.credentials(leaving, carol.webid, "backup")
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert answered((await app.authorize(carol, prompt="none"))["location"])["error"] == "login_required"


async def test_a_webid_that_left_the_account_gets_no_tokens(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    code = (await app.agree(carol))["code"]
    client_id, secret = await world.parts.provider.credentials(carol.account, carol.webid, "backup")
    await world.parts.accounts.change(carol.account.id, lambda one: replace(one, webids=()))

    script = App(world, client_id, secret)

    assert (await app.redeem(code)).json()["error"] == "invalid_grant"
    assert (await script.post("/.oidc/token", grant_type="client_credentials")).json()["error"] == "invalid_grant"


async def test_userinfo_of_an_account_that_is_gone_is_nothing(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    assert await world.parts.stores.records.swap(*await world.parts.accounts.removal(carol.account.id))

    assert (await person.get("/.oidc/userinfo")).status == 401


async def test_who_is_asked_whether_to_sign_out_goes_on_where_the_app_wanted(world: World) -> None:
    carol = await resident(world)
    App(world).publish()
    wish = urlencode({"client_id": DOCUMENT, "post_logout_redirect_uri": BYE})
    answer = await world.anyone.get(f"/.oidc/end-session?{wish}", cookie=carol.cookie)
    front = world.parts._provider_routes(Proofs(world.parts.stores.replays, time.time)).front

    assert await front.onward(answered(answer["location"])["leaving"]) == BYE
    assert await front.onward("another") is None
