"""An issuer and a person with a profile, served on this machine, and a server that asks who they are."""

import json
import time
from types import TracebackType
from typing import Any, Self

from pod.auth.identify import Identifier, RequestFacts
from pod.auth.issuers import Issuers
from pod.auth.tokens import Tokens
from pod.contexts import Contexts
from pod.fetch import Fetcher
from pod.model.agent import Agent
from pod.storage.memory import MemoryRecords
from pod.storage.replays import MemoryReplays
from tests.tokens import Client, Issuer
from tests.unit.web import Clock, Page, Site

TARGET = "https://pod.example/alice/notes/a%20b"


class Town:
    """Where a test about identities takes place; `clock` is that of the server."""

    def __init__(self) -> None:
        self.site = Site()
        self.client = Client()
        self.clock = Clock()
        self.clock.now = time.time()

    async def __aenter__(self) -> Self:
        await self.site.__aenter__()
        self.webid = f"{self.site.url}card#me"
        self.issuer = Issuer(f"{self.site.url}idp/")
        self.publish()
        self.trust(self.issuer.url)
        self.fetcher = Fetcher(allow_loopback=True, clock=self.clock)
        self.contexts = Contexts(self.fetcher, MemoryRecords()).for_now
        self.issuers = Issuers(self.fetcher, self.contexts)
        self.tokens = Tokens(self.issuers, self.clock)
        self.identifier = Identifier(self.fetcher, self.contexts, MemoryReplays(), self.clock)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.fetcher.aclose()
        await self.site.__aexit__(kind, error, trace)

    def publish(self, **changes: object) -> None:
        """Serve the issuer's configuration, changed like this, and its keys."""
        configuration = json.dumps(self.issuer.configuration(**changes)).encode()
        self.site.pages["/idp/.well-known/openid-configuration"] = Page(configuration, "application/json")
        self.site.pages["/idp/jwks"] = Page(json.dumps(self.issuer.jwks()).encode(), "application/json")

    def trust(self, *issuers: str, subject: str = "#me", media_type: str = "text/turtle") -> None:
        """Serve a profile that names these issuers."""
        named = "".join(f"<{subject}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{one}>.\n" for one in issuers)
        self.site.pages["/card"] = Page(f"<{subject}> a <#Person>.\n{named}".encode(), media_type)

    def token(self, **changes: Any) -> str:
        """A good access token, but for the changes."""
        return self.issuer.token(**{"webid": self.webid, "client": self.client, **changes})

    async def identify(
        self, *authorization: str, proofs: tuple[str, ...] = (), method: str = "GET", origin: str | None = None
    ) -> Agent:
        """Who sends a request with these headers for the target."""
        return await self.identifier.identify(RequestFacts(method, TARGET, authorization, proofs, origin))

    async def proved(self, token: str | None = None, **changes: Any) -> Agent:
        """Who sends a request with a good token and a good proof, but for the changes to the proof."""
        token = token or self.token()
        proof = self.client.proof("GET", TARGET, token, **changes)
        return await self.identify(f"DPoP {token}", proofs=(proof,))
