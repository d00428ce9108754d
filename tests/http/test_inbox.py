"""Linked Data Notifications: an inbox is a container to which everyone may add."""

import json

import pytest

from tests.world import BASE, JSON_LD, TURTLE, World

PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
NOTE = json.dumps({"@id": "", "@type": "https://www.w3.org/ns/activitystreams#Announce"})


@pytest.mark.spec(
    "server-ldn",
    "receiver-get-post",
    "receiver-created",
    "receiver-json-ld",
    "receiver-accept-post",
    "receiver-rdf",
    "receiver-notification-200",
)
@pytest.mark.parametrize("media_type", [JSON_LD, PROFILE])
async def test_a_sender_finds_the_inbox_and_adds_to_it(world: World, media_type: str) -> None:
    profile = await world.anyone.get("/alice/profile/card", JSON_LD)
    (inbox,) = {quad.object for quad in profile.graph() if quad.predicate.endswith("ldp#inbox")}

    options = await world.anyone.options(inbox)
    answer = await world.anyone.post(inbox, media_type, NOTE)

    assert options["accept-post"] == "*/*"
    assert answer.status == 201
    assert answer.location.startswith(f"{BASE}alice/inbox/")
    found = await world.alice.get(answer.location, JSON_LD)
    assert found.media_type == JSON_LD
    assert {quad.subject for quad in found.graph()} == {answer.location}


@pytest.mark.spec("server-ldn", "receiver-get-200", "receiver-contains", "receiver-get-json-ld")
async def test_the_owner_lists_what_came_in(world: World) -> None:
    sent = [(await world.anyone.post("/alice/inbox/", JSON_LD, NOTE)).location for _ in range(3)]

    listing = await world.alice.get("/alice/inbox/", JSON_LD)

    contained = {quad.object for quad in listing.graph() if quad.predicate.endswith("ldp#contains")}
    assert contained == set(sent)


@pytest.mark.spec("server-ldn")
async def test_senders_read_change_and_delete_nothing(world: World) -> None:
    sent = await world.anyone.post("/alice/inbox/", JSON_LD, NOTE)

    for person, status in ((world.anyone, 401), (world.bob, 403)):
        assert (await person.get("/alice/inbox/")).status == status
        assert (await person.get(sent.location)).status == status
        assert (await person.put(sent.location, TURTLE, "")).status == status
        assert (await person.delete(sent.location)).status == status


@pytest.mark.spec("server-ldn", "receiver-constraints-4xx")
async def test_a_notification_that_is_no_rdf_is_refused(world: World) -> None:
    async with world.unchanged():
        assert (await world.anyone.post("/alice/inbox/", JSON_LD, "{")).status == 400
