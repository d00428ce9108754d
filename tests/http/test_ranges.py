"""Byte ranges (RFC 9110, 14)."""

import re

import pytest

from tests.asgi import Answer
from tests.world import JSON_LD, TURTLE, World

SMALL = bytes(range(100))
LARGE = bytes(range(256)) * 6000  # more than is answered from memory
FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT"


async def made(world: World, content: bytes = SMALL) -> Answer:
    await world.alice.put("/alice/data", "application/octet-stream", content)
    return await world.alice.get("/alice/data")


async def part(world: World, value: str, **named: str) -> Answer:
    return await world.alice.get("/alice/data", range=value, **named)


@pytest.mark.spec("server-range-requests")
@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=90-", 90, None),
        ("bytes=-7", -7, None),
        ("bytes=50-9999999999999999", 50, None),
        ("bytes=-9999999999999999", 0, None),
        ("BYTES = 3-5", 3, 6),
        ("bytes= 3-5 ,", 3, 6),
    ],
)
async def test_a_part_is_sent_as_asked(world: World, content: bytes, value: str, start: int, end: int | None) -> None:
    whole = await made(world, content)

    answer = await part(world, value)

    expected = content[start:end]
    first = start % len(content)
    assert answer.status == 206
    assert answer.body == expected
    assert answer["content-range"] == f"bytes {first}-{first + len(expected) - 1}/{len(content)}"
    assert answer["content-length"] == str(len(expected))
    assert answer["content-type"] == whole["content-type"]
    assert answer["etag"] == whole["etag"]


@pytest.mark.spec("server-range-requests")
async def test_a_whole_answer_says_that_parts_can_be_had(world: World) -> None:
    await made(world)

    for method in ("GET", "HEAD"):
        assert (await world.alice.send(method, "/alice/data"))["accept-ranges"] == "bytes"


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_several_parts_come_as_multipart(world: World, content: bytes) -> None:
    await made(world, content)

    answer = await part(world, "bytes=0-4,10-11,-3")

    boundary = re.fullmatch(r"multipart/byteranges; boundary=(\w+)", answer["content-type"])
    assert answer.status == 206
    assert "content-range" not in answer
    assert boundary is not None
    pieces = answer.body.split(b"\r\n--" + boundary[1].encode())
    size = len(content)
    assert pieces[0] == b""
    assert pieces[-1] == b"--\r\n"
    for piece, (start, end) in zip(pieces[1:-1], ((0, 5), (10, 12), (size - 3, size)), strict=True):
        head, _, body = piece.partition(b"\r\n\r\n")
        assert body == content[start:end]
        assert f"Content-Range: bytes {start}-{end - 1}/{size}".encode() in head
        assert b"Content-Type: application/octet-stream" in head


@pytest.mark.parametrize(
    "value",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=5-3",
        "bytes=a-b",
        "bytes=1",
        "bytes=--5",
        "lines=0-3",
        "bytes=0-5;q=1",
        "bytes=0-5,3-8",
        "bytes=0-,0-",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(33)),
        "bytes=" + "9" * 50 + "-",
        "bytes=0-5, 10-x",
    ],
)
async def test_what_is_no_sensible_range_gets_the_whole(world: World, value: str) -> None:
    await made(world)

    answer = await part(world, value)

    assert answer.status == 200
    assert answer.body == SMALL


@pytest.mark.parametrize("value", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=1000-1000,2000-"])
async def test_a_range_with_nothing_in_it_cannot_be_satisfied(world: World, value: str) -> None:
    await made(world)

    answer = await part(world, value)

    assert answer.status == 416
    assert answer["content-range"] == "bytes */100"


async def test_a_range_that_is_partly_beyond_the_end_gives_what_there_is(world: World) -> None:
    await made(world)

    answer = await part(world, "bytes=95-200,300-400")

    assert answer.status == 206
    assert answer.body == SMALL[95:]


async def test_nothing_has_no_parts(world: World) -> None:
    await made(world, b"")

    assert (await part(world, "bytes=0-")).status == 416
    assert (await world.alice.get("/alice/data")).status == 200


async def test_a_part_is_wanted_only_of_the_version_that_the_client_has(world: World) -> None:
    whole = await made(world)

    assert (await part(world, "bytes=0-1", if_range=whole["etag"])).status == 206
    for other in ('"other"', f"W/{whole['etag']}", "nonsense", FUTURE, "Thu, 01 Jan 1970 00:00:10 GMT", ""):
        answer = await part(world, "bytes=0-1", if_range=other)
        assert answer.status == 200
        assert answer.body == SMALL


async def test_a_date_will_do_while_it_is_the_only_version_of_its_second(world: World) -> None:
    whole = await made(world)
    assert (await part(world, "bytes=0-1", if_range=whole["last-modified"])).status == 206

    again = await made(world)
    if again["last-modified"] == whole["last-modified"]:
        assert (await part(world, "bytes=0-1", if_range=again["last-modified"])).status == 200


async def test_conditions_come_before_ranges(world: World) -> None:
    tag = (await made(world))["etag"]

    assert (await part(world, "bytes=0-1", if_none_match=tag)).status == 304
    assert (await part(world, "bytes=0-1", if_match='"x"')).status == 412
    assert (await part(world, "bytes=900-", if_none_match=tag)).status == 304


async def test_head_has_no_parts(world: World) -> None:
    await made(world)

    answer = await world.alice.head("/alice/data", range="bytes=0-1")

    assert answer.status == 200
    assert answer["content-length"] == "100"


@pytest.mark.parametrize("accept", [TURTLE, JSON_LD])
async def test_derived_content_and_listings_have_parts_too(world: World, accept: str) -> None:
    await world.document("/alice/note")

    for path in ("/alice/note", "/alice/"):
        whole = await world.alice.get(path, accept)
        answer = await world.alice.get(path, accept, range="bytes=1-8")
        assert answer.status == 206
        assert answer.body == whole.body[1:9]
        assert answer["etag"] == whole["etag"]


async def test_who_may_not_read_gets_no_part(world: World) -> None:
    await made(world)

    assert (await world.anyone.get("/alice/data", range="bytes=0-1")).status == 401
    assert (await world.bob.get("/alice/data", range="bytes=900-")).status == 403
