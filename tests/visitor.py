"""A person's browser without scripts, over the whole server: it keeps cookies, reads forms and sends them."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

from tests.asgi import Answer, Application, exchange
from tests.world import BASE

NAVIGATION = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PASSWORD = "seven green umbrellas"
CALLBACK = "https://app.example/callback"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 50).digest()).rstrip(b"=").decode()


@dataclass
class Form:
    """A form of a page, as it would be sent untouched."""

    id: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """Of everything that can be filled in."""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""
        self._text = ""

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(given["id"], given["action"]))
        elif self.forms and tag == "input":
            self._add(given)
        elif self.forms and tag == "select":
            self._select = given["name"]
            self.forms[-1].names.add(given["name"])
        elif self._select and tag == "option" and "selected" in given:
            self.forms[-1].fields.append((self._select, given["value"]))
        elif self.forms and tag == "textarea":
            self.forms[-1].names.add(given["name"])

    def _add(self, given: Mapping[str, str]) -> None:
        form = self.forms[-1]
        form.names.add(given["name"])
        if given["type"] not in {"radio", "checkbox"} or "checked" in given:
            form.fields.append((given["name"], given.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def forms(page: Answer) -> dict[str, Form]:
    """The forms of a page by their ids."""
    parser = _Forms()
    parser.feed(page.text)
    return {one.id: one for one in parser.forms}


class Visitor:
    """One browser."""

    def __init__(self, application: Application, base: str = BASE, **headers: str) -> None:
        self._application = application
        self.base = base
        self.jar: dict[str, str] = {}
        self.headers = {"accept": NAVIGATION, "accept-language": "en", "user-agent": "Mozilla/5.0 Firefox/128.0 Linux"}
        self.headers |= headers

    async def send(self, method: str, path: str, content: bytes = b"", **headers: str) -> Answer:
        """Send a request as the browser does, with these headers in place of its own, or without when empty."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self.headers, "cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items()), **named}
        pairs = [(name, value) for name, value in sent.items() if value]
        if content:
            pairs.append(("content-length", str(len(content))))
        answer = await exchange(
            self._application, method, urljoin(self.base, path), pairs, [content] if content else []
        )
        self._keep(answer)
        return answer

    def _keep(self, answer: Answer) -> None:
        for one in answer.all("set-cookie"):
            name, _, rest = one.partition("=")
            value = rest.partition(";")[0]
            if value:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)

    async def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        sent = {"sec_fetch_dest": "document", "sec_fetch_site": "none"} | headers
        return await self.send("GET", path, b"", **sent)

    async def follow(self, answer: Answer) -> Answer:
        """Where redirects within the server lead in the end."""
        while answer.status == 303 and answer.location.startswith(self.base):
            answer = await self.get(answer.location)
        return answer

    async def submit(
        self, page: Answer, form: str, /, *, without: Sequence[str] = (), **values: str | list[str]
    ) -> Answer:
        """Send the form of the page with the values filled in; what comes of it, before any redirect."""
        found = forms(page)[form]
        unknown = set(values) - found.names
        assert not unknown, f"the form {form} has no {unknown}"
        kept = [(name, value) for name, value in found.fields if name not in values and name not in without]
        filled = [
            (name, one) for name, value in values.items() for one in ([value] if isinstance(value, str) else value)
        ]
        return await self.post(urljoin(page.url, found.action), [*kept, *filled])

    async def post(self, url: str, fields: Sequence[tuple[str, str]], **headers: str) -> Answer:
        """Send a form that need not be on any page."""
        sent = {"content_type": "application/x-www-form-urlencoded", "origin": self.base.rstrip("/")}
        sent |= {"sec_fetch_site": "same-origin", "sec_fetch_dest": "document"}
        return await self.send("POST", url, urlencode(fields).encode(), **sent | headers)

    async def sign_up(self, name: str, *, pod: bool = True) -> Answer:
        """Make an account with a password, and a pod; the first page."""
        page = await self.get("/.account/sign-up")
        email = f"{name}@people.example"
        answer = await self.submit(page, "sign-up", name=name, email=email, password=PASSWORD, way="password")
        page = await self.follow(answer)
        return await self.follow(await self.submit(page, "pod", pod_name=name)) if pod else page

    async def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        """Sign in; what comes of it, before any redirect."""
        page = await self.get("/.account/sign-in")
        return await self.submit(page, "sign-in", email=f"{name}@people.example", password=password)

    async def app(self, name: str = "Notes") -> str:
        """The id of an app that has registered."""
        facts = {"client_name": name, "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"}
        answer = await self.send("POST", "/.oidc/register", json.dumps(facts).encode(), content_type="application/json")
        assert answer.status == 201, answer.text
        return str(answer.json()["client_id"])

    async def asked(self, client: str, **more: str) -> Answer:
        """The page to which an app's request leads, or the redirect back to the app."""
        asked = {"client_id": client, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid webid"}
        asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256", "state": "s"} | more
        return await self.follow(await self.get(f"/.oidc/auth?{urlencode(asked)}"))


class Program:
    """A program that uses the pages as JSON."""

    def __init__(self, application: Application, token: str = "") -> None:
        self._application = application
        self.token = token

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._send("GET", path, None, headers)

    async def post(self, path: str, **members: object) -> Answer:
        return await self._send("POST", path, members, {})

    async def _send(self, method: str, path: str, members: object, headers: Mapping[str, str]) -> Answer:
        sent = [("accept", "application/json"), *headers.items()]
        if self.token:
            sent.append(("authorization", f"Bearer {self.token}"))
        content = b"" if members is None else json.dumps(members).encode()
        if content:
            sent += [("content-type", "application/json"), ("content-length", str(len(content)))]
        return await exchange(self._application, method, urljoin(BASE, path), sent, [content] if content else [])
