"""Clients that are kept: how long, and whom they act for."""

import json
from collections.abc import Mapping

import pytest

from pod.errors import Malformed
from pod.fetch import Fetched, Fetcher
from pod.idp.clients import DAY, FAMILY, FIRST_USE, KEPT_FOR, Clients, of_facts
from pod.storage.memory import MemoryRecords

CALLBACK = "https://app.example/cb"


class Place:
    """Clients, with a clock that a test moves and a web of one document."""

    def __init__(self, base_url: str = "https://pod.example/") -> None:
        self.now = 1_000 * DAY
        self.records = MemoryRecords(lambda: self.now)
        self.found: Fetched | None = None
        fetcher = Fetcher(local=self._local)
        self.clients = Clients(self.records, fetcher, self._contexts, base_url, lambda: self.now)

    async def _local(self, _url: str, _accept: str) -> Fetched | None:
        return self.found

    async def _contexts(self, _content: bytes, _media_type: str, _base: str) -> Mapping[str, bytes]:
        return {}


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.mark.spec("security-client-ids-expire")
async def test_a_registration_that_nobody_uses_ends(place: Place) -> None:
    client, _ = await place.clients.register({"redirect_uris": [CALLBACK]})
    assert await place.clients.find(client.id) == client
    await place.clients.used(client)

    place.now += KEPT_FOR - 1
    assert await place.clients.find(client.id) is not None
    place.now += 1

    assert await place.clients.find(client.id) is None


async def test_a_registration_that_nobody_has_ever_used_ends_soon(place: Place) -> None:
    client, _ = await place.clients.register({"redirect_uris": [CALLBACK]})

    place.now += FIRST_USE

    assert await place.clients.find(client.id) is None


async def test_a_registration_that_is_used_lives_on(place: Place) -> None:
    client, _ = await place.clients.register({"redirect_uris": [CALLBACK]})
    await place.clients.used(client)
    for _ in range(5):
        place.now += KEPT_FOR - DAY
        known = await place.clients.find(client.id)
        assert known is not None
        await place.clients.used(known)

    assert await place.clients.known(client.id) is not None


async def test_only_the_hash_of_a_secret_is_kept(place: Place) -> None:
    client, secret = await place.clients.register({"redirect_uris": [CALLBACK]})

    assert secret is not None
    assert client.has_secret(secret)
    assert not client.has_secret(secret[:-1])
    assert secret.encode() not in (await place.records.get(FAMILY, client.id) or b"")


async def test_a_client_is_kept_as_it_is(place: Place) -> None:
    client, _ = await place.clients.register(
        {
            "redirect_uris": [CALLBACK],
            "client_name": "x",
            "logo_uri": "https://a.example/",
            "application_type": "native",
        }
    )

    assert of_facts(json.loads(json.dumps(client.facts()))) == client


async def test_scripts_are_listed_and_withdrawn_by_their_account_alone(place: Place) -> None:
    client, secret = await place.clients.issue("alice", "https://pod.example/alice#me", "backup")
    await place.clients.issue("bob", "https://pod.example/bob#me", "other")

    assert client.has_secret(secret)
    assert await place.clients.issued("alice") == [client]
    assert await place.clients.withdraw("bob", client.id) is None
    assert await place.clients.withdraw("alice", client.id) == client
    assert await place.clients.withdraw("alice", client.id) is None
    assert await place.clients.issued("alice") == []


async def test_a_script_needs_a_name(place: Place) -> None:
    with pytest.raises(Malformed):
        await place.clients.issue("alice", "https://pod.example/alice#me", " \n")


async def test_a_document_vouches_for_an_app_that_is_answered_at_its_own_host(place: Place) -> None:
    client_id = "https://app.example/id"
    for uris, verified in (
        ([CALLBACK], True),
        ([CALLBACK, "http://localhost:1/cb"], True),
        (["https://elsewhere.example/cb"], False),
        (["org.example.app:/cb", "http://localhost:1/cb"], False),
    ):
        body = json.dumps({"client_id": client_id, "redirect_uris": uris}).encode()
        place.found = Fetched(client_id, "application/ld+json", body)
        found = await place.clients.find(client_id)
        assert found is not None
        assert (found.verified, found.host, found.name) == (verified, "app.example", "app.example")


async def test_a_document_in_a_pod_here_makes_this_host_vouch_for_nobody(place: Place) -> None:
    client_id, callback = "https://pod.example/mallory/app", "https://pod.example/mallory/cb"
    body = json.dumps({"client_id": client_id, "redirect_uris": [callback]}).encode()
    place.found = Fetched(client_id, "application/ld+json", body)

    found = await place.clients.find(client_id)

    assert found is not None
    assert not found.verified


@pytest.mark.spec("clientids-document-client-id-equal")
async def test_a_document_that_was_found_elsewhere_is_refused(place: Place) -> None:
    client_id = "https://app.example/id"
    body = json.dumps({"client_id": client_id, "redirect_uris": [CALLBACK]}).encode()
    place.found = Fetched("https://elsewhere.example/id", "application/ld+json", body)

    with pytest.raises(Malformed):
        await place.clients.find(client_id)


async def test_a_document_may_be_turtle(place: Place) -> None:
    client_id = "https://app.example/id"
    body = f"<> <http://www.w3.org/ns/solid/oidc#redirect_uris> <{CALLBACK}>.".encode()
    place.found = Fetched(client_id, "text/turtle", body)

    found = await place.clients.find(client_id)

    assert found is not None
    assert found.redirect_uris == (CALLBACK,)


@pytest.mark.spec("jsonld-context")
@pytest.mark.parametrize(
    ("base_url", "client_id", "is_document"),
    [
        ("https://pod.example/", "https://app.example/id", True),
        ("https://pod.example/", "http://localhost:3000/id", False),
        ("http://localhost:3000/", "http://localhost:4000/id", True),
        ("http://localhost:3000/", "http://app.example/id", False),
        ("https://pod.example/", "abc", False),
        ("https://pod.example/", "https://[::1/id", False),
        ("http://localhost:3000/", "http://[::1/id", False),
    ],
)
async def test_documents_are_at_https_but_for_development(base_url: str, client_id: str, is_document: bool) -> None:
    assert Place(base_url).clients.names_document(client_id) == is_document
