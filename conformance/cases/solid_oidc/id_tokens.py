"""What an ID Token says (Solid-OIDC, 8.1)."""

import time
from collections.abc import Mapping
from typing import Any

from conformance.app import App
from conformance.case import case
from conformance.cases.solid_oidc._issued import checked, claims
from conformance.expect import require
from conformance.world import World

SIGNING_IN = ("issuer", "pages")


async def _signed_in(w: World) -> tuple[App, Mapping[str, Any]]:
    app = await App.registered(w)
    return app, claims(str((await app.tokens(w))["id_token"]))


@case("tokens-id-webid", needs=SIGNING_IN)
async def an_id_token_has_the_webid_of_the_person(w: World) -> None:
    _, found = await _signed_in(w)
    require(found.get("webid") == w.alice.webid, "webid is who signed in")


@case("tokens-id-iss", needs=SIGNING_IN)
async def an_id_token_has_the_issuer_of_the_configuration(w: World) -> None:
    _, found = await _signed_in(w)
    require(found.get("iss") == w.target.configuration["issuer"], "iss is the issuer, to the letter")


@case("tokens-id-aud", needs=SIGNING_IN)
async def an_id_token_is_for_the_app_and_for_solid(w: World) -> None:
    """Solid-OIDC, 8.1: "The audience claim MUST be an array of values", with azp and "solid" in it."""
    app, found = await _signed_in(w)
    audience = found.get("aud")
    require(isinstance(audience, list), "aud is an array")
    require({app.client_id, "solid"} <= set(audience or []), "aud has the app and solid")


@case("tokens-id-azp", needs=SIGNING_IN)
async def an_id_token_names_the_app(w: World) -> None:
    app, found = await _signed_in(w)
    require(found.get("azp") == app.client_id, "azp is the client id")


@case("tokens-id-iat", needs=SIGNING_IN)
async def an_id_token_says_when_it_was_made(w: World) -> None:
    _, found = await _signed_in(w)
    require(time.time() - 300 < found.get("iat", 0) < time.time() + 300, "iat is now, in seconds")


@case("tokens-id-exp", needs=SIGNING_IN)
async def an_id_token_says_when_it_ends(w: World) -> None:
    _, found = await _signed_in(w)
    require(found.get("exp", 0) > time.time(), "exp is to come, in seconds")


@case("tokens-id-cnf", needs=SIGNING_IN)
async def an_id_token_is_bound_to_the_key_of_the_app(w: World) -> None:
    app, found = await _signed_in(w)
    bound = found.get("cnf")
    require(isinstance(bound, dict) and bound.get("jkt") == app.key.thumbprint, "cnf.jkt is the thumbprint of the key")


@case("tokens-op-return", needs=SIGNING_IN)
async def an_id_token_is_signed_with_a_published_key(w: World) -> None:
    await checked(w, str((await (await App.registered(w)).tokens(w))["id_token"]))


@case("tokens-op-return", needs=SIGNING_IN)
async def an_id_token_has_the_nonce_of_the_request(w: World) -> None:
    """OIDC Core, 2: it is passed through unmodified."""
    app, found = await _signed_in(w)
    require(found.get("nonce") == app.nonce, "nonce is as it was sent")


@case("tokens-op-return", needs=SIGNING_IN)
async def an_id_token_has_a_subject(w: World) -> None:
    """OIDC Core, 2: at most 255 characters of ASCII."""
    _, found = await _signed_in(w)
    subject = found.get("sub")
    require(isinstance(subject, str) and 0 < len(subject) < 256 and subject.isascii(), "sub names the person")
