"""The Store and Records ports over one SQLite file, which any number of processes may share.

Reads run at once in the event loop: a short one takes less time than handing it to a thread.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

from pod.errors import PodError
from pod.model.change import Change, Commit, Entry
from pod.model.resource import Child, Kind, Pod, Resource, Uri, View
from pod.rules import names
from pod.storage import sql
from pod.storage.applying import apply
from pod.storage.checking import Fault, Place, faults, mend, report
from pod.storage.leading import Leading
from pod.storage.leaving import Former, as_pod, close, end
from pod.storage.ports import Damage, Purged, Usage
from pod.storage.purging import Purging
from pod.storage.sqlite import Reader
from pod.storage.transactions import Transactions
from pod.storage.turns import Turns
from pod.storage.viewing import Views
from pod.storage.waking import Bell

CATCH_UP = 1000
"""Beyond so many commits of others, starting anew costs less than following them."""
POLL_SECONDS = 1.0
"""How often the log is looked at although nobody told of news: for who writes and cannot tell."""


class SqliteStore:
    """The Store port."""

    def __init__(
        self,
        path: Path,
        reader: Reader,
        transactions: Transactions,
        purging: Purging,
        together: tuple[Bell, Leading],
        clock: Callable[[], int],
    ) -> None:
        self._path = path
        self._bell, self._leading = together
        self._reader = reader
        self._transactions = transactions
        self._purging = purging
        self._clock = clock
        self._turns = Turns()
        self._version = -1
        self._seq = 0
        self._looked = False
        self._views = Views(self._find, self._pod_at)
        self._counting = asyncio.Semaphore(1)

    async def view(self, uri: Uri) -> View:
        """See Store."""
        kept = self._views.kept(uri)
        if kept is not None and (self._looked or self._reader.version() == self._version):
            self._note_look()
            return kept
        with self._reader.snapshot():
            self._catch_up()
            found = self._views.view(uri)
        self._note_look()
        return found

    def _note_look(self) -> None:
        """Take what is kept for true during the rest of this turn of the event loop.

        Whoever asks within it has learned of no commit since the look: each request, and each writer who is
        told that its commit is done, gets a turn that comes after this one.
        """
        if not self._looked:
            self._looked = True
            asyncio.get_running_loop().call_soon(self._end_look)

    def _end_look(self) -> None:
        self._looked = False

    def _find(self, uri: Uri) -> Resource | None:
        row = self._reader.row(sql.RESOURCE, (uri,))
        return None if row is None else sql.resource(row)

    def _pod_at(self, uri: Uri) -> Pod | None:
        found = sql.pods(self._reader.rows(sql.POD, (uri,)))
        if found:
            return found[0]
        row = self._reader.row(sql.FORMER, (uri,))
        return None if row is None else as_pod(sql.former(row))

    def _catch_up(self) -> None:
        """Forget what was changed since the last look, by this process or another."""
        version = self._reader.version()
        if version == self._version:
            return
        news = self._reader.rows(sql.NEWS, (self._seq, CATCH_UP))
        if len(news) == CATCH_UP:
            head = self._reader.row(sql.HEAD)
            assert head is not None  # there is news
            self._views.clear()
            self._seq = head[0]
        elif news:
            self._views.drop(map(sql.news, news))
            self._seq = news[-1][0]
        self._version = version

    async def children(self, container: Uri) -> Sequence[Child]:
        """See Store."""
        return sql.children(self._reader.rows(sql.CHILDREN, (container,)))

    async def listing(self, container: Uri) -> tuple[View, Sequence[Child], Resource | None]:
        """See Store."""
        with self._reader.snapshot():
            self._catch_up()
            description = self._views.view(names.description_of(container)).target
            return self._views.view(container), await self.children(container), description

    async def is_empty(self, container: Uri) -> bool:
        """See Store."""
        return self._reader.row(sql.FIRST_CHILD, (container,)) is None

    async def commit(self, change: Change) -> Commit:
        """See Store."""
        commit = await self._transactions.run(lambda rows: apply(rows, change, self._clock()))
        self._bell.ring()
        return commit

    async def log(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """See Store."""
        return [sql.entry(row) for row in self._reader.rows(sql.LOG, (after, limit))]

    async def head(self) -> int:
        """See Store."""
        row = self._reader.row(sql.HEAD)
        return 0 if row is None else int(row[0])

    async def wait(self, after: int) -> None:
        """See Store."""
        while not self._reader.rows(sql.NEWS, (after, 1)):
            await self._bell.heard(POLL_SECONDS)

    def leads(self, work: str) -> bool:
        """See Store."""
        return self._leading.leads(work)

    def turn(self, uri: Uri) -> AbstractAsyncContextManager[None]:
        """See Store."""
        return self._turns.turn(uri)

    async def of_kind(self, kind: Kind) -> Sequence[Uri]:
        """See Store."""
        return [row[0] for row in self._reader.rows(sql.OF_KIND, (str(kind),))]

    async def pods(self) -> Sequence[Pod]:
        """See Store."""
        return sql.pods(self._reader.rows(sql.PODS))

    async def pods_of(self, account: str) -> Sequence[Pod]:
        """See Store."""
        return sql.pods(self._reader.rows(sql.PODS_OF, (account,)))

    async def usage(self, root: Uri) -> Usage:
        """See Store."""
        # It may take a second for millions of resources: in a thread, and one after the other.
        async with self._counting:
            return await asyncio.to_thread(self._used, root)

    def _used(self, root: Uri) -> Usage:
        reader = Reader(self._path)
        try:
            row = reader.row(sql.USAGE, (root, end(root)))
        finally:
            reader.close()
        assert row is not None  # a sum gives one row, always
        return Usage(*row)

    async def within(self, root: Uri, after: str = "", limit: int = 100) -> Sequence[Resource]:
        """See Store."""
        return [sql.resource(row) for row in self._reader.rows(sql.WITHIN, (root, after, end(root), limit))]

    async def close(self, root: Uri, closed: bool) -> None:
        """See Store."""
        await self._transactions.run(lambda rows: close(rows, root, closed, self._clock()))
        self._bell.ring()

    async def purge(self, root: Uri) -> Purged:
        """See Store."""
        # From the first step on nothing in the pod is there, and who follows the log is to learn that then.
        ringing = asyncio.get_running_loop().call_later(POLL_SECONDS / 10, self._bell.ring)
        try:
            return await self._purging.purge(root)
        finally:
            ringing.cancel()
            self._bell.ring()

    async def unfinished(self) -> Sequence[Uri]:
        """See Store."""
        return [row[0] for row in self._reader.rows(sql.UNFINISHED)]

    async def scrub(self) -> None:
        """See Store."""
        await self._purging.scrub()

    async def check(self, repair: bool = False) -> Sequence[Damage]:
        """See Store."""
        found = await asyncio.to_thread(self._faults)
        if not repair:
            return report(found, found)
        pods = {pod.root: pod for pod in await self.pods()}
        for fault in found:
            if fault.cure is not None:
                await self._transactions.run(partial(mend, fault, pods, self._clock()))
        return report(found, await asyncio.to_thread(self._faults))

    def _faults(self) -> list[Fault]:
        """Everything that is not as it must be, as of one moment; for a thread, since it may take minutes."""
        reader = Reader(self._path)
        try:
            with reader.snapshot():
                return list(dict.fromkeys(_evident(reader)))
        finally:
            reader.close()


def _evident(reader: Reader) -> Iterator[Fault]:
    try:
        for (line,) in reader.each("PRAGMA integrity_check"):
            if line != "ok":
                yield Fault(f"The database is damaged: {line}.")
        yield from faults(SqlEvidence(reader))
    except PodError as error:
        yield Fault(f"Not everything could be checked. {error.message}")


class SqlEvidence:
    """The Evidence of a database."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def pods(self) -> Sequence[Pod]:
        """See Evidence."""
        return sql.pods(self._reader.rows(sql.PODS))

    def formers(self) -> Sequence[Former]:
        """See Evidence."""
        return [sql.former(row) for row in self._reader.each(sql.FORMERS)]

    def places(self) -> Iterable[Place]:
        """See Evidence."""
        return ((uri, str(kind), parent) for uri, kind, parent in self._reader.each(sql.PLACES))

    def get(self, uri: Uri) -> Resource | None:
        """See Evidence."""
        row = self._reader.row(sql.RESOURCE, (uri,))
        return None if row is None else sql.resource(row)

    def unlogged(self) -> Iterable[Uri]:
        """See Evidence."""
        return (row[0] for row in self._reader.each(sql.UNLOGGED))

    def histories(self) -> Iterable[Entry]:
        """See Evidence."""
        return map(sql.entry, self._reader.each(sql.HISTORIES))

    def times(self) -> Iterable[tuple[int, int, int]]:
        """See Evidence."""
        return ((seq, commit, time) for seq, commit, time in self._reader.each(sql.TIMES))
