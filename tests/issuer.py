"""A small OpenID provider on this machine, and the profiles of the people whom it knows.

It answers over HTTP, from a thread of its own, so that real servers and real clients can ask
it: discovery, keys, a token endpoint for client credentials with DPoP, and WebID profiles.

    with LocalIssuer() as issuer:
        alice = issuer.person("alice")
        alice.headers("GET", "http://localhost:3000/private/")
"""

import asyncio
import base64
import hmac
import threading
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from aiohttp import web
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from tests.tokens import Client, Issuer

PROFILE = """\
@prefix foaf: <http://xmlns.com/foaf/0.1/>.
@prefix solid: <http://www.w3.org/ns/solid/terms#>.

<> a foaf:PersonalProfileDocument; foaf:primaryTopic <#me>.
<#me> a foaf:Person; foaf:name "{name}"; solid:oidcIssuer <{issuer}>.
"""


class Person:
    """Someone whom the issuer knows, with an app of their own."""

    def __init__(self, issuer: Issuer, name: str, webid: str) -> None:
        self.name = name
        self.webid = webid
        self.client_id = f"{name}'s app: 100%"
        self.secret = f"secret/of+{name}"
        self.app = Client(client_id=self.client_id)
        self._issuer = issuer

    def token(self) -> str:
        """An access token for the person's own app."""
        return self._issuer.token(webid=self.webid, client=self.app)

    def headers(self, method: str, url: str) -> dict[str, str]:
        """What proves that a request is this person's."""
        return self.app.headers(method, url, self.token())


class LocalIssuer:
    """The provider while it runs: between `with` and the end of its block."""

    def __init__(self) -> None:
        self._people: dict[str, Person] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="issuer")
        self._runner: web.AppRunner

    def __enter__(self) -> Self:
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        self.url = f"http://localhost:{port}/"
        self._issuer = Issuer(self.url)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def person(self, name: str, webid: str | None = None) -> Person:
        """Someone new; without a WebID of their own they get one here."""
        person = Person(self._issuer, name, webid or f"{self.url}people/{name}#me")
        self._people[name] = person
        return person

    async def _start(self) -> int:
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._configuration),
                web.get("/jwks", self._keys),
                web.post("/token", self._token),
                web.get("/people/{name}", self._profile),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _configuration(self, _request: web.Request) -> web.Response:
        return web.json_response(
            self._issuer.configuration(
                authorization_endpoint=f"{self.url}authorize",
                token_endpoint=f"{self.url}token",
                grant_types_supported=["client_credentials"],
                response_types_supported=["code"],
                subject_types_supported=["public"],
                claims_supported=["sub", "webid"],
                id_token_signing_alg_values_supported=["ES256"],
                token_endpoint_auth_methods_supported=["client_secret_basic"],
                dpop_signing_alg_values_supported=["ES256"],
            )
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response(self._issuer.jwks())

    async def _token(self, request: web.Request) -> web.Response:
        """RFC 6749, 4.4, with a proof of possession (RFC 9449, 5)."""
        form = await request.post()
        person = self._authenticated(request)
        if person is None:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        try:
            thumbprint = _proved(request.headers["DPoP"], "POST", f"{self.url}token")
        except (JoseError, KeyError, ValueError) as error:
            description = f"The proof does not hold: {error!r}"
            return web.json_response({"error": "invalid_dpop_proof", "error_description": description}, status=400)
        token = self._issuer.token(
            webid=person.webid,
            azp=person.client_id,
            client_id=person.client_id,
            cnf={"jkt": thumbprint},
        )
        return web.json_response({"access_token": token, "token_type": "DPoP", "expires_in": 3600})

    def _authenticated(self, request: web.Request) -> Person | None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        client_id, _, secret = base64.b64decode(text).decode().partition(":")
        # RFC 6749, 2.3.1: both are percent-encoded before they are put together.
        given = unquote(client_id.replace("+", " ")), unquote(secret.replace("+", " "))
        found = [one for one in self._people.values() if one.client_id == given[0]]
        return found[0] if found and hmac.compare_digest(found[0].secret, given[1]) else None

    async def _profile(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._people:
            raise web.HTTPNotFound
        return web.Response(text=PROFILE.format(name=name, issuer=self.url), content_type="text/turtle")


def _proved(proof: str, method: str, url: str) -> str:
    """The thumbprint of the key that made the proof; raises when it does not hold, or is for another request."""
    key = ECKey.import_key(jws.extract_compact(proof.encode()).headers()["jwk"])
    claims = jwt.decode(proof, key, algorithms=["ES256"]).claims
    if (claims["htm"], claims["htu"]) != (method, url):
        raise ValueError("it is for another request")
    return key.thumbprint()
