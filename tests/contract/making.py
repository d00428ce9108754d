"""What the contract tests do to storage, in few words: a pod, its resources, and changes to them.

Paths are relative to the root of the one pod; "" is the root itself.
"""

import asyncio
import hashlib
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pod.model.change import Change, Commit, Expect, Expectation, Write
from pod.model.representation import Staged
from pod.model.resource import Blob, Pod, Uri, View
from pod.rules import names
from pod.storage.applying import apply, finish
from pod.storage.ports import Damage
from pod.storage.sql import SqlRows
from pod.storage.sqlite import connect
from pod.storage.stores import FILE, Stores, open_memory, open_sqlite

ROOT = Uri("https://pods.example/alice/")
ALICE = "https://pods.example/alice/profile/card#me"
APP = "https://app.example/id"
POD = Pod(ROOT, "alice", (ALICE,), "account-1", 1)
SECOND = 1_000_000
NOON = 1_800_000_000 * SECOND
LATER = 2 * NOON
"""A time before which everything was written, by any clock."""


Step = Write | Expectation | str


@dataclass
class Clock:
    """A clock that stands still until it is set. Microseconds since 1970."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


@dataclass
class Backend:
    """A backend that can be opened, also several times on the same data."""

    kind: str
    directory: Path
    clock: Clock = field(default_factory=Clock)

    @asynccontextmanager
    async def opened(self, patience: float = 10) -> AsyncIterator[Stores]:
        """The ports, until the end of the block."""
        if self.kind == "memory":
            stores = await open_memory(self.clock)
        else:
            stores = await open_sqlite(self.directory, self.clock, patience)
        try:
            yield stores
        finally:
            await stores.close()


def uri(path: str = "") -> Uri:
    return Uri(f"{ROOT}{path}")


def staged(content: bytes | str) -> Staged:
    """Small content, as it travels in a change."""
    content = content.encode() if isinstance(content, str) else content
    return Staged(Blob(hashlib.sha256(content).hexdigest(), len(content)), content)


def write(path: str, content: bytes | str | Staged = b"", media_type: str = "text/turtle") -> Write:
    """A resource of the pod as it shall be."""
    target = uri(path)
    parent = None if target == ROOT else names.parent(target)
    kept = content if isinstance(content, Staged) else staged(content)
    return Write(target, names.kind(target), media_type, kept, parent)


def expect(path: str, state: Expect | int) -> Expectation:
    return Expectation(uri(path), state)


def change(*steps: Step, agent: str | None = ALICE) -> Change:
    """Expectations, writes and, as paths, removals."""
    return Change(
        tuple(one for one in steps if isinstance(one, Expectation)),
        tuple(one for one in steps if isinstance(one, Write)),
        tuple(uri(one) for one in steps if isinstance(one, str)),
        agent,
        APP,
    )


async def make_pod(stores: Stores, *paths: str) -> Commit:
    """The pod with its root and policy, and then empty resources at the paths."""
    writes = (write(""), write(".acl", "the policy of the root"))
    await stores.store.commit(Change((), writes, (), ALICE, APP, POD))
    return await stores.store.commit(change(*(write(path) for path in paths)))


async def put(
    stores: Stores, path: str, content: bytes | str | Staged = b"", media_type: str = "text/turtle"
) -> Commit:
    """One resource, whatever was there."""
    return await stores.store.commit(change(write(path, content, media_type)))


async def remove(stores: Stores, *paths: str) -> Commit:
    return await stores.store.commit(change(*paths))


async def view(stores: Stores, path: str) -> View:
    return await stores.store.view(uri(path))


def deciding(found: View) -> tuple[object, ...]:
    """All of a view that may decide anything; how old the containers in it are does not."""
    subject = None if found.subject is None else found.subject.uri
    above = [one.uri for one in found.ancestors]
    return (found.uri, found.target, subject, above, found.policies, found.sibling, found.blocking, found.pod)


async def listed(stores: Stores, path: str) -> list[str]:
    """The paths of what the container lists."""
    return [one.uri.removeprefix(ROOT) for one in await stores.store.children(uri(path))]


async def content(stores: Stores, path: str) -> bytes | None:
    """The content of the resource, None when it is not there."""
    target = (await view(stores, path)).target
    return None if target is None else await stores.blobs.read(target.blob)


async def in_chunks(whole: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


async def streamed(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def large(size: int = 300_000) -> bytes:
    """Content that nothing else has, too large for a row."""
    return secrets.token_bytes(size)


async def until(reached: Callable[[], bool]) -> None:
    """Let others have their turn until something is so."""
    while not reached():  # noqa: ASYNC110 - what is looked at knows of no event
        await asyncio.sleep(0)


def commit_behind_the_back(backend: Backend, wanted: Change) -> None:
    """A commit by another process, at this very moment: without giving anything here its turn."""
    connection = connect(backend.directory / FILE)
    connection.execute("BEGIN IMMEDIATE")
    rows = SqlRows(connection.execute, lambda _: True)
    apply(rows, wanted, backend.clock())
    finish(rows)
    connection.execute("COMMIT")
    connection.close()


def execute(backend: Backend, statement: str, *values: str | int | bytes | None) -> int:
    """Change the database by hand, past everything that guards it; how many rows."""
    with sqlite3.connect(backend.directory / FILE) as connection:
        count = connection.execute(statement, values).rowcount
    connection.close()
    return count


@asynccontextmanager
async def made(backend: Backend) -> AsyncIterator[Stores]:
    """A pod with something of everything, in which all is well."""
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/.acl", "a/b/", "a/b/note", "a/b/note.acl", "a/b/note.meta", "c")
        await put(stores, "a/b/note", "small")
        await put(stores, "a/b/large", await stores.blobs.save(in_chunks(large())))
        await put(stores, "gone", "gone")
        await remove(stores, "gone")
        await put(stores, "gone/", "back as a container")
        assert [*await stores.store.check(repair=True), *await stores.blobs.check(repair=True)] == []
        yield stores


async def found(stores: Stores, *, repair: bool = False) -> list[str]:
    """What a check of the store finds, and that finding it mends only what a repair mends."""
    damages = await stores.store.check(repair)
    assert repair or not any(one.repaired for one in damages)
    return [one.what for one in damages if one.repaired is repair]


async def left(stores: Stores, *what: str) -> None:
    """A repair leaves all of this as it is, and tells so."""
    expected = [Damage(one, repaired=False) for one in what]
    before = await stores.store.log()
    assert await stores.store.check() == expected
    assert await stores.store.check(repair=True) == expected
    assert await stores.store.log() == before
