"""Which rights an N3 Patch needs (Protocol, 5.3.1): what it reads, adds and removes."""

from conformance.case import CannotTell, case
from conformance.cases.protocol._terms import VOC, n3, said
from conformance.exchange import TURTLE
from conformance.expect import same, status, succeeded
from conformance.world import World

BEFORE = "<#a> ex:is 1."
REFUSED = (403, 404)


async def _shared(w: World, modes: str) -> str:
    """A document on which Bob has these modes."""
    url = await w.document("note", f"@prefix ex: <{VOC}>. {BEFORE}")
    await w.share(url, (w.bob, modes))
    return url


async def _is(w: World, url: str, turtle: str) -> None:
    same((await w.alice.get(url, TURTLE)).graph(), said(turtle, url))


@case("server-n3-patch-insert")
async def who_may_append_may_insert(w: World) -> None:
    url = await _shared(w, "append")
    succeeded(await w.bob.patch(url, n3(inserts="<#a> ex:is 2.")))
    await _is(w, url, "<#a> ex:is 1, 2.")


@case("server-n3-patch-insert")
async def who_may_read_may_not_insert(w: World) -> None:
    url = await _shared(w, "read")
    if (await w.bob.get(url)).status != 200:
        raise CannotTell("Bob could not read what was shared with him.")
    status(await w.bob.patch(url, n3(inserts="<#a> ex:is 2.")), *REFUSED)
    await _is(w, url, BEFORE)


@case("server-n3-patch-where")
async def who_may_only_append_sets_no_conditions(w: World) -> None:
    """Whether it succeeds would tell what the document says."""
    url = await _shared(w, "append")
    for where in ("<#a> ex:is 1.", "<#a> ex:is 7."):
        status(await w.bob.patch(url, n3(where=where, inserts="<#a> ex:is 2.")), *REFUSED)
    await _is(w, url, BEFORE)


@case("server-n3-patch-where", "server-n3-patch-insert")
async def who_may_read_and_append_sets_conditions(w: World) -> None:
    url = await _shared(w, "read append")
    succeeded(await w.bob.patch(url, n3(where="?x ex:is 1.", inserts="?x ex:is 2.")))
    await _is(w, url, "<#a> ex:is 1, 2.")


@case("server-n3-patch-delete")
async def who_may_read_and_append_deletes_nothing(w: World) -> None:
    url = await _shared(w, "read append")
    status(await w.bob.patch(url, n3(deletes="<#a> ex:is 1.")), *REFUSED)
    status(await w.bob.patch(url, n3(deletes="<#a> ex:is 1.", inserts="<#a> ex:is 2.")), *REFUSED)
    await _is(w, url, BEFORE)


@case("server-n3-patch-delete")
async def who_may_not_read_deletes_nothing(w: World) -> None:
    """Whether it succeeds would tell what the document says: to delete is to read and to write."""
    url = await _shared(w, "append write")
    for deletes in ("<#a> ex:is 1.", "<#a> ex:is 7."):
        status(await w.bob.patch(url, n3(deletes=deletes)), *REFUSED)
    await _is(w, url, BEFORE)


@case("server-n3-patch-delete")
async def who_may_read_and_write_deletes(w: World) -> None:
    url = await _shared(w, "read append write")
    succeeded(await w.bob.patch(url, n3("?x ex:is 1.", "?x ex:is 1.", "?x ex:is 2.")))
    await _is(w, url, "<#a> ex:is 2.")


@case("server-n3-patch-insert", "server-n3-patch-delete")
async def who_may_nothing_learns_nothing_by_a_patch(w: World) -> None:
    """The rights are looked at before the patch is: neither 409, 415 nor 422."""
    url = await w.document("note", f"@prefix ex: <{VOC}>. {BEFORE}")
    patches = (
        n3(inserts="<#a> ex:is 2."),
        n3(deletes="<#a> ex:is 7."),
        n3(where="<#a> ex:is 7.", inserts="<#a> ex:is 2."),
    )
    for patch in patches:
        status(await w.bob.patch(url, patch), *REFUSED)
        status(await w.anyone.patch(url, patch), 401, 404)
    await _is(w, url, BEFORE)
