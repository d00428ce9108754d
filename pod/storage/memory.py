"""Storage in dicts: the reference that the other backends are compared with, and fast for tests."""

import asyncio
from bisect import bisect
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from pod.model.change import Change, Commit, Entry
from pod.model.resource import Child, Kind, Pod, Resource, Uri, View
from pod.rules import names
from pod.storage.applying import apply, clock, finish
from pod.storage.checking import Fault, faults, mend, report
from pod.storage.leaving import as_pod, begin_purge, close
from pod.storage.memory_rows import MemoryBlobs, MemoryRows
from pod.storage.ports import Damage, Purged, Swap, Usage
from pod.storage.turns import Turns
from pod.storage.viewing import Views


class MemoryStore:
    """The Store port in dicts."""

    def __init__(self, blobs: MemoryBlobs, now: Callable[[], int] = clock) -> None:
        self._clock = now
        self._turns = Turns()
        self._news = asyncio.Condition()
        self.rows = MemoryRows(blobs)
        self._views = Views(self.rows.get, self._pod_at)

    def _pod_at(self, root: Uri) -> Pod | None:
        if root in self.rows.former:
            return as_pod(self.rows.former[root][0])
        return self.rows.pods_by_root.get(root)

    async def view(self, uri: Uri) -> View:
        """See Store."""
        return self._views.view(uri)

    async def children(self, container: Uri) -> Sequence[Child]:
        """See Store."""
        found = [self.rows.resources[uri] for uri in sorted(self.rows.children.get(container, ()))]
        return [Child(one.uri, one.kind, one.media_type, one.blob.size, one.modified) for one in found]

    async def listing(self, container: Uri) -> tuple[View, Sequence[Child], Resource | None]:
        """See Store."""
        description = self._views.view(names.description_of(container)).target
        return self._views.view(container), await self.children(container), description

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
        first = bisect(self.rows.log, after, key=lambda entry: entry.seq)
        return self.rows.log[first : first + limit]

    async def head(self) -> int:
        """See Store."""
        return self.rows.head()[0]

    async def wait(self, after: int) -> None:
        """See Store."""
        async with self._news:
            await self._news.wait_for(lambda: self.rows.head()[0] > after)

    def leads(self, work: str) -> bool:  # noqa: ARG002 - there is no other process
        """See Store."""
        return True

    def turn(self, uri: Uri) -> AbstractAsyncContextManager[None]:
        """See Store."""
        return self._turns.turn(uri)

    async def of_kind(self, kind: Kind) -> Sequence[Uri]:
        """See Store."""
        return sorted(uri for uri, one in self.rows.resources.items() if one.kind is kind)

    async def pods(self) -> Sequence[Pod]:
        """See Store."""
        return self.rows.pods()

    async def pods_of(self, account: str) -> Sequence[Pod]:
        """See Store."""
        return [pod for pod in self.rows.pods() if pod.account == account]

    async def usage(self, root: Uri) -> Usage:
        """See Store."""
        sizes = [one.blob.size for uri, one in self.rows.resources.items() if uri.startswith(root)]
        return Usage(sum(sizes), len(sizes))

    async def within(self, root: Uri, after: str = "", limit: int = 100) -> Sequence[Resource]:
        """See Store."""
        found = sorted(uri for uri in self.rows.resources if uri.startswith(root) and uri > after)
        return [self.rows.resources[uri] for uri in found[:limit]]

    async def close(self, root: Uri, closed: bool) -> None:
        """See Store."""
        seq, _ = self.rows.head()
        close(self.rows, root, closed, self._clock())
        finish(self.rows)
        await self._tell(await self.log(seq))

    async def purge(self, root: Uri) -> Purged:
        """See Store."""
        begin_purge(self.rows, root, self._clock())
        former, _ = self.rows.former[root]
        if not former.done:
            self.rows.purge(former)
            await self._tell(await self.log(former.seq - 1, 1))
        return self.rows.former[root][1]

    async def unfinished(self) -> Sequence[Uri]:
        """See Store."""
        return [former.root for former in self.rows.formers() if not former.done]

    async def scrub(self) -> None:
        """See Store. There is no file."""

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """See Store."""
        found = self._faults()
        if repair:
            seq, _ = self.rows.head()
            for fault in found:
                mend(fault, self.rows.pods_by_root, self._clock(), self.rows)
            finish(self.rows)
            await self._tell(await self.log(seq, limit=len(self.rows.log)))
        return report(found, self._faults() if repair else found)

    def _faults(self) -> list[Fault]:
        return list(dict.fromkeys(faults(self.rows)))


class MemoryRecords:
    """The Records port in a dict."""

    def __init__(self, now: Callable[[], int] = clock) -> None:
        self._clock = now
        self._values: dict[tuple[str, str], tuple[bytes, int | None]] = {}
        self._version = 0

    async def get(self, family: str, key: str) -> bytes | None:
        """See Records."""
        value, expires = self._values.get((family, key), (None, None))
        return value if expires is None or expires > self._clock() else None

    async def put(self, family: str, key: str, value: bytes, expires: int | None = None) -> None:
        """See Records."""
        self._version += 1
        self._values[family, key] = (value, expires)

    async def replace(self, family: str, key: str, old: bytes | None, new: bytes | None) -> bool:
        """See Records."""
        return await self.swap(Swap(family, key, old, new))

    async def swap(self, *swaps: Swap) -> bool:
        """See Records."""
        if any([await self.get(one.family, one.key) != one.old for one in swaps]):
            return False
        self._version += 1
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

    def version(self) -> int:
        """See Records."""
        return self._version

    async def sweep(self) -> None:
        """See Records."""
        now = self._clock()
        self._values = {key: one for key, one in self._values.items() if one[1] is None or one[1] > now}
