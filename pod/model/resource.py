"""Resources and the view of them that one decision needs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NewType

Uri = NewType("Uri", str)
"""The absolute URI of a resource of this server, normalised, without query or fragment."""


class Kind(StrEnum):
    """What a URI can name. The URI alone decides it: `pod.rules.names.kind`."""

    CONTAINER = "container"
    DOCUMENT = "document"
    POLICY = "policy"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, named by their SHA-256 in lower-case hexadecimal. A blob never changes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as it is stored.

    A container's blob holds only the triples that clients gave it; what it lists is
    the rows whose parent it is.
    """

    uri: Uri
    kind: Kind
    media_type: str
    """As the client sent it, with parameters; containers: always text/turtle."""
    blob: Blob
    revision: int
    """`seq` of the log entry that last changed its content; what writers expect."""
    stamp: int
    """Drawn at random at each change of content: two versions never share one, also
    when a restored store counts its revisions again. The ETag is made of it."""
    touched: int
    """Drawn at random at each change of what a container lists; 0 for all others."""
    created: int
    """Microseconds since 1970, UTC."""
    modified: int
    """Microseconds since 1970, UTC. For a container also moved by its listing."""
    shared_second: bool
    """An earlier state of this URI was modified in the same second, so that the date
    in Last-Modified does not tell the two apart."""


class Child(NamedTuple):
    """What a container lists of a resource. A tuple, since there may be many thousands."""

    uri: Uri
    kind: Kind
    media_type: str
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class Pod:
    """A tree of resources with an owner; the specification calls it a storage."""

    root: Uri
    name: str
    owners: tuple[str, ...]
    """WebIDs. At least one (server-storage-track-owner)."""
    account: str
    created: int
    closed: bool = False
    """Nothing in it is there for anyone: it was removed, or its account is to be deleted."""


@dataclass(frozen=True, slots=True)
class View:
    """All facts for one decision about `uri`, as of one moment.

    `target` is None when nothing is there. The *subject* of an auxiliary resource is what
    it describes; of anything else it is the resource itself.
    """

    uri: Uri
    target: Resource | None
    sibling: bool
    """The URI with the trailing slash added or removed exists (server-uri-trailing-slash-distinct)."""
    subject: Resource | None
    """The subject of an auxiliary resource; else the target."""
    ancestors: tuple[Resource, ...]
    """The containers above the subject that exist, nearest first, up to the root of the pod.
    A gap (a missing intermediate container) is possible only below the first of them."""
    blocking: Uri | None
    """A document that stands where the path needs a container: x for a target x/y."""
    policies: tuple[Resource, ...]
    """The policies that exist, of the subject and then of `ancestors`, nearest first."""
    pod: Pod | None
    """The pod that the URI lies in; None outside of all pods."""
