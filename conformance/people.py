"""The people of a run: how they sign in, and how they send requests."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.case import CannotTell
from conformance.client import Client, named
from conformance.exchange import N3, Answer, Pairs
from conformance.proofs import ProofKey, claims_of

EARLY = 30.0
"""Seconds before its end from which a token is not used any more."""


class BadCredentials(ValueError):
    """What was given on the command line is not enough to sign in with; the sentence says what lacks."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How somebody signs in: client id and secret with an issuer, or a token that is there already."""

    issuer: str = ""
    id: str = ""
    secret: str = ""
    token: str = ""
    key: Mapping[str, Any] | None = None
    """The private key, as JWK, to which the token is bound; without one it is sent as a bearer token."""
    webid: str = ""
    storage: str = ""
    email: str = ""
    password: str = ""
    """For the pages of the issuer, where cases go through them as a person does."""

    @classmethod
    def read(cls, given: str) -> "Credentials":
        """From a file with JSON, from JSON, or from `ID:SECRET@ISSUER`; BadCredentials when it is none of them."""
        text = given if given.lstrip().startswith("{") else None
        if text is None and Path(given).is_file():
            text = Path(given).read_text()
        if text is None:
            client, _, issuer = given.rpartition("@")
            name, colon, secret = client.partition(":")
            if not colon or "://" not in issuer:
                raise BadCredentials(f"{given.partition(':')[0]}… is no file, no JSON and not ID:SECRET@ISSUER.")
            return cls(issuer=issuer, id=name, secret=secret)
        return cls.of(_object(text))

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Credentials":
        """From the members of JSON; `client_id` and `client_secret` may be `id` and `secret`."""
        plain = {
            name: value[name]
            for name in ("issuer", "token", "key", "webid", "storage", "email", "password")
            if value.get(name)
        }
        found = cls(
            id=str(value.get("client_id") or value.get("id") or ""),
            secret=str(value.get("client_secret") or value.get("secret") or ""),
            **plain,
        )
        if not found.token and not (found.issuer and found.id and found.secret):
            raise BadCredentials('Credentials need "token", or all of "issuer", "client_id" and "client_secret".')
        return found


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BadCredentials(f"The credentials are no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise BadCredentials("The credentials are no JSON object.")
    return value


class Anyone:
    """Somebody who sends requests without saying who they are."""

    def __init__(self, client: Client, name: str = "anyone") -> None:
        self.client = client
        self.name = name

    async def request(
        self, method: str, url: str, headers: Pairs = (), content: bytes | str = b"", *, target: bytes | None = None
    ) -> Answer:
        """Send a request with just these headers, credentials aside."""
        body = content.encode() if isinstance(content, str) else content
        proved = await self.credentials(method, url)
        answer = await self.client.send(method, url, [*proved, *headers], body, target=target)
        object.__setattr__(answer, "who", self.name)
        return answer

    async def credentials(self, _method: str, _url: str) -> Pairs:
        """The headers that say who asks."""
        return []

    async def send(self, method: str, url: str, content: bytes | str = b"", **headers: str) -> Answer:
        """Send a request. Headers have underscores for dashes: `if_match` is If-Match."""
        return await self.request(method, url, named(headers), content)

    async def get(self, url: str, accept: str | None = None, **headers: str) -> Answer:
        """GET."""
        return await self.send("GET", url, **_accepting(accept), **headers)

    async def head(self, url: str, accept: str | None = None, **headers: str) -> Answer:
        """HEAD."""
        return await self.send("HEAD", url, **_accepting(accept), **headers)

    async def options(self, url: str, **headers: str) -> Answer:
        """OPTIONS."""
        return await self.send("OPTIONS", url, **headers)

    async def put(self, url: str, media_type: str, content: bytes | str, **headers: str) -> Answer:
        """PUT."""
        return await self.send("PUT", url, content, content_type=media_type, **headers)

    async def post(self, url: str, media_type: str, content: bytes | str, **headers: str) -> Answer:
        """POST."""
        return await self.send("POST", url, content, content_type=media_type, **headers)

    async def patch(self, url: str, content: bytes | str, media_type: str = N3, **headers: str) -> Answer:
        """PATCH, by an N3 Patch unless another media type is given."""
        return await self.send("PATCH", url, content, content_type=media_type, **headers)

    async def delete(self, url: str, **headers: str) -> Answer:
        """DELETE."""
        return await self.send("DELETE", url, **headers)


def _accepting(accept: str | None) -> Mapping[str, str]:
    return {} if accept is None else {"accept": accept}


class Person(Anyone):
    """Somebody who signs in. `webid` and `storage` are known once the target was looked at."""

    def __init__(self, client: Client, name: str, given: Credentials) -> None:
        super().__init__(client, name)
        self.given = given
        self.key = ProofKey.read(given.key) if given.key else ProofKey()
        self.webid = given.webid
        self.storage = given.storage
        self._token = given.token
        self._ends = float("inf") if given.token else 0.0

    @property
    def bound(self) -> bool:
        """Whether their token goes with a proof."""
        return not self.given.token or self.given.key is not None

    async def token(self) -> str:
        """An access token that is good for a while; CannotTell when the issuer gives none."""
        if time.time() > self._ends - EARLY:
            answer = await self.ask_for_token()
            if answer.status != 200:
                raise CannotTell(f"{self.name} got no token of {self.given.issuer}: {answer.status} {answer.text:.200}")
            told = answer.json()
            if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
                raise CannotTell(f"{self.name} got no token of {self.given.issuer}: there is no access_token.")
            lasting = told.get("expires_in")
            self._token = told["access_token"]
            self._ends = time.time() + (lasting if isinstance(lasting, int | float) else 300)
        return self._token

    async def ask_for_token(self, key: ProofKey | None = None) -> Answer:
        """The answer of the token endpoint to the client's credentials, with a proof of the key or one's own."""
        url = str((await self.configuration())["token_endpoint"])
        basic = f"{quote(self.given.id, safe='')}:{quote(self.given.secret, safe='')}"
        headers = [
            ("authorization", f"Basic {base64.b64encode(basic.encode()).decode()}"),
            ("dpop", (key or self.key).proof("POST", url)),
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "application/json"),
        ]
        return await self.client.send("POST", url, headers, b"grant_type=client_credentials&scope=webid")

    async def configuration(self) -> Mapping[str, Any]:
        """The configuration of their issuer; CannotTell when it has none."""
        url = f"{self.given.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = (await self.client.fetched(url, "application/json")).json()
        if not isinstance(found, dict) or "token_endpoint" not in found:
            raise CannotTell(f"{url} names no token endpoint.")
        return found

    async def claims(self) -> Mapping[str, Any]:
        """What their token says; empty when only the server can read it."""
        try:
            return claims_of(await self.token())
        except ValueError:
            return {}

    async def credentials(self, method: str, url: str) -> Pairs:
        """The token, with a proof for this request."""
        token = await self.token()
        return self.proved(method, url, token)

    def proved(self, method: str, url: str, token: str) -> Pairs:
        """The headers for a token; a proof when it is bound to the key."""
        if not self.bound:
            return [("authorization", f"Bearer {token}")]
        return [("authorization", f"DPoP {token}"), ("dpop", self.key.proof(method, url, token))]
