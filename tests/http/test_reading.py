"""GET and HEAD."""

import pytest

from tests.asgi import graph
from tests.world import BASE, JSON_LD, N3, TURTLE, Person, World, n3, rule

PICTURE = bytes(range(256)) * 3
LARGE = bytes(range(256)) * 6000


async def made(world: World) -> None:
    """One resource of each kind, of which Bob may read all."""
    await world.folder("/alice/box/")
    await world.policy("/alice/box/", rule(world.bob, "read"))
    await world.document("/alice/box/note")
    await world.alice.put("/alice/box/note.meta", TURTLE, "<note> <https://voc.example/#about> 2 .")
    await world.alice.put("/alice/box/picture", "image/png", PICTURE)
    await world.alice.put("/alice/box/film", "video/mp4", LARGE)


ALL = ("/alice/box/", "/alice/box/.acl", "/alice/box/note", "/alice/box/note.meta", "/alice/box/picture")


@pytest.mark.spec("server-http", "server-content-type-includes", "server-safe-methods", "http-get")
@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (TURTLE, b"# a comment\n<#it>   a <#Thing> .\n\n"),
        ("text/turtle;charset=utf-8", "<#ä> a <#Ding> .".encode()),
        ('application/ld+json; profile="http://www.w3.org/ns/json-ld#expanded"', b'[{"@id": "#it"}]'),
        ("image/png", PICTURE),
        ("text/plain; charset=iso-8859-1", "für".encode("iso-8859-1")),
        ("application/json", b'{"not": "json",,}'),
        ("video/mp4", LARGE),
        ("text/plain", b""),
    ],
)
async def test_what_was_stored_comes_back_byte_for_byte_with_its_type(
    world: World, media_type: str, content: bytes
) -> None:
    await world.alice.put("/alice/it", media_type, content)

    answer = await world.alice.get("/alice/it")

    assert answer.status == 200
    assert answer.body == content
    assert answer["content-type"] == media_type
    assert answer["content-length"] == str(len(content))


@pytest.mark.spec("server-http", "server-safe-methods", "server-link-auxiliary-type", "server-wac-allow")
@pytest.mark.parametrize("path", [*ALL, "/alice/box/film", "/alice/", "/alice/.well-known/solid", "/alice/box/none"])
@pytest.mark.parametrize("accept", [None, TURTLE, JSON_LD])
async def test_head_has_the_status_and_headers_of_get_and_no_content(
    world: World, path: str, accept: str | None
) -> None:
    await made(world)

    whole, head = await world.alice.get(path, accept), await world.alice.head(path, accept)

    own = {"date", "content-length"} if whole.status >= 400 else {"date"}
    assert head.status == whole.status
    assert head.body == b""
    assert [one for one in head.headers if one[0] not in own] == [one for one in whole.headers if one[0] not in own]


@pytest.mark.parametrize("path", ["/alice/box/note", "/alice/box/", "/alice/box/none"])
async def test_head_is_refused_as_get_is(world: World, path: str) -> None:
    await made(world)
    await world.policy("/alice/box/")

    for person, status in ((world.anyone, 401), (world.bob, 403)):
        answer = await person.head(path)

        assert answer.status == status == (await person.get(path)).status
        assert answer.body == b""


@pytest.mark.spec("server-last-modified-includes", "server-etag")
@pytest.mark.parametrize("path", [*ALL, "/alice/.well-known/solid"])
async def test_every_representation_has_a_strong_etag_and_a_date(world: World, path: str) -> None:
    await made(world)

    for answer in (await world.alice.get(path), await world.alice.head(path)):
        assert answer["etag"].startswith('"')
        assert answer["last-modified"].endswith(" GMT")


@pytest.mark.spec("server-read-operation", "acl-mode-read")
async def test_what_is_missing_is_not_found_by_who_may_read_there(world: World) -> None:
    await made(world)

    assert (await world.bob.get("/alice/box/none")).status == 404
    assert (await world.bob.get("/alice/box/none/deeper")).status == 404
    assert (await world.bob.get("/alice/box/none/")).status == 404


REQUESTS = {
    "GET": None,
    "HEAD": None,
    "PUT": "<> a <#New> .",
    "POST": "<> a <#New> .",
    "PATCH": n3(where="?x a ex:Old.", deletes="?x a ex:Old.", inserts="?x a ex:New."),
    "DELETE": None,
}


async def refused(world: World, path: str) -> dict[tuple[Person, str], tuple[object, ...]]:
    """All that answers to who may do nothing there say, but when and by which number."""
    found: dict[tuple[Person, str], tuple[object, ...]] = {}
    for person, status in ((world.anyone, 401), (world.bob, 403)):
        for method, content in REQUESTS.items():
            media_type = N3 if method == "PATCH" else TURTLE
            headers = [("content-type", media_type)] if content is not None else []
            answer = await person.request(method, path, content, headers)
            assert answer.status == status, (method, answer.text)
            said = answer.json() if method != "HEAD" else {}
            said.pop("instance", None)
            length = ("content-length", str(len(answer.body)))
            shown = [one for one in answer.headers if one[0] != "date"]
            assert method == "HEAD" or length in shown
            found[person, method] = (answer.status, shown, said)
    return found


@pytest.mark.spec("server-read-operation", "server-unauthenticated", "timing-attacks")
@pytest.mark.parametrize(
    "path",
    ["/alice/secret", "/alice/secret.meta", "/alice/secret.acl", "/alice/box/", "/alice/box/.acl", "/alice/box/a"],
)
@pytest.mark.parametrize("own", [False, True])
async def test_a_refusal_does_not_tell_whether_something_is_there(world: World, path: str, own: bool) -> None:
    before = await refused(world, path)
    await world.document("/alice/secret")
    await world.alice.put("/alice/secret.meta", TURTLE, "<> a <#x> .")
    await world.folder("/alice/box/")
    await world.document("/alice/box/a")
    if own:
        for one in ("/alice/secret", "/alice/box/", "/alice/box/a"):
            await world.policy(one)

    async with world.unchanged():
        assert await refused(world, path) == before


@pytest.mark.spec("server-caching")
async def test_caches_ask_again_and_keep_apart_what_differs(world: World) -> None:
    await made(world)

    answer = await world.bob.get("/alice/box/note")

    assert answer["cache-control"] == "no-cache"
    assert answer.listed("vary") == ["Accept", "Authorization", "Origin"]


async def test_a_query_is_no_part_of_what_a_uri_names(world: World) -> None:
    await world.document("/alice/note")

    assert (await world.alice.get("/alice/note?ext=1&x=/../")).status == 200


async def test_different_spellings_of_a_path_name_one_resource(world: World) -> None:
    await world.alice.put("/alice/caf%C3%A9%20%2b+~x", "text/plain", "here")

    for spelling in ("/alice/caf%c3%a9%20+%2B%7Ex", "/%61lice/caf%C3%A9%20%2B%2B~%78"):
        assert (await world.alice.get(spelling)).text == "here"
    assert "/alice/caf%C3%A9%20++~x" in await world.members("/alice/")


@pytest.mark.spec("webid")
async def test_a_webid_of_the_server_is_described_to_everyone(world: World) -> None:
    answer = await world.anyone.get("/alice/profile/card", TURTLE)

    about = {quad.predicate for quad in answer.graph() if quad.subject == world.alice.webid}
    assert answer.status == 200
    assert {"http://www.w3.org/ns/solid/terms#oidcIssuer", "http://www.w3.org/ns/pim/space#storage"} <= about


async def test_relative_iris_are_those_of_the_resource(world: World) -> None:
    await world.alice.put("/alice/a/b", TURTLE, "<#it> <../c> <>, </d>, <//e.example/> .")

    answer = await world.alice.get("/alice/a/b", "application/n-triples")

    expected = " .".join(
        f"<{BASE}alice/a/b#it> <{BASE}alice/c> <{one}>"
        for one in (f"{BASE}alice/a/b", f"{BASE}d", "https://e.example/")
    )
    assert answer.graph() == graph(f"{expected} .")
