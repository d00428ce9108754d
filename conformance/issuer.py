"""An issuer of the run's own, and the people whom it knows: what a resource server takes, and what it must not.

issuer = Issuer(w.served)
stranger = issuer.person(w.client)
await w.share(url, (stranger, "read"))
status(await stranger.get(url), 200)
"""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.client import Client
from conformance.exchange import TURTLE
from conformance.people import Credentials, Person
from conformance.proofs import ProofKey, claims_of, segment
from conformance.served import Place, Served

JSON = "application/json"
LIFETIME = 600
"""Seconds for which its tokens are good."""
CLIENT = "https://app.example/id"
"""The app that its people use."""

PROFILE = """\
@prefix foaf: <http://xmlns.com/foaf/0.1/>.
@prefix solid: <http://www.w3.org/ns/solid/terms#>.
<> a foaf:PersonalProfileDocument; foaf:primaryTopic <#me>.
<#me> a foaf:Agent{issuers}.
"""


class Issuer:
    """An identity provider that the run serves: a configuration, keys and profiles."""

    def __init__(self, served: Served, algorithm: str = "ES256", **configuration: Any) -> None:
        """`configuration` are members of the configuration that differ."""
        self._served = served
        name = served.name()
        self.url = f"{served.url}{name}"
        self.key = ProofKey.of(algorithm)
        self.kid = secrets.token_urlsafe(6)
        self.published: Sequence[Mapping[str, Any]] = [
            {**self.key.public, "kid": self.kid, "use": "sig", "alg": algorithm}
        ]
        self.keys = served.answer(
            lambda _: (200, {"content-type": JSON}, json.dumps({"keys": self.published}).encode()), f"{name}/jwks"
        )
        told = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [algorithm, "RS256"],
            "scopes_supported": ["openid", "webid"],
            **configuration,
        }
        self.configuration = served.publish(JSON, json.dumps(told), f"{name}/.well-known/openid-configuration")

    def profile(self, *issuers: str, fragment: str = "me", media_type: str = TURTLE, content: str = "") -> Place:
        """A profile whose `#me` trusts these issuers, or one with other content. The WebID is its URL with `#me`."""
        named = "".join(f"; solid:oidcIssuer <{one}>" for one in issuers)
        text = content or PROFILE.format(issuers=named).replace("#me", f"#{fragment}")
        return self._served.publish(media_type, text, f"{self._served.name()}/card")

    def person(self, client: Client, profile: Place | None = None, *, key: ProofKey | None = None) -> Person:
        """Somebody new with a WebID that trusts this issuer, and a token of it."""
        mine = key or ProofKey()
        webid = f"{(profile or self.profile(self.url)).url}#me"
        return self.holder(client, webid, self.token(webid, mine), mine)

    @staticmethod
    def holder(client: Client, webid: str, token: str, key: ProofKey) -> Person:
        """Who has this token and the key."""
        person = Person(client, "stranger", Credentials(token=token, key=key.private, webid=webid))
        person.key = key
        return person

    def claims(self, webid: str, key: ProofKey | None = None, /, **changes: Any) -> dict[str, Any]:
        """What an access token says, bound to the key. Claims among `changes` are set, or left out when None."""
        now = int(time.time())
        found: dict[str, Any] = {
            "iss": self.url,
            "sub": webid,
            "webid": webid,
            "aud": ["solid"],
            "azp": CLIENT,
            "client_id": CLIENT,
            "iat": now - 1,
            "exp": now + LIFETIME,
            "jti": secrets.token_urlsafe(12),
        }
        if key is not None:
            found["cnf"] = {"jkt": key.thumbprint}
        found.update(changes)
        return {name: value for name, value in found.items() if value is not None}

    @property
    def header(self) -> Mapping[str, Any]:
        """The header of its tokens."""
        return {"alg": self.key.algorithm, "typ": "at+jwt", "kid": self.kid}

    def token(self, webid: str, key: ProofKey | None = None, /, **changes: Any) -> str:
        """An access token for the WebID; without a key it is bound to none."""
        return self.key.sign(self.header, self.claims(webid, key, **changes))

    def unsigned(self, webid: str, key: ProofKey) -> str:
        """The same with the algorithm `none`."""
        return f"{segment({**self.header, 'alg': 'none'})}.{segment(self.claims(webid, key))}."

    def tampered(self, token: str, **changes: Any) -> str:
        """A token with other claims under its old signature."""
        head, _, signature = token.split(".")
        return f"{head}.{segment({**claims_of(token), **changes})}.{signature}"
