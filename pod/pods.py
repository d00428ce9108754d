"""Whole pods: made from a template, in one commit."""

import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from argon2 import PasswordHasher

from pod.errors import Conflict, Malformed, Stale
from pod.model.change import Change, Expect, Expectation, Write
from pod.model.resource import Pod, Uri
from pod.rules import names
from pod.storage.ports import Blobs, Records, Store

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")
TURTLE = "text/turtle"

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

        Malformed when name, address or WebID cannot be used, Conflict when the pod or the
        password of the account exists already. `now` is in microseconds since 1970.
        """
        _require_usable(request)
        root = Uri(f"{self._base_url}{request.name}/")
        taken = Conflict(f"There is a pod named {request.name} already; choose another name.")
        if (await self._store.view(root)).target is not None:
            raise taken
        account = await self._account(request, now)
        webid = request.webid or f"{root}profile/card#me"
        issuer = request.issuer or self._base_url
        pod = Pod(root=root, name=request.name, owners=(webid,), account=account, created=now)
        contents = _contents(pod, webid, issuer, request)
        writes = tuple([await self._write(pod, uri, turtle) for uri, turtle in contents])
        change = Change(
            expects=tuple(Expectation(write.uri, Expect.ABSENT) for write in writes),
            writes=writes,
            agent=webid,
            pod=pod,
        )
        try:
            await self._store.commit(change)
        except Stale as error:
            raise taken from error
        return Created(account, webid, root, issuer)

    async def _account(self, request: Request, now: int) -> str:
        """The id of the account with this address, made if it is new."""
        email = request.email.lower()
        known = await self._records.get("account-of", email)
        if known is not None:
            if request.password is not None:
                raise Conflict(f"{request.email} has an account and a password; leave the password out.")
            return known.decode()
        account = str(uuid.uuid4())
        password = None if request.password is None else PasswordHasher().hash(request.password)
        facts = {"id": account, "email": email, "password": password, "created": now}
        await self._records.put("account", account, json.dumps(facts).encode())
        if await self._records.replace("account-of", email, None, account.encode()):
            return account
        return await self._account(request, now)

    async def _write(self, pod: Pod, uri: Uri, turtle: str) -> Write:
        staged = await self._blobs.save(_once(turtle.encode()))
        parent = None if uri == pod.root else names.parent(uri)
        return Write(uri, names.kind(uri), TURTLE, staged, parent)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _require_usable(request: Request) -> None:
    if NAME.fullmatch(request.name) is None or names.is_auxiliary_name(request.name):
        raise Malformed(
            f"{request.name!r} cannot be the name of a pod; use 1 to 63 of a-z, 0-9, dot, dash and underscore,"
            " with a letter or digit first and last."
        )
    if EMAIL.fullmatch(request.email) is None:
        raise Malformed(f"{request.email!r} is not an e-mail address.")
    for iri in (request.webid, request.issuer):
        if iri is not None and re.fullmatch(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+", iri) is None:
            raise Malformed(f"{iri!r} is not an http or https address.")


def _contents(pod: Pod, webid: str, issuer: str, request: Request) -> Iterator[tuple[Uri, str]]:
    """Every resource of a new pod with its Turtle, containers before what they hold."""
    root = pod.root
    yield root, ""
    yield Uri(f"{root}.acl"), _policy(webid, "./", default=True)
    yield Uri(f"{root}inbox/"), ""
    yield Uri(f"{root}inbox/.acl"), _policy(webid, "./", default=True, public=("acl:Append",))
    if request.webid is None:
        yield Uri(f"{root}profile/"), ""
        yield Uri(f"{root}profile/card"), _profile(webid, root, issuer)
        yield Uri(f"{root}profile/card.acl"), _policy(webid, "card", public=("acl:Read",))
    yield Uri(f"{root}settings/"), ""
    yield Uri(f"{root}settings/prefs.ttl"), _preferences(webid)
    yield Uri(f"{root}settings/publicTypeIndex.ttl"), _type_index("solid:ListedDocument")
    yield (
        Uri(f"{root}settings/publicTypeIndex.ttl.acl"),
        _policy(webid, "publicTypeIndex.ttl", public=("acl:Read",)),
    )
    yield Uri(f"{root}settings/privateTypeIndex.ttl"), _type_index("solid:UnlistedDocument")
    if request.playground:
        yield Uri(f"{root}playground/"), ""
        open_to_all = ("acl:Read", "acl:Write")
        yield Uri(f"{root}playground/.acl"), _policy(webid, "./", default=True, public=open_to_all)


def _policy(webid: str, target: str, *, default: bool = False, public: tuple[str, ...] = ()) -> str:
    """A policy that gives the owner everything and the public some modes, by inheritance too if `default`."""
    scope = f"acl:accessTo <{target}>; acl:default <{target}>" if default else f"acl:accessTo <{target}>"
    turtle = (
        f"{_PREFIXES}<#owner> a acl:Authorization;\n"
        f"    acl:agent <{webid}>;\n    {scope};\n    acl:mode acl:Read, acl:Write, acl:Control.\n"
    )
    if public:
        modes = ", ".join(public)
        turtle += (
            f"\n<#public> a acl:Authorization;\n    acl:agentClass foaf:Agent;\n    {scope};\n    acl:mode {modes}.\n"
        )
    return turtle


def _profile(webid: str, root: Uri, issuer: str) -> str:
    """The WebID profile document (WebID Profile, 2 and 4)."""
    return (
        f"{_PREFIXES}<> a foaf:PersonalProfileDocument;\n    foaf:maker <{webid}>;\n"
        f"    foaf:primaryTopic <{webid}>.\n\n"
        f"<{webid}> a foaf:Person;\n    solid:oidcIssuer <{issuer}>;\n    pim:storage <{root}>;\n"
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
