"""A visit: one request to a page, by whoever the cookies say."""

import ipaddress
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request

from pod.auth.keys import KeyFault, json_object
from pod.config import is_loopback
from pod.errors import Malformed, TooLarge, Unauthenticated, UnsupportedMediaType
from pod.http import texts
from pod.http.texts import Texts
from pod.idp import cookies, devices
from pod.idp.accounts import Account
from pod.idp.cookies import Cookies
from pod.idp.sessions import Session
from pod.model.agent import Agent
from pod.web import guard
from pod.web.guard import Source
from pod.web.page import Json
from pod.web.parts import Parts

BODY = 128 * 1024
"""Bytes of a form."""
RECENT = 15 * 60 * 1_000_000
"""Who proved who they are so many microseconds ago need not do it again for what could cost them their account."""
EVENTS = "text/event-stream"
KEY, MARK = "key", "mark"
"""What a page adds to its own address, for the stream that tells when it becomes another one."""
FORM = "application/x-www-form-urlencoded"
PROVE = "Show once more that it is you before you change this."
SIGN_IN = "Sign in to see this page."


_HALVES = re.compile("[\ud800-\udfff]")


class SignInFirst(Unauthenticated):
    """Nobody is signed in, or not recently enough; people are shown the page to sign in."""

    def __init__(self, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.again = again


@dataclass(slots=True)
class Visit:
    """One request."""

    request: Request
    parts: Parts
    texts: Texts
    wants_json: bool
    token: str | None = None
    """The token of the session."""
    session: Session | None = None
    account: Account | None = None
    browser: str = ""
    """The secret of the browser's cookie; empty for programs, which have none."""
    is_bearer: bool = False
    """Whether the session came in a header, which no browser sends by itself."""
    set_cookies: list[str] = field(default_factory=list)
    signed: str = ""
    """`logged-in` or `logged-out`, when that has changed: for a browser that signs people in to apps itself."""
    targets: list[str] = field(default_factory=list)
    """URLs outside to which a form of this page may lead."""

    @property
    def path(self) -> str:
        """Of the page."""
        return str(self.request.url.path)

    @property
    def now(self) -> int:
        """Microseconds since 1970."""
        return self.parts.now()

    @property
    def csrf(self) -> str:
        """What each form of the page sends."""
        if self.session is not None and not self.is_bearer:
            return self.session.csrf
        return cookies.form_token(self.browser)

    @property
    def peer(self) -> str:
        """The address of the client."""
        return self.request.client.host if self.request.client else ""

    @property
    def is_at_the_machine(self) -> bool:
        """Whether the request comes from this machine, and to it by its own name.

        Another name could be one that a site gave to this machine to have it asked by its visitors' browsers.
        """
        try:
            is_near = ipaddress.ip_address(self.peer).is_loopback
            return is_near and is_loopback(f"http://{self.request.headers.get('host', '')}/")
        except ValueError:
            return False

    @property
    def label(self) -> str:
        """What a person calls the device."""
        return devices.label(self.request.headers.get("user-agent"))

    @property
    def device(self) -> str | None:
        """The token by which the device is known."""
        return self.cookie(cookies.DEVICE)

    @property
    def wants_stream(self) -> bool:
        """Whether the page is open already, and its browser wants to know when it becomes another."""
        return wants_stream(self.request)

    def cookie(self, what: str) -> str | None:
        """The value of one of our cookies."""
        return self.parts.cookies.read(_cookie_header(self.request), what)

    def query(self, name: str) -> str:
        """A parameter of the URL; empty when it is missing."""
        return self.request.query_params.get(name, "")

    def require_account(self) -> Account:
        """Who is signed in; SignInFirst when nobody is."""
        if self.account is None or self.session is None:
            raise SignInFirst(SIGN_IN)
        return self.account

    def require_session(self) -> Session:
        """The session of whoever is signed in."""
        self.require_account()
        assert self.session is not None  # so says require_account
        return self.session

    def require_recent(self) -> Account:
        """Who is signed in, and proved it a short time ago."""
        account = self.require_account()
        if self.now - self.require_session().authenticated > RECENT:
            raise SignInFirst(PROVE, again=True)
        return account

    def agent(self, webid: str) -> Agent:
        """The person as who reads their own pod: no app stands between."""
        return Agent(webid, None, self.parts.settings.base_url)

    async def start(self, account: Account, how: str) -> str:
        """Sign the account in to this browser, with a new session; its token."""
        if self.session is not None:
            await self.parts.end_session(self.session)
        self.token = await self.parts.sessions.start(account.id, how, self.label)
        await self._signed_in(account)
        return self.token

    async def renew(self, account: Account, how: str) -> str:
        """Keep the session, under a new token, of whoever proved again who they are."""
        newer = None if self.token is None else await self.parts.sessions.renew(self.token, how)
        if newer is None:
            return await self.start(account, how)
        self.token = newer
        await self._signed_in(account)
        return newer

    async def _signed_in(self, account: Account) -> None:
        assert self.token is not None  # both callers have set it
        self.account, self.session = account, await self.parts.sessions.find(self.token)
        if self.browser and not self.is_bearer:
            days = self.parts.settings.identity.session_days
            device = await self.parts.devices.remember(account.id, self.device)
            self._set(cookies.SESSION, self.token, days * 24 * 3600)
            self._set(cookies.DEVICE, device)
            self.signed = "logged-in"

    def sign_out(self) -> None:
        """Forget the session in this browser."""
        self._set(cookies.SESSION, "")
        self.signed = "logged-out"
        self.session = self.account = self.token = None

    def _set(self, what: str, value: str, seconds: int = cookies.YEAR) -> None:
        self.set_cookies.append(self.parts.cookies.set(what, value, seconds))

    def require_browser(self) -> None:
        """Give the browser a secret of its own, to which forms are bound, unless it has one."""
        if not self.browser:
            self.browser = secrets.token_urlsafe(32)
            self._set(cookies.BROWSER, self.browser)


def _cookie_header(request: Request) -> str:
    return "; ".join(request.headers.getlist("cookie"))


def source(request: Request) -> Source:
    """Where the request comes from, as far as a browser says."""
    found = request.headers
    return Source(
        found.get("origin"), found.get("sec-fetch-site"), found.get("sec-fetch-dest"), found.get(guard.HEADER)
    )


def prefers_json(request: Request) -> bool:
    """Whether a program asks, and not a person's browser."""
    accept = request.headers.get("accept", "")
    if "text/html" in accept:
        return False
    return "json" in accept or request.headers.get("content-type", "").startswith("application/json")


def wants_stream(request: Request) -> bool:
    """Whether events are asked for, as EventSource does."""
    return request.method == "GET" and request.headers.get("accept", "").startswith(EVENTS)


async def begun(request: Request, parts: Parts) -> Visit:
    """The visit of this request; who cannot be believed is a stranger."""
    visit = Visit(request, parts, Texts(texts.DEFAULT), prefers_json(request))
    jar: Cookies = parts.cookies
    header = _cookie_header(request)
    visit.browser = jar.read(header, cookies.BROWSER) or ""
    bearer = request.headers.get("authorization", "")
    if bearer[:7].lower() == "bearer ":
        await _recognise(visit, bearer[7:].strip())
        visit.is_bearer = True
        if visit.session is None:
            raise Unauthenticated("The session of this token has ended; sign in again.", "invalid_token")
    elif (token := jar.read(header, cookies.SESSION)) is not None:
        await _recognise(visit, token)
        if visit.session is not None and not _is_believed(visit):
            visit.session = visit.account = visit.token = None
    wanted = visit.account.language if visit.account is not None else None
    visit.texts = Texts(texts.chosen(wanted, request.headers.get("accept-language")))
    return visit


def _is_believed(visit: Visit) -> bool:
    """Whether the cookie counts: who sends a form proves it by the token of the form, later."""
    if visit.request.method == "POST":
        return True
    if visit.wants_stream:
        return guard.may_follow(visit.query(KEY), visit.csrf)
    return guard.may_read(source(visit.request), visit.csrf, is_page=not visit.wants_json)


async def _recognise(visit: Visit, token: str) -> None:
    session = await visit.parts.sessions.find(token)
    account = None if session is None else await visit.parts.accounts.get(session.account)
    if account is not None:
        visit.token, visit.session, visit.account = token, session, account


async def sent(visit: Visit) -> Mapping[str, Sequence[str]]:
    """The fields that were sent, each with its values, from a form or from JSON. Malformed when it is neither."""
    body = b""
    async for piece in visit.request.stream():
        body += piece
        if len(body) > BODY:
            raise TooLarge("The form is too long.", BODY)
    kind = visit.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return _of_json(body)
    if kind == FORM:
        return _of_form(body)
    raise UnsupportedMediaType("Send a form, or JSON.", (FORM, "application/json"))


def _of_form(body: bytes) -> Mapping[str, Sequence[str]]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=2000, errors="strict")
    except ValueError as error:
        raise Malformed("The form cannot be read; it must be in UTF-8.") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _of_json(body: bytes) -> Mapping[str, Sequence[str]]:
    try:
        found: Mapping[str, Json] = json_object(body or b"{}")
    except KeyFault as error:
        raise Malformed("The content is not a JSON object.") from error
    return {name: _values(value) for name, value in found.items() if value is not None and value is not False}


def _values(value: Json) -> Sequence[str]:
    if isinstance(value, list):
        return [one for item in value for one in _values(item)]
    if value is True:
        return ["on"]
    # JSON can write halves of characters, which are no text.
    if isinstance(value, str) and not _HALVES.search(value):
        return [value]
    if isinstance(value, dict):
        return [json.dumps(value)]  # what a passkey answers
    raise Malformed("A field is text, true or false, or a list of texts.")
