"""Storage in dicts: the reference that the other backends are compared with, and fast for tests."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from pod.errors import Damaged
from pod.model.change import Change, Commit, Entry
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Resource, Uri, View
from pod.storage.applying import apply
from pod.storage.checking import check_rows
from pod.storage.files import PIECE
from pod.storage.ports import Damage
from pod.storage.turns import Turns
from pod.storage.viewing import Views


class MemoryBlobs:
    """The Blobs port in a dict."""

    def __init__(self) -> None:
        self.contents: dict[str, tuple[bytes, int]] = {}
        self.named: set[str] = set()

    async def save(self, chunks: AsyncIterator[bytes]) -> Staged:
        """See Blobs."""
        content = b"".join([chunk async for chunk in chunks])
        blob = Blob(hashlib.sha256(content).hexdigest(), len(content))
        self.contents.setdefault(blob.digest, (content, time.time_ns() // 1000))
        return Staged(blob, content)

    async def read(self, blob: Blob) -> bytes:
        """See Blobs."""
        found = self.contents.get(blob.digest)
        if found is None:
            raise Damaged(f"The blob {blob.digest} is missing.")
        return found[0]

    async def stream(self, blob: Blob, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See Blobs."""
        content = (await self.read(blob))[:end]
        for offset in range(start, len(content), PIECE):
            yield content[offset : offset + PIECE]

    async def check(self, repair: bool = False) -> Sequence[Damage]:  # noqa: ARG002 - nothing derives here
        """See Blobs."""
        missing = sorted(self.named - self.contents.keys())
        return [Damage(f"The content {digest} is missing.", repaired=False) for digest in missing]

    async def sweep(self, older_than: int) -> int:
        """See Blobs."""
        unwanted = [
            digest for digest, (_, saved) in self.contents.items() if digest not in self.named and saved < older_than
        ]
        for digest in unwanted:
            del self.contents[digest]
        return len(unwanted)


class MemoryStore:
    """The Store port in dicts."""

    def __init__(self, blobs: MemoryBlobs) -> None:
        self._blobs = blobs
        self._turns = Turns()
        self._news = asyncio.Condition()
        self._resources: dict[Uri, tuple[Resource, Uri | None]] = {}
        self._children: dict[Uri, set[Uri]] = {}
        self._log: list[Entry] = []
        self._last: dict[Uri, int] = {}
        self._pods: dict[Uri, Pod] = {}
        self._views = Views(self.get, lambda: self._pods.values())

    async def view(self, uri: Uri) -> View:
        """See Store."""
        return self._views.view(uri)

    async def children(self, container: Uri) -> Sequence[Resource]:
        """See Store."""
        return [self._resources[uri][0] for uri in sorted(self._children.get(container, ()))]

    async def commit(self, change: Change) -> Commit:
        """See Store."""
        commit = apply(self, change, time.time_ns() // 1000, lambda: secrets.randbits(63))
        self._views.drop(commit.entries)
        async with self._news:
            self._news.notify_all()
        return commit

    async def log(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """See Store."""
        return self._log[after : after + limit]

    async def wait(self, after: int) -> None:
        """See Store."""
        async with self._news:
            await self._news.wait_for(lambda: len(self._log) > after)

    def turn(self, uri: Uri) -> AbstractAsyncContextManager[None]:
        """See Store."""
        return self._turns.turn(uri)

    async def of_kind(self, kind: Kind) -> Sequence[Uri]:
        """See Store."""
        return sorted(uri for uri, (one, _) in self._resources.items() if one.kind is kind)

    async def pods(self) -> Sequence[Pod]:
        """See Store."""
        return [self._pods[root] for root in sorted(self._pods)]

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """See Store."""
        rows = [(one.uri, str(one.kind), parent) for one, parent in self._resources.values()]
        return [Damage(what, repaired=False) for what in check_rows(rows, self._pods)] if not repair else []

    async def close(self) -> None:
        """See Store."""

    # The rows of a transaction: nothing else runs between the statements of one change.

    def get(self, uri: Uri) -> Resource | None:
        """See Rows."""
        found = self._resources.get(uri)
        return None if found is None else found[0]

    def has_children(self, uri: Uri) -> bool:
        """See Rows."""
        return bool(self._children.get(uri))

    def last_time(self, uri: Uri | None) -> int:
        """See Rows."""
        if uri is None:
            return self._log[-1].time if self._log else 0
        return self._last.get(uri, 0)

    def put(self, resource: Resource, parent: Uri | None) -> None:
        """See Rows."""
        self._resources[resource.uri] = (resource, parent)
        if parent is not None:
            self._children.setdefault(parent, set()).add(resource.uri)

    def remove(self, uri: Uri) -> None:
        """See Rows."""
        _, parent = self._resources.pop(uri)
        if parent is not None:
            self._children[parent].discard(uri)

    def touch(self, container: Uri, touched: int, modified: int) -> None:
        """See Rows."""
        resource, parent = self._resources[container]
        self._resources[container] = (replace(resource, touched=touched, modified=modified), parent)

    def append(self, entry: Entry) -> int:
        """See Rows."""
        seq = len(self._log) + 1
        self._log.append(replace(entry, seq=seq, commit=entry.commit or seq))
        self._last[entry.uri] = entry.time
        self._blobs.named.update(blob.digest for blob in (entry.before, entry.after) if blob is not None)
        return seq

    def keep(self, staged: Staged) -> None:
        """See Rows."""
        if staged.inline is not None:
            self._blobs.contents.setdefault(staged.blob.digest, (staged.inline, time.time_ns() // 1000))

    def add_pod(self, pod: Pod) -> None:
        """See Rows."""
        self._pods[pod.root] = pod


class MemoryRecords:
    """The Records port in a dict."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], tuple[bytes, int | None]] = {}

    async def get(self, family: str, key: str) -> bytes | None:
        """See Records."""
        value, expires = self._values.get((family, key), (None, None))
        return None if expires is not None and expires <= time.time_ns() // 1000 else value

    async def put(self, family: str, key: str, value: bytes, expires: int | None = None) -> None:
        """See Records."""
        self._values[family, key] = (value, expires)

    async def replace(self, family: str, key: str, old: bytes | None, new: bytes | None) -> bool:
        """See Records."""
        if await self.get(family, key) != old:
            return False
        if new is None:
            self._values.pop((family, key), None)
        else:
            self._values[family, key] = (new, None)
        return True

    async def keys(self, family: str) -> Sequence[str]:
        """See Records."""
        return sorted([key for one, key in self._values if one == family and await self.get(one, key) is not None])
