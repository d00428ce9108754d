"""SQLite: a full disk, a locked database and data that cannot be used are told as such, and do no harm."""

import asyncio
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pod.errors import Busy, Damaged, Misconfigured, PodError, StorageFull
from pod.storage.ports import Damage
from pod.storage.sqlite import connect, create, migrate, migrations, refusal
from pod.storage.stores import FILE, Stores, is_made
from tests.contract.making import (
    LATER,
    Backend,
    change,
    content,
    execute,
    in_chunks,
    large,
    listed,
    make_pod,
    put,
    staged,
    streamed,
    view,
    write,
)


@contextmanager
def full(stores: Stores, pages: int = 2) -> Iterator[None]:
    """A database that can grow by so many pages and no more."""
    connection: sqlite3.Connection = stores.store._transactions._connection  # type: ignore[attr-defined]  # that of SQLite
    (count,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {count + pages}")
    yield
    connection.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file may grow beyond the size, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked(backend: Backend) -> Iterator[sqlite3.Connection]:
    """Another process is in the middle of a transaction."""
    connection = sqlite3.connect(backend.directory / FILE, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        connection.close()


async def test_a_full_database_refuses_and_stays_whole(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores, "a/")
        log = await stores.store.log()
        with full(stores):
            with pytest.raises(StorageFull):
                await stores.store.commit(change(write("b/"), *(write(f"b/{n}", large(5000)) for n in range(10))))

            assert await stores.store.log() == log
            assert await listed(stores, "") == ["a/"]

        await put(stores, "b", large(5000))

        assert await listed(stores, "") == ["a/", "b"]
        assert await stores.store.check() == []
        assert await stores.blobs.check() == []


async def test_in_a_full_database_what_needs_little_room_still_fits(sqlite: Backend) -> None:
    """Also when it shares a transaction with what does not."""
    async with sqlite.opened() as stores:
        await make_pod(stores)
        with full(stores):
            ended = await asyncio.gather(
                put(stores, "one"), put(stores, "big", large(60_000)), put(stores, "two"), return_exceptions=True
            )

        assert [type(each).__name__ for each in ended] == ["Commit", "StorageFull", "Commit"]
        assert await listed(stores, "") == ["one", "two"]


async def test_a_disk_that_is_full_for_the_database_refuses(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)
        with files_up_to(1_000_000):
            with pytest.raises(StorageFull):
                await stores.store.commit(change(*(write(f"{n}", large(60_000)) for n in range(20))))
            assert await listed(stores, "") == []

        await put(stores, "note", "there is room again")

        assert await content(stores, "note") == b"there is room again"
        assert await stores.store.check() == []


@pytest.mark.parametrize("size", [1_500_000, 4_000_000])
async def test_a_disk_that_is_full_for_files_refuses(sqlite: Backend, size: int) -> None:
    body = large(size)
    async with sqlite.opened() as stores:
        await make_pod(stores)
        with files_up_to(1_000_000):
            with pytest.raises(StorageFull):
                await stores.blobs.save(in_chunks(body))
            assert await stores.blobs.sweep(LATER) == 0

        await put(stores, "file", await stores.blobs.save(in_chunks(body)))

        assert await content(stores, "file") == body


async def test_a_database_that_stays_locked_is_busy(sqlite: Backend) -> None:
    async with sqlite.opened(patience=0.05) as stores:
        await make_pod(stores, "note")
        with locked(sqlite):
            ended = await asyncio.gather(*(put(stores, f"{n}") for n in range(20)), return_exceptions=True)

            assert [type(each) for each in ended] == [Busy] * 20
            assert (await view(stores, "note")).target is not None

        await put(stores, "other")

        assert await listed(stores, "") == ["note", "other"]


async def test_a_writer_waits_for_another_process(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)
        with locked(sqlite) as other:
            waiting = asyncio.create_task(put(stores, "note"))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not waiting.done()

            other.execute("ROLLBACK")

            assert (await waiting).resources[0].created > 0


async def test_a_database_that_is_locked_at_the_start_is_busy(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)

    with locked(sqlite), pytest.raises(Busy):
        await sqlite.opened(patience=0.05).__aenter__()

    async with sqlite.opened() as stores:
        assert await listed(stores, "") == []


async def test_the_first_start_makes_all_that_it_needs(sqlite: Backend) -> None:
    sqlite.directory = sqlite.directory / "deep" / "er"
    assert not is_made(sqlite.directory)
    async with sqlite.opened() as stores:
        await make_pod(stores)
        await put(stores, "file", await stores.blobs.save(in_chunks(large())))

    assert is_made(sqlite.directory)
    assert {one.name for one in sqlite.directory.iterdir()} == {FILE, "blobs", "replays"}
    assert all(one.stat().st_mode & 0o077 == 0 for one in sqlite.directory.rglob("*"))
    assert sqlite.directory.stat().st_mode & 0o077 == 0


def schema(path: Path) -> tuple[int, list[str]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master ORDER BY name")]
        return connection.execute("PRAGMA user_version").fetchone()[0], names


def test_an_empty_file_gets_the_whole_schema(tmp_path: Path) -> None:
    create(tmp_path / "new")
    with closing(connect(tmp_path / "new")) as connection:
        migrate(connection, migrations())
        migrate(connection, migrations())

    version, names = schema(tmp_path / "new")
    assert version == len(migrations())
    assert {"resource", "content", "log", "pod", "pod_owner", "record"} <= set(names)


def test_an_old_file_gets_what_it_lacks(tmp_path: Path) -> None:
    scripts = ["CREATE TABLE one (a);\nINSERT INTO one VALUES (1);\n", "ALTER TABLE one ADD COLUMN b;\n"]
    with closing(connect(tmp_path / "old")) as connection:
        migrate(connection, scripts[:1])
        connection.execute("INSERT INTO one VALUES (2)")
        migrate(connection, scripts)

        assert connection.execute("SELECT * FROM one").fetchall() == [(1, None), (2, None)]
    assert schema(tmp_path / "old")[0] == 2


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    scripts = ["CREATE TABLE one (a);\n", "CREATE TABLE two (a);\nINSERT INTO none VALUES (1);\n"]
    with closing(connect(tmp_path / "file")) as connection:
        migrate(connection, scripts[:1])
        with pytest.raises(Damaged):
            migrate(connection, scripts)

    assert schema(tmp_path / "file") == (1, ["one"])


async def test_data_of_a_newer_version_is_left_alone(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)
    execute(sqlite, "PRAGMA user_version = 99")
    before = schema(sqlite.directory / FILE)

    with pytest.raises(Misconfigured, match="newer version"):
        await sqlite.opened().__aenter__()

    assert schema(sqlite.directory / FILE) == before


async def test_a_database_of_another_program_is_left_alone(sqlite: Backend) -> None:
    sqlite.directory.mkdir()
    execute(sqlite, "CREATE TABLE theirs (a)")

    with pytest.raises(Misconfigured, match="not one of this server"):
        await sqlite.opened().__aenter__()

    assert schema(sqlite.directory / FILE) == (0, ["theirs"])


async def test_a_file_that_is_no_database_is_told_as_such(sqlite: Backend) -> None:
    sqlite.directory.mkdir()
    (sqlite.directory / FILE).write_bytes(b"not a database at all, but long enough" * 100)

    with pytest.raises(Damaged, match="file is not a database"):
        await sqlite.opened().__aenter__()


async def test_a_damaged_database_is_told_as_such(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores, "a/", *(f"a/{n}" for n in range(500)))
    path = sqlite.directory / FILE
    pages = path.read_bytes()
    path.write_bytes(pages[:8192] + b"\xff" * (len(pages) - 8192))

    async with sqlite.opened() as stores:
        for read in (view(stores, "a/1"), listed(stores, "a/"), stores.store.log(), put(stores, "a/1")):
            with pytest.raises(Damaged):
                await read
        told = "Not everything could be checked. The database is damaged."
        assert await stores.store.check() == [Damage(told, repaired=False)]
        assert await stores.blobs.check() == [Damage(told, repaired=False)]


async def test_bytes_that_changed_on_the_disk_are_not_served(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)
        small, big = staged("small"), await stores.blobs.save(in_chunks(large()))
        await put(stores, "small", small)
        await put(stores, "large", big)
        execute(sqlite, "UPDATE content SET bytes = ? WHERE digest = ?", b"smell", small.blob.digest)
        file = sqlite.directory / "blobs" / big.blob.digest[:2] / big.blob.digest
        file.write_bytes(b"x" + file.read_bytes()[1:])

        for one in (small.blob, big.blob):
            with pytest.raises(Damaged, match="is not what it was"):
                await stores.blobs.read(one)

        file.write_bytes(b"short")
        with pytest.raises(Damaged, match="is too short"):
            await streamed(stores.blobs.stream(big.blob))


async def test_a_file_that_cannot_be_read_or_written_is_damaged(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)
        big = await stores.blobs.save(in_chunks(large()))
        await put(stores, "large", big)
        file = sqlite.directory / "blobs" / big.blob.digest[:2] / big.blob.digest
        file.unlink()
        file.mkdir()
        (sqlite.directory / "blobs" / "new").rmdir()

        with pytest.raises(Damaged, match="cannot be read"):
            await stores.blobs.read(big.blob)
        with pytest.raises(Damaged, match="could not be written"):
            await stores.blobs.save(in_chunks(large()))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_BUSY, Busy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Busy),
        (sqlite3.SQLITE_LOCKED, Busy),
        (sqlite3.SQLITE_FULL, StorageFull),
        (sqlite3.SQLITE_IOERR_WRITE, StorageFull),
        (sqlite3.SQLITE_IOERR_SHMSIZE, StorageFull),
        (sqlite3.SQLITE_IOERR_READ, Damaged),
        (sqlite3.SQLITE_CORRUPT, Damaged),
        (sqlite3.SQLITE_NOTADB, Damaged),
        (sqlite3.SQLITE_CONSTRAINT, Damaged),
    ],
)
def test_each_failure_of_the_database_has_a_meaning(code: int, error: type[PodError]) -> None:
    failure = sqlite3.OperationalError("disk I/O error in /secret/path")
    failure.sqlite_errorcode = code

    meaning = refusal(failure)

    assert type(meaning) is error
    assert "/secret" not in meaning.message
