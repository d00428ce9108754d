"""Where a person keeps what an app asks for: by their profile and type indexes, read as they would read them."""

import contextlib
from collections.abc import AsyncIterator, Iterator

from pod.errors import Conflict, Forbidden, PodError, Unauthenticated
from pod.idp.asking import Ask
from pod.model.agent import Agent
from pod.model.operation import Patch, Put
from pod.model.representation import Body, Document
from pod.model.resource import Blob, Kind, Uri
from pod.rdf import edit, formats
from pod.rdf.graph import Graph, iris, objects, subjects
from pod.rdf.vocab import PIM, SOLID
from pod.resources import Resources
from pod.rules import names


class Places:
    """Reads profiles and type indexes through the door."""

    def __init__(self, resources: Resources, base_url: str) -> None:
        self._resources = resources
        self._base_url = base_url

    async def of(self, webid: str, ask: Ask) -> tuple[Uri, ...]:
        """The containers and documents that the ask means for this person, of those that are kept here."""
        if ask.target is not None:
            return (ask.target,)
        profile = await self._graph(webid, webid)
        if ask.path is not None:
            return self._here(
                f"{root.removesuffix('/')}{ask.path}" for root in iris(objects(profile, webid, PIM.storage))
            )
        assert ask.of_class is not None  # an ask has one of the three
        found: set[str] = set()
        for index in await self._indexes(webid, profile):
            found |= set(_registered(await self._graph(webid, index), ask.of_class))
        return self._here(iter(sorted(found)))

    async def add_storage(self, webid: str, root: Uri) -> None:
        """Let the person's profile say that the pod is theirs, so that apps find it; if the profile is kept here."""
        profile = Uri(webid.partition("#")[0])
        if not profile.startswith(self._base_url):
            return
        statement = f"INSERT DATA {{ <{webid}> <{PIM.storage}> <{root}> }}".encode()
        await self._resources.write(
            Agent(webid), Patch(profile, edit.parse("application/sparql-update", statement, profile))
        )

    async def make(self, webid: str, folder: Uri) -> None:
        """Make a folder that an app is to use, if it is not there, as the person could; nothing where they may not.

        To make something where nothing is takes the folder above, which the app may not touch.
        """
        view = await self._resources.state(folder)
        is_there = view is None or view.pod is None or view.target is not None
        if is_there or names.kind(folder) is not Kind.CONTAINER:
            return
        with contextlib.suppress(Unauthenticated, Forbidden, Conflict):
            await self._resources.write(Agent(webid), Put(folder, formats.TURTLE, Body(_nothing(), 0)))

    async def _indexes(self, webid: str, profile: Graph) -> list[str]:
        """The type indexes that the profile names, or a preferences file of it (Type Indexes, 2)."""
        graphs = [profile]
        graphs += [await self._graph(webid, one) for one in iris(objects(profile, webid, PIM.preferencesFile))]
        named = (SOLID.publicTypeIndex, SOLID.privateTypeIndex)
        return sorted({one for graph in graphs for term in named for one in iris(objects(graph, webid, term))})

    async def _graph(self, webid: str, url: str) -> Graph:
        """The document at the URL as the person may read it; empty when it is elsewhere, or cannot be read."""
        uri = url.partition("#")[0]
        if not uri.startswith(self._base_url):
            return frozenset()
        try:
            document = await self._resources.read(Agent(webid), Uri(uri), formats.TURTLE)
            return frozenset(formats.parse(await self._bytes(document), document.media_type, uri, formats.NO_CONTEXTS))
        except PodError:
            # Whoever has broken their own index is shown that nothing is known.
            return frozenset()

    async def _bytes(self, document: Document) -> bytes:
        if isinstance(document.content, Blob):
            return b"".join([piece async for piece in self._resources.stream(document.content)])
        return document.content

    def _here(self, uris: Iterator[str]) -> tuple[Uri, ...]:
        return tuple(Uri(uri) for uri in uris if uri.startswith(self._base_url))


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


def _registered(index: Graph, of_class: str) -> Iterator[str]:
    """Where the index says that things of the class are kept."""
    for registration in subjects(index, SOLID.forClass, of_class):
        for triple in index:
            kept_in = triple.predicate.value in {SOLID.instance, SOLID.instanceContainer}
            if triple.subject == registration and kept_in:
                yield from iris(iter([triple.object]))
