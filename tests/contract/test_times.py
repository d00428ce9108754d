"""Store: stamps and times tell any two states of a resource apart, whatever the clock does.

ETags are made of stamps, Last-Modified of times.
"""

import asyncio

import pytest

from pod.model.resource import Resource
from pod.storage.stores import Stores
from tests.contract.making import NOON, SECOND, Backend, change, expect, make_pod, put, remove, view, write

STEPS = [0, 0, 1, -1, 999_998, SECOND, -3600 * SECOND, 0, 2 * SECOND, 7200 * SECOND]
"""How the clock moves between writes: not at all, by a microsecond, backwards by an hour."""


async def state(stores: Stores, path: str) -> Resource:
    target = (await view(stores, path)).target
    assert target is not None
    return target


def date(resource: Resource) -> int:
    """What Last-Modified says."""
    return resource.modified // SECOND


async def test_each_commit_has_a_later_time_than_all_before_it(backend: Backend) -> None:
    async with backend.opened() as stores:
        times = [(await make_pod(stores, "a/")).time]
        for step in STEPS:
            backend.clock.now += step
            times.append((await put(stores, "a/note")).time)

        assert times == sorted(set(times))
        assert all(time <= backend.clock.now for time in times)


async def test_no_two_versions_share_a_stamp(backend: Backend) -> None:
    """Not even when the content is the same, or the resource was gone in between."""
    async with backend.opened() as stores:
        await make_pod(stores)
        stamps = [(await put(stores, "note", "the same")).resources[0].stamp for _ in range(10)]
        await remove(stores, "note")
        stamps.append((await put(stores, "note", "the same")).resources[0].stamp)

        assert len(set(stamps)) == 11


async def test_a_restored_store_gives_stamps_that_were_never_given(sqlite: Backend) -> None:
    """Revisions count again after a restore from an old copy; stamps do not."""
    async with sqlite.opened() as stores:
        await make_pod(stores)
    copy = (sqlite.directory / "pod.sqlite").read_bytes()
    async with sqlite.opened() as stores:
        lost = (await put(stores, "note", "lost")).resources[0]
    (sqlite.directory / "pod.sqlite").write_bytes(copy)

    async with sqlite.opened() as stores:
        again = (await put(stores, "note", "again")).resources[0]

    assert again.revision == lost.revision
    assert again.stamp != lost.stamp


async def test_two_versions_in_one_second_share_it(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        first = (await put(stores, "note", "one")).resources[0]
        second = (await put(stores, "note", "two")).resources[0]
        backend.clock.now += SECOND
        third = (await put(stores, "note", "three")).resources[0]

        assert date(first) == date(second) != date(third)
        assert [one.shared_second for one in (first, second, third)] == [False, True, False]


async def test_a_version_in_the_next_second_does_not_share_it(backend: Backend) -> None:
    """However short the time between the two."""
    backend.clock.now = NOON + SECOND - 10
    async with backend.opened() as stores:
        await make_pod(stores)
        first = (await put(stores, "note", "one")).resources[0]
        backend.clock.now += 10
        second = (await put(stores, "note", "two")).resources[0]

        assert date(first) + 1 == date(second)
        assert not second.shared_second


@pytest.mark.parametrize(("pause", "shared"), [(0, True), (SECOND, False)])
async def test_what_is_made_again_knows_of_what_was_there(backend: Backend, pause: int, shared: bool) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        await put(stores, "note", "one")
        await remove(stores, "note")
        backend.clock.now += pause

        again = (await put(stores, "note", "two")).resources[0]

        assert again.shared_second is shared
        assert again.created == again.modified


async def test_dates_never_go_back(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        before = await state(stores, "a/")
        backend.clock.now -= 86400 * SECOND

        note = (await put(stores, "a/note")).resources[0]

        after = await state(stores, "a/")
        assert note.modified > before.modified
        assert after.modified > before.modified
        assert after.shared_second


async def test_a_container_changes_with_what_it_lists(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        states = [await state(stores, "a/")]
        backend.clock.now += SECOND
        for step in (write("a/note", "one"), write("a/note", "two"), "a/note"):
            await stores.store.commit(change(step))
            states.append(await state(stores, "a/"))

        assert len({one.touched for one in states}) == 4
        assert len({one.modified for one in states}) == 4
        assert len({(one.stamp, one.revision) for one in states}) == 1
        assert [one.shared_second for one in states] == [False, False, True, True]


async def test_writers_of_a_container_are_not_disturbed_by_its_children(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        revision = (await state(stores, "a/")).revision
        await put(stores, "a/note")

        await stores.store.commit(change(expect("a/", revision), write("a/", "mine")))

        assert (await state(stores, "a/")).revision > revision


async def test_auxiliary_resources_do_not_touch_the_container(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note")
        before = await state(stores, "a/")

        await stores.store.commit(change(write("a/.acl"), write("a/note.acl"), write("a/note.meta")))

        assert await state(stores, "a/") == before


async def test_a_listing_changes_when_a_container_in_it_has_another_date(backend: Backend) -> None:
    """Since a listing says when what it lists was modified, to the second."""
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/b/")
        before = await state(stores, "a/")
        backend.clock.now += SECOND

        await put(stores, "a/b/note")

        after = await state(stores, "a/")
        assert after.touched != before.touched
        assert (after.modified, after.shared_second) == (before.modified, True)


async def test_a_listing_stays_while_containers_in_it_keep_their_dates(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/b/", "a/b/c/")
        top, before = await state(stores, ""), await state(stores, "a/")

        await put(stores, "a/b/note")
        same_second = await state(stores, "a/")
        backend.clock.now += SECOND
        await put(stores, "a/b/c/note")

        assert same_second == before
        assert await state(stores, "a/") == before
        assert await state(stores, "") == top


async def test_a_commit_tells_what_was_written_as_it_is_afterwards(backend: Backend) -> None:
    """Also of a container whose content, listing, and the dates in that, change at once."""
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/old", "a/b/")
        before = await state(stores, "a/")
        backend.clock.now += SECOND

        commit = await stores.store.commit(
            change("a/old", write("a/", "mine"), write("a/c/"), write("a/c/d/"), write("a/b/note"), write("a/new"))
        )

        for one in commit.resources:
            assert (await stores.store.view(one.uri)).target == one
        assert commit.resources[0].stamp != before.stamp


async def test_a_container_that_is_written_and_then_listed_anew_has_another_state(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/b/")
        backend.clock.now += SECOND

        written, _ = await asyncio.gather(put(stores, "a/", "mine"), put(stores, "a/b/note"))

        assert (await state(stores, "a/")).touched != written.resources[0].touched
