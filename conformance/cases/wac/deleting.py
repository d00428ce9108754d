"""DELETE: it needs acl:Write on the resource and on the container that lists it (WAC, 5.3.1)."""

from conformance.access import absent, denied, there
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, agent, box, govern, note, rule
from conformance.expect import require, status, succeeded
from conformance.people import Anyone
from conformance.world import World


async def _deletes(w: World, who: Anyone, url: str) -> None:
    succeeded(await who.delete(url))
    await absent(w, url)


async def _deletes_nothing(w: World, here: str, below: str, whom: str = "") -> None:
    """Failed when Bob or anyone can delete a document with these modes on its container and on itself."""
    folder = await box(w, here, below, whom)
    url = await note(w, folder)
    denied(await (w.anyone if whom == EVERYONE else w.bob).delete(url))
    await there(w, url)
    require(url in await w.members(folder), "the container still lists what was not deleted")


@case("http-delete", "server-delete-operation", "acl-mode-write", needs=("wac",))
async def who_may_write_to_both_may_delete(w: World) -> None:
    folder = await box(w, "write", "write")
    url = await note(w, folder)
    await _deletes(w, w.bob, url)
    require(url not in await w.members(folder), "the container no longer lists what was deleted")


@case("http-delete", "server-delete-operation", "acl-agentclass-foaf-agent", needs=("wac",))
async def everyone_may_delete_where_everyone_may_write(w: World) -> None:
    await _deletes(w, w.anyone, await note(w, await box(w, "write", "write", EVERYONE)))


@case("server-delete-operation", "http-delete", needs=("wac",))
async def deleting_needs_write_on_the_container(w: World) -> None:
    """Its list of members changes: acl:Write is needed on the resource and on the container (WAC, 5.3.1)."""
    await _deletes_nothing(w, "", "write")
    await _deletes_nothing(w, "read", "read append write")


@case("server-delete-operation", "http-delete", needs=("wac",))
async def append_on_the_container_is_not_enough_to_delete(w: World) -> None:
    await _deletes_nothing(w, "append", "write")
    await _deletes_nothing(w, "read append control", "read write")


@case("server-delete-operation", "http-delete", needs=("wac",))
async def deleting_needs_write_on_what_is_deleted(w: World) -> None:
    await _deletes_nothing(w, "write", "")
    await _deletes_nothing(w, "read write", "read")


@case("server-delete-operation", "acl-mode-append", needs=("wac",))
async def who_may_append_may_not_delete(w: World) -> None:
    await _deletes_nothing(w, "append", "append")
    await _deletes_nothing(w, "write", "append")


@case("server-delete-operation", "acl-mode-read", needs=("wac",))
async def who_may_read_may_not_delete(w: World) -> None:
    await _deletes_nothing(w, "read", "read")


@case("server-delete-operation", "acl-mode-control", "http-acl-resource", needs=("wac",))
async def who_has_control_may_not_therefore_delete(w: World) -> None:
    await _deletes_nothing(w, "control", "control")


@case("server-delete-operation", needs=("wac",))
async def who_is_not_known_may_not_delete_without_write_for_all(w: World) -> None:
    await _deletes_nothing(w, "read append", "read append write", EVERYONE)


@case("server-delete-operation", "http-delete", needs=("wac",))
async def who_may_read_and_write_may_delete_an_empty_container(w: World) -> None:
    folder = await box(w, "read write", "read write")
    await _deletes(w, w.bob, await w.folder(folder.removeprefix(w.place) + w.fresh()))


@case("server-delete-operation", "http-delete", needs=("wac",))
async def a_container_is_not_deleted_without_write_on_itself_and_above(w: World) -> None:
    for here, below in (("read write", "read append"), ("read append", "read write"), ("", "read write")):
        folder = await box(w, here, below)
        url = await w.folder(folder.removeprefix(w.place) + w.fresh())
        denied(await w.bob.delete(url))
        await there(w, url)


@case("consider-delete-read-diff", "server-delete-operation", needs=("wac",), level="SHOULD")
async def whether_a_container_is_empty_is_not_told_to_who_may_not_read_it(w: World) -> None:
    """Success and 409 differ by what is in it, so that known servers ask for acl:Read besides."""
    folder = await box(w, "write", "write")
    empty, full = [await w.folder(folder.removeprefix(w.place) + w.fresh()) for _ in range(2)]
    await note(w, full)
    answers = [(await w.bob.delete(one)).status for one in (empty, full)]
    require(answers[0] == answers[1], "a container that is empty and one that is not are answered alike")
    await there(w, full)


@case("server-delete-operation", needs=("wac",))
async def a_container_with_members_stays_whatever_one_may(w: World) -> None:
    """Unless a server deletes all in it, for which one would need acl:Write on each."""
    folder = await box(w, "read write", "read write")
    full = await w.folder(folder.removeprefix(w.place) + w.fresh())
    kept = await note(w, full)
    await govern(w, kept, rule(agent(w.bob), "read", to=kept))
    require((await w.bob.delete(full)).status >= 400, "a container is not deleted with what one may not delete")
    await there(w, kept)


@case("server-delete-operation", needs=("wac",))
async def deleting_what_is_not_there_is_denied_to_who_may_nothing(w: World) -> None:
    folder = await box(w, "", "")
    denied(await w.bob.delete(folder + w.fresh(".ttl")))
    denied(await w.anyone.delete(folder + w.fresh(".ttl")))


@case("server-delete-operation", needs=("wac",))
async def who_may_read_and_write_learns_that_there_is_nothing_to_delete(w: World) -> None:
    folder = await box(w, "read write", "read write")
    status(await w.bob.delete(folder + w.fresh(".ttl")), 404, 410)
