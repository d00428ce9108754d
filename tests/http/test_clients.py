"""The requests of well-known clients, in the order and with the headers in which they send them."""

import pytest

from tests.asgi import Answer
from tests.world import BASE, JSON_LD, N3, SPARQL, TURTLE, World, rule

INRUPT = "text/turtle, application/trig;q=0.9, application/ld+json;q=0.8, */*;q=0.1"
RDFLIB = (
    "image/*;q=0.9, */*;q=0.1, application/rdf+xml;q=0.9, application/xhtml+xml, text/xml;q=0.5,"
    " application/xml;q=0.5, text/html;q=0.9, text/plain;q=0.5, text/n3;q=1.0, text/turtle;q=1, application/ld+json;q=1"
)
RESOURCE = '<http://www.w3.org/ns/ldp#Resource>; rel="type"'
CONTAINER = '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'
APP = "https://app.example"


async def test_inrupt_makes_a_container_at_a_place(world: World) -> None:
    async def create() -> Answer:
        return await world.alice.send(
            "PUT",
            "/alice/notes/",
            accept="text/turtle",
            content_type="text/turtle",
            if_none_match="*",
            link=CONTAINER,
        )

    first, second = await create(), await create()

    assert first.status == 201
    assert second.status == 412
    assert first.linked("acl") == [f"{BASE}alice/notes/.acl"]


async def test_inrupt_makes_a_container_in_a_container(world: World) -> None:
    first = await world.alice.send("POST", "/alice/", content_type="text/turtle", link=CONTAINER, slug="notes/")
    second = await world.alice.send("POST", "/alice/", content_type="text/turtle", link=CONTAINER, slug="notes/")

    assert first.location == f"{BASE}alice/notes/"
    assert second.status == 201
    assert second.location not in {first.location, f"{BASE}alice/"}


async def test_inrupt_saves_overwrites_reads_and_deletes_a_file(world: World) -> None:
    saved = await world.alice.post("/alice/", "image/jpeg", b"\xff\xd8\xff", link=RESOURCE, slug="me.jpg")
    overwritten = await world.alice.put(saved.location, "image/jpeg", b"\xff\xd8\xff\xe0", link=RESOURCE)
    read = await world.alice.get(saved.location)
    deleted = await world.alice.delete(saved.location)

    assert [one.status for one in (saved, overwritten, read, deleted)] == [201, 204, 200, 205]
    assert saved.location == f"{BASE}alice/me.jpg"
    assert (read.body, read["content-type"]) == (b"\xff\xd8\xff\xe0", "image/jpeg")


async def test_inrupt_saves_a_new_dataset_and_changes_it(world: World) -> None:
    created = await world.alice.put(
        "/alice/notes/one", "text/turtle", "<#it> a <#Note> .", if_none_match="*", link=RESOURCE
    )
    read = await world.alice.get("/alice/notes/one", INRUPT)
    update = "DELETE DATA {<https://pod.example/alice/notes/one#it> a <https://pod.example/alice/notes/one#Note>.};"
    update += ' INSERT DATA {<https://pod.example/alice/notes/one#it> <http://schema.org/name> "One"@en.};'
    changed = await world.alice.patch("/alice/notes/one", SPARQL, update)
    again = await world.alice.get("/alice/notes/one", INRUPT)

    assert [one.status for one in (created, read, changed, again)] == [201, 200, 204, 200]
    assert read.media_type == again.media_type == TURTLE
    assert [quad.object for quad in again.graph()] == ["One"]


async def test_inrupt_gives_access_by_a_policy_where_there_is_none(world: World) -> None:
    await world.document("/alice/note")
    info = await world.alice.head("/alice/note")
    (acl,) = info.linked("acl")
    missing = await world.alice.get(acl, INRUPT)
    fallback = await world.alice.get("/alice/", INRUPT)
    (root_acl,) = fallback.linked("acl")
    inherited = await world.alice.get(root_acl, INRUPT)
    body = inherited.text.replace("./", "note").replace("acl:default", "acl:accessTo") + (
        f"\n<#bob> a acl:Authorization; acl:agent <{world.bob.webid}>; acl:accessTo <note>; acl:mode acl:Read.\n"
    )
    saved = await world.alice.put(acl, TURTLE, body)

    assert [one.status for one in (missing, inherited, saved)] == [404, 200, 201]
    assert (await world.bob.get("/alice/note")).status == 200


async def test_inrupt_finds_the_well_known_document_of_a_storage(world: World) -> None:
    info = await world.alice.head("/alice/profile/card")
    (storage,) = info.linked("http://www.w3.org/ns/pim/space#storage")

    answer = await world.alice.get(f"{storage}.well-known/solid", INRUPT)

    assert answer.status == 200
    assert storage == f"{BASE}alice/"


async def test_rdflib_loads_and_updates_a_document(world: World) -> None:
    await world.document("/alice/note", "<#a> <#name> 'Anna' .")
    loaded = await world.alice.get("/alice/note", RDFLIB, origin=APP)
    patch = f"""@prefix solid: <http://www.w3.org/ns/solid/terms#>.
@prefix ex: <http://www.example.org/terms#>.

_:patch

      solid:deletes {{
        <{BASE}alice/note#a> <{BASE}alice/note#name> "Anna" .
      }};
      solid:inserts {{
        <{BASE}alice/note#a> <{BASE}alice/note#name> "Anne" .
      }};   a solid:InsertDeletePatch .
"""
    updated = await world.alice.patch("/alice/note", N3, patch, origin=APP)
    again = await world.alice.get("/alice/note", RDFLIB, origin=APP, if_none_match=loaded["etag"])

    assert [one.status for one in (loaded, updated, again)] == [200, 204, 200]
    assert loaded.media_type == TURTLE
    assert loaded["ms-author-via"] == "SPARQL"
    assert "ETag" in loaded.listed("access-control-expose-headers")
    assert "Anne" in again.text


async def test_rdflib_creates_what_its_first_load_did_not_find(world: World) -> None:
    missing = await world.alice.get("/alice/settings/new.ttl", RDFLIB)
    created = await world.alice.put("/alice/settings/new.ttl", TURTLE, "<> a <#Index> .", if_none_match="*")

    assert (missing.status, created.status) == (404, 201)


async def test_rdflib_makes_containers(world: World) -> None:
    answer = await world.alice.put("/alice/public/", TURTLE, "", link=CONTAINER, if_none_match="*")

    assert answer.status == 201


async def test_mashlib_finds_dates_and_sizes_in_a_listing(world: World) -> None:
    await world.document("/alice/note")

    answer = await world.alice.get("/alice/", RDFLIB)

    predicates = {quad.predicate for quad in answer.graph()}
    assert {"http://purl.org/dc/terms/modified", "http://www.w3.org/ns/posix/stat#size"} <= predicates


async def test_solid_file_client_copies_a_folder_with_what_belongs_to_it(world: World) -> None:
    await world.document("/alice/from/note")
    await world.alice.put("/alice/from/note.meta", TURTLE, "<> a <#x> .")
    await world.policy("/alice/from/note", rule(world.bob, "read"))

    await world.alice.put("/alice/to/", TURTLE, "", link=CONTAINER)
    for name in ("note", "note.meta", "note.acl"):
        source = await world.alice.get(f"/alice/from/{name}")
        content = source.body.replace(b"/alice/from/", b"/alice/to/")
        answer = await world.alice.put(f"/alice/to/{name}", source["content-type"], content)
        assert answer.status == 201
    for name in ("note.acl", "note.meta", "note"):
        assert (await world.alice.delete(f"/alice/to/{name}")).status == 205


async def test_soukai_and_ldo_update_without_a_condition(world: World) -> None:
    await world.alice.patch("/alice/movies/one", SPARQL, "INSERT DATA { <#it> a <https://schema.org/Movie> . }")

    answer = await world.alice.patch(
        "/alice/movies/one",
        SPARQL,
        "DELETE DATA { <#it> a <https://schema.org/Movie> . } ;\nINSERT DATA { <#it> a <https://schema.org/Film> . }",
    )

    assert answer.status == 204
    assert b"Film" in (await world.alice.get("/alice/movies/one", TURTLE)).body


@pytest.mark.parametrize("index", ["publicTypeIndex.ttl", "privateTypeIndex.ttl"])
async def test_an_app_registers_what_it_keeps(world: World, index: str) -> None:
    profile = await world.alice.get("/alice/profile/card", TURTLE)
    linked = {quad.predicate.rpartition("#")[2]: quad.object for quad in profile.graph()}
    preferences = await world.alice.get(linked["preferencesFile"], TURTLE)
    everything = [*profile.graph(), *preferences.graph()]
    (place,) = {quad.object for quad in everything if quad.object.endswith(f"/{index}")}

    answer = await world.alice.insert(place, "<#notes> a <http://www.w3.org/ns/solid/terms#TypeRegistration> .")

    assert answer.status == 204


async def test_curl_reads_and_writes_with_few_headers(world: World) -> None:
    await world.policy("/alice/", ("acl:agentClass foaf:Agent", "acl:Read, acl:Write", ("acl:accessTo", "acl:default")))
    plain = {"user_agent": "curl/8.5.0", "accept": "*/*"}

    put = await world.anyone.send("PUT", "/alice/hello.txt", "hello", content_type="text/plain", **plain)
    form = await world.anyone.send("POST", "/alice/", "a=b", content_type="application/x-www-form-urlencoded", **plain)
    got = await world.anyone.send("GET", "/alice/hello.txt", **plain)
    listing = await world.anyone.send("GET", "/alice/", **plain)

    assert [one.status for one in (put, form, got, listing)] == [201, 201, 200, 200]
    assert got.text == "hello"
    assert listing.media_type == TURTLE


async def test_a_json_ld_app_never_sees_turtle(world: World) -> None:
    created = await world.alice.post("/alice/", JSON_LD, '{"@id": "", "https://voc.example/#name": "x"}')

    assert (await world.alice.get(created.location, JSON_LD)).json()["https://voc.example/#name"] == "x"
    assert (await world.alice.get("/alice/", JSON_LD)).media_type == JSON_LD
