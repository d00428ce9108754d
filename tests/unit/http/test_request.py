"""A request as the handlers see it."""

import pytest

from pod.errors import Malformed
from pod.http.request import Response, date
from tests.asgi import Message
from tests.unit.http.requests import request


def test_a_header_that_is_not_there_has_no_value() -> None:
    one = request()

    assert (one.get(b"accept"), one.raw(b"accept"), one.values(b"accept")) == (None, None, ())
    assert b"accept" not in one


def test_values_of_one_header_are_joined_or_kept_apart() -> None:
    one = request(headers=[("accept", "a/b"), ("x", "1"), ("accept", "c/d, e/f"), ("accept", "g/h")])

    assert one.get(b"accept") == "a/b, c/d, e/f, g/h"
    assert one.values(b"accept") == ("a/b", "c/d, e/f", "g/h")
    assert one.get(b"x") == "1"


def test_a_header_may_be_empty() -> None:
    one = request(headers={"accept": ""})

    assert b"accept" in one
    assert (one.get(b"accept"), one.values(b"accept")) == ("", ("",))


def test_bytes_of_a_header_are_kept() -> None:
    assert request(headers=[("x", b"\xe9\xff")]).raw(b"x") == b"\xe9\xff"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("text/turtle", "text/turtle"),
        (" text/turtle ", "text/turtle"),
        ("text/turtle;", "text/turtle"),
        ("text/turtle ; charset=utf-8 ;", "text/turtle ; charset=utf-8"),
        ('a/b; c="d;e, \\" f"', 'a/b; c="d;e, \\" f"'),
        ("application/vnd.x+json;v=1;w=2", "application/vnd.x+json;v=1;w=2"),
    ],
)
def test_a_content_type_is_read_with_its_parameters(sent: str, read: str) -> None:
    assert request(headers={"content-type": sent}).content_type == read


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "text",
        "text/",
        "/x",
        "text/x y",
        "text/x;y",
        "text/x;y=",
        'text/x;y="',
        "text/x, a/b",
        "té/x",
        "a/b;" + "c=d;" * 99,
    ],
)
def test_what_is_no_content_type_is_malformed(sent: str) -> None:
    with pytest.raises(Malformed):
        _ = request(headers={"content-type": sent}).content_type


def test_no_content_type_is_none() -> None:
    assert request().content_type is None


@pytest.mark.parametrize(
    ("method", "named", "expected"),
    [
        ("GET", {"accept": "text/html,*/*"}, True),
        ("HEAD", {"accept": " text/html"}, True),
        ("POST", {"accept": "text/html"}, False),
        ("GET", {"accept": "text/turtle, text/html"}, False),
        ("GET", {}, False),
        ("GET", {"accept": "text/html", "origin": "null"}, False),
        ("GET", {"accept": "text/html", "authorization": "x"}, False),
    ],
)
def test_only_a_browser_that_navigates_asks_for_a_page(method: str, named: dict[str, str], expected: bool) -> None:
    assert request(method, headers=named).from_navigation is expected


def test_the_path_is_taken_as_it_was_sent_where_the_server_tells() -> None:
    assert request(path="/é").raw_path == "/é".encode()


async def test_a_response_is_sent_with_its_date_and_further_headers() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await Response(200, [(b"a", b"1")], b"body").send(send, [(b"b", b"2")])

    start, body = sent
    assert start["status"] == 200
    assert [name for name, _ in start["headers"]] == [b"date", b"a", b"b"]
    assert body == {"type": "http.response.body", "body": b"body"}


def test_a_date_is_an_imf_fixdate() -> None:
    assert date(784111777) == (b"date", b"Sun, 06 Nov 1994 08:49:37 GMT")
