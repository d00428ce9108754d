"""Tokens for scripts, by client id and secret (RFC 6749, 4.4), and the claims of access tokens."""

import time

from conformance.app import App, basic
from conformance.case import NotOffered, case
from conformance.cases.solid_oidc._issued import GRANT, checked, claims, denied, given, script
from conformance.expect import require, status
from conformance.proofs import ProofKey
from conformance.world import World

ISSUER = ("issuer",)


async def _token(w: World) -> str:
    return str(given(await script(w).ask(GRANT))["access_token"])


@case("client-credentials", needs=ISSUER)
async def a_script_gets_a_token_by_its_id_and_secret(w: World) -> None:
    """RFC 6749, 5.1, and RFC 9449, 5: an access token of the type DPoP."""
    told = given(await script(w).ask(GRANT))
    require(str(told.get("token_type")).lower() == "dpop", "the type of a bound token is DPoP")
    require(isinstance(told.get("expires_in", 1), int), "expires_in is a number of seconds")


@case("client-credentials-bind", needs=ISSUER)
async def a_script_acts_in_the_name_of_who_registered_it(w: World) -> None:
    require(claims(await _token(w)).get("webid") == w.alice.webid, "the token names the WebID of who made the client")


@case("client-credentials-bind", needs=ISSUER)
async def a_script_cannot_choose_in_whose_name_it_acts(w: World) -> None:
    answer = await script(w).ask({**GRANT, "webid": w.bob.webid, "sub": w.bob.webid, "username": w.bob.webid})
    if answer.status == 200:
        found = claims(str(given(answer)["access_token"]))
        require(found.get("webid") == w.alice.webid, "the token names the WebID of who made the client")
    else:
        denied(answer)


@case("client-credentials-validate", needs=ISSUER)
async def a_wrong_secret_gets_no_token(w: World) -> None:
    """RFC 6749, 5.2: invalid_client."""
    one = script(w)
    one.secret = one.secret[:-4] + "abcd"
    denied(await one.ask(GRANT), "invalid_client")


@case("client-credentials-validate", needs=ISSUER)
async def a_script_without_secret_gets_no_token(w: World) -> None:
    one = script(w)
    one.secret = ""
    denied(await one.ask(GRANT))


@case("client-credentials-validate", needs=ISSUER)
async def the_secret_of_another_script_gets_no_token(w: World) -> None:
    one = script(w)
    one.secret = w.bob.given.secret
    if not one.secret or w.bob.given.issuer != w.alice.given.issuer:
        raise NotOffered("Bob has no script with the same issuer.")
    denied(await one.ask(GRANT), "invalid_client")


@case("client-credentials-validate", needs=ISSUER)
async def a_script_that_nobody_registered_gets_no_token(w: World) -> None:
    one = script(w)
    one.client_id = f"nobody-{w.fresh()}"
    denied(await one.ask(GRANT), "invalid_client")


@case("client-credentials-validate", needs=ISSUER)
async def a_secret_is_taken_in_the_form_where_that_is_offered(w: World) -> None:
    """client_secret_post (OIDC Core, 9)."""
    methods = w.target.configuration.get("token_endpoint_auth_methods_supported", [])
    if "client_secret_post" not in methods:
        raise NotOffered("The issuer takes no secrets in the form.")
    one = script(w)
    secret, one.secret = one.secret, ""
    given(await one.ask({**GRANT, "client_secret": secret}))
    denied(await one.ask({**GRANT, "client_secret": f"{secret[:-4]}abcd"}), "invalid_client")


@case("client-credentials-validate", needs=ISSUER, level="SHOULD")
async def a_wrong_secret_is_answered_with_401(w: World) -> None:
    """RFC 6749, 5.2: who used the header Authorization gets 401 and WWW-Authenticate with the same scheme."""
    one = script(w)
    ((name, value),) = basic(one.client_id, "wrong")
    answer = await one.ask(GRANT, **{name: value})
    status(answer, 401)
    require("basic" in answer.header("www-authenticate").lower(), "WWW-Authenticate names the scheme that was used")


@case("client-credentials", needs=ISSUER)
async def answers_with_tokens_are_not_kept(w: World) -> None:
    """RFC 6749, 5.1: Cache-Control: no-store."""
    answer = await script(w).ask(GRANT)
    given(answer)
    require("no-store" in answer.names("cache-control"), "an answer with a token has Cache-Control: no-store")


@case("client-credentials", needs=ISSUER)
async def a_grant_that_does_not_exist_is_refused_as_such(w: World) -> None:
    """RFC 6749, 5.2: unsupported_grant_type; without any it is invalid_request."""
    one = script(w)
    denied(await one.ask({"grant_type": "urn:voc:example"}), "unsupported_grant_type", "unauthorized_client")
    denied(await one.ask({"scope": "webid"}), "invalid_request", "unsupported_grant_type")


@case("client-credentials", needs=ISSUER)
async def a_script_gets_no_refresh_token(w: World) -> None:
    """RFC 6749, 4.4.3: it should not; the client has its secret."""
    require("refresh_token" not in given(await script(w).ask(GRANT)), "a script gets no refresh token")


@case("webid-claim-always", needs=ISSUER)
async def a_token_names_the_webid_also_without_the_scope(w: World) -> None:
    told = given(await script(w).ask({"grant_type": "client_credentials"}))
    require(claims(str(told["access_token"])).get("webid") == w.alice.webid, "the token names the WebID")


@case("access-token-jwt", needs=ISSUER)
async def an_access_token_is_signed_with_a_published_key(w: World) -> None:
    await checked(w, await _token(w))


@case("access-token-jwt", needs=ISSUER)
async def an_access_token_has_what_resource_servers_look_at(w: World) -> None:
    found = claims(await _token(w))
    missing = {"webid", "iss", "aud", "iat", "exp", "cnf", "client_id", "jti"} - found.keys()
    require(not missing, f"an access token has every claim; {', '.join(sorted(missing))} is missing")


@case("access-token-jwt", needs=ISSUER)
async def an_access_token_is_for_solid(w: World) -> None:
    audience = claims(await _token(w)).get("aud")
    require("solid" in (audience if isinstance(audience, list) else [audience]), "the audience has solid")


@case("access-token-jwt", needs=ISSUER)
async def an_access_token_names_the_issuer_as_the_configuration_does(w: World) -> None:
    require(claims(await _token(w)).get("iss") == w.target.configuration["issuer"], "iss is the issuer, to the letter")


@case("access-token-jwt", needs=ISSUER)
async def an_access_token_is_bound_to_the_key_of_the_proof(w: World) -> None:
    one = script(w)
    bound = claims(str(given(await one.ask(GRANT))["access_token"])).get("cnf")
    require(isinstance(bound, dict), "a token has cnf")
    require(bound == {**dict(bound or {}), "jkt": one.key.thumbprint}, "cnf.jkt is the thumbprint of the key")


@case("access-token-jwt", needs=ISSUER)
async def an_access_token_ends_within_a_day(w: World) -> None:
    """Verifiers take none that is older, and it can hardly be taken back."""
    found = claims(await _token(w))
    now = time.time()
    require(now - 120 < found.get("iat", 0) < now + 120, "iat is now")
    require(now < found.get("exp", 0) < now + 24 * 3600 + 120, "exp is within a day")


@case("access-token-accept", needs=ISSUER)
async def the_token_of_a_script_is_taken_by_the_server(w: World) -> None:
    """With a key of its own, so that nothing is known of it yet."""
    one = App(w.client, w.target.configuration, script(w).client_id, script(w).secret, key=ProofKey.of("RS256"))
    token = str(given(await one.ask(GRANT))["access_token"])
    headers = [("authorization", f"DPoP {token}"), ("dpop", _proof(one.key, w.place, token))]
    status(await w.anyone.request("GET", w.place, headers), 200)


def _proof(key: ProofKey, url: str, token: str) -> str:
    """One that names the algorithm within the key, too."""
    header = {"typ": "dpop+jwt", "jwk": {**key.public, "alg": key.algorithm}}
    return key.sign(header, key.claims("GET", url, token))
