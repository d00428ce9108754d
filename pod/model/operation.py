"""Wishes to write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pod.model.access import Mode
from pod.model.representation import Body
from pod.model.resource import Uri


@dataclass(frozen=True, slots=True)
class Conditions:
    """The preconditions of a request (RFC 9110, 13.1); None: not asked.

    Entity tags keep their quotes and a `W/` prefix; `*` is the tuple ("*",). Dates are
    seconds since 1970.
    """

    if_match: tuple[str, ...] | None = None
    if_none_match: tuple[str, ...] | None = None
    if_modified_since: int | None = None
    if_unmodified_since: int | None = None


UNCONDITIONAL = Conditions()


@dataclass(frozen=True, slots=True)
class Put:
    """Create `target` or replace its content. `media_type` None: the request had no content type."""

    target: Uri
    media_type: str | None
    body: Body


@dataclass(frozen=True, slots=True)
class Post:
    """Create a resource in the container `target`; the server chooses its URI near `slug`."""

    target: Uri
    media_type: str | None
    body: Body
    slug: str | None = None
    container: bool = False


class Edit(Protocol):
    """How a patch changes content."""

    @property
    def modes(self) -> frozenset[Mode]:
        """The modes that the patch needs on its target."""

    def apply(self, content: bytes, media_type: str, base: Uri, contexts: Mapping[str, bytes]) -> bytes:
        """The patched content, in the same media type and with the prefixes it had.

        Raises Conflict when the patch does not fit. `contexts` are the remote JSON-LD
        contexts that `content` refers to, by URL.
        """


@dataclass(frozen=True, slots=True)
class Patch:
    """Change the content of `target`, which comes to be as Turtle if it is not there."""

    target: Uri
    edit: Edit


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove `target` with its auxiliary resources."""

    target: Uri


Operation = Put | Post | Patch | Delete
