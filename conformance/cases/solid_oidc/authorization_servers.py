"""Authorization servers of UMA, where a server sends clients to one (Solid-OIDC, 9)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from conformance.app import FORM, App
from conformance.case import NotOffered, case
from conformance.cases.solid_oidc._issued import denied, given
from conformance.exchange import Answer
from conformance.expect import lists, require, status
from conformance.world import World

PROFILE = "http://openid.net/specs/openid-connect-core-1_0.html#IDToken"
GRANT = "urn:ietf:params:oauth:grant-type:uma-ticket"
_MEMBER = r'\b{name}="?([^",\s]+)'


async def _sent(w: World, url: str) -> tuple[str, str]:
    """The authorization server of a document, and the ticket; NotOffered when there is none."""
    challenge = (await w.anyone.get(url)).header("www-authenticate")
    found = [re.search(_MEMBER.format(name=name), challenge) for name in ("as_uri", "ticket")]
    if not re.search(r"(^|,\s*)UMA\b", challenge, re.IGNORECASE) or found[0] is None:
        raise NotOffered("The server does not send clients to an authorization server.")
    return found[0][1], found[1][1] if found[1] else ""


async def _configuration(w: World, server: str) -> Mapping[str, Any]:
    answer = await w.anyone.get(f"{server.rstrip('/')}/.well-known/uma2-configuration")
    status(answer, 200)
    found: Mapping[str, Any] = answer.json()
    return found


async def _exchange(w: World, url: str, token: str, proved: App) -> Answer:
    """What the authorization server answers to an ID Token and a ticket."""
    server, ticket = await _sent(w, url)
    endpoint = str((await _configuration(w, server))["token_endpoint"])
    form = {"grant_type": GRANT, "ticket": ticket, "claim_token": token, "claim_token_format": PROFILE}
    headers = [("content-type", FORM), ("accept", "application/json"), ("dpop", proved.key.proof("POST", endpoint))]
    return await w.client.send("POST", endpoint, headers, urlencode(form).encode())


@case("authorization-server-uma")
async def an_authorization_server_has_a_configuration_of_uma(w: World) -> None:
    server, ticket = await _sent(w, await w.document())
    require("token_endpoint" in await _configuration(w, server), "the configuration names the token endpoint")
    require(ticket, "the challenge has a ticket")


@case("obtaining-access-token-profile", "obtaining-access-token-advertise")
async def an_authorization_server_says_that_it_takes_id_tokens(w: World) -> None:
    server, _ = await _sent(w, await w.document())
    lists((await _configuration(w, server)).get("uma_profiles_supported", ()), PROFILE)


@case("obtaining-access-token-exchange", "obtaining-access-token-profile", needs=("issuer", "pages"))
async def an_authorization_server_takes_an_id_token_for_an_access_token(w: World) -> None:
    url = await w.document()
    await _sent(w, url)
    app = await App.registered(w)
    given(await _exchange(w, url, str((await app.tokens(w))["id_token"]), app))


@case("obtaining-access-token-validate", needs=("issuer", "pages"))
async def an_authorization_server_refuses_an_id_token_that_somebody_else_proves(w: World) -> None:
    """DPoP validation and ID Token validation come before any access."""
    url = await w.document()
    await _sent(w, url)
    app, thief = await App.registered(w), await App.registered(w)
    token = str((await app.tokens(w))["id_token"])
    denied(await _exchange(w, url, token, thief))
    denied(await _exchange(w, url, token[:-20], app))
