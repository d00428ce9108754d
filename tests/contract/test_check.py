"""check: damage to any one thing shows against the rest, and what follows from the rest is mended.

Damage is done by hand, to SQLite, since memory has nothing that a hand could reach; both are
checked by the same code.
"""

import sqlite3
from dataclasses import replace

import pytest

from pod.model.resource import Kind
from pod.storage.checking import Cure, Fault, mend, report
from pod.storage.ports import Damage
from pod.storage.stores import FILE, Stores
from tests.contract.making import (
    POD,
    ROOT,
    Backend,
    change,
    content,
    execute,
    found,
    left,
    listed,
    made,
    make_pod,
    put,
    staged,
    uri,
    view,
    write,
)


async def mended(stores: Stores, *what: str) -> None:
    """A repair mends exactly this, and then nothing is found."""
    assert await stores.store.check(repair=True) == [Damage(one, repaired=True) for one in what]
    assert await stores.store.check() == []
    assert await stores.blobs.check() == []


async def test_a_store_in_which_all_is_well_has_no_faults(backend: Backend) -> None:
    async with made(backend) as stores:
        assert await stores.store.check() == []
        assert await stores.blobs.check() == []


async def test_a_check_of_what_is_well_changes_nothing(backend: Backend) -> None:
    async with made(backend) as stores:
        log = await stores.store.log()
        before = await view(stores, "a/b/note")

        await stores.store.check(repair=True)

        assert await stores.store.log() == log
        assert await view(stores, "a/b/note") is before


async def test_a_resource_that_another_container_lists_is_moved(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        root, box = [(await view(stores, path)).target for path in ("", "a/b/")]
        execute(sqlite, "UPDATE resource SET parent = ? WHERE uri = ?", ROOT, uri("a/b/note"))
        assert "a/b/note" in await listed(stores, "")

        what = f"{uri('a/b/note')} is listed by {ROOT}, and belongs to {uri('a/b/')}."
        assert await found(stores) == [what]
        await mended(stores, what)

        assert await listed(stores, "") == ["a/", "c", "gone/"]
        assert await listed(stores, "a/b/") == ["a/b/large", "a/b/note"]
        # What was listed wrongly is told of too, so that nobody keeps the old listing.
        assert (await view(stores, "")).target != root
        assert (await view(stores, "a/b/")).target != box


@pytest.mark.parametrize("parent", [None, "https://pods.example/alice/never/"])
async def test_a_resource_that_nothing_lists_is_listed_again(sqlite: Backend, parent: str | None) -> None:
    async with made(sqlite) as stores:
        execute(sqlite, "UPDATE resource SET parent = ? WHERE uri = ?", parent, uri("a/b/note"))

        await mended(stores, f"{uri('a/b/note')} is listed by {parent or 'nothing'}, and belongs to {uri('a/b/')}.")

        assert "a/b/note" in await listed(stores, "a/b/")


@pytest.mark.parametrize("path", ["", "a/.acl", "a/b/note.meta"])
async def test_what_must_not_be_listed_is_not(sqlite: Backend, path: str) -> None:
    async with made(sqlite) as stores:
        execute(sqlite, "UPDATE resource SET parent = ? WHERE uri = ?", uri("a/"), uri(path))

        await mended(stores, f"{uri(path)} is listed by {uri('a/')}, and belongs to nothing.")

        assert await listed(stores, "a/") == ["a/b/"]


async def test_a_resource_of_the_wrong_kind_gets_that_of_its_uri(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        execute(sqlite, "UPDATE resource SET kind = 'policy' WHERE uri = ?", uri("a/b/note"))

        await mended(stores, f"{uri('a/b/note')} is kept as a policy, and its URI says document.")

        assert await content(stores, "a/b/note") == b"small"


async def test_a_container_that_is_gone_is_made_again_from_the_log(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        before = (await view(stores, "gone/")).target
        await put(stores, "gone/child")
        execute(sqlite, "DELETE FROM resource WHERE uri = ?", uri("gone/"))

        await mended(
            stores,
            f"{uri('gone/child')} lies in {uri('gone/')}, which does not exist.",
            f"{uri('gone/')} does not exist, and the log does not tell of its end.",
        )

        after = (await view(stores, "gone/")).target
        assert before is not None
        assert after is not None
        assert after.blob == before.blob
        assert after.stamp != before.stamp
        assert await listed(stores, "gone/") == ["gone/child"]
        assert "gone/" in await listed(stores, "")


async def test_containers_of_which_nothing_is_known_are_made_anew(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        for path in ("x/", "x/y/", "x/y/z"):
            await put(stores, path, path)
        for path in ("x/", "x/y/"):
            execute(sqlite, "DELETE FROM resource WHERE uri = ?", uri(path))
            execute(sqlite, "DELETE FROM log WHERE uri = ?", uri(path))
        assert (await view(stores, "x/y/z")).target is not None

        await mended(stores, f"{uri('x/y/z')} lies in {uri('x/y/')}, which does not exist.")

        assert await content(stores, "x/y/") == b""
        assert [one.uri for one in (await view(stores, "x/y/z")).ancestors] == [uri("x/y/"), uri("x/"), uri()]


@pytest.mark.parametrize("path", ["a/b/note", "a/b/large", ".acl", "a/b/note.acl"])
async def test_a_resource_that_is_gone_is_made_again_from_the_log(sqlite: Backend, path: str) -> None:
    async with made(sqlite) as stores:
        before = await content(stores, path)
        execute(sqlite, "DELETE FROM resource WHERE uri = ?", uri(path))
        sentence = f"{uri(path)} does not exist, and the log does not tell of its end."
        assert sentence in await found(stores)

        assert sentence in await found(stores, repair=True)

        assert await content(stores, path) == before
        assert await stores.store.check() == []


async def test_a_resource_whose_content_is_gone_too_is_not_made_again(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        digest = staged("small").blob.digest
        execute(sqlite, "DELETE FROM content WHERE digest = ?", digest)
        execute(sqlite, "DELETE FROM resource WHERE uri LIKE ?", uri("a/b/note%"))

        damages = await stores.store.check(repair=True)

        assert Damage(f"{uri('a/b/note')} does not exist, and the log does not tell of its end.", False) in damages
        assert (await view(stores, "a/b/note")).target is None
        assert [one.what for one in await stores.blobs.check()] == [f"The content {digest} is missing."]


@pytest.mark.parametrize(("path", "subject"), [("c.acl", "c"), ("a/b/note.meta", "a/b/note")])
async def test_an_auxiliary_resource_without_a_subject(sqlite: Backend, path: str, subject: str) -> None:
    async with made(sqlite) as stores:
        await put(stores, path)
        execute(sqlite, "DELETE FROM resource WHERE uri = ?", uri(subject))
        execute(sqlite, "DELETE FROM log WHERE uri = ?", uri(subject))

        assert f"{uri(path)} belongs to {uri(subject)}, which does not exist." in await found(stores)


async def test_a_document_and_a_container_of_the_same_name(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        for table in ("resource", "log"):
            execute(sqlite, f"UPDATE {table} SET uri = ? WHERE uri = ?", uri("a"), uri("c"))

        await left(stores, f"{uri('a/')} and {uri('a')} both exist.")


async def test_a_resource_outside_of_all_pods(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        execute(sqlite, "UPDATE log SET uri = 'https://other.example/x/y' WHERE uri = ?", uri("c"))
        execute(
            sqlite,
            "UPDATE resource SET uri = 'https://other.example/x/y', parent = 'https://other.example/x/' WHERE uri = ?",
            uri("c"),
        )

        await left(stores, "https://other.example/x/y lies in no pod.")


async def test_what_is_no_uri(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        for name in ("resource", "log"):
            execute(sqlite, f"UPDATE {name} SET uri = 'nonsense' WHERE uri = ?", uri("c"))

        await left(stores, "'nonsense' is not the URI of a resource.")


async def test_a_pod_that_nobody_owns(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        execute(sqlite, "DELETE FROM pod_owner")

        await left(stores, f"The pod {ROOT} has no owner.")
        assert (await stores.store.pods())[0].owners == ()


async def test_a_pod_without_a_root(sqlite: Backend) -> None:
    async with sqlite.opened() as stores:
        await make_pod(stores)
        execute(sqlite, "DELETE FROM resource")
        execute(sqlite, "DELETE FROM log")

        await left(stores, *(f"{one}, which every pod must have, does not exist." for one in (ROOT, uri(".acl"))))


async def test_damage_of_the_database_itself(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        with sqlite3.connect(sqlite.directory / FILE) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute("UPDATE resource SET kind = 'folder' WHERE uri = ?", (uri("c"),))
        connection.close()

        what = await found(stores)

        assert what[0] == "The database is damaged: CHECK constraint failed in resource."
        assert f"{uri('c')} is kept as a folder, and its URI says document." in what
        assert what[-1] == f"Not everything could be checked. {uri('c')} is kept as what is no kind of resource."


async def test_faults_in_memory_are_found_and_mended_alike(memory: Backend) -> None:
    async with made(memory) as stores:
        rows = stores.store.rows  # type: ignore[attr-defined]  # of memory
        rows.move(uri("a/b/note"), Kind.DOCUMENT, ROOT)
        rows.remove(uri("a/b/"))
        rows.put(replace(rows.get(uri("c")), uri=uri("x")), ROOT, new=True)

        damages = await stores.store.check(repair=True)

        assert damages == [
            Damage(f"{uri('a/b/note')} is listed by {ROOT}, and belongs to {uri('a/b/')}.", repaired=True),
            Damage(f"{uri('a/b/note')} lies in {uri('a/b/')}, which does not exist.", repaired=True),
            Damage(f"{uri('a/b/large')} lies in {uri('a/b/')}, which does not exist.", repaired=True),
            Damage(f"The log does not tell of {uri('x')} as it is.", repaired=False),
            Damage(f"{uri('a/b/')} does not exist, and the log does not tell of its end.", repaired=True),
        ]
        assert await listed(stores, "a/b/") == ["a/b/large", "a/b/note"]
        assert (await view(stores, "a/b/note")).ancestors[0].uri == uri("a/b/")


def test_a_report_tells_what_is_left_and_what_came_to_light() -> None:
    one, two, three = (Fault(f"{n}.") for n in range(3))

    assert report([one, two], [two, three]) == [
        Damage("0.", repaired=True),
        Damage("1.", repaired=False),
        Damage("2.", repaired=False),
    ]


async def test_a_fault_that_was_mended_meanwhile_is_passed_over(sqlite: Backend) -> None:
    async with made(sqlite) as stores:
        transactions = stores.store._transactions  # type: ignore[attr-defined]  # that of SQLite
        log = await stores.store.log()
        faults = [Fault("It was there.", uri("a/b/"), Cure.REMAKE), Fault("It was here.", uri("never"), Cure.MOVE)]

        for fault in (*faults, Fault("It has no cure.")):
            await transactions.run(lambda rows, fault=fault: mend(fault, {ROOT: POD}, sqlite.clock.now, rows))

        assert await stores.store.log() == log
        await stores.store.commit(change(write("after")))
