"""What the provider says of itself, and its endpoints besides those that sign in."""

import json
import time
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from pod.auth.keys import ALGORITHMS
from pod.auth.proofs import Proofs
from pod.config import Identity
from pod.errors import Malformed, NotFound, Unauthenticated
from pod.http import pages
from pod.idp.asking import Ask
from pod.model.access import Mode
from pod.model.consent import Consent, Grant
from pod.model.resource import Uri
from tests.asgi import Answer
from tests.http.apps import CALLBACK, DOCUMENT, EVERYTHING, SCOPE, App, answered, claims, registered, resident
from tests.world import BASE, TURTLE, World

APP = "https://app.example"
BYE = f"{APP}/bye"


@pytest.mark.spec("oidc-discovery-metadata", "discovery-scopes-supported", "client-credentials-discovery")
async def test_the_configuration_says_what_clients_look_for(world: World) -> None:
    answer = await world.anyone.get("/.well-known/openid-configuration")
    other = await world.anyone.get("/.well-known/oauth-authorization-server")

    found = answer.json()
    assert answer.media_type == "application/json"
    assert found == other.json()
    assert found["issuer"] == BASE
    assert set(found["scopes_supported"]) >= {"webid", "openid", "profile", "offline_access"}
    assert set(found["grant_types_supported"]) == {"authorization_code", "refresh_token", "client_credentials"}
    assert found["response_types_supported"] == ["code"]
    assert found["response_modes_supported"] == ["query", "fragment"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["dpop_signing_alg_values_supported"] == list(ALGORITHMS)
    assert set(found["token_endpoint_auth_methods_supported"]) == {"none", "client_secret_basic", "client_secret_post"}
    assert {"ES256", "RS256"} <= set(found["id_token_signing_alg_values_supported"])
    assert "webid" in found["claims_supported"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["require_pushed_authorization_requests"] is False


async def test_every_endpoint_that_is_named_is_there(world: World) -> None:
    found = (await world.anyone.get("/.well-known/openid-configuration")).json()
    places = [value for name, value in found.items() if name.endswith(("_endpoint", "_uri"))]

    assert len(places) == 9
    for place in places:
        assert (await world.anyone.get(place)).status != 404


async def test_the_keys_are_public_and_nothing_more(world: World) -> None:
    keys = (await world.anyone.get("/.oidc/jwks")).json()["keys"]

    assert {one["alg"] for one in keys} == {"ES256", "RS256"}
    assert all(one["use"] == "sig" and one["kid"] for one in keys)
    assert not any({"d", "p", "q"} & set(one) for one in keys)


@pytest.mark.spec("cors-token-endpoints")
@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/.oidc/jwks", "/.oidc/token", "/.oidc/register"]
)
async def test_apps_in_browsers_reach_what_is_for_apps(world: World, path: str) -> None:
    method = "GET" if "known" in path or "jwks" in path else "POST"
    asked = await world.anyone.options(
        path, origin=APP, access_control_request_method=method, access_control_request_headers="DPoP, Authorization"
    )
    answer = await world.anyone.send(method, path, origin=APP)

    assert asked.status == 204
    assert "DPoP" in asked["access-control-allow-headers"]
    assert answer["access-control-allow-origin"] == APP


@pytest.mark.parametrize("path", ["/.oidc/auth", "/.oidc/end-session", "/.oidc/fedcm/accounts", "/.account/"])
async def test_no_script_of_another_site_reaches_what_is_for_people(world: World, path: str) -> None:
    asked = await world.anyone.options(path, origin=APP, access_control_request_method="GET")
    answer = await world.anyone.get(path, origin=APP)

    assert "access-control-allow-origin" not in asked
    assert "access-control-allow-origin" not in answer


async def test_pages_can_have_an_origin_of_their_own(storage: str) -> None:
    async with World(storage, identity=Identity(url="https://account.example/")) as world:
        app, carol = App(world).publish(), await resident(world)
        found = (await world.anyone.get("/.well-known/openid-configuration")).json()

        assert found["authorization_endpoint"] == "https://account.example/.oidc/auth"
        assert found["end_session_endpoint"] == "https://account.example/.oidc/end-session"
        assert found["token_endpoint"] == f"{BASE}.oidc/token"
        assert (await app.authorize(carol)).status == 404
        assert (await world.anyone.get("/carol/profile/card", host="account.example")).status == 404
        assert (await world.anyone.get("/carol/profile/card", host="pod.example")).status == 200
        answer = await world.anyone.get(
            f"/.oidc/auth?{urlencode(app.request())}", host="account.example", cookie=carol.cookie
        )
        assert answer["location"].startswith("https://account.example/.account/authorize/")


def test_what_is_for_people_is_known_by_its_path() -> None:
    assert pages.is_personal("/.account/home")
    assert not pages.is_personal("/.oidc/token")


async def register(world: World, metadata: object) -> Answer:
    content = metadata if isinstance(metadata, str) else json.dumps(metadata)
    return await world.anyone.post("/.oidc/register", "application/json", content)


@pytest.mark.spec("dynamic-registration-open", "clientids-oidc")
async def test_registering_passes_over_what_it_does_not_know(world: World) -> None:
    answer = await register(
        world,
        {
            "redirect_uris": [CALLBACK],
            "client_name": "An\u202e app\n of  mine",
            "application_type": "web",
            "response_types": ["code", "id_token token"],
            "grant_types": ["authorization_code", "refresh_token", "implicit"],
            "subject_type": "public",
            "token_endpoint_auth_method": "client_secret_post",
            "id_token_signed_response_alg": "ES256",
            "logo_uri": "javascript:alert(1)",
            "unknown": {"a": 1},
        },
    )

    found = answer.json()
    assert answer.status == 201
    assert found["client_name"] == "An app of mine"
    assert found["client_secret"]
    assert found["client_secret_expires_at"] == 0
    assert found["token_endpoint_auth_method"] == "client_secret_post"
    assert "webid" in found["scope"].split()


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("[]", "invalid_client_metadata"),
        ("x", "invalid_client_metadata"),
        ({}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": [1]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://u:p@app.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example:x/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"redirect_uris": [CALLBACK], "id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
    ],
)
async def test_what_cannot_be_registered_is_refused(world: World, metadata: object, error: str) -> None:
    answer = await register(world, metadata)

    assert (answer.status, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("uri", ["http://localhost:3000/cb", "http://127.0.0.1/cb", "org.example.app:/cb"])
async def test_apps_on_this_machine_can_register(world: World, uri: str) -> None:
    assert (await register(world, {"redirect_uris": [uri]})).status == 201


async def test_where_an_app_wants_people_to_go_on_to_is_kept(world: World) -> None:
    answer = await register(world, {"redirect_uris": [CALLBACK], "post_logout_redirect_uris": [BYE]})

    assert answer.json()["post_logout_redirect_uris"] == [BYE]


async def test_who_registers_all_the_time_is_made_to_wait(world: World) -> None:
    statuses = {(await register(world, {"redirect_uris": [CALLBACK]})).status for _ in range(205)}

    assert statuses == {201, 429}


async def test_introspection_tells_a_client_about_its_own_tokens(world: World) -> None:
    app, other, carol = App(world).publish(), App(world, "https://other.example/id"), await resident(world)
    tokens = await app.sign_in(carol)

    access = (await app.post("/.oidc/introspect", None, token=tokens["access_token"])).json()
    refresh = (await app.post("/.oidc/introspect", None, token=tokens["refresh_token"])).json()

    assert (access["active"], access["webid"], access["token_type"]) == (True, carol.webid, "DPoP")
    assert (refresh["active"], refresh["sub"]) == (True, carol.webid)
    for token in (tokens["access_token"], tokens["refresh_token"], "x", tokens["id_token"]):
        assert (await other.post("/.oidc/introspect", None, token=token)).json() == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revoking_a_token_ends_all_that_came_of_the_code(world: World, kind: str) -> None:
    app, other, carol = App(world).publish(), App(world, "https://other.example/id"), await resident(world)
    tokens = await app.sign_in(carol)
    person = app.person(carol, tokens["access_token"])

    assert (await other.post("/.oidc/revoke", None, token=tokens[kind])).status == 200
    assert (await person.get("/carol/settings/prefs.ttl")).status == 200
    assert (await app.post("/.oidc/revoke", None, token=tokens[kind])).status == 200
    assert (await app.post("/.oidc/revoke", None, token="x")).status == 200

    assert (await person.get("/carol/settings/prefs.ttl")).status == 401
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.post("/.oidc/introspect", None, token=tokens[kind])).json() == {"active": False}


async def test_a_client_must_prove_who_it_is_to_ask_about_tokens(world: World) -> None:
    app = await registered(world)
    app.secret = "wrong"

    for path in ("/.oidc/introspect", "/.oidc/revoke", "/.oidc/push"):
        assert (await app.post(path, None, token="x")).status == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
async def test_a_token_request_that_makes_no_sense_is_refused(world: World, form: dict[str, str], error: str) -> None:
    answer = await App(world).publish().post("/.oidc/token", **form)

    assert (answer.status, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", "{}"),
        ("application/x-www-form-urlencoded", "grant_type=a&grant_type=b"),
        ("application/x-www-form-urlencoded", b"grant_type=\xff"),
    ],
)
async def test_what_is_no_form_is_refused(world: World, kind: str, content: bytes | str) -> None:
    answer = await world.anyone.post("/.oidc/token", kind, content)

    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


async def test_a_gigantic_request_is_not_read(world: World) -> None:
    answer = await world.anyone.post("/.oidc/register", "application/json", b"x" * 100_000)

    assert answer.status == 413


async def test_revoking_a_consent_ends_everything_at_the_next_request(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)
    person = app.person(carol, tokens["access_token"])
    assert (await person.get("/carol/settings/prefs.ttl")).status == 200

    await world.parts.provider.revoke(carol.webid, DOCUMENT)

    assert (await person.get("/carol/settings/prefs.ttl")).status == 403
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.authorize(carol))["location"].startswith(f"{BASE}.account/")


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

    await world.parts.sessions.end(carol.account.id, carol.session.id)

    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


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


async def test_userinfo_says_who_the_person_is(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await world.parts.accounts.set_name(carol.account.id, "Carol")
    token = (await app.sign_in(carol, scope=f"{SCOPE} profile"))["access_token"]

    answer = await app.person(carol, token).get("/.oidc/userinfo")
    unproved = await world.anyone.get("/.oidc/userinfo", authorization=f"DPoP {token}")
    stranger = await world.anyone.get("/.oidc/userinfo")

    assert answer.json() == {"sub": carol.webid, "webid": carol.webid, "name": "Carol"}
    assert unproved.status == stranger.status == 401
    assert "invalid_dpop_proof" in unproved["www-authenticate"]


async def test_an_app_asks_for_what_it_needs_by_its_document(world: World) -> None:
    needs = [{"class": "http://schema.org/Note", "modes": ["read", "append"], "label": "Your notes"}]
    app, carol = App(world).publish(access_needs=needs), await resident(world)
    provider = world.parts.provider

    answer = await app.authorize(carol)
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])

    assert kept is not None
    (ask,) = kept.asks
    assert (ask.of_class, ask.label, ask.modes) == (
        "http://schema.org/Note", "Your notes", frozenset({Mode.READ, Mode.APPEND}),
    )  # fmt: skip
    assert await provider.targets(carol.webid, ask) == ()
    registration = (
        "@prefix solid: <http://www.w3.org/ns/solid/terms#>. <#n> a solid:TypeRegistration;"
        f" solid:forClass <http://schema.org/Note>; solid:instanceContainer <{BASE}carol/notes/>."
    )
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    assert (await person.put("/carol/settings/privateTypeIndex.ttl", TURTLE, registration)).status == 204
    assert await provider.targets(carol.webid, ask) == (f"{BASE}carol/notes/",)


async def test_a_folder_is_that_of_the_persons_storage(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    provider = world.parts.provider
    answer = await app.authorize(carol, scope=f"openid solid:read:/notes/ solid:read:{BASE}carol/x")
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None

    assert [await provider.targets(carol.webid, one) for one in kept.asks] == [
        (f"{BASE}carol/notes/",),
        (f"{BASE}carol/x",),
    ]


async def test_own_tokens_are_checked_without_the_network(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    world.asked.clear()

    assert (await person.get("/carol/settings/prefs.ttl")).status == 200

    assert world.asked == []


async def test_what_is_signed_by_a_key_that_was_lost_is_nothing(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    hint = (await app.sign_in(carol))["id_token"]

    assert claims(hint)["sid"] == carol.session.id
    answer = await world.anyone.get(f"/.oidc/end-session?id_token_hint={hint[:-8]}AAAAAAAA", cookie=carol.cookie)

    assert answer["location"] == f"{BASE}.account/sign-out"


@pytest.mark.parametrize("again", [True, False])
async def test_an_app_may_be_agreed_with_for_once(world: World, again: bool) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None
    url = await provider.agree(kept, carol.session, carol.account, carol.webid, EVERYTHING, remember=not again)

    assert (await app.redeem(answered(url)["code"])).status == 200
    assert ("code" not in answered((await app.authorize(carol))["location"])) == again


async def test_an_agreement_that_is_not_there_cannot_be_kept(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None

    with pytest.raises(Malformed):
        await provider.agree(kept, carol.session, carol.account, carol.webid, None)


async def test_who_has_to_sign_in_again_cannot_agree_before(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol, prompt="login")
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None

    with pytest.raises(Unauthenticated):
        await provider.agree(kept, carol.session, carol.account, carol.webid, EVERYTHING)

    later = replace(carol.session, authenticated=kept.created + 1)
    assert "code" in answered(await provider.agree(kept, later, carol.account, carol.webid, EVERYTHING))


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
    await world.parts.accounts.change(carol.account.id, lambda one: replace(one, deleting=1))

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


async def test_a_hint_about_who_is_expected_counts(world: World) -> None:
    app, carol, dora = App(world).publish(), await resident(world), await resident(world, "dora")
    own, other = (await app.sign_in(carol))["id_token"], (await app.sign_in(dora))["id_token"]

    for hint, error in ((own, None), (other, "login_required"), ("x", None)):
        answer = await app.authorize(carol, prompt="none", id_token_hint=hint)
        assert answered(answer["location"]).get("error") == error


async def test_who_is_asked_whether_to_sign_out_goes_on_where_the_app_wanted(world: World) -> None:
    carol = await resident(world)
    App(world).publish()
    wish = urlencode({"client_id": DOCUMENT, "post_logout_redirect_uri": BYE})
    answer = await world.anyone.get(f"/.oidc/end-session?{wish}", cookie=carol.cookie)
    front = world.parts._provider_routes(Proofs(world.parts.stores.replays, time.time)).front

    assert await front.onward(answered(answer["location"])["leaving"]) == BYE
    assert await front.onward("another") is None


async def test_a_pushed_request_may_bind_its_code_to_the_key_of_a_proof(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)
    pushed = await app.post("/.oidc/push", **app.request())
    name = {**dict.fromkeys(app.request()), "client_id": app.client_id, "request_uri": pushed.json()["request_uri"]}
    code = answered((await app.authorize(carol, **name))["location"])["code"]

    assert (await App(world, verifier=app.verifier).redeem(code)).json()["error"] == "invalid_dpop_proof"
    assert (await app.redeem(code)).status == 200
    other = await app.post("/.oidc/push", **app.request(dpop_jkt="x" * 43))
    wrong = await app.post("/.oidc/push", "x", **app.request())
    assert {one.json()["error"] for one in (other, wrong)} == {"invalid_dpop_proof"}


async def test_places_that_cannot_be_read_are_not_known(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    provider = world.parts.provider
    ask = Ask(frozenset({Mode.READ}), of_class="http://schema.org/Note")
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    card = (await person.get("/carol/profile/card", TURTLE)).text
    further = f"<{carol.webid}> <http://www.w3.org/ns/solid/terms#privateTypeIndex> <{{}}>."
    large = "<#x> <http://www.w3.org/ns/solid/terms#forClass> <http://schema.org/Note>; " + ";".join(
        f"<https://voc.example/#p{number}> 'a long text to fill the file'" for number in range(4_000)
    )
    large += f"; <http://www.w3.org/ns/solid/terms#instance> <{BASE}carol/one>, <https://elsewhere.example/>."
    assert (await person.put("/carol/large", TURTLE, large)).status == 201
    for number, index in enumerate(("https://elsewhere.example/", f"{BASE}carol/missing", f"{BASE}carol/large")):
        written = await person.put("/carol/profile/card", TURTLE, card + further.format(index))
        assert written.status == 204
        assert await provider.targets(carol.webid, ask) == ((f"{BASE}carol/one",) if number == 2 else ())
