"""A server that asks for the wrong rights, or tells the wrong things, is caught by the case named for it."""

import re
from collections.abc import Callable

import pytest

from pod.access import needs
from pod.errors import NotFound
from pod.model.access import Mode, Need
from pod.model.agent import Agent
from pod.model.operation import UNCONDITIONAL, Conditions, Delete, Operation, Patch
from pod.model.resource import Kind, Uri, View
from pod.resources import Resources
from pod.rules import names
from tests.mutants import Change, Mutant, Rhizome, Told, answers, header, says, without

right_write = needs.for_write
right_read = needs.for_read
right_reading = Resources.read
Keep = Callable[[View, Operation, Need], bool]


def needing(keep: Keep) -> Callable[[pytest.MonkeyPatch], None]:
    """Writes need fewer modes."""

    def for_write(view: View, operation: Operation, conditions: Conditions = UNCONDITIONAL) -> tuple[Need, ...]:
        found = right_write(view, operation, conditions)
        return tuple(one for one in found if keep(view, operation, one)) or found[:1]

    return lambda patch: patch.setattr(needs, "for_write", for_write)


def on_subjects(mode: Mode, *, reading: bool) -> Callable[[pytest.MonkeyPatch], None]:
    """Policies are read, or written, with a mode that is for their subjects."""

    def for_read(view: View) -> tuple[Need, ...]:
        return (Need(view.uri, mode),) if names.kind(view.uri) is Kind.POLICY else right_read(view)

    def for_write(view: View, operation: Operation, *more: Conditions) -> tuple[Need, ...]:
        return (Need(view.uri, mode),) if names.kind(view.uri) is Kind.POLICY else right_write(view, operation, *more)

    name, value = ("for_read", for_read) if reading else ("for_write", for_write)
    return lambda patch: patch.setattr(needs, name, value)


async def telling(self: Resources, agent: Agent, uri: Uri, accept: str | None) -> object:
    """What is not there is told to everyone."""
    view = await self.state(uri)
    if view is None or view.target is None:
        raise NotFound("Nothing is here.")
    return await right_reading(self, agent, uri, accept)


def own_only(view: View, _operation: Operation, need: Need) -> bool:
    return need.uri == view.uri


def no_policy_link(told: Told) -> None:
    told.headers = [(name, value) for name, value in told.headers if name != "link" or "acl" not in value]
    assert not any("acl" in value for name, value in told.headers if name == "link")


def public_without(told: Told) -> None:
    told.set("wac-allow", re.sub(r'public="[^"]*"', 'public=""', told.header("wac-allow")))


def user_with(modes: str) -> Change:
    return lambda told: told.set("wac-allow", re.sub(r'user="[^"]*"', f'user="{modes}"', told.header("wac-allow")))


def unquoted(told: Told) -> None:
    told.set("wac-allow", told.header("wac-allow").replace('"', ""))


def unexposed(told: Told) -> None:
    shown = [one for one in told.header("access-control-expose-headers").split(",") if "wac" not in one.lower()]
    told.set("access-control-expose-headers", ",".join(shown))


def of_policies(told: Told) -> bool:
    return told.path.endswith(".acl")


def of_missing_policies(told: Told) -> bool:
    return of_policies(told) and told.status == 404


def empty(told: Told) -> None:
    told.status, told.body = 200, b""
    told.set("content-type", "text/turtle")


def without_condition_links(told: Told) -> None:
    told.headers = [(name, value) for name, value in told.headers if "#condition" not in value]


MUTANTS = (
    Mutant(
        "HEAD of a container does not name its policy",
        "wac/discovery/head-of-a-container-names-its-policy",
        answers(no_policy_link, method="HEAD", when=lambda told: told.path.endswith("/") and told.path != "/alice/"),
    ),
    Mutant(
        "files that are no RDF name no policy",
        "wac/discovery/a-file-that-is-no-rdf-names-its-policy",
        answers(no_policy_link, method="GET", when=lambda told: told.path.endswith(".bin")),
    ),
    Mutant(
        "a policy that is not there is an empty document",
        "wac/representation/the-policy-of-a-document-that-inherits-is-not-found",
        answers(empty, method="GET", when=of_missing_policies),
    ),
    Mutant(
        "a policy comes as plain text",
        "wac/representation/a-policy-is-served-as-turtle",
        answers(header("content-type", "text/plain"), method="GET", when=of_policies),
    ),
    Mutant(
        "the policy of the root can be deleted, or so it says",
        "wac/root/the-policy-of-the-root-cannot-be-deleted",
        answers(says(204), method="DELETE", when=lambda told: told.path == "/alice/.acl"),
    ),
    Mutant(
        "who may read a resource may read its policy",
        "wac/control/reading-a-policy-takes-control",
        patch=on_subjects(Mode.READ, reading=True),
    ),
    Mutant(
        "who may write to a resource may write its policy",
        "wac/control/who-may-write-in-a-container-cannot-give-themselves-more",
        patch=on_subjects(Mode.WRITE, reading=False),
    ),
    Mutant(
        "creating needs nothing on the container",
        "wac/putting/write-on-what-would-be-made-is-not-enough-to-create",
        patch=needing(lambda view, operation, need: isinstance(operation, Delete) or own_only(view, operation, need)),
    ),
    Mutant(
        "creating needs nothing on what is made",
        "wac/putting/write-on-the-container-is-not-enough-to-create",
        patch=needing(lambda view, _, need: view.target is not None or need.uri != view.uri),
    ),
    Mutant(
        "a patch that creates needs nothing on the container",
        "wac/patching/a-patch-makes-nothing-for-who-may-not-append-to-the-container",
        patch=needing(lambda view, operation, need: not isinstance(operation, Patch) or need.uri == view.uri),
    ),
    Mutant(
        "a patch that deletes needs no read",
        "wac/patching/deleting-statements-needs-read-as-well-as-write",
        patch=needing(lambda _, operation, need: not isinstance(operation, Patch) or need.mode is not Mode.READ),
    ),
    Mutant(
        "a patch that deletes needs no write",
        "wac/patching/who-may-read-and-append-may-not-delete-statements",
        patch=needing(lambda _, operation, need: not isinstance(operation, Patch) or need.mode is not Mode.WRITE),
    ),
    Mutant(
        "deleting needs nothing on the container",
        "wac/deleting/deleting-needs-write-on-the-container",
        patch=needing(lambda view, operation, need: not isinstance(operation, Delete) or need.uri == view.uri),
    ),
    Mutant(
        "deleting a container needs no read",
        "wac/deleting/whether-a-container-is-empty-is-not-told-to-who-may-not-read-it",
        patch=needing(lambda _, operation, need: not isinstance(operation, Delete) or need.mode is not Mode.READ),
    ),
    Mutant(
        "what is not there is told to everyone",
        "wac/secrecy/what-is-there-and-what-is-not-is-refused-alike",
        patch=lambda patch: patch.setattr(Resources, "read", telling),
    ),
    Mutant(
        "HEAD does not tell what one may do",
        "wac/wac-allow/it-comes-with-a-document",
        answers(without("wac-allow"), method="HEAD"),
    ),
    Mutant(
        "what everyone may is not told",
        "wac/wac-allow/what-everyone-may-is-told-as-public",
        answers(public_without, method="GET HEAD"),
    ),
    Mutant(
        "who may append is told of write",
        "wac/wac-allow/who-may-read-and-append-is-not-told-of-write",
        answers(user_with("read write append"), method="GET HEAD"),
    ),
    Mutant(
        "the modes are not quoted",
        "wac/wac-allow/it-is-written-by-its-syntax-for-everybody",
        answers(unquoted, method="GET HEAD"),
    ),
    Mutant(
        "pages may not read what one may do",
        "wac/origins/a-page-may-read-wac-allow",
        answers(unexposed, method="GET HEAD"),
    ),
    Mutant(
        "the origin is not allowed to read what its user may",
        "wac/origins/a-page-may-read-what-it-has-access-to",
        answers(without("access-control-allow-origin"), method="GET"),
    ),
    Mutant(
        "GET of a policy names no conditions",
        "wac/conditions/a-policy-names-the-conditions-that-count",
        answers(without_condition_links, method="GET", when=of_policies),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_a_server_that_breaks_a_rule_of_access_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
