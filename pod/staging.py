"""Content on its way in: limited, checked and kept, before any resource points to it."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ParamSpec, TypeVar

from pod.access import wac
from pod.contexts import Contexts
from pod.errors import Conflict, TooLarge, UnsupportedMediaType
from pod.model.operation import Edit
from pod.model.representation import Body, Staged
from pod.model.resource import Child, Kind, Uri, View
from pod.protection import Protection
from pod.rdf import formats
from pod.rdf.formats import TURTLE, essence
from pod.rdf.graph import Graph
from pod.rules import containers, names, protected
from pod.rules.protected import NONE, Statements
from pod.storage.ports import Blobs, Store

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]+)', re.IGNORECASE)

IN_A_THREAD = 128 * 1024
"""Content beyond this many bytes is checked and edited in a thread, so that others get their turn."""


P = ParamSpec("P")
T = TypeVar("T")


class Staging:
    """Takes content in."""

    def __init__(self, store: Store, blobs: Blobs, contexts: Contexts, rdf_limit: int) -> None:
        self._store = store
        self._blobs = blobs
        self._contexts = contexts
        self.protection = Protection(blobs, contexts)
        self._rdf_limit = rdf_limit
        self._threads = asyncio.Lock()

    async def received(self, view: View, uri: Uri, media_type: str, body: Body) -> Staged:
        """The content for `uri`, kept; RDF must parse. `view` is that of the request's target.

        Raises Malformed, UnsupportedMediaType, TooLarge, Conflict for what only the server may say,
        and what the body raises; nothing is left behind then.
        """
        if not formats.is_rdf(media_type):
            return await self._blobs.save(body.chunks)
        return await self.checked(view, uri, media_type, await self.whole(media_type, body))

    async def checked(self, view: View, uri: Uri, media_type: str, content: bytes) -> Staged:
        """RDF content for `uri`, checked and kept, as `received` does."""
        contexts = await self._contexts.of(content, media_type, uri)
        seen = await self._seen(content, media_type, uri, contexts)
        kind = names.kind(uri)
        if kind is Kind.CONTAINER:
            there = view.target is not None and view.uri == uri
            content = await self._own(uri, content, media_type, await self._store.children(uri) if there else ())
        elif kind is Kind.POLICY:
            _require_policy(view, formats.parse(content, media_type, uri, contexts))
        staged = await self.kept(content)
        kept_as = TURTLE if kind is Kind.CONTAINER else media_type
        self.protection.note(staged, kept_as, uri, protected.with_contexts(seen, contexts, uri))
        return staged

    async def _seen(self, content: bytes, media_type: str, uri: Uri, contexts: Mapping[str, bytes]) -> Statements:
        """The protected statements of the content, all of which is read; others get their turn meanwhile."""
        slices = _protected(content, media_type, uri, contexts)
        if len(content) > IN_A_THREAD:
            return NONE.union(*await self._in_thread(list, slices))
        seen = NONE
        for number, found in enumerate(slices):
            seen |= found
            if number:
                await asyncio.sleep(0)
        return seen

    async def edited(self, view: View, edit: Edit) -> Staged | None:
        """The target's content after the edit, kept; None when the edit changes nothing.

        A target that is not there is edited as an empty Turtle document.
        """
        target = view.target
        media_type = TURTLE if target is None else target.media_type
        before = b"" if target is None else await self._blobs.read(target.blob)
        children: Sequence[Child] = ()
        if target is not None and target.kind is Kind.CONTAINER:
            # What is read here is what the edit must leave alone, whatever comes meanwhile.
            children = await self._store.children(view.uri)
            before = containers.representation(before, TURTLE, target, children)
        contexts = await self._contexts.of(before, media_type, view.uri)
        arguments = (before, media_type, view.uri, contexts)
        if len(before) > IN_A_THREAD:
            after = await self._in_thread(edit.apply, *arguments)
        else:
            after = edit.apply(*arguments)
        if len(after) > self._rdf_limit:
            raise self._too_large()
        if after == before and target is not None:
            return None
        kind = names.kind(view.uri)
        if kind is Kind.CONTAINER:
            after = await self._own(view.uri, after, media_type, children, whole=target is not None)
        elif kind is Kind.POLICY:
            _require_policy(view, formats.parse(after, media_type, view.uri, contexts))
        return await self.kept(after)

    async def kept(self, content: bytes) -> Staged:
        """Bytes that are at hand, kept."""
        return await self._blobs.keep(content)

    async def _in_thread(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Call it in a thread, one at a time: two that want the interpreter hold up each other, and all else."""
        async with self._threads:
            return await asyncio.to_thread(function, *arguments, **named)

    async def whole(self, media_type: str, body: Body) -> bytes:
        """All of the body, which is RDF; TooLarge or UnsupportedMediaType when it cannot be."""
        _require_utf_8(media_type)
        if body.length is not None and body.length > self._rdf_limit:
            raise self._too_large()
        content = bytearray()
        async for chunk in body.chunks:
            content += chunk
            if len(content) > self._rdf_limit:
                raise self._too_large()
        return bytes(content)

    def _too_large(self) -> TooLarge:
        limit = self._rdf_limit
        return TooLarge(f"An RDF document can have at most {limit} bytes; split it into several.", limit)

    async def _own(
        self, uri: Uri, content: bytes, media_type: str, children: Sequence[Child], *, whole: bool = False
    ) -> bytes:
        """What the client says about the container, as Turtle, without what the server says."""
        contexts = await self._contexts.of(content, media_type, uri)
        return containers.own(content, media_type, uri, children, contexts, whole=whole)


def _require_utf_8(media_type: str) -> None:
    """All six syntaxes are UTF-8; what says otherwise would be read as what it is not."""
    charset = _CHARSET.search(media_type)
    if charset is not None and charset[1].lower() not in {"utf-8", "us-ascii"}:
        raise UnsupportedMediaType(f"RDF is kept in UTF-8, not in {charset[1]}; encode it so.", (essence(media_type),))


def _protected(content: bytes, media_type: str, uri: Uri, contexts: Mapping[str, bytes]) -> Iterator[Statements]:
    """The protected statements of each slice of the content; Malformed when it cannot be read."""
    if protected.is_free(content, media_type):
        for _ in formats.validation(content, media_type, uri, contexts):
            yield NONE
    else:
        for statements in formats.slices(content, media_type, uri, contexts):
            yield protected.statements(statements, uri)


def _require_policy(view: View, graph: Graph) -> None:
    """Raise unless each rule is understood, and somebody controls the root of the pod."""
    wac.require_understood(graph)
    # server-root-container-acl-authorization-control
    if view.pod is None or view.uri != names.policy_of(view.pod.root):
        return
    if not any(wac.controls(wac.parse(graph, view.uri), view.pod.root)):
        raise Conflict(
            "The policy of a pod's root must give acl:Control of the root to somebody; add such an authorization."
        )
