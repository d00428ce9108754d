"""Storage in dicts: the reference that the other backends are compared with, and fast for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from pod.errors import Damaged
from pod.model.change import Change, Commit, Entry, Happening
from pod.model.representation import Staged
from pod.model.resource import Blob, Child, Kind, Pod, Resource, Uri, View
from pod.storage.applying import apply, clock, finish
from pod.storage.checking import Fault, Place, faults, mend, report
from pod.storage.contents import blob_of
from pod.storage.files import PIECE
from pod.storage.ports import RECENT, Damage, Swap
from pod.storage.turns import Turns
from pod.storage.viewing import Views


class MemoryBlobs:
    """The Blobs port in a dict."""

    def __init__(self, now: Callable[[], int] = clock) -> None:
        self._clock = now
        self.contents: dict[str, tuple[bytes, int]] = {}
        """Each with the time when it was saved."""
        self.named: dict[str, int] = {}
        """What resources or the log name, with its size."""

    async def save(self, chunks: AsyncIterator[bytes]) -> Staged:
        """See Blobs."""
        content = b"".join([chunk async for chunk in chunks])
        blob = blob_of(content)
        self.contents[blob.digest] = (content, self._clock())
        return Staged(blob, content)

    async def read(self, blob: Blob) -> bytes:
        """See Blobs."""
        found = self.contents.get(blob.digest)
        if found is None:
            raise Damaged(f"The content {blob.digest} is missing.")
        if blob_of(found[0]) != blob:
            raise Damaged(f"The content {blob.digest} is not what it was.")
        return found[0]

    async def stream(self, blob: Blob, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See Blobs."""
        content = (await self.read(blob))[:end]
        for offset in range(start, len(content), PIECE):
            yield content[offset : offset + PIECE]

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """See Blobs."""
        found = []
        for digest, size in self.named.items():
            try:
                await self.read(Blob(digest, size))
            except Damaged as error:
                found.append(Damage(error.message, repaired=False))
        before = self._clock() - RECENT
        found += [
            Damage(f"The content {digest} belongs to nothing.", repaired=repair) for digest in self._unnamed(before)
        ]
        if repair:
            await self.sweep(before)
        return found

    async def sweep(self, older_than: int) -> int:
        """See Blobs."""
        unwanted = self._unnamed(older_than)
        for digest in unwanted:
            del self.contents[digest]
        return len(unwanted)

    def _unnamed(self, older_than: int) -> list[str]:
        contents = self.contents.items()
        return [digest for digest, (_, saved) in contents if digest not in self.named and saved < older_than]


class MemoryRows:
    """Resources, the log and pods in dicts. A change is a transaction: nothing else runs meanwhile."""

    def __init__(self, blobs: MemoryBlobs) -> None:
        self._blobs = blobs
        self.listings: dict[Uri, int] = {}
        self.resources: dict[Uri, Resource] = {}
        self.parents: dict[Uri, Uri | None] = {}
        self.children: dict[Uri, set[Uri]] = {}
        self.log: list[Entry] = []
        self.pod_at: dict[Uri, Pod] = {}
        self._deleted: dict[Uri, int] = {}

    def get(self, uri: Uri) -> Resource | None:
        """See Rows."""
        return self.resources.get(uri)

    def has_children(self, uri: Uri, besides: frozenset[Uri]) -> bool:
        """See Rows."""
        return bool(self.children.get(uri, set()) - besides)

    def has_pod(self, pod: Pod) -> bool:
        """See Rows."""
        return any(pod.root == one.root or pod.name == one.name for one in self.pod_at.values())

    def holds(self, blob: Blob) -> bool:
        """See Rows."""
        return blob.digest in self._blobs.contents

    def head(self) -> tuple[int, int]:
        """See Rows."""
        return (self.log[-1].seq, self.log[-1].time) if self.log else (0, 0)

    def deleted(self, uri: Uri) -> int:
        """See Rows."""
        return self._deleted.get(uri, 0)

    def put(self, resource: Resource, parent: Uri | None, *, new: bool) -> None:
        """See Rows."""
        self.resources[resource.uri] = resource
        if new:
            self._list(resource.uri, parent)

    def remove(self, uri: Uri) -> None:
        """See Rows."""
        del self.resources[uri]
        self._unlist(uri)

    def touch(self, container: Resource) -> None:
        """See Rows."""
        self.resources[container.uri] = container

    def append(self, entry: Entry) -> None:
        """See Rows."""
        self.log.append(entry)
        self._blobs.named |= {blob.digest: blob.size for blob in (entry.before, entry.after) if blob is not None}
        if entry.happening is Happening.DELETE:
            self._deleted[entry.uri] = entry.time

    def keep(self, staged: Staged, time: int) -> None:
        """See Rows."""
        if staged.inline is not None:
            self._blobs.contents.setdefault(staged.blob.digest, (staged.inline, time))

    def add_pod(self, pod: Pod) -> None:
        """See Rows."""
        self.pod_at[pod.root] = pod

    def move(self, uri: Uri, kind: Kind, parent: Uri | None) -> Uri | None:
        """See MendableRows."""
        self.resources[uri] = replace(self.resources[uri], kind=kind)
        former = self._unlist(uri)
        self._list(uri, parent)
        return former

    def latest(self, uri: Uri) -> Entry | None:
        """See MendableRows."""
        return next((entry for entry in reversed(self.log) if entry.uri == uri), None)

    def _list(self, uri: Uri, parent: Uri | None) -> None:
        self.parents[uri] = parent
        if parent is not None:
            self.children.setdefault(parent, set()).add(uri)

    def _unlist(self, uri: Uri) -> Uri | None:
        parent = self.parents.pop(uri)
        if parent is not None:
            self.children[parent].discard(uri)
        return parent

    # What a check needs.

    def pods(self) -> Sequence[Pod]:
        """See Evidence."""
        return [self.pod_at[root] for root in sorted(self.pod_at)]

    def places(self) -> Iterable[Place]:
        """See Evidence."""
        return [(uri, str(one.kind), self.parents.get(uri)) for uri, one in self.resources.items()]

    def unlogged(self) -> Iterable[Uri]:
        """See Evidence."""
        logged = {(entry.uri, entry.seq) for entry in self.log}
        return [uri for uri, one in self.resources.items() if (uri, one.revision) not in logged]

    def histories(self) -> Iterable[Entry]:
        """See Evidence."""
        return sorted(self.log, key=lambda entry: (entry.uri, entry.seq))

    def times(self) -> Iterable[tuple[int, int, int]]:
        """See Evidence."""
        return [(entry.seq, entry.commit, entry.time) for entry in self.log]


class MemoryStore:
    """The Store port in dicts."""

    def __init__(self, blobs: MemoryBlobs, now: Callable[[], int] = clock) -> None:
        self._clock = now
        self._turns = Turns()
        self._news = asyncio.Condition()
        self.rows = MemoryRows(blobs)
        self._views = Views(self.rows.get, self.rows.pod_at.get)

    async def view(self, uri: Uri) -> View:
        """See Store."""
        return self._views.view(uri)

    async def children(self, container: Uri) -> Sequence[Child]:
        """See Store."""
        found = [self.rows.resources[uri] for uri in sorted(self.rows.children.get(container, ()))]
        return [Child(one.uri, one.kind, one.media_type, one.blob.size, one.modified) for one in found]

    async def listing(self, container: Uri) -> tuple[View, Sequence[Child]]:
        """See Store."""
        return self._views.view(container), await self.children(container)

    async def is_empty(self, container: Uri) -> bool:
        """See Store."""
        return not self.rows.children.get(container)

    async def commit(self, change: Change) -> Commit:
        """See Store."""
        commit = apply(self.rows, change, self._clock())
        finish(self.rows)
        await self._tell(commit.entries)
        return commit

    async def _tell(self, entries: Sequence[Entry]) -> None:
        self._views.drop((entry.uri, entry.kind, entry.happening) for entry in entries)
        async with self._news:
            self._news.notify_all()

    async def log(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """See Store."""
        return self.rows.log[after : after + limit]

    async def wait(self, after: int) -> None:
        """See Store."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.rows.log) > after)

    def turn(self, uri: Uri) -> AbstractAsyncContextManager[None]:
        """See Store."""
        return self._turns.turn(uri)

    async def of_kind(self, kind: Kind) -> Sequence[Uri]:
        """See Store."""
        return sorted(uri for uri, one in self.rows.resources.items() if one.kind is kind)

    async def pods(self) -> Sequence[Pod]:
        """See Store."""
        return self.rows.pods()

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """See Store."""
        found = self._faults()
        if repair:
            seq, _ = self.rows.head()
            for fault in found:
                mend(fault, self.rows.pod_at, self._clock(), self.rows)
            finish(self.rows)
            await self._tell(self.rows.log[seq:])
        return report(found, self._faults() if repair else found)

    def _faults(self) -> list[Fault]:
        return list(dict.fromkeys(faults(self.rows)))


class MemoryRecords:
    """The Records port in a dict."""

    def __init__(self, now: Callable[[], int] = clock) -> None:
        self._clock = now
        self._values: dict[tuple[str, str], tuple[bytes, int | None]] = {}

    async def get(self, family: str, key: str) -> bytes | None:
        """See Records."""
        value, expires = self._values.get((family, key), (None, None))
        return value if expires is None or expires > self._clock() else None

    async def put(self, family: str, key: str, value: bytes, expires: int | None = None) -> None:
        """See Records."""
        self._values[family, key] = (value, expires)

    async def replace(self, family: str, key: str, old: bytes | None, new: bytes | None) -> bool:
        """See Records."""
        return await self.swap(Swap(family, key, old, new))

    async def swap(self, *swaps: Swap) -> bool:
        """See Records."""
        if any([await self.get(one.family, one.key) != one.old for one in swaps]):
            return False
        for one in swaps:
            if one.new is None:
                self._values.pop((one.family, one.key), None)
            else:
                self._values[one.family, one.key] = (one.new, one.expires)
        return True

    async def below(self, family: str, prefix: str) -> Sequence[tuple[str, bytes]]:
        """See Records."""
        found = [key for key in await self.keys(family) if key.startswith(prefix)]
        return [(key, self._values[family, key][0]) for key in found]

    async def keys(self, family: str) -> Sequence[str]:
        """See Records."""
        return sorted([key for one, key in self._values if one == family and await self.get(one, key) is not None])

    async def sweep(self) -> None:
        """See Records."""
        now = self._clock()
        self._values = {key: one for key, one in self._values.items() if one[1] is None or one[1] > now}
