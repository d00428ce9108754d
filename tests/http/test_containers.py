"""Writing to containers: what clients may say, and what the server alone says."""

import pytest

from tests.world import BASE, BASIC_CONTAINER, BOTH, JSON_LD, SPARQL, TURTLE, World, n3, rule

CONTAINS = "@prefix ldp: <http://www.w3.org/ns/ldp#>. <> ldp:contains"
TITLE = '<> <http://purl.org/dc/terms/title> "Box" .'


@pytest.mark.spec("server-basic-container", "uri-slashes-hierarchical-identifier")
@pytest.mark.parametrize("link", [BASIC_CONTAINER, '<http://www.w3.org/ns/ldp#RDFSource>; rel="type"', ""])
async def test_put_makes_a_container(world: World, link: str) -> None:
    answer = await world.alice.put("/alice/box/", TURTLE, "", **({"link": link} if link else {}))

    assert answer.status == 201
    assert answer.location == f"{BASE}alice/box/"
    assert "/alice/box/" in await world.members("/alice/")


@pytest.mark.parametrize("content", ["", TITLE])
async def test_put_on_a_container_that_is_there_replaces_what_clients_said(world: World, content: str) -> None:
    await world.alice.put("/alice/box/", TURTLE, "<> <#old> 1 .")
    await world.document("/alice/box/note")

    answer = await world.alice.put("/alice/box/", TURTLE, content)

    said = {quad.predicate for quad in (await world.alice.get("/alice/box/")).graph()}
    assert answer.status == 204
    assert ("http://purl.org/dc/terms/title" in said) == bool(content)
    assert f"{BASE}alice/box/#old" not in said
    assert await world.members("/alice/box/") == {"/alice/box/note"}


async def test_the_root_of_a_pod_can_be_described_like_any_container(world: World) -> None:
    members = await world.members("/alice/")

    put = await world.alice.put("/alice/", TURTLE, TITLE)
    patched = await world.alice.insert("/alice/", "<> ex:more 1 .")

    said = {quad.predicate for quad in (await world.alice.get("/alice/")).graph()}
    assert (put.status, patched.status) == (204, 204)
    assert {"http://purl.org/dc/terms/title", "https://voc.example/#more"} <= said
    assert await world.members("/alice/") == members


async def test_what_was_read_can_be_put_back(world: World) -> None:
    """Clients that change a description send the listing back with it."""
    await world.alice.put("/alice/box/", TURTLE, TITLE)
    await world.document("/alice/box/note")
    for accept in (TURTLE, JSON_LD):
        listing = await world.alice.get("/alice/box/", accept)

        answer = await world.alice.put("/alice/box/", accept, listing.body)

        assert answer.status == 204
        assert (await world.alice.get("/alice/box/", accept)).graph() == listing.graph()


@pytest.mark.spec(
    "server-protect-containment",
    "server-protect-containment.409",
    "server-protect-contained-resource-metadata",
    "server-protect-contained-resource-metadata.409",
    "x-contained-metadata-protected",
)
@pytest.mark.parametrize(
    "content",
    [
        f"{CONTAINS} <other> .",
        f"{CONTAINS} <note>, <other> .",
        f"{CONTAINS} <https://elsewhere.example/> .",
        "<note> <http://www.w3.org/ns/posix/stat#size> 99999 .",
        "<note> <http://www.w3.org/ns/posix/stat#mtime> 1 .",
        '<note> <http://purl.org/dc/terms/modified> "2000-01-01" .',
        "<note> a <http://www.w3.org/ns/iana/media-types/text/plain#Resource> .",
        "<note> a <https://voc.example/#Thing> .",
    ],
)
async def test_a_client_cannot_say_what_the_server_says(world: World, content: str) -> None:
    await world.document("/alice/box/note")
    before = (await world.alice.get("/alice/box/")).graph()

    async with world.unchanged():
        answers = [
            await world.alice.put("/alice/box/", TURTLE, content),
            await world.alice.put("/alice/new/", TURTLE, content),
            await world.alice.post("/alice/", TURTLE, content, link=BASIC_CONTAINER, slug="new"),
            await world.alice.patch("/alice/box/", SPARQL, _as_update(content)),
        ]

    assert [answer.status for answer in answers] == [409] * 4
    assert (await world.alice.get("/alice/box/")).graph() == before


def _as_update(turtle: str) -> str:
    if turtle.startswith("@prefix"):
        turtle = turtle.replace("@prefix ldp: <http://www.w3.org/ns/ldp#>. ", "").replace(
            "ldp:contains", "<http://www.w3.org/ns/ldp#contains>"
        )
    return f"INSERT DATA {{ {turtle} }}"


@pytest.mark.spec("server-protect-containment.409", "server-protect-contained-resource-metadata.409")
@pytest.mark.parametrize(
    "deleted",
    [
        "<> <http://www.w3.org/ns/ldp#contains> <note>",
        "<note> <http://www.w3.org/ns/posix/stat#size> ?size",
        "<> a <http://www.w3.org/ns/ldp#BasicContainer>",
    ],
)
async def test_a_patch_cannot_take_away_what_the_server_says(world: World, deleted: str) -> None:
    await world.document("/alice/box/note")

    async with world.unchanged():
        n3_patch = n3(where=deleted if "?" in deleted else "", deletes=deleted)
        answers = [
            await world.alice.patch("/alice/box/", "text/n3", n3_patch),
            await world.alice.patch("/alice/box/", SPARQL, f"DELETE {{ {deleted} }} WHERE {{ {deleted} }}"),
        ]

    assert [answer.status for answer in answers] == [409, 409]


@pytest.mark.spec("x-server-write-methods", "acl-mode-append")
async def test_a_patch_changes_what_clients_say_about_a_container(world: World) -> None:
    await world.document("/alice/box/note")
    await world.policy("/alice/box/", rule(world.bob, "append"))
    listing = await world.alice.get("/alice/box/")

    inserted = await world.bob.patch("/alice/box/", SPARQL, f"INSERT DATA {{ {TITLE} }}")
    denied = await world.bob.patch("/alice/box/", SPARQL, f"DELETE DATA {{ {TITLE} }}")

    assert (inserted.status, denied.status) == (204, 403)
    assert len((await world.alice.get("/alice/box/")).graph() - listing.graph()) == 1
    assert (await world.alice.patch("/alice/box/", "text/n3", n3(deletes=TITLE))).status == 204
    assert (await world.alice.get("/alice/box/")).graph() == listing.graph()


async def test_a_patch_can_make_a_container(world: World) -> None:
    answer = await world.alice.insert("/alice/box/", TITLE)

    assert answer.status == 201
    assert await world.members("/alice/box/") == set()
    assert b"Box" in (await world.alice.get("/alice/box/")).body


@pytest.mark.parametrize("media_type", ["text/plain", "image/png", "text/n3"])
async def test_a_container_is_rdf(world: World, media_type: str) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/box/", media_type, "x")

    assert answer.status == 415
    assert set(answer.listed("accept")) == set(answer.json()["accepted"])
    assert TURTLE in answer.listed("accept")


async def test_a_container_holds_no_named_graphs(world: World) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/box/", "application/trig", "<#g> { <> <#p> 1 }")

    assert answer.status == 409


async def test_a_container_may_be_described_in_any_syntax(world: World) -> None:
    answer = await world.alice.put(
        "/alice/box/",
        JSON_LD,
        '{"@id": "", "http://purl.org/dc/terms/title": "Box", "@type": "http://www.w3.org/ns/ldp#Container"}',
    )

    listing = await world.alice.get("/alice/box/")
    assert answer.status == 201
    assert listing["content-type"] == TURTLE
    assert b"Box" in listing.body


@pytest.mark.spec("server-create-operation", "container-permissions")
async def test_each_container_on_the_way_must_be_permitted(world: World) -> None:
    await world.folder("/alice/box/")
    await world.policy("/alice/box/", rule(world.bob, "append", ("acl:default",)))
    assert (await world.bob.put("/alice/box/a/b/note", "text/plain", "x")).status == 403

    await world.policy("/alice/box/", rule(world.bob, "append", BOTH))
    assert (await world.bob.put("/alice/box/a/b/note", "text/plain", "x")).status == 201


@pytest.mark.spec("server-hierarchical-containment", "server-put-patch-intermediate-containers")
async def test_a_patch_makes_the_containers_on_the_way(world: World) -> None:
    for media_type, patch in (("text/n3", n3(inserts="<#a> <#b> 1 .")), (SPARQL, "INSERT DATA { <#a> <#b> 1 }")):
        path = f"/alice/{media_type.partition('/')[2]}/inner/note.txt"

        answer = await world.alice.patch(path, media_type, patch)

        assert answer.status == 201
        assert await world.members(path.rpartition("/")[0] + "/") == {path}


@pytest.mark.parametrize(
    "path", ["/alice/x.acl/", "/alice/x.meta/", "/alice/x.acl/note", "/alice/.acl/x", "/alice/x.meta/y/z"]
)
async def test_no_container_can_be_named_as_an_auxiliary_resource_is(world: World, path: str) -> None:
    async with world.unchanged():
        answer = await world.alice.put(path, TURTLE, "")

    assert answer.status == 409
