"""What the documents of pods say that only who controls them may change: found once for each content, then kept."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from pod.cache import Cache
from pod.contexts import Contexts
from pod.errors import Damaged, Forbidden, Malformed, PodError, Unauthenticated
from pod.model.access import Grants, Mode
from pod.model.agent import Agent
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Resource, Uri, View
from pod.rdf import formats
from pod.rules import names, protected
from pod.rules.protected import NONE, Statements
from pod.storage.ports import Blobs

KEPT = 50_000
IN_A_THREAD = 128 * 1024
"""Content beyond this many bytes is looked through in a thread, so that others get their turn."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Protected statements that a write removes and adds."""

    lost: Statements
    gained: Statements

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.lost or self.gained)


class Protection:
    """Finds protected statements."""

    def __init__(self, blobs: Blobs, contexts: Contexts) -> None:
        self._blobs = blobs
        self._contexts = contexts
        self._known: Cache[tuple[str, str, Uri], Statements] = Cache(KEPT, lambda found: 1 + len(found))

    def note(self, staged: Staged, media_type: str, uri: Uri, found: Statements) -> None:
        """Remember what was found while the content was checked."""
        self._known.put((staged.blob.digest, formats.essence(media_type), uri), found)

    async def changes(self, view: View, uri: Uri, staged: Staged | None, media_type: str) -> Changes:
        """What happens to protected statements when the document at `uri` becomes `staged` (None: is gone).

        `view` is that of `uri`, or of the container in which it is to be made.
        """
        if names.kind(uri) is Kind.POLICY:
            # To write a policy takes control in any case.
            return Changes(NONE, NONE)
        after = NONE if staged is None else await self._of(staged.blob, staged.inline, media_type, uri)
        target = view.target if view.uri == uri else None
        before = NONE if target is None else await self._before(target)
        return Changes(before - after, after - before)

    async def _before(self, target: Resource) -> Statements:
        try:
            return await self._of(target.blob, None, target.media_type, target.uri)
        except (Damaged, Malformed):
            # It may have said anything; who controls it can still replace it.
            return frozenset({(target.uri, "said what can no longer be read", "")})

    async def _of(self, blob: Blob, content: bytes | None, media_type: str, uri: Uri) -> Statements:
        if not formats.is_rdf(media_type) or blob.size == 0:
            return NONE
        key = (blob.digest, formats.essence(media_type), uri)
        found = self._known.get(key)
        if found is None:
            content = await self._blobs.read(blob) if content is None else content
            contexts = await self._contexts.of(content, media_type, uri)
            arguments = (content, media_type, uri, contexts)
            found = await asyncio.to_thread(_found, *arguments) if blob.size > IN_A_THREAD else _found(*arguments)
            self._known.put(key, found)
        return found


def _found(content: bytes, media_type: str, uri: Uri, contexts: Mapping[str, bytes]) -> Statements:
    if protected.is_free(content, media_type):
        return NONE
    found = protected.statements(formats.quads(content, media_type, uri, contexts), uri)
    return protected.with_contexts(found, contexts, uri)


def refusal(agent: Agent, grants: Grants, changes: Changes) -> PodError:
    """What is said to who may not make the changes; who may not read is not told what is there."""
    shown = changes.gained | (changes.lost if grants.allows(Mode.READ) else NONE)
    which = f": {protected.told(shown)}" if shown else ""
    message = f"Only who controls this may change what it says of its owner's identity or storage{which}."
    return Unauthenticated(f"{message} Sign in to go on.") if agent.webid is None else Forbidden(message)
