"""DELETE, and what goes with it (Protocol, 5.4)."""

from conformance.case import CannotTell, NotOffered, case
from conformance.cases.protocol._terms import GONE, PLAIN, methods, n3, one
from conformance.exchange import TURTLE
from conformance.expect import lacks, links, require, status, succeeded
from conformance.world import NOTE, World

SAFE = ("GET", "HEAD", "OPTIONS")


@case(
    "x-server-delete-method", "server-delete-get", "server-delete-remove-containment", "ldpc-del-contremovesconttriple"
)
async def a_document_is_gone_once_it_is_deleted(w: World) -> None:
    for url in (await w.document(), await w.document("text.txt", "text", PLAIN)):
        status(await w.alice.delete(url), 200, 202, 204, 205)
        status(await w.alice.get(url), *GONE)
        status(await w.alice.head(url), *GONE)
        require(url not in await w.members(w.place), "what was deleted is not listed any more")


@case("server-delete-remove-containment", "server-hierarchical-containment")
async def what_was_not_deleted_stays(w: World) -> None:
    kept, url = await w.document("kept.ttl"), await w.document("note.ttl")
    box = await w.folder("box")
    succeeded(await w.alice.delete(url))
    require(await w.members(w.place) == {kept, box}, "what was not deleted is listed as before")
    status(await w.alice.get(kept), 200)


@case("server-delete-remove-empty-container", "server-delete-remove-containment")
async def an_empty_container_can_be_deleted(w: World) -> None:
    url = await w.folder("box")
    succeeded(await w.alice.delete(url))
    status(await w.alice.get(url), *GONE)
    require(not await w.members(w.place), "what was deleted is not listed any more")


@case("server-delete-remove-empty-container")
async def a_container_that_became_empty_can_be_deleted(w: World) -> None:
    url = await w.folder("box")
    member = await w.document("box/note.ttl")
    succeeded(await w.alice.delete(member))
    succeeded(await w.alice.delete(url))
    status(await w.alice.get(url), *GONE)


@case("server-delete-remove-empty-container", "server-delete-remove-auxiliary-resource")
async def a_container_with_a_policy_of_its_own_can_be_deleted(w: World) -> None:
    """Auxiliary resources are no members: they go with it."""
    url = await w.folder("box")
    await w.share(url, (w.bob, "read"))
    policy = await w.policy_of(url)
    succeeded(await w.alice.delete(url))
    status(await w.alice.get(url), *GONE)
    answer = await w.alice.get(policy, TURTLE)
    require(answer.status != 200 or w.bob.webid not in answer.text, "the policy went with the container")


@case("server-delete-protect-nonempty-container")
async def a_container_with_members_cannot_be_deleted(w: World) -> None:
    """409, with content that says why; nothing is lost."""
    url = await w.folder("box")
    member, deeper = await w.document("box/note.ttl"), await w.document("box/deep/note.ttl")
    answer = await w.alice.delete(url)
    status(answer, 409)
    require(answer.content.strip(), "the answer has content that describes the error")
    require(await w.members(url) == {member, f"{url}deep/"}, "the container lists what it listed")
    for one_of_them in (member, deeper):
        status(await w.alice.get(one_of_them), 200)


@case("server-delete-protect-root-container")
async def the_root_of_a_storage_cannot_be_deleted(w: World) -> None:
    """405 to its owner (5.4), whatever rights deleting needs elsewhere; the condition is as in the next case."""
    status(await w.alice.delete(w.target.storage, if_match='"none"'), 405)
    status(await w.alice.get(w.target.storage), 200)


@case("server-delete-protect-root-container")
async def the_policy_of_the_root_cannot_be_deleted(w: World) -> None:
    """The condition, which cannot hold, is for servers that would do it: RFC 9110, 13.2.1 lets 405 come before it."""
    policy = await w.policy_of(w.target.storage)
    before = await w.alice.get(policy, TURTLE)
    if before.status != 200:
        raise CannotTell(f"The policy of the root was answered with {before.status}.")
    answer = await w.alice.delete(policy, if_match='"none"')
    if 200 <= answer.status < 300:
        await w.alice.put(policy, TURTLE, before.content)
    status(answer, 405)
    status(await w.alice.get(policy), 200)


@case("server-disallow-delete")
async def the_root_does_not_say_that_it_can_be_deleted(w: World) -> None:
    """Nor does its policy; each says what else can be done."""
    for url in (w.target.storage, await w.policy_of(w.target.storage)):
        for method in ("GET", "HEAD"):
            answer = await w.alice.send(method, url)
            status(answer, 200)
            require("GET" in methods(answer), f"{method} {url} says what can be done by Allow")
            require("DELETE" not in methods(answer), f"{method} {url} does not list DELETE in Allow")
        require("DELETE" not in methods(await w.alice.options(url)), f"OPTIONS {url} does not list DELETE in Allow")


@case("server-disallow-delete")
async def who_tries_to_delete_the_root_is_not_told_to_try_again(w: World) -> None:
    answer = await w.alice.delete(w.target.storage, if_match='"none"')
    require("DELETE" not in methods(answer), "the refusal does not list DELETE in Allow")


@case("server-delete-remove-auxiliary-resource")
async def the_policy_of_a_document_goes_with_it(w: World) -> None:
    """Otherwise what comes to the same URL later would be open to those who could read what was there before."""
    url = await w.document("note.ttl")
    await w.share(url, (w.bob, "read"))
    if (await w.bob.get(url)).status != 200:
        raise CannotTell("Bob could not read what was shared with him.")
    succeeded(await w.alice.delete(url))
    succeeded(await w.alice.put(url, TURTLE, NOTE))
    status(await w.bob.get(url), 403, 404)


@case("server-delete-remove-auxiliary-resource", "ldpc-del-contremovescontres")
async def the_description_of_a_document_goes_with_it(w: World) -> None:
    url = await w.document("text.txt", "text", PLAIN)
    description = links(await w.alice.head(url), "describedby")
    w.prepared(await w.alice.patch(description, n3(inserts=f'<{url}> ex:name "before".')), "describe a document")
    succeeded(await w.alice.delete(url))
    status(await w.alice.get(description), *GONE)
    succeeded(await w.alice.put(url, PLAIN, "text"))
    answer = await w.alice.get(links(await w.alice.head(url), "describedby"), TURTLE)
    if answer.status == 200:
        lacks(answer.graph(), url, one("name"), None)


@case("server-delete-remove-auxiliary-resource")
async def the_policy_of_a_container_goes_with_it(w: World) -> None:
    url = await w.folder("box")
    await w.share(url, (w.bob, "read"))
    if (await w.bob.get(url)).status != 200:
        raise CannotTell("Bob could not read what was shared with him.")
    succeeded(await w.alice.delete(url))
    await w.folder("box")
    status(await w.bob.get(url), 403, 404)


@case("server-http", level="SHOULD")
async def what_is_not_there_cannot_be_deleted(w: World) -> None:
    """404, for somebody who may know what is there."""
    for url in (w.url("none.ttl"), w.url("none/")):
        status(await w.alice.delete(url), *GONE)


@case("uri-reuse-disabling")
async def what_was_deleted_may_be_gone_for_good(w: World) -> None:
    """A server may say 410, and then keeps to it."""
    url = await w.document()
    succeeded(await w.alice.delete(url))
    answer = await w.alice.get(url)
    if answer.status != 410:
        raise NotOffered("The server lets a URL be used again.")
    again = await w.alice.put(url, TURTLE, NOTE)
    require(again.status == 410 or (await w.alice.get(url)).status == 200, "what is put there is there, or refused")
