"""Whole pods: made from a template, in one commit."""

import asyncio
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from pod.errors import Conflict, Malformed, PodError, Stale
from pod.model.change import Change, Expect, Expectation, Write
from pod.model.resource import Pod, Uri
from pod.rules import names
from pod.storage.ports import Blobs, Records, Store

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
RESERVED = frozenset({"favicon.ico", "robots.txt"})
"""Names that browsers and crawlers ask for; all else that the server itself answers begins with a dot."""
EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")
IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")
PASSWORD = 8
"""The shortest password, in characters."""
TURTLE = "text/turtle"
ACCOUNT, ACCOUNT_OF = "account", "account-of"
"""The families of records that keep accounts by id, and the id of each account by its address."""

_ALL = "acl:Read, acl:Write, acl:Control"
_PREFIXES = """\
@prefix acl: <http://www.w3.org/ns/auth/acl#>.
@prefix foaf: <http://xmlns.com/foaf/0.1/>.
@prefix ldp: <http://www.w3.org/ns/ldp#>.
@prefix pim: <http://www.w3.org/ns/pim/space#>.
@prefix solid: <http://www.w3.org/ns/solid/terms#>.

"""


@dataclass(frozen=True, slots=True)
class Request:
    """What a new pod is to be."""

    name: str
    email: str
    password: str | None = None
    webid: str | None = None
    """The owner, when it is a WebID kept elsewhere; otherwise the pod hosts one."""
    issuer: str | None = None
    """Whom the hosted WebID names as its identity provider; by default this server."""
    playground: bool = False
    """Add a container in which everyone may read and write, to try things out."""


@dataclass(frozen=True, slots=True)
class Created:
    """What the new owner needs to know."""

    account: str
    webid: str
    storage: Uri
    issuer: str


class Pods:
    """Creates pods."""

    def __init__(self, store: Store, blobs: Blobs, records: Records, base_url: str) -> None:
        self._store = store
        self._blobs = blobs
        self._records = records
        self._base_url = base_url

    async def create(self, request: Request, now: int) -> Created:
        """Make the pod and everything in it in one commit, or raise and leave nothing.

        Malformed when name, address, password or WebID cannot be used, Conflict when the pod
        exists already, or the account with another password. `now` is in microseconds since 1970.
        """
        _require_usable(request)
        root = Uri(f"{self._base_url}{request.name}/")
        taken = Conflict(f"There is a pod named {request.name} already; choose another name.")
        if (await self._store.view(root)).target is not None:
            raise taken
        account, is_new = await self._account(request, now)
        webid = request.webid or f"{root}profile/card#me"
        issuer = request.issuer or self._base_url
        pod = Pod(root=root, name=request.name, owners=(webid,), account=account, created=now)
        try:
            writes = tuple([await self._write(pod, *one) for one in _contents(pod, webid, issuer, request)])
            expects = tuple(Expectation(write.uri, Expect.ABSENT) for write in writes)
            await self._store.commit(Change(expects=expects, writes=writes, agent=webid, pod=pod))
        except PodError as error:
            if is_new:
                await self._forget(account, request.email)
            if isinstance(error, Stale):
                raise taken from error
            raise
        return Created(account, webid, root, issuer)

    async def _account(self, request: Request, now: int) -> tuple[str, bool]:
        """The id of the account with this address, and whether it came to be just now."""
        email = request.email.lower()
        known = await self._records.get(ACCOUNT_OF, email)
        if known is not None:
            await self._require_password(known.decode(), request)
            return known.decode(), False
        account = str(uuid.uuid4())
        # Hashing takes long on purpose; others get their turn meanwhile.
        password = request.password and await asyncio.to_thread(PasswordHasher().hash, request.password)
        facts = {"id": account, "email": email, "password": password, "created": now}
        await self._records.put(ACCOUNT, account, json.dumps(facts).encode())
        if await self._records.replace(ACCOUNT_OF, email, None, account.encode()):
            return account, True
        # Somebody made an account with this address meanwhile.
        await self._remove(ACCOUNT, account)
        return await self._account(request, now)

    async def _require_password(self, account: str, request: Request) -> None:
        """Raise Conflict when a password is given that is not the account's: it is not changed in passing."""
        if request.password is None:
            return
        kept = json.loads(await self._records.get(ACCOUNT, account) or b"{}").get("password")
        if kept is None:
            raise Conflict(f"{request.email} has an account without a password; leave the password out.")
        try:
            await asyncio.to_thread(PasswordHasher().verify, kept, request.password)
        except VerifyMismatchError as error:
            message = f"{request.email} has an account and a password; leave the password out, or give that one."
            raise Conflict(message) from error

    async def _forget(self, account: str, email: str) -> None:
        """Remove an account that was made for a pod that did not come to be."""
        await self._remove(ACCOUNT_OF, email.lower())
        await self._remove(ACCOUNT, account)

    async def _remove(self, family: str, key: str) -> None:
        await self._records.replace(family, key, await self._records.get(family, key), None)

    async def _write(self, pod: Pod, uri: Uri, turtle: str) -> Write:
        staged = await self._blobs.keep(turtle.encode())
        parent = None if uri == pod.root else names.parent(uri)
        return Write(uri, names.kind(uri), TURTLE, staged, parent)


def _require_usable(request: Request) -> None:
    name = request.name
    if NAME.fullmatch(name) is None or names.is_auxiliary_name(name):
        raise Malformed(
            f"{name!r} cannot be the name of a pod; use 1 to 63 of a-z, 0-9, dot, dash and underscore,"
            " with a letter or digit first and last, and not .acl or .meta at the end."
        )
    if name in RESERVED:
        raise Malformed(f"The server keeps the name {name!r} for itself; choose another one.")
    if EMAIL.fullmatch(request.email) is None:
        raise Malformed(f"{request.email!r} is not an e-mail address.")
    if request.password is not None and len(request.password) < PASSWORD:
        raise Malformed(f"The password is too short; use at least {PASSWORD} characters.")
    for iri in (request.webid, request.issuer):
        if iri is not None and IRI.fullmatch(iri) is None:
            raise Malformed(f"{iri!r} is not an http or https address.")


def _contents(pod: Pod, webid: str, issuer: str, request: Request) -> Iterator[tuple[Uri, str]]:
    """Every resource of a new pod with its Turtle, containers before what they hold."""
    root = pod.root
    yield root, ""
    yield Uri(f"{root}.acl"), _policy(webid, "./", default=True)
    yield Uri(f"{root}inbox/"), ""
    # Everyone may post to the inbox; what lies in it is its owner's.
    yield Uri(f"{root}inbox/.acl"), _policy(webid, "./", default=True, public="acl:Append")
    if request.webid is None:
        yield Uri(f"{root}profile/"), ""
        yield Uri(f"{root}profile/card"), _profile(webid, root, issuer)
        yield Uri(f"{root}profile/card.acl"), _policy(webid, "card", public="acl:Read")
    yield Uri(f"{root}settings/"), ""
    yield Uri(f"{root}settings/prefs.ttl"), _preferences(webid)
    yield Uri(f"{root}settings/publicTypeIndex.ttl"), _type_index("solid:ListedDocument")
    yield (
        Uri(f"{root}settings/publicTypeIndex.ttl.acl"),
        _policy(webid, "publicTypeIndex.ttl", public="acl:Read"),
    )
    yield Uri(f"{root}settings/privateTypeIndex.ttl"), _type_index("solid:UnlistedDocument")
    if request.playground:
        yield Uri(f"{root}playground/"), ""
        yield Uri(f"{root}playground/.acl"), _policy(webid, "./", default=True, everywhere="acl:Read, acl:Write")


def _policy(webid: str, target: str, *, default: bool = False, public: str = "", everywhere: str = "") -> str:
    """A policy that gives the owner everything, by inheritance too if `default`.

    The public gets the modes `public` on the target alone, or those `everywhere` below it too.
    """
    here, below = f"acl:accessTo <{target}>", f"acl:accessTo <{target}>; acl:default <{target}>"
    turtle = _PREFIXES + _rule("owner", f"acl:agent <{webid}>", below if default else here, _ALL)
    if public or everywhere:
        scope = below if everywhere else here
        turtle += "\n" + _rule("public", "acl:agentClass foaf:Agent", scope, everywhere or public)
    return turtle


def _rule(name: str, whom: str, scope: str, modes: str) -> str:
    return f"<#{name}> a acl:Authorization;\n    {whom};\n    {scope};\n    acl:mode {modes}.\n"


def _profile(webid: str, root: Uri, issuer: str) -> str:
    """The WebID profile document (WebID Profile, 2 and 4)."""
    return (
        f"{_PREFIXES}<> a foaf:PersonalProfileDocument;\n    foaf:maker <{webid}>;\n"
        f"    foaf:primaryTopic <{webid}>.\n\n"
        f"<{webid}> a foaf:Person, foaf:Agent;\n    solid:oidcIssuer <{issuer}>;\n    pim:storage <{root}>;\n"
        f"    ldp:inbox <{root}inbox/>;\n    pim:preferencesFile <{root}settings/prefs.ttl>;\n"
        f"    solid:publicTypeIndex <{root}settings/publicTypeIndex.ttl>.\n"
    )


def _preferences(webid: str) -> str:
    """The preferences file: what the owner's own apps need to know (WebID Profile, 4.3)."""
    return (
        f"{_PREFIXES}<> a pim:ConfigurationFile.\n\n"
        f"<{webid}> solid:privateTypeIndex <privateTypeIndex.ttl>;\n"
        "    solid:publicTypeIndex <publicTypeIndex.ttl>.\n"
    )


def _type_index(kind: str) -> str:
    """An index in which nothing is registered yet (Type Indexes, 3)."""
    return f"{_PREFIXES}<> a solid:TypeIndex, {kind}.\n"
