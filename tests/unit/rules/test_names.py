"""URIs and what they mean."""

import pytest

from pod.errors import Malformed, UriTooLong
from pod.model.resource import Kind, Uri
from pod.rules import names

BASE = "https://a.example/"
BOX = Uri("https://a.example/x/")


def resolved(path: bytes) -> str:
    return names.resolve(BASE, path, 200)


@pytest.mark.spec("apply-normalization-canonicalization")
@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (b"/", "https://a.example/"),
        (b"/a/b.ttl", "https://a.example/a/b.ttl"),
        (b"/a/.acl", "https://a.example/a/.acl"),
        (b"/%61/b", "https://a.example/a/b"),
        (b"/a%20b", "https://a.example/a%20b"),
        (b"/a b", "https://a.example/a%20b"),
        (b"/caf%c3%a9", "https://a.example/caf%C3%A9"),
        (b"/caf\xc3\xa9", "https://a.example/caf%C3%A9"),
        (b"/a+b.txt", "https://a.example/a+b.txt"),
        (b"/a%2Bb.txt", "https://a.example/a+b.txt"),
        (b"/a;v=1:2@b", "https://a.example/a;v=1:2@b"),
        (b"/a%3Bv%3D1%3A2%40b", "https://a.example/a;v=1:2@b"),
        (b"/a%3Fb%23c", "https://a.example/a%3Fb%23c"),
        (b"/a?query", "https://a.example/a"),
        (b"/a?q?/../%zz", "https://a.example/a"),
        (b"/a%25", "https://a.example/a%25"),
        (b"/%F0%9F%8E%89/", "https://a.example/%F0%9F%8E%89/"),
    ],
)
def test_a_path_means_one_uri(path: bytes, uri: str) -> None:
    assert resolved(path) == uri


@pytest.mark.spec("reject-bad-requests")
@pytest.mark.parametrize(
    "path",
    [
        b"/..", b"/../x", b"/a/./b", b"/a/..", b"/a/%2e%2e/b", b"/a/.%2E/b", b"/%2e/", b"/a//b", b"//", b"//a",
        b"/a%2Fb", b"/a%2fb", b"/a%5cb", b"/a\\b", b"/a%00b", b"/a%0ab", b"/a%0D%0Ab", b"/a\tb", b"/a%7Fb",
        b"/a%C2%85b", b"/a%", b"/a%4", b"/a%zz", b"/a%%41", b"/a%4%31", b"/a%ff", b"/a%C0%AE", b"/%ED%A0%80", b"/a#b",
        b"a", b"", b"*",
    ],
)  # fmt: skip
def test_a_path_that_could_mean_two_things_is_refused(path: bytes) -> None:
    with pytest.raises(Malformed):
        resolved(path)


@pytest.mark.parametrize("name", ["...", ".hidden", "..a", "a..", "a.", "-", "~", ".acl.x", "..%20"])
def test_a_segment_may_begin_with_dots_or_end_with_them(name: str) -> None:
    uri = names.resolve(BASE, f"/alice/{name}".encode(), 200)

    assert uri == f"https://a.example/alice/{name}"
    assert names.kind(uri) is Kind.DOCUMENT
    assert names.fault(uri) is None


def test_what_was_encoded_twice_is_decoded_once() -> None:
    assert resolved(b"/a/%252e%252e/b") == "https://a.example/a/%252e%252e/b"
    assert resolved(b"/a%252Fb") == "https://a.example/a%252Fb"
    assert names.parent(Uri("https://a.example/a%252Fb")) == "https://a.example/"


def test_names_that_only_look_alike_are_two_names() -> None:
    composed, decomposed = resolved("/caf\u00e9".encode()), resolved("/cafe\u0301".encode())

    assert composed != decomposed
    assert resolved(b"/A") != resolved(b"/a")


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        (b"/" + b"a" * 199, True),
        (b"/" + b"a" * 200, False),
        (b"/" + b"a" * 198 + b"/", True),
        (b"/" + b"a" * 198 + b"/.acl", True),
        (b"/" + b"a" * 199 + b".meta", True),
        (b"/" + b"a" * 200 + b".acl", False),
        (b"/" + b"a" * 5000, False),
        (b"/" + b" " * 66, True),
        (b"/" + b" " * 67, False),
    ],
)
def test_a_path_has_a_limit_as_it_is_spelled_here_which_leaves_room_for_auxiliary_resources(
    path: bytes, fits: bool
) -> None:
    if fits:
        assert resolved(path)
    else:
        with pytest.raises(UriTooLong):
            resolved(path)


def test_containers_lie_inside_each_other_to_a_limit() -> None:
    deep = b"/a" * names.DEPTH

    assert len(names.ancestors(names.resolve(BASE, deep, 4096))) == names.DEPTH
    assert names.resolve(BASE, b"/a" * (names.DEPTH - 1) + b"/", 4096)
    with pytest.raises(UriTooLong):
        names.resolve(BASE, deep + b"/", 4096)
    with pytest.raises(UriTooLong):
        names.resolve(BASE, deep + b"/a.acl", 4096)


def test_a_query_does_not_count_for_the_limit() -> None:
    assert resolved(b"/a?" + b"q" * 500) == "https://a.example/a"


def test_a_long_hostile_path_is_refused_at_once() -> None:
    with pytest.raises(Malformed):
        names.resolve(BASE, b"/" + b"a" * 4000 + b"%", 8000)


@pytest.mark.spec("uri-slashes-hierarchical-identifier")
@pytest.mark.parametrize(
    ("uri", "kind", "subject", "parent"),
    [
        ("https://a.example/x/", Kind.CONTAINER, "https://a.example/x/", "https://a.example/"),
        ("https://a.example/x/y", Kind.DOCUMENT, "https://a.example/x/y", "https://a.example/x/"),
        ("https://a.example/x/y/", Kind.CONTAINER, "https://a.example/x/y/", "https://a.example/x/"),
        ("https://a.example/x/.acl", Kind.POLICY, "https://a.example/x/", None),
        ("https://a.example/x.acl", Kind.POLICY, "https://a.example/x", None),
        ("https://a.example/x/y.meta", Kind.DESCRIPTION, "https://a.example/x/y", None),
        ("https://a.example/.meta", Kind.DESCRIPTION, "https://a.example/", None),
        ("https://a.example/acl", Kind.DOCUMENT, "https://a.example/acl", "https://a.example/"),
        ("https://a.example/x.ACL", Kind.DOCUMENT, "https://a.example/x.ACL", "https://a.example/"),
        ("https://a.example/", Kind.CONTAINER, "https://a.example/", None),
        ("http://localhost:3000/", Kind.CONTAINER, "http://localhost:3000/", None),
        ("http://[::1]:3000/x", Kind.DOCUMENT, "http://[::1]:3000/x", "http://[::1]:3000/"),
    ],
)
def test_a_uri_tells_kind_subject_and_parent(uri: str, kind: Kind, subject: str, parent: str | None) -> None:
    assert names.kind(Uri(uri)) is kind
    assert names.subject(Uri(uri)) == subject
    assert names.parent(Uri(uri)) == parent


def test_ancestors_are_those_of_the_subject_nearest_first() -> None:
    above = ("https://a.example/x/", "https://a.example/")

    assert names.ancestors(Uri("https://a.example/x/y")) == above
    assert names.ancestors(Uri("https://a.example/x/y/")) == above
    assert names.ancestors(Uri("https://a.example/x/y/.acl")) == above
    assert names.ancestors(Uri("https://a.example/")) == ()


@pytest.mark.spec("server-resource-acl-max", "server-description-resource-max")
@pytest.mark.parametrize(
    ("uri", "policy", "description"),
    [
        ("x", "x.acl", "x.meta"),
        ("x/", "x/.acl", "x/.meta"),
        ("x.meta", "x.acl", "x.meta"),
        ("x.acl", "x.acl", "x.meta"),
        ("x/.acl", "x/.acl", "x/.meta"),
    ],
)
def test_everything_has_one_policy_and_one_description(uri: str, policy: str, description: str) -> None:
    assert names.policy_of(Uri(BASE + uri)) == BASE + policy
    assert names.description_of(Uri(BASE + uri)) == BASE + description


def test_siblings_differ_in_the_slash_at_the_end() -> None:
    assert names.sibling(Uri("https://a.example/x")) == "https://a.example/x/"
    assert names.sibling(Uri("https://a.example/x/")) == "https://a.example/x"


@pytest.mark.parametrize(
    "path",
    ["x.acl.acl", "x.acl.meta", "x.meta.acl", ".acl.meta", "x.acl/", "x.meta/y", "x/.acl/y/z", ".meta/",
     "a/.well-known/solid", "a/.well-known", "a/.well-known/", ".well-known/solid", ".account/login", ".x"],
)  # fmt: skip
def test_nothing_can_be_stored_where_a_name_has_another_meaning(path: str) -> None:
    assert names.fault(Uri(BASE + path)) is not None


@pytest.mark.parametrize("path", ["x.acl", "x/.meta", "x.acl.ttl", "acl/", "a/.hidden", "a/well-known/x", ".acl"])
def test_other_names_can_be_used(path: str) -> None:
    assert names.fault(Uri(BASE + path)) is None


@pytest.mark.parametrize(
    ("path", "reserved"),
    [
        (".well-known/x", True), ("a/.well-known/x", True), ("a/b/.well-known", True), (".health", True),
        ("", False), (".acl", False), (".meta", False), ("a/.hidden", False), ("a/x.well-known/", False),
    ],
)  # fmt: skip
def test_the_server_keeps_some_names_for_itself(path: str, reserved: bool) -> None:
    assert names.reserved(Uri(BASE + path)) is reserved


def test_a_storage_is_described_below_itself() -> None:
    description = names.storage_description(Uri("https://a.example/alice/"))

    assert description == "https://a.example/alice/.well-known/solid"
    assert names.reserved(description)


@pytest.mark.spec("server-slug-uri-assignment")
@pytest.mark.parametrize(
    ("hint", "suffix", "name"),
    [
        ("foobar", "", "foobar"),
        ("My trip.ttl", "", "My-trip.ttl"),
        ("My trip.ttl", "7k2", "My-trip-7k2.ttl"),
        ("a+b~c@d_e", "", "a+b~c@d_e"),
        ("a--b", "", "a--b"),
        ("a/b\\c", "", "a-b-c"),
        ("a;b:c?d#e%", "", "a-b-c-d-e"),
        ("..", "", "resource"),
        ("%2e%2e%2f", "", "resource"),
        (".hidden", "", "hidden"),
        ("trailing.", "", "trailing"),
        ("", "", "resource"),
        ("", "q", "resource-q"),
        ("\r\nX: y", "", "X-y"),
        ("%00", "", "resource"),
        ("%E9", "", "resource"),
        ("caf%C3%A9", "", "caf%C3%A9"),
        ("cafe\u0301", "", "cafe%CC%81"),
        ("हिन्दी", "", "%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80"),
        ("日本", "2", "%E6%97%A5%E6%9C%AC-2"),
        ("🎉 party", "", "party"),
        ("\ud800", "", "resource"),
        ("a%252Fb", "", "a-2Fb"),
        (".profile", "9", "profile-9"),
    ],
)
def test_a_child_is_named_near_its_hint(hint: str, suffix: str, name: str) -> None:
    assert names.child(BOX, hint, suffix) == f"https://a.example/x/{name}"


@pytest.mark.spec("server-post-slug-auxiliary-resource")
@pytest.mark.parametrize(
    "hint",
    [
        "x.acl", ".acl", "x.meta", ".meta", ".meta.acl", "x.acl.meta.acl", "x.acl.", "x.acl-", "x.acl.-.acl:",
        "x.%61cl", "a" * 124 + ".acl" + "b" * 9, "a" * 123 + ".meta.ttl",
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["", "7k2"])
def test_no_hint_leads_to_an_auxiliary_resource(hint: str, suffix: str) -> None:
    for as_container in (False, True):
        child = names.child(BOX, hint, suffix, as_container=as_container)

        assert names.kind(child) is (Kind.CONTAINER if as_container else Kind.DOCUMENT)
        assert names.fault(child) is None


def test_a_long_hint_is_cut() -> None:
    assert names.child(BOX, "é" * 1000) == "https://a.example/x/" + "%C3%A9" * names.SLUG_LENGTH


@pytest.mark.spec("server-post-container-create-container")
def test_a_child_container_ends_in_a_slash() -> None:
    assert names.child(BOX, "v1.2", as_container=True) == "https://a.example/x/v1.2/"
    assert names.child(BOX, "v1.2", "k", as_container=True) == "https://a.example/x/v1-k.2/"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://A.example:443", "https://a.example/"),
        ("http://a.example:80/%7e?q#f", "http://a.example/~"),
        ("http://[::1]:3000/a", "http://[::1]:3000/a"),
        ("http://[2001:DB8::1]/", "http://[2001:db8::1]/"),
        ("https://a.example/%2f%c3%a9/%25", "https://a.example/%2F%C3%A9/%25"),
    ],
)
def test_a_url_has_one_canonical_spelling(url: str, canonical: str) -> None:
    assert names.canonical(url) == names.canonical(canonical) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("HTTPS://A.example:443/%7Ex?q#f", "https://a.example/~x"),
        ("http://a.example:80", "http://a.example/"),
        ("http://[::1]:3000/a", "http://[::1]:3000/%61"),
        ("https://a.example/a%2Bb%40c.txt", "https://a.example/a+b@c.txt"),
        ("https://a.example/caf%c3%a9", "https://a.example/café"),
        ("https://a.example/a b", "https://a.example/a%20b"),
    ],
)
def test_urls_that_mean_one_place_are_equivalent(one: str, other: str) -> None:
    assert names.equivalent(one, other)
    assert names.equivalent(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example/y"),
        ("https://a.example/x", "http://a.example/x"),
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example/x", "https://a.example:8443/x"),
        ("https://a.example/x", "https://a.example:x/"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/x", "https://me@a.example/x"),
        ("https://a.example/x%2Fy", "https://a.example/x/y"),
        ("https://a.example/x%252Fy", "https://a.example/x%2Fy"),
        ("https://a.example/caf\u00e9", "https://a.example/cafe\u0301"),
        ("https://a.example/x", "/x"),
        ("https://a.example/x", ""),
        ("ftp://a.example/x", "ftp://A.example/x"),
        ("https:///x", "https:////x"),
        ("https://[::1/x", "https://[::1/y"),
    ],
)
def test_urls_that_mean_two_places_are_not(one: str, other: str) -> None:
    assert not names.equivalent(one, other)
