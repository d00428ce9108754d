"""Clients: apps that name themselves by a document, apps that register, and scripts of a person."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlsplit

from pod.auth.issuers import ContextsOf
from pod.auth.keys import Json
from pod.config import is_loopback
from pod.errors import Malformed, PodError
from pod.fetch import Fetcher
from pod.idp import asking, documents
from pod.idp.asking import Ask
from pod.model.resource import Uri
from pod.storage.ports import Records, Swap

FAMILY = "client"
CREDENTIALS_OF = "client-of"
"""Keys are `ACCOUNT CLIENT`."""
DAY = 24 * 3600 * 1_000_000
KEPT_FOR = 180 * DAY
"""How long a registration lives that is not used, in microseconds (security-client-ids-expire)."""
FIRST_USE = 7 * DAY
"""How long one lives that nobody has used yet: anyone may register as often as they like."""
RENEWED = 30 * DAY
"""A registration that is used lives anew when it is this old, in microseconds."""
ACCEPT = "application/ld+json, application/json;q=0.9, text/turtle;q=0.5"
LABEL = 100
"""Characters of the name of a script."""


@dataclass(frozen=True, slots=True)
class Client:
    """An app, or a script of a person."""

    id: str
    name: str
    kind: str
    """`document`, `registered` or `credentials`."""
    host: str
    """Where it is from, for people to see; empty when nothing vouches for that."""
    verified: bool = False
    """Whether the host itself says that the app is its own, and gets the answers."""
    redirect_uris: tuple[str, ...] = ()
    logout_uris: tuple[str, ...] = ()
    uri: str | None = None
    logo: str | None = None
    policy: str | None = None
    terms: str | None = None
    auth_method: str = "none"
    secret_hash: str | None = None
    grant_types: tuple[str, ...] = documents.OFFERED
    algorithm: str = "ES256"
    """What signs its ID tokens."""
    native: bool = False
    """Whether it runs on the person's machine, where its port may differ each time."""
    webid: str | None = None
    """In whose name a script acts."""
    account: str | None = None
    created: int = 0
    """Microseconds since 1970, for what is kept here; anew when it has been used for long."""
    used: bool = False
    """Whether a person has ever agreed with it."""
    scopes: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()

    def has_redirect(self, uri: str) -> bool:
        """Whether answers may go there: to the letter, but for the port of a native app (RFC 8252, 7.3)."""
        if uri in self.redirect_uris:
            return True
        here = _without_port(uri) if self.native else None
        return here is not None and here in map(_without_port, self.redirect_uris)

    def has_secret(self, secret: str) -> bool:
        """Whether the secret is the client's."""
        return self.secret_hash is not None and hmac.compare_digest(digest(secret), self.secret_hash)

    def facts(self) -> dict[str, Json]:
        """As JSON."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return found | {"asks": [one.facts() for one in self.asks]}


def of_facts(facts: Mapping[str, Json]) -> Client:
    """What `facts` gave."""
    plain: dict[str, Json] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return Client(**plain | {"asks": tuple(map(asking.of_facts, facts["asks"]))})


def digest(secret: str) -> str:
    """What is kept of a secret of high entropy."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _without_port(uri: str) -> str | None:
    """A URI on this machine without its port; None for every other URI."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "http" or not is_loopback(uri) or "@" in parts.netloc:
        return None
    return parts._replace(netloc=parts.hostname or "").geturl()


class Clients:
    """Finds clients, and keeps those that register."""

    def __init__(
        self, records: Records, fetcher: Fetcher, contexts: ContextsOf, base_url: str, now: Callable[[], int]
    ) -> None:
        self._records = records
        self._fetcher = fetcher
        self._contexts = contexts
        self._base_url = base_url
        self._now = now

    def names_document(self, client_id: str) -> bool:
        """Whether the id is the URL of a Client ID Document."""
        try:
            urlsplit(client_id)
        except ValueError:
            return False
        if client_id.startswith("https://"):
            return True
        return client_id.startswith("http://") and is_loopback(self._base_url) and is_loopback(client_id)

    async def find(self, client_id: str) -> Client | None:
        """The client as it describes itself; None when there is none, Malformed with the reason for a bad document."""
        if not self.names_document(client_id):
            return await self._kept(client_id)
        try:
            return await self._described(client_id)
        except PodError as error:
            raise Malformed(f"The app's Client ID Document cannot be used: {error.message}") from error

    async def known(self, client_id: str) -> Client | None:
        """The client as far as tokens need it: nothing that its document says matters to them."""
        if self.names_document(client_id):
            return Client(client_id, "", "document", documents.host_of(client_id))
        return await self._kept(client_id)

    async def _kept(self, client_id: str) -> Client | None:
        kept = await self._records.get(FAMILY, client_id)
        return None if kept is None else of_facts(json.loads(kept))

    async def _described(self, client_id: str) -> Client:
        if "#" in client_id or urlsplit(client_id).username is not None:
            raise Malformed("Its URL must have neither a fragment nor a user name.")
        fetched = await self._fetcher.get(client_id, accept=ACCEPT)
        if fetched.url != client_id:
            raise Malformed("It must be at its own URL, and not elsewhere.")
        contexts: Mapping[str, bytes] = {}
        if not fetched.body.lstrip().startswith(b"{"):
            contexts = await self._contexts(fetched.body, fetched.media_type, Uri(client_id))
        found = documents.metadata(fetched.body, fetched.media_type, client_id, contexts)
        host = documents.host_of(client_id)
        client = self._described_by(found, Client(client_id, "", "document", host))
        algorithm = documents.chosen(found, "id_token_signed_response_alg", documents.ALGORITHMS, "ES256")
        return replace(
            client,
            name=client.name or host,
            verified=self._vouches(client, host),
            algorithm=algorithm,
            asks=asking.of_needs(found.get("access_needs"), self._base_url),
        )

    def _vouches(self, client: Client, host: str) -> bool:
        """Whether the host says that the app is its own, and gets answers that no other site gets.

        Everyone who has a pod here can keep a document on this host, which vouches for none of them.
        """
        hosts = {documents.host_of(one) for one in client.redirect_uris}
        sites = {documents.host_of(one) for one in client.redirect_uris if one.startswith("https:")}
        return host in hosts and sites <= {host} and not client.id.startswith(self._base_url)

    def _described_by(self, found: Mapping[str, Json], client: Client) -> Client:
        """The client with what it says about itself; Malformed when it cannot be so."""
        return replace(
            client,
            name=documents.text(found, "client_name"),
            redirect_uris=documents.uris(found, "redirect_uris"),
            logout_uris=documents.uris(found, "post_logout_redirect_uris"),
            uri=documents.link(found, "client_uri"),
            logo=documents.link(found, "logo_uri"),
            policy=documents.link(found, "policy_uri"),
            terms=documents.link(found, "tos_uri"),
            grant_types=documents.grant_types(found),
            native=found.get("application_type") == "native",
            scopes=documents.scopes(found.get("scope")),
        )

    async def register(self, found: Mapping[str, Json]) -> tuple[Client, str | None]:
        """A new client by what it says (RFC 7591), and its secret if it is to have one; Malformed when it cannot be."""
        method = documents.chosen(found, "token_endpoint_auth_method", documents.AUTH_METHODS, "client_secret_basic")
        secret = None if method == "none" else secrets.token_urlsafe(32)
        client = self._described_by(found, Client(secrets.token_urlsafe(18), "", "registered", ""))
        if not client.redirect_uris:
            raise Malformed("redirect_uris must name at least one URI.")
        host = documents.host_of(client.redirect_uris[0])
        client = replace(
            client,
            name=client.name or host or client.id,
            host=host,
            auth_method=method,
            secret_hash=None if secret is None else digest(secret),
            algorithm=documents.chosen(found, "id_token_signed_response_alg", documents.ALGORITHMS, "RS256"),
            created=self._now(),
        )
        await self._records.put(FAMILY, client.id, _bytes(client), client.created + FIRST_USE)
        return client, secret

    async def used(self, client: Client) -> None:
        """Let a registration live on that is in use."""
        now = self._now()
        if client.kind == "registered" and (not client.used or now - client.created > RENEWED):
            newer = replace(client, created=now, used=True)
            await self._records.swap(
                Swap(FAMILY, client.id, _bytes(client), _bytes(newer), now + KEPT_FOR)
            )  # when it fails, somebody else did it

    async def issue(self, account: str, webid: str, name: str) -> tuple[Client, str]:
        """A new client that acts in the name of the WebID by its id and secret alone (client-credentials-bind)."""
        name = documents.text({"name": name}, "name")[:LABEL]
        if not name:
            raise Malformed("A token needs a name, by which you will know it.")
        secret = secrets.token_urlsafe(32)
        client = Client(
            f"script-{secrets.token_urlsafe(12)}",
            name,
            "credentials",
            "",
            auth_method="client_secret_basic",
            secret_hash=digest(secret),
            grant_types=("client_credentials",),
            webid=webid,
            account=account,
            created=self._now(),
        )
        entry = Swap(CREDENTIALS_OF, f"{account} {client.id}", None, b"")
        await self._records.swap(Swap(FAMILY, client.id, None, _bytes(client)), entry)
        return client, secret

    async def issued(self, account: str) -> Sequence[Client]:
        """Every such client of the account, the oldest first."""
        prefix = f"{account} "
        keys = [key for key, _ in await self._records.below(CREDENTIALS_OF, prefix)]
        found = [await self._kept(key.removeprefix(prefix)) for key in keys]
        return sorted((one for one in found if one is not None), key=lambda one: (one.created, one.id))

    async def withdraw(self, account: str, client_id: str) -> Client | None:
        """Remove such a client of the account; None when it has none of this id."""
        kept = await self._records.get(FAMILY, client_id)
        client = None if kept is None else of_facts(json.loads(kept))
        if client is None or client.account != account:
            return None
        entry = Swap(CREDENTIALS_OF, f"{account} {client_id}", b"", None)
        await self._records.swap(Swap(FAMILY, client_id, kept, None), entry)
        return client


def _bytes(client: Client) -> bytes:
    return json.dumps(client.facts()).encode()
