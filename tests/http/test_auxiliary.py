"""Policies and descriptions: auxiliary resources, whose life is bound to their subject (Solid Protocol, 4.3)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pod.model.change import Change, Write
from pod.model.resource import Kind, Uri
from tests.world import ALL, BASE, EVERYONE, JSON_LD, SPARQL, TURTLE, World, n3, policy, rule

ABOUT = "<> <https://voc.example/#about> 1 ."


@pytest.mark.spec("auxiliary-resources-rdf-document", "server-put-patch-auxiliary-resource", "x-server-write-methods")
@pytest.mark.parametrize("subject", ["/alice/note", "/alice/picture", "/alice/box/", "/alice/"])
async def test_a_description_is_written_read_changed_and_deleted(world: World, subject: str) -> None:
    await world.document("/alice/note")
    await world.alice.put("/alice/picture", "image/png", b"\x89PNG")
    await world.folder("/alice/box/")
    (path,) = (await world.alice.head(subject)).linked("describedby")

    assert (await world.alice.get(path)).status == 404
    assert (await world.alice.put(path, TURTLE, ABOUT)).status == 201
    assert (await world.alice.insert(path, "<> ex:more 2 .")).status == 204
    assert (await world.alice.patch(path, SPARQL, f"DELETE DATA {{ {ABOUT} }}")).status == 204
    found = await world.alice.get(path, JSON_LD)
    assert {quad.predicate for quad in found.graph()} == {"https://voc.example/#more"}
    assert {quad.subject for quad in found.graph()} == {path}
    assert (await world.alice.delete(path)).status == 205
    assert (await world.alice.get(path)).status == 404


@pytest.mark.spec("server-put-patch-auxiliary-resource")
async def test_a_patch_makes_a_description(world: World) -> None:
    await world.document("/alice/note")

    assert (await world.alice.insert("/alice/note.meta", ABOUT)).status == 201
    assert (await world.alice.get("/alice/note.meta")).status == 200


@pytest.mark.spec("auxiliary-resources-rdf-document")
@pytest.mark.parametrize("path", ["/alice/note.meta", "/alice/note.acl", "/alice/.meta", "/alice/.acl"])
async def test_an_auxiliary_resource_is_rdf(world: World, path: str) -> None:
    await world.document("/alice/note")

    async with world.unchanged():
        assert (await world.alice.put(path, "text/plain", "x")).status == 415
        assert (await world.alice.put(path, "image/png", b"\x89PNG")).status == 415
        assert (await world.alice.put(path, TURTLE, "<> a")).status == 400


@pytest.mark.spec("server-auxiliary-resources-management")
@pytest.mark.parametrize("suffix", [".meta", ".acl"])
@pytest.mark.parametrize("subject", ["/alice/none", "/alice/none/", "/alice/none/deeper"])
async def test_what_does_not_exist_has_no_auxiliary_resources(world: World, subject: str, suffix: str) -> None:
    async with world.unchanged():
        assert (await world.alice.get(f"{subject}{suffix}")).status == 404
        put = await world.alice.put(f"{subject}{suffix}", TURTLE, policy(subject, rule(world.alice, ALL)))
        assert (await world.alice.insert(f"{subject}{suffix}", ABOUT)).status == 409
        assert (await world.alice.delete(f"{subject}{suffix}")).status == 404

    assert put.status == 409
    assert "create it before" in put.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/alice/note.acl.acl", "/alice/note.acl.meta", "/alice/note.meta.acl", "/alice/note.meta.meta"]
)
async def test_auxiliary_resources_have_none_of_their_own(world: World, path: str) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/note")
    await world.alice.put("/alice/note.meta", TURTLE, ABOUT)

    async with world.unchanged():
        for answer in (
            await world.alice.put(path, TURTLE, policy("/alice/note", rule(world.alice, ALL))),
            await world.alice.insert(path, ABOUT),
            await world.alice.delete(path),
            await world.alice.get(path),
        ):
            assert 400 <= answer.status < 500


@pytest.mark.spec("server-description-resource-authorization")
@pytest.mark.parametrize("subject", ["/alice/note", "/alice/box/"])
async def test_a_description_is_governed_as_its_subject_is(world: World, subject: str) -> None:
    await world.document("/alice/note")
    await world.folder("/alice/box/")
    await world.alice.put(f"{subject}.meta", TURTLE, ABOUT)
    about = f"{subject}.meta"

    await world.policy(subject, rule(world.bob, "read"))
    assert (await world.bob.get(about)).status == 200
    assert (await world.bob.insert(about, "<> ex:b 2 .")).status == 403

    await world.policy(subject, rule(world.bob, "append"))
    assert (await world.bob.get(about)).status == 403
    assert (await world.bob.insert(about, "<> ex:b 2 .")).status == 204
    assert (await world.bob.put(about, TURTLE, "")).status == 403

    await world.policy(subject, rule(world.bob, "write"))
    assert (await world.bob.put(about, TURTLE, "")).status == 204
    assert (await world.bob.delete(about)).status == 205

    await world.policy(subject, rule(world.bob, "control"))
    assert (await world.bob.get(about)).status == 403
    assert (await world.anyone.get(about)).status == 401


@pytest.mark.spec("server-control-operation", "http-acl-resource", "acl-mode-control")
@pytest.mark.parametrize("subject", ["/alice/note", "/alice/box/"])
async def test_a_policy_takes_control_and_nothing_else(world: World, subject: str) -> None:
    await world.document("/alice/note")
    await world.folder("/alice/box/")
    text = policy(subject, rule(world.alice, ALL), rule(world.bob, "read write"))

    await world.policy(subject, rule(world.bob, "read write append"))
    async with world.unchanged():
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"):
            answer = await world.bob.send(method, f"{subject}.acl", text, content_type=TURTLE)
            assert answer.status == 403
            assert (await world.anyone.send(method, f"{subject}.acl", text, content_type=TURTLE)).status == 401

    await world.policy(subject, rule(world.bob, "control"))
    assert (await world.bob.get(f"{subject}.acl")).status == 200
    assert (await world.bob.get(subject)).status == 403
    assert (await world.bob.put(subject, TURTLE, "")).status == 403
    assert (await world.bob.put(f"{subject}.acl", TURTLE, text)).status == 204
    assert (await world.bob.get(subject)).status == 200
    assert (await world.bob.get(f"{subject}.acl")).status == 403


@pytest.mark.spec("server-control-operation")
async def test_who_controls_a_container_by_inheritance_makes_the_first_policy_below(world: World) -> None:
    await world.document("/alice/box/note")
    await world.policy("/alice/box/", rule(world.bob, "control", ("acl:default",)))
    text = policy("/alice/box/note", rule(world.bob, "read"))

    assert (await world.bob.put("/alice/box/note.acl", TURTLE, text)).status == 201
    assert (await world.bob.put("/alice/box/.acl", TURTLE, text)).status == 403


@pytest.mark.spec("server-get-acl-turtle", "server-representation-turtle-jsonld")
async def test_a_policy_is_read_and_written_in_every_syntax(world: World) -> None:
    await world.document("/alice/note")
    turtle = policy("/alice/note", rule(world.alice, ALL), rule(EVERYONE, "read"))
    await world.alice.put("/alice/note.acl", TURTLE, turtle)

    for media_type in (JSON_LD, "application/n-triples", "application/rdf+xml", "application/trig"):
        body = (await world.alice.get("/alice/note.acl", media_type)).body
        await world.alice.delete("/alice/note.acl")
        assert (await world.anyone.get("/alice/note")).status == 401

        assert (await world.alice.put("/alice/note.acl", media_type, body)).status == 201

        assert (await world.anyone.get("/alice/note")).status == 200
        assert (await world.alice.get("/alice/note.acl", TURTLE)).media_type == TURTLE


@pytest.mark.spec("server-get-acl-without-representation", "server-acl-without-representation")
async def test_no_policy_is_made_up_for_what_inherits(world: World) -> None:
    await world.document("/alice/box/note")
    await world.policy("/alice/box/", rule(world.bob, "read"))

    for path in ("/alice/box/note.acl", "/alice/none.acl"):
        for method in ("GET", "HEAD"):
            assert (await world.alice.send(method, path)).status == 404
            assert (await world.bob.send(method, path)).status == 403
            assert (await world.anyone.send(method, path)).status == 401


@pytest.mark.spec("server-root-container-acl", "server-root-container-acl-authorization-control")
async def test_the_root_of_a_new_pod_has_a_policy_that_gives_control(world: World) -> None:
    answer = await world.alice.get("/alice/.acl", TURTLE)

    modes = {quad.object for quad in answer.graph() if quad.predicate.endswith("acl#mode")}
    assert answer.status == 200
    assert "http://www.w3.org/ns/auth/acl#Control" in modes


@pytest.mark.spec("server-root-container-acl-authorization-control")
async def test_the_policy_of_a_root_must_go_on_giving_control(world: World) -> None:
    acl = "http://www.w3.org/ns/auth/acl#"
    where = f"?rule <{acl}mode> <{acl}Control> ."

    async with world.unchanged():
        put = await world.alice.put("/alice/.acl", TURTLE, policy("/alice/", rule(world.alice, "read write")))
        empty = await world.alice.put("/alice/.acl", TURTLE, "")
        elsewhere = await world.alice.put("/alice/.acl", TURTLE, policy("/alice/x", rule(world.alice, ALL)))
        patched = await world.alice.patch("/alice/.acl", "text/n3", n3(where=where, deletes=where))

    assert [one.status for one in (put, empty, elsewhere, patched)] == [409] * 4
    assert "acl:Control" in put.json()["detail"]
    assert (await world.alice.insert("/alice/.acl", "<#x> a <#Y> .")).status == 204


@pytest.mark.spec("server-storage-track-owner")
async def test_the_owner_can_mend_every_policy(world: World) -> None:
    await world.document("/alice/note")
    await world.alice.put("/alice/note.acl", TURTLE, policy("/alice/note", rule(world.bob, ALL)))

    assert (await world.alice.get("/alice/note")).status == 403
    assert (await world.alice.get("/alice/note.acl")).status == 200
    await world.policy("/alice/note")
    assert (await world.alice.get("/alice/note")).status == 200


async def test_a_policy_with_relative_and_prefixed_iris_means_the_same(world: World) -> None:
    await world.document("/alice/box/caf%C3%A9")
    text = (
        "@prefix acl: <http://www.w3.org/ns/auth/acl#>. @prefix bob: <https://bob.example/card#>.\n"
        "<#rule> a acl:Authorization; acl:agent bob:me; acl:mode acl:Read; acl:accessTo <café>."
    )

    assert (await world.alice.put("/alice/box/caf%C3%A9.acl", TURTLE, text)).status == 201
    assert (await world.bob.get("/alice/box/caf%C3%A9")).status == 200


async def test_etags_guard_policies_too(world: World) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/note")
    tag = (await world.alice.get("/alice/note.acl"))["etag"]
    await world.policy("/alice/note", rule(world.bob, "read"))

    answer = await world.alice.put("/alice/note.acl", TURTLE, policy("/alice/note"), if_match=tag)

    assert answer.status == 412
    assert (await world.bob.get("/alice/note")).status == 200


async def test_the_names_of_auxiliary_resources_are_no_more_than_names_elsewhere(world: World) -> None:
    """Only the end of the last segment makes an auxiliary resource."""
    for path in ("/alice/acl", "/alice/x.acl.txt", "/alice/meta/x", "/alice/x.ACL"):
        assert (await world.alice.put(path, "text/plain", "x")).status == 201
        assert (await world.alice.get(path)).linked("acl") == [f"{BASE[:-1]}{path}.acl"]


async def test_a_policy_is_one_in_whatever_spelling(world: World) -> None:
    """Who may write the resource must not reach its policy by writing the name in another way."""
    await world.document("/alice/note")
    await world.policy("/alice/note", rule(world.bob, "read write"))
    text = policy("/alice/note", rule(world.bob, ALL))

    async with world.unchanged():
        for spelling in ("note%2Eacl", "note.%61cl", "not%65%2e%61%63%6c"):
            assert (await world.bob.put(f"/alice/{spelling}", TURTLE, text)).status == 403
            assert (await world.bob.get(f"/alice/{spelling}")).status == 403


async def test_a_policy_that_cannot_be_read_gives_nobody_anything(world: World) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/note", rule(EVERYONE, "read"))
    uri = Uri(f"{BASE}alice/note.acl")

    async def damaged() -> AsyncIterator[bytes]:
        yield b"<> a"

    staged = await world.parts.stores.blobs.save(damaged())
    await world.parts.stores.store.commit(Change((), (Write(uri, Kind.POLICY, TURTLE, staged, None),)))

    for person in (world.anyone, world.bob, world.alice):
        answer = await person.get("/alice/note")
        assert answer.status == 500
        assert answer.media_type == "application/problem+json"


@pytest.mark.parametrize("media_type", [TURTLE, JSON_LD])
async def test_a_container_says_what_its_description_says_for_as_long_as_it_does(world: World, media_type: str) -> None:
    """As on Community Solid Server: soukai keeps the name of a container there, and reads it from the container."""
    await world.folder("/alice/box/")
    await world.document("/alice/box/note")
    bare = await world.alice.get("/alice/box/", media_type)
    await world.alice.put("/alice/box/.meta", TURTLE, "<./> <https://voc.example/#name> 'Films' .")
    named = await world.alice.get("/alice/box/", media_type)
    await world.alice.put("/alice/box/.meta", TURTLE, "<./> <https://voc.example/#name> 'Movies' .")
    renamed = await world.alice.get("/alice/box/", media_type)
    await world.alice.delete("/alice/box/.meta")
    again = await world.alice.get("/alice/box/", media_type)

    assert [quad.object for quad in named.graph() - bare.graph()] == ["Films"]
    assert [quad.object for quad in renamed.graph() - bare.graph()] == ["Movies"]
    assert bare.graph() < named.graph()
    assert again.graph() == bare.graph()
    assert len({answer["etag"] for answer in (bare, named, renamed, again)}) == 4


async def test_a_blank_node_of_a_description_is_none_of_its_container(world: World) -> None:
    await world.alice.put("/alice/box/", TURTLE, "_:b0 <https://voc.example/#own> 1 .")
    await world.alice.put("/alice/box/.meta", TURTLE, "_:b0 <https://voc.example/#described> 2 .")

    found = (await world.alice.get("/alice/box/")).graph()

    assert len({quad.subject for quad in found if quad.predicate.startswith("https://voc.example/#")}) == 2


@pytest.mark.spec("server-protect-containment")
async def test_a_description_makes_no_container_list_what_is_not_there(world: World) -> None:
    await world.folder("/alice/box/")
    await world.document("/alice/box/note")
    before = (await world.alice.get("/alice/box/")).graph()

    written = await world.alice.put(
        "/alice/box/.meta",
        TURTLE,
        "@prefix ldp: <http://www.w3.org/ns/ldp#>. <./> ldp:contains <./other>."
        "<./note> <http://www.w3.org/ns/posix/stat#size> 1000000.",
    )

    assert written.status == 201
    assert (await world.alice.get("/alice/box/")).graph() == before


async def test_who_may_write_and_not_control_names_no_issuer_for_a_container_by_its_description(world: World) -> None:
    """A container may be somebody's WebID as well, and to write its description takes no control of it."""
    await world.folder("/alice/box/")
    await world.policy("/alice/box/", rule(world.bob, "read write"))
    issuer = "<http://www.w3.org/ns/solid/terms#oidcIssuer> <https://bob.example/>"

    await world.bob.put("/alice/box/.meta", TURTLE, f"<./> {issuer} . <./#me> {issuer} ; <https://voc.example/#a> 1 .")
    found = (await world.bob.get("/alice/box/")).graph()

    assert "https://voc.example/#a" in {quad.predicate for quad in found}
    assert "http://www.w3.org/ns/solid/terms#oidcIssuer" not in {quad.predicate for quad in found}


async def test_the_description_of_a_container_may_be_large(world: World) -> None:
    lines = "".join(f"<./> <https://voc.example/#name> 'Name {number}' .\n" for number in range(5_000))
    await world.folder("/alice/box/")
    await world.alice.put("/alice/box/.meta", TURTLE, lines)

    answers = await asyncio.gather(*(world.alice.get("/alice/box/", JSON_LD) for _ in range(3)))

    assert [sum(quad.predicate.endswith("#name") for quad in one.graph()) for one in answers] == [5_000] * 3
