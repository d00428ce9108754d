"""The whole way of an app, from its request to the data of its person."""

import base64
import json

import pytest

from tests.http.apps import CALLBACK, DOCUMENT, SCOPE, App, answered, claims, registered, resident
from tests.world import BASE, World


@pytest.mark.spec("tokens-op-return", "tokens-id-webid", "tokens-id-iss", "tokens-id-aud", "tokens-id-azp")
@pytest.mark.spec("tokens-id-iat", "tokens-id-exp", "tokens-id-cnf", "iss-check-op-include", "iss-check-op-value")
@pytest.mark.spec("clientids-document-op-dereference")
async def test_an_app_with_a_document_signs_its_person_in(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)

    got = await app.agree(carol)
    answer = await app.redeem(got["code"])

    assert (got["state"], got["iss"]) == ("a state", BASE)
    assert answer.status == 200
    assert answer["cache-control"] == "no-store"
    found = answer.json()
    assert (found["token_type"], found["expires_in"], found["scope"]) == ("DPoP", 600, SCOPE)
    said = claims(found["id_token"])
    assert {said["iss"], said["webid"], said["sub"], said["azp"], said["nonce"]} == {
        BASE, carol.webid, DOCUMENT, "a nonce",
    }  # fmt: skip
    assert set(said["aud"]) == {"solid", DOCUMENT}
    assert said["cnf"] == {"jkt": app.key.key.thumbprint}
    assert said["exp"] - said["iat"] == 600
    assert said["auth_time"] == carol.session.authenticated // 1_000_000


@pytest.mark.spec("access-token-jwt", "webid-claim-always")
async def test_the_access_token_says_all_that_pods_want_to_know(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)

    said = claims((await app.sign_in(carol, scope="openid"))["access_token"])

    assert said["webid"] == carol.webid
    assert "solid" in said["aud"]
    assert said["client_id"] == said["azp"] == DOCUMENT
    assert said["iss"] == BASE
    assert said["cnf"] == {"jkt": app.key.key.thumbprint}
    assert said["jti"]


async def test_the_app_reads_and_writes_what_its_person_may(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)

    person = app.person(carol, (await app.sign_in(carol))["access_token"])

    assert (await person.put("/carol/note", "text/turtle", "<#a> <#b> 1 .")).status == 201
    assert (await person.get("/carol/note")).status == 200
    assert (await person.get("/alice/settings/prefs.ttl")).status == 403


@pytest.mark.spec("webid-scope", "clientids-oidc-scope")
async def test_an_app_that_asks_for_no_scope_gets_a_webid(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)

    found = await app.sign_in(carol, scope=None)

    assert claims(found["id_token"])["webid"] == carol.webid
    assert "refresh_token" not in found


async def test_an_app_that_registers_signs_its_person_in_with_its_secret(world: World) -> None:
    app, carol = await registered(world), await resident(world)

    found = await app.sign_in(carol)

    assert app.secret is not None
    assert claims(found["id_token"])["azp"] == app.client_id
    assert json.loads(_header(found["id_token"]))["alg"] == "RS256"


async def test_an_app_may_register_without_a_secret_and_choose_how_it_is_signed_to(world: World) -> None:
    app = await registered(world, token_endpoint_auth_method="none", id_token_signed_response_alg="ES256")

    found = await app.sign_in(await resident(world))

    assert app.secret is None
    assert json.loads(_header(found["id_token"]))["alg"] == "ES256"


def _header(token: str) -> bytes:
    part = token.split(".", maxsplit=1)[0]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def test_who_has_agreed_is_not_asked_again(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    for prompt in (None, "none"):
        answer = await app.authorize(carol, prompt=prompt)
        assert answer["location"].startswith(f"{CALLBACK}?code=")
        assert (await app.redeem(answered(answer["location"])["code"])).json()["refresh_token"]


async def test_who_has_not_agreed_is_asked(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)

    answer = await app.authorize(carol)

    assert answer["location"].startswith(f"{BASE}.account/authorize/")
    assert "HttpOnly" in answer["set-cookie"]
    assert answered((await app.authorize(carol, prompt="none"))["location"])["error"] == "consent_required"


@pytest.mark.parametrize("prompt", ["login", "consent", "select_account", "login consent"])
async def test_an_app_may_have_its_person_asked_again(world: World, prompt: str) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    answer = await app.authorize(carol, prompt=prompt)

    assert answer["location"].startswith(f"{BASE}.account/authorize/")


async def test_who_is_not_signed_in_is_asked_or_said_to_be_missing(world: World) -> None:
    app = App(world).publish()

    asked, silent = await app.authorize(), await app.authorize(prompt="none")

    assert asked["location"].startswith(f"{BASE}.account/authorize/")
    assert answered(silent["location"]) == {
        "error": "login_required",
        "error_description": "The person has to sign in.",
        "state": "a state",
        "iss": BASE,
    }


@pytest.mark.parametrize("hint", ["somebody@mail.example", "https://pod.example/alice/profile/card#me"])
async def test_somebody_else_than_the_app_expects_is_asked(world: World, hint: str) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    answer = await app.authorize(carol, login_hint=hint, prompt="none")

    assert answered(answer["location"])["error"] == "login_required"
    assert "code" in answered((await app.authorize(carol, login_hint=carol.webid))["location"])


async def test_an_app_may_want_its_person_to_have_signed_in_lately(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    late, lately = await app.authorize(carol, max_age="0"), await app.authorize(carol, max_age="3600")

    assert late["location"].startswith(f"{BASE}.account/")
    assert "code" in answered(lately["location"])


async def test_the_answer_comes_in_the_fragment_if_the_app_wants_it_there(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    answer = await app.authorize(carol, response_mode="fragment")

    assert answer["location"].startswith(f"{CALLBACK}#code=")
    assert answered(answer["location"])["iss"] == BASE


async def test_the_person_may_refuse(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None

    url = await provider.refuse(kept)

    assert answered(url)["error"] == "access_denied"
    assert answered(url)["iss"] == BASE


async def test_an_app_that_asks_for_more_has_its_person_asked_again(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.agree(carol, scope=f"{SCOPE} solid:read:/notes/")

    same = await app.authorize(carol, scope=f"{SCOPE} solid:read:/notes/")
    more = await app.authorize(carol, scope=f"{SCOPE} solid:read+write:/notes/")

    assert "code" in answered(same["location"])
    assert more["location"].startswith(f"{BASE}.account/")


async def test_an_app_that_asks_by_a_form_is_answered_alike(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    answer = await world.anyone.send(
        "POST",
        "/.oidc/auth",
        "&".join(f"{name}={value.replace(' ', '+')}" for name, value in app.request().items()),
        content_type="application/x-www-form-urlencoded",
        cookie=carol.cookie,
    )

    assert "code" in answered(answer["location"])


async def test_a_pushed_request_is_used_by_its_name_and_once(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)
    pushed = await app.post("/.oidc/push", None, **app.request())
    assert pushed.status == 201

    first = await app.authorize(carol, **_only(app, pushed.json()["request_uri"]))
    second = await app.authorize(carol, **_only(app, pushed.json()["request_uri"]))

    assert (await app.redeem(answered(first["location"])["code"])).status == 200
    assert second.status == 400


def _only(app: App, name: str) -> dict[str, str | None]:
    return {**dict.fromkeys(app.request()), "client_id": app.client_id, "request_uri": name}


async def test_what_cannot_be_done_is_refused_when_it_is_pushed(world: World) -> None:
    app = App(world).publish()

    for changes in ({"redirect_uri": "https://evil.example/"}, {"code_challenge": None}, {"request_uri": "urn:x"}):
        answer = await app.post("/.oidc/push", None, **app.request(**changes))
        assert answer.status == 400
        assert answer.json()["error"] == "invalid_request"


async def test_an_app_without_a_proof_gets_no_webid(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)

    answer = await app.redeem((await app.agree(carol))["code"], None)

    assert (answer.status, answer.json()["error"]) == (400, "invalid_dpop_proof")


async def test_an_app_that_only_wants_to_know_who_it_is_needs_no_proof(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    got = await app.agree(carol, scope="openid email")

    found = (await app.redeem(got["code"], None)).json()

    assert found["token_type"] == "Bearer"
    assert claims(found["id_token"])["aud"] == [DOCUMENT]
    assert "webid" not in claims(found["access_token"])
    answer = await world.anyone.get("/carol/profile/", authorization=f"Bearer {found['access_token']}")
    assert answer.status == 401
    about = await world.anyone.get("/.oidc/userinfo", authorization=f"Bearer {found['access_token']}")
    assert about.json() == {
        "sub": carol.webid, "webid": carol.webid, "email": "carol@mail.example", "email_verified": False,
    }  # fmt: skip


@pytest.mark.spec("client-credentials", "client-credentials-bind", "client-credentials-validate")
async def test_a_script_acts_for_its_person_by_id_and_secret(world: World) -> None:
    carol = await resident(world)
    client_id, secret = await world.parts.provider.credentials(carol.account, carol.webid, "backup")
    script = App(world, client_id, secret)

    answer = await script.post("/.oidc/token", grant_type="client_credentials", scope=SCOPE)
    bare = await script.post("/.oidc/token", grant_type="client_credentials")

    assert answer.status == bare.status == 200
    person = script.person(carol, answer.json()["access_token"])
    assert (await person.put("/carol/copy", "text/plain", "x")).status == 201
    assert "refresh_token" not in answer.json()
    assert [one.name for one in await world.parts.provider.credentials_of(carol.account)] == ["backup"]

    await world.parts.provider.remove_credentials(carol.account, client_id)

    assert (await script.post("/.oidc/token", grant_type="client_credentials")).status == 401
    assert (await person.get("/carol/copy")).status == 403


async def test_a_script_may_send_its_secret_in_the_form(world: World) -> None:
    carol = await resident(world)
    client_id, secret = await world.parts.provider.credentials(carol.account, carol.webid, "backup")

    script = App(world, client_id)
    answer = await script.post("/.oidc/token", grant_type="client_credentials", client_secret=secret)
    unproved = await script.post("/.oidc/token", None, grant_type="client_credentials", client_secret=secret)

    assert answer.status == 200
    assert unproved.json()["error"] == "invalid_dpop_proof"


async def test_the_grants_of_a_person_are_what_the_app_gets(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.redeem((await app.agree(carol, grants=()))["code"])
    person = app.person(carol, answer.json()["access_token"])

    assert (await person.get("/carol/settings/prefs.ttl")).status == 403
