"""Cross-origin requests."""

import pytest

from pod.http import cors
from tests.unit.http.requests import request


@pytest.mark.parametrize(
    "value",
    ["https://app.example", "http://localhost:3000", "null", "https://[::1]:8080", "app://x", "moz-extension://1-2"],
)
def test_an_origin_is_taken_as_it_is(value: str) -> None:
    assert cors.origin(request(headers={"origin": value})) == value.encode()


@pytest.mark.parametrize(
    "value",
    ["", "*", "app.example", "https://", "https://a.example/path", "https://a.example https://b.example", "x\x7f", "é"],
)
def test_what_is_no_origin_is_none(value: str) -> None:
    assert cors.origin(request(headers={"origin": value})) is None


def test_a_second_origin_makes_none() -> None:
    assert cors.origin(request(headers=[("origin", "https://a.example"), ("origin", "https://b.example")])) is None


@pytest.mark.parametrize(
    ("method", "named", "expected"),
    [
        ("OPTIONS", {"origin": "https://a.example", "access-control-request-method": "PUT"}, True),
        ("OPTIONS", {"origin": "https://a.example"}, False),
        ("OPTIONS", {"access-control-request-method": "PUT"}, False),
        ("GET", {"origin": "https://a.example", "access-control-request-method": "PUT"}, False),
    ],
)
def test_a_preflight_is_told_by_its_headers(method: str, named: dict[str, str], expected: bool) -> None:
    assert cors.is_preflight(request(method, headers=named)) is expected


@pytest.mark.spec("server-cors-aceh", "server-cors-enumerate")
def test_headers_are_named_one_by_one() -> None:
    names = dict(cors.headers(b"null"))[b"access-control-expose-headers"].decode().split(", ")

    assert "*" not in names
    assert len(names) == len(set(names))
    assert {"Location", "WAC-Allow", "WWW-Authenticate", "Updates-Via"} <= set(names)
