"""PATCH: inserting needs acl:Append; a patch that deletes or asks needs more (WAC, 5.3.1; Solid Protocol, 5.3.1)."""

import rdflib

from conformance.access import absent, denied, there, unchanged
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, box, note, shared
from conformance.exchange import TURTLE
from conformance.expect import has, lacks, require, status, succeeded
from conformance.people import Anyone
from conformance.world import World

IS = "https://voc.example/is"
MORE = f"<#more> <{IS}> 2 ."
NOTED = f"?s <{IS}> 1 ."
FORMER = f"<#it> <{IS}> 1 ."


def patch(*, inserts: str = "", deletes: str = "", where: str = "") -> str:
    """An N3 Patch."""
    parts = (("inserts", inserts), ("deletes", deletes), ("where", where))
    facts = "".join(f"; solid:{name} {{ {value} }}" for name, value in parts if value)
    return f"@prefix solid: <http://www.w3.org/ns/solid/terms#>. _:patch a solid:InsertDeletePatch{facts}."


async def _inserts(w: World, who: Anyone, url: str) -> None:
    """Failed unless they can add to a document."""
    succeeded(await who.patch(url, patch(inserts=MORE)))
    answer = await w.alice.get(url, TURTLE)
    status(answer, 200)
    for name, value in (("it", 1), ("more", 2)):
        has(answer.graph(url), f"{url}#{name}", IS, rdflib.Literal(value))


async def _changes_nothing(w: World, who: Anyone, url: str, content: str) -> None:
    """Failed when the patch is applied."""
    denied(await who.patch(url, content))
    await unchanged(w, url)


async def _makes_nothing(w: World, who: Anyone, folder: str, content: str) -> None:
    """Failed when the patch makes a document in the container."""
    url = folder + w.fresh(".ttl")
    denied(await who.patch(url, content))
    await absent(w, url)
    require(url not in await w.members(folder), "the container does not list what was refused")


@case("http-patch", "acl-mode-append", "server-update-operation", needs=("wac",))
async def inserting_needs_append_on_the_document_alone(w: World) -> None:
    await _inserts(w, w.bob, await note(w, await box(w, "", "append")))


@case("http-patch", "access-mode-classes", "authorization-evaluation-acl-mode-entailment", needs=("wac",))
async def who_may_write_may_insert(w: World) -> None:
    await _inserts(w, w.bob, await shared(w, "write"))


@case("http-patch", "acl-agentclass-foaf-agent", needs=("wac",))
async def everyone_may_insert_where_everyone_may_append(w: World) -> None:
    await _inserts(w, w.anyone, await shared(w, "append", EVERYONE))


@case("http-patch", "server-update-operation", needs=("wac",))
async def who_may_nothing_may_not_insert(w: World) -> None:
    await _changes_nothing(w, w.bob, await shared(w, ""), patch(inserts=MORE))


@case("http-patch", "server-update-operation", needs=("wac",))
async def who_may_read_may_not_insert(w: World) -> None:
    await _changes_nothing(w, w.bob, await shared(w, "read"), patch(inserts=MORE))


@case("http-patch", "acl-mode-control", "http-acl-resource", needs=("wac",))
async def who_has_control_may_not_therefore_insert(w: World) -> None:
    await _changes_nothing(w, w.bob, await shared(w, "control"), patch(inserts=MORE))


@case("http-patch", "acl-mode-append", needs=("wac",))
async def who_may_append_may_not_delete_statements(w: World) -> None:
    """acl:Append adds information, and removes none (WAC, 4.2)."""
    await _changes_nothing(w, w.bob, await shared(w, "append"), patch(deletes=FORMER))


@case("http-patch", "acl-mode-append", needs=("wac",))
async def who_may_read_and_append_may_not_delete_statements(w: World) -> None:
    url = await shared(w, "read append")
    await _changes_nothing(w, w.bob, url, patch(deletes=FORMER))
    await _changes_nothing(w, w.bob, url, patch(deletes=FORMER, inserts=MORE))
    await _changes_nothing(w, w.bob, url, patch(where=NOTED, deletes=NOTED))


@case("server-n3-patch-delete", "http-patch", needs=("wac",))
async def deleting_statements_needs_read_as_well_as_write(w: World) -> None:
    """Whether the patch succeeds tells whether the statement was there (Solid Protocol, 5.3.1)."""
    await _changes_nothing(w, w.bob, await shared(w, "write"), patch(deletes=FORMER))


@case("server-n3-patch-delete", "http-patch", "acl-mode-write", needs=("wac",))
async def who_may_read_and_write_may_delete_statements(w: World) -> None:
    url = await note(w, await box(w, "", "read write"))
    succeeded(await w.bob.patch(url, patch(deletes=FORMER, inserts=MORE)))
    answer = await w.alice.get(url, TURTLE)
    status(answer, 200)
    lacks(answer.graph(url), f"{url}#it", IS, None)
    has(answer.graph(url), f"{url}#more", IS, rdflib.Literal(2))


@case("server-n3-patch-where", "http-patch", needs=("wac",))
async def a_patch_that_asks_needs_read(w: World) -> None:
    for modes in ("append", "append write"):
        url = await shared(w, modes)
        await _changes_nothing(w, w.bob, url, patch(where=NOTED, inserts=MORE))


@case("server-n3-patch-where", "http-patch", "acl-mode-append", needs=("wac",))
async def who_may_read_and_append_may_insert_where_something_is_so(w: World) -> None:
    url = await shared(w, "read append")
    succeeded(await w.bob.patch(url, patch(where=NOTED, inserts=f"?s <{IS}> 2 .")))
    has((await w.alice.get(url, TURTLE)).graph(url), f"{url}#it", IS, rdflib.Literal(2))


@case("http-patch", "server-create-operation", needs=("wac",))
async def a_patch_makes_a_document_for_who_may_append_to_both(w: World) -> None:
    for here, below in (("append", "append write"), ("write", "write")):
        url = (await box(w, here, below)) + w.fresh(".ttl")
        succeeded(await w.bob.patch(url, patch(inserts=MORE)))
        await there(w, url)


@case("http-patch", "server-create-operation", needs=("wac",))
async def a_patch_makes_nothing_for_who_may_not_append_to_the_container(w: World) -> None:
    """To create takes acl:Append or acl:Write on the container as well (WAC, 5.3.1, PATCH)."""
    await _makes_nothing(w, w.bob, await box(w, "", "append"), patch(inserts=MORE))
    await _makes_nothing(w, w.bob, await box(w, "read", "read append write"), patch(inserts=MORE))


@case("http-patch", "server-create-operation", needs=("wac",))
async def a_patch_makes_nothing_for_who_may_not_append_below(w: World) -> None:
    await _makes_nothing(w, w.bob, await box(w, "append write", ""), patch(inserts=MORE))
    await _makes_nothing(w, w.bob, await box(w, "append write", "read"), patch(inserts=MORE))


@case("http-patch", "server-n3-patch-delete", needs=("wac",))
async def a_patch_that_deletes_is_denied_to_who_may_not_where_nothing_is(w: World) -> None:
    await _makes_nothing(w, w.bob, await box(w, "append", "write"), patch(deletes=FORMER))
    await _makes_nothing(w, w.bob, await box(w, "", "read"), patch(deletes=FORMER))


@case("http-patch", "container-permissions", "server-create-operation", needs=("wac",))
async def a_patch_makes_no_container_on_the_way_for_who_may_not(w: World) -> None:
    folder = await box(w, "read", "append write")
    denied(await w.bob.patch(f"{folder}{w.fresh()}/note.ttl", patch(inserts=MORE)))
    require(await w.members(folder) == frozenset(), "no container was made on the way")


@case("http-patch", "server-update-operation", needs=("wac",))
async def a_container_is_patched_by_the_same_rule(w: World) -> None:
    folder = await box(w, "read", "read append write")
    denied(await w.bob.patch(folder, patch(inserts=f"<#it> <{IS}> 2 .")))
    answer = await w.alice.get(folder, TURTLE)
    status(answer, 200)
    lacks(answer.graph(folder), f"{folder}#it", IS, None)
