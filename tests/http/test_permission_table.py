"""Every row of the table of permissions, as a request of somebody known, of nobody known, and of the owner."""

import pytest

from tests.asgi import Answer
from tests.http.permission_table import DELETES, DENIED, ROWS, Row
from tests.world import BELOW, BOTH, EVERYONE, HERE, N3, TURTLE, Person, World, n3, rule

CONTENT = "<#a> <https://voc.example/#b> 1 ."


async def prepared(world: World, row: Row, who: Person | str, *, there: bool) -> str:
    """The path of the target, once everything is as the row says.

    What is done to a container is done to /alice/p/c/, whose container may be written,
    so that the modes on the container itself decide.
    """
    await world.document("/alice/p/c/r", CONTENT)
    if row.on_container:
        path = "/alice/p/c/"
        if row.below is not None:
            await world.policy("/alice/p/c/r", rule(who, row.below, HERE))
        if row.method == "DELETE":
            await world.alice.delete("/alice/p/c/r")
        # Where it is missing, what it inherits decides; else its own policy does.
        await world.policy("/alice/p/", rule(who, "write", HERE), rule(who, row.above, BELOW))
        await world.policy("/alice/p/c/", rule(who, row.above, BOTH))
        return path if there or row.method == "POST" else "/alice/p/d/"
    await world.policy("/alice/p/c/", rule(who, row.above, BOTH if row.below is None else HERE))
    if row.below is not None:
        if there:
            await world.policy("/alice/p/c/r", rule(who, row.below, HERE))
        else:
            await world.policy("/alice/p/c/", rule(who, row.above, HERE), rule(who, row.below, BELOW))
    return "/alice/p/c/r" if there else "/alice/p/c/none"


async def asked(person: Person, row: Row, path: str) -> Answer:
    content = {
        "PUT": (TURTLE, CONTENT),
        "POST": ("text/plain", "x"),
        "PATCH": (N3, n3(deletes=CONTENT) if row.patch == DELETES else n3(inserts="<#c> ex:d 2 .")),
    }.get(row.method)
    if content is None:
        return await person.send(row.method, path)
    return await person.send(row.method, path, content[1], content_type=content[0])


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
    "acl-mode-append",
    "acl-mode-write",
    "server-n3-patch-insert",
    "server-n3-patch-delete",
)
@pytest.mark.parametrize("there", [True, False], ids=["there", "missing"])
@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_the_modes_decide(world: World, row: Row, there: bool) -> None:
    expected = row.there if there else row.missing
    path = await prepared(world, row, world.bob, there=there)

    assert (await asked(world.anyone, row, path)).status == (204 if row.method == "OPTIONS" else 401)
    log = len(await world.log())
    answer = await asked(world.bob, row, path)

    assert answer.status == (expected or 403)
    if expected == DENIED or row.method in {"OPTIONS", "GET", "HEAD"}:
        assert len(await world.log()) == log


@pytest.mark.spec("acl-agentclass-foaf-agent", "server-unauthenticated")
@pytest.mark.parametrize("there", [True, False], ids=["there", "missing"])
@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_the_modes_of_everyone_decide_for_who_is_not_known(world: World, row: Row, there: bool) -> None:
    expected = row.there if there else row.missing
    path = await prepared(world, row, EVERYONE, there=there)

    answer = await asked(world.anyone, row, path)

    assert answer.status == (expected or 401)
