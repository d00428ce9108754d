"""Whole pods: made from a template, in one commit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pod.errors import Conflict, Malformed, NotFound, Stale
from pod.model.change import Change, Expect, Expectation, Write
from pod.model.resource import Pod, Uri
from pod.rules import names
from pod.storage.ports import Blobs, Store

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
RESERVED = frozenset({"favicon.ico", "robots.txt"})
"""Names that browsers and crawlers ask for; all else that the server itself answers begins with a dot."""
IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")
TURTLE = "text/turtle"

_ALL = "acl:Read, acl:Write, acl:Control"
_PREFIXES = """\
@prefix acl: <http://www.w3.org/ns/auth/acl#>.
@prefix foaf: <http://xmlns.com/foaf/0.1/>.
@prefix ldp: <http://www.w3.org/ns/ldp#>.
@prefix pim: <http://www.w3.org/ns/pim/space#>.
@prefix solid: <http://www.w3.org/ns/solid/terms#>.

"""


@dataclass(frozen=True, slots=True)
class NewPod:
    """What a new pod is to be."""

    name: str
    account: str
    webid: str | None = None
    """The owner, when it is a WebID kept elsewhere; otherwise the pod hosts one."""
    issuer: str | None = None
    """Whom the hosted WebID names as its identity provider; by default this server."""
    playground: bool = False
    """Add a container in which everyone may read and write, to try things out."""


class Pods:
    """Creates pods, and WebIDs in them."""

    def __init__(self, store: Store, blobs: Blobs, base_url: str) -> None:
        self._store = store
        self._blobs = blobs
        self._base_url = base_url

    def root(self, name: str) -> Uri:
        """Where the pod of this name is, whether there is one or not."""
        return Uri(f"{self._base_url}{name}/")

    async def require_free(self, name: str) -> None:
        """Raise Malformed unless a pod can have the name, Conflict when one has it."""
        require_name(name)
        if (await self._store.view(self.root(name))).target is not None:
            raise _taken(name)

    async def create(self, new: NewPod, now: int) -> Pod:
        """Make the pod and everything in it in one commit, or raise and leave nothing.

        Malformed when name, WebID or issuer cannot be used, Conflict when the pod exists already.
        `now` is in microseconds since 1970.
        """
        require_iris(new.webid, new.issuer)
        await self.require_free(new.name)
        root = self.root(new.name)
        webid = new.webid or webid_in(root)
        pod = Pod(root=root, name=new.name, owners=(webid,), account=new.account, created=now)
        contents = _contents(pod, webid, new.issuer or self._base_url, new)
        writes = tuple([await self._write(pod, *one) for one in contents])
        expects = tuple(Expectation(write.uri, Expect.ABSENT) for write in writes)
        try:
            await self._store.commit(Change(expects=expects, writes=writes, agent=webid, pod=pod))
        except Stale as error:
            raise _taken(new.name) from error
        return pod

    async def add_profile(self, pod: Pod, name: str) -> None:
        """Put a further profile into a pod, for the WebID of that name in it; Conflict when something is there."""
        require_name(name)
        webid, taken = webid_in(pod.root, name), Conflict(f"There is something named {name} in the profiles already.")
        document = Uri(webid.partition("#")[0])
        view = await self._store.view(document)
        if view.pod is None:
            raise NotFound("There is no such pod.")
        if view.target is not None or view.sibling or view.blocking is not None:
            raise taken
        issuer, folder = self._base_url, Uri(f"{pod.root}profile/")
        contents = [(document, _further_profile(webid, issuer)), (names.policy_of(document), _shared(pod, webid, name))]
        if all(one.uri != folder for one in view.ancestors):
            contents.insert(0, (folder, ""))
        writes = tuple([await self._write(pod, *one) for one in contents])
        expects = tuple(Expectation(write.uri, Expect.ABSENT) for write in writes)
        try:
            await self._store.commit(Change(expects=expects, writes=writes, agent=pod.owners[0]))
        except Stale as error:
            raise taken from error

    async def _write(self, pod: Pod, uri: Uri, turtle: str) -> Write:
        staged = await self._blobs.keep(turtle.encode())
        parent = None if uri == pod.root else names.parent(uri)
        return Write(uri, names.kind(uri), TURTLE, staged, parent)


def webid_in(root: Uri, name: str = "card") -> str:
    """The WebID that the pod with this root hosts under the name."""
    return f"{root}profile/{name}#me"


def require_name(name: str) -> None:
    """Raise Malformed unless a pod can have the name."""
    if NAME.fullmatch(name) is None or names.is_auxiliary_name(name):
        raise Malformed(
            f"{name!r} cannot be the name of a pod; use 1 to 63 of a-z, 0-9, dot, dash and underscore,"
            " with a letter or digit first and last, and not .acl or .meta at the end."
        )
    if name in RESERVED:
        raise Malformed(f"The server keeps the name {name!r} for itself; choose another one.")


def require_iris(*iris: str | None) -> None:
    """Raise Malformed unless each that is given can be a WebID or an issuer."""
    for iri in iris:
        if iri is not None and IRI.fullmatch(iri) is None:
            raise Malformed(f"{iri!r} is not an http or https address.")


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a pod named {name} already; choose another name.")


def _contents(pod: Pod, webid: str, issuer: str, new: NewPod) -> Iterator[tuple[Uri, str]]:
    """Every resource of a new pod with its Turtle, containers before what they hold."""
    root = pod.root
    yield root, ""
    yield Uri(f"{root}.acl"), _policy(webid, "./", default=True)
    yield Uri(f"{root}inbox/"), ""
    # Everyone may post to the inbox; what lies in it is its owner's.
    yield Uri(f"{root}inbox/.acl"), _policy(webid, "./", default=True, public="acl:Append")
    if new.webid is None:
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
    if new.playground:
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


def _further_profile(webid: str, issuer: str) -> str:
    """The profile document of a WebID that has no storage yet."""
    return (
        f"{_PREFIXES}<> a foaf:PersonalProfileDocument;\n    foaf:maker <{webid}>;\n"
        f"    foaf:primaryTopic <{webid}>.\n\n"
        f"<{webid}> a foaf:Person, foaf:Agent;\n    solid:oidcIssuer <{issuer}>.\n"
    )


def _shared(pod: Pod, webid: str, name: str) -> str:
    """The policy of a further profile: the owners of the pod have control, and so has the WebID itself."""
    everyone = "\n" + _rule("public", "acl:agentClass foaf:Agent", f"acl:accessTo <{name}>", "acl:Read")
    whom = "acl:agent " + ", ".join(f"<{one}>" for one in (*pod.owners, webid))
    return _PREFIXES + _rule("owner", whom, f"acl:accessTo <{name}>", _ALL) + everyone


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
