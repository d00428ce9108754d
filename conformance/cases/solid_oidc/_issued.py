"""What an issuer has signed, and the script of Alice's that asks it for tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from conformance.app import App
from conformance.case import CannotTell, Failed
from conformance.exchange import Answer
from conformance.expect import refused, require, status
from conformance.proofs import claims_of
from conformance.world import World

GRANT = {"grant_type": "client_credentials", "scope": "webid"}
ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519")


def script(w: World) -> App:
    """Alice's client with id and secret; CannotTell when only a token of hers was given."""
    given = w.alice.given
    if not (given.id and given.secret):
        raise CannotTell("No client id and secret were given for Alice.")
    return App(w.client, w.target.configuration, given.id, given.secret)


async def published(w: World) -> Sequence[Mapping[str, Any]]:
    """The keys of the issuer."""
    answer = await w.anyone.get(str(w.target.configuration["jwks_uri"]))
    status(answer, 200)
    found = answer.json()
    require(isinstance(found, dict) and isinstance(found.get("keys"), list), "a JWKS has a list of keys")
    return [one for one in found["keys"] if isinstance(one, dict)]


async def checked(w: World, token: str) -> Mapping[str, Any]:
    """The claims of a token; Failed unless one of the issuer's keys has signed it."""
    for one in await published(w):
        try:
            if one.get("kty") == "EC":
                jws.deserialize_compact(token, ECKey.import_key(dict(one)), algorithms=list(ALGORITHMS))
            elif one.get("kty") == "RSA":
                jws.deserialize_compact(token, RSAKey.import_key(dict(one)), algorithms=list(ALGORITHMS))
            else:
                jws.deserialize_compact(token, OKPKey.import_key(dict(one)), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, KeyError, TypeError):
            continue
        return claims_of(token)
    raise Failed("One of the keys that the issuer publishes should have signed the token.")


def claims(token: str) -> Mapping[str, Any]:
    """The claims of a token; Failed when it is no JWT."""
    try:
        return claims_of(token)
    except ValueError as error:
        raise Failed(f"The token should be a JWT. {error}") from None


def denied(answer: Answer, *errors: str) -> None:
    """Failed unless that is an error of RFC 6749, 5.2, one of these or any, and no token."""
    refused(answer)
    found = answer.json()
    require(isinstance(found, dict) and isinstance(found.get("error"), str), "a refusal says `error` in JSON")
    require("access_token" not in found, "a refusal has no token")
    if errors:
        require(found["error"] in errors, f"the error is {' or '.join(errors)}, and not {found['error']}")


def given(answer: Answer) -> Mapping[str, Any]:
    """The tokens of an answer; Failed unless it has an access token."""
    status(answer, 200)
    found = answer.json()
    require(isinstance(found, dict) and isinstance(found.get("access_token"), str), "the answer has an access token")
    return dict(found)
