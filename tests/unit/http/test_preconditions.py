"""The headers that make a request conditional."""

import tracemalloc
from collections.abc import Callable

import pytest

from pod.http import preconditions
from pod.model.operation import UNCONDITIONAL, Conditions
from tests.unit.http.requests import request


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("*", ("*",)),
        (" * ", ("*",)),
        ('"a"', ('"a"',)),
        ('W/"a"', ('W/"a"',)),
        ('"a", W/"b","c"', ('"a"', 'W/"b"', '"c"')),
        ('"a,b", "*"', ('"a,b"', '"*"')),
        ('""', ('""',)),
        ("", ("",)),
        ("a", ("a",)),
        ('"a', ('"a',)),
        ("*, *", ("*, *",)),
    ],
)
def test_entity_tags_are_told_apart(value: str, expected: tuple[str, ...]) -> None:
    assert preconditions.tags(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("", None),
        ("yesterday", None),
        ("Sun, 66 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 99999 08:49:37 GMT", None),
        ("1994-11-06T08:49:37Z", None),
        ("Sun, 06 Nov 1994 08:49:37 +9999", None),
        ("Mon, 01 Jan 99999999999999999999999 00:00:00 GMT", None),
        ("Mon, 99999999999999999999999 Jan 2020 00:00:00 GMT", None),
        ("Mon, 01 Jan 2020 00:00:00 +99999999999999", None),
        ("\x00", None),
    ],
)
def test_dates_are_read_in_the_three_forms_of_http(value: str, expected: int | None) -> None:
    assert preconditions.date(value) == expected


def test_a_request_without_conditions_has_none() -> None:
    assert preconditions.of(request(headers={"accept": "text/turtle"})) is UNCONDITIONAL


def test_every_condition_is_read() -> None:
    asked = preconditions.of(
        request(
            headers={
                "if-match": '"a"',
                "if-none-match": "*",
                "if-modified-since": "Thu, 01 Jan 1970 00:00:01 GMT",
                "if-unmodified-since": "nonsense",
            }
        )
    )

    assert asked == Conditions(('"a"',), ("*",), 1, None)


@pytest.mark.parametrize("read", [preconditions.tags, preconditions.date])
def test_what_is_too_long_to_be_of_use_is_not_kept(read: Callable[[str], object]) -> None:
    tracemalloc.start()
    try:
        for number in range(50):
            read(f"{number:060000}")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 10 * 60_000


@pytest.mark.parametrize("length", [1, 500, 501])
def test_entity_tags_are_read_at_any_length(length: int) -> None:
    tag = f'"{"x" * length}"'

    assert preconditions.tags(f"{tag}, W/{tag}") == (tag, f"W/{tag}")
