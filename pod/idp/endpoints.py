"""Endpoints that clients talk to: tokens, introspection, revocation, pushed requests, registration, userinfo."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from pod.auth.keys import Json
from pod.auth.proofs import Proofs
from pod.errors import Busy, Malformed, PodError, Unauthenticated
from pod.idp import authorization, clients, codes, documents, grants, sessions, tokens
from pod.idp.accounts import Account, Accounts
from pod.idp.clients import Client
from pod.idp.codes import Approval, Grant
from pod.idp.grants import Facts
from pod.idp.keys import Ring
from pod.idp.provider import Provider
from pod.idp.tokens import Minter
from pod.storage.ports import Records, Swap

PUSHED = "pushed"
PUSHED_LIFETIME = 90
"""Seconds."""
URN = "urn:ietf:params:oauth:request_uri:"
NONCE_SECONDS = 300
"""A nonce is taken for so long, and then for as long again."""
ATTEMPTS = 5
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to one of the endpoints."""

    method: str
    url: str
    form: Mapping[str, str]
    authorization: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back, as JSON."""

    status: int
    body: Mapping[str, Json] | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings say."""

    access_token_seconds: int
    refresh_token_days: int
    nonces: bool
    """Whether every proof needs a nonce."""


def error(code: str, description: str, status: int = 400, nonce: str | None = None) -> Answer:
    """An error of RFC 6749, 5.2, in ASCII; with a nonce for the next proof."""
    plain = "".join(one if " " <= one <= "~" and one not in '"\\' else "'" for one in description)
    further = {} if nonce is None else {"dpop-nonce": nonce}
    return Answer(status, {"error": code, "error_description": plain}, NO_STORE | further)


class Endpoints:
    """Answers clients."""

    def __init__(
        self, provider: Provider, accounts: Accounts, records: Records, proofs: Proofs, limits: Limits
    ) -> None:
        self._provider = provider
        self._accounts = accounts
        self._records = records
        self._proofs = proofs
        self._limits = limits
        self._now: Callable[[], int] = provider.now

    # -- tokens

    async def token(self, asked: Asked) -> Answer:
        """Tokens, or why not."""
        ring = await self._provider.keys.ring()
        try:
            key = await self._proved(asked, ring)
        except Unauthenticated as refusal:
            return self._unproved(refusal, ring)
        credentials = _authorization(asked)
        client = await self._client(asked, credentials)
        for _ in range(ATTEMPTS):
            facts = await self._facts(asked, ring, client, key)
            status, body, headers = grants.run(facts, asked.form, credentials)
            if not facts.swaps or await self._records.swap(*facts.swaps):
                for grant in facts.ended:
                    await self._end(grant)
                if status == 200 and client is not None:
                    await self._provider.clients.used(client)
                return Answer(status, body, NO_STORE | {name.lower(): value for name, value in headers})
        raise Busy("Too many requests are about this code or token; try again in a moment.")

    async def _proved(self, asked: Asked, ring: Ring) -> str | None:
        """The thumbprint of the key that the request proves to hold; None without a proof (dpop-one-header)."""
        if not asked.proofs:
            return None
        if len(asked.proofs) > 1:
            raise Unauthenticated("The request has more than one DPoP header.", "invalid_dpop_proof")

        def fresh(nonce: object) -> bool:
            if nonce is None:
                return not self._limits.nonces
            return nonce in {self._nonce(ring), self._nonce(ring, 1)}

        return await self._proofs.check(asked.proofs[0], asked.method, asked.url, None, fresh)

    def _unproved(self, refusal: Unauthenticated, ring: Ring) -> Answer:
        nonce = self._nonce(ring) if refusal.code == "use_dpop_nonce" else None
        return error(refusal.code or "invalid_dpop_proof", refusal.message, nonce=nonce)

    def _nonce(self, ring: Ring, back: int = 0) -> str:
        """The nonce of this moment, the same on every worker (RFC 9449, 8)."""
        return ring.mac("nonce", str(self._now() // (NONCE_SECONDS * codes.SECOND) - back))[:22]

    async def _client(self, asked: Asked, credentials: str | None) -> Client | None:
        client_id = _basic_id(credentials) or asked.form.get("client_id")
        if not client_id or len(client_id) > documents.LONGEST:
            return None
        return await self._provider.clients.known(client_id)

    async def _facts(self, asked: Asked, ring: Ring, client: Client | None, key: str | None) -> Facts:
        """Everything that the answer depends on, as of now."""
        now = self._now()
        minter = Minter(ring, self._provider.base_url, self._limits.access_token_seconds, now // codes.SECOND)
        facts = Facts(minter, client, key, refresh_lifetime=self._limits.refresh_token_days * clients.DAY)
        match asked.form.get("grant_type"):
            case "authorization_code":
                kept = await self._records.get(codes.CODE, codes.digest(asked.form.get("code", "")))
                facts.code = None if kept is None else codes.code_of(kept)
                if facts.code is not None:
                    facts.grant = await self._grant(facts.code.grant)
                    facts.stands = await self._is_signed_in(facts.code.approval)
            case "refresh_token":
                named = codes.grant_named(ring, asked.form.get("refresh_token", ""))
                facts.grant = None if named is None else await self._grant(named)
                if facts.grant is not None:
                    facts.stands = await self._stands(facts.grant.approval)
            case "client_credentials" if client is not None and client.webid and client.account:
                facts.stands = await self._agrees(client.account, client.webid, client.id)
        return facts

    async def _grant(self, grant: str) -> Grant | None:
        kept = await self._records.get(codes.GRANT, grant)
        return None if kept is None else codes.grant_of(kept)

    async def _is_signed_in(self, approval: Approval) -> bool:
        """Whether the session still is in which the person agreed: else tokens would begin that nobody ends with it."""
        session = await self._records.get(sessions.SESSION_OF, f"{approval.account}/{approval.session}")
        return session is not None and await self._stands(approval)

    async def _stands(self, approval: Approval) -> bool:
        return await self._agrees(approval.account, approval.webid, approval.client)

    async def _agrees(self, account: str, webid: str, client: str) -> bool:
        """Whether the person is still here and lets the client act for them."""
        found = await self._accounts.get(account)
        if found is None or found.deleting is not None or webid not in found.webids:
            return False
        return await self._provider.has_consent(webid, client)

    # -- what tokens are worth

    async def introspect(self, asked: Asked) -> Answer:
        """What a client's own token is worth (RFC 7662)."""
        client, refusal = await self._authenticated(asked)
        if refusal is not None or client is None:
            return refusal or error("invalid_client", "The client is not known.", 401)
        ring = await self._provider.keys.ring()
        token = asked.form.get("token", "")
        named = codes.grant_named(ring, token)
        if named is not None:
            grant = await self._grant(named)
            if grant is None or grant.approval.client != client.id or not codes.is_current(grant, token):
                return Answer(200, {"active": False}, NO_STORE)
            about = grant.approval
            facts = {"scope": " ".join(about.scopes), "client_id": client.id, "sub": about.webid}
            return Answer(200, {"active": True, "token_type": "refresh_token", **facts}, NO_STORE)
        claims = await self._live(ring, token)
        if claims is None or claims.get("client_id") != client.id:
            return Answer(200, {"active": False}, NO_STORE)
        kind = "DPoP" if "cnf" in claims else "Bearer"
        return Answer(200, {**claims, "active": True, "token_type": kind}, NO_STORE)

    async def revoke(self, asked: Asked) -> Answer:
        """End a client's own token and all that came of the same code (RFC 7009); nothing for any other token."""
        client, refusal = await self._authenticated(asked)
        if refusal is not None or client is None:
            return refusal or error("invalid_client", "The client is not known.", 401)
        ring = await self._provider.keys.ring()
        token = asked.form.get("token", "")
        named = codes.grant_named(ring, token)
        if named is None:
            claims = await self._live(ring, token)
            named = claims["grant"] if claims is not None and claims["client_id"] == client.id else None
        else:
            grant = await self._grant(named)
            named = named if grant is not None and grant.approval.client == client.id else None
        if named is not None and named != client.id:
            await self._provider.end_grant(named)
            await self._end(named)
        return Answer(200, {}, NO_STORE)

    async def _end(self, grant: str) -> None:
        """Let access tokens of the grant be worth nothing, until they have all expired."""
        expires = self._now() + (self._limits.access_token_seconds + 120) * codes.SECOND
        await self._records.put(codes.ENDED, grant, b"", expires)

    async def _authenticated(self, asked: Asked) -> tuple[Client | None, Answer | None]:
        """The client of a request that is about its own tokens, or the refusal."""
        credentials = _authorization(asked)
        client = await self._client(asked, credentials)
        ring = await self._provider.keys.ring()
        facts = Facts(Minter(ring, self._provider.base_url, 1, 0), client, None)
        refusal = grants.authenticate(facts, asked.form, credentials)
        if refusal is None:
            return client, None
        status, body, headers = refusal
        return None, Answer(status, body, NO_STORE | {name.lower(): value for name, value in headers})

    async def _live(self, ring: Ring, token: str) -> dict[str, Json] | None:
        """The claims of an access token that was made here and is still worth something."""
        try:
            claims = ring.read(token)
        except Unauthenticated:
            return None
        if "client_id" not in claims or not tokens.is_live(claims, self._now() // codes.SECOND):
            return None
        if await self._records.get(codes.ENDED, claims["grant"]) is not None:
            return None
        return claims if await self._provider.has_consent(claims["sub"], claims["client_id"]) else None

    async def userinfo(self, asked: Asked) -> Answer:
        """Who the person of an access token is (OpenID Connect, 5.3)."""
        scheme, _, token = (asked.authorization or ("",))[0].partition(" ")
        ring = await self._provider.keys.ring()
        claims = await self._live(ring, token.strip()) if scheme.lower() in {"dpop", "bearer"} else None
        if claims is None:
            return _unauthorized("invalid_token", "The access token is missing, or worth nothing.")
        bound = claims.get("cnf", {}).get("jkt")
        if bound is not None and await self._key_of(asked, scheme, token.strip()) != bound:
            return _unauthorized("invalid_dpop_proof", "The access token needs one valid proof of its key.")
        webid = claims["sub"]
        account = await self._accounts.by_webid(webid)
        if account is None:
            return _unauthorized("invalid_token", "The person has no account here any longer.")
        return Answer(200, {"sub": webid, "webid": webid, **_about(account, claims["scope"].split())}, NO_STORE)

    async def _key_of(self, asked: Asked, scheme: str, token: str) -> str | None:
        """The thumbprint of the key that goes with the token by a proof; None when there is no good one."""
        if scheme.lower() != "dpop" or len(asked.proofs) != 1:
            return None
        try:
            return await self._proofs.check(asked.proofs[0], asked.method, asked.url, token)
        except Unauthenticated:
            return None

    # -- what comes before

    async def push(self, asked: Asked) -> Answer:
        """Keep an authorization request that a browser will bring by its name alone (RFC 9126)."""
        client, refusal = await self._authenticated(asked)
        if refusal is not None or client is None:
            return refusal or error("invalid_client", "The client is not known.", 401)
        if "request_uri" in asked.form:
            return error("invalid_request", "A pushed request cannot name another one.")
        ring = await self._provider.keys.ring()
        parameters = {name: value for name, value in asked.form.items() if not name.startswith("client_")}
        parameters["client_id"] = client.id
        try:
            key = await self._proved(asked, ring)
            described = await self._provider.clients.find(client.id)
            assert described is not None  # it has authenticated
            if key is not None and parameters.setdefault("dpop_jkt", key) != key:
                return error("invalid_dpop_proof", "dpop_jkt is not the key of the proof.")
            authorization.reply(parameters, described)
            authorization.interaction(parameters, described, self._provider.base_url, self._now())
        except authorization.Refused as refused:
            return error(refused.code, refused.description)
        except Unauthenticated as refused:
            return self._unproved(refused, ring)
        except PodError as refused:
            return error("invalid_request", refused.message)
        name = secrets.token_urlsafe(24)
        expires = self._now() + PUSHED_LIFETIME * codes.SECOND
        await self._records.put(PUSHED, codes.digest(name), json.dumps(parameters).encode(), expires)
        return Answer(201, {"request_uri": URN + name, "expires_in": PUSHED_LIFETIME}, NO_STORE)

    async def pushed(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        """The parameters of an authorization request, also of one that was pushed; that may be used once."""
        name = parameters.get("request_uri")
        if name is None:
            return parameters
        key = codes.digest(name.removeprefix(URN))
        kept = await self._records.get(PUSHED, key) if name.startswith(URN) else None
        found: Mapping[str, str] = {} if kept is None else json.loads(kept)
        if kept is None or found.get("client_id") != parameters.get("client_id"):
            raise Malformed("The app's request was answered before, or came too late; go back to the app.")
        if not await self._records.swap(Swap(PUSHED, key, kept, None)):
            raise Malformed("The app's request was answered before; go back to the app.")
        return found


def _authorization(asked: Asked) -> str | None:
    """The credentials of the request; None when there are several, or some of HTTP Basic that cannot be read."""
    given = asked.authorization[0] if len(asked.authorization) == 1 else None
    is_basic = given is not None and given.partition(" ")[0].lower() == "basic"
    return None if is_basic and _basic_id(given) is None else given


def _basic_id(credentials: str | None) -> str | None:
    """The id of a client that authenticates by HTTP Basic (client-credentials-validate)."""
    scheme, _, text = (credentials or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return unquote(base64.b64decode(text.strip()).decode().partition(":")[0])
    except ValueError:
        return None


def _about(account: Account, scopes: list[str]) -> dict[str, Json]:
    """What the scopes let the client know."""
    found: dict[str, Json] = {}
    if "profile" in scopes and account.name:
        found["name"] = account.name
    if "email" in scopes:
        found |= {"email": account.email, "email_verified": account.verified}
    return found


def _unauthorized(code: str, description: str) -> Answer:
    answer = error(code, description, 401)
    return Answer(401, answer.body, {**answer.headers, "www-authenticate": f'DPoP error="{code}"'})
