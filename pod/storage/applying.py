"""How a change becomes rows: once, for every backend that has rows.

All expectations are checked before anything is written, so that a change that is refused
leaves nothing behind, also when it shares its transaction with others.
"""

import os
import time
from dataclasses import replace
from typing import Protocol

from pod.errors import Stale
from pod.model.change import Change, Commit, Entry, Expect, Expectation, Happening, Write
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Resource, Uri
from pod.rules import names

_SECOND = 1_000_000


def clock() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def stamp() -> int:
    """A number that was never drawn before, as good as surely, and that a database can keep."""
    return int.from_bytes(os.urandom(8)) >> 1


class Rows(Protocol):
    """The rows of one transaction, which nobody else changes meanwhile."""

    listings: dict[Uri, int]
    """When what a container lists was changed by this transaction."""

    def get(self, uri: Uri) -> Resource | None:
        """The resource as it is within this transaction."""

    def has_children(self, uri: Uri, besides: frozenset[Uri]) -> bool:
        """Whether anything else lies in the container."""

    def has_pod(self, pod: Pod) -> bool:
        """Whether a pod has, or had, the same root or the same name."""

    def closed(self) -> tuple[Uri, ...]:
        """The roots of pods that are closed, or are being removed."""

    def holds(self, blob: Blob) -> bool:
        """Whether the content is kept."""

    def head(self) -> tuple[int, int]:
        """`seq` and time of the newest entry of the log; zeros when there is none."""

    def deleted(self, uri: Uri) -> int:
        """When the resource was last deleted; 0 for never."""

    def put(self, resource: Resource, parent: Uri | None, *, new: bool) -> None:
        """Add the row of the resource, or replace all of it but the parent."""

    def remove(self, uri: Uri) -> None:
        """Remove the row."""

    def touch(self, container: Resource) -> None:
        """Replace `touched`, `modified` and `shared_second` in the row."""

    def append(self, entry: Entry) -> None:
        """Add the entry to the log; it becomes the head."""

    def keep(self, staged: Staged, time: int) -> None:
        """Keep inline content, which came at `time`, unless it is kept already."""

    def add_pod(self, pod: Pod) -> None:
        """Add a pod."""


def apply(rows: Rows, change: Change, now: int) -> Commit:
    """Write the change at the time `now`; Stale, and nothing written, if it does not fit. `finish` must follow."""
    if not all(_holds(rows, expectation) for expectation in change.expects):
        raise Stale
    if change.pod is not None and rows.has_pod(change.pod):
        raise Stale
    closed = rows.closed()
    if closed and any(uri.startswith(closed) for uri in (*(one.uri for one in change.writes), *change.removes)):
        raise Stale
    # What was staged long ago may have been swept.
    if not all(one.staged.inline is not None or rows.holds(one.staged.blob) for one in change.writes):
        raise Stale
    _require_sound(rows, change)
    return write(rows, change, now)


def _require_sound(rows: Rows, change: Change) -> None:
    """Raise Stale unless the rows will fit each other after the change.

    That does not rest on what the planner thought of: whatever it saw may have changed.
    """
    gone, made = frozenset(change.removes), set[Uri]()

    def there(uri: Uri) -> bool:
        return uri in made or (uri not in gone and rows.get(uri) is not None)

    for one in change.writes:
        subject = names.subject(one.uri)
        needed = one.parent if subject == one.uri else subject
        if needed is not None and not there(needed):
            raise Stale
        if subject == one.uri and not there(one.uri) and there(names.sibling(one.uri)):
            raise Stale
        made.add(one.uri)
    for uri in gone - made:
        if names.subject(uri) == uri and (there(names.policy_of(uri)) or there(names.description_of(uri))):
            raise Stale
        if names.kind(uri) is Kind.CONTAINER and rows.has_children(uri, gone):
            raise Stale


def _holds(rows: Rows, expectation: Expectation) -> bool:
    found = rows.get(expectation.uri)
    match expectation.state:
        case Expect.ABSENT:
            return found is None
        case Expect.PRESENT:
            return found is not None
        case Expect.EMPTY:
            return found is not None and not rows.has_children(expectation.uri, frozenset())
        case revision:
            return found is not None and found.revision == revision


def write(rows: Rows, change: Change, now: int) -> Commit:
    """Write the change at the time `now`, whatever it expects; `finish` must follow."""
    seq, last = rows.head()
    # Each commit has a time of its own and later than all before it, whatever the clock does:
    # so no two states of a resource were modified in the same microsecond.
    writing = _Writing(rows, change, max(now, last + 1), seq)
    for uri in change.removes:
        writing.remove(uri)
    for one in change.writes:
        writing.write(one)
    rows.listings |= dict.fromkeys((uri for uri in writing.listing if uri is not None), writing.time)
    if change.pod is not None:
        rows.add_pod(change.pod)
    return Commit(writing.seq, tuple(writing.entries), tuple(writing.resources.values()), writing.time)


class _Writing:
    """The rows and entries of one change as they come to be; `seq` is that of the newest entry."""

    def __init__(self, rows: Rows, change: Change, time: int, seq: int) -> None:
        self.rows = rows
        self.change = change
        self.time = time
        self.seq = seq
        self.first = seq + 1
        self.entries: list[Entry] = []
        self.resources: dict[Uri, Resource] = {}
        self.listing = {_shown_in(one.uri) for one in change.writes}
        """Containers whose representation shows something which this change writes or removes."""

    def remove(self, uri: Uri) -> None:
        """Remove a resource that is there; others are passed over."""
        found = self.rows.get(uri)
        if found is None:
            return
        self.rows.remove(uri)
        self._log(found, Happening.DELETE, found.blob, None)
        self.listing.add(_shown_in(uri))

    def write(self, one: Write) -> None:
        """Create or replace a resource."""
        before = self.rows.get(one.uri)
        self.rows.keep(one.staged, self.time)
        earlier = self.rows.deleted(one.uri) if before is None else before.modified
        listing = 0
        if one.kind is Kind.CONTAINER:
            listing = stamp() if before is None else before.touched
        resource = Resource(
            one.uri,
            one.kind,
            one.media_type,
            one.staged.blob,
            revision=self.seq + 1,
            stamp=stamp(),
            touched=listing,
            created=self.time if before is None else before.created,
            modified=self.time,
            shared_second=same_second(earlier, self.time),
        )
        happening = Happening.CREATE if before is None else Happening.UPDATE
        self._log(resource, happening, None if before is None else before.blob, resource.blob)
        self.rows.put(resource, one.parent, new=before is None)
        self.resources[one.uri] = resource

    def _log(self, resource: Resource, happening: Happening, before: Blob | None, after: Blob | None) -> None:
        self.seq += 1
        entry = Entry(
            self.seq,
            self.first,
            resource.uri,
            resource.kind,
            happening,
            resource.media_type,
            self.change.agent,
            self.change.client,
            before,
            after,
            self.time,
        )
        self.rows.append(entry)
        self.entries.append(entry)


def _shown_in(uri: Uri) -> Uri | None:
    """The container that lists the resource, or says what it says, being its subject."""
    subject = names.subject(uri)
    if names.kind(uri) is Kind.DESCRIPTION and names.kind(subject) is Kind.CONTAINER:
        return subject
    return names.parent(uri)


def finish(rows: Rows) -> None:
    """Tell containers that what they list changed; before the end of the transaction.

    Of several states in one transaction nobody sees any but the last. A listing also tells
    when the containers in it changed, to the second, so that the one above may list something
    else as well: it gets another stamp, but keeps its date, or every write would reach the root.
    """
    above: dict[Uri, int] = {}
    for uri, moment in rows.listings.items():
        found = rows.get(uri)
        if found is None or _is_new(found, moment):
            continue
        shared = same_second(found.modified, moment)
        rows.touch(replace(found, touched=stamp(), modified=moment, shared_second=shared))
        parent = names.parent(uri)
        if parent is not None and not shared:
            above[parent] = max(moment, above.get(parent, 0))
    for uri, moment in above.items():
        found = rows.get(uri)
        if found is not None and not _is_new(found, moment):
            rows.touch(replace(found, touched=stamp(), shared_second=True))
    rows.listings.clear()


def _is_new(container: Resource, moment: int) -> bool:
    """It was written at that moment or later, and so has a state that nobody saw before."""
    return container.modified >= moment


def same_second(one: int, other: int) -> bool:
    """Whether a date in whole seconds is the same for both times."""
    return one // _SECOND == other // _SECOND
