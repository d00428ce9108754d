"""What thieves of tokens and proofs try at the identity provider, and do not get."""

import base64
import json
import time

import pytest

from pod.config import Identity
from pod.idp import codes
from tests.http.apps import App, claims, registered, resident
from tests.tokens import OMIT, Client, Issuer
from tests.world import BASE, World

OTHER = "https://other.example/id"


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
