"""From a view and a wish to a change."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from pod.errors import Conflict, Malformed, NotAllowed, NotFound, PodError, UnsupportedMediaType
from pod.model.agent import Agent
from pod.model.change import Change, Expect
from pod.model.resource import Blob, Kind, Pod, View
from pod.rules import plan
from tests.unit.facts import ALICE, POD, ROOT, STAGED, uri, view

AGENT = Agent(ALICE, client="https://app.example/id")
TURTLE = "text/turtle"


def put(here: View) -> Change:
    return plan.put(here, TURTLE, STAGED, AGENT)


def expected(change: Change) -> dict[str, set[Expect | int]]:
    found: dict[str, set[Expect | int]] = {}
    for one in change.expects:
        found.setdefault(one.uri.removeprefix(ROOT), set()).add(one.state)
    return found


def written(change: Change) -> list[tuple[str, str | None]]:
    return [(one.uri, one.parent) for one in change.writes]


def test_content_that_replaces_expects_the_version_that_was_seen() -> None:
    change = put(view("a", "a"))

    assert expected(change) == {"a": {3}, "a.acl": {Expect.ABSENT}, ".acl": {2}}
    assert written(change) == [(uri("a"), ROOT)]
    assert (change.agent, change.client, change.removes) == (ALICE, AGENT.client, ())
    (write,) = change.writes
    assert (write.kind, write.media_type, write.staged) == (Kind.DOCUMENT, TURTLE, STAGED)


def test_a_nearer_policy_that_comes_meanwhile_is_not_expected() -> None:
    """Else who lost a right by it could still use that right, after its loss was acknowledged."""
    change = put(view("box/x/a", "box/x/", "box/", "box/.acl", "box/x/a"))

    assert expected(change)["box/x/a.acl"] == {Expect.ABSENT}
    assert expected(change)["box/x/.acl"] == {Expect.ABSENT}
    assert ".acl" not in expected(change)


def test_where_no_policy_is_none_is_expected() -> None:
    change = put(replace(view("a", "a"), policies=()))

    assert expected(change) == {"a": {3}, "a.acl": {Expect.ABSENT}, ".acl": {Expect.ABSENT}}


@pytest.mark.spec("server-put-patch-uri-assignment")
def test_content_for_a_new_uri_expects_that_neither_it_nor_its_sibling_is_there() -> None:
    change = put(view("box/a", "box/"))

    assert expected(change) == {
        "box/a": {Expect.ABSENT},
        "box/a/": {Expect.ABSENT},
        "box/": {Expect.PRESENT},
        "box/.acl": {Expect.ABSENT},
        ".acl": {2},
    }
    assert written(change) == [(uri("box/a"), uri("box/"))]


@pytest.mark.spec("server-put-patch-intermediate-containers", "server-uri-trailing-slash-distinct")
@pytest.mark.parametrize("path", ["box/x/y/a", "box/x/y/a/"])
def test_containers_that_lack_come_to_be_with_what_lies_in_them(path: str) -> None:
    change = put(view(path, "box/"))

    assert written(change) == [
        (uri("box/x/"), uri("box/")),
        (uri("box/x/y/"), uri("box/x/")),
        (uri(path), uri("box/x/y/")),
    ]
    expects = expected(change)
    assert all(expects[one] == {Expect.ABSENT} for one in ("box/x/", "box/x", "box/x/y/", "box/x/y", "box/x/y/a"))
    assert expects["box/"] == {Expect.PRESENT}
    made = change.writes[0]
    assert (made.kind, made.media_type, made.staged.inline) == (Kind.CONTAINER, TURTLE, b"")
    assert made.staged.blob == Blob(hashlib.sha256(b"").hexdigest(), 0)


def test_a_policy_or_description_stands_on_its_subject_and_lies_in_nothing() -> None:
    for path in ("a.acl", "a.meta"):
        change = put(view(path, "a"))

        assert written(change) == [(uri(path), None)]
        assert expected(change)["a"] == {Expect.PRESENT}


def test_a_policy_that_is_replaced_is_expected_once_at_its_own_revision() -> None:
    assert expected(put(view(".acl"))) == {".acl": {2}}


def test_the_root_of_a_pod_lies_in_nothing() -> None:
    assert written(put(view("."))) == [(ROOT, None)]


def test_the_nearest_policy_must_still_say_the_same() -> None:
    assert expected(put(view("a", "a", "a.acl")))["a.acl"] == {4}
    assert ".acl" not in expected(put(view("a", "a", "a.acl")))


@pytest.mark.parametrize(
    ("path", "there", "error"),
    [
        ("a", ("a/",), Conflict),
        ("a/", ("a",), Conflict),
        ("a/b", ("a",), Conflict),
        ("a/b/c/", ("a",), Conflict),
        ("a.acl", (), Conflict),
        ("a.meta", (), Conflict),
        ("a/.meta", ("a",), Conflict),
        ("a.acl.acl", ("a",), Conflict),
        ("x.acl/y", (), Conflict),
        (".well-known/solid", (), Conflict),
    ],
)
@pytest.mark.spec("server-uri-trailing-slash-distinct", "server-hierarchical-containment")
def test_nothing_comes_to_be_where_it_could_not_be_found(
    path: str, there: tuple[str, ...], error: type[PodError]
) -> None:
    with pytest.raises(error):
        put(view(path, *there))


def test_nothing_comes_to_be_outside_of_all_pods() -> None:
    with pytest.raises(NotFound):
        put(view("a", pods=()))


@pytest.mark.spec("server-post-uri-assignment", "server-post-container-create-resource", "server-post-container")
def test_a_post_makes_a_child_of_its_container() -> None:
    change = plan.post(view("box/", "box/"), uri("box/a"), "text/plain", STAGED, AGENT)

    assert written(change) == [(uri("box/a"), uri("box/"))]
    assert expected(change) == {
        "box/a": {Expect.ABSENT},
        "box/a/": {Expect.ABSENT},
        "box/": {Expect.PRESENT},
        "box/.acl": {Expect.ABSENT},
        ".acl": {2},
    }


@pytest.mark.spec("server-post-target-not-found")
@pytest.mark.parametrize(("path", "there"), [("box/", ()), ("box", ()), ("box/x/", ("box/",)), ("box/x/", ("box",))])
def test_a_post_to_nothing_finds_nothing(path: str, there: tuple[str, ...]) -> None:
    with pytest.raises(NotFound):
        plan.post(view(path, *there), uri("box/x/a"), TURTLE, STAGED, AGENT)


@pytest.mark.spec("server-method-not-allowed")
@pytest.mark.parametrize("path", ["a", "a.acl", "a.meta"])
def test_a_post_to_what_is_no_container_is_not_allowed(path: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        plan.post(view(path, "a", "a.acl", "a.meta"), uri("x"), TURTLE, STAGED, AGENT)

    assert "PUT" in refused.value.allowed
    assert "POST" not in refused.value.allowed


@pytest.mark.spec("server-delete-remove-auxiliary-resource", "x-server-delete-method")
def test_a_document_goes_with_its_auxiliary_resources() -> None:
    change = plan.delete(view("a", "a", "a.acl"), AGENT)

    assert [one.removeprefix(ROOT) for one in change.removes] == ["a", "a.acl", "a.meta"]
    assert change.writes == ()
    assert (change.agent, change.client) == (ALICE, AGENT.client)


def test_what_is_deleted_and_both_policies_that_were_asked_are_expected_as_they_were_seen() -> None:
    assert expected(plan.delete(view("box/a", "box/", "box/a", "box/a.acl", "box/.acl"), AGENT)) == {
        "box/a": {4},
        "box/a.acl": {5},
        "box/.acl": {6},
    }


@pytest.mark.spec("server-delete-protect-nonempty-container", "server-delete-remove-empty-container")
def test_a_container_must_be_empty_when_it_goes() -> None:
    change = plan.delete(view("box/", "box/"), AGENT)

    assert expected(change)["box/"] == {3, Expect.EMPTY}
    assert [one.removeprefix(ROOT) for one in change.removes] == ["box/", "box/.acl", "box/.meta"]


@pytest.mark.parametrize("path", ["a.acl", "a.meta"])
def test_an_auxiliary_resource_goes_alone(path: str) -> None:
    change = plan.delete(view(path, "a", "a.acl", "a.meta"), AGENT)

    assert change.removes == (uri(path),)
    assert Expect.EMPTY not in {one.state for one in change.expects}


@pytest.mark.spec("server-delete-protect-root-container", "server-root-container-acl")
@pytest.mark.parametrize("path", [".", ".acl"])
def test_the_root_of_a_pod_and_its_policy_stay(path: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        plan.delete(view(path), AGENT)

    assert "DELETE" not in refused.value.allowed


@pytest.mark.parametrize("pods", [(), (POD,)])
def test_nothing_cannot_be_deleted(pods: tuple[Pod, ...]) -> None:
    with pytest.raises(NotFound):
        plan.delete(view("a", pods=pods), AGENT)


@pytest.mark.spec("server-content-type-missing")
@pytest.mark.parametrize("path", ["a", "a/", "a.acl", "a.meta"])
def test_content_without_a_media_type_is_refused(path: str) -> None:
    with pytest.raises(Malformed):
        plan.media_type(uri(path), None, empty=False)


@pytest.mark.parametrize(
    ("path", "given", "kept"),
    [
        ("a", None, "application/octet-stream"),
        ("a/", None, TURTLE),
        ("a.acl", None, TURTLE),
        ("a.meta", None, TURTLE),
        ("a", "image/png", "image/png"),
        ("a", "text/plain;charset=utf-8", "text/plain;charset=utf-8"),
        ("a/", "application/ld+json", "application/ld+json"),
    ],
)
def test_no_content_needs_no_media_type(path: str, given: str | None, kept: str) -> None:
    assert plan.media_type(uri(path), given, empty=True) == kept


@pytest.mark.spec("auxiliary-resources-rdf-document")
@pytest.mark.parametrize("path", ["a/", "a.acl", "a.meta"])
def test_what_must_be_rdf_is_refused_as_anything_else(path: str) -> None:
    with pytest.raises(UnsupportedMediaType) as refused:
        plan.media_type(uri(path), "text/plain", empty=False)

    assert TURTLE in refused.value.accepted


Write = Callable[[], Change]


@pytest.mark.parametrize(
    "write",
    [
        lambda: put(view("a", "a", "a.acl")),
        lambda: plan.post(view("box/", "box/", "box/.acl"), uri("box/a"), TURTLE, STAGED, AGENT),
        lambda: plan.delete(view("a", "a", "a.acl"), AGENT),
    ],
)
def test_every_write_expects_the_policy_that_allowed_it(write: Write) -> None:
    assert any(path.endswith(".acl") for path in expected(write()))
