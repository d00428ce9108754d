"""Where browsers come with the requests of apps: to sign in, and to sign out."""

import json
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from pod.errors import Malformed, Unauthenticated
from pod.idp import authorization, clients, cookies
from pod.idp.accounts import Account, Accounts
from pod.idp.authorization import Interaction, Parameters, Refused
from pod.idp.cookies import Cookies
from pod.idp.endpoints import Endpoints
from pod.idp.provider import Provider
from pod.idp.sessions import Session, Sessions
from pod.idp.throttle import Throttle, by_peer
from pod.storage.ports import Records

LEAVING = "leaving"
LEAVING_LIFETIME = 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where a browser goes next, and the cookies that it takes along."""

    url: str
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Front:
    """Answers browsers."""

    provider: Provider
    endpoints: Endpoints
    sessions: Sessions
    accounts: Accounts
    records: Records
    cookies: Cookies
    throttle: Throttle
    account_url: str

    async def authorize(self, pairs: list[tuple[str, str]], cookie: str | None, peer: str) -> Redirect:
        """Where an app's request leads: back to it with an answer, or to its person.

        Malformed, for the person alone, when it is not certain that it is the app that would get the answer.
        """
        parameters = await self.endpoints.pushed(authorization.single(pairs))
        client = await self.provider.clients.find(parameters.get("client_id", ""))
        if client is None:
            raise Malformed(
                "The app is not known here; perhaps it has not been used for months. Start again in the app."
            )
        reply = authorization.reply(parameters, client)
        try:
            asked = authorization.interaction(parameters, client, self.provider.base_url, self.provider.now())
            found = await self._answered(asked, parameters, cookie)
        except Refused as refused:
            said = {"error": refused.code, "error_description": refused.description}
            return Redirect(reply.url(self.provider.base_url, **said))
        return found or await self._to_person(asked, cookie, peer)

    async def _answered(self, asked: Interaction, parameters: Parameters, cookie: str | None) -> Redirect | None:
        """The way back to the app with a code; None when its person has to be asked, or Refused."""
        signed_in = await self.signed_in(cookie)
        if signed_in is not None and await self._is_another(signed_in[1], parameters):
            signed_in = None
        if signed_in is not None and asked.must_sign_in(signed_in[0].authenticated, self.provider.now()):
            signed_in = None
        silent = "none" in asked.prompt
        if silent and signed_in is None:
            raise Refused("login_required", "The person has to sign in.")
        if signed_in is not None and (silent or not asked.prompt):
            session, account = signed_in
            webid = await self.provider.standing(asked, account)
            if webid is not None:
                return Redirect(await self.provider.agree(asked, session, account, webid, None))
        if silent:
            raise Refused("consent_required", "The person has to be asked.")
        return None

    async def _to_person(self, asked: Interaction, cookie: str | None, peer: str) -> Redirect:
        await self.throttle.attempt(by_peer("request", peer))
        browser = self.cookies.read(cookie, cookies.BROWSER) or secrets.token_urlsafe(32)
        kept = await self.provider.begin(asked, browser)
        return Redirect(
            f"{self.account_url}.account/authorize/{kept.id}", (self.cookies.set(cookies.BROWSER, browser),)
        )

    async def signed_in(self, cookie: str | None) -> tuple[Session, Account] | None:
        """Who is signed in in the browser that sends the Cookie header."""
        token = self.cookies.read(cookie, cookies.SESSION)
        session = None if token is None else await self.sessions.find(token)
        account = None if session is None else await self.accounts.get(session.account)
        if session is None or account is None or account.deleting is not None:
            return None
        return session, account

    async def _is_another(self, account: Account, parameters: Parameters) -> bool:
        """Whether the app expects somebody else than who is signed in."""
        hint = parameters.get("login_hint")
        if hint is not None and hint.lower() != account.email and hint not in account.webids:
            return True
        token = parameters.get("id_token_hint")
        if token is None:
            return False
        try:
            return (await self.provider.keys.ring()).read(token).get("sub") not in account.webids
        except Unauthenticated:
            return False  # a hint that says nothing

    async def leave(self, pairs: list[tuple[str, str]], cookie: str | None) -> Redirect:
        """Where an app's wish to sign its person out leads (RP-Initiated Logout).

        Who is signed in is signed out at once by the app that has a token of this session, and
        is asked otherwise. Malformed when the app names a place to go on to that is not its own.
        """
        parameters = authorization.single(pairs)
        claims: dict[str, object] = {}
        if "id_token_hint" in parameters:
            try:
                claims = (await self.provider.keys.ring()).read(parameters["id_token_hint"])
            except Unauthenticated:
                claims = {}
        onward = await self._onward(parameters, claims.get("azp"))
        signed_in = await self.signed_in(cookie)
        if signed_in is None:
            return Redirect(onward or self.account_url)
        session, account = signed_in
        if claims.get("sid") != session.id:
            return Redirect(await self._asking(onward))
        await self.sessions.end(account.id, session.id)
        return Redirect(onward or self.account_url, (self.cookies.set(cookies.SESSION, ""),))

    async def _onward(self, parameters: Parameters, azp: object) -> str | None:
        """Where the app wants its person to go on to; None when it does not say."""
        wanted = parameters.get("post_logout_redirect_uri")
        if wanted is None:
            return None
        named = parameters.get("client_id") or azp
        client = await self.provider.clients.find(named) if isinstance(named, str) else None
        if client is None or (azp is not None and azp != client.id) or wanted not in client.logout_uris:
            raise Malformed("The app names a place to go on to that is not registered as its own.")
        state = parameters.get("state")
        if state is None:
            return wanted
        return f"{wanted}{'&' if '?' in wanted else '?'}{urlencode({'state': state})}"

    async def _asking(self, onward: str | None) -> str:
        page = f"{self.account_url}.account/sign-out"
        if onward is None:
            return page
        name = secrets.token_urlsafe(18)
        expires = self.provider.now() + LEAVING_LIFETIME
        await self.records.put(LEAVING, clients.digest(name), json.dumps(onward).encode(), expires)
        return f"{page}?{urlencode({'leaving': name})}"

    async def onward(self, leaving: str) -> str | None:
        """Where the page that asks whether to sign out leads in the end; None when that is nowhere known."""
        kept = await self.records.get(LEAVING, clients.digest(leaving))
        return None if kept is None else str(json.loads(kept))
