"""What thieves and liars try at the identity provider, and do not get."""

import base64
import json
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from pod.config import Identity
from pod.errors import Conflict, Forbidden
from pod.idp import codes
from pod.model.agent import Agent
from pod.model.operation import Put
from pod.model.representation import Body
from pod.model.resource import Uri
from tests.http.apps import CALLBACK, App, answered, claims, registered, resident
from tests.tokens import OMIT, Client, Issuer
from tests.world import BASE, TURTLE, World

OTHER = "https://other.example/id"


async def test_a_code_is_used_once_and_a_second_use_ends_what_came_of_the_first(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    code = (await app.agree(carol))["code"]
    first = (await app.redeem(code)).json()
    people = [app.person(carol, first[one]) for one in ("access_token", "id_token")]
    assert [(await one.get("/carol/settings/prefs.ttl")).status for one in people] == [200, 200]

    second = await app.redeem(code)

    assert (second.status, second.json()["error"]) == (400, "invalid_grant")
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert [(await one.get("/carol/settings/prefs.ttl")).status for one in people] == [401, 401]


async def test_who_only_knows_an_old_code_ends_nothing(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    code = (await app.agree(carol))["code"]
    first = (await app.redeem(code)).json()
    thief = App(world, verifier="x" * 43)

    assert (await thief.redeem(code)).json()["error"] == "invalid_grant"
    assert (await app.refresh(first["refresh_token"])).status == 200


async def test_a_code_of_one_client_is_nothing_to_another(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    other = App(world, OTHER, verifier=app.verifier).publish(redirect_uris=[CALLBACK])
    code = (await app.agree(carol))["code"]

    stolen = await other.redeem(code)

    assert stolen.json()["error"] == "invalid_grant"
    assert (await app.redeem(code)).status == 200


async def test_a_code_goes_with_the_redirect_uri_that_it_went_to(world: World) -> None:
    app = App(world).publish(redirect_uris=[CALLBACK, f"{CALLBACK}2"])
    code = (await app.agree(await resident(world)))["code"]

    for uri in (f"{CALLBACK}2", None):
        assert (await app.redeem(code, "", redirect_uri=uri)).json()["error"] == "invalid_grant"


@pytest.mark.spec("pkce-s256")
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"code_challenge": "é" * 43},
    ],
)
async def test_no_client_can_do_without_pkce(world: World, changes: dict[str, str | None]) -> None:
    carol = await resident(world)
    for app in (App(world).publish(), await registered(world)):
        answer = await app.authorize(carol, **changes)

        assert answered(answer["location"])["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", [None, "", "x" * 43, "short"])
async def test_the_verifier_must_be_the_right_one(world: World, verifier: str | None) -> None:
    for app, name in ((App(world).publish(), "carol"), (await registered(world), "dora")):
        code = (await app.agree(await resident(world, name)))["code"]

        answer = await app.redeem(code, "", code_verifier=verifier)

        assert answer.status == 400
        assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


async def test_the_challenge_itself_is_no_verifier(world: World) -> None:
    app = App(world).publish()
    code = (await app.agree(await resident(world)))["code"]

    answer = await app.redeem(code, "", code_verifier=app.request()["code_challenge"])

    assert answer.json()["error"] == "invalid_grant"


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


async def test_a_refresh_token_changes_and_an_old_one_ends_all_of_them(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    first = (await app.sign_in(carol))["refresh_token"]
    second = (await app.refresh(first)).json()["refresh_token"]
    answer = (await app.refresh(second)).json()
    third = answer["refresh_token"]
    person = app.person(carol, answer["access_token"])
    assert len({first, second, third}) == 3

    reused = await app.refresh(first)

    assert reused.json()["error"] == "invalid_grant"
    assert (await app.refresh(third)).json()["error"] == "invalid_grant"
    assert (await person.get("/carol/settings/prefs.ttl")).status == 401


async def test_a_client_that_lost_the_answer_gets_the_same_again(world: World) -> None:
    app = App(world).publish()
    first = (await app.sign_in(await resident(world)))["refresh_token"]

    lost, again = (await app.refresh(first)).json(), (await app.refresh(first)).json()

    assert lost["refresh_token"] == again["refresh_token"]
    assert (await app.refresh(again["refresh_token"])).status == 200


async def test_a_refresh_token_that_was_made_up_ends_nothing(world: World) -> None:
    app = App(world).publish()
    tokens = await app.sign_in(await resident(world))
    grant, secret, tag = tokens["refresh_token"].split(".")

    for wrong in (f"{grant}.{'x' * 43}.{tag}", f"{grant}.{secret}", f"{grant}.{secret}.x", "", "é.é.é", "a.b.c"):
        assert (await app.refresh(wrong)).json()["error"] == "invalid_grant"

    assert (await app.refresh(tokens["refresh_token"])).status == 200


async def test_a_stolen_refresh_token_is_worth_nothing_without_its_key(world: World) -> None:
    app = App(world).publish()
    token = (await app.sign_in(await resident(world)))["refresh_token"]
    thief = App(world)

    for answer in (await thief.refresh(token), await thief.refresh(token, None)):
        assert answer.json()["error"] == "invalid_dpop_proof"

    assert (await app.refresh(token)).status == 200


@pytest.mark.spec("refresh-rotation")
async def test_an_app_with_a_secret_may_come_with_another_key(world: World) -> None:
    app = await registered(world)
    token = (await app.sign_in(await resident(world)))["refresh_token"]

    app.key = Client()
    answer = await app.refresh(token)

    assert claims(answer.json()["access_token"])["cnf"] == {"jkt": app.key.key.thumbprint}


async def test_a_refresh_token_of_one_client_is_nothing_to_another(world: World) -> None:
    app, other = App(world).publish(), App(world, OTHER).publish()
    other.key = app.key
    token = (await app.sign_in(await resident(world)))["refresh_token"]

    assert (await other.refresh(token)).json()["error"] == "invalid_grant"
    assert (await app.refresh(token)).status == 200


async def test_a_proof_is_used_once_and_for_the_token_endpoint_alone(world: World) -> None:
    app = App(world).publish()
    tokens = await app.sign_in(await resident(world))
    url = f"{BASE}.oidc/token"
    proof = app.key.proof("POST", url)
    assert (await app.refresh(tokens["refresh_token"], proof)).status == 200

    wrong = [
        proof,
        app.key.proof("GET", url),
        app.key.proof("POST", f"{BASE}.oidc/revoke"),
        app.key.proof("POST", url, iat=int(time.time()) - 600),
        app.key.proof("POST", url, jti=OMIT),
        app.key.proof("POST", url, header={"alg": "none"}),
        f"{app.key.proof('POST', url)[:-4]}AAAA",
        "x",
    ]
    for one in wrong:
        answer = await app.refresh(tokens["refresh_token"], one)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.spec("dpop-one-header")
async def test_two_proofs_are_none(world: World) -> None:
    app = App(world).publish()
    code = (await app.agree(await resident(world)))["code"]
    headers = [("dpop", app.key.proof("POST", f"{BASE}.oidc/token")) for _ in range(2)]
    headers.append(("content-type", "application/x-www-form-urlencoded"))

    answer = await world.anyone.request("POST", "/.oidc/token", f"grant_type=authorization_code&code={code}", headers)

    assert answer.json()["error"] == "invalid_dpop_proof"


async def test_a_code_that_is_bound_to_a_key_goes_with_no_other(world: World) -> None:
    app = App(world).publish()
    code = (await app.agree(await resident(world), dpop_jkt=app.key.key.thumbprint))["code"]
    thief = App(world, verifier=app.verifier)

    assert (await thief.redeem(code)).json()["error"] == "invalid_dpop_proof"
    assert (await app.redeem(code)).status == 200


async def test_a_stale_nonce_is_answered_with_a_new_one(world: World) -> None:
    app = App(world).publish()
    code = (await app.agree(await resident(world)))["code"]
    url = f"{BASE}.oidc/token"

    stale = await app.redeem(code, app.key.proof("POST", url, nonce="an old one"))
    fresh = await app.redeem(code, app.key.proof("POST", url, nonce=stale["dpop-nonce"]))

    assert (stale.status, stale.json()["error"]) == (400, "use_dpop_nonce")
    assert fresh.status == 200


async def test_a_nonce_can_be_asked_of_everyone(storage: str) -> None:
    async with World(storage, identity=Identity(require_nonces=True)) as world:
        app = App(world).publish()
        code = (await app.agree(await resident(world)))["code"]

        bare = await app.redeem(code)
        proof = app.key.proof("POST", f"{BASE}.oidc/token", nonce=bare["dpop-nonce"])

        assert bare.json()["error"] == "use_dpop_nonce"
        assert (await app.redeem(code, proof)).status == 200


async def test_an_access_token_is_worth_nothing_without_its_key(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    token = (await app.sign_in(carol))["access_token"]

    assert (await App(world).person(carol, token).get("/carol/settings/prefs.ttl")).status == 401
    bearer = await world.anyone.get("/carol/settings/prefs.ttl", authorization=f"Bearer {token}")
    assert bearer.status == 401


async def test_a_token_that_another_issuer_made_in_the_name_of_this_one_is_refused(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    tokens = await app.sign_in(carol)
    liar = Issuer(BASE)
    forged = liar.token(webid=carol.webid, client=app.key, header={"kid": _kid(tokens["access_token"])})

    assert (await app.person(carol, forged).get("/carol/settings/prefs.ttl")).status == 401


def _kid(token: str) -> str:
    part = token.split(".", maxsplit=1)[0]
    return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["kid"])


async def test_a_token_of_another_issuer_is_nothing_here(world: World) -> None:
    """Neither for pods, since no profile names it, nor at the endpoints of this issuer."""
    app, carol = App(world).publish(), await resident(world)
    foreign = world.issuer("https://evil.example/").token(webid=carol.webid, client=app.key)

    assert (await app.person(carol, foreign).get("/carol/settings/prefs.ttl")).status == 401
    assert (await world.anyone.get("/.oidc/userinfo", authorization=f"DPoP {foreign}")).status == 401
    assert (await app.post("/.oidc/introspect", None, token=foreign)).json() == {"active": False}


async def test_an_id_token_for_an_app_alone_is_nothing_to_pods(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    found = (await app.redeem((await app.agree(carol, scope="openid"))["code"], None)).json()

    for scheme in ("Bearer", "DPoP"):
        proof = app.key.proof("GET", f"{BASE}carol/settings/prefs.ttl")
        answer = await world.anyone.get(
            "/carol/settings/prefs.ttl", authorization=f"{scheme} {found['id_token']}", dpop=proof
        )
        assert answer.status == 401


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


async def test_a_request_is_answered_in_the_browser_that_brought_it_alone(world: World) -> None:
    app, carol, mallory = App(world).publish(), await resident(world), await resident(world, "mallory")
    answer = await app.authorize(carol)
    await app.authorize(mallory)
    name, provider = answer["location"].rpartition("/")[2], world.parts.provider

    assert await provider.interaction(name, mallory.cookies["rhizome-browser"]) is None
    assert await provider.interaction(name, None) is None
    assert await provider.interaction(name, carol.cookies["rhizome-browser"]) is not None


async def test_a_request_is_answered_once(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None
    await provider.agree(kept, carol.session, carol.account, carol.webid, ())

    with pytest.raises(Conflict):
        await provider.agree(kept, carol.session, carol.account, carol.webid, ())
    with pytest.raises(Conflict):
        await provider.refuse(kept)


async def test_nobody_agrees_in_the_name_of_somebody_else(world: World) -> None:
    app, carol, mallory = App(world).publish(), await resident(world), await resident(world, "mallory")
    answer = await app.authorize(mallory)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], mallory.cookies["rhizome-browser"])
    assert kept is not None

    with pytest.raises(Forbidden):
        await provider.agree(kept, mallory.session, mallory.account, carol.webid, ())
    with pytest.raises(Forbidden):
        await provider.agree(kept, mallory.session, carol.account, carol.webid, ())
    with pytest.raises(Forbidden):
        await provider.credentials(mallory.account, carol.webid, "mine")


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


async def test_whether_there_is_a_client_is_told_to_nobody(world: World) -> None:
    app = await registered(world)
    wrong = App(world, app.client_id, "wrong")
    unknown = App(world, "nobody", "wrong")
    form = {"grant_type": "client_credentials"}

    answers = [await one.post("/.oidc/token", None, **form) for one in (wrong, unknown)]

    assert [one.status for one in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert {one["www-authenticate"].partition(" ")[0] for one in answers} == {"Basic"}


async def test_a_client_with_a_secret_cannot_do_without_it(world: World) -> None:
    app, carol = await registered(world), await resident(world)
    code = (await app.agree(carol))["code"]
    bare = App(world, app.client_id, verifier=app.verifier, key=app.key)

    assert (await bare.redeem(code)).status == 401
    assert (await app.redeem(code)).status == 200


async def test_a_pod_whose_profile_names_somebody_elses_issuer_gives_no_way_in(world: World) -> None:
    """Its tokens here are worth nothing as soon as the profile does not name this issuer any longer."""
    app, carol = App(world).publish(), await resident(world)
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    profile = (await world.anyone.get("/carol/profile/card", TURTLE)).text
    assert BASE in profile
    assert (await person.get("/carol/settings/prefs.ttl")).status == 200

    changed = profile.replace(f"oidcIssuer> <{BASE}>", "oidcIssuer> <https://login.example>").replace(
        f"oidcIssuer <{BASE}>", "oidcIssuer <https://login.example>"
    )
    await world.parts.resources.write(
        Agent(carol.webid), Put(Uri(f"{BASE}carol/profile/card"), TURTLE, Body(_once(changed.encode()), None))
    )

    assert (await person.get("/carol/settings/prefs.ttl")).status == 401


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_a_webid_that_only_names_this_issuer_gets_no_tokens_here(world: World) -> None:
    """It must belong to an account: whoever writes a profile elsewhere cannot become somebody else here."""
    mallory = await resident(world, "mallory")
    world.web["https://victim.example/card"] = (
        TURTLE,
        f"<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{BASE}>.".encode(),
    )
    app = App(world).publish()
    answer = await app.authorize(mallory)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], mallory.cookies["rhizome-browser"])
    assert kept is not None
    with pytest.raises(Forbidden):
        await provider.agree(kept, mallory.session, mallory.account, "https://victim.example/card#me", ())


async def test_what_is_kept_holds_no_secret_in_clear(world: World) -> None:
    app, carol = await registered(world), await resident(world)
    got = await app.agree(carol)
    tokens = (await app.redeem(got["code"])).json()
    client_id, secret = await world.parts.provider.credentials(carol.account, carol.webid, "backup")
    records = world.parts.stores.records
    families = (codes.CODE, codes.GRANT, codes.OF_CLIENT, codes.OF_SESSION, "client", "client-of", "session", "agreed")
    kept = b""
    for family in families:
        for key in await records.keys(family):
            kept += key.encode() + (await records.get(family, key) or b"")

    assert app.secret is not None
    for one in (got["code"], tokens["refresh_token"].split(".")[1], secret, app.secret, *carol.cookies.values()):
        assert one.encode() not in kept
    assert client_id.encode() in kept
