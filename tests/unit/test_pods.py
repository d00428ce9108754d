"""Whole pods: what a new one holds, and who may do what in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pod.errors import Conflict, Malformed
from pod.idp.provision import Created
from pod.model.access import Mode
from pod.model.agent import ANYONE, Agent
from pod.model.change import Change, Expect, Expectation, Write
from pod.model.resource import Kind, Uri
from pod.pods import NewPod, Pods
from pod.rdf.graph import NamedNode, iris, objects
from pod.rdf.vocab import RDF, SOLID
from pod.storage.stores import open_sqlite
from tests.unit.place import BASE, NOW, ROOT, WEBID, Place

OWNER, BOB = Agent(WEBID), Agent("https://bob.example/#me")

READ, APPEND, WRITE, CONTROL = Mode.READ, Mode.APPEND, Mode.WRITE, Mode.CONTROL
NOTHING: frozenset[Mode] = frozenset()
FOAF = "http://xmlns.com/foaf/0.1/"


async def chunks() -> AsyncIterator[bytes]:
    yield b""


@pytest.fixture
def place() -> Place:
    return Place()


LAYOUT = {
    "", ".acl", "inbox/", "inbox/.acl", "profile/", "profile/card", "profile/card.acl", "settings/",
    "settings/prefs.ttl", "settings/publicTypeIndex.ttl", "settings/publicTypeIndex.ttl.acl",
    "settings/privateTypeIndex.ttl",
}  # fmt: skip


@pytest.mark.spec("server-storage", "server-storage-track-owner")
async def test_a_new_pod_has_an_owner_and_everything_that_apps_expect(place: Place) -> None:
    created = await place.create()

    (pod,) = await place.store.pods()
    assert created == Created(pod.account, WEBID, Uri(ROOT), BASE)
    assert (pod.root, pod.name, pod.owners, pod.created) == (ROOT, "alice", (WEBID,), NOW)
    assert {uri.removeprefix(ROOT) for uri in await place.resources()} == LAYOUT
    assert await place.store.check() == []
    log = await place.store.log()
    assert len({entry.commit for entry in log}) == 1
    assert {entry.agent for entry in log} == {WEBID}


async def test_everything_in_a_new_pod_is_turtle_in_its_place(place: Place) -> None:
    await place.create()

    for path in LAYOUT:
        await place.graph(path)
    listed = [child.uri.removeprefix(ROOT) for child in await place.store.children(Uri(ROOT))]
    assert listed == ["inbox/", "profile/", "settings/"]


@pytest.mark.spec("webid", "oidc-issuer-discovery-profile", "client-rdf-storage")
async def test_the_profile_leads_to_all_that_belongs_to_its_person(place: Place) -> None:
    await place.create(issuer="https://idp.example/")
    graph = await place.graph("profile/card")

    def named(predicate: str) -> list[str]:
        return list(iris(objects(graph, WEBID, predicate)))

    assert sorted(named(RDF.type)) == [f"{FOAF}Agent", f"{FOAF}Person"]
    assert named(SOLID.oidcIssuer) == ["https://idp.example/"]
    assert named("http://www.w3.org/ns/pim/space#storage") == [ROOT]
    assert named("http://www.w3.org/ns/ldp#inbox") == [f"{ROOT}inbox/"]
    assert named("http://www.w3.org/ns/pim/space#preferencesFile") == [f"{ROOT}settings/prefs.ttl"]
    assert named("http://www.w3.org/ns/solid/terms#publicTypeIndex") == [f"{ROOT}settings/publicTypeIndex.ttl"]
    document = f"{ROOT}profile/card"
    assert list(iris(objects(graph, document, f"{FOAF}primaryTopic"))) == [WEBID]
    assert list(iris(objects(graph, document, RDF.type))) == [f"{FOAF}PersonalProfileDocument"]


async def test_a_webid_names_this_server_as_its_issuer_unless_told_otherwise(place: Place) -> None:
    created = await place.create()

    graph = await place.graph("profile/card")
    assert list(iris(objects(graph, WEBID, SOLID.oidcIssuer))) == [created.issuer] == [BASE]


async def test_the_preferences_lead_to_both_type_indexes(place: Place) -> None:
    await place.create()
    graph = await place.graph("settings/prefs.ttl")

    for name in ("publicTypeIndex", "privateTypeIndex"):
        found = list(iris(objects(graph, WEBID, f"http://www.w3.org/ns/solid/terms#{name}")))
        assert found == [f"{ROOT}settings/{name}.ttl"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("settings/publicTypeIndex.ttl", "ListedDocument"), ("settings/privateTypeIndex.ttl", "UnlistedDocument")],
)
async def test_type_indexes_say_what_they_are(place: Place, path: str, kind: str) -> None:
    await place.create()
    graph = await place.graph(path)

    solid = "http://www.w3.org/ns/solid/terms#"
    assert {one.object for one in graph} == {NamedNode(f"{solid}TypeIndex"), NamedNode(f"{solid}{kind}")}
    assert {one.subject for one in graph} == {NamedNode(f"{ROOT}{path}")}


@pytest.mark.spec("server-root-container-acl", "server-root-container-acl-authorization-control")
@pytest.mark.parametrize(
    ("path", "public"),
    [
        ("", NOTHING), (".acl", NOTHING), ("anything", NOTHING),
        ("profile/", NOTHING), ("profile/card", {READ}), ("profile/other", NOTHING),
        ("inbox/", {APPEND}), ("inbox/message", NOTHING), ("inbox/box/", NOTHING),
        ("settings/", NOTHING), ("settings/prefs.ttl", NOTHING), ("settings/other", NOTHING),
        ("settings/publicTypeIndex.ttl", {READ}), ("settings/privateTypeIndex.ttl", NOTHING),
    ],
)  # fmt: skip
async def test_the_owner_may_do_everything_and_others_only_what_they_must(
    place: Place, path: str, public: frozenset[Mode]
) -> None:
    await place.create()

    assert await place.modes(path, OWNER) == set(Mode)
    assert await place.modes(path, ANYONE) == await place.modes(path, BOB) == public


@pytest.mark.parametrize(
    ("path", "public"),
    [("playground/", {READ, APPEND, WRITE}), ("playground/x/y", {READ, APPEND, WRITE}), ("", NOTHING)],
)
async def test_a_playground_is_for_everyone(place: Place, path: str, public: frozenset[Mode]) -> None:
    await place.create(playground=True)

    assert await place.modes(path, ANYONE) == public
    assert await place.modes(path, OWNER) == set(Mode)


async def test_a_pod_may_belong_to_somebody_whose_webid_is_elsewhere(place: Place) -> None:
    created = await place.create(webid="https://bob.example/#me")

    (pod,) = await place.store.pods()
    assert pod.owners == (created.webid,) == ("https://bob.example/#me",)
    assert not any(uri.startswith(f"{ROOT}profile/") for uri in await place.resources())
    assert await place.modes("settings/prefs.ttl", BOB) == set(Mode)
    assert await place.modes("", OWNER) == NOTHING


@pytest.mark.parametrize("name", ["a", "alice", "a.b", "a-b_c", "0", "a..b", "well-known", "a" * 63])
async def test_a_name_of_small_letters_and_digits_will_do(place: Place, name: str) -> None:
    assert (await place.create(name)).storage == f"{BASE}{name}/"


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", ".well-known", ".alice", "alice.", "-a", "a-", "_a", "Alice", "a/b", "a b", "é", "a%20", "a\n",
        "a.acl", "a.meta", "favicon.ico", "robots.txt", "a" * 64,
    ],
)  # fmt: skip
async def test_a_name_that_cannot_be_used_is_refused(place: Place, name: str) -> None:
    with pytest.raises(Malformed):
        await place.create(name)

    assert await place.store.log() == []
    assert await place.account_records() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": ""}, {"email": "alice"}, {"email": "a@b@c"}, {"email": "a b@c"}, {"email": "@c"}, {"email": "a@"},
        {"email": "a@b\n"}, {"email": "a" * 65 + "@b"},
        {"webid": "alice"}, {"webid": "ftp://a.example/"}, {"webid": "https://a.example/>"}, {"webid": ""},
        {"issuer": "idp"}, {"issuer": "https://a b/"}, {"issuer": 'https://a.example/"'}, {"issuer": "https://"},
        {"password": ""}, {"password": "1234567"},
    ],
)  # fmt: skip
async def test_what_cannot_be_used_is_refused_before_anything_is_made(place: Place, wrong: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        await place.create(**wrong)

    assert await place.store.log() == []
    assert await place.account_records() == []


async def test_a_pod_comes_to_be_while_another_process_serves(tmp_path: Path) -> None:
    serving, beside = await open_sqlite(tmp_path), await open_sqlite(tmp_path)
    root = Uri(ROOT)
    assert (await serving.store.view(root)).target is None

    await Pods(beside.store, beside.blobs, BASE).create(NewPod("alice", "somebody"), NOW)

    view = await serving.store.view(Uri(f"{ROOT}profile/card"))
    assert view.target is not None
    assert view.pod is not None
    assert view.pod.owners == (WEBID,)
    staged = await serving.blobs.save(chunks())
    note = Write(Uri(f"{ROOT}note"), Kind.DOCUMENT, "text/turtle", staged, root)
    await serving.store.commit(Change((Expectation(root, Expect.PRESENT),), (note,)))
    with pytest.raises(Conflict):
        await Pods(serving.store, serving.blobs, BASE).create(NewPod("alice", "somebody"), NOW)
    assert await beside.store.check() == []
    await beside.close()
    await serving.close()
