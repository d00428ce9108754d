"""The door: every read and every write of resources goes through here.

View, decide, commit: one read collects the facts, pure rules decide, the store applies the
change whole or not at all.
"""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from pod import protection
from pod.access import needs
from pod.access.audience import Audience
from pod.cache import Cache
from pod.contexts import Contexts
from pod.errors import Busy, Conflict, NotFound, PodError, Stale, Unreachable
from pod.fetch import Fetched
from pod.model.access import Mode, Need
from pod.model.agent import ANYONE, Agent
from pod.model.change import Change, Commit
from pod.model.operation import UNCONDITIONAL, Conditions, Delete, Operation, Patch, Post, Put
from pod.model.representation import Body, Document, Outcome, Staged
from pod.model.resource import Blob, Child, Kind, Pod, Resource, Uri, View
from pod.permissions import Permissions
from pod.rdf import formats, negotiate
from pod.representations import Representations
from pod.rules import conditions, names, plan
from pod.staging import Staging
from pod.storage.ports import Blobs, Store

ATTEMPTS = 8
"""How often a write is planned anew when the facts moved."""
PAUSE = 0.004
"""The longest pause before the second attempt, in seconds; it doubles with each."""
DOCUMENTS = 32 * 1024 * 1024
"""Bytes of documents that are kept ready to be sent."""

_Planned = Callable[[View], Awaitable[Change | None]]


@dataclass(frozen=True, slots=True)
class _Admitted:
    """A write that may go on, as far as the facts of `view` say."""

    view: View
    settled: bool
    """They say all of it: as long as they stay, so does the answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Whether an agent may read something, as of one moment."""

    allowed: bool
    settled: bool
    """So it stays until the log tells of something else; what members, dates and consents decide is not in it."""
    controls: bool
    """Whether the agent may also say who else may."""
    view: View


class Resources:
    """Reads and writes on behalf of an agent."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        contexts: Contexts,
        permissions: Permissions,
        *,
        base_url: str,
        rdf_limit: int,
        uri_limit: int,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._base_url = base_url
        self._uri_limit = uri_limit
        self.permissions = permissions
        self._representations = Representations(blobs, contexts)
        self._staging = Staging(store, blobs, contexts, rdf_limit)
        self._documents: Cache[tuple[Uri, str], Document] = Cache(DOCUMENTS, _weight)

    async def read(self, agent: Agent, uri: Uri, accept: str | None) -> Document:
        """The resource in the media type that suits `accept` best.

        Raises Unauthenticated or Forbidden before anything else, so that these say nothing
        about what exists; then NotFound, NotAcceptable.
        """
        view = await self._store.view(uri)
        asked = await self.permissions.require(view, agent, needs.for_read(view))
        target, media_type = _chosen(view, accept)
        kept = self._documents.get((uri, media_type))
        if kept is not None and kept.view is view and kept.grants is asked.user and kept.public is asked.public:
            return kept
        content: bytes | Blob | None
        if target.kind is Kind.CONTAINER:
            content = self._representations.kept_listing(target, media_type)
            if content is None:
                view, children, description = await self._store.listing(uri)
                asked = await self.permissions.require(view, agent, needs.for_read(view))
                target, media_type = _chosen(view, accept)
                content = await self._representations.listing(target, children, description, media_type)
        else:
            content = await self._representations.content(target, media_type)
        tag = conditions.etag(target, media_type)
        document = Document(view, target, media_type, tag, content, asked.user, asked.public)
        self._documents.put((uri, media_type), document)
        return document

    async def members(self, agent: Agent, container: Uri) -> Sequence[Child]:
        """What the container lists, for who may read it; NotFound when there is none."""
        view, children, _ = await self._store.listing(container)
        await self.permissions.require(view, agent, needs.for_read(view))
        if view.target is None:
            raise NotFound("Nothing is here.")
        return children

    async def audience(self, agent: Agent, uri: Uri) -> Audience | None:
        """Who may read there; None for who may not know that, as it takes Control."""
        view = await self._store.view(uri)
        if not (await self.permissions.on(view, agent)).user.allows(Mode.CONTROL):
            return None
        return await self.permissions.audience(view)

    def stream(self, blob: Blob, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of a document whose content is a blob."""
        return self._blobs.stream(blob, start, end)

    async def may(self, agent: Agent, uri: Uri, mode: Mode) -> bool:
        """Whether the agent has the mode there, at this moment."""
        return (await self.permissions.on(await self._store.view(uri), agent)).user.allows(mode)

    async def reading(self, agent: Agent, uri: Uri) -> Reading:
        """Whether the agent may read what is there, or what would be, at this moment."""
        view = await self._store.view(uri)
        if view.pod is None or view.pod.closed:
            return Reading(False, True, False, view)
        asked = await self.permissions.on(view, agent)
        granted = asked.user
        allowed = all(granted.allows(need.mode) for need in needs.for_read(view))
        # What was agreed with an app, and where it ends, is no part of the log.
        settled = asked.settled and asked.until is None and (agent.client is None or agent.issuer != self._base_url)
        return Reading(allowed, settled, granted.allows(Mode.CONTROL), view)

    async def require_reader(self, agent: Agent, uri: Uri) -> None:
        """Raise Unauthenticated or Forbidden for who may not read there, whether or not something is."""
        view = await self._store.view(uri)
        await self.permissions.require(view, agent, needs.for_read(view))

    async def require_writer(self, agent: Agent, uri: Uri) -> None:
        """Raise Unauthenticated or Forbidden for who may not even add something there."""
        view = await self._store.view(uri)
        mode = Mode.CONTROL if names.kind(uri) is Kind.POLICY else Mode.APPEND
        await self.permissions.require(view, agent, (Need(uri, mode),))

    async def require_any(self, agent: Agent, uri: Uri) -> None:
        """Raise Unauthenticated or Forbidden for who may neither read nor write anything there."""
        if names.kind(uri) is Kind.POLICY or not await self.may(agent, uri, Mode.READ):
            await self.require_writer(agent, uri)

    async def pod(self, uri: Uri) -> Pod | None:
        """The pod that the URI lies in."""
        return (await self._store.view(uri)).pod

    async def root(self, uri: Uri) -> Uri | None:
        """The root of the pod that the URI lies in."""
        pod = await self.pod(uri)
        return None if pod is None else pod.root

    async def write(self, agent: Agent, operation: Operation, asked: Conditions = UNCONDITIONAL) -> Outcome:
        """Do what is wished, or raise and change nothing.

        Permission comes first, then conditions, then the content is read: a stranger's
        gigabyte is refused before it is sent.
        """
        admitted = await self._admit(agent, operation, asked)
        match operation:
            case Put():
                return await self._put(agent, operation, asked, admitted)
            case Post():
                return await self._post(agent, operation, asked, admitted.view)
            case Patch():
                return await self._patch(agent, operation, asked, admitted)
            case Delete():
                return await self._delete(agent, operation, asked, admitted)

    async def compose(self, agent: Agent, target: Uri, content_of: Callable[[View], Awaitable[bytes]]) -> Outcome:
        """Write Turtle that follows from the facts about `target`, made anew when they moved meanwhile."""
        put = Put(target, formats.TURTLE, Body(_nothing(), 0))
        admitted = await self._admit(agent, put, UNCONDITIONAL)

        async def planned(fresh: View) -> Change:
            plan.require_writable(fresh)
            staged = await self._staging.checked(fresh, target, formats.TURTLE, await content_of(fresh))
            await self._require_unprotected(agent, fresh, target, staged, formats.TURTLE)
            return plan.put(fresh, formats.TURTLE, staged, agent)

        return await self._committed(agent, put, UNCONDITIONAL, admitted, planned)

    async def _admit(self, agent: Agent, operation: Operation, asked: Conditions) -> _Admitted:
        view = await self._store.view(operation.target)
        answer = await self.permissions.require(view, agent, needs.for_write(view, operation, asked))
        # RFC 9110, 13.2.1: what does not take the method at all says so whatever the conditions are.
        match operation:
            case Post():
                plan.require_container(view)
            case Delete():
                plan.require_deletable(view)
        conditions.check(asked, view.target)
        return _Admitted(view, answer.settled)

    async def _put(self, agent: Agent, put: Put, asked: Conditions, admitted: _Admitted) -> Outcome:
        view = admitted.view
        plan.require_writable(view)
        media_type = plan.media_type(put.target, put.media_type, empty=put.body.length == 0)
        staged = await self._staging.received(view, put.target, media_type, put.body)
        kept_as = _kept_as(put.target, media_type)

        async def planned(fresh: View) -> Change:
            change = plan.put(fresh, kept_as, staged, agent)
            await self._require_unprotected(agent, fresh, put.target, staged, kept_as)
            return change

        return await self._committed(agent, put, asked, admitted, planned)

    async def _patch(self, agent: Agent, patch: Patch, asked: Conditions, admitted: _Admitted) -> Outcome:
        async def planned(fresh: View) -> Change | None:
            plan.require_writable(fresh)
            staged = await self._staging.edited(fresh, patch.edit)
            media_type = formats.TURTLE if fresh.target is None else fresh.target.media_type
            if staged is None:
                return None
            await self._require_unprotected(agent, fresh, patch.target, staged, media_type)
            return plan.put(fresh, media_type, staged, agent)

        outcome = await self._committed(agent, patch, asked, admitted, planned)
        fresh = await self._store.view(patch.target)
        granted = (await self.permissions.on(fresh, agent)).user
        if all(granted.allows(need.mode) for need in needs.for_read(fresh)):
            return outcome
        # consider-append-read-diff: an ETag that stays would tell that the triple was there.
        return replace(outcome, resource=None, etag=None)

    async def _delete(self, agent: Agent, delete: Delete, asked: Conditions, admitted: _Admitted) -> Outcome:
        async def planned(fresh: View) -> Change:
            change = plan.delete(fresh, agent)
            # server-delete-protect-nonempty-container: the store would only say that the facts are others.
            if names.kind(delete.target) is Kind.CONTAINER and not await self._store.is_empty(delete.target):
                raise Conflict("The container is not empty; delete what is in it first.")
            for uri in change.removes:
                there = fresh if uri == fresh.uri else await self._store.view(uri)
                await self._require_unprotected(agent, there, uri, None, "")
            return change

        return await self._committed(agent, delete, asked, admitted, planned)

    async def _committed(
        self, agent: Agent, operation: Put | Patch | Delete, asked: Conditions, admitted: _Admitted, planned: _Planned
    ) -> Outcome:
        """Plan on fresh facts and commit; again when they moved meanwhile."""
        async with self._store.turn(operation.target):
            for attempt in range(ATTEMPTS):
                # The same view again says that nothing moved, so that nothing need be asked again.
                if not (admitted.settled and await self._store.view(operation.target) is admitted.view):
                    admitted = await self._admit(agent, operation, asked)
                view = admitted.view
                change = await planned(view)
                if change is None:
                    return _unchanged(view)
                try:
                    commit = await self._store.commit(change)
                except Stale:
                    await _pause(attempt)
                    continue
                return _outcome(operation.target, commit, view, created=view.target is None)
        raise Busy("Too many write here at once; try again in a moment.")

    async def _require_unprotected(
        self, agent: Agent, view: View, uri: Uri, staged: Staged | None, media_type: str
    ) -> None:
        """Raise unless the document's protected statements stay, or the agent controls it.

        It is asked of the view that the commit expects, of which the policies are a part.
        """
        changes = await self._staging.protection.changes(view, uri, staged, media_type)
        if changes:
            there = view if view.uri == uri else await self._store.view(uri)
            granted = (await self.permissions.on(there, agent)).user
            if not granted.allows(Mode.CONTROL):
                raise protection.refusal(agent, granted, changes)

    async def _post(self, agent: Agent, post: Post, asked: Conditions, container: View) -> Outcome:
        hint = post.slug or str(uuid.uuid4())
        target = names.child(post.target, hint, as_container=post.container)
        media_type = plan.media_type(target, post.media_type, empty=post.body.length == 0)
        kept_as = _kept_as(target, media_type)
        # What is said about a container is kept with the IRIs that it means, so its name must be known.
        said = await self._staging.whole(media_type, post.body) if post.container else None
        staged = (
            plan.EMPTY if post.container else await self._staging.received(container, target, media_type, post.body)
        )
        for attempt in range(ATTEMPTS):
            target = await self._free(post, hint)
            if said is not None:
                staged = await self._staging.checked(container, target, media_type, said)
            container = (await self._admit(agent, post, asked)).view
            change = plan.post(container, target, kept_as, staged, agent)
            await self._require_unprotected(agent, container, target, staged, kept_as)
            try:
                commit = await self._store.commit(change)
            except Stale:
                await _pause(attempt)
                continue
            return _outcome(target, commit, container, created=True)
        raise Busy("Too many write here at once; try again in a moment.")

    async def _free(self, post: Post, hint: str) -> Uri:
        """A name for the new child that nothing has, as far as can be seen now; UriTooLong when there is none."""
        suffix = ""
        while True:
            target = names.child(post.target, hint, suffix, as_container=post.container)
            names.require_bounded(target, self._uri_limit)
            view = await self._store.view(target)
            if view.target is None and not view.sibling and not names.reserved(target):
                return target
            suffix = uuid.uuid4().hex[:8]

    async def state(self, url: str) -> View | None:
        """The facts about the document at a URL of this server, the same object while nothing in them changes.

        None for other servers, and for what is no URL of a document.
        """
        uri = _document(self._base_url, url, self._uri_limit)
        return None if uri is None else await self._store.view(uri)

    async def public_document(self, url: str, accept: str) -> Fetched | None:
        """The document at a URL of this server as it suits `accept`, as everyone may read it; None for other servers.

        Raises Unreachable when not everyone may. So the server need not ask itself over the network.
        """
        if not url.startswith(self._base_url):
            return None
        try:
            uri = names.resolve(self._base_url, urlsplit(url).path.encode(), self._uri_limit)
            document = await self.read(ANYONE, uri, accept)
        except PodError as error:
            raise Unreachable(f"{url} cannot be read by everyone.") from error
        content = document.content
        if isinstance(content, Blob):
            raise Unreachable(f"{url} is too large.")
        return Fetched(uri, document.media_type, content)


@lru_cache(maxsize=4096)
def _document(base_url: str, url: str, limit: int) -> Uri | None:
    """The document at a URL; None for other servers, and for what is no URL of a document."""
    if not url.startswith(base_url):
        return None
    try:
        return names.resolve(base_url, urlsplit(url).path.encode(), limit)
    except PodError:
        return None


def _chosen(view: View, accept: str | None) -> tuple[Resource, str]:
    """What is there, and the media type to answer with."""
    if view.target is None:
        raise NotFound("Nothing is here.")
    listing = view.target.kind is Kind.CONTAINER
    return view.target, negotiate.choose(accept, view.target.media_type, listing=listing)


def _weight(document: Document) -> int:
    """Bytes in memory, about."""
    return 1_000 + (0 if isinstance(document.content, Blob) else len(document.content))


def _kept_as(uri: Uri, media_type: str) -> str:
    """A container is kept as Turtle, whatever the client sent."""
    return formats.TURTLE if names.kind(uri) is Kind.CONTAINER else media_type


def _outcome(uri: Uri, commit: Commit, view: View, *, created: bool) -> Outcome:
    written = next((one for one in commit.resources if one.uri == uri), None)
    tag = None if written is None else conditions.etag(written, written.media_type)
    return Outcome(uri, view.pod, created, written, tag)


def _unchanged(view: View) -> Outcome:
    assert view.target is not None  # what is not there comes to be
    return Outcome(view.uri, view.pod, False, view.target, conditions.etag(view.target, view.target.media_type))


async def _nothing() -> AsyncIterator[bytes]:
    no_pieces: tuple[bytes, ...] = ()
    for piece in no_pieces:
        yield piece


async def _pause(attempt: int) -> None:
    """Let others finish, for a time drawn at random so that not all come back at once."""
    await asyncio.sleep(random.uniform(0, PAUSE * 2**attempt))  # noqa: S311 - spreads writers, keeps no secret
