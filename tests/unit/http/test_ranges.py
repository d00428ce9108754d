"""Byte ranges as arithmetic."""

from collections.abc import AsyncIterator

import pytest

from pod.errors import RangeNotSatisfiable
from pod.http.ranges import LIMIT, Multipart, spans


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=0-99", [(0, 100)]),
        ("bytes=0-100", [(0, 100)]),
        ("bytes=99-", [(99, 100)]),
        ("bytes=-1", [(99, 100)]),
        ("bytes=-100", [(0, 100)]),
        ("bytes=-101", [(0, 100)]),
        ("bytes=5-5,1-1", [(5, 6), (1, 2)]),
        ("bytes=0-4,5-9", [(0, 5), (5, 10)]),
        ("bytes=0-4,100-200", [(0, 5)]),
        ("Bytes=1-2", [(1, 3)]),
        (" bytes = 1-2 , , 4-4 ", [(1, 3), (4, 5)]),
        ("bytes=007-0010", [(7, 11)]),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(LIMIT)), [(n, n + 1) for n in range(LIMIT)]),
    ],
)
def test_the_parts_of_a_hundred_bytes(header: str, expected: list[tuple[int, int]]) -> None:
    assert spans(header, 100) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=1",
        "bytes=2-1",
        "bytes=0-1,2-1",
        "bytes=0-5,5-9",
        "bytes=5-9,0-5",
        "bytes=0-0,0-0",
        "bytes=1-2;3-4",
        "items=0-1",
        "bytes=a-b",
        "bytes=\u0661-\u0662",
        "bytes=" + "1" * 41 + "-",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(LIMIT + 1)),
    ],
)
def test_what_is_to_be_passed_over(header: str) -> None:
    assert spans(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_nothing_is_in_the_range(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        spans(header, size)

    assert caught.value.size == size


async def test_several_parts_have_the_length_that_is_announced() -> None:
    content = bytes(range(100))
    parts = Multipart([(0, 3), (50, 51), (90, 100)], "text/plain; charset=utf-8", 100)

    async def pieces(start: int, end: int) -> AsyncIterator[bytes]:
        for at in range(start, end, 2):
            yield content[at : min(at + 2, end)]

    whole = b"".join([piece async for piece in parts.body(pieces)])

    assert len(whole) == parts.length
    assert whole.count(b"Content-Type: text/plain; charset=utf-8\r\n") == 3
    assert b"Content-Range: bytes 90-99/100\r\n\r\n" + content[90:] in whole


def test_two_answers_never_share_a_boundary() -> None:
    assert Multipart([(0, 1)], "text/plain", 2).media_type != Multipart([(0, 1)], "text/plain", 2).media_type
