"""Storages: their roots, their descriptions, and that they do not overlap (Protocol, 4.1)."""

from urllib.parse import urlsplit

from conformance.case import NotOffered, case
from conformance.cases.protocol._terms import CONTAINER, PIM_STORAGE, RDF_TYPE, STORAGE_DESCRIPTION
from conformance.exchange import JSON_LD, TURTLE
from conformance.expect import has, links, require, status, succeeded
from conformance.target import SOLID
from conformance.world import World

REFUSED = (401, 403, 404, 405, 409)


@case("server-storage", "server-link-storage")
async def the_root_says_that_it_is_a_storage(w: World) -> None:
    for method in ("GET", "HEAD"):
        answer = await w.alice.send(method, w.target.storage)
        status(answer, 200)
        links(answer, "type", PIM_STORAGE)
        links(answer, "type", CONTAINER)


@case("server-link-storage")
async def only_the_root_says_that_it_is_a_storage(w: World) -> None:
    """Otherwise who goes up the path stops too early."""
    for url in (w.place, await w.document(), await w.folder("box")):
        require(PIM_STORAGE not in (await w.alice.head(url)).linked("type"), f"{url} is no storage")


@case("server-storage-nonoverlapping")
async def no_storage_lies_in_another(w: World) -> None:
    """Neither is there one above Alice's, nor does Bob's lie in it or it in Bob's."""
    above = w.target.storage
    while above.rstrip("/") != w.target.url.rstrip("/") and above.startswith(w.target.url):
        above = above.rstrip("/").rpartition("/")[0] + "/"
        require(PIM_STORAGE not in (await w.alice.head(above)).linked("type"), f"{above} is no storage")
    if w.bob.storage and w.bob.storage != w.target.storage:
        alice, bob = w.target.storage, w.bob.storage
        require(not bob.startswith(alice) and not alice.startswith(bob), f"{alice} and {bob} do not overlap")


@case("server-storage", "server-link-storage")
async def a_storage_is_found_by_going_up_the_path(w: World) -> None:
    """As clients do it (4.1): each container on the way answers, and the first storage is the one."""
    here = await w.document("a/b/note.ttl")
    while PIM_STORAGE not in (answer := await w.alice.head(here)).linked("type"):
        succeeded(answer)
        require(urlsplit(here).path != "/", "there is a storage above each resource")
        here = here.rstrip("/").rpartition("/")[0] + "/"
    require(here == w.target.storage, f"the storage is {w.target.storage}")


@case("server-storage-description-resource", "storage-description-rdf-type")
async def the_description_says_what_the_storage_is(w: World) -> None:
    description = links(await w.alice.head(w.target.storage), STORAGE_DESCRIPTION)
    answer = await w.alice.get(description, TURTLE)
    status(answer, 200)
    has(answer.graph(), w.target.storage, RDF_TYPE, PIM_STORAGE)


@case("server-storage-description-resource", "storage-description-rdf-type")
async def the_description_can_be_read_as_json_ld(w: World) -> None:
    description = links(await w.alice.head(w.target.storage), STORAGE_DESCRIPTION)
    answer = await w.alice.get(description, JSON_LD)
    status(answer, 200)
    require(answer.media_type == JSON_LD, f"who accepts {JSON_LD} gets it")
    has(answer.graph(), w.target.storage, RDF_TYPE, PIM_STORAGE)


@case("server-safe-methods", "server-storage-description-resource")
async def the_description_can_be_asked_by_head_and_options(w: World) -> None:
    """Servers must support GET, HEAD and OPTIONS (5.2), and say by Allow what can be done."""
    description = links(await w.alice.head(w.target.storage), STORAGE_DESCRIPTION)
    for method in ("GET", "HEAD"):
        answer = await w.alice.send(method, description, accept=TURTLE)
        status(answer, 200)
        require({"get", "head", "options"} <= answer.names("allow"), f"{method} lists GET, HEAD and OPTIONS in Allow")
    succeeded(await w.alice.options(description))


@case("server-storage-description-resource")
async def strangers_do_not_describe_a_storage(w: World) -> None:
    description = links(await w.alice.head(w.target.storage), STORAGE_DESCRIPTION)
    claim = f"<{w.target.storage}> <https://voc.example/is> <https://voc.example/forged>."
    for who in (w.bob, w.anyone):
        status(await who.put(description, TURTLE, claim), *REFUSED)
    require("forged" not in (await w.alice.get(description, TURTLE)).text, "the description is as it was")


@case("server-storage-link-owner")
async def the_owner_is_named_where_owners_are_public(w: World) -> None:
    """A server need not tell; who tells, tells it by GET and HEAD."""
    found = {
        method: set((await w.alice.send(method, w.target.storage)).linked(f"{SOLID}owner"))
        for method in ("GET", "HEAD")
    }
    if not any(found.values()):
        raise NotOffered("The server does not tell who owns a storage.")
    require(found["GET"] == found["HEAD"], "GET and HEAD name the same owner")
    require(w.alice.webid in found["GET"], f"the owner is {w.alice.webid}")


@case("server-storage-track-owner")
async def the_owner_controls_what_others_may_write(w: World) -> None:
    """How a server keeps track is its own matter; that it does shows in that Alice has all rights in her storage."""
    for url in (w.target.storage, w.place, await w.document()):
        policy = await w.policy_of(url)
        status(await w.alice.get(policy, TURTLE), 200, 404)
        status(await w.bob.get(policy, TURTLE), 403, 404)


@case("webid")
async def a_webid_leads_to_a_document_about_who_it_is(w: World) -> None:
    """RDF, in both syntaxes and for everybody, that says something about the agent (9.1)."""
    profile = w.alice.webid.partition("#")[0]
    if not profile.startswith(w.target.url):
        raise NotOffered("The WebID of Alice is not on this server.")
    for media_type in (TURTLE, JSON_LD):
        answer = await w.anyone.get(profile, media_type)
        status(answer, 200)
        require(answer.media_type == media_type, f"who accepts {media_type} gets it")
        has(answer.graph(), w.alice.webid, None, None)
