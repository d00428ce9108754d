"""What operations need, where the table of permissions does not say."""

from collections.abc import AsyncIterator

import pytest

from pod.access import needs
from pod.model.access import Mode, Need
from pod.model.operation import Delete, Operation, Patch, Post, Put
from pod.model.representation import Body
from pod.rdf import edit
from tests.unit.facts import ROOT, uri, view


async def chunks() -> AsyncIterator[bytes]:
    yield b""


BODY = Body(chunks(), 0)


WHERE, INSERTS, DELETES = (
    "solid:where { <a> <b> <c>. }",
    "solid:inserts { <a> <b> <d>. }",
    "solid:deletes { <a> <b> <c>. }",
)


def put(path: str) -> Put:
    return Put(uri(path), "text/turtle", BODY)


def patch(path: str, *parts: str) -> Patch:
    text = (
        f"@prefix solid: <http://www.w3.org/ns/solid/terms#>. _:p {'; '.join(('a solid:InsertDeletePatch', *parts))}."
    )
    return Patch(uri(path), edit.parse("text/n3", text.encode(), uri(path)))


def needed(operation: Operation, path: str, *there: str) -> list[tuple[str, Mode]]:
    return told(needs.for_write(view(path, *there), operation))


def told(found: tuple[Need, ...]) -> list[tuple[str, Mode]]:
    return [(one.uri.removeprefix(ROOT), one.mode) for one in found]


@pytest.mark.spec("server-control-operation", "http-acl-resource")
@pytest.mark.parametrize("path", ["a.acl", "box/.acl", ".acl"])
@pytest.mark.parametrize("there", [(), ("a", "a.acl", "box/", "box/.acl")])
def test_whatever_is_done_with_a_policy_takes_control_and_nothing_else(path: str, there: tuple[str, ...]) -> None:
    control = [(path, Mode.CONTROL)]

    assert told(needs.for_read(view(path, *there))) == control
    for operation in (put(path), patch(path, DELETES), Delete(uri(path)), Post(uri(path), "text/turtle", BODY)):
        assert needed(operation, path, *there) == control


@pytest.mark.spec("server-description-resource-authorization")
def test_a_description_needs_what_its_subject_does_and_nothing_of_the_container() -> None:
    there = ("a",)

    assert told(needs.for_read(view("a.meta", *there))) == [("a.meta", Mode.READ)]
    assert needed(put("a.meta"), "a.meta", *there) == [("a.meta", Mode.APPEND)]
    assert needed(put("a.meta"), "a.meta", *there, "a.meta") == [("a.meta", Mode.WRITE)]
    assert needed(patch("a.meta", INSERTS), "a.meta", *there) == [("a.meta", Mode.APPEND)]
    assert needed(Delete(uri("a.meta")), "a.meta", *there, "a.meta") == [("a.meta", Mode.WRITE)]


@pytest.mark.spec("container-permissions", "server-create-operation")
def test_to_create_is_to_append_to_the_target_and_to_the_nearest_container_that_is_there() -> None:
    """Those between, which have to be made, inherit just as the target does."""
    expected = [(path, Mode.APPEND) for path in ("box/x/y/a", "box/")]

    assert needed(put("box/x/y/a"), "box/x/y/a", "box/") == expected
    assert needed(patch("box/x/y/a", INSERTS), "box/x/y/a", "box/") == expected
    assert needed(put("a"), "a") == [("a", Mode.APPEND), ("", Mode.APPEND)]


def test_outside_of_all_pods_nothing_is_needed_of_containers_that_could_never_be_made() -> None:
    found = needs.for_write(view("x/a", pods=()), put("x/a"))

    assert (uri("x/a"), Mode.APPEND) in {(one.uri, one.mode) for one in found}
    assert uri("x/") not in {one.uri for one in found}


@pytest.mark.spec("server-n3-patch-where", "server-n3-patch-insert", "server-n3-patch-delete")
@pytest.mark.parametrize(
    ("parts", "modes"),
    [
        ((WHERE,), (Mode.READ,)),
        ((INSERTS,), (Mode.APPEND,)),
        ((DELETES,), (Mode.READ, Mode.WRITE)),
        ((WHERE, INSERTS), (Mode.READ, Mode.APPEND)),
        ((), (Mode.APPEND,)),
    ],
)
def test_a_patch_of_what_is_there_needs_what_its_parts_do(parts: tuple[str, ...], modes: tuple[Mode, ...]) -> None:
    assert needed(patch("a", *parts), "a", "a") == [("a", mode) for mode in modes]


def test_a_patch_that_only_reads_needs_append_where_it_would_create() -> None:
    assert needed(patch("a", WHERE), "a") == [("a", Mode.READ), ("a", Mode.APPEND), ("", Mode.APPEND)]


@pytest.mark.spec("server-delete-operation")
def test_to_delete_takes_write_on_the_resource_and_on_what_lists_it() -> None:
    assert needed(Delete(uri("box/a")), "box/a", "box/", "box/a") == [("box/a", Mode.WRITE), ("box/", Mode.WRITE)]


def test_to_delete_a_container_takes_read_since_a_refusal_tells_whether_it_is_empty() -> None:
    assert needed(Delete(uri("box/")), "box/", "box/") == [
        ("box/", Mode.WRITE),
        ("box/", Mode.READ),
        ("", Mode.WRITE),
    ]


@pytest.mark.spec("server-delete-protect-root-container")
def test_to_be_told_that_the_root_stays_takes_nothing_outside_of_the_pod() -> None:
    assert needed(Delete(ROOT), ".") == [("", Mode.WRITE), ("", Mode.READ)]


@pytest.mark.spec("consider-delete-read-diff", "server-read-operation")
def test_only_who_may_read_learns_that_there_is_nothing_to_delete() -> None:
    assert needed(Delete(uri("a")), "a") == [("a", Mode.READ)]


@pytest.mark.spec("http-post")
def test_a_post_takes_append_on_its_target_whatever_that_is() -> None:
    for path in ("box/", "a", "nothing/"):
        assert needed(Post(uri(path), "text/turtle", BODY), path, "box/", "a") == [(path, Mode.APPEND)]
