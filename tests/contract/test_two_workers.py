"""Two workers on one directory: what one commits, the other sees at its next look.

Each has a stack of its own over the same files, as two processes have.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pod.errors import Stale
from pod.model.change import Change, Expect
from pod.model.representation import Staged
from pod.model.resource import Pod, Resource, Uri
from pod.storage.contents import Contents
from pod.storage.stores import Stores
from pod.storage.viewing import Views
from tests.contract.making import (
    ALICE,
    LATER,
    POD,
    SECOND,
    Backend,
    change,
    commit_behind_the_back,
    content,
    deciding,
    execute,
    expect,
    in_chunks,
    large,
    listed,
    make_pod,
    put,
    remove,
    uri,
    view,
    write,
)
from tests.contract.test_views import VISIBLE


@asynccontextmanager
async def two(sqlite: Backend) -> AsyncIterator[tuple[Stores, Stores]]:
    async with sqlite.opened() as one, sqlite.opened() as other:
        yield one, other


@pytest.mark.parametrize("what", VISIBLE)
async def test_the_other_sees_a_commit_at_once(sqlite: Backend, what: str) -> None:
    there, steps = VISIBLE[what]
    async with two(sqlite) as (one, other):
        await make_pod(one, "a/", *there)
        before = deciding(await view(other, "a/note"))

        await one.store.commit(change(*steps))

        assert deciding(await view(other, "a/note")) == deciding(await view(one, "a/note")) != before


@pytest.mark.parametrize("what", ["a/", "a/.acl", "a/.meta", "a/note.acl", "a/b/note"])
async def test_the_other_sees_whatever_is_removed(sqlite: Backend, what: str) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one, "a/", "a/.acl", "a/.meta", "a/note", "a/note.acl", "a/b/", "a/b/note")
        assert (await view(other, what)).target is not None

        await remove(one, "a/b/note", "a/b/", "a/note", "a/note.acl", "a/note.meta", "a/.acl", "a/.meta", "a/")

        found = await view(other, what)
        assert (found.target, found.subject) == (None, None)
        assert [above.uri for above in found.ancestors] == [uri()]
        assert [policy.uri for policy in found.policies] == [uri(".acl")]


async def test_the_other_sees_what_a_container_lists(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one, "a/")
        before = (await view(other, "a/")).target

        await put(one, "a/note")

        after = (await view(other, "a/")).target
        assert before is not None
        assert after is not None
        assert after.touched != before.touched
        assert await listed(other, "a/") == ["a/note"]


async def test_the_other_sees_that_the_date_of_a_container_is_listed_anew(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one, "a/", "a/b/")
        before = (await view(other, "a/")).target
        sqlite.clock.now += 1_000_000

        await put(one, "a/b/note")

        assert (await view(other, "a/")).target != before


@pytest.mark.parametrize("root", ["https://pods.example/bob/", "https://pods.example/deep/er/bob/"])
async def test_the_other_sees_a_pod_that_was_added(sqlite: Backend, root: str) -> None:
    pod = Pod(Uri(root), "bob", (ALICE,), "account-2", 2)
    note = Uri(f"{root}a/note")
    async with two(sqlite) as (one, other):
        await make_pod(one)
        assert (await other.store.view(note)).pod is None

        made = write("", "the root of another")
        await one.store.commit(
            Change((), (made.__class__(pod.root, made.kind, "text/turtle", made.staged, None),), pod=pod)
        )

        assert (await other.store.view(note)).pod == pod
        assert await other.store.pods() == [POD, pod]


async def test_the_other_sees_a_container_that_became_a_pod(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one, "a/", "a/note")
        assert (await view(other, "a/note")).pod == POD
        pod = Pod(uri("a/"), "inner", (ALICE,), "account-1", 2)

        await one.store.commit(Change((), (write("a/"),), pod=pod))

        assert (await view(other, "a/note")).pod == pod


async def test_the_other_catches_up_with_very_many_commits(sqlite: Backend) -> None:
    """More than are followed one by one."""
    async with two(sqlite) as (one, other):
        await make_pod(one, "a/", "a/note", "a/.acl", "b/", "b/note")
        for path in ("a/note", "b/note"):
            await view(other, path)

        first = (await put(one, "a/.acl", "changed first")).resources[0]
        await asyncio.gather(*(put(one, f"{n}") for n in range(1100)))
        last = (await put(one, "b/.acl", "changed last")).resources[0]

        assert (await view(other, "a/note")).policies[0] == first
        assert (await view(other, "b/note")).policies[0] == last

        again = (await put(one, "a/.acl", "changed again")).resources[0]

        assert (await view(other, "a/note")).policies[0] == again


async def test_the_other_may_never_have_looked(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one, "a/")
        await put(one, "a/note", "new")

        assert await content(other, "a/note") == b"new"
        assert (await view(other, "a/note")).pod == POD


async def test_both_count_on_in_one_log(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one)

        await asyncio.gather(
            *(put(stores, f"{n}-{name}") for n in range(20) for name, stores in (("x", one), ("y", other)))
        )

        log = await one.store.log()
        assert [entry.seq for entry in log] == list(range(1, 43))
        assert len({entry.time for entry in log}) == 41
        assert await other.store.log() == log
        assert await one.store.check() == []


async def test_of_two_who_expect_the_same_one_succeeds(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one)

        for n in range(10):
            wanted = change(expect(f"{n}", Expect.ABSENT), write(f"{n}"))
            ended = await asyncio.gather(one.store.commit(wanted), other.store.commit(wanted), return_exceptions=True)
            assert sorted(type(each).__name__ for each in ended) == ["Commit", "Stale"]


async def test_a_child_does_not_come_into_a_container_that_the_other_deletes(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one, *(f"{n}/" for n in range(10)))

        for n in range(10):
            await view(other, f"{n}/note")
            ended = await asyncio.gather(
                one.store.commit(change(expect(f"{n}/", Expect.EMPTY), f"{n}/")),
                put(other, f"{n}/note"),
                return_exceptions=True,
            )
            assert [type(each) for each in ended].count(Stale) == 1

        assert await one.store.check() == []


async def test_a_policy_that_the_other_changes_makes_a_decision_stale(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await make_pod(one)
        policy = (await view(other, "note")).policies[0]

        await put(one, ".acl", "a revocation")

        with pytest.raises(Stale):
            await other.store.commit(change(expect(".acl", policy.revision), write("note")))


async def test_records_are_shared(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        await one.records.put("family", "key", b"one")
        assert await other.records.get("family", "key") == b"one"

        tries = [stores.records.replace("family", "key", b"one", name) for stores, name in ((one, b"x"), (other, b"y"))]

        assert sorted(await asyncio.gather(*tries)) == [False, True]
        assert await one.records.get("family", "key") == await other.records.get("family", "key") != b"one"


async def test_what_was_used_once_is_used_for_both(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        assert one.replays.first_use(b"key", 4_000_000_000)
        assert not other.replays.first_use(b"key", 4_000_000_000)


async def test_one_waits_for_the_log_that_the_other_writes(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other), asyncio.timeout(10):
        commit = await make_pod(one, "a/")
        waiting = asyncio.create_task(other.store.wait(commit.seq))
        await asyncio.sleep(0)

        await put(one, "a/note")

        await waiting


@pytest.mark.parametrize("size", [10, 300_000])
async def test_one_does_not_sweep_what_the_other_begins_to_name(sqlite: Backend, size: int) -> None:
    """Even though nobody named it when the sweep began."""
    content = large(size)
    async with two(sqlite) as (one, other):
        await make_pod(one)
        kept = await other.blobs.save(in_chunks(content))
        if kept.inline is not None:
            await put(other, "file", kept)
            execute(sqlite, "UPDATE log SET after_digest = 'x' WHERE after_digest = ?", kept.blob.digest)
            execute(sqlite, "UPDATE resource SET digest = 'x' WHERE digest = ?", kept.blob.digest)
        contents: Contents = one.blobs  # type: ignore[assignment]  # the one of SQLite
        unnamed = contents._unnamed(LATER)

        await put(other, "file", Staged(kept.blob, None))
        contents._unnamed = lambda _: unnamed  # type: ignore[method-assign,assignment]  # what it saw before

        assert unnamed.inline or unnamed.files
        assert await one.blobs.sweep(LATER) == 0
        assert await one.blobs.read(kept.blob) == content


async def test_one_does_not_sweep_what_the_other_saves_again(sqlite: Backend) -> None:
    content = large()
    async with two(sqlite) as (one, other):
        kept = await other.blobs.save(in_chunks(content))
        path = sqlite.directory / "blobs" / kept.blob.digest[:2] / kept.blob.digest
        os.utime(path, (1000, 1000))
        contents: Contents = one.blobs  # type: ignore[assignment]  # the one of SQLite
        unnamed = contents._unnamed(2000 * SECOND)

        await other.blobs.save(in_chunks(content))
        contents._unnamed = lambda _: unnamed  # type: ignore[method-assign,assignment]  # what it saw before

        assert unnamed.files == [kept.blob.digest]
        assert await one.blobs.sweep(2000 * SECOND) == 0
        assert await other.blobs.read(kept.blob) == content


async def test_both_may_sweep_at_the_same_time(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        for _ in range(3):
            await one.blobs.save(in_chunks(large()))

        swept = await asyncio.gather(one.blobs.sweep(LATER), other.blobs.sweep(LATER))

        assert sum(swept) == 3


@pytest.mark.parametrize("interrupted", range(1, 5))
async def test_a_view_is_of_one_moment(sqlite: Backend, interrupted: int) -> None:
    """A commit of another process between two reads of the same view changes nothing in it."""
    async with sqlite.opened() as stores:
        await make_pod(stores, "a/", "a/.acl", "a/note")
        views: Views = stores.store._views  # type: ignore[attr-defined]  # what is interrupted
        find = views._find
        reads = 0

        def interrupting(one: Uri) -> Resource | None:
            nonlocal reads
            reads += 1
            if reads == interrupted:
                commit_behind_the_back(sqlite, change(write("a/note", "new"), "a/.acl", write(".acl", "new")))
            return find(one)

        before = deciding(await view(stores, "a/note"))
        await put(stores, "a/.acl")  # so that it has to be read again
        views._find = interrupting
        during = await view(stores, "a/note")
        await asyncio.sleep(0)  # as between any two requests
        after = await view(stores, "a/note")

        assert reads >= interrupted
        assert during.target == before[1]
        assert [one.uri for one in during.policies] == [uri("a/.acl"), uri(".acl")]
        assert during.policies[1].blob != after.policies[0].blob
        assert after.target != during.target
        assert [one.uri for one in after.policies] == [uri(".acl")]


async def test_the_other_sees_that_records_have_changed(sqlite: Backend) -> None:
    async with two(sqlite) as (one, other):
        before = other.records.version()

        await one.records.put("family", "key", b"value")

        assert other.records.version() != before
