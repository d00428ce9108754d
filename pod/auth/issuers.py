"""Issuers: which ones a WebID trusts, and their keys."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence

from pod.auth.keys import Json, Key, KeyFault, json_object
from pod.cache import Cache
from pod.errors import Malformed, Unauthenticated, Unreachable
from pod.fetch import Fetched, Fetcher
from pod.model.resource import Uri
from pod.rdf import formats
from pod.rdf.graph import iris, objects
from pod.rdf.vocab import SOLID

PROFILE = "text/turtle, application/ld+json;q=0.9, application/n-triples;q=0.8, application/rdf+xml;q=0.7"
JSON = "application/json"
MOST_KEYS = 100
"""How many keys of an issuer are read."""

_Keys = Mapping[str, Sequence[Key]]
"""Keys by their id; those without one under the empty text."""

ContextsOf = Callable[[bytes, str, Uri], Awaitable[Mapping[str, bytes]]]
"""The JSON-LD contexts that a document needs: content, media type and base give them by URL."""


class Issuers:
    """Asks profiles and issuers, through the guarded fetcher, which remembers for a while what they said."""

    def __init__(self, fetcher: Fetcher, contexts: ContextsOf) -> None:
        self._fetcher = fetcher
        self._contexts = contexts
        self._parsed: Cache[bytes, _Keys] = Cache(256)

    async def require_trusted(self, webid: str, issuer: str) -> None:
        """Raise Unauthenticated unless the WebID's profile names the issuer (oidc-issuer-discovery-check).

        Asked again at once when it does not, as the owner may have just added it.
        """
        for renew in (False, True):
            if any(_same(issuer, one) for one in await self._named(webid, renew=renew)):
                return
        raise Unauthenticated(f"The profile {webid} does not name {issuer} as its solid:oidcIssuer.", "invalid_token")

    async def _named(self, webid: str, *, renew: bool) -> Sequence[str]:
        try:
            found = await self._fetcher.get(webid, accept=PROFILE, renew=renew)
            contexts = await self._contexts(found.body, found.media_type, Uri(found.url))
            return _issuers(found, webid, contexts)
        except (Unreachable, Malformed) as error:
            message = f"The profile {webid} could not be read: {error.message}"
            raise Unauthenticated(message, "invalid_token") from error

    async def keys(self, issuer: str, kid: str | None) -> Sequence[Key]:
        """The issuer's keys of this id, or all when None; Unauthenticated when there are none.

        Keys that are not known are asked for once more, since issuers change keys.
        """
        for renew in (False, True):
            keys = await self._keys(issuer, renew=renew)
            found = [key for same in keys.values() for key in same] if kid is None else keys.get(kid)
            if found:
                return found
        raise Unauthenticated("The access token is signed with a key that its issuer does not have.", "invalid_token")

    async def _keys(self, issuer: str, *, renew: bool) -> _Keys:
        try:
            configuration = await self._json(_configuration_url(issuer), renew=renew)
            url = _keys_url(json_object(configuration), issuer)
            document = await self._json(url, renew=renew)
            digest = hashlib.sha256(document).digest()
            parsed = self._parsed.get(digest)
            if parsed is None:
                parsed = _read(json_object(document).get("keys"))
                self._parsed.put(digest, parsed)
            return parsed
        except (Unreachable, KeyFault) as error:
            reason = str(error).removesuffix(".")
            raise Unauthenticated(f"The keys of {issuer} could not be had: {reason}.", "invalid_token") from error

    async def _json(self, url: str, *, renew: bool) -> bytes:
        return (await self._fetcher.get(url, accept=JSON, renew=renew)).body


def _same(one: str, other: str) -> bool:
    """Whether two issuers are the same: to the letter, but for one slash at the end.

    Many profiles lack or add that slash. It is safe to pass over it: with and without it the
    configuration, and so the keys, are at the same URL (OpenID Connect Discovery, 4.1), so that
    whoever can sign for the one can sign for the other. No more than one is passed over.
    """
    return one.removesuffix("/") == other.removesuffix("/")


def _configuration_url(issuer: str) -> str:
    return f"{issuer.removesuffix('/')}/.well-known/openid-configuration"


def _keys_url(configuration: Mapping[str, Json], issuer: str) -> str:
    """Where the keys are; KeyFault when the configuration is that of another issuer, or does not say."""
    named, url = configuration.get("issuer"), configuration.get("jwks_uri")
    if not isinstance(named, str) or not _same(named, issuer):
        raise KeyFault("its configuration is that of another issuer")
    if not isinstance(url, str):
        raise KeyFault("its configuration names no keys")
    return url


def _issuers(profile: Fetched, webid: str, contexts: Mapping[str, bytes]) -> Sequence[str]:
    """The issuers that the profile names for the WebID itself, and for nobody else in the document."""
    if not formats.is_rdf(profile.media_type):
        raise Malformed("It is not RDF.")
    graph = formats.parse(profile.body, profile.media_type, profile.url, contexts)
    return list(iris(objects(graph, webid, SOLID.oidcIssuer)))


def _read(jwks: Json) -> _Keys:
    """The keys for signatures by their id; what is no such key is passed over."""
    found: dict[str, list[Key]] = {}
    for jwk in jwks[:MOST_KEYS] if isinstance(jwks, list) else []:
        if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
            continue
        try:
            found.setdefault(str(jwk.get("kid", "")), []).append(Key(jwk))
        except KeyFault:
            continue
    return found
