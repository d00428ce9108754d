"""Somebody signs in for an app: code, tokens, and who may have them (RFC 6749, 4.1; RFC 9449, 5)."""

from conformance.app import CALLBACK, SCOPE, STANDING, App
from conformance.case import NotOffered, case
from conformance.cases.solid_oidc._issued import claims, denied, given
from conformance.exchange import TURTLE
from conformance.expect import require, status
from conformance.proofs import ProofKey
from conformance.world import NOTE, World

SIGNING_IN = ("issuer", "pages")


async def _code(w: World, app: App, scope: str = SCOPE) -> str:
    told = await app.asked(w, scope=scope)
    require("code" in told, "the app gets a code")
    return told["code"]


@case("tokens-op-return", needs=SIGNING_IN)
async def an_app_gets_an_id_token_bound_to_its_key_and_an_access_token(w: World) -> None:
    app = await App.registered(w)
    told = given(await app.exchange(await _code(w, app)))
    require(str(told.get("token_type")).lower() == "dpop", "the type of a bound token is DPoP")
    bound = claims(str(told.get("id_token"))).get("cnf")
    require(isinstance(bound, dict) and bound.get("jkt") == app.key.thumbprint, "the ID Token is bound to the key")


@case("tokens-op-return", needs=SIGNING_IN)
async def an_app_that_keeps_secrets_gets_its_tokens_with_the_secret(w: World) -> None:
    app = await App.registered(w, token_endpoint_auth_method="client_secret_basic")
    require("id_token" in given(await app.exchange(await _code(w, app))), "the app gets an ID Token")


@case("tokens-op-return", needs=SIGNING_IN)
async def an_app_that_keeps_secrets_gets_nothing_without_the_secret(w: World) -> None:
    app = await App.registered(w, token_endpoint_auth_method="client_secret_basic")
    code = await _code(w, app)
    secret, app.secret = app.secret, "wrong"
    denied(await app.exchange(code))
    app.secret = ""
    denied(await app.exchange(code))
    require(secret, "the app has a secret")


@case("iss-check-op-include", needs=SIGNING_IN)
async def the_answer_to_an_app_names_the_issuer(w: World) -> None:
    require("iss" in await (await App.registered(w)).asked(w), "the answer has iss")


@case("iss-check-op-value", needs=SIGNING_IN)
async def the_issuer_that_an_app_is_told_is_that_of_the_configuration(w: World) -> None:
    told = await (await App.registered(w)).asked(w)
    require(told.get("iss") == w.target.configuration["issuer"], "iss is the issuer, to the letter")


@case("tokens-op-return", needs=SIGNING_IN)
async def an_app_gets_its_state_back(w: World) -> None:
    """RFC 6749, 4.1.2."""
    app = await App.registered(w)
    require((await app.asked(w)).get("state") == app.state, "state comes back as it was")


@case("webid-scope", needs=SIGNING_IN)
async def the_scope_webid_gives_the_claim_webid(w: World) -> None:
    app = await App.registered(w)
    told = await app.tokens(w, scope="openid webid")
    require(claims(str(told["id_token"])).get("webid") == w.alice.webid, "the ID Token has the WebID")


@case("webid-claim-always", needs=SIGNING_IN)
async def an_access_token_names_the_webid_also_without_the_scope(w: World) -> None:
    app = await App.registered(w)
    told = await app.tokens(w, scope="openid")
    require(claims(str(told["access_token"])).get("webid") == w.alice.webid, "the access token has the WebID")


@case("access-token-accept", needs=SIGNING_IN)
async def a_person_may_by_an_app_what_they_may(w: World) -> None:
    app = await App.registered(w)
    alice = app.person(w, str((await app.tokens(w))["access_token"]))
    url = w.url("by-an-app.ttl")
    status(await alice.put(url, TURTLE, NOTE), 200, 201, 204, 205)
    status(await alice.get(url), 200)


@case("pkce-s256", needs=SIGNING_IN)
async def a_code_without_its_verifier_is_worth_nothing(w: World) -> None:
    app = await App.registered(w)
    denied(await app.exchange(await _code(w, app), code_verifier=None))


@case("pkce-s256", needs=SIGNING_IN)
async def a_code_with_another_verifier_is_worth_nothing(w: World) -> None:
    """RFC 7636, 4.6: invalid_grant."""
    app = await App.registered(w)
    denied(await app.exchange(await _code(w, app), code_verifier="a" * 50), "invalid_grant")


@case("tokens-op-return", needs=SIGNING_IN)
async def a_code_is_good_once(w: World) -> None:
    """RFC 6749, 4.1.2: the client must not use the code more than once; the server must deny it."""
    app = await App.registered(w)
    code = await _code(w, app)
    given(await app.exchange(code))
    denied(await app.exchange(code), "invalid_grant")


@case("tokens-op-return", needs=SIGNING_IN)
async def a_code_is_good_for_its_own_app(w: World) -> None:
    """RFC 6749, 4.1.3."""
    app, thief = await App.registered(w), await App.registered(w)
    thief.verifier = app.verifier
    denied(await thief.exchange(await _code(w, app)), "invalid_grant")


@case("clientids-document-redirect-uri", needs=SIGNING_IN)
async def a_code_is_good_for_the_place_where_it_was_sent(w: World) -> None:
    """RFC 6749, 4.1.3: redirect_uri is identical to that of the request."""
    app = await App.registered(w, redirect_uris=[CALLBACK, "https://app.example/other"])
    denied(await app.exchange(await _code(w, app), redirect_uri="https://app.example/other"), "invalid_grant")


@case("tokens-op-return", needs=SIGNING_IN)
async def a_code_that_nobody_gave_is_worth_nothing(w: World) -> None:
    denied(await (await App.registered(w)).exchange("no-such-code"), "invalid_grant")


# -- refresh tokens


async def _standing(w: World, app: App) -> str:
    """A refresh token; NotOffered when the issuer gives none."""
    told = await app.tokens(w, scope=STANDING)
    if "refresh_token" not in told:
        raise NotOffered("The issuer gives no refresh tokens.")
    return str(told["refresh_token"])


@case("refresh-rotation", needs=SIGNING_IN)
async def an_app_that_asks_to_stay_gets_a_refresh_token(w: World) -> None:
    app = await App.registered(w)
    require("refresh_token" in await app.tokens(w, scope=STANDING), "offline_access gives a refresh token")


@case("refresh-rotation", "webid-claim-always", needs=SIGNING_IN)
async def a_refreshed_access_token_is_like_the_first(w: World) -> None:
    app = await App.registered(w)
    found = claims(str(given(await app.refresh(await _standing(w, app)))["access_token"]))
    require(found.get("webid") == w.alice.webid, "the new token has the WebID")
    require(dict(found.get("cnf", {})).get("jkt") == app.key.thumbprint, "the new token is bound to the key")


@case("refresh-rotation", needs=SIGNING_IN)
async def a_refreshed_access_token_is_taken_by_the_server(w: World) -> None:
    app = await App.registered(w)
    token = str(given(await app.refresh(await _standing(w, app)))["access_token"])
    status(await app.person(w, token).get(w.place), 200)


@case("refresh-rotation", needs=SIGNING_IN, level="MUST")
async def a_stolen_refresh_token_is_worth_nothing_with_another_key(w: World) -> None:
    """RFC 9449, 5: refresh tokens of public clients must be bound to the key."""
    app = await App.registered(w)
    denied(await app.refresh(await _standing(w, app), key=ProofKey()))


@case("refresh-rotation", needs=SIGNING_IN)
async def an_app_with_a_secret_may_refresh_with_a_new_key(w: World) -> None:
    """RFC 9449, 5: those of confidential clients are not bound to it, since they have their secret."""
    app = await App.registered(w, token_endpoint_auth_method="client_secret_basic")
    key = ProofKey()
    found = claims(str(given(await app.refresh(await _standing(w, app), key=key))["access_token"]))
    require(dict(found.get("cnf", {})).get("jkt") == key.thumbprint, "the new token is bound to the new key")


@case("refresh-rotation", needs=SIGNING_IN)
async def a_refresh_token_that_was_replaced_is_worth_nothing(w: World) -> None:
    """Where the issuer gives another each time; one that gives the same again rotates nothing."""
    app = await App.registered(w)
    first = await _standing(w, app)
    second = given(await app.refresh(first)).get("refresh_token", first)
    if second == first:
        raise NotOffered("The issuer does not replace refresh tokens; they are bound to the key.")
    given(await app.refresh(str(second)))
    denied(await app.refresh(first), "invalid_grant")


@case("refresh-rotation", needs=SIGNING_IN)
async def a_refresh_token_of_another_app_is_worth_nothing(w: World) -> None:
    """RFC 6749, 10.4: the binding to the client is kept."""
    app, thief = await App.registered(w), await App.registered(w)
    thief.key = app.key
    denied(await thief.refresh(await _standing(w, app)), "invalid_grant")
    denied(await thief.refresh("no-such-token"), "invalid_grant")
