"""What the provider says of itself, and how apps register."""

import json
from urllib.parse import urlencode

import pytest

from pod.auth.keys import ALGORITHMS
from pod.config import Identity
from pod.http import pages
from tests.asgi import Answer
from tests.http.apps import CALLBACK, App, resident
from tests.world import BASE, World

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


async def test_what_is_registered_is_short(world: World) -> None:
    answer = await register(world, {"redirect_uris": [CALLBACK], "client_name": "x" * 8192})

    assert answer.status == 413


async def test_who_registers_all_the_time_is_made_to_wait(world: World) -> None:
    statuses = {(await register(world, {"redirect_uris": [CALLBACK]})).status for _ in range(205)}

    assert statuses == {201, 429}
