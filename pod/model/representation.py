"""Content on its way in and out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from pod.model.access import Grants
from pod.model.resource import Blob, Pod, Resource, Uri, View


@dataclass(frozen=True, slots=True)
class Body:
    """A request's content, not read yet. Iterate once; reading raises TooLarge or ClientGone."""

    chunks: AsyncIterator[bytes]
    length: int | None
    """Content-Length, when the client sent one."""


@dataclass(frozen=True, slots=True)
class Staged:
    """Content that is stored or at hand, but that no resource points to yet.

    `inline` holds the bytes when they are small enough to travel in the commit itself;
    otherwise the blob is already durable. What nobody commits is swept a day later.
    """

    blob: Blob
    inline: bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A resource with one content chosen for the asker, and all that its headers need.

    The same object while nothing about it changed, so that what is made from it can be kept.
    """

    view: View
    resource: Resource
    media_type: str
    """Of this representation, with parameters."""
    etag: str
    """Strong, quoted; changes whenever the bytes of this representation do."""
    content: bytes | Blob
    """The bytes, or the stored blob when it is to be streamed."""
    grants: Grants
    public: Grants

    @property
    def size(self) -> int:
        """Bytes of the whole representation."""
        return self.content.size if isinstance(self.content, Blob) else len(self.content)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write did to the resource it was about."""

    uri: Uri
    """Of the resource written or removed; for a POST the one that was made."""
    pod: Pod | None
    """The pod that it lies in."""
    created: bool
    resource: Resource | None
    """As it is after the write; None when it was removed, or is not for the agent to know."""
    etag: str | None
    """Of the representation in the stored media type."""
