"""The slash at the end of a path, and what lies between slashes (Protocol, 3.1)."""

from conformance.case import NotOffered, case
from conformance.cases.protocol._terms import CONTAINER, GONE, PLAIN, n3
from conformance.exchange import TURTLE
from conformance.expect import links, refused, require, same, status, succeeded
from conformance.world import BASIC_CONTAINER, NOTE, World

REDIRECTS = (301, 302, 303, 307, 308)


@case("uri-slashes-hierarchical-identifier")
async def what_ends_in_a_slash_is_a_container(w: World) -> None:
    url = w.url("box/")
    succeeded(await w.alice.put(url, TURTLE, "", link=BASIC_CONTAINER))
    links(await w.alice.head(url), "type", CONTAINER)
    require(url in await w.members(w.place), "the new container is listed by its URL with a slash")


@case("uri-slashes-hierarchical-identifier")
async def what_does_not_end_in_a_slash_is_no_container(w: World) -> None:
    """Also when a client says that it should be one: the server refuses, or makes a document."""
    url = w.url("box")
    answer = await w.alice.put(url, TURTLE, NOTE, link=BASIC_CONTAINER)
    if 200 <= answer.status < 300:
        found = await w.alice.head(url)
        require(CONTAINER not in found.linked("type"), "no container has a URL without a slash at the end")
    else:
        refused(answer)
        require(url not in await w.members(w.place), "what was refused is not there")


@case("server-uri-trailing-slash-distinct")
async def beside_a_document_there_is_no_container_of_its_name(w: World) -> None:
    url = await w.document("note")
    answer = await w.alice.get(f"{url}/", TURTLE)
    status(answer, *GONE, *REDIRECTS)
    if answer.status in REDIRECTS:
        require(answer.location == url, f"who is sent elsewhere is sent to {url}")


@case("server-uri-trailing-slash-distinct")
async def beside_a_container_there_is_no_document_of_its_name(w: World) -> None:
    url = await w.folder("box")
    answer = await w.alice.get(url.rstrip("/"), TURTLE)
    status(answer, *GONE, *REDIRECTS)
    if answer.status in REDIRECTS:
        require(answer.location == url, f"who is sent elsewhere is sent to {url}")


@case("server-uri-trailing-slash-distinct")
async def no_container_can_be_put_beside_a_document(w: World) -> None:
    url = await w.document("note")
    answer = await w.alice.put(f"{url}/", TURTLE, "", link=BASIC_CONTAINER)
    require(not 200 <= answer.status < 300, "PUT of a container beside a document of its name does not succeed")
    await _only(w, url)
    require(len((await w.alice.get(url, TURTLE)).graph()) == 1, "the document is as it was")


@case("server-uri-trailing-slash-distinct")
async def no_document_can_be_put_beside_a_container(w: World) -> None:
    url = await w.folder("box")
    member = await w.document("box/member.ttl")
    for media_type, content in ((TURTLE, NOTE), (PLAIN, "text")):
        answer = await w.alice.put(url.rstrip("/"), media_type, content)
        require(not 200 <= answer.status < 300, "PUT of a document beside a container of its name does not succeed")
    await _only(w, url)
    require(member in await w.members(url), "the container is as it was")


@case("server-uri-trailing-slash-distinct")
async def no_document_can_be_patched_into_being_beside_a_container(w: World) -> None:
    url = await w.folder("box")
    answer = await w.alice.patch(url.rstrip("/"), n3(inserts="<#a> ex:b 1 ."))
    require(not 200 <= answer.status < 300, "PATCH of a document beside a container of its name does not succeed")
    await _only(w, url)


@case("server-uri-trailing-slash-distinct", "server-post-uri-assignment")
async def no_hint_leads_to_two_of_one_name(w: World) -> None:
    """A Slug that would give the name of the other kind gives another name, or is refused."""
    document, container = await w.document("note"), await w.folder("box")
    for slug, headers in (("note", [("link", BASIC_CONTAINER)]), ("box", [])):
        answer = await w.alice.request("POST", w.place, [("slug", slug), ("content-type", TURTLE), *headers], NOTE)
        if 200 <= answer.status < 300:
            require(
                answer.location.rstrip("/") not in {document, container.rstrip("/")},
                f"what was posted as {slug} beside another {slug} has another name",
            )
        else:
            refused(answer)
    names = [one.rstrip("/") for one in await w.members(w.place)]
    require(len(names) == len(set(names)), "no two members differ in the slash alone")


async def _only(w: World, url: str) -> None:
    require(await w.members(w.place) == {url}, f"{url} is there, and nothing beside it")


@case("server-uri-trailing-slash-distinct", "server-hierarchical-containment")
async def nothing_lies_below_a_document(w: World) -> None:
    """To make `note/deeper` would make the container `note/`, beside the document `note`."""
    url = await w.document("note")
    for answer in (
        await w.alice.put(f"{url}/deeper", TURTLE, NOTE),
        await w.alice.patch(f"{url}/deeper", n3(inserts="<#a> ex:b 1 .")),
        await w.alice.put(f"{url}/deeper/", TURTLE, "", link=BASIC_CONTAINER),
    ):
        require(not 200 <= answer.status < 300, f"{answer.method} below a document does not succeed")
    status(await w.alice.get(f"{url}/deeper"), *GONE)
    await _only(w, url)


@case("server-uri-redirect-differing")
async def who_forgets_the_slash_may_be_sent_on(w: World) -> None:
    """With 301, or 308, which keeps the method; a server need not."""
    url = await w.folder("box")
    answer = await w.alice.get(url.rstrip("/"))
    if answer.status not in REDIRECTS:
        raise NotOffered("The server sends nobody on who forgot the slash.")
    status(answer, 301, 308)
    require(answer.location == url, f"Location is {url}")


@case("server-authorization-redirect")
async def who_may_not_know_is_not_sent_on(w: World) -> None:
    """For a stranger and for nobody, what is beside a document or a container is as what is nowhere."""
    document, container = await w.document("note"), await w.folder("box")
    for who in (w.anyone, w.bob):
        for url in (f"{document}/", container.rstrip("/")):
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = await who.send(method, url)
                require(answer.status not in REDIRECTS, f"{method} {url} by {who.name} is not answered by a redirect")
            status(await who.get(url), 401, 403, 404)


@case("apply-normalization-canonicalization")
async def a_letter_may_be_encoded(w: World) -> None:
    """RFC 3986, 6.2.2.2: `%6e` is `n`; both name the same resource."""
    url = await w.document("note")
    encoded = url.removesuffix("note") + "%6eote"
    for proved in (url, encoded):
        answer = await w.alice.request("GET", proved, [("accept", TURTLE)], target=_path(encoded))
        if answer.status != 401:
            break
    status(answer, 200, *REDIRECTS)
    if answer.status == 200:
        same(answer.graph(url), (await w.alice.get(url, TURTLE)).graph())


def _path(url: str) -> bytes:
    """The path as it stands, which a client would mend."""
    return b"/" + url.split("/", 3)[3].encode()


@case("apply-normalization-canonicalization")
async def dots_do_not_become_names(w: World) -> None:
    """`box/../note` is `note`, or a bad request; no member of a container is called `..` (RFC 3986, 6.2.2.3)."""
    await w.folder("box")
    for step in ("box/../note", "box/%2e%2e/note", "box/./note"):
        for proved in (w.url("note"), w.url(step)):
            answer = await w.alice.request("PUT", proved, [("content-type", TURTLE)], NOTE, target=_path(w.url(step)))
            require(answer.status < 500, f"PUT {step} is answered, and does not break the server")
    dotted = {"..", ".", "%2e%2e", "%2E%2E"}
    for container in (w.place, w.url("box/")):
        names = {one.rstrip("/").rpartition("/")[2] for one in await w.members(container)}
        require(not names & dotted, "no member is called by dots")


@case("apply-normalization-canonicalization", "uri-slashes-hierarchical-identifier")
async def an_encoded_slash_does_not_lead_out_of_a_container(w: World) -> None:
    """RFC 3986, 2.2: `%2F` in a name is no separator; a server may refuse it, or take it as part of the name."""
    url = w.url("box%2Fnote")
    answer = await w.alice.request("PUT", url, [("content-type", TURTLE)], NOTE, target=_path(url))
    require(answer.status < 500, "a name with an encoded slash is answered, and does not break the server")
    found = await w.members(w.place)
    if 200 <= answer.status < 300:
        require(
            {one.lower() for one in found} == {w.url("box%2fnote").lower()},
            "a name with an encoded slash is one name, directly in the container",
        )
    else:
        require(not found, "what was refused is not there")
