"""An app and somebody with an account here, as the tests of the identity provider see them."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from pod.idp.accounts import Account
from pod.idp.cookies import BROWSER, SESSION
from pod.idp.provision import Request
from pod.idp.sessions import Session
from pod.model.access import Mode
from pod.model.consent import Grant
from pod.model.resource import Uri
from tests.asgi import Answer
from tests.tokens import Client, Json, encode
from tests.world import BASE, Person, World

DOCUMENT = "https://app.example/id"
CALLBACK = "https://app.example/callback"
EVERYTHING = (Grant(Uri(BASE), frozenset(Mode)),)
TOKEN = f"{BASE}.oidc/token"
SCOPE = "openid webid offline_access"


@dataclass
class Resident:
    """Somebody with an account, a pod and a session here."""

    account: Account
    webid: str
    session: Session
    cookies: dict[str, str]

    @property
    def cookie(self) -> str:
        """What their browser sends."""
        return "; ".join(f"__Host-{name}={value}" for name, value in self.cookies.items())


async def resident(world: World, name: str = "carol") -> Resident:
    """Somebody new, who has just signed in."""
    created = await world.parts.provision.create(Request(name, f"{name}@mail.example"))
    account = await world.parts.accounts.get(created.account)
    assert account is not None
    token = await world.parts.sessions.start(account.id, "password", "a browser")
    session = await world.parts.sessions.find(token)
    assert session is not None
    return Resident(account, created.webid, session, {SESSION: token})


def answered(url: str) -> dict[str, str]:
    """What an app gets by the URL that its person is sent to."""
    parts = urlsplit(url)
    return dict(parse_qsl(parts.query or parts.fragment))


def claims(token: str) -> dict[str, Json]:
    """What a token says."""
    part = token.split(".")[1]
    found: dict[str, Json] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


@dataclass
class App:
    """An app with a key of its own."""

    world: World
    client_id: str = DOCUMENT
    secret: str | None = None
    key: Client = field(default_factory=Client)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def publish(self, **changes: Json) -> "App":
        """Put the app's document on the web."""
        found = {
            "@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"],
            "client_id": self.client_id,
            "client_name": "An app",
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": ["https://app.example/bye"],
            "scope": SCOPE,
            **changes,
        }
        self.world.web[self.client_id] = ("application/ld+json", json.dumps(found).encode())
        return self

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; None leaves one out."""
        found: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": SCOPE,
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": encode(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in found.items() if value is not None}

    async def authorize(self, who: Resident | None = None, /, **changes: str | None) -> Answer:
        """What the browser gets that brings the request."""
        path = f"/.oidc/auth?{urlencode(self.request(**changes))}"
        cookie = {} if who is None or not who.cookies else {"cookie": who.cookie}
        answer = await self.world.anyone.get(path, **cookie)
        for value in answer.all("set-cookie"):
            name, _, content = value.partition(";")[0].partition("=")
            if who is not None:
                who.cookies[name.removeprefix("__Host-")] = content
        return answer

    async def agree(
        self, who: Resident, grants: tuple[Grant, ...] | None = EVERYTHING, **changes: str | None
    ) -> dict[str, str]:
        """What the app gets once its person has agreed."""
        answer = await self.authorize(who, **changes)
        assert answer.status == 303, answer.text
        provider = self.world.parts.provider
        kept = await provider.interaction(answer["location"].rpartition("/")[2], who.cookies[BROWSER])
        assert kept is not None
        return answered(await provider.agree(kept, who.session, who.account, who.webid, grants))

    async def post(self, path: str, proof: str | None = "", /, **form: str | None) -> Answer:
        """What an endpoint answers; an empty proof stands for a good one."""
        headers = [("content-type", "application/x-www-form-urlencoded")]
        if proof is not None:
            headers.append(("dpop", proof or self.key.proof("POST", f"{BASE[:-1]}{path}")))
        if self.secret is not None:
            pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
            headers.append(("authorization", f"Basic {pair}"))
        else:
            form = {"client_id": self.client_id, **form}
        content = urlencode({name: value for name, value in form.items() if value is not None})
        return await self.world.anyone.request("POST", path, content, headers)

    async def redeem(self, code: str, proof: str | None = "", /, **changes: str | None) -> Answer:
        """What the token endpoint answers to a code."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
        }
        return await self.post("/.oidc/token", proof, **form | changes)

    async def refresh(self, token: str, proof: str | None = "", /, **changes: str | None) -> Answer:
        """What the token endpoint answers to a refresh token."""
        form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": token}
        return await self.post("/.oidc/token", proof, **form | changes)

    async def sign_in(self, who: Resident, **changes: str | None) -> dict[str, Json]:
        """The tokens of somebody who agrees."""
        answer = await self.redeem((await self.agree(who, EVERYTHING, **changes))["code"])
        assert answer.status == 200, answer.text
        found: dict[str, Json] = answer.json()
        return found

    def person(self, who: Resident, token: str) -> Person:
        """The app, acting in the name of its person."""
        person = Person(self.world.server, who.webid)
        person.client = self.key
        person._token = token
        return person


async def registered(world: World, **changes: Json) -> App:
    """An app that registers."""
    metadata = {"client_name": "An app", "redirect_uris": [CALLBACK], **changes}
    headers = [("content-type", "application/json")]
    answer = await world.anyone.request("POST", "/.oidc/register", json.dumps(metadata), headers)
    assert answer.status == 201, answer.text
    return App(world, answer.json()["client_id"], answer.json().get("client_secret"))
