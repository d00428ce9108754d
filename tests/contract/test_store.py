"""Store: changes happen whole or not at all."""

import asyncio
from dataclasses import replace

import pytest

from pod.errors import Stale
from pod.model.change import Change, Expect, Expectation
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Uri
from tests.contract.making import (
    ALICE,
    POD,
    ROOT,
    Backend,
    change,
    content,
    expect,
    listed,
    make_pod,
    put,
    remove,
    staged,
    uri,
    view,
    write,
)


async def test_an_empty_store_knows_nothing(backend: Backend) -> None:
    async with backend.opened() as stores:
        found = await view(stores, "box/note")

        assert (found.target, found.pod, found.ancestors, found.policies) == (None, None, (), ())
        assert await stores.store.pods() == []
        assert await stores.store.log() == []
        assert await listed(stores, "") == []


async def test_what_was_written_is_there(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)

        commit = await put(stores, "note.txt", "hello", "text/plain; charset=utf-8")

        target = (await view(stores, "note.txt")).target
        assert target is not None
        assert target == commit.resources[0]
        assert (target.uri, target.kind) == (uri("note.txt"), Kind.DOCUMENT)
        assert (target.media_type, target.blob) == ("text/plain; charset=utf-8", staged("hello").blob)
        assert (target.created, target.modified, target.touched) == (commit.time, commit.time, 0)
        assert target.revision == commit.seq


async def test_a_pod_is_made_with_its_root(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)

        assert await stores.store.pods() == [POD]
        assert (await view(stores, "")).pod == POD
        assert (await view(stores, "a/b/c")).pod == POD
        assert (await stores.store.view(Uri("https://pods.example/bob/x"))).pod is None


async def test_pods_come_in_the_order_of_their_roots_with_all_their_owners(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        for name in ("carol", "Bob"):
            root = Uri(f"https://pods.example/{name}/")
            pod = Pod(root, name, ("https://a.example/#me", "https://b.example/#me"), name, 7)
            await stores.store.commit(Change((), (replace(write(""), uri=root),), pod=pod))

        pods = await stores.store.pods()

        assert [pod.name for pod in pods] == ["Bob", "alice", "carol"]
        assert pods[0].owners == ("https://a.example/#me", "https://b.example/#me")


@pytest.mark.parametrize(("root", "name"), [("https://pods.example/other/", "alice"), (ROOT, "other")])
async def test_a_second_pod_of_the_same_name_or_root_is_stale(backend: Backend, root: str, name: str) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        other = Pod(Uri(root), name, (ALICE,), "account-2", 2)

        with pytest.raises(Stale):
            await stores.store.commit(Change((), (replace(write("", "other"), uri=Uri(root)),), pod=other))

        assert await stores.store.pods() == [POD]
        assert await content(stores, "") == b""


async def test_children_are_what_lies_in_the_container_itself(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/z", "a/.acl", "a/.meta", "a/z.acl", "a/b/", "a/b/c", "a-z", "a/é")

        assert await listed(stores, "a/") == ["a/b/", "a/z", "a/é"]
        assert await listed(stores, "") == ["a-z", "a/"]


async def test_a_child_is_listed_with_its_facts(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        commit = await put(stores, "a/note.txt", "12345", "text/plain")

        (child,) = await stores.store.children(uri("a/"))

        assert child == (uri("a/note.txt"), Kind.DOCUMENT, "text/plain", 5, commit.time)


@pytest.mark.spec("server-delete-remove-containment")
async def test_what_is_removed_is_not_listed(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/one", "a/two")

        await remove(stores, "a/one", "a/one.acl", "a/never")

        assert await listed(stores, "a/") == ["a/two"]
        assert (await view(stores, "a/one")).target is None


@pytest.mark.parametrize(
    ("there", "expectation"),
    [
        (("a/", "a/note"), expect("a/note", Expect.ABSENT)),
        (("a/",), expect("a/note", Expect.PRESENT)),
        (("a/", "a/note"), expect("a/", Expect.EMPTY)),
        ((), expect("a/", Expect.EMPTY)),
        (("a/", "a/note"), expect("a/note", 1)),
        (("a/", "a/note"), expect("a/note", 1000)),
        ((), expect("a/note", 1)),
    ],
)
async def test_an_expectation_that_does_not_hold_is_stale(
    backend: Backend, there: tuple[str, ...], expectation: Expectation
) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, *there)
        log = await stores.store.log()

        with pytest.raises(Stale):
            await stores.store.commit(change(write("new"), expectation, "a/note"))

        assert await stores.store.log() == log
        assert (await view(stores, "new")).target is None
        assert await listed(stores, "") == (["a/"] if there else [])


async def test_expectations_that_hold_let_a_change_happen(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "b/", "note")
        target = (await view(stores, "note")).target
        assert target is not None

        await stores.store.commit(
            change(
                expect("a/", Expect.PRESENT),
                expect("b/", Expect.EMPTY),
                expect("c", Expect.ABSENT),
                expect("note", target.revision),
                write("c", "new"),
                "b/",
            )
        )

        assert await listed(stores, "") == ["a/", "c", "note"]


async def test_a_child_of_a_container_that_is_gone_is_stale(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        await remove(stores, "a/")

        with pytest.raises(Stale):
            await put(stores, "a/note")

        assert (await view(stores, "a/note")).target is None


@pytest.mark.spec("server-uri-trailing-slash-distinct")
@pytest.mark.parametrize(("there", "wanted"), [("a", "a/"), ("a/", "a"), ("a", "a/b")])
async def test_a_document_and_a_container_of_one_name_cannot_both_come(
    backend: Backend, there: str, wanted: str
) -> None:
    """Not even when nobody thought of expecting it, as for a container that is made on the way."""
    async with backend.opened() as stores:
        await make_pod(stores, there)
        writes = [write(wanted)] if wanted != "a/b" else [write("a/"), write("a/b")]

        with pytest.raises(Stale):
            await stores.store.commit(change(*writes))

        await stores.store.commit(change(there, *writes))
        assert await listed(stores, "") == ["a/" if wanted == "a/b" else wanted]


async def test_one_change_cannot_make_both_either(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)

        with pytest.raises(Stale):
            await stores.store.commit(change(write("a"), write("a/")))


@pytest.mark.parametrize("wanted", ["a/note.acl", "a/note.meta", "b/.acl"])
async def test_an_auxiliary_resource_does_not_come_without_its_subject(backend: Backend, wanted: str) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note")
        await remove(stores, "a/note")

        with pytest.raises(Stale):
            await put(stores, wanted)

        subject = wanted.rpartition(".")[0]
        await stores.store.commit(change(write(subject), write(wanted)))


@pytest.mark.spec("server-delete-remove-auxiliary-resource")
@pytest.mark.parametrize("auxiliary", ["a/note.acl", "a/note.meta"])
async def test_a_subject_does_not_go_without_its_auxiliary_resources(backend: Backend, auxiliary: str) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note", auxiliary)

        with pytest.raises(Stale):
            await remove(stores, "a/note")

        await remove(stores, "a/note", "a/note.acl", "a/note.meta")
        assert await stores.store.check() == []


@pytest.mark.spec("server-delete-protect-nonempty-container")
async def test_a_container_does_not_go_without_what_it_holds(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/b/", "a/b/c", "a/d")

        for steps in (["a/"], ["a/", "a/b/", "a/d"], ["a/", "a/b/", "a/b/c"]):
            with pytest.raises(Stale):
                await remove(stores, *steps)
        with pytest.raises(Stale):
            await stores.store.commit(change("a/", "a/b/", "a/b/c", "a/d", write("a/new")))

        await remove(stores, "a/", "a/b/", "a/b/c", "a/d")
        assert await listed(stores, "") == []
        assert await stores.store.check() == []


async def test_a_container_must_be_written_before_what_it_holds(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)

        with pytest.raises(Stale):
            await stores.store.commit(change(write("a/note"), write("a/")))
        await stores.store.commit(change(write("a/"), write("a/note")))

        assert await listed(stores, "a/") == ["a/note"]


async def test_content_that_is_not_kept_is_stale(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)

        for size in (10, 100_000):
            with pytest.raises(Stale):
                await put(stores, "note", Staged(Blob("f" * 64, size), None))

        assert await listed(stores, "") == []


async def test_content_that_is_kept_already_need_not_be_sent_again(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        await put(stores, "one", "the same")

        await put(stores, "two", Staged(staged("the same").blob, None))

        assert await content(stores, "two") == b"the same"


async def test_a_change_of_nothing_changes_nothing(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        log = await stores.store.log()

        commit = await stores.store.commit(change("never", expect("", Expect.PRESENT)))

        assert (commit.seq, commit.entries, commit.resources) == (log[-1].seq, (), ())
        assert await stores.store.log() == log


async def test_a_change_of_a_resource_keeps_its_place_and_its_beginning(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        first = (await put(stores, "a/note", "one")).resources[0]
        backend.clock.now += 5_000_000

        second = (await put(stores, "a/note", "two", "text/plain")).resources[0]

        assert second.created == first.created
        assert second.modified > first.modified
        assert second.media_type == "text/plain"
        assert await listed(stores, "a/") == ["a/note"]


async def test_of_kind_finds_every_resource_of_the_kind(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "b/", "a/", "a/.acl", "a/note", "a/note.meta")

        assert await stores.store.of_kind(Kind.POLICY) == [uri(".acl"), uri("a/.acl")]
        assert await stores.store.of_kind(Kind.CONTAINER) == [uri(), uri("a/"), uri("b/")]
        assert await stores.store.of_kind(Kind.DESCRIPTION) == [uri("a/note.meta")]


async def test_of_many_writers_who_expect_the_same_one_succeeds(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        claims = [stores.store.commit(change(expect("x", Expect.ABSENT), write("x", str(n)))) for n in range(20)]

        ended = await asyncio.gather(*claims, return_exceptions=True)

        assert [type(one) for one in ended].count(Stale) == 19
        assert len([one for one in await stores.store.log() if one.uri == uri("x")]) == 1


async def test_a_container_is_not_deleted_while_a_child_comes(backend: Backend) -> None:
    """No orphans: of the two, whichever is second is refused."""
    async with backend.opened() as stores:
        await make_pod(stores, *(f"{n}/" for n in range(10)))
        deletes = [stores.store.commit(change(expect(f"{n}/", Expect.EMPTY), f"{n}/")) for n in range(10)]
        creates = [stores.store.commit(change(write(f"{n}/note"))) for n in range(10)]
        both = [one for pair in zip(deletes, creates, strict=True) for one in pair]

        ended = await asyncio.gather(*(both[::-1][:10] + both[:10]), return_exceptions=True)

        assert [type(one) for one in ended].count(Stale) == 10
        assert await stores.store.check() == []
