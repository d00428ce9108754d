"""Which groups an agent is in: what `acl:agentGroup` asks (WAC, 4.2).

A group document is read without the agent's rights. One in this server counts only if it
lies in the same pod as the policy, whose owner answers for both, or if everyone may read it:
otherwise a policy could be used to find out what a private document says.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable

from pod.cache import Cache
from pod.errors import PodError
from pod.fetch import Fetcher
from pod.model.resource import Pod, Uri
from pod.rdf import formats, vocab
from pod.rdf.graph import Graph, objects

ACCEPT = "text/turtle, application/ld+json;q=0.9, application/n-triples;q=0.8"

Local = Callable[[Uri, Pod | None], Awaitable[tuple[bytes, str] | None]]
"""Content and media type of a group document of this server, as far as the policy of a pod may use it."""


class Groups:
    """Looks groups up."""

    def __init__(self, base_url: str, fetcher: Fetcher, local: Local) -> None:
        self._base_url = base_url
        self._fetcher = fetcher
        self._local = local
        self._parsed: Cache[tuple[str, bytes], Graph] = Cache(256)

    async def memberships(self, webid: str, groups: Iterable[str], pod: Pod | None) -> frozenset[str]:
        """Those of `groups` that list `webid` with vcard:hasMember.

        A group whose document cannot be had or understood has no members: access is given
        only for what is known.
        """
        found = [group for group in groups if await self._has(group, webid, pod)]
        return frozenset(found)

    async def _has(self, group: str, webid: str, pod: Pod | None) -> bool:
        try:
            graph = await self._graph(group.partition("#")[0], pod)
        except PodError:
            return False
        return graph is not None and webid in _members(graph, group)

    async def _graph(self, document: str, pod: Pod | None) -> Graph | None:
        if document.startswith(self._base_url):
            found = await self._local(Uri(document), pod)
            if found is None:
                return None
            content, media_type = found
        else:
            fetched = await self._fetcher.get(document, accept=ACCEPT)
            content, media_type = fetched.body, fetched.media_type
        if not formats.is_rdf(media_type):
            return None
        key = (document, hashlib.sha256(content).digest())
        graph = self._parsed.get(key)
        if graph is None:
            graph = formats.parse(content, media_type, document)
            self._parsed.put(key, graph)
        return graph


def _members(graph: Graph, group: str) -> frozenset[str]:
    return frozenset(str(getattr(term, "value", "")) for term in objects(graph, group, vocab.VCARD.hasMember))
