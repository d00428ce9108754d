"""Changes of a profile. Whatever a case puts into Alice's own is taken out again."""

from conformance.case import NotOffered, case
from conformance.cases.webid_profile._profile import (
    FOAF,
    SEE_ALSO,
    SOLID,
    TYPE,
    delete,
    document,
    insert,
    named,
    undo,
    webid,
)
from conformance.exchange import TURTLE
from conformance.expect import has, refused, require, status, succeeded
from conformance.world import World


@case("writer-application-webid-profile")
async def the_owner_changes_the_profile_by_patch(w: World) -> None:
    nick = w.fresh()
    triple = f'<{webid(w)}> <{FOAF}nick> "{nick}" .'
    succeeded(await w.alice.patch(document(w), insert(triple)))
    try:
        require(nick in await named(w, f"{FOAF}nick"), "everyone reads what the owner has added")
    finally:
        await undo(w, document(w), triple)
    require(nick not in await named(w, f"{FOAF}nick"), "nobody reads what the owner has taken out")


@case("webid-http-iri")
async def nobody_else_changes_the_profile(w: World) -> None:
    """WebID, 3: the person controls the document; who could write in it could sign in as them."""
    triple = f'<{webid(w)}> <{FOAF}nick> "{w.fresh()}" .'
    for who in (w.anyone, w.bob):
        answer = await who.patch(document(w), insert(triple))
        if answer.status < 300:
            await w.alice.patch(document(w), delete(triple))
        refused(answer, 401, 403)


async def _changed(w: World, issuer: str, nick: str) -> int:
    """The status of a change that names another issuer; NotOffered when the server lets Alice make it."""
    added = f'<{webid(w)}> <{SOLID}oidcIssuer> <{issuer}>; <{FOAF}nick> "{nick}" .'
    answer = await w.alice.patch(document(w), insert(added))
    if answer.status < 300:
        await undo(w, document(w), added)
        raise NotOffered("The server protects no triple from who controls the profile.")
    return answer.status


def _nobody(w: World) -> str:
    """An issuer that nobody can ever be: for the moment for which it may stand in the profile."""
    return f"https://{w.fresh()}.invalid/"


@case("protected-properties", "server-update-protected-triples", level="MUST")
async def a_protected_issuer_stays_as_it_is(w: World) -> None:
    """Which triples are protected is up to the server. No part of a refused change is made."""
    issuer, nick = _nobody(w), w.fresh()
    await _changed(w, issuer, nick)
    require(issuer not in await named(w, f"{SOLID}oidcIssuer"), "the profile trusts nobody new")
    require(nick not in await named(w, f"{FOAF}nick"), "no part of the change is made")


@case("server-update-protected-triples-409")
async def a_change_of_a_protected_issuer_is_answered_with_409(w: World) -> None:
    require(await _changed(w, _nobody(w), w.fresh()) == 409, "a change of protected triples is answered with 409")


@case("server-unprocessable-content")
async def a_change_of_a_profile_that_cannot_be_processed_is_answered_with_422(w: World) -> None:
    """Instructions that can be read and make no sense: a patch that inserts a variable.

    Solid Protocol, 5.3.1: variables in insertions have to stand in the condition; else it is 422.
    """
    content = (
        f"@prefix solid: <{SOLID}>. _:patch a solid:InsertDeletePatch;"
        f" solid:inserts {{ <{webid(w)}> <{FOAF}nick> ?nick . }}."
    )
    status(await w.alice.patch(document(w), content), 422)


async def _extended(w: World, url: str) -> None:
    answer = await w.alice.get(url, TURTLE)
    status(answer, 200)
    has(answer.graph(), w.alice.webid, TYPE, f"{FOAF}Agent")


@case("writer-application-create-extended-profile")
async def an_extended_profile_is_made_by_put(w: World) -> None:
    url = w.url("extended.ttl")
    succeeded(await w.alice.put(url, TURTLE, f"<{w.alice.webid}> a <{FOAF}Agent> ."))
    await _extended(w, url)


@case("writer-application-create-extended-profile")
async def an_extended_profile_is_made_by_patch(w: World) -> None:
    url = w.url("extended.ttl")
    succeeded(await w.alice.patch(url, insert(f"<{w.alice.webid}> a <{FOAF}Agent> .")))
    await _extended(w, url)


@case("writer-application-update-extended-profile")
async def an_extended_profile_is_changed_by_put_and_by_patch(w: World) -> None:
    url = await w.document(content="<#nothing> <#is> 1 .")
    succeeded(await w.alice.put(url, TURTLE, "<#little> <#is> 1 ."))
    succeeded(await w.alice.patch(url, insert(f"<{w.alice.webid}> a <{FOAF}Agent> .")))
    await _extended(w, url)


@case("writer-application-link-extended-profile-webid")
async def a_profile_can_name_an_extended_one(w: World) -> None:
    url = await w.document(content=f"<{w.alice.webid}> a <{FOAF}Agent> .")
    triple = f"<{webid(w)}> <{SEE_ALSO}> <{url}> ."
    succeeded(await w.alice.patch(document(w), insert(triple)))
    try:
        require(url in await named(w, SEE_ALSO), "the profile names the extended one")
    finally:
        await undo(w, document(w), triple)
