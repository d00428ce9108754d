"""Requests that would lead a person, or the server itself, where they must not go."""

from urllib.parse import urlencode

import pytest

from tests.http.apps import CALLBACK, App, answered, registered, resident
from tests.world import BASE, World

OTHER = "https://other.example/id"


@pytest.mark.spec("clientids-document-redirect-uri")
@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "https://app.example/callback/",
        "https://app.example/callback?x=1",
        "https://app.example/callback#x",
        "https://app.example/callback/../x",
        "https://app.example:443/callback",
        "https://app.example/Callback",
        "HTTPS://app.example/callback",
        "https://app.example/callback%2f",
        "https://app.example@evil.example/callback",
        "https://app.example.evil.example/callback",
        "http://app.example/callback",
        "https://app.example/",
        "//app.example/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "",
    ],
)
async def test_nobody_is_sent_to_a_place_that_is_not_the_apps_own(world: World, uri: str) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)

    for changes in ({}, {"code_challenge": None}, {"prompt": "none"}, {"response_type": "token"}):
        answer = await app.authorize(carol, redirect_uri=uri, **changes)

        assert answer.status == 400
        assert "location" not in answer


async def test_a_missing_redirect_uri_is_the_one_that_the_app_has(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    two = App(world, OTHER).publish(redirect_uris=[CALLBACK, f"{CALLBACK}2"])

    assert (await app.authorize(carol, redirect_uri=None, prompt="none"))["location"].startswith(CALLBACK)
    assert (await two.authorize(carol, redirect_uri=None)).status == 400


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("http://127.0.0.1:4321/cb", 303),
        ("http://127.0.0.1/cb", 303),
        ("http://127.0.0.1:4321/other", 400),
        ("http://127.0.0.2:4321/cb", 400),
        ("http://127.0.0.1:4321@evil.example/cb", 400),
        ("https://127.0.0.1:4321/cb", 400),
    ],
)
async def test_only_the_port_of_a_native_app_may_differ(world: World, uri: str, status: int) -> None:
    native = App(world).publish(application_type="native", redirect_uris=["http://127.0.0.1:8080/cb"])
    web = App(world, OTHER).publish(redirect_uris=["http://127.0.0.1:8080/cb"])

    assert (await native.authorize(redirect_uri=uri)).status == status
    assert (await web.authorize(redirect_uri=uri)).status == 400


@pytest.mark.parametrize("own", [["org.example.app:/cb"], [CALLBACK], ["http://localhost:1/cb", "org.example.app:/cb"]])
async def test_a_native_app_gets_answers_at_no_place_but_its_own(world: World, own: list[str]) -> None:
    carol = await resident(world)
    app = await registered(world, application_type="native", redirect_uris=own, token_endpoint_auth_method="none")
    assert "code" in await app.agree(carol, redirect_uri=own[0])

    for uri in (
        "https://evil.example/cb",
        "org.example.evil:/cb",
        "javascript:alert(1)",
        "http://[",
        "http://x@localhost:1/cb",
    ):
        answer = await app.authorize(carol, redirect_uri=uri)
        assert (answer.status, "location" in answer) == (400, False), uri


@pytest.mark.parametrize("parameter", ["client_id", "redirect_uri", "state", "scope", "code_challenge", "prompt"])
async def test_a_parameter_that_stands_twice_is_refused(world: World, parameter: str) -> None:
    app = App(world).publish()
    pairs = [*app.request(prompt="none").items(), (parameter, "another")]

    answer = await world.anyone.get(f"/.oidc/auth?{urlencode(pairs)}")

    assert answer.status == 400


@pytest.mark.parametrize("more", [[(f"x{number}", "") for number in range(65)], [("x", "x" * 20_000)]])
async def test_a_request_without_measure_is_refused(world: World, more: list[tuple[str, str]]) -> None:
    pairs = [*App(world).publish().request(prompt="none").items(), *more]

    answer = await world.anyone.get(f"/.oidc/auth?{urlencode(pairs)}")

    assert answer.status == 400
    assert "too many parameters" in answer.json()["detail"]


@pytest.mark.spec("iss-check-op-include", "iss-check-op-value")
@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "none"},
        {"response_type": "token"},
        {"response_type": None},
        {"response_type": "code id_token"},
        {"response_mode": "form_post"},
        {"request": "x.y.z"},
        {"prompt": "none login"},
        {"prompt": "dance"},
        {"max_age": "-1"},
        {"max_age": "x"},
        {"dpop_jkt": "x"},
        {"code_challenge": None},
    ],
)
async def test_errors_too_say_who_they_are_from(world: World, changes: dict[str, str | None]) -> None:
    """So that an app which talks to several issuers cannot be made to mix them up."""
    answer = await App(world).publish().authorize(**changes)

    got = answered(answer["location"])
    assert answer["location"].startswith(CALLBACK)
    assert got["error"]
    assert (got["iss"], got["state"]) == (BASE, "a state")


@pytest.mark.parametrize(
    "client_id",
    [
        "https://127.0.0.1/id",
        "https://[::1]/id",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/id",
        "http://app.example/id",
        "http://localhost/id",
        "https://user@app.example/id",
        "https://app.example/id#x",
        "https://nowhere.example/id",
    ],
)
async def test_no_client_id_makes_the_server_ask_what_it_must_not(world: World, client_id: str) -> None:
    answer = await App(world, client_id).authorize()

    assert answer.status == 400
    assert "location" not in answer


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": OTHER},
        {"client_id": None},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": "http://x.example/"},
    ],
)
@pytest.mark.spec("clientids-document-client-id-equal")
async def test_a_document_that_is_not_the_clients_own_is_refused(world: World, changes: dict[str, object]) -> None:
    app = App(world)
    app.publish(**changes)

    answer = await app.authorize()

    assert answer.status == 400
    assert "location" not in answer
