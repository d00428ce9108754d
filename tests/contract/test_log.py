"""Store: the log tells of every change, in order, and every past version can be read back."""

import asyncio

from pod.model.change import Entry, Happening
from pod.model.resource import Blob, Kind
from tests.contract.making import (
    ALICE,
    APP,
    LATER,
    Backend,
    change,
    in_chunks,
    large,
    make_pod,
    put,
    remove,
    staged,
    uri,
    write,
)


def versions(log: list[Entry], path: str) -> list[tuple[Happening, Blob | None, Blob | None]]:
    return [(one.happening, one.before, one.after) for one in log if one.uri == uri(path)]


async def test_the_log_tells_who_changed_what(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note")

        commit = await stores.store.commit(change("a/note", write("b/"), write("b/new", "two", "text/plain")))

        gone, box, new = commit.entries
        assert (gone.uri, gone.happening, gone.after) == (uri("a/note"), Happening.DELETE, None)
        assert (box.uri, box.kind, box.happening, box.before) == (uri("b/"), Kind.CONTAINER, Happening.CREATE, None)
        assert (new.uri, new.after, new.media_type) == (uri("b/new"), staged("two").blob, "text/plain")
        assert {(one.agent, one.client, one.commit, one.time) for one in commit.entries} == {
            (ALICE, APP, gone.seq, commit.time)
        }
        assert commit.seq == new.seq
        assert await stores.store.log(gone.seq - 1) == list(commit.entries)


async def test_the_log_tells_of_changes_by_nobody_known(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)

        await stores.store.commit(change(write("note"), agent=None))

        assert (await stores.store.log())[-1].agent is None


async def test_the_log_is_in_order_without_gaps(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, *(f"{n}/" for n in range(5)))

        await asyncio.gather(*(put(stores, f"{n % 5}/{n}") for n in range(30)))

        log = await stores.store.log()
        assert [one.seq for one in log] == list(range(1, 38))
        assert [one.time for one in log] == sorted(one.time for one in log)
        assert len({one.commit for one in log}) == 32


async def test_the_log_can_be_read_in_pieces(backend: Backend) -> None:
    async with backend.opened() as stores:
        commit = await make_pod(stores, *(f"{n}" for n in range(10)))
        log = await stores.store.log()

        found: list[Entry] = []
        while piece := await stores.store.log(found[-1].seq if found else 0, 5):
            assert len(piece) <= 5
            found += piece

        assert found == log
        assert await stores.store.log(commit.seq) == []


async def test_the_log_has_what_was_there_before_and_after(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        for content in ("one", "two"):
            await put(stores, "note", content)
        await remove(stores, "note")
        await put(stores, "note", "three")

        one, two, three = (staged(content).blob for content in ("one", "two", "three"))
        assert versions([*await stores.store.log()], "note") == [
            (Happening.CREATE, None, one),
            (Happening.UPDATE, one, two),
            (Happening.DELETE, two, None),
            (Happening.CREATE, None, three),
        ]


async def test_every_past_version_can_be_read_back(backend: Backend) -> None:
    """Also of what is deleted, and after a sweep of all that nobody names."""
    async with backend.opened() as stores:
        await make_pod(stores)
        contents = [b"", b"small", large(), large()]
        for content in contents:
            await put(stores, "note", await stores.blobs.save(in_chunks(content)))
        await remove(stores, "note")

        await stores.blobs.sweep(LATER)

        entries = [one for one in await stores.store.log() if one.uri == uri("note")]
        assert [await stores.blobs.read(one.after) for one in entries if one.after] == contents
        assert [await stores.blobs.read(one.before) for one in entries if one.before] == contents


async def test_what_is_written_is_there_after_a_restart(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores, "a/")
        small = await put(stores, "a/small", "small")
        big = await put(stores, "a/large", await stores.blobs.save(in_chunks(large())))
        log = await stores.store.log()

    async with sqlite.opened() as stores:
        assert await stores.store.log() == log
        for commit in (small, big):
            target = (await stores.store.view(commit.resources[0].uri)).target
            assert target == commit.resources[0]
            await stores.blobs.read(target.blob)
        assert (await put(stores, "a/small", "more")).seq == log[-1].seq + 1
