"""Inboxes, to which anybody may send (Linked Data Notifications), as the Solid Protocol asks of servers (6.1).

A container to which others may append is an inbox of its own; that of Alice's profile is only looked for.
"""

import json

import rdflib

from conformance.case import NotOffered, case
from conformance.exchange import JSON_LD, TURTLE, Answer
from conformance.expect import lists, refused, require, status
from conformance.world import EVERYONE, LDP, World

MESSAGE = {
    "@context": {"@vocab": "https://www.w3.org/ns/activitystreams#"},
    "@id": "",
    "@type": "Announce",
    "summary": "Something is there.",
}


async def inbox(w: World, modes: str = "append") -> str:
    """A container to which everybody may append."""
    found = await w.folder()
    await w.share(found, (EVERYONE, modes))
    return found


async def left(w: World, where: str) -> Answer:
    """The answer to a message that somebody leaves in an inbox."""
    answer = await w.anyone.post(where, JSON_LD, json.dumps(MESSAGE))
    status(answer, 201, 202)
    return answer


@case("server-ldn", "receiver-json-ld", "receiver-get-post")
async def everybody_can_leave_a_message_in_json_ld(w: World) -> None:
    await left(w, await inbox(w))


@case("receiver-json-ld", "server-ldn")
async def a_message_may_name_a_profile_of_json_ld(w: World) -> None:
    where = await inbox(w)
    media_type = f'{JSON_LD};profile="https://www.w3.org/ns/activitystreams"'
    status(await w.anyone.post(where, media_type, json.dumps(MESSAGE)), 201, 202)


@case("receiver-created", "receiver-queued", "server-ldn")
async def whoever_leaves_a_message_learns_what_became_of_it(w: World) -> None:
    answer = await left(w, await inbox(w))
    if answer.status == 201:
        require(answer.location.startswith(w.place), "Location is that of the message")
    else:
        require(answer.content, "what was only queued has a status in its content")


@case("receiver-contains", "receiver-get-200", "server-ldn")
async def messages_are_listed_as_contained(w: World) -> None:
    where = await inbox(w)
    answer = await left(w, where)
    lists(await w.members(where), answer.location)


@case("receiver-get-json-ld", "receiver-rdf", "receiver-notification-200", "server-ldn")
async def inbox_and_messages_can_be_read_as_json_ld(w: World) -> None:
    where = await inbox(w)
    message = (await left(w, where)).location
    for url in (where, message):
        answer = await w.alice.get(url, JSON_LD)
        status(answer, 200)
        require(answer.media_type == JSON_LD, f"{url} comes in {JSON_LD}")
    summary = rdflib.URIRef("https://www.w3.org/ns/activitystreams#summary")
    found = next((await w.alice.get(message, TURTLE)).graph().objects(None, summary), None)
    require(str(found) == MESSAGE["summary"], "a message says what was sent")


@case("receiver-limited", "receiver-get-200", "server-ldn")
async def who_may_only_append_cannot_read_what_others_left(w: World) -> None:
    where = await inbox(w)
    message = (await left(w, where)).location
    refused(await w.anyone.get(where), 401, 403)
    refused(await w.anyone.get(message), 401, 403)
    refused(await w.bob.get(message), 401, 403)


@case("server-ldn", "receiver-constraints-4xx", level="SHOULD")
async def what_is_no_rdf_though_it_says_so_is_refused_and_not_kept(w: World) -> None:
    where = await inbox(w)
    refused(await w.anyone.post(where, JSON_LD, "{ this is no JSON"))
    require(not await w.members(where), "nothing is kept of what was refused")


@case("receiver-accept-post", "server-ldn", level="SHOULD")
async def an_inbox_says_what_it_takes(w: World) -> None:
    answer = await w.anyone.options(await inbox(w))
    taken = answer.names("accept-post")
    require("*/*" in taken or any(one.startswith(JSON_LD) for one in taken), f"Accept-Post has {JSON_LD}")


@case("receiver-other", "server-ldn")
async def a_message_may_come_in_turtle(w: World) -> None:
    status(await w.anyone.post(await inbox(w), TURTLE, "<> <https://voc.example/is> 1 ."), 201, 202)


@case("server-ldn", level="SHOULD")
async def the_profile_leads_to_an_inbox_where_everybody_may_leave_something(w: World) -> None:
    profile = (await w.client.fetched(w.alice.webid.partition("#")[0], TURTLE)).graph()
    found = list(profile.objects(rdflib.URIRef(w.alice.webid), rdflib.URIRef(f"{LDP}inbox")))
    if not found:
        raise NotOffered("The profile of Alice names no inbox.")
    answer = await left(w, str(found[0]))
    if answer.status == 201:
        await w.alice.delete(answer.location)
