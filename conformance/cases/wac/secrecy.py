"""What answers tell those who may not know it (WAC, 8.1, 8.2), and that rights come before all else."""

from conformance.access import absent, denied, there, unchanged
from conformance.case import case
from conformance.cases.wac._policies import agent, box, govern, note, rule, shared
from conformance.cases.wac.patching import IS, patch
from conformance.exchange import TURTLE, Answer
from conformance.expect import require, status
from conformance.world import NOTE, World

WRONG = "application/x-nothing"


def _alike(first: Answer, second: Answer) -> None:
    """Failed unless two refusals say the same, but for the URL."""
    denied(first)
    require(first.status == second.status, f"{first.method} is answered alike, and not with {second.status}")
    names = [{name.lower() for name, _ in one.headers} - {"date", "age"} for one in (first, second)]
    differing = names[0] ^ names[1]
    require(not differing, f"{first.method} is answered with the same headers; {', '.join(sorted(differing))} differ")


@case("server-read-operation", needs=("wac",))
async def what_is_there_and_what_is_not_is_refused_alike(w: World) -> None:
    """A read confirms that a resource exists, and so needs acl:Read as well (WAC, 5.3.1)."""
    folder = await box(w, "", "")
    url, missing = await note(w, folder), folder + w.fresh(".ttl")
    for who in (w.bob, w.anyone):
        for method in ("GET", "HEAD"):
            _alike(await who.send(method, url), await who.send(method, missing))


@case("server-read-operation", needs=("wac",))
async def containers_that_are_there_and_that_are_not_are_refused_alike(w: World) -> None:
    folder = await box(w, "", "")
    url = await w.folder(folder.removeprefix(w.place) + w.fresh())
    for who in (w.bob, w.anyone):
        for method in ("GET", "HEAD"):
            _alike(await who.send(method, url), await who.send(method, f"{folder}{w.fresh()}/"))


@case("server-read-operation", needs=("wac",))
async def who_may_write_and_not_read_is_not_told_what_is_there(w: World) -> None:
    folder = await box(w, "append write", "append write")
    url, missing = await note(w, folder), folder + w.fresh(".ttl")
    for method in ("GET", "HEAD"):
        _alike(await w.bob.send(method, url), await w.bob.send(method, missing))


@case("server-update-operation", "server-create-operation", needs=("wac",), level="SHOULD")
async def writes_to_what_is_there_and_to_what_is_not_are_refused_alike(w: World) -> None:
    folder = await box(w, "", "")
    url, missing = await note(w, folder), folder + w.fresh(".ttl")
    for who in (w.bob, w.anyone):
        for content, media_type in ((NOTE, TURTLE), ("text", "text/plain")):
            _alike(await who.put(url, media_type, content), await who.put(missing, media_type, content))
        insert = patch(inserts=f"<a> <{IS}> 2 .")
        _alike(await who.patch(url, insert), await who.patch(missing, insert))
        _alike(await who.post(url, TURTLE, NOTE), await who.post(missing, TURTLE, NOTE))


@case("consider-delete-read-diff", needs=("wac",))
async def deleting_what_is_there_and_what_is_not_is_refused_alike(w: World) -> None:
    folder = await box(w, "", "")
    url, missing = await note(w, folder), folder + w.fresh(".ttl")
    for who in (w.bob, w.anyone):
        _alike(await who.delete(url), await who.delete(missing))


@case("consider-delete-read-diff", "server-n3-patch-delete", needs=("wac",))
async def a_patch_that_deletes_does_not_tell_what_is_there(w: World) -> None:
    """The status for a statement that is in the document is that for one that is not."""
    url = await shared(w, "append write")
    right = await w.bob.patch(url, patch(deletes=f"<#it> <{IS}> 1 ."))
    wrong = await w.bob.patch(url, patch(deletes=f"<#it> <{IS}> 7 ."))
    _alike(right, wrong)
    await unchanged(w, url)


@case("consider-delete-read-diff", "server-n3-patch-where", needs=("wac",))
async def a_patch_that_asks_does_not_tell_what_is_there(w: World) -> None:
    url = await shared(w, "append write")
    right = await w.bob.patch(url, patch(where=f"?s <{IS}> 1 .", inserts="?s a <#Found> ."))
    wrong = await w.bob.patch(url, patch(where=f"?s <{IS}> 7 .", inserts="?s a <#Found> ."))
    _alike(right, wrong)
    await unchanged(w, url)


@case("consider-append-read-diff", needs=("wac",))
async def a_post_tells_nothing_of_what_is_in_the_container(w: World) -> None:
    folder = await box(w, "append", "append")
    secret = f"secret-{w.fresh()}"
    await w.document(folder.removeprefix(w.place) + secret + ".ttl")
    answer = await w.bob.post(folder, TURTLE, NOTE)
    status(answer, 201)
    told = answer.text + " ".join(value for _, value in answer.headers)
    require(secret not in told, "who may append to a container is not told of what else is in it")
    require(IS not in answer.text, "who may append to a container gets no content back")


@case("consider-append-read-diff", needs=("wac",))
async def a_patch_that_appends_tells_nothing_of_the_document(w: World) -> None:
    secret = f"secret-{w.fresh()}"
    url = await w.document(content=f'<#it> <{IS}> "{secret}" .')
    await govern(w, url, rule(agent(w.bob), "append", to=url))
    answer = await w.bob.patch(url, patch(inserts=f"<#more> <{IS}> 2 ."))
    require(200 <= answer.status < 300, f"an insertion succeeds, and is not answered with {answer.status}")
    require(secret not in answer.text, "who may append to a document is not told what is in it")


@case("server-read-operation", "exposing-information", needs=("wac",))
async def a_refusal_tells_nothing_of_the_document(w: World) -> None:
    secret = f"secret-{w.fresh()}"
    url = await w.document(content=f'<#it> <{IS}> "{secret}" .')
    etag = (await w.alice.get(url)).header("etag")
    for who in (w.bob, w.anyone):
        answer = await who.get(url)
        denied(answer)
        told = answer.text + " ".join(value for _, value in answer.headers)
        require(secret not in told, "a refusal has nothing in it of what was refused")
        require(not etag or etag != answer.header("etag"), "a refusal does not tell the ETag of what was refused")


@case("server-update-operation", needs=("wac",), level="SHOULD")
async def rights_come_before_the_media_type(w: World) -> None:
    """Whether the content would do is for who may write at all: what is refused anyway is refused as that."""
    url = await shared(w, "read")
    for who in (w.bob, w.anyone):
        denied(await who.patch(url, "nothing", WRONG))
        denied(await who.put(url, TURTLE, "this is <no Turtle"))
        denied(await who.patch(url, "this is <no patch"))
    await unchanged(w, url)


@case("server-update-operation", needs=("wac",), level="SHOULD")
async def rights_come_before_the_method(w: World) -> None:
    """Of a POST to a document 404 and 405 tell that there is one, or none."""
    folder = await box(w, "", "")
    for who in (w.bob, w.anyone):
        denied(await who.post(await note(w, folder), TURTLE, NOTE))


@case("server-update-operation", "server-delete-operation", needs=("wac",), level="SHOULD")
async def rights_come_before_conditions(w: World) -> None:
    """412 for a version that is not the present one tells which one is."""
    url = await shared(w, "")
    for who in (w.bob, w.anyone):
        for headers in ({"if_match": '"guessed"'}, {"if_none_match": "*"}):
            denied(await who.put(url, TURTLE, NOTE, **headers))
            denied(await who.delete(url, **headers))
    await unchanged(w, url)


@case("server-create-operation", needs=("wac",), level="SHOULD")
async def rights_come_before_conflicts(w: World) -> None:
    """What could not be made for another reason is refused for the rights, and does not show what is there."""
    folder = await box(w, "", "")
    url = await note(w, folder)
    for who in (w.bob, w.anyone):
        denied(await who.put(f"{url}/", TURTLE, ""))
        denied(await who.put(f"{url}/below.ttl", TURTLE, NOTE))
        denied(await who.delete(folder))
    await there(w, url)


@case("server-authorization-redirect", "server-read-operation", needs=("wac",))
async def rights_come_before_redirects(w: World) -> None:
    """A redirect to the URL with or without a slash tells that there is something (Solid Protocol, 3.1)."""
    folder = await box(w, "", "")
    inner = await w.folder(folder.removeprefix(w.place) + w.fresh())
    url = await note(w, folder)
    for who in (w.bob, w.anyone):
        for method in ("GET", "HEAD"):
            denied(await who.send(method, inner.rstrip("/")))
            denied(await who.send(method, f"{url}/"))


@case("server-delete-operation", "consider-delete-read-diff", needs=("wac",), level="SHOULD")
async def a_name_that_was_used_is_not_told(w: World) -> None:
    """Neither 404 nor 410 tells those who may nothing that something was deleted."""
    folder = await box(w, "", "")
    url = await note(w, folder)
    w.prepared(await w.alice.delete(url), "delete a document")
    await absent(w, url)
    for who in (w.bob, w.anyone):
        _alike(await who.get(url), await who.get(folder + w.fresh(".ttl")))
