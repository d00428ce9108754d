"""The WebID, profile and inbox of a new pod, as apps find them (WebID Profile, Type Indexes, LDN)."""

import pytest

from pod.rdf.graph import NamedNode
from tests.world import BASE, JSON_LD, TURTLE, World

FOAF, PIM, LDP, RDF = (
    "http://xmlns.com/foaf/0.1/",
    "http://www.w3.org/ns/pim/space#",
    "http://www.w3.org/ns/ldp#",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
)
CARD = f"{BASE}alice/profile/card"
ME = f"{CARD}#me"


async def stated(world: World, url: str, subject: str, predicate: str) -> list[str]:
    """What Alice reads about the subject."""
    answer = await world.alice.get(url, TURTLE)
    assert answer.status == 200, answer.text
    found = [quad for quad in answer.graph() if quad.subject == subject and quad.predicate == predicate]
    return [quad.object for quad in found if isinstance(quad.quad.object, NamedNode)]


@pytest.mark.spec("webid-http-iri", "webid-document-rdf", "webid-profile-turtle")
@pytest.mark.parametrize("media_type", [TURTLE, JSON_LD])
async def test_everyone_can_read_who_a_webid_is(world: World, media_type: str) -> None:
    answer = await world.anyone.get(ME.partition("#")[0], media_type)

    assert answer.status == 200
    assert answer["content-type"] == media_type
    assert any(quad.subject == ME for quad in answer.graph())


@pytest.mark.spec("webid-profile-data-model-type")
async def test_who_a_webid_names_is_a_person_and_an_agent(world: World) -> None:
    assert set(await stated(world, CARD, ME, f"{RDF}type")) == {f"{FOAF}Person", f"{FOAF}Agent"}


@pytest.mark.spec("webid-document-primary-topic")
async def test_a_profile_says_whom_it_is_about(world: World) -> None:
    assert await stated(world, CARD, CARD, f"{FOAF}primaryTopic") == [ME]


@pytest.mark.spec("webid-profile-data-model-preferences", "private-preferences", "preferences-document-type")
async def test_a_profile_names_one_document_of_preferences_that_only_its_owner_reads(world: World) -> None:
    (preferences,) = await stated(world, CARD, ME, f"{PIM}preferencesFile")

    assert await stated(world, preferences, preferences, f"{RDF}type") == [f"{PIM}ConfigurationFile"]
    assert (await world.bob.get(preferences)).status == 403
    assert (await world.anyone.get(preferences)).status == 401


@pytest.mark.spec("webid-profile-data-model-inbox", "server-ldn", "server-wac-acp")
async def test_everyone_can_leave_a_message_in_the_inbox_and_only_its_owner_reads_it(world: World) -> None:
    (inbox,) = await stated(world, CARD, ME, f"{LDP}inbox")

    sent = await world.anyone.post(inbox, JSON_LD, '{"https://voc.example/#says": "Hello."}')

    assert sent.status == 201
    assert await stated(world, inbox, inbox, f"{LDP}contains") == [sent["location"]]
    assert (await world.alice.get(sent["location"], JSON_LD)).status == 200
    assert (await world.bob.get(inbox)).status == 403
    assert (await world.bob.get(sent["location"])).status == 403


@pytest.mark.spec("server-unprocessable-content")
async def test_a_profile_whose_context_is_not_to_be_had_is_refused(world: World) -> None:
    profile = f'{{"@context": "https://gone.example/context", "@id": "{ME}"}}'

    async with world.unchanged():
        answer = await world.alice.put(CARD, JSON_LD, profile)

    assert answer.status == 422
    assert "gone.example" in answer.json()["detail"]
