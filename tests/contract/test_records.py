"""Records: small values, set at once or compared and set, that may expire."""

import asyncio

from pod.storage.ports import Swap
from tests.contract.making import Backend


async def test_a_record_is_there_until_it_is_replaced(backend: Backend) -> None:
    async with backend.opened() as stores:
        assert await stores.records.get("family", "key") is None

        await stores.records.put("family", "key", b"one")
        assert await stores.records.get("family", "key") == b"one"

        await stores.records.put("family", "key", b"")
        assert await stores.records.get("family", "key") == b""


async def test_families_do_not_mix(backend: Backend) -> None:
    async with backend.opened() as stores:
        await stores.records.put("one", "b", b"1")
        await stores.records.put("one", "a", b"2")
        await stores.records.put("other", "c", b"3")

        assert await stores.records.keys("one") == ["a", "b"]
        assert await stores.records.keys("none") == []
        assert await stores.records.get("other", "a") is None


async def test_a_record_expires(backend: Backend) -> None:
    async with backend.opened() as stores:
        await stores.records.put("family", "short", b"x", expires=backend.clock.now + 1)
        await stores.records.put("family", "long", b"y", expires=backend.clock.now + 2)
        assert await stores.records.keys("family") == ["long", "short"]

        backend.clock.now += 1

        assert await stores.records.get("family", "short") is None
        assert await stores.records.get("family", "long") == b"y"
        assert await stores.records.keys("family") == ["long"]


async def test_putting_again_sets_another_end(backend: Backend) -> None:
    async with backend.opened() as stores:
        await stores.records.put("family", "key", b"x", expires=backend.clock.now + 1)
        await stores.records.put("family", "key", b"y")

        backend.clock.now += 1

        assert await stores.records.get("family", "key") == b"y"


async def test_a_value_is_replaced_only_if_it_is_as_expected(backend: Backend) -> None:
    async with backend.opened() as stores:
        assert not await stores.records.replace("family", "key", b"one", b"two")
        assert await stores.records.replace("family", "key", None, b"one")
        assert not await stores.records.replace("family", "key", None, b"two")
        assert not await stores.records.replace("family", "key", b"two", b"three")
        assert await stores.records.replace("family", "key", b"one", b"two")

        assert await stores.records.get("family", "key") == b"two"


async def test_a_value_is_removed_only_if_it_is_as_expected(backend: Backend) -> None:
    async with backend.opened() as stores:
        await stores.records.put("family", "key", b"one")

        assert not await stores.records.replace("family", "key", b"two", None)
        assert await stores.records.get("family", "key") == b"one"
        assert await stores.records.replace("family", "key", b"one", None)
        assert await stores.records.get("family", "key") is None
        assert await stores.records.replace("family", "key", None, None)


async def test_what_has_expired_counts_as_absent(backend: Backend) -> None:
    async with backend.opened() as stores:
        await stores.records.put("family", "key", b"old", expires=backend.clock.now)

        assert not await stores.records.replace("family", "key", b"old", b"new")
        assert await stores.records.replace("family", "key", None, b"new")
        assert await stores.records.get("family", "key") == b"new"


async def test_of_many_who_replace_the_same_value_one_succeeds(backend: Backend) -> None:
    async with backend.opened() as stores:
        tries = [stores.records.replace("family", "key", None, b"%d" % n) for n in range(20)]

        assert sorted(await asyncio.gather(*tries)) == [False] * 19 + [True]


async def test_a_sweep_removes_what_has_expired_and_nothing_else(backend: Backend) -> None:
    async with backend.opened() as stores:
        await stores.records.put("family", "gone", b"x", expires=backend.clock.now + 1)
        await stores.records.put("family", "later", b"y", expires=backend.clock.now + 2)
        await stores.records.put("family", "always", b"z")
        backend.clock.now += 1

        await stores.sweep(backend.clock.now)

        backend.clock.now -= 1  # so that whatever is still kept would be seen
        assert await stores.records.keys("family") == ["always", "later"]


async def test_records_are_there_after_a_restart(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await stores.records.put("family", "key", b"value")

    async with sqlite.opened() as stores:
        assert await stores.records.get("family", "key") == b"value"


async def test_of_several_swaps_all_are_made_or_none(backend: Backend) -> None:
    async with backend.opened() as stores:
        await stores.records.put("family", "a", b"1")

        assert not await stores.records.swap(Swap("family", "a", b"1", b"2"), Swap("family", "b", b"0", b"3"))
        assert await stores.records.get("family", "a") == b"1"
        assert await stores.records.swap(Swap("family", "a", b"1", None), Swap("other", "b", None, b"3"))

        assert await stores.records.get("family", "a") is None
        assert await stores.records.get("other", "b") == b"3"


async def test_a_swapped_value_expires(backend: Backend) -> None:
    async with backend.opened() as stores:
        await stores.records.swap(Swap("family", "a", None, b"1", expires=backend.clock.now + 1))
        assert await stores.records.get("family", "a") == b"1"

        backend.clock.now += 1

        assert await stores.records.get("family", "a") is None


async def test_records_are_found_by_how_their_keys_begin(backend: Backend) -> None:
    async with backend.opened() as stores:
        for key in ("a/2", "a/1", "a", "a0", "b/1"):
            await stores.records.put("family", key, key.encode())
        await stores.records.put("family", "a/3", b"gone", expires=backend.clock.now)
        await stores.records.put("other", "a/4", b"x")

        assert await stores.records.below("family", "a/") == [("a/1", b"a/1"), ("a/2", b"a/2")]


async def test_the_version_is_another_after_each_change(backend: Backend) -> None:
    async with backend.opened() as stores:
        records = stores.records
        found = [records.version()]
        await records.put("family", "key", b"one")
        found.append(records.version())
        await records.replace("family", "key", b"one", None)
        found.append(records.version())
        await records.swap(Swap("family", "a", None, b"1"), Swap("family", "b", None, b"2"))
        found.append(records.version())
        await records.get("family", "a")

        assert records.version() == found[-1]
        assert len(set(found)) == len(found)
