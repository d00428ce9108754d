"""Pods that are closed, and pods that are removed for good."""

import asyncio
from collections.abc import Sequence

import pytest

from pod.errors import NotFound, Stale
from pod.model.change import Change, Entry, Happening, Write
from pod.model.resource import Kind, Pod, Uri
from pod.rules import names
from pod.storage.ports import Damage, Purged, Usage
from pod.storage.stores import Stores
from tests.contract.making import (
    APP,
    LATER,
    POD,
    ROOT,
    Backend,
    in_chunks,
    large,
    make_pod,
    put,
    remove,
    staged,
    uri,
    view,
)

BOB = Pod(Uri("https://pods.example/bob/"), "bob", ("https://bob.example/#me",), "account-2", 2)
NEAR = Pod(Uri("https://pods.example/bob-b/"), "bob-b", ("https://bob.example/#b",), "account-2", 2)


def at(pod: Pod, path: str, content: bytes | str = b"") -> Write:
    """A resource of another pod than the one that `making` makes."""
    target = Uri(f"{pod.root}{path}")
    parent = None if target == pod.root else names.parent(target)
    return Write(target, names.kind(target), "text/turtle", staged(content), parent)


async def make(stores: Stores, pod: Pod, **contents: str) -> None:
    """A pod with documents in it."""
    writes = (at(pod, ""), at(pod, ".acl", "a policy"), *(at(pod, name, text) for name, text in contents.items()))
    await stores.store.commit(Change((), writes, (), pod.owners[0], APP, pod))


async def damages(stores: Stores) -> Sequence[Damage]:
    return [*await stores.store.check(), *await stores.blobs.check()]


async def test_an_account_has_its_pods(backend: Backend) -> None:
    async with backend.opened() as stores:
        for pod in (BOB, NEAR):
            await make(stores, pod)
        await make_pod(stores)

        assert [pod.root for pod in await stores.store.pods_of("account-2")] == [NEAR.root, BOB.root]
        assert [pod.root for pod in await stores.store.pods_of("account-1")] == [ROOT]
        assert await stores.store.pods_of("account") == []


async def test_usage_is_that_of_the_present_content_of_one_pod_alone(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make(stores, BOB, note="first")
        await make(stores, NEAR, note="not of this pod")
        await stores.store.commit(Change((), (at(BOB, "note", "seven b"), at(BOB, "note.meta", "12345"))))

        assert await stores.store.usage(BOB.root) == Usage(bytes=len("a policy") + 7 + 5, resources=4)
        assert await stores.store.usage(Uri("https://pods.example/nobody/")) == Usage(0, 0)


async def test_everything_within_a_pod_can_be_gone_through_piece_by_piece(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make(stores, NEAR, note="not of this pod")
        await make(stores, BOB, a="1", b="2")
        found, after = [], ""

        while page := await stores.store.within(BOB.root, after, limit=2):
            found += [one.uri.removeprefix(BOB.root) for one in page]
            after = page[-1].uri

        assert found == ["", ".acl", "a", "b"]


async def test_nothing_in_a_closed_pod_is_there_for_anyone(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/.acl", "a/note")
        before = [await view(stores, path) for path in ("", "a/", "a/note", "a/.acl")]
        assert all(one.target is not None for one in before)

        await stores.store.close(ROOT, True)

        for path in ("", "a/", "a/note", "a/.acl", "a/other", "new/", "new/x"):
            found = await view(stores, path)
            assert (found.target, found.subject, found.ancestors, found.policies) == (None, None, (), ())
            assert found.pod is not None
            assert found.pod.closed
        with pytest.raises(Stale):
            await put(stores, "a/note", "later")
        with pytest.raises(Stale):
            await remove(stores, "a/note")


async def test_a_pod_that_is_opened_again_is_as_it_was(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note")
        before = await view(stores, "a/note")

        for closed in (True, True, False):
            await stores.store.close(ROOT, closed)

        after = await view(stores, "a/note")
        assert (after.target, after.policies, after.pod) == (before.target, before.policies, POD)
        assert await damages(stores) == []
        told = [(entry.uri, entry.happening) for entry in (await stores.store.log())[-2:]]
        assert told == [(ROOT, Happening.UPDATE)] * 2
        await put(stores, "a/note", "later")


async def test_other_workers_know_at_once_that_a_pod_is_closed_or_removed(sqlite: Backend) -> None:
    async with sqlite.opened() as one, sqlite.opened() as other:
        await make_pod(one, "a/", "a/note")
        await make(one, BOB, note="x")
        note = Uri(f"{BOB.root}note")
        assert (await view(other, "a/note")).target is not None
        assert (await other.store.view(note)).target is not None

        await one.store.close(ROOT, True)
        assert (await view(other, "a/note")).target is None
        await one.store.close(ROOT, False)
        assert (await view(other, "a/note")).target is not None
        await one.store.purge(BOB.root)
        assert (await other.store.view(note)).target is None


async def test_a_pod_that_never_was_can_neither_be_closed_nor_removed(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)

        with pytest.raises(NotFound):
            await stores.store.close(BOB.root, True)
        with pytest.raises(NotFound):
            await stores.store.purge(BOB.root)


async def test_of_a_removed_pod_only_one_entry_stays(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make(stores, BOB, note="first", gone="gone")
        await stores.store.commit(Change((), (at(BOB, "note", "second"),), (Uri(f"{BOB.root}gone"),)))
        head = (await stores.store.log())[-1].seq

        purged = await stores.store.purge(BOB.root)

        (entry,) = await stores.store.log()
        assert entry == Entry(
            head + 1, head + 1, BOB.root, Kind.CONTAINER, Happening.DELETE, "text/turtle",
            None, None, None, None, entry.time,
        )  # fmt: skip
        assert purged == Purged(resources=3, entries=6, contents=5, bytes=len("a policyfirstsecondgone"))
        assert await stores.store.pods() == []
        assert await stores.store.within(BOB.root) == []
        assert await stores.store.unfinished() == []
        assert await stores.store.purge(BOB.root) == purged
        assert await stores.blobs.sweep(LATER) == 0
        assert await damages(stores) == []


async def test_others_keep_what_they_share_with_a_removed_pod(backend: Backend) -> None:
    async with backend.opened() as stores:
        big, past = large(), large()
        await make_pod(stores, "a/")
        for content in (past, big):
            await put(stores, "a/big", await stores.blobs.save(in_chunks(content)))
        await put(stores, "a/small", "the same")
        await make(stores, BOB, small="the same", own="only here")
        kept = [await stores.blobs.save(in_chunks(content)) for content in (big, past)]
        only = await stores.blobs.save(in_chunks(large()))
        for one in (*kept, only):
            target = Uri(f"{BOB.root}{one.blob.digest}")
            await stores.store.commit(Change((), (Write(target, Kind.DOCUMENT, "a/b", one, BOB.root),)))

        purged = await stores.store.purge(BOB.root)

        assert purged.contents == 3
        assert purged.bytes == len("a policy") + len("only here") + only.blob.size
        assert [await stores.blobs.read(one.blob) for one in kept] == [big, past]
        assert await stores.blobs.read(staged("the same").blob) == b"the same"
        assert await damages(stores) == []
        await put(stores, "a/small", "more")


async def test_the_name_of_a_removed_pod_is_never_given_away_again(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make(stores, BOB)
        await stores.store.purge(BOB.root)

        with pytest.raises(Stale):
            await make(stores, BOB)
        with pytest.raises(Stale):
            await make(stores, Pod(Uri("https://pods.example/other/"), BOB.name, BOB.owners, "another", 3))


async def test_a_write_that_was_planned_before_the_removal_changes_nothing(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make(stores, BOB, note="x")

        purging = asyncio.ensure_future(stores.store.purge(BOB.root))
        await asyncio.sleep(0)
        with pytest.raises(Stale):
            await stores.store.commit(Change((), (at(BOB, "note", "y"),)))
        await purging

        with pytest.raises(Stale):
            await stores.store.commit(Change((), (at(BOB, "note", "y"),)))
        assert len(await stores.store.log()) == 1


async def test_a_follower_of_the_log_is_told_however_late_it_comes(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make(stores, BOB, note="x")
        await make_pod(stores, "a")
        seen = [entry.seq for entry in await stores.store.log(0, 2)][-1]

        await stores.store.purge(BOB.root)
        await put(stores, "a", "later")

        rest = await stores.store.log(seen)
        assert [entry.seq for entry in rest] == sorted(entry.seq for entry in rest)
        ends = [entry.uri for entry in rest if entry.happening is Happening.DELETE]
        assert ends == [BOB.root]
        assert [entry.uri for entry in await stores.store.log(rest[-2].seq)] == [uri("a")]
        await asyncio.wait_for(stores.store.wait(rest[-2].seq), 10)


async def test_content_that_comes_back_during_a_removal_stays(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores, "a/")
        await make(stores, BOB, note="wanted again")

        purging = asyncio.ensure_future(stores.store.purge(BOB.root))
        await put(stores, "a/note", "wanted again")
        await purging

        assert await stores.blobs.read(staged("wanted again").blob) == b"wanted again"
        assert await damages(stores) == []


async def test_a_pod_of_many_resources_is_removed_while_others_write(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores, "a/")
        await make(stores, BOB)
        for start in range(0, 1000, 250):
            writes = tuple(at(BOB, f"n{number}", f"content {number}") for number in range(start, start + 250))
            await stores.store.commit(Change((), writes))

        purging = asyncio.ensure_future(stores.store.purge(BOB.root))
        number = 0
        while not purging.done():
            number += 1
            await put(stores, "a/note", f"version {number}")

        assert (await purging).resources == 1002
        assert number > 10
        assert await damages(stores) == []
        assert await stores.blobs.sweep(LATER) == 0


async def test_nothing_of_a_removed_pod_is_left_in_any_file(sqlite: Backend) -> None:
    marker = "QX7-marker-of-content"
    async with sqlite.opened() as stores:
        await make_pod(stores, "a/", "a/note")
        await make(stores, BOB)
        for number in range(200):
            text = f"{marker} {number} " * (1 + number * 7 % 900)
            await stores.store.commit(
                Change((), (at(BOB, f"private-name-{number}", text),), (), "https://me.example/#secret")
            )
            await put(stores, f"a/{number}", f"mine {number}" * 20)
        await stores.store.commit(
            Change(
                (),
                (
                    Write(
                        Uri(f"{BOB.root}big"),
                        Kind.DOCUMENT,
                        "a/b",
                        await stores.blobs.save(in_chunks(marker.encode() * 20_000)),
                        BOB.root,
                    ),
                ),
            )
        )
        assert found_in_files(sqlite, marker, "private-name", "#secret") == {marker, "private-name", "#secret"}

        await stores.store.purge(BOB.root)

        assert found_in_files(sqlite, marker, "private-name", "#secret") == set()


async def test_a_removal_that_is_interrupted_again_and_again_goes_on_and_all_is_well_meanwhile(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        big = await stores.blobs.save(in_chunks(large()))
        await make_pod(stores, "a/")
        await make(stores, BOB, **{f"n{number}": f"content {number}" for number in range(250)})
        for _ in range(3):
            one = Write(
                Uri(f"{BOB.root}big"), Kind.DOCUMENT, "a/b", await stores.blobs.save(in_chunks(large())), BOB.root
            )
            await stores.store.commit(Change((), (one,)))
        await put(stores, "a/big", big)
        await stores.store.commit(Change((), (Write(Uri(f"{BOB.root}same"), Kind.DOCUMENT, "a/b", big, BOB.root),)))

        steps = 0
        while not steps or await stores.store.unfinished():
            steps += 1
            purging = asyncio.ensure_future(stores.store.purge(BOB.root))
            # Each time some turns more, until it comes to its end.
            for _ in range(steps):
                await asyncio.wait((purging,), timeout=0)
            purging.cancel()
            await asyncio.wait((purging,))
            assert await damages(stores) == []
            assert (await stores.store.view(Uri(f"{BOB.root}n1"))).target is None

        assert steps > 5
        assert (await stores.store.purge(BOB.root)).resources == 254
        assert len(await stores.store.log()) == 5
        assert await stores.blobs.sweep(LATER) == 0


def found_in_files(backend: Backend, *markers: str) -> set[str]:
    """Which of the markers some file of the data holds."""
    contents = [path.read_bytes() for path in backend.directory.rglob("*") if path.is_file()]
    return {marker for marker in markers if any(marker.encode() in content for content in contents)}
