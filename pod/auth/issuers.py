"""Issuers: which ones a WebID trusts, and their keys."""

import time
from collections.abc import Mapping, Sequence

from pod.auth.keys import Json, Key, KeyFault, json_object
from pod.cache import Cache
from pod.errors import Malformed, Unauthenticated, Unreachable
from pod.fetch import Fetcher
from pod.rdf import formats
from pod.rdf.graph import iris, objects
from pod.rdf.vocab import SOLID

PROFILE = "text/turtle, application/ld+json;q=0.9, application/n-triples;q=0.8, application/rdf+xml;q=0.7"
JSON = "application/json"
KEYS_FOR = 300.0
"""How long keys are used without asking again, in seconds."""
ASK_AGAIN = 10.0
"""The shortest time between two looks for a key that was not there, in seconds."""


class Issuers:
    """Asks profiles and issuers, through the guarded fetcher."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._keys: Cache[str, tuple[Mapping[str, Sequence[Key]], float]] = Cache(512)

    async def require_trusted(self, webid: str, issuer: str) -> None:
        """Raise Unauthenticated unless the WebID's profile names the issuer (oidc-issuer-discovery-check)."""
        for renew in (False, True):
            if issuer in await self._trusted(webid, renew=renew):
                return
        raise Unauthenticated(f"The profile {webid} does not name {issuer} as its solid:oidcIssuer.", "invalid_token")

    async def _trusted(self, webid: str, *, renew: bool) -> frozenset[str]:
        try:
            found = await self._fetcher.get(webid, accept=PROFILE, renew=renew)
            graph = formats.parse(found.body, found.media_type, found.url)
        except (Unreachable, Malformed, KeyError) as error:
            reason = getattr(error, "message", "It is not RDF.")
            raise Unauthenticated(f"The profile {webid} could not be read: {reason}", "invalid_token") from error
        named = set(iris(objects(graph, webid, SOLID.oidcIssuer)))
        # One slash at the end, more or less, means the same issuer; many profiles get it wrong.
        return frozenset(named | {one.removesuffix("/") for one in named} | {f"{one}/" for one in named})

    async def keys(self, issuer: str, kid: str | None) -> Sequence[Key]:
        """The issuer's keys of this id, or all when None; Unauthenticated when there are none.

        A key that is not known is looked for once more, since issuers change keys.
        """
        kept = self._keys.get(issuer)
        now = time.monotonic()
        if kept is None or kept[1] + KEYS_FOR < now:
            kept = await self._load(issuer, renew=False)
        if kid is not None and kid not in kept[0] and kept[1] + ASK_AGAIN < now:
            kept = await self._load(issuer, renew=True)
        found = kept[0].get(kid, ()) if kid is not None else [key for keys in kept[0].values() for key in keys]
        if not found:
            raise Unauthenticated(
                "The access token is signed with a key that its issuer does not have.", "invalid_token"
            )
        return found

    async def _load(self, issuer: str, *, renew: bool) -> tuple[Mapping[str, Sequence[Key]], float]:
        try:
            configuration = await self._json(
                f"{issuer.removesuffix('/')}/.well-known/openid-configuration", renew=renew
            )
            named = configuration.get("issuer")
            if not isinstance(named, str) or named.removesuffix("/") != issuer.removesuffix("/"):
                raise KeyFault("its configuration is that of another issuer")
            url = configuration.get("jwks_uri")
            if not isinstance(url, str):
                raise KeyFault("its configuration names no keys")
            document = await self._json(url, renew=renew)
        except (Unreachable, KeyFault) as error:
            raise Unauthenticated(f"The keys of {issuer} could not be had: {error}", "invalid_token") from error
        loaded = (_parsed(document.get("keys")), time.monotonic())
        self._keys.put(issuer, loaded)
        return loaded

    async def _json(self, url: str, *, renew: bool) -> dict[str, Json]:
        return json_object((await self._fetcher.get(url, accept=JSON, renew=renew)).body)


def _parsed(jwks: Json) -> Mapping[str, Sequence[Key]]:
    """The keys for signatures by their id; what is no such key is passed over."""
    found: dict[str, list[Key]] = {}
    for jwk in jwks if isinstance(jwks, list) else []:
        if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
            continue
        try:
            found.setdefault(str(jwk.get("kid", "")), []).append(Key(jwk))
        except KeyFault:
            continue
    return found
