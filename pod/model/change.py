"""What will happen, and what has happened."""

from dataclasses import dataclass
from enum import StrEnum

from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Resource, Uri


class Expect(StrEnum):
    """What must be true of a URI when a change is committed."""

    ABSENT = "absent"
    PRESENT = "present"
    EMPTY = "empty"
    """Present, a container, and no resource lies in it."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """`state` of `uri` at commit; a number means: exactly at this revision."""

    uri: Uri
    state: Expect | int


@dataclass(frozen=True, slots=True)
class Write:
    """A resource that will exist with this content. Its parent follows from its kind and URI."""

    uri: Uri
    kind: Kind
    media_type: str
    staged: Staged
    parent: Uri | None
    """The container that lists it; None for policies, descriptions and the root of a pod."""


@dataclass(frozen=True, slots=True)
class Change:
    """All that one operation will do, whole or not at all.

    Removals come first, then writes in order: containers before what they hold.
    The store gives revisions, stamps and times, and touches each container that lists
    something written or removed.
    """

    expects: tuple[Expectation, ...]
    writes: tuple[Write, ...] = ()
    removes: tuple[Uri, ...] = ()
    agent: str | None = None
    client: str | None = None
    pod: Pod | None = None
    """A pod that comes to be with this change; its root is among the writes."""


class Happening(StrEnum):
    """What a log entry tells of its resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log: one resource in one commit."""

    seq: int
    commit: int
    """`seq` of the first entry of the same commit."""
    uri: Uri
    kind: Kind
    happening: Happening
    media_type: str
    """After the change; before it when the resource was deleted."""
    agent: str | None
    client: str | None
    before: Blob | None
    after: Blob | None
    time: int
    """Microseconds since 1970, UTC; never less than that of an earlier entry."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A change that happened, durably."""

    seq: int
    """Of its last entry."""
    entries: tuple[Entry, ...]
    resources: tuple[Resource, ...]
    """What was written, as it is after the commit, in the order of `Change.writes`."""
    time: int
