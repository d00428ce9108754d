"""What the rest of the server asks of storage. A backend never contains a rule of Solid.

Two implementations stand behind each port: memory, the reference, and SQLite with files.
Methods are async because a backend may be far away; SQLite answers short reads at once.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from pod.model.change import Change, Commit, Entry
from pod.model.representation import Staged
from pod.model.resource import Blob, Child, Kind, Pod, Resource, Uri, View

INLINE_LIMIT = 64 * 1024
"""Content up to this many bytes is kept in the database, beyond it in a file of its own."""
RECENT = 24 * 3600 * 1_000_000
"""What was saved so many microseconds ago, or later, may belong to a write that is under way."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it must be."""

    what: str
    """One sentence, with the URI or digest."""
    repaired: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """What a pod takes up."""

    bytes: int
    """Of the present content of all its resources; earlier versions are not counted."""
    resources: int
    """Policies and descriptions too."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed of a pod."""

    resources: int
    entries: int
    """Of the log."""
    contents: int
    """Present and earlier ones that nothing else named."""
    bytes: int
    """Of these contents."""


class Store(Protocol):
    """Resources, pods and the log."""

    async def view(self, uri: Uri) -> View:
        """All facts about `uri`, as of one moment; includes every commit that was acknowledged
        before the call, by whichever process. The same object again while nothing in it changed.
        """

    async def children(self, container: Uri) -> Sequence[Child]:
        """What the container lists, in the order of URIs, as of one moment."""

    async def listing(self, container: Uri) -> tuple[View, Sequence[Child], Resource | None]:
        """The view of the container, its children and its description, all as of one moment."""

    async def is_empty(self, container: Uri) -> bool:
        """Whether nothing lies in the container."""

    async def commit(self, change: Change) -> Commit:
        """Apply all of `change` and append it to the log, or raise and do nothing.

        Returns once the commit is durable. Commits are totally ordered by `seq`, and by time;
        a reader that sees one sees all before it. Raises Stale when an expectation does not
        hold, staged content is missing, the pod exists already, or the rows would not fit each
        other: a child without a container, an auxiliary resource without a subject, a document
        beside a container of its name. Raises Busy when the database stays locked, StorageFull.
        """

    async def log(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """Entries with a greater `seq`, in order."""

    async def head(self) -> int:
        """`seq` of the newest entry of the log; 0 when there is none."""

    async def wait(self, after: int) -> None:
        """Return when the log may have entries after `after`, by whichever process they came."""

    def leads(self, work: str) -> bool:
        """Whether this process is the one that does some work for all that share the storage.

        It is from the first time that no other is, until it ends. Another asks again now and then.
        """

    def turn(self, uri: Uri) -> AbstractAsyncContextManager[None]:
        """Writers to `uri` in this process queue here; a courtesy that makes retries rare."""

    async def of_kind(self, kind: Kind) -> Sequence[Uri]:
        """Every resource of the kind, in the order of URIs."""

    async def pods(self) -> Sequence[Pod]:
        """Every pod, in the order of roots."""

    async def pods_of(self, account: str) -> Sequence[Pod]:
        """The pods of the account, in the order of roots."""

    async def usage(self, root: Uri) -> Usage:
        """What the pod takes up; others get their turn while it is counted."""

    async def within(self, root: Uri, after: str = "", limit: int = 100) -> Sequence[Resource]:
        """Resources of the pod, also of a closed one, in the order of URIs: the first ones after `after`."""

    async def close(self, root: Uri, closed: bool) -> None:
        """Close the pod, or open it again; NotFound when there is none.

        From that moment nothing in a closed pod is there for anyone, and no commit changes it. The
        log tells of it as of a change of the root.
        """

    async def purge(self, root: Uri) -> Purged:
        """Remove the pod for good; NotFound when there never was one.

        From the first moment it is no more. Resources, history, and content that nothing else names
        go in steps that give others their turn; after an interruption the next call goes on,
        until it returns. When it returns, nothing that was removed is left in any file. Of the log
        stays one entry: that the root was deleted, by nobody, and no content. So whoever follows the log
        learns that everything in the pod is gone, however late. Its name is never given away again.
        """

    async def unfinished(self) -> Sequence[Uri]:
        """The roots of pods whose removal was interrupted, or is under way."""

    async def scrub(self) -> None:
        """Overwrite what was removed, records too, in every file that has it; Busy when others read for long."""

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """Verify rows, containment and log against each other; `repair` mends what follows from the rest."""


class Blobs(Protocol):
    """Immutable bytes, named by digest."""

    async def save(self, chunks: AsyncIterator[bytes]) -> Staged:
        """Keep the bytes durably, or at hand for the commit when they are few.

        Raises StorageFull; an iterator that raises leaves nothing behind.
        """

    async def keep(self, content: bytes) -> Staged:
        """The same for bytes that are at hand."""

    async def read(self, blob: Blob) -> bytes:
        """The whole content; for what fits in memory. Raises Damaged when it is missing or another."""

    def stream(self, blob: Blob, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to but not including `end`, in pieces of at most 256 KiB.

        Raises Damaged when they are missing. Large content is not verified: that takes all of it.
        """

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """Verify every digest that resources or the log name; `repair` removes what nobody names."""

    async def sweep(self, older_than: int) -> int:
        """Remove blobs that neither a resource nor the log names, and that came before
        `older_than` (microseconds since 1970); how many went.
        """


@dataclass(frozen=True, slots=True)
class Swap:
    """One value to be another: `new` (None: removed) in the place of `old` (None: absent)."""

    family: str
    key: str
    old: bytes | None
    new: bytes | None
    expires: int | None = None
    """When the new value ends, in microseconds since 1970."""


class Records(Protocol):
    """Small keyed values beside the resources: accounts and what belongs to them, cached remote documents."""

    async def get(self, family: str, key: str) -> bytes | None:
        """The value, or None when there is none or it has expired."""

    async def put(self, family: str, key: str, value: bytes, expires: int | None = None) -> None:
        """Set the value, durably; `expires` in microseconds since 1970."""

    async def replace(self, family: str, key: str, old: bytes | None, new: bytes | None) -> bool:
        """Set `new` (None: remove) if the value is `old` (None: absent) at this moment; whether it was."""

    async def swap(self, *swaps: Swap) -> bool:
        """Make all of the swaps, if each value is the old one at this moment, else none; whether they were made.

        Durable when it returns. No two may be about the same key.
        """

    async def keys(self, family: str) -> Sequence[str]:
        """Every key of the family, in order."""

    async def below(self, family: str, prefix: str) -> Sequence[tuple[str, bytes]]:
        """Every key of the family that begins with the prefix, which is not empty, with its value, in order of keys."""

    def version(self) -> int:
        """A number that is another one once any record has changed, by whichever process; it may be for less too.

        So who waits for a change need not look at the records again and again.
        """

    async def sweep(self) -> None:
        """Remove what has expired."""


class Replays(Protocol):
    """Remembers what may be used once, for all workers of a server together."""

    def first_use(self, key: bytes, until: int) -> bool:
        """Whether `key` was not given before; it is remembered until `until` (seconds since 1970).

        Raises Busy when more is to be remembered than there is room for: never a guess.
        """
