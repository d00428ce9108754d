"""GET and HEAD: they need acl:Read on the resource, and nothing else will do (WAC, 5.3.1)."""

from conformance.access import absent, denied, hidden, readable, there, unchanged
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, box, note, shared
from conformance.exchange import TURTLE
from conformance.expect import require, status
from conformance.people import Anyone
from conformance.world import BASIC_CONTAINER, NOTE, World

INSERT = (
    "@prefix solid: <http://www.w3.org/ns/solid/terms#>. _:p a solid:InsertDeletePatch; solid:inserts { <a> <b> 2. }."
)


@case("http-get", "acl-mode-read", "server-read-operation", needs=("wac",))
async def get_needs_read(w: World) -> None:
    await readable(await shared(w, "read"), w.bob)
    await hidden(await shared(w, ""), w.bob)


@case("http-get", "acl-mode-read", "server-read-operation", needs=("wac",))
async def head_needs_read(w: World) -> None:
    status(await w.bob.head(await shared(w, "read")), 200)
    denied(await w.bob.head(await shared(w, "")))


@case("http-get", "server-read-operation", needs=("wac",))
async def who_says_not_who_they_are_needs_read_as_well(w: World) -> None:
    readable_one, other = await shared(w, "read", EVERYONE), await shared(w, "")
    for method in ("GET", "HEAD"):
        status(await w.anyone.send(method, readable_one), 200)
        denied(await w.anyone.send(method, other))


@case("acl-mode-read", "acl-mode-write", "server-read-operation", needs=("wac",))
async def who_may_write_may_not_therefore_read(w: World) -> None:
    url = await shared(w, "write")
    denied(await w.bob.get(url))
    denied(await w.bob.head(url))


@case("acl-mode-read", "acl-mode-append", "server-read-operation", needs=("wac",))
async def who_may_append_may_not_therefore_read(w: World) -> None:
    url = await shared(w, "append")
    denied(await w.bob.get(url))
    denied(await w.bob.head(url))


@case("http-acl-resource", "acl-mode-control", "server-read-operation", needs=("wac",))
async def who_has_control_may_not_therefore_read(w: World) -> None:
    url = await shared(w, "control")
    denied(await w.bob.get(url))
    denied(await w.bob.head(url))


@case("server-read-operation", needs=("wac",))
async def all_modes_but_read_do_not_make_a_reader(w: World) -> None:
    url = await shared(w, "append write control", EVERYONE)
    await hidden(url, w.bob, w.anyone)


@case("server-read-operation", "http-get", needs=("wac",))
async def a_container_is_listed_to_who_may_read_it(w: World) -> None:
    url = await box(w, "read", "")
    member = await note(w, url)
    answer = await w.bob.get(url, TURTLE)
    status(answer, 200)
    require(member in answer.text or member.removeprefix(url) in answer.text, "the container lists its member")


@case("server-read-operation", "acl-mode-read", needs=("wac",))
async def a_container_is_not_listed_to_who_may_only_write(w: World) -> None:
    url = await box(w, "append write control", "append write control")
    denied(await w.bob.get(url, TURTLE))
    denied(await w.bob.head(url))


@case("server-read-operation", needs=("wac",))
async def reading_a_document_needs_nothing_on_its_container(w: World) -> None:
    url = await box(w, "", "read")
    await readable(await note(w, url), w.bob)
    await hidden(url, w.bob)


@case("server-read-operation", "http-get", needs=("wac",))
async def a_file_that_is_no_rdf_is_read_by_the_same_rule(w: World) -> None:
    folder, other = await box(w, "", "read"), await box(w, "read", "append write")
    for where, may in ((folder, True), (other, False)):
        name = where.removeprefix(w.place) + w.fresh(".png")
        url = await w.document(name, b"\x89PNG\r\n\x1a\n", "image/png")
        await (readable if may else hidden)(url, w.bob)


@case("server-read-operation", needs=("wac",))
async def who_may_read_learns_that_nothing_is_there(w: World) -> None:
    url = await box(w, "read", "read")
    for name in (w.fresh(".ttl"), w.fresh() + "/"):
        status(await w.bob.get(url + name), 404, 410)
        status(await w.bob.head(url + name), 404, 410)


@case("server-read-operation", needs=("wac",))
async def a_condition_tells_nothing_to_who_may_not_read(w: World) -> None:
    """A 304 or 412 would confirm what the document says now."""
    url = await shared(w, "append write")
    etag = (await w.alice.get(url)).header("etag")
    modified = (await w.alice.get(url)).header("last-modified")
    for name, value in (("if_none_match", etag or "*"), ("if_modified_since", modified), ("if_match", '"guessed"')):
        if value:
            denied(await w.bob.get(url, **{name: value}))


@case("server-read-operation", needs=("wac",))
async def a_range_is_read_by_the_same_rule(w: World) -> None:
    url = await shared(w, "append write")
    denied(await w.bob.get(url, range="bytes=0-1"))


@case("server-read-operation", needs=("wac",))
async def each_media_type_is_read_by_the_same_rule(w: World) -> None:
    url = await shared(w, "append")
    for accept in (TURTLE, "application/ld+json", "text/html", "image/png"):
        answer = await w.bob.get(url, accept)
        require(answer.status != 200 or "voc.example" not in answer.text, f"{accept} is denied as all others are")
        require(answer.status >= 400 or accept == "text/html", "what is no page for people is denied")


@case("server-update-operation", "acl-mode-read", needs=("wac",))
async def who_may_read_may_change_nothing(w: World) -> None:
    url = await shared(w, "read")
    denied(await w.bob.put(url, TURTLE, "<#it> <https://voc.example/is> 2 ."))
    denied(await w.bob.patch(url, INSERT))
    denied(await w.bob.delete(url))
    await unchanged(w, url)


@case("server-create-operation", "acl-mode-read", needs=("wac",))
async def who_may_read_may_make_nothing(w: World) -> None:
    url = await box(w, "read", "read")
    made = url + w.fresh(".ttl")
    denied(await w.bob.put(made, TURTLE, NOTE))
    denied(await w.bob.patch(made, INSERT))
    denied(await w.bob.post(url, TURTLE, NOTE))
    denied(await w.bob.put(f"{url}{w.fresh()}/", TURTLE, "", link=BASIC_CONTAINER))
    require(await w.members(url) == frozenset(), "nothing was made")
    await absent(w, made)


async def _nothing(w: World, who: Anyone, url: str, missing: str) -> None:
    for target in (url, missing):
        for method in ("GET", "HEAD", "DELETE"):
            denied(await who.send(method, target))
        denied(await who.put(target, TURTLE, NOTE))
        denied(await who.patch(target, INSERT))
    await there(w, url)
    await absent(w, missing)


@case("server-read-operation", "server-update-operation", "server-delete-operation", needs=("wac",))
async def somebody_without_any_mode_may_do_nothing(w: World) -> None:
    folder = await box(w, "", "")
    url = await note(w, folder)
    await _nothing(w, w.bob, url, folder + w.fresh(".ttl"))
    denied(await w.bob.post(folder, TURTLE, NOTE))
    require(await w.members(folder) == {url}, "the container is as it was")


@case("server-read-operation", "server-update-operation", "server-delete-operation", needs=("wac",))
async def who_says_not_who_they_are_may_do_nothing_unless_all_may(w: World) -> None:
    folder = await box(w, "read append write control", "read append write control")
    url = await note(w, folder)
    await _nothing(w, w.anyone, url, folder + w.fresh(".ttl"))
    denied(await w.anyone.post(folder, TURTLE, NOTE))
    require(await w.members(folder) == {url}, "the container is as it was")
