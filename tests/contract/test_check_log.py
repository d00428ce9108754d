"""check: rows and the log tell the same, and each entry follows from those before it.

Nothing of this follows from anything else, so that a repair only tells of it.
"""

import pytest

from tests.contract.making import Backend, execute, found, left, made, staged, uri

CHANGED_ROWS: dict[str, tuple[str, str | int]] = {
    "digest": ("UPDATE resource SET digest = ? WHERE uri = ?", staged("gone").blob.digest),
    "size": ("UPDATE resource SET size = ? WHERE uri = ?", 99),
    "media type": ("UPDATE resource SET media_type = ? WHERE uri = ?", "text/plain"),
    "revision": ("UPDATE resource SET revision = ? WHERE uri = ?", 3),
    "no such revision": ("UPDATE resource SET revision = ? WHERE uri = ?", 999),
}


@pytest.mark.parametrize("what", CHANGED_ROWS)
async def test_a_row_of_which_the_log_tells_something_else(sqlite: Backend, what: str) -> None:
    statement, value = CHANGED_ROWS[what]
    async with made(sqlite) as stores:
        execute(sqlite, statement, value, uri("a/b/note"))

        await left(stores, f"The log does not tell of {uri('a/b/note')} as it is.")


async def test_a_row_of_which_the_log_tells_nothing(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        execute(sqlite, "DELETE FROM log WHERE uri = ?", uri("c"))

        await left(stores, f"The log does not tell of {uri('c')} as it is.")


async def test_a_row_of_which_the_log_tells_that_it_was_deleted(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        (entry,) = (one for one in await stores.store.log() if one.uri == uri("gone") and one.after is None)
        execute(sqlite, "UPDATE resource SET uri = ?, revision = ? WHERE uri = ?", uri("gone"), entry.seq, uri("c"))
        execute(sqlite, "DELETE FROM log WHERE uri = ?", uri("c"))

        assert f"The log does not tell of {uri('gone')} as it is." in await found(stores)


CHANGED_ENTRIES = {
    "before": "UPDATE log SET before_digest = 'x' WHERE seq = ?",
    "before is lacking": "UPDATE log SET before_digest = NULL WHERE seq = ?",
    "beginning": "UPDATE log SET happening = 'create' WHERE seq = ?",
    "end": "UPDATE log SET happening = 'delete' WHERE seq = ?",
}


@pytest.mark.parametrize("what", CHANGED_ENTRIES)
async def test_an_entry_that_does_not_follow_from_those_before(sqlite: Backend, what: str) -> None:
    async with made(sqlite) as stores:
        (seq,) = (one.seq for one in await stores.store.log() if one.uri == uri("a/b/note") and one.before)
        execute(sqlite, CHANGED_ENTRIES[what], seq)

        await left(stores, f"Entry {seq} of the log does not follow from what {uri('a/b/note')} was before.")


async def test_an_entry_that_is_gone(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        first, second = (one.seq for one in await stores.store.log() if one.uri == uri("a/b/note"))
        execute(sqlite, "DELETE FROM log WHERE seq = ?", first)

        await left(stores, f"Entry {second} of the log does not follow from what {uri('a/b/note')} was before.")


async def test_an_entry_that_is_older_than_the_one_before(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        execute(sqlite, "UPDATE log SET time = 1 WHERE seq = 5")

        await left(stores, "Entry 5 of the log is older than the one before it.")


async def test_an_entry_of_another_commit(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        execute(sqlite, "UPDATE log SET commit_seq = 1 WHERE seq = 5")

        what = await found(stores)

        assert what[0] == "Entry 5 of the log belongs to commit 1, and comes after commit 3."
