"""How a change becomes rows: once, for every backend that has rows.

All expectations are checked before anything is written, so that a change that is refused
leaves nothing behind, also when it shares its transaction with others.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from pod.errors import Stale
from pod.model.change import Change, Commit, Entry, Expect, Expectation, Happening, Write
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Resource, Uri
from pod.rules import names

_SECOND = 1_000_000


class Rows(Protocol):
    """The rows of one transaction."""

    def get(self, uri: Uri) -> Resource | None:
        """The resource as it is within this transaction."""

    def has_children(self, uri: Uri) -> bool:
        """Whether anything lies in the container."""

    def last_time(self, uri: Uri | None) -> int:
        """When the log last tells of the URI, or of anything for None; 0 for never."""

    def put(self, resource: Resource, parent: Uri | None) -> None:
        """Set the row of the resource."""

    def remove(self, uri: Uri) -> None:
        """Remove the row."""

    def touch(self, container: Uri, touched: int, modified: int) -> None:
        """Note that what the container lists has changed."""

    def append(self, entry: Entry) -> int:
        """Add an entry to the log, whose `seq` and `commit`, if 0, are given by the log; its `seq`."""

    def keep(self, staged: Staged) -> None:
        """Keep inline content, unless it is kept already."""

    def add_pod(self, pod: Pod) -> None:
        """Add a pod."""


def apply(rows: Rows, change: Change, now: int, draw: Callable[[], int]) -> Commit:
    """Write the change at the time `now`, with stamps from `draw`; Stale, and nothing, if it does not fit."""
    for expectation in change.expects:
        if not _holds(rows, expectation):
            raise Stale
    new = {write.uri for write in change.writes}
    for write in change.writes:
        if write.parent is not None and write.parent not in new and rows.get(write.parent) is None:
            raise Stale
    # Log times never go back, whatever the clock does.
    time = max(now, rows.last_time(None))
    applied = _Applied(rows, change, time, draw)
    for uri in change.removes:
        applied.remove(uri)
    for write in change.writes:
        applied.write(write)
    applied.touch()
    if change.pod is not None:
        rows.add_pod(change.pod)
    return Commit(applied.entries[-1].seq, tuple(applied.entries), tuple(applied.resources), time)


def _holds(rows: Rows, expectation: Expectation) -> bool:
    found = rows.get(expectation.uri)
    match expectation.state:
        case Expect.ABSENT:
            return found is None
        case Expect.PRESENT:
            return found is not None
        case Expect.EMPTY:
            return found is not None and not rows.has_children(expectation.uri)
        case revision:
            return found is not None and found.revision == revision


class _Applied:
    """The rows and entries of one change as they come to be."""

    def __init__(self, rows: Rows, change: Change, time: int, draw: Callable[[], int]) -> None:
        self._rows = rows
        self._change = change
        self._time = time
        self._draw = draw
        self._touched: dict[Uri, None] = {}
        self.entries: list[Entry] = []
        self.resources: list[Resource] = []

    def remove(self, uri: Uri) -> None:
        """Remove a resource that is there; others are passed over."""
        found = self._rows.get(uri)
        if found is None:
            return
        self._rows.remove(uri)
        self._log(found, Happening.DELETE, found.blob, None)
        self._note(names.parent(uri))

    def write(self, write: Write) -> None:
        """Create or replace a resource."""
        before = self._rows.get(write.uri)
        self._rows.keep(write.staged)
        earlier = self._rows.last_time(write.uri) if before is None else before.modified
        modified = max(self._time, before.modified + 1 if before else 0)
        resource = Resource(
            uri=write.uri,
            kind=write.kind,
            media_type=write.media_type,
            blob=write.staged.blob,
            revision=0,
            stamp=self._draw(),
            touched=(before.touched if before else self._draw()) if write.kind is Kind.CONTAINER else 0,
            created=before.created if before else self._time,
            modified=modified,
            shared_second=earlier // _SECOND == modified // _SECOND,
        )
        happening = Happening.UPDATE if before else Happening.CREATE
        seq = self._log(resource, happening, before.blob if before else None, resource.blob)
        resource = replace(resource, revision=seq)
        self._rows.put(resource, write.parent)
        self.resources.append(resource)
        self._note(write.parent)

    def touch(self) -> None:
        """Touch every container that lists something written or removed, and is still there."""
        for container in self._touched:
            found = self._rows.get(container)
            if found is not None:
                self._rows.touch(container, self._draw(), max(self._time, found.modified))

    def _note(self, container: Uri | None) -> None:
        if container is not None:
            self._touched[container] = None

    def _log(self, resource: Resource, happening: Happening, before: Blob | None, after: Blob | None) -> int:
        entry = Entry(
            seq=0,
            commit=self.entries[0].seq if self.entries else 0,
            uri=resource.uri,
            kind=resource.kind,
            happening=happening,
            media_type=resource.media_type,
            agent=self._change.agent,
            client=self._change.client,
            before=before,
            after=after,
            time=self._time,
        )
        seq = self._rows.append(entry)
        self.entries.append(replace(entry, seq=seq, commit=entry.commit or seq))
        return seq
