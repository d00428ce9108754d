"""Every row of the table of permissions, through needs, decision and plan."""

from collections.abc import AsyncIterator

import pytest

from pod.access import needs
from pod.access.wac import Policy
from pod.errors import Forbidden, NotFound, Unauthenticated
from pod.model.agent import ANYONE, Agent
from pod.model.operation import Delete, Operation, Patch, Post, Put
from pod.model.representation import Body
from pod.model.resource import Uri, View
from pod.rdf import edit
from pod.rules import plan
from tests.unit.access import policies
from tests.unit.access.permission_table import DELETES, DONE, NOT_FOUND, REFUSED, SAME, TABLE, C, Row
from tests.unit.facts import BOB, ROOT, STAGED, uri, view

SOMEBODY = Agent(BOB)


async def chunks() -> AsyncIterator[bytes]:
    yield b""


def operation(row: Row, target: Uri) -> Operation | None:
    """The wish of a row; None for a wish to read."""
    match row.method:
        case "PUT":
            return Put(target, "text/turtle", Body(chunks(), 0))
        case "POST":
            return Post(target, "text/turtle", Body(chunks(), 0))
        case "DELETE":
            return Delete(target)
        case "PATCH":
            verb = "deletes" if row.patch == DELETES else "inserts"
            body = (
                "@prefix solid: <http://www.w3.org/ns/solid/terms#>."
                f" _:p a solid:InsertDeletePatch; solid:{verb} {{ <a> <b> <c>. }}."
            )
            return Patch(target, edit.parse("text/n3", body.encode(), target))
    return None


def situation(row: Row, *, exists: bool) -> tuple[tuple[str, ...], dict[Uri, Policy]]:
    """What exists, and the policies of the root and of C/ where that exists."""
    container = row.target != C or exists or row.method == "POST"
    below = row.container if row.resource == SAME else row.resource
    if not container:
        root = policies.rule(row.container, to="./", default="./")
        return (), {uri(".acl"): policies.parsed(uri(".acl"), root)}
    turtle = policies.rule(row.container, to="./") + policies.rule(below, default="./")
    document = ("C/R",) if row.target != C and exists else ()
    return ("C/", "C/.acl", *document), {
        uri("C/.acl"): policies.parsed(uri("C/.acl"), turtle),
        uri(".acl"): policies.parsed(uri(".acl"), policies.rule("Read Write", to="./", default="./")),
    }


def carry_out(wish: Operation | None, here: View) -> None:
    """Do what follows permission, as far as the rules decide it."""
    match wish:
        case None:
            if here.target is None:
                raise NotFound("")
        case Post():
            plan.post(here, uri("C/new"), "text/turtle", STAGED, ANYONE)
        case Delete():
            plan.delete(here, ANYONE)
        case _:
            plan.put(here, "text/turtle", STAGED, ANYONE)


def outcome(row: Row, agent: Agent, *, exists: bool) -> str:
    there, found = situation(row, exists=exists)
    here = view(row.target, *there)
    wish = operation(row, here.uri)
    wanted = needs.for_read(here) if wish is None else needs.for_write(here, wish)
    refusal = Unauthenticated if agent.webid is None else Forbidden
    try:
        policies.require(wanted, found, agent, there, ROOT)
        carry_out(wish, here)
    except refusal:
        return REFUSED
    except NotFound:
        return NOT_FOUND
    return DONE


@pytest.mark.spec(
    "server-read-operation",
    "server-create-operation",
    "server-update-operation",
    "server-delete-operation",
    "http-get",
    "http-post",
    "http-put",
    "http-patch",
    "http-delete",
    "acl-mode-read",
    "acl-mode-write",
    "acl-mode-append",
    "server-n3-patch-insert",
    "server-n3-patch-delete",
    "server-unauthenticated",
)
@pytest.mark.parametrize("agent", [ANYONE, SOMEBODY], ids=["anyone", "somebody"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: " ".join(str(part) for part in row[:5]))
def test_every_method_needs_what_the_table_says(row: Row, agent: Agent) -> None:
    assert outcome(row, agent, exists=True) == row.there
    assert outcome(row, agent, exists=False) == row.missing
