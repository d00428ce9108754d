"""Which groups an agent is in: what `acl:agentGroup` asks (WAC, 4.2).

A group document is read without the agent's rights. One in this server counts only if it
lies in the same pod as the policy, whose owner answers for both, or if everyone may read it:
otherwise a policy could be used to find out what a private document says.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping

from pod.cache import Cache
from pod.contexts import Contexts
from pod.errors import Malformed, Unreachable
from pod.fetch import Fetcher
from pod.model.resource import Pod, Uri
from pod.rdf import formats
from pod.rdf.graph import NamedNode
from pod.rdf.vocab import VCARD
from pod.rules import names

ACCEPT = "text/turtle, application/ld+json;q=0.9, application/n-triples;q=0.8"
REMOTE = 32
"""How many documents of other servers one decision asks for; groups beyond have no members, as far as it knows."""
KEPT = 200_000
"""How many members are kept in memory, of all groups together."""

Local = Callable[[Uri, Pod | None], Awaitable[tuple[bytes, str] | None]]
"""Content and media type of a group document of this server, as far as the policy of a pod may use it."""

_Members = Mapping[str, frozenset[str]]
"""The members of each group of a document."""


class Groups:
    """Looks groups up."""

    def __init__(self, base_url: str, fetcher: Fetcher, contexts: Contexts, local: Local) -> None:
        self._base_url = base_url
        self._fetcher = fetcher
        self._contexts = contexts
        self._local = local
        self._kept: Cache[tuple[str, bytes], _Members] = Cache(KEPT, lambda all_: 1 + sum(map(len, all_.values())))

    async def memberships(self, webid: str, groups: Iterable[str], pod: Pod | None) -> frozenset[str]:
        """Those of `groups` that list `webid` with vcard:hasMember.

        A group whose document cannot be had or understood has no members: access is given
        only for what is known.
        """
        groups = sorted(groups)
        documents = dict.fromkeys(group.partition("#")[0] for group in groups)
        # Whoever writes a policy must not make this server ask half the world at each request.
        remote = [one for one in documents if self._here(one) is None][:REMOTE]
        asked = [one for one in documents if one in remote or self._here(one) is not None]
        found = dict(zip(asked, await asyncio.gather(*(self._members(one, pod) for one in asked)), strict=True))
        return frozenset(one for one in groups if webid in found.get(one.partition("#")[0], {}).get(one, ()))

    def _here(self, document: str) -> Uri | None:
        """The URI of a document of this server."""
        try:
            canonical = names.canonical(document)
        except ValueError:
            return None
        return Uri(canonical) if canonical.startswith(self._base_url) else None

    async def _members(self, document: str, pod: Pod | None) -> _Members:
        try:
            content, media_type, base = await self._content(document, pod)
            key = (base, hashlib.sha256(content).digest())
            found = self._kept.get(key)
            if found is None:
                contexts = await self._contexts.for_now(content, media_type, Uri(base))
                found = _read(content, media_type, base, contexts)
                self._kept.put(key, found)
            return found
        except (Unreachable, Malformed):
            return {}

    async def _content(self, document: str, pod: Pod | None) -> tuple[bytes, str, str]:
        """The document with its media type and base."""
        here = self._here(document)
        if here is None:
            fetched = await self._fetcher.get(document, accept=ACCEPT)
            return fetched.body, fetched.media_type, fetched.url
        found = await self._local(here, pod)
        if found is None:
            raise Unreachable("The group is not for everyone to see.")
        return *found, here


def _read(content: bytes, media_type: str, base: str, contexts: Mapping[str, bytes]) -> _Members:
    if not formats.is_rdf(media_type):
        return {}
    found: dict[str, set[str]] = {}
    for triple in formats.parse(content, media_type, base, contexts):
        group, member = triple.subject, triple.object
        if triple.predicate.value == VCARD.hasMember and isinstance(group, NamedNode) and isinstance(member, NamedNode):
            found.setdefault(group.value, set()).add(member.value)
    return {group: frozenset(members) for group, members in found.items()}
