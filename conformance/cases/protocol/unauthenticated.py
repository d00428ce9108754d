"""Who is not known, and what they are told (Protocol, 2.1, 10 and 11)."""

from collections.abc import Sequence

from conformance.case import case
from conformance.cases.protocol._terms import GONE, VOC, n3, said
from conformance.exchange import TURTLE, Answer
from conformance.expect import require, same, status, succeeded
from conformance.target import ACP
from conformance.world import ACL, BASIC_CONTAINER, EVERYONE, NOTE, World

HIDDEN = 404
"""What a server may say instead of 401 so as not to tell that something is there."""


def _challenged(answer: Answer) -> None:
    """Failed unless it is 401 with a challenge (RFC 9110, 11.6.1), or 404."""
    status(answer, 401, HIDDEN)
    if answer.status == 401:
        told = f"401 to {answer.method} {answer.url} has WWW-Authenticate"
        require(answer.header("www-authenticate"), told)


async def _places(w: World) -> Sequence[str]:
    """A document and a container that nobody but Alice may do anything with, and what is not there."""
    return [await w.document("note.ttl"), await w.folder("box"), w.url("none.ttl")]


@case("server-unauthenticated", "server-http")
async def nobody_reads_what_is_not_public(w: World) -> None:
    for url in await _places(w):
        for method in ("GET", "HEAD"):
            answer = await w.anyone.send(method, url)
            _challenged(answer)
            require(VOC not in answer.text, "the refusal does not tell the content")


@case("server-unauthenticated", "server-http")
async def nobody_puts_what_is_not_public(w: World) -> None:
    for url in (*await _places(w), w.url("new/")):
        headers = {"link": BASIC_CONTAINER} if url.endswith("/") else {}
        _challenged(await w.anyone.put(url, TURTLE, "<#b> a <#Thing> .", **headers))
    await _unchanged(w)


@case("server-unauthenticated", "server-http")
async def nobody_posts_to_what_is_not_public(w: World) -> None:
    for url in await _places(w):
        _challenged(await w.anyone.post(url, TURTLE, NOTE))
    await _unchanged(w)
    require(not await w.members(w.url("box/")), "the container is empty as before")


@case("server-unauthenticated", "server-http")
async def nobody_patches_what_is_not_public(w: World) -> None:
    for url in (await w.document("note.ttl"), w.url("none.ttl")):
        _challenged(await w.anyone.patch(url, n3(inserts="<#b> ex:is 1.")))
    await w.folder("box")
    await _unchanged(w)


@case("server-unauthenticated", "server-http")
async def nobody_deletes_what_is_not_public(w: World) -> None:
    for url in await _places(w):
        _challenged(await w.anyone.delete(url))
    await _unchanged(w)


async def _unchanged(w: World) -> None:
    note = w.url("note.ttl")
    require(await w.members(w.place) == {note, w.url("box/")}, "the container lists what it listed")
    same((await w.alice.get(note, TURTLE)).graph(), said(NOTE, note))


@case("server-unauthenticated", "solid-oidc")
async def wrong_credentials_are_no_credentials(w: World) -> None:
    """401, whatever is wrong with them (RFC 9110, 15.5.2: "lacks valid authentication credentials")."""
    url = await w.document()
    forged = (await w.alice.token())[:-6] + "AAAAAA"
    for headers in (
        [("authorization", "Bearer nonsense")],
        [("authorization", "DPoP nonsense"), ("dpop", w.alice.key.proof("GET", url))],
        w.alice.proved("GET", url, forged),
    ):
        _challenged(await w.anyone.request("GET", url, headers))


@case("server-http")
async def a_challenge_names_a_scheme(w: World) -> None:
    """RFC 9110, 11.6.1: 401 carries at least one challenge, which begins with a scheme; here one for tokens."""
    answer = await w.anyone.get(await w.document())
    if answer.status == HIDDEN:
        return
    status(answer, 401)
    schemes = {value.strip().split(" ")[0].lower() for value in answer.header("www-authenticate").split(",")}
    require(schemes & {"dpop", "bearer"}, f"a challenge is for tokens, and not only {', '.join(sorted(schemes))}")


@case("server-wac-acp", "solid-oidc")
async def who_is_known_gets_what_they_may(w: World) -> None:
    """Alice reads what is hers; Bob, who is known as well, is refused with 403, or 404 to hide it."""
    url = await w.document()
    status(await w.alice.get(url), 200)
    for method in ("GET", "HEAD"):
        status(await w.bob.send(method, url), 403, HIDDEN)
    status(await w.bob.put(url, TURTLE, "<#b> a <#Thing> ."), 403, HIDDEN)
    status(await w.bob.delete(url), 403, HIDDEN)
    same((await w.alice.get(url, TURTLE)).graph(), said(NOTE, url))


@case("server-wac-acp")
async def what_is_shared_is_given(w: World) -> None:
    """By the policies that the server has: to Bob alone, and then to everybody; and taken back."""
    url = await w.document()
    await w.share(url, (w.bob, "read"))
    status(await w.bob.get(url), 200)
    status(await w.anyone.get(url), 401, HIDDEN)
    await w.share(url, (EVERYONE, "read"))
    status(await w.anyone.get(url), 200)
    status(await w.anyone.put(url, TURTLE, NOTE), 401, HIDDEN)
    await w.share(url)
    status(await w.anyone.get(url), 401, HIDDEN)
    status(await w.bob.get(url), 403, HIDDEN)


@case("server-wac-acp")
async def policies_are_those_of_a_specification(w: World) -> None:
    """ACLs of Web Access Control, or resources that say they are ACRs of Access Control Policy."""
    answer = await w.alice.get(await w.policy_of(w.target.storage), TURTLE)
    status(answer, 200)
    terms = {str(one) for triple in answer.graph() for one in triple}
    if "acp" in w.target.offers:
        require(any(one.startswith(ACP) for one in terms), "an ACR is written in the terms of ACP")
    else:
        require(f"{ACL}Authorization" in terms, "an ACL has authorizations")


@case("server-unauthenticated", "server-post-target-not-found")
async def rights_come_before_all_else(w: World) -> None:
    """Who is not known is told so, and neither what is there nor what would come of the request."""
    url = await w.document("note.ttl")
    for answer in (
        await w.anyone.patch(url, n3(deletes="<#none> ex:is 7.")),
        await w.anyone.put(url, TURTLE, "nonsense"),
        await w.anyone.post(url, TURTLE, NOTE),
        await w.anyone.post(w.url("none/"), TURTLE, NOTE),
        await w.anyone.delete(w.place),
    ):
        _challenged(answer)
    status(await w.alice.get(w.url("none/")), *GONE)


@case("server-unauthenticated")
async def what_is_public_needs_no_credentials(w: World) -> None:
    url = await w.document()
    await w.share(url, (EVERYONE, "read append"))
    status(await w.anyone.get(url), 200)
    status(await w.anyone.head(url), 200)
    succeeded(await w.anyone.patch(url, n3(inserts="<#more> ex:is 1.")))
