"""SQLite: writers who wait together share one transaction, and harm each other in no way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from pod.errors import Busy, Damaged, Stale
from pod.model.change import Expect
from pod.storage.sql import SqlRows
from pod.storage.stores import Stores
from pod.storage.transactions import Transactions
from tests.contract.making import Backend, change, content, expect, listed, make_pod, put, until, uri, view, write


@dataclass
class Traced:
    """A pod's storage, its transactions, and every statement that they execute."""

    stores: Stores
    transactions: Transactions
    statements: list[str] = field(default_factory=list)

    def commits(self) -> int:
        return self.statements.count("COMMIT")


@asynccontextmanager
async def traced(sqlite: Backend) -> AsyncIterator[Traced]:
    async with sqlite.opened() as stores:
        await make_pod(stores)
        transactions: Transactions = stores.store._transactions  # type: ignore[attr-defined]  # that of SQLite
        found = Traced(stores, transactions)
        transactions._connection.set_trace_callback(found.statements.append)
        yield found


def spoilt(rows: SqlRows) -> None:
    """Writes something, and then finds that it should not have."""
    rows.execute("INSERT INTO record (family, key, value) VALUES ('spoilt', 'x', 'y')", ())
    raise ZeroDivisionError


def refused_at_the_end(rows: SqlRows) -> None:
    """Writes what the database takes, but not at the end of the transaction."""
    rows.execute("PRAGMA defer_foreign_keys = ON", ())
    rows.execute("INSERT INTO pod_owner (root, webid) VALUES ('no pod', 'x')", ())


def refused_at_once(rows: SqlRows) -> None:
    rows.execute("INSERT INTO record (family, key, value) VALUES ('spoilt', 'x', 'y')", ())
    rows.execute("INSERT INTO record (family, key, value) VALUES ('spoilt', 'x', 'y')", ())


async def test_writers_at_the_same_time_share_a_commit(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        await asyncio.gather(*(put(one.stores, f"{n}") for n in range(50)))

        assert one.commits() < 5
        assert len(await listed(one.stores, "")) == 50


async def test_no_transaction_takes_more_than_its_share(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        await asyncio.gather(*(put(one.stores, f"{n}") for n in range(600)))

        assert one.commits() == 3


async def test_a_container_that_many_write_to_is_touched_once(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        await put(one.stores, "a/")
        before = (await view(one.stores, "a/")).target
        one.statements.clear()

        await asyncio.gather(*(put(one.stores, f"a/{n}") for n in range(50)))

        assert len([each for each in one.statements if each.startswith("UPDATE resource SET touched")]) == 1
        assert (await view(one.stores, "a/")).target != before


async def test_a_writer_sees_what_those_before_it_in_the_transaction_did(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        steps = (
            change(write("a/")),
            change(expect("a/", Expect.EMPTY), write("a/note", "one")),
            change(expect("a/note", Expect.PRESENT), write("a/note", "two")),
            change("a/note"),
            change(expect("a/", Expect.EMPTY), expect("a/note", Expect.ABSENT), write("a/note", "three")),
        )

        commits = await asyncio.gather(*(one.stores.store.commit(step) for step in steps))

        assert one.commits() == 1
        assert [commit.seq for commit in commits] == [3, 4, 5, 6, 7]
        assert commits[4].resources[0].shared_second
        assert await content(one.stores, "a/note") == b"three"
        assert await one.stores.store.check() == []


async def test_one_that_is_stale_does_not_harm_the_others(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        steps = [change(write(f"{n}")) for n in range(10)]
        steps[5] = change(expect("0", Expect.ABSENT), write("5"), write("never"))

        ended = await asyncio.gather(*(one.stores.store.commit(step) for step in steps), return_exceptions=True)

        assert [n for n, each in enumerate(ended) if isinstance(each, Stale)] == [5]
        assert one.commits() == 1
        assert await listed(one.stores, "") == [f"{n}" for n in range(10) if n != 5]


@pytest.mark.parametrize(
    ("work", "error"),
    [(spoilt, ZeroDivisionError), (refused_at_once, Damaged), (refused_at_the_end, Damaged)],
)
async def test_one_that_fails_does_not_harm_the_others(
    sqlite: Backend, work: Callable[[SqlRows], None], error: type[Exception]
) -> None:
    async with traced(sqlite) as one:
        writes = [one.stores.store.commit(change(write(f"{n}"))) for n in range(10)]
        failing = one.transactions.run(work)

        ended = await asyncio.gather(*writes[:5], failing, *writes[5:], return_exceptions=True)

        assert [type(each) for each in ended].count(error) == 1
        assert isinstance(ended[5], error)
        assert await listed(one.stores, "") == [f"{n}" for n in range(10)]
        assert len(await one.stores.store.log()) == 12
        assert await one.stores.records.keys("spoilt") == []
        assert await one.stores.store.check() == []


async def test_nothing_is_told_before_it_is_durable(sqlite: Backend) -> None:
    """A writer hears of its commit after COMMIT, not after its statements."""
    async with traced(sqlite) as one:
        heard = asyncio.create_task(put(one.stores, "note"))
        await until(lambda: any(each.startswith("INSERT INTO resource") for each in one.statements))
        assert not heard.done()

        await heard

        assert one.commits() == 1


async def test_a_writer_that_gives_up_does_not_harm_the_others(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        tasks = [asyncio.create_task(put(one.stores, f"{n}")) for n in range(10)]
        await until(lambda: bool(one.statements))
        tasks[3].cancel()

        ended = await asyncio.gather(*tasks, return_exceptions=True)

        assert [type(each).__name__ for each in ended].count("Commit") == 9
        assert tasks[3].cancelled()
        assert {f"{n}" for n in range(10) if n != 3} <= set(await listed(one.stores, ""))
        assert await one.stores.store.check() == []


async def test_a_writer_that_gives_up_before_its_turn_writes_nothing(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        first, second = (asyncio.create_task(put(one.stores, f"{n}")) for n in range(2))
        await asyncio.sleep(0)
        second.cancel()

        await asyncio.gather(first, second, return_exceptions=True)

        assert await listed(one.stores, "") == ["0"]


async def test_a_writer_that_gives_up_does_not_hear_of_a_failure(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        failing = asyncio.create_task(one.transactions.run(refused_at_the_end))
        await until(lambda: any("pod_owner" in each for each in one.statements))
        failing.cancel()

        await put(one.stores, "note")

        assert failing.cancelled()
        assert await listed(one.stores, "") == ["note"]


async def test_when_all_give_up_nothing_is_written(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        task = asyncio.create_task(put(one.stores, "note"))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await put(one.stores, "other")

        assert await listed(one.stores, "") == ["other"]
        assert one.commits() == 1


async def test_closing_finishes_what_waits(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)
        waiting = [asyncio.create_task(put(stores, f"{n}")) for n in range(600)]
        await asyncio.sleep(0)

    assert [type(await each).__name__ for each in waiting] == ["Commit"] * 600
    async with sqlite.opened() as stores:
        assert len(await listed(stores, "")) == 600


async def test_what_comes_after_the_end_is_told_to_come_again(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)

    with pytest.raises(Busy):
        await put(stores, "note")


def test_an_event_loop_that_stops_leaves_each_change_whole_or_absent(sqlite: Backend) -> None:
    left: list[asyncio.Task[object]] = []
    unclosed = sqlite.opened()

    async def stopped_half_way() -> None:
        stores = await unclosed.__aenter__()
        await make_pod(stores)
        steps = [change(write(f"{n}/"), write(f"{n}/note")) for n in range(600)]
        left.extend(asyncio.create_task(stores.store.commit(step)) for step in steps)
        await until(lambda: any(task.done() for task in left))

    asyncio.run(stopped_half_way())

    async def look() -> None:
        async with sqlite.opened() as stores:
            found = await listed(stores, "")
            done = [f"{n}/" for n, task in enumerate(left) if not task.cancelled()]
            assert set(done) <= set(found)
            assert all([await listed(stores, each) == [f"{each}note"] for each in found])
            assert await stores.store.check() == []

    assert all(task.done() for task in left)
    asyncio.run(look())


async def test_a_fault_in_the_machinery_leaves_nobody_waiting(sqlite: Backend) -> None:
    async with traced(sqlite) as one:
        begin, one.transactions._begin = one.transactions._begin, None  # type: ignore[method-assign,assignment]  # broken

        ended = await asyncio.gather(put(one.stores, "a"), put(one.stores, "b"), return_exceptions=True)

        assert [type(each) for each in ended] == [TypeError, TypeError]
        one.transactions._begin = begin  # type: ignore[method-assign]  # mended
        assert (await put(one.stores, "c")).resources[0].uri == uri("c")
