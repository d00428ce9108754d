"""Sign-in through the browser itself (Federated Credential Management), where browsers have it.

The browser shows the accounts and asks the person. What the app gets is an authorization code
for the challenge in its request; it is redeemed like any other, with a proof.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from pod.auth.keys import Json
from pod.errors import Forbidden, Malformed, Unauthenticated
from pod.idp import authorization
from pod.idp.authorization import Refused
from pod.idp.clients import Client
from pod.idp.front import Front

DESTINATION = "webidentity"
"""The Sec-Fetch-Dest of the browser's own requests; no script can send it."""


def well_known(base_url: str, account_url: str) -> Mapping[str, Json]:
    """What vouches that the configuration is this host's."""
    login = f"{account_url}.account/sign-in"
    return {
        "provider_urls": [f"{base_url}.oidc/fedcm/config"],
        "accounts_endpoint": f"{account_url}.oidc/fedcm/accounts",
        "login_url": login,
    }


def config(account_url: str) -> Mapping[str, Json]:
    """Where the browser finds the rest."""
    here = f"{account_url}.oidc/fedcm/"
    return {
        "accounts_endpoint": f"{here}accounts",
        "client_metadata_endpoint": f"{here}client",
        "id_assertion_endpoint": f"{here}assertion",
        "disconnect_endpoint": f"{here}disconnect",
        "login_url": f"{account_url}.account/sign-in",
    }


@dataclass(frozen=True, slots=True)
class FedCm:
    """Answers the browser."""

    front: Front

    async def accounts(self, destination: str | None, cookie: str | None) -> Mapping[str, Json]:
        """The WebIDs of who is signed in; Unauthenticated when nobody is."""
        _require_browser(destination)
        signed_in = await self.front.signed_in(cookie)
        if signed_in is None:
            raise Unauthenticated("Nobody is signed in here.")
        account = signed_in[1]
        return {
            "accounts": [
                {
                    "id": webid,
                    "name": account.name or account.email,
                    "email": account.email,
                    "login_hints": [webid, account.email],
                    "approved_clients": await self.front.provider.agreed_clients(webid),
                }
                for webid in account.webids
            ]
        }

    async def client(self, client_id: str) -> Mapping[str, Json]:
        """What the browser shows of the app besides its name."""
        client = await self._client(client_id)
        links = {"privacy_policy_url": client.policy, "terms_of_service_url": client.terms}
        return {name: url for name, url in links.items() if url is not None}

    async def assertion(
        self, form: Mapping[str, str], destination: str | None, origin: str | None, cookie: str | None
    ) -> Mapping[str, Json]:
        """A code for the app, or where its person goes on to be asked what it may do.

        Unauthenticated when nobody is signed in, Forbidden when the request does not come from the app's own site.
        """
        _require_browser(destination)
        client = await self._client(form.get("client_id", ""))
        parameters = {**_parameters(form), "client_id": client.id, "response_type": "code"}
        wanted = {"redirect_uri": parameters.get("redirect_uri") or _redirect(client, origin)}
        signed_in = await self.front.signed_in(cookie)
        if signed_in is None or form.get("account_id") not in signed_in[1].webids:
            raise Unauthenticated("Sign in here first.")
        if _origin(authorization.reply(parameters | wanted, client).redirect_uri) != origin:
            raise Forbidden("The app asks from a site that is not its own.")
        provider, webid = self.front.provider, form["account_id"]
        try:
            asked = authorization.interaction(parameters | wanted, client, provider.base_url, provider.now())
        except Refused as refused:
            raise Malformed(refused.description) from refused
        session, account = signed_in
        if await provider.may_go_on(asked, webid) and not asked.must_sign_in(session.authenticated, provider.now()):
            url = await provider.agree(asked, session, account, webid, None)
            return {"token": dict(_query(url))["code"]}
        return {"continue_on": f"{self.front.account_url}.oidc/auth?{urlencode(parameters | wanted)}"}

    async def disconnect(
        self, form: Mapping[str, str], destination: str | None, origin: str | None, cookie: str | None
    ) -> Mapping[str, Json]:
        """Take back what the person agreed with the app, at the app's own wish."""
        _require_browser(destination)
        client = await self._client(form.get("client_id", ""))
        signed_in = await self.front.signed_in(cookie)
        webid = form.get("account_hint")
        if signed_in is None or webid not in signed_in[1].webids:
            raise Unauthenticated("Sign in here first.")
        if not _redirect(client, origin):
            raise Forbidden("The app asks from a site that is not its own.")
        await self.front.provider.revoke(webid, client.id)
        return {"account_id": webid}

    async def _client(self, client_id: str) -> Client:
        client = await self.front.provider.clients.find(client_id)
        if client is None:
            raise Malformed("The app is not known here.")
        return client


def _require_browser(destination: str | None) -> None:
    if destination != DESTINATION:
        raise Forbidden("Only the browser itself may ask this.")


def _parameters(form: Mapping[str, str]) -> dict[str, str]:
    """What the app said to its browser in `params`, and the nonce."""
    try:
        given = json.loads(form.get("params") or "{}")
    except ValueError as error:
        raise Malformed("params must be JSON.") from error
    if not isinstance(given, dict):
        raise Malformed("params must be an object.")
    found = {name: value for name, value in given.items() if isinstance(value, str)}
    return found | ({"nonce": form["nonce"]} if "nonce" in form else {})


def _redirect(client: Client, origin: str | None) -> str:
    """One of the app's redirect URIs at the origin; empty when there is none, so that it will not do."""
    return next((one for one in client.redirect_uris if _origin(one) == origin), "")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _query(url: str) -> list[tuple[str, str]]:
    parts = urlsplit(url)
    return parse_qsl(parts.query) + parse_qsl(parts.fragment)
