"""check: damage to content is found by its digest, and what belongs to nothing is removed."""

import os
from pathlib import Path

import pytest

from pod.model.representation import Staged
from pod.storage.ports import RECENT, Damage
from tests.contract.making import Backend, content, execute, in_chunks, large, made, put, staged


def file_of(sqlite: Backend) -> Path:
    """The one file that holds content."""
    (file,) = (sqlite.directory / "blobs").glob("??/*")
    return file


async def test_a_file_with_a_flipped_bit(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        file = file_of(sqlite)
        before = file.read_bytes()
        file.write_bytes(before[:1000] + bytes([before[1000] ^ 1]) + before[1001:])

        assert await stores.blobs.check(repair=True) == [
            Damage(f"The content {file.name} is not what it was.", repaired=False)
        ]


async def test_a_file_that_is_gone(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        file = file_of(sqlite)
        file.unlink()

        assert await stores.blobs.check(repair=True) == [Damage(f"The content {file.name} is missing.", repaired=False)]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE content SET bytes = X'00' WHERE digest = ?", "is not what it was"),
        ("DELETE FROM content WHERE digest = ?", "is missing"),
    ],
)
async def test_small_content_that_changed_or_is_gone(sqlite: Backend, statement: str, told: str) -> None:
    async with made(sqlite) as stores:
        digest = staged("small").blob.digest
        execute(sqlite, statement, digest)

        assert await stores.blobs.check(repair=True) == [Damage(f"The content {digest} {told}.", repaired=False)]


async def test_content_that_only_the_past_names_is_checked_too(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        digest = staged("gone").blob.digest
        execute(sqlite, "DELETE FROM content WHERE digest = ?", digest)

        assert [one.what for one in await stores.blobs.check()] == [f"The content {digest} is missing."]


async def test_what_belongs_to_nothing_is_removed_when_it_is_old(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        old, young = staged("old"), staged("young")
        for one, saved in ((old, sqlite.clock.now - RECENT - 1), (young, sqlite.clock.now - RECENT)):
            execute(sqlite, "INSERT INTO content VALUES (?, ?, ?)", one.blob.digest, one.inline, saved)
        files = [await stores.blobs.save(in_chunks(large())) for _ in range(2)]
        paths = [sqlite.directory / "blobs" / one.blob.digest[:2] / one.blob.digest for one in files]
        paths += [sqlite.directory / "blobs" / "new" / name for name in ("cut-off", "under-way")]
        for path, seconds in zip(paths, (-RECENT - 1, -RECENT, -RECENT - 1, -RECENT), strict=True):
            path.touch()
            os.utime(path, ns=(0, (sqlite.clock.now + seconds) * 1000))
        told = [
            f"The content {old.blob.digest} belongs to nothing.",
            f"The content {files[0].blob.digest} belongs to nothing.",
            "The file cut-off was left by an upload.",
        ]

        assert await stores.blobs.check() == [Damage(what, repaired=False) for what in told]
        assert await stores.blobs.check(repair=True) == [Damage(what, repaired=True) for what in told]
        assert await stores.blobs.check(repair=True) == []

        assert [path.exists() for path in paths] == [False, True, False, True]
        await put(stores, "young", Staged(young.blob, None))
        assert await content(stores, "young") == b"young"


async def test_unnamed_content_in_memory_is_removed_when_it_is_old(memory: Backend) -> None:
    async with made(memory) as stores:
        kept = await stores.blobs.save(in_chunks(large()))
        memory.clock.now += RECENT
        assert await stores.blobs.check() == []
        memory.clock.now += 1

        told = f"The content {kept.blob.digest} belongs to nothing."
        assert await stores.blobs.check(repair=True) == [Damage(told, repaired=True)]
        assert await stores.blobs.check() == []


async def test_content_that_changed_in_memory(memory: Backend) -> None:
    async with made(memory) as stores:
        stores.blobs.contents[staged("small").blob.digest] = (b"smell", 0)  # type: ignore[attr-defined]  # of memory

        (damage,) = await stores.blobs.check()

        assert damage.what.endswith("is not what it was.")
