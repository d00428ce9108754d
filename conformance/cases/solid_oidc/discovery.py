"""What an issuer says of itself (OpenID Connect Discovery; RFC 8414), and its keys."""

from typing import Any
from urllib.parse import urlsplit

from conformance.case import Failed, case
from conformance.cases.solid_oidc._issued import published
from conformance.exchange import Answer
from conformance.expect import lists, require, status, succeeded
from conformance.world import World

ISSUER = ("issuer",)
ORIGIN = "https://app.example"
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def _place(w: World) -> str:
    return f"{w.alice.given.issuer.rstrip('/')}/.well-known/openid-configuration"


async def _told(w: World) -> dict[str, Any]:
    answer = await w.anyone.get(_place(w))
    status(answer, 200)
    found = answer.json()
    if not isinstance(found, dict):
        raise Failed("The configuration should be a JSON object.")
    return found


def _listed(found: dict[str, Any], name: str) -> list[str]:
    value = found.get(name)
    if not isinstance(value, list):
        raise Failed(f"The configuration should have {name}, a list.")
    return value


@case("oidc-discovery-metadata", needs=ISSUER)
async def the_configuration_is_json_for_everyone(w: World) -> None:
    answer = await w.anyone.get(_place(w))
    status(answer, 200)
    require(answer.media_type == "application/json", "the configuration is application/json")
    require(isinstance(answer.json(), dict), "the configuration is an object")


@case("oidc-discovery-metadata", needs=ISSUER)
async def the_configuration_has_what_every_issuer_has(w: World) -> None:
    """OIDC Discovery, 3: what is required."""
    lists(
        await _told(w),
        *("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"),
        *("subject_types_supported", "id_token_signing_alg_values_supported"),
    )


@case("oidc-discovery-metadata", needs=ISSUER)
async def the_issuer_is_to_the_letter_the_one_whose_configuration_it_is(w: World) -> None:
    """OIDC Discovery, 4.3. A profile that names it with another slash at the end would not fit."""
    issuer = (await _told(w)).get("issuer")
    require(isinstance(issuer, str), "the configuration names its issuer")
    require(str(issuer).rstrip("/") == w.alice.given.issuer.rstrip("/"), "the issuer is where its configuration is")
    parts = urlsplit(str(issuer))
    require(not parts.query and not parts.fragment, "an issuer has neither query nor fragment")


@case("oidc-discovery-metadata", needs=ISSUER)
async def the_code_flow_is_offered(w: World) -> None:
    lists(_listed(await _told(w), "response_types_supported"), "code")


@case("oidc-discovery-metadata", needs=ISSUER)
async def id_tokens_can_be_signed_with_rs256(w: World) -> None:
    """OIDC Discovery, 3: "The algorithm RS256 MUST be included"."""
    lists(_listed(await _told(w), "id_token_signing_alg_values_supported"), "RS256")


@case("discovery-scopes-supported", "webid-scope", needs=ISSUER)
async def the_scope_webid_is_offered(w: World) -> None:
    """By that the issuer says that it is one of Solid-OIDC."""
    lists(_listed(await _told(w), "scopes_supported"), "webid")


@case("oidc-discovery-metadata", needs=ISSUER, level="SHOULD")
async def the_claim_webid_is_offered(w: World) -> None:
    """OIDC Discovery, 3: claims_supported is recommended."""
    lists(_listed(await _told(w), "claims_supported"), "webid")


@case("pkce-s256", needs=ISSUER)
async def pkce_with_s256_is_offered(w: World) -> None:
    lists(_listed(await _told(w), "code_challenge_methods_supported"), "S256")


@case("dpop-alg", needs=ISSUER)
async def proofs_are_taken_with_es256_and_rs256_and_never_symmetric(w: World) -> None:
    """RFC 9449, 5.1."""
    found = _listed(await _told(w), "dpop_signing_alg_values_supported")
    lists(found, "ES256", "RS256")
    require(not any(one == "none" or one.startswith("HS") for one in found), "proofs are signed with a private key")


@case("client-credentials-discovery", needs=ISSUER)
async def the_grant_of_client_credentials_is_listed_where_it_is_given(w: World) -> None:
    status(await w.alice.ask_for_token(), 200)
    lists(_listed(await _told(w), "grant_types_supported"), "client_credentials")


@case("iss-check-op-include", needs=ISSUER, level="SHOULD")
async def the_configuration_says_that_answers_name_the_issuer(w: World) -> None:
    """RFC 9207, 3."""
    told = (await _told(w)).get("authorization_response_iss_parameter_supported")
    require(told is True, "authorization_response_iss_parameter_supported is true")


@case("security-tls-only", needs=("issuer", "https"))
async def every_endpoint_of_a_secure_issuer_is_secure(w: World) -> None:
    found = await _told(w)
    places = {name: one for name, one in found.items() if name.endswith(("_endpoint", "_uri")) and isinstance(one, str)}
    require(all(one.startswith("https://") for one in places.values()), "every endpoint is reached by https")


@case("oidc-discovery-metadata", needs=ISSUER)
async def the_keys_are_public_and_nothing_else(w: World) -> None:
    """OIDC Discovery, 3, jwks_uri: it must not have private or symmetric keys."""
    keys = await published(w)
    require(keys, "an issuer publishes its keys")
    require(not any(PRIVATE & one.keys() for one in keys), "no published key has a private part")
    require(not any(one.get("kty") == "oct" for one in keys), "no published key is a shared secret")


@case("oidc-discovery-metadata", needs=ISSUER)
async def keys_can_be_told_apart(w: World) -> None:
    """RFC 7517, 4.5: keys in a set should have different ids; OIDC Core, 10.1 asks for them where there are several."""
    keys = await published(w)
    if len(keys) > 1:
        names = [one.get("kid") for one in keys]
        require(all(names) and len(set(names)) == len(names), "every key of several has an id of its own")


def _open(answer: Answer) -> None:
    allowed = answer.header("access-control-allow-origin")
    require(allowed in {"*", ORIGIN}, "scripts of other origins may read it (Access-Control-Allow-Origin)")


@case("cors-token-endpoints", needs=ISSUER)
async def scripts_of_other_origins_may_read_the_configuration_and_the_keys(w: World) -> None:
    _open(await w.anyone.get(_place(w), origin=ORIGIN))
    _open(await w.anyone.get(str(w.target.configuration["jwks_uri"]), origin=ORIGIN))


@case("cors-token-endpoints", needs=ISSUER)
async def scripts_of_other_origins_may_ask_for_tokens(w: World) -> None:
    url = str(w.target.configuration["token_endpoint"])
    asked = "authorization,content-type,dpop"
    answer = await w.anyone.options(
        url, origin=ORIGIN, access_control_request_method="POST", access_control_request_headers=asked
    )
    succeeded(answer)
    _open(answer)
    allowed = answer.names("access-control-allow-headers")
    require("*" in allowed or set(asked.split(",")) <= allowed, "the headers of a request for a token are allowed")
    methods = answer.names("access-control-allow-methods")
    require(not methods or methods & {"*", "post"}, "POST is allowed")


@case("cors-token-endpoints", needs=ISSUER)
async def scripts_of_other_origins_may_read_why_they_get_no_token(w: World) -> None:
    answer = await w.anyone.post(
        str(w.target.configuration["token_endpoint"]), "application/x-www-form-urlencoded", "grant_type=", origin=ORIGIN
    )
    status(answer, 400, 401)
    _open(answer)


@case("cors-token-endpoints", "dynamic-registration-open", needs=ISSUER)
async def scripts_of_other_origins_may_register(w: World) -> None:
    url = w.target.configuration.get("registration_endpoint")
    require(isinstance(url, str), "the configuration names registration_endpoint")
    answer = await w.anyone.options(
        str(url),
        origin=ORIGIN,
        access_control_request_method="POST",
        access_control_request_headers="content-type",
    )
    succeeded(answer)
    _open(answer)


@case("oidc-issuer-discovery-profile", needs=ISSUER)
async def the_profile_of_a_person_names_the_issuer_to_the_letter(w: World) -> None:
    """Verifiers compare the profile with the claim `iss` byte by byte."""
    graph = (await w.client.fetched(w.alice.webid.partition("#")[0], "text/turtle")).graph()
    named = {str(one) for subject, predicate, one in graph if str(subject) == w.alice.webid and _trusts(predicate)}
    lists(named, str((await _told(w)).get("issuer")))


def _trusts(predicate: object) -> bool:
    return str(predicate) == "http://www.w3.org/ns/solid/terms#oidcIssuer"
