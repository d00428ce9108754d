"""Store: a view tells all facts that a decision about one URI needs, as they are at that moment."""

import pytest

from pod.model.change import Change
from pod.model.resource import Pod
from tests.contract.making import (
    ALICE,
    POD,
    Backend,
    Step,
    change,
    deciding,
    make_pod,
    put,
    remove,
    uri,
    view,
    write,
)


async def test_a_view_has_everything_that_a_decision_needs(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/.acl", "a/b/", "a/b/note", "a/b/note.acl", "a/b/note.meta")

        found = await view(stores, "a/b/note")

        assert found.target is not None
        assert found.subject is found.target
        assert [one.uri for one in found.ancestors] == [uri("a/b/"), uri("a/"), uri()]
        assert [one.uri for one in found.policies] == [uri("a/b/note.acl"), uri("a/.acl"), uri(".acl")]
        assert (found.sibling, found.blocking, found.pod) == (False, None, POD)


@pytest.mark.parametrize("auxiliary", ["a/note.acl", "a/note.meta"])
async def test_the_view_of_an_auxiliary_resource_knows_its_subject(backend: Backend, auxiliary: str) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note")
        before = await view(stores, auxiliary)
        await put(stores, auxiliary)

        found = await view(stores, auxiliary)

        for one in (before, found):
            assert one.subject is not None
            assert one.subject.uri == uri("a/note")
            assert [above.uri for above in one.ancestors] == [uri("a/"), uri()]
        assert before.target is None
        assert found.target is not None
        own = [found.target] if auxiliary.endswith(".acl") else []
        assert [one.uri for one in found.policies] == [*(one.uri for one in own), uri(".acl")]


async def test_a_view_of_what_lacks_tells_which_containers_exist(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")

        found = await view(stores, "a/b/c/d")

        assert found.target is None
        assert [one.uri for one in found.ancestors] == [uri("a/"), uri()]


@pytest.mark.spec("server-uri-trailing-slash-distinct")
@pytest.mark.parametrize(("there", "asked"), [("a", "a/"), ("a/", "a")])
async def test_a_view_knows_of_the_same_uri_with_or_without_a_slash(backend: Backend, there: str, asked: str) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, there)

        assert (await view(stores, asked)).sibling
        assert not (await view(stores, there)).sibling
        assert not (await view(stores, "b")).sibling


async def test_a_view_names_the_document_that_stands_where_a_container_is_needed(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note")

        assert (await view(stores, "a/note/x/y")).blocking == uri("a/note")
        assert (await view(stores, "a/other/x/y")).blocking is None


async def test_a_pod_within_a_container_of_another_is_a_pod_of_its_own(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "inner/", "inner/note")
        before = await view(stores, "inner/note")
        inner = Pod(uri("inner/"), "inner", (ALICE,), "account-1", 3)

        await stores.store.commit(Change((), (write("inner/"),), pod=inner))

        found = await view(stores, "inner/note")
        assert before.pod == POD
        assert found.pod == inner
        assert [one.uri for one in found.ancestors] == [uri("inner/")]
        assert found.policies == ()


async def test_a_view_stays_the_same_object_while_nothing_in_it_changes(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note", "b/")
        found = await view(stores, "a/note")

        await put(stores, "b/other")
        await put(stores, "a/other")
        await stores.records.put("family", "key", b"value")

        assert await view(stores, "a/note") is found


VISIBLE: dict[str, tuple[tuple[str, ...], tuple[Step, ...]]] = {
    "content": (("a/note", "a/.acl"), (write("a/note", "new"),)),
    "own policy": (("a/note",), (write("a/note.acl", "new"),)),
    "policy above": (("a/note",), (write("a/.acl", "new"),)),
    "policy above changed": (("a/note", "a/.acl"), (write("a/.acl", "new"),)),
    "policy above removed": (("a/note", "a/.acl"), ("a/.acl",)),
    "policy of the root": (("a/note",), (write(".acl", "new"),)),
    "removed": (("a/note",), ("a/note",)),
    "replaced": (("a/note",), ("a/note", write("a/note", "new"))),
    "container removed": (("a/note",), ("a/note", "a/")),
    "all removed": (("a/note", "a/.acl"), ("a/note", "a/.acl", "a/")),
}
"""What there is, and what is done that the view of a/note must tell of."""


@pytest.mark.parametrize("what", VISIBLE)
async def test_a_view_tells_of_a_commit_at_once(backend: Backend, what: str) -> None:
    there, steps = VISIBLE[what]
    async with backend.opened() as stores:
        await make_pod(stores, "a/", *there)
        before = deciding(await view(stores, "a/note"))

        await stores.store.commit(change(*steps))

        after = deciding(await view(stores, "a/note"))
        assert after != before
        if backend.kind == "sqlite":
            # One that has never looked before sees the same.
            async with backend.opened() as fresh:
                assert after == deciding(await view(fresh, "a/note"))


async def test_a_view_of_what_lacks_tells_at_once_that_it_came(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        for path in ("a/", "a/b/", "a/b/note"):
            assert (await view(stores, "a/b/note")).target is None
            await put(stores, path)

        found = await view(stores, "a/b/note")

        assert found.target is not None
        assert len(found.ancestors) == 3


@pytest.mark.spec("server-uri-trailing-slash-distinct")
@pytest.mark.parametrize(("asked", "comes"), [("a/", "a"), ("a", "a/"), ("b/x/", "b/x"), ("b/x", "b/x/")])
async def test_a_view_of_what_lacks_tells_at_once_that_the_other_of_its_name_came(
    backend: Backend, asked: str, comes: str
) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "b/")
        assert not (await view(stores, asked)).sibling

        await put(stores, comes)
        assert (await view(stores, asked)).sibling

        await remove(stores, comes)
        assert not (await view(stores, asked)).sibling


@pytest.mark.parametrize("asked", ["a/note.acl", "a/note.meta"])
async def test_a_view_of_what_lacks_tells_at_once_of_its_subject(backend: Backend, asked: str) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        assert (await view(stores, asked)).subject is None

        note = (await put(stores, "a/note")).resources[0]
        assert (await view(stores, asked)).subject == note

        await remove(stores, "a/note")
        assert (await view(stores, asked)).subject is None


async def test_a_view_of_what_lacks_tells_at_once_of_policies(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        assert [one.uri for one in (await view(stores, "a/note")).policies] == [uri(".acl")]

        await put(stores, "a/.acl")

        assert [one.uri for one in (await view(stores, "a/note")).policies] == [uri("a/.acl"), uri(".acl")]


@pytest.mark.parametrize("asked", ["a/note.acl", "a/note.meta"])
async def test_a_view_of_an_auxiliary_resource_tells_at_once_that_its_subject_changed(
    backend: Backend, asked: str
) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/", "a/note", asked)
        await view(stores, asked)

        note = (await put(stores, "a/note", "new")).resources[0]

        assert (await view(stores, asked)).subject == note
