"""Blobs and rows in dicts."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace

from pod.errors import Damaged
from pod.model.change import Entry, Happening
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Resource, Uri
from pod.storage.applying import clock
from pod.storage.checking import Place
from pod.storage.contents import blob_of
from pod.storage.files import PIECE
from pod.storage.leaving import Former, blobs
from pod.storage.ports import RECENT, Damage, Purged


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
        return await self.keep(b"".join([chunk async for chunk in chunks]))

    async def keep(self, content: bytes) -> Staged:
        """See Blobs."""
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
        self.pods_by_root: dict[Uri, Pod] = {}
        self.former: dict[Uri, tuple[Former, Purged]] = {}
        self._deleted: dict[Uri, int] = {}

    def get(self, uri: Uri) -> Resource | None:
        """See Rows."""
        return self.resources.get(uri)

    def has_children(self, uri: Uri, besides: frozenset[Uri]) -> bool:
        """See Rows."""
        return bool(self.children.get(uri, set()) - besides)

    def has_pod(self, pod: Pod) -> bool:
        """See Rows."""
        taken = [(one.root, one.name) for one in self.pods_by_root.values()]
        taken += [(one.root, one.name) for one, _ in self.former.values()]
        return any(pod.root == root or pod.name == name for root, name in taken)

    def closed(self) -> tuple[Uri, ...]:
        """See Rows."""
        return tuple(root for root, pod in self.pods_by_root.items() if pod.closed)

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
        self.pods_by_root[pod.root] = pod

    def pod_at(self, root: Uri) -> Pod | None:
        """See LeavingRows."""
        return self.pods_by_root.get(root)

    def set_closed(self, root: Uri, closed: bool) -> None:
        """See LeavingRows."""
        self.pods_by_root[root] = replace(self.pods_by_root[root], closed=closed)

    def retire(self, former: Former) -> None:
        """See LeavingRows."""
        del self.pods_by_root[former.root]
        self.former[former.root] = (former, Purged(0, 0, 0, 0))

    def has_former(self, root: Uri) -> bool:
        """See LeavingRows."""
        return root in self.former

    def purge(self, former: Former) -> None:
        """Remove all that is left of the pod, at once: here nothing interrupts it."""
        gone = [uri for uri in self.resources if uri.startswith(former.root)]
        entries = [entry for entry in self.log if entry.uri.startswith(former.root) and entry.seq < former.seq]
        named = {blob for entry in entries for blob in blobs(entry)} | {self.resources[uri].blob for uri in gone}
        for uri in gone:
            self.remove(uri)
        self.log = [entry for entry in self.log if entry not in set(entries)]
        self._blobs.named = {blob.digest: blob.size for entry in self.log for blob in blobs(entry)}
        unneeded = [blob for blob in named if blob.digest not in self._blobs.named]
        for blob in unneeded:
            self._blobs.contents.pop(blob.digest, None)
        purged = Purged(len(gone), len(entries), len(unneeded), sum(blob.size for blob in unneeded))
        self.former[former.root] = (replace(former, done=True), purged)

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
        return [self.pods_by_root[root] for root in sorted(self.pods_by_root)]

    def formers(self) -> Sequence[Former]:
        """See Evidence."""
        return [self.former[root][0] for root in sorted(self.former)]

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
