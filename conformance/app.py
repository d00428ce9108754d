"""An app of the run's own that signs people in with the issuer: what it registers, asks for and gets.

app = await App.registered(w)
tokens = await app.tokens(w)
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from conformance.case import CannotTell, NotOffered
from conformance.client import Client
from conformance.exchange import JSON_LD, Answer, Pairs
from conformance.people import Credentials, Person
from conformance.proofs import ProofKey, encoded
from conformance.served import Place
from conformance.world import World

CONTEXT = "https://www.w3.org/ns/solid/oidc-context.jsonld"
CALLBACK = "https://app.example/callback"
SCOPE = "openid webid"
STANDING = "openid webid offline_access"
"""With refresh tokens."""
FORM = "application/x-www-form-urlencoded"


def metadata(**changes: Any) -> dict[str, Any]:
    """What an app says about itself (RFC 7591, 2). Members among `changes` are set, or left out when None."""
    found = {
        "client_name": "An app of a conformance run",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": STANDING,
        "token_endpoint_auth_method": "none",
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


@dataclass
class App:
    """An app, and what it keeps between its requests."""

    client: Client
    configuration: Mapping[str, Any]
    client_id: str
    secret: str = ""
    redirect_uri: str = CALLBACK
    key: ProofKey = field(default_factory=ProofKey)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    document: Place | None = None
    """Its Client ID Document, where it has one."""

    @classmethod
    async def registered(cls, w: World, **changes: Any) -> Self:
        """One that registers. NotOffered when the issuer has no registration, CannotTell when it refuses."""
        answer = await register(w, metadata(**changes))
        if answer.status != 201:
            raise CannotTell(f"To register an app: {answer.url} answered {answer.status}: {answer.text:.200}")
        told = answer.json()
        return cls(w.client, w.target.configuration, str(told["client_id"]), str(told.get("client_secret", "")))

    @classmethod
    def documented(cls, w: World, media_type: str = JSON_LD, **changes: Any) -> Self:
        """One with a Client ID Document that the run serves."""
        path = f"{w.served.name()}/app.jsonld"
        client_id = w.served.url + path
        content = {"@context": [CONTEXT], "client_id": client_id, **metadata(**changes)}
        place = w.served.publish(media_type, json.dumps(content), path)
        return cls(w.client, w.target.configuration, client_id, document=place)

    # -- authorization

    def url(self, **changes: str | None) -> str:
        """An authorization request. Parameters among `changes` are set, or left out when None."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "state": self.state,
            "nonce": self.nonce,
            "prompt": "consent",
            "code_challenge": encoded(digest),
            "code_challenge_method": "S256",
            **changes,
        }
        given = {name: value for name, value in parameters.items() if value is not None}
        endpoint = str(self.configuration["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(given)}"

    async def open(self, **changes: str | None) -> Answer:
        """What the authorization endpoint answers to a browser in which nobody is signed in."""
        return await self.client.send("GET", self.url(**changes), [("accept", "text/html")])

    async def asked(self, w: World, **changes: str | None) -> Mapping[str, str]:
        """What the app gets once Alice has signed in and agreed: `code`, `state`, `iss`."""
        if w.target.pages is None:
            raise CannotTell("There are no pages through which the run knows how to sign in.")
        return members(await w.target.pages.agree(self.url(**changes), self.redirect_uri))

    # -- tokens

    async def ask(self, form: Mapping[str, str | None], proof: str | None = "", **headers: str) -> Answer:
        """What the token endpoint answers; with a right proof of the app's key, another one, or none when None."""
        endpoint = str(self.configuration["token_endpoint"])
        sent: list[tuple[str, str]] = [("content-type", FORM), ("accept", "application/json"), *headers.items()]
        if proof is not None:
            sent.append(("dpop", proof or self.key.proof("POST", endpoint)))
        given = {name: value for name, value in form.items() if value is not None}
        if not self.secret:
            given = {"client_id": self.client_id, **given}
        elif "authorization" not in headers:
            sent += basic(self.client_id, self.secret)
        return await self.client.send("POST", endpoint, sent, urlencode(given).encode())

    async def exchange(self, code: str, **changes: str | None) -> Answer:
        """What the token endpoint answers to a code. Parameters among `changes` are set, or left out when None."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return await self.ask({**form, "code_verifier": self.verifier, **changes})

    async def refresh(self, token: str, *, key: ProofKey | None = None) -> Answer:
        """What the token endpoint answers to a refresh token."""
        proof = (key or self.key).proof("POST", str(self.configuration["token_endpoint"]))
        return await self.ask({"grant_type": "refresh_token", "refresh_token": token}, proof)

    async def tokens(self, w: World, **changes: str | None) -> Mapping[str, Any]:
        """The tokens that the app gets in the end; CannotTell when it gets none."""
        told = await self.asked(w, **changes)
        if "code" not in told:
            raise CannotTell(f"The app got no code, but {dict(told)}.")
        answer = await self.exchange(told["code"])
        if answer.status != 200:
            raise CannotTell(f"The app got no tokens for its code: {answer.status} {answer.text:.200}")
        found: Mapping[str, Any] = answer.json()
        return found

    def person(self, w: World, token: str) -> Person:
        """Alice, by way of the app: who sends its access token with proofs of its key."""
        given = Credentials(token=token, key=self.key.private, webid=w.alice.webid, storage=w.alice.storage)
        return Person(self.client, "alice by an app", given)


async def register(w: World, value: Any) -> Answer:
    """What the registration endpoint answers; NotOffered when there is none."""
    endpoint = w.target.configuration.get("registration_endpoint")
    if not endpoint:
        raise NotOffered("The issuer has no registration of apps.")
    headers = [("content-type", "application/json"), ("accept", "application/json")]
    return await w.client.send("POST", str(endpoint), headers, json.dumps(value).encode())


def basic(client_id: str, secret: str) -> Pairs:
    """The header for a client with a secret (RFC 6749, 2.3.1)."""
    both = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return [("authorization", f"Basic {base64.b64encode(both.encode()).decode()}")]


def members(url: str) -> Mapping[str, str]:
    """What an app is told by the URL to which the browser is sent."""
    parts = urlsplit(url)
    return dict(parse_qsl(parts.query or parts.fragment))
