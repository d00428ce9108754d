"""URIs and what they mean."""

import pytest

from pod.errors import Malformed, UriTooLong
from pod.model.resource import Kind, Uri
from pod.rules import names

BASE = "https://a.example/"


def resolved(path: bytes) -> str:
    return names.resolve(BASE, path, 200)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (b"/", "https://a.example/"),
        (b"/a/b.ttl", "https://a.example/a/b.ttl"),
        (b"/a/.acl", "https://a.example/a/.acl"),
        (b"/%61/b", "https://a.example/a/b"),
        (b"/a%20b", "https://a.example/a%20b"),
        (b"/caf%c3%a9", "https://a.example/caf%C3%A9"),
        (b"/a+b.txt", "https://a.example/a+b.txt"),
        (b"/a%2Bb.txt", "https://a.example/a+b.txt"),
        (b"/a?query", "https://a.example/a"),
    ],
)
def test_a_path_means_one_uri(path: bytes, uri: str) -> None:
    assert resolved(path) == uri


@pytest.mark.parametrize(
    "path",
    [
        b"/../x", b"/a/./b", b"/a/%2e%2e/b", b"/a//b", b"/a%2Fb", b"/a%5cb", b"/a%00b", b"/a%0ab",
        b"/a%", b"/a%4", b"/a%zz", b"/a%ff", b"/a\\b", b"a",
    ],
)  # fmt: skip
def test_a_path_that_could_mean_two_things_is_refused(path: bytes) -> None:
    with pytest.raises(Malformed):
        resolved(path)


def test_a_path_over_the_limit_is_refused() -> None:
    with pytest.raises(UriTooLong):
        resolved(b"/" + b"a" * 201)


def test_a_long_hostile_path_is_refused_at_once() -> None:
    with pytest.raises(Malformed):
        names.resolve(BASE, b"/" + b"a" * 4000 + b"%", 8000)


@pytest.mark.parametrize(
    ("uri", "kind", "subject", "parent"),
    [
        ("https://a.example/x/", Kind.CONTAINER, "https://a.example/x/", "https://a.example/"),
        ("https://a.example/x/y", Kind.DOCUMENT, "https://a.example/x/y", "https://a.example/x/"),
        ("https://a.example/x/.acl", Kind.POLICY, "https://a.example/x/", None),
        ("https://a.example/x/y.meta", Kind.DESCRIPTION, "https://a.example/x/y", None),
        ("https://a.example/", Kind.CONTAINER, "https://a.example/", None),
    ],
)
def test_a_uri_tells_kind_subject_and_parent(uri: str, kind: Kind, subject: str, parent: str | None) -> None:
    assert names.kind(Uri(uri)) is kind
    assert names.subject(Uri(uri)) == subject
    assert names.parent(Uri(uri)) == parent


@pytest.mark.parametrize(
    ("hint", "suffix", "name"),
    [
        ("foobar", "", "foobar"),
        ("My trip.ttl", "7k2", "My-trip-7k2.ttl"),
        ("x.acl", "", "x"),
        ("..", "", "resource"),
        ("a/b\\c", "", "a-b-c"),
        ("caf%C3%A9", "", "caf%C3%A9"),
        ("", "q", "resource-q"),
    ],
)
def test_a_child_is_named_near_its_hint(hint: str, suffix: str, name: str) -> None:
    assert names.child(Uri("https://a.example/x/"), hint, suffix) == f"https://a.example/x/{name}"


def test_urls_are_compared_as_places() -> None:
    assert names.equivalent("HTTPS://A.example:443/%7Ex?q#f", "https://a.example/~x")
    assert not names.equivalent("https://a.example/x", "https://a.example/y")
    assert not names.equivalent("https://a.example/x", "https://a.example:x/")
