"""PUT: replacing needs acl:Write; creating needs rights on the container besides (WAC, 5.3.1)."""

from conformance.access import absent, denied, there, unchanged
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, box, note
from conformance.exchange import TURTLE
from conformance.expect import require, succeeded
from conformance.people import Anyone
from conformance.world import BASIC_CONTAINER, NOTE, World

OTHER = "<#it> <https://voc.example/is> 2 ."


async def _replaces(w: World, who: Anyone, url: str) -> None:
    """Failed unless they can replace a document."""
    succeeded(await who.put(url, TURTLE, OTHER))
    require(
        len((await w.alice.get(url, TURTLE)).text) and "2" in (await w.alice.get(url, TURTLE)).text, "it is replaced"
    )


async def _replaces_nothing(w: World, who: Anyone, url: str) -> None:
    """Failed when they can."""
    denied(await who.put(url, TURTLE, OTHER))
    denied(await who.put(url, "text/plain", "2"))
    await unchanged(w, url)


async def _makes(w: World, who: Anyone, folder: str) -> None:
    """Failed unless they can make a document at a URL of their choice."""
    url = folder + w.fresh(".ttl")
    succeeded(await who.put(url, TURTLE, NOTE))
    await there(w, url)
    require(url in await w.members(folder), "the container lists what was made")


async def _makes_nothing(w: World, who: Anyone, folder: str) -> None:
    """Failed when they can."""
    before = await w.members(folder)
    url = folder + w.fresh(".ttl")
    denied(await who.put(url, TURTLE, NOTE))
    denied(await who.put(url, TURTLE, NOTE, if_none_match="*"))
    denied(await who.put(f"{folder}{w.fresh()}/", TURTLE, "", link=BASIC_CONTAINER))
    await absent(w, url)
    require(await w.members(folder) == before, "the container is as it was")


@case("http-put", "acl-mode-write", "server-update-operation", needs=("wac",))
async def replacing_needs_write_on_the_document_alone(w: World) -> None:
    await _replaces(w, w.bob, await note(w, await box(w, "", "write")))


@case("http-put", "acl-mode-write", "acl-default", needs=("wac",))
async def who_may_write_in_a_container_may_replace_what_is_in_it(w: World) -> None:
    await _replaces(w, w.bob, await note(w, await box(w, "write", "write")))


@case("http-put", "acl-agentclass-foaf-agent", needs=("wac",))
async def everyone_may_replace_what_everyone_may_write(w: World) -> None:
    await _replaces(w, w.anyone, await note(w, await box(w, "", "write", EVERYONE)))


@case("http-put", "acl-mode-append", "server-update-operation", needs=("wac",))
async def who_may_append_may_not_replace(w: World) -> None:
    await _replaces_nothing(w, w.bob, await note(w, await box(w, "", "append")))
    await _replaces_nothing(w, w.bob, await note(w, await box(w, "append", "append")))


@case("http-put", "server-update-operation", needs=("wac",))
async def who_may_read_may_not_replace(w: World) -> None:
    await _replaces_nothing(w, w.bob, await note(w, await box(w, "read", "read")))


@case("http-put", "http-acl-resource", "acl-mode-control", needs=("wac",))
async def who_has_control_may_not_therefore_replace(w: World) -> None:
    await _replaces_nothing(w, w.bob, await note(w, await box(w, "control", "read control")))


@case("http-put", "server-update-operation", needs=("wac",))
async def write_on_the_container_is_not_write_on_what_is_in_it(w: World) -> None:
    await _replaces_nothing(w, w.bob, await note(w, await box(w, "read append write", "read append")))


@case("http-put", "server-update-operation", needs=("wac",))
async def a_file_that_is_no_rdf_is_replaced_by_the_same_rule(w: World) -> None:
    for below, may in (("write", True), ("read append", False)):
        folder = (await box(w, "", below)).removeprefix(w.place)
        url = await w.document(folder + w.fresh(".txt"), "first", "text/plain")
        answer = await w.bob.put(url, "text/plain", "second")
        (succeeded if may else denied)(answer)
        require(((await w.alice.get(url)).text == "second") is may, "only who may write has replaced the file")


@case("http-put", "server-create-operation", needs=("wac",))
async def creating_needs_append_on_the_container_and_write_on_what_is_made(w: World) -> None:
    await _makes(w, w.bob, await box(w, "append", "write"))


@case("http-put", "server-create-operation", "access-mode-classes", needs=("wac",))
async def who_may_write_in_a_container_may_create_in_it(w: World) -> None:
    await _makes(w, w.bob, await box(w, "write", "write"))


@case("http-put", "server-create-operation", "acl-agentclass-foaf-agent", needs=("wac",))
async def everyone_may_create_where_everyone_may_write(w: World) -> None:
    await _makes(w, w.anyone, await box(w, "append", "write", EVERYONE))


@case("http-put", "server-create-operation", needs=("wac",))
async def write_on_what_would_be_made_is_not_enough_to_create(w: World) -> None:
    """Creating needs acl:Append or acl:Write on the container as well (WAC, 5.3.1, PUT)."""
    await _makes_nothing(w, w.bob, await box(w, "", "write"))
    await _makes_nothing(w, w.bob, await box(w, "read", "read write"))


@case("http-put", "server-create-operation", needs=("wac",))
async def write_on_the_container_is_not_enough_to_create(w: World) -> None:
    """Creating needs acl:Append or acl:Write on the resource to be created (WAC, 5.3.1)."""
    await _makes_nothing(w, w.bob, await box(w, "write", ""))
    await _makes_nothing(w, w.bob, await box(w, "read write", "read"))


@case("http-put", "server-create-operation", needs=("wac",))
async def who_may_read_may_not_create(w: World) -> None:
    await _makes_nothing(w, w.bob, await box(w, "read", "read"))


@case("http-put", "acl-mode-control", "http-acl-resource", needs=("wac",))
async def who_has_control_may_not_therefore_create(w: World) -> None:
    await _makes_nothing(w, w.bob, await box(w, "read control", "read control"))


@case("http-put", "server-create-operation", needs=("wac",))
async def a_container_is_created_by_the_same_rule(w: World) -> None:
    folder = await box(w, "append", "write")
    url = f"{folder}{w.fresh()}/"
    succeeded(await w.bob.put(url, TURTLE, "", link=BASIC_CONTAINER))
    await there(w, url)


@case("container-permissions", "server-create-operation", needs=("wac",))
async def containers_on_the_way_are_made_for_who_may_create(w: World) -> None:
    folder = await box(w, "write", "write")
    url = f"{folder}{w.fresh()}/{w.fresh()}/note.ttl"
    succeeded(await w.bob.put(url, TURTLE, NOTE))
    await there(w, url)


@case("container-permissions", "server-create-operation", needs=("wac",))
async def no_container_is_made_on_the_way_for_who_may_not_add_to_the_first(w: World) -> None:
    """Each container on the way takes what creating it would take (WAC, 5.3.1, note on container permissions)."""
    folder = await box(w, "read", "write")
    denied(await w.bob.put(f"{folder}{w.fresh()}/{w.fresh()}/note.ttl", TURTLE, NOTE))
    require(await w.members(folder) == frozenset(), "no container was made on the way")


@case("container-permissions", "server-create-operation", needs=("wac",))
async def no_container_is_made_on_the_way_for_who_may_only_read_below(w: World) -> None:
    folder = await box(w, "append write", "read")
    denied(await w.bob.put(f"{folder}{w.fresh()}/{w.fresh()}/note.ttl", TURTLE, NOTE))
    require(await w.members(folder) == frozenset(), "no container was made on the way")
