"""Proofs at the token endpoint (DPoP, RFC 9449, 5). Each case shows first that a right one gets a token."""

import hmac
import secrets
import time
from typing import Any

from conformance.app import App
from conformance.case import NotOffered, case
from conformance.cases.solid_oidc._issued import GRANT, claims, denied, given, script
from conformance.exchange import Answer
from conformance.expect import require
from conformance.proofs import ProofKey, encoded, segment
from conformance.world import World

ISSUER = ("issuer",)
LONG = 3600


async def _ready(w: World) -> App:
    one = script(w)
    w.prepared(await one.ask(GRANT), "get a token with a right proof")
    return one


def _endpoint(w: World) -> str:
    return str(w.target.configuration["token_endpoint"])


async def _proving(w: World, header: dict[str, Any] | None = None, **changes: Any) -> Answer:
    """The answer to a proof that differs: members of its header, and claims; None leaves out."""
    one = await _ready(w)
    told = one.key.claims("POST", _endpoint(w)) | changes
    head = {"typ": "dpop+jwt", "jwk": one.key.public} | (header or {})
    proof = one.key.sign(
        {name: value for name, value in head.items() if value is not None},
        {name: value for name, value in told.items() if value is not None},
    )
    return await one.ask(GRANT, proof)


@case("dpop-alg", needs=ISSUER)
async def a_token_is_given_for_a_proof_with_rs256(w: World) -> None:
    one = script(w)
    one.key = ProofKey.of("RS256")
    bound = claims(str(given(await one.ask(GRANT))["access_token"])).get("cnf", {})
    require(bound.get("jkt") == one.key.thumbprint, "the token is bound to the RSA key")


@case("dpop-alg", needs=ISSUER)
async def a_token_is_given_for_a_proof_with_es256(w: World) -> None:
    one = script(w)
    one.key = ProofKey.of("ES256")
    bound = claims(str(given(await one.ask(GRANT))["access_token"])).get("cnf", {})
    require(bound.get("jkt") == one.key.thumbprint, "the token is bound to the key")


@case("tokens-op-return", needs=ISSUER)
async def without_a_proof_nobody_gets_a_token_that_is_called_bound(w: World) -> None:
    """RFC 9449, 5: the type DPoP is said of tokens that are bound to a key; others are no matter of Solid-OIDC."""
    one = await _ready(w)
    answer = await one.ask(GRANT, None)
    if answer.status == 200:
        told = given(answer)
        require(str(told.get("token_type")).lower() != "dpop", "the type of a token without key is not DPoP")
        require("cnf" not in claims(str(told["access_token"])), "a token is bound to no key that nobody showed")
    else:
        denied(answer)


@case("dpop-one-header", needs=ISSUER)
async def two_proofs_get_no_token(w: World) -> None:
    one = await _ready(w)
    denied(await one.ask(GRANT, dpop=one.key.proof("POST", _endpoint(w))))


@case("dpop-one-header", needs=ISSUER)
async def a_wrong_proof_is_refused_as_such(w: World) -> None:
    """RFC 9449, 5: invalid_dpop_proof."""
    one = await _ready(w)
    denied(await one.ask(GRANT, "nonsense"), "invalid_dpop_proof")
    denied(await _proving(w, htm="GET"), "invalid_dpop_proof")


@case("dpop-claims", needs=ISSUER)
async def a_proof_of_another_type_gets_no_token(w: World) -> None:
    denied(await _proving(w, {"typ": "JWT"}))


@case("dpop-claims", needs=ISSUER)
async def a_proof_that_lacks_a_claim_gets_no_token(w: World) -> None:
    denied(await _proving(w, jti=None))
    denied(await _proving(w, htm=None))
    denied(await _proving(w, htu=None))
    denied(await _proving(w, iat=None))


@case("dpop-claims", needs=ISSUER)
async def a_proof_without_key_gets_no_token(w: World) -> None:
    denied(await _proving(w, {"jwk": None}))


@case("dpop-alg", needs=ISSUER)
async def a_proof_without_signature_gets_no_token(w: World) -> None:
    one = await _ready(w)
    header = {"typ": "dpop+jwt", "alg": "none", "jwk": one.key.public}
    denied(await one.ask(GRANT, f"{segment(header)}.{segment(one.key.claims('POST', _endpoint(w)))}."))


@case("dpop-alg", needs=ISSUER)
async def a_proof_by_a_shared_secret_gets_no_token(w: World) -> None:
    one = await _ready(w)
    secret = secrets.token_bytes(32)
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": encoded(secret)}}
    signed = f"{segment(header)}.{segment(one.key.claims('POST', _endpoint(w)))}"
    denied(await one.ask(GRANT, f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"))


@case("dpop-jwk-public", needs=ISSUER)
async def a_proof_that_shows_the_private_key_gets_no_token(w: World) -> None:
    one = await _ready(w)
    header = {"typ": "dpop+jwt", "jwk": one.key.private}
    denied(await one.ask(GRANT, one.key.sign(header, one.key.claims("POST", _endpoint(w)))))


@case("dpop-jwk-public", needs=ISSUER)
async def a_proof_signed_with_another_key_than_it_shows_gets_no_token(w: World) -> None:
    one = await _ready(w)
    header = {"typ": "dpop+jwt", "jwk": one.key.public}
    denied(await one.ask(GRANT, ProofKey().sign(header, one.key.claims("POST", _endpoint(w)))))


@case("dpop-htm", needs=ISSUER)
async def a_proof_for_another_method_gets_no_token(w: World) -> None:
    denied(await _proving(w, htm="GET"))


@case("dpop-htu", needs=ISSUER)
async def a_proof_for_another_url_gets_no_token(w: World) -> None:
    denied(await _proving(w, htu=w.place))
    denied(await _proving(w, htu=f"https://elsewhere.example/{_endpoint(w).partition('://')[2].partition('/')[2]}"))


@case("dpop-iat", needs=ISSUER)
async def a_proof_of_another_time_gets_no_token(w: World) -> None:
    denied(await _proving(w, iat=int(time.time()) - LONG))
    denied(await _proving(w, iat=int(time.time()) + LONG))


@case("dpop-jti", needs=ISSUER)
async def a_proof_gets_a_token_once(w: World) -> None:
    """RFC 9449, 11.1: an issuer may keep what it has seen; one that keeps nothing does not offer it."""
    one = script(w)
    proof = one.key.proof("POST", _endpoint(w))
    given(await one.ask(GRANT, proof))
    again = await one.ask(GRANT, proof)
    if again.status == 200:
        raise NotOffered("The issuer takes a proof again.")
    denied(again)
