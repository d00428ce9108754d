"""Wrong and hostile input: each gets its status, and changes nothing."""

import pytest

from pod.config import Limits
from tests.asgi import Headers
from tests.world import BASE, JSON_LD, N3, TURTLE, World, n3

RDF_XML = "application/rdf+xml"
PLAIN: Headers = [("content-type", "text/plain")]
LIMIT = 4096


@pytest.mark.spec("reject-bad-requests", "request-sanitization")
@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (TURTLE, b"<#a> <#b>"),
        (TURTLE, b"<#a> <#b> <c d> ."),
        (TURTLE, b"\xff\xfe<#a> <#b> 1 ."),
        (TURTLE, b"<#a> <#b> '\xc3\x28' ."),
        (TURTLE, b"\x00"),
        (TURTLE, b"<#a> <#b> '\\uD800' ."),
        (JSON_LD, b""),
        (JSON_LD, b"{"),
        (JSON_LD, b'{"@id": 1}'),
        (JSON_LD, b'{"@context": {"a": {"@id": "@nonsense"}}, "a": {"@value": {"x": 1}}}'),
        (JSON_LD, b"[" * 100_000),
        (JSON_LD, b'{"a":' * 50_000),
        (JSON_LD, b'{"@id": "#a"} {"@id": "#b"}'),
        (JSON_LD, b'{"@context": "http://x.example/\\ud800"}'),
        (JSON_LD, b'{"@context": {"@import": "http://x.example/\\ud800"}}'),
        ("application/n-triples", b"<a> <b> <c> ."),
        ("application/n-triples", b"@prefix a: <http://a/>."),
        ("application/n-quads", b"<http://a> <http://b> <http://c> <http://d> <http://e> ."),
        ("application/trig", b"{ { } }"),
        (RDF_XML, b""),
        (RDF_XML, b"<rdf:RDF/>"),
        (RDF_XML, b"<html><p>no</html>"),
        (RDF_XML, b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><x>&b;</x>"),
        (RDF_XML, b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description><r:value>&e;</r:value></r:Description></r:RDF>"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", [True, False])
async def test_malformed_rdf_is_refused_in_every_syntax(
    world: World, media_type: str, content: bytes, length: bool
) -> None:
    async with world.unchanged():
        typed = [("content-type", media_type)]
        put = await world.alice.request("PUT", "/alice/x", content, typed, length=length)
        post = await world.alice.request("POST", "/alice/", content, typed, length=length)

    assert (put.status, post.status) == (400, 400)
    assert "root:" not in put.text


@pytest.mark.parametrize("media_type", ["text/plain", TURTLE, N3])
@pytest.mark.parametrize("length", [True, False])
async def test_content_over_the_limit_is_refused(storage: str, media_type: str, length: bool) -> None:
    body = LIMIT if media_type == "text/plain" else 2 * LIMIT
    async with World(storage, limits=Limits(body=body, rdf=LIMIT, patch=LIMIT)) as world:
        method = "PATCH" if media_type == N3 else "PUT"
        comment = b"#" + b"x" * (LIMIT - 1)

        async with world.unchanged():
            content = comment + b"x" if length else [comment, b"x"]
            answer = await world.alice.send(method, "/alice/x", content, content_type=media_type)

        assert answer.status == 413
        exactly = comment if method == "PUT" else n3().encode().ljust(LIMIT)
        assert (
            await world.alice.request(method, "/alice/x", exactly, [("content-type", media_type)], length=length)
        ).status == 201


async def test_a_length_over_the_limit_is_refused_before_anything_is_read(world: World) -> None:
    async def never() -> bytes:
        raise AssertionError("content was read")

    async with world.unchanged():
        for media_type in ("text/plain", TURTLE):
            answer = await world.alice.put("/alice/x", media_type, [], content_length=str(2**60))
            assert answer.status == 413
        unread = never()
        answer = await world.alice.put("/alice/x", TURTLE, [unread], content_length=str(2**60))
        unread.close()
        assert answer.status == 413


@pytest.mark.spec("restrict-untrusted-requests")
async def test_a_stranger_is_refused_before_anything_is_read(world: World) -> None:
    async def never() -> bytes:
        raise AssertionError("content was read")

    for person, status in ((world.anyone, 401), (world.bob, 403)):
        for method in ("PUT", "POST"):
            unread = never()
            path = "/alice/" if method == "POST" else "/alice/x"
            answer = await person.send(method, path, [unread], content_type="text/plain")
            unread.close()
            assert answer.status == status


@pytest.mark.parametrize("value", ["-1", "+5", "1.5", "0x10", "1e3", "", " ", "5, 5", "99999999999999999999999"])
async def test_a_length_that_is_none_is_refused(world: World, value: str) -> None:
    headers = [*PLAIN, ("content-length", value.encode("latin-1", "replace"))]

    async with world.unchanged():
        answer = await world.alice.request("PUT", "/alice/x", [b"12345"], headers)

    assert answer.status == (413 if value.startswith("999") else 400)


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "gzip, identity", "x"])
async def test_compressed_content_is_refused(world: World, coding: str) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/x", "text/plain", b"\x1f\x8b", content_encoding=coding)

    assert answer.status == 415


async def test_content_that_says_that_it_is_not_compressed_is_taken(world: World) -> None:
    assert (await world.alice.put("/alice/x", "text/plain", "x", content_encoding="identity")).status == 201


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH"])
async def test_a_part_of_a_resource_cannot_be_written(world: World, method: str) -> None:
    """RFC 9110, 14.5: whoever does not support partial PUT must refuse it, or the rest would be lost."""
    await world.document("/alice/note")

    async with world.unchanged():
        path = "/alice/" if method == "POST" else "/alice/note"
        answer = await world.alice.send(
            method, path, n3(inserts="<#a> a <#b> ."), content_type=N3, content_range="bytes 0-9/100"
        )

    assert answer.status == 400


@pytest.mark.spec("apply-normalization-canonicalization", "request-sanitization", "reject-bad-requests")
@pytest.mark.parametrize(
    "path",
    [
        b"/alice/../../etc/passwd",
        b"/alice/%2e%2e/%2e%2e/etc/passwd",
        b"/alice/%2E%2e/x",
        b"/alice/..%2fx",
        b"/alice/..%5cx",
        b"/alice/a%2Fb",
        b"/alice/a%5Cb",
        b"/alice/a\\b",
        b"/alice/./x",
        b"/alice//x",
        b"//evil.example/x",
        b"/alice/%",
        b"/alice/%4",
        b"/alice/%zz",
        b"/alice/%%41",
        b"/alice/%00",
        b"/alice/%0d%0aSet-Cookie:%20x=1",
        b"/alice/%0a",
        b"/alice/%7f",
        b"/alice/%c2%85",
        b"/alice/%ff",
        b"/alice/%c0%af",
        b"/alice/%ed%a0%80",
        b"/alice/%f5%80%80%80",
        b"/alice/x#y",
        b"/alice/\xff",
        b"*",
        b"alice/x",
        b"https://evil.example/alice/x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_path_that_has_no_one_meaning_is_refused(world: World, path: bytes, method: str) -> None:
    async with world.unchanged():
        answer = await world.alice.request(method, "/", "x", PLAIN, raw_path=path)

    assert answer.status == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "means"),
    [
        (b"/alice/%61", "a"),
        (b"/alice/%2525", "%2525"),
        (b"/alice/%252e%252e", "%252e%252e"),
        (b"/alice/a%20b", "a%20b"),
        (b"/alice/...", "..."),
        (b"/alice/..a", "..a"),
        (b"/alice/%E2%80%AE", "%E2%80%AE"),
        (b"/alice/a|b", "a%7Cb"),
        (b"/alice/\xc3\xa9", "%C3%A9"),
        (b"/alice/<b>", "%3Cb%3E"),
        (b'/alice/"q"', "%22q%22"),
        (b"/alice/CON", "CON"),
        (b"/alice/x;y=z", "x;y=z"),
        (b"/alice/a?b=/../c", "a"),
    ],
)
async def test_an_odd_path_that_has_one_meaning_is_what_it_means(world: World, path: bytes, means: str) -> None:
    answer = await world.alice.request("PUT", f"/alice/{means}", "here", PLAIN, raw_path=path)

    assert answer.status == 201
    assert answer.location == f"{BASE}alice/{means}"
    assert (await world.alice.get(f"/alice/{means}")).text == "here"
    assert f"/alice/{means}" in await world.members("/alice/")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"])
async def test_a_uri_that_is_too_long_is_refused(world: World, method: str) -> None:
    async with world.unchanged():
        answer = await world.alice.send(method, "/alice/" + "x" * 4096, "x", content_type="text/plain")

    assert answer.status == 414


async def test_a_long_query_makes_no_uri_too_long(world: World) -> None:
    assert (await world.alice.get("/alice/?" + "x" * 10_000)).status == 200


async def test_a_path_may_be_deep_and_not_endless(world: World) -> None:
    deep, deeper = ("/alice/" + "d/" * depth for depth in (126, 127))

    assert (await world.alice.put(f"{deep}x", "text/plain", "x")).status == 201
    assert (await world.alice.get(f"{deep}x")).text == "x"
    async with world.unchanged():
        for person in (world.alice, world.anyone):
            for method in ("GET", "PUT", "POST", "DELETE"):
                for path in (f"{deeper}x", "/alice/" + "d/" * 2000):
                    assert (await person.send(method, path, "x", content_type="text/plain")).status == 414
        inside = await world.alice.post(deep, TURTLE, "", link='<http://www.w3.org/ns/ldp#Container>; rel="type"')
    assert inside.status == 414


async def test_what_exists_can_always_have_a_policy(world: World) -> None:
    path = "/alice/" + "x" * 4089

    assert (await world.alice.put(path, "text/plain", "x")).status == 201
    await world.policy(path)
    assert (await world.alice.put(f"{path}.meta", TURTLE, "")).status == 201
    assert (await world.alice.put(f"{path}x", "text/plain", "x")).status == 414


async def test_a_name_that_is_posted_can_be_asked_for(world: World) -> None:
    container = "/alice/" + "x" * 4000 + "/"
    await world.folder(container)

    short = await world.alice.post(container, "text/plain", "x", slug="y" * 80)
    async with world.unchanged():
        long = await world.alice.post(container, "text/plain", "x", slug="y" * 128)

    assert (short.status, long.status) == (201, 414)
    assert (await world.alice.get(short.location)).text == "x"


async def test_a_path_is_measured_as_it_is_kept(world: World) -> None:
    async with world.unchanged():
        raw = b"/alice/" + b"\xc3\xa9" * 1500
        answer = await world.alice.request("PUT", "/alice/", "x", PLAIN, raw_path=raw)

    assert answer.status == 414


@pytest.mark.spec("http-request-headers-validity")
@pytest.mark.parametrize("value", ["", ",", "\x7f", "é" * 50, "(" * 5000, "a" * 10_000, "%s%n", "../../x", "\\", '"'])
@pytest.mark.parametrize(
    "name",
    [
        "accept", "if-match", "if-none-match", "if-modified-since", "range", "if-range", "slug", "link", "origin",
        "prefer", "host", "x-forwarded-for", "forwarded", "access-control-request-method",
    ],
)  # fmt: skip
async def test_odd_header_values_break_nothing(name: str, value: str) -> None:
    async with World() as world:
        await world.document("/alice/note")
        for method, path in (
            ("GET", "/alice/note"),
            ("OPTIONS", "/alice/note"),
            ("POST", "/alice/"),
            ("PUT", "/alice/x"),
        ):
            headers = [(name, value), *([("content-type", "text/plain")] if name != "content-type" else [])]
            answer = await world.alice.request(method, path, "x" if method[0] == "P" else None, headers)
            assert answer.status < 500, answer.text


@pytest.mark.parametrize("name", ["if-modified-since", "if-unmodified-since"])
@pytest.mark.parametrize(
    "value", ["Mon, 01 Jan 99999999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2020 00:00:00 +99999999999999"]
)
async def test_a_date_that_no_calendar_has_counts_as_not_sent(world: World, name: str, value: str) -> None:
    assert (await world.alice.request("GET", "/alice/", None, [(name, value)])).status == 200


async def test_what_a_client_sends_never_becomes_a_header_of_its_own(world: World) -> None:
    """What cannot stand in a header is refused by the server below; here it may only come back encoded."""
    for slug in ("a%0d%0aX-Evil:%201", "a\tb"):
        answer = await world.alice.post("/alice/", "text/plain", "x", slug=slug)
        assert answer.status == 201
        assert "x-evil" not in answer


async def test_scripts_in_names_and_content_stay_text(world: World) -> None:
    name = "<script>alert(1)</script>"
    await world.alice.post("/alice/box", "text/plain", "x", slug=name)
    await world.alice.put("/alice/%3Cscript%3E", "text/plain", "x")

    answer = await world.alice.get("/alice/", TURTLE)

    assert "<script" not in answer.text
