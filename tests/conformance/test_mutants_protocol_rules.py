"""A server that thinks wrongly of one rule of the Solid Protocol is caught by the case named for it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pod.http.connection import Connection
from pod.model.agent import Agent
from pod.model.change import Change
from pod.model.operation import Conditions
from pod.model.resource import Resource, Uri, View
from pod.rules import conditions, containers, names, plan
from tests.mutants import Break, Message, Mutant, Rhizome, answers, refused, requests, says

Patch = Callable[[pytest.MonkeyPatch], None]


def unheard(*names: str, method: str) -> Break:
    """Headers of a request are passed over."""

    def change(scope: Message, body: bytes) -> bytes:
        if scope["method"] in method.split():
            unwanted = {one.encode() for one in names}
            scope["headers"] = [one for one in scope["headers"] if one[0].lower() not in unwanted]
        return body

    return requests(change)


def accepting(change: Callable[[bytes], bytes]) -> Break:
    """What a client accepts is understood otherwise."""

    def changed(scope: Message, body: bytes) -> bytes:
        scope["headers"] = [
            (name, change(value) if name.lower() == b"accept" else value) for name, value in scope["headers"]
        ]
        return body

    return requests(changed)


def ignoring(condition: str) -> Patch:
    """A condition of a write is not looked at."""
    right = conditions.check

    def check(asked: Conditions, resource: Resource | None) -> None:
        right(replace(asked, **{condition: None}), resource)

    return lambda mp: mp.setattr(conditions, "check", check)


def _weak_tags_fit(mp: pytest.MonkeyPatch) -> None:
    right = conditions._matches

    def matches(tags: tuple[str, ...], resource: Resource | None, *, weak: bool) -> bool:
        return right(tags, resource, weak=weak or True)

    mp.setattr(conditions, "_matches", matches)


def _auxiliary_resources_stay(mp: pytest.MonkeyPatch) -> None:
    right = plan.delete

    def delete(view: View, agent: Agent) -> Change:
        return replace(right(view, agent), removes=(view.uri,))

    mp.setattr(plan, "delete", delete)


def _hints_are_names(mp: pytest.MonkeyPatch) -> None:
    def child(container: Uri, hint: str, suffix: str = "", *, as_container: bool = False) -> Uri:
        return Uri(f"{container}{hint}{suffix}{'/' if as_container else ''}")

    mp.setattr(names, "child", child)


def _no_host(mp: pytest.MonkeyPatch) -> None:
    right = Connection.on_headers_complete

    def on_headers_complete(connection: Connection) -> None:
        others = [one for one in connection.headers if one[0] != b"host"]
        connection.headers[:] = [*others, (b"host", b"localhost")]
        right(connection)

    mp.setattr(Connection, "on_headers_complete", on_headers_complete)


def _anything_of_containers(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(containers, "_objection", lambda _triple, _container: None)


def _nothing(*_: object) -> None:
    """A rule that is not looked at."""


CONDITIONS = (
    Mutant(
        "PUT replaces the version of another client",
        "protocol/conditions/put-to-a-version-that-is-gone-is-refused",
        unheard("if-match", method="PUT"),
    ),
    Mutant(
        "PATCH changes the version of another client",
        "protocol/conditions/patch-to-a-version-that-is-gone-is-refused",
        unheard("if-match", method="PATCH"),
    ),
    Mutant(
        "DELETE removes the version of another client",
        "protocol/conditions/delete-of-a-version-that-is-gone-is-refused",
        unheard("if-match", method="DELETE"),
    ),
    Mutant(
        "PUT replaces what should only be created",
        "protocol/conditions/put-that-may-only-create-does-not-replace",
        patch=ignoring("if_none_match"),
    ),
    Mutant(
        "PATCH changes what should only be created",
        "protocol/conditions/patch-that-may-only-create-does-not-change",
        unheard("if-none-match", method="PATCH"),
    ),
    Mutant(
        "dates are no conditions of a write",
        "protocol/conditions/a-write-to-what-was-modified-since-is-refused",
        patch=ignoring("if_unmodified_since"),
    ),
    Mutant(
        "a weak tag fits everywhere",
        "protocol/conditions/a-weak-version-is-no-condition-for-a-write",
        patch=_weak_tags_fit,
    ),
    Mutant(
        "what a client has is sent again",
        "protocol/conditions/who-has-the-version-gets-no-content-again",
        unheard("if-none-match", method="GET HEAD"),
    ),
    Mutant(
        "a root says 412 before it says that it cannot be deleted",
        "protocol/deleting/the-root-of-a-storage-cannot-be-deleted",
        patch=lambda mp: mp.setattr(plan, "require_deletable", _nothing),
    ),
)
PLACES = (
    Mutant(
        "a container may have the name of a document",
        "protocol/slashes/beside-a-document-there-is-no-container-of-its-name",
        answers(says(200), method="GET", when=lambda told: told.path.endswith("/note/") and refused(told)),
    ),
    Mutant(
        "a document may have the name of a container",
        "protocol/slashes/no-document-can-be-put-beside-a-container",
        answers(says(201), method="PUT", when=lambda told: told.status == 409),
    ),
    Mutant(
        "a hint is a name as it stands",
        "protocol/creating/what-is-posted-lies-directly-in-the-container",
        patch=_hints_are_names,
    ),
    Mutant(
        "a hint may be the name of a policy",
        "protocol/creating/no-hint-leads-to-a-policy-or-a-description",
        patch=_hints_are_names,
    ),
    Mutant(
        "policies stay when their document is deleted",
        "protocol/deleting/the-policy-of-a-document-goes-with-it",
        patch=_auxiliary_resources_stay,
    ),
    Mutant(
        "descriptions stay when their document is deleted",
        "protocol/deleting/the-description-of-a-document-goes-with-it",
        patch=_auxiliary_resources_stay,
    ),
    Mutant(
        "the root lists DELETE",
        "protocol/deleting/the-root-does-not-say-that-it-can-be-deleted",
        answers(
            lambda told: told.set("allow", f"{told.header('allow')}, DELETE"),
            when=lambda told: told.path == "/alice/.acl",
        ),
    ),
    Mutant(
        "members can be invented by a patch",
        "protocol/protected/patch-adds-no-member",
        patch=_anything_of_containers,
    ),
    Mutant(
        "facts about members can be changed by a patch",
        "protocol/protected/patch-does-not-change-what-is-said-of-members",
        patch=_anything_of_containers,
    ),
)
MESSAGES = (
    Mutant(
        "a request needs no host",
        "protocol/connections/a-request-without-host-is-refused",
        patch=_no_host,
    ),
    Mutant(
        "the first media type is chosen",
        "protocol/negotiation/the-media-type-that-a-client-prefers-is-chosen",
        accepting(lambda value: value.partition(b",")[0].partition(b";")[0]),
    ),
    Mutant(
        "a weight of nothing is a weight",
        "protocol/negotiation/what-a-client-rules-out-is-not-sent",
        accepting(lambda value: value.replace(b";q=0,", b",")),
    ),
)


@pytest.mark.parametrize("mutant", [*CONDITIONS, *PLACES, *MESSAGES], ids=lambda one: one.breaks)
def test_a_server_that_breaks_a_rule_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
