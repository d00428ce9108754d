"""What holds for all names."""

from urllib.parse import quote_from_bytes

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pod.errors import Malformed
from pod.model.resource import Kind, Uri
from pod.rules import names

BASE = "https://pods.example/"
LIMIT = 4096

characters = st.characters(exclude_categories=["Cs", "Cc"])
text = st.text(characters, max_size=12)
odd = st.sampled_from([".", "..", "...", "x.", ".acl", ".meta", "x.acl", ".well-known", "%", "%2e", "%252F", "\\"])
good = st.one_of(
    st.text(characters, min_size=1, max_size=8).filter(lambda name: not set(name) & set("/\\")),
    st.sampled_from(["a", "a+b", "x;y=1", "...", ".hidden", ".acl", "x.meta", "caf\u00e9", "cafe\u0301", "100%"]),
)
ends = st.sampled_from(["", "/"])


def paths(segment: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Paths of such segments, percent-encoded."""
    joined = st.builds(lambda parts, end: "/" + "/".join(parts) + end, st.lists(segment, min_size=1, max_size=4), ends)
    return joined.map(lambda path: quote_from_bytes(path.encode(), safe="/").encode())


def resolved(path: bytes) -> Uri | None:
    try:
        return names.resolve(BASE, path, LIMIT)
    except Malformed:
        return None


uris = paths(good).map(resolved).filter(lambda uri: uri is not None)
suffixes = st.sampled_from(["", "7k2"])
hostile = st.one_of(paths(st.one_of(good, odd)), st.binary(max_size=30).map(lambda path: b"/" + path))
containers = st.sampled_from([Uri(f"{BASE}{path}/") for path in ("a", "a/b", "caf%C3%A9", "x.y", "a/...")])


@settings(max_examples=100)
@given(uris)
def test_what_a_path_means_means_itself(uri: Uri) -> None:
    assert resolved(uri.removeprefix(BASE.removesuffix("/")).encode()) == uri


@settings(max_examples=100)
@given(hostile)
def test_a_path_is_refused_or_leads_to_one_place_below_the_base(path: bytes) -> None:
    uri = resolved(path)
    if uri is None:
        return
    below = uri.removeprefix(BASE)

    assert uri == BASE + below
    assert uri.isascii()
    assert uri.isprintable()
    assert not set(uri) & set(' "<>\\^`{|}?#')
    assert not {"", ".", ".."} & set(below.split("/")[:-1])
    assert "%2F" not in uri.upper()


@settings(max_examples=100)
@given(st.binary(min_size=1, max_size=20))
def test_a_path_may_be_encoded_as_much_as_one_likes(segment: bytes) -> None:
    plain = resolved(b"/" + quote_from_bytes(segment, safe="").encode())
    encoded = resolved(b"/" + b"".join(b"%%%02x" % byte for byte in segment))

    assert plain == encoded


@settings(max_examples=100)
@given(good, good)
def test_different_names_are_different_resources(one: str, other: str) -> None:
    first, second = (resolved(b"/" + quote_from_bytes(name.encode(), safe="").encode()) for name in (one, other))

    assert (first == second) is (one == other)


@settings(max_examples=100)
@given(uris)
def test_kind_subject_and_parent_fit_each_other(uri: Uri) -> None:
    kind, subject, parent = names.kind(uri), names.subject(uri), names.parent(uri)

    assert (kind is Kind.CONTAINER) is uri.endswith("/")
    assert (subject == uri) is (kind in {Kind.CONTAINER, Kind.DOCUMENT})
    assert (parent is None) is (subject != uri or uri == BASE)
    if parent is not None:
        assert names.kind(parent) is Kind.CONTAINER
        assert uri.startswith(parent)
        assert "/" not in uri.removeprefix(parent).removesuffix("/")
    above = names.ancestors(uri)
    assert above == () if subject == BASE else above[-1] == BASE
    assert all(subject.startswith(one) and len(one) < len(subject) for one in above)


@settings(max_examples=100)
@given(uris)
def test_what_can_be_stored_has_auxiliary_resources_that_lead_back(uri: Uri) -> None:
    assume(names.fault(uri) is None)
    subject, policy, description = names.subject(uri), names.policy_of(uri), names.description_of(uri)

    assert (names.kind(policy), names.kind(description)) == (Kind.POLICY, Kind.DESCRIPTION)
    assert names.subject(policy) == names.subject(description) == subject
    assert names.policy_of(description) == names.policy_of(subject) == policy
    assert names.kind(subject) in {Kind.CONTAINER, Kind.DOCUMENT}
    assert names.sibling(names.sibling(uri)) == uri


@settings(max_examples=100)
@given(
    containers,
    st.one_of(st.text(max_size=200), text, odd, odd.map(lambda one: 120 * "a" + one)),
    suffixes,
    st.booleans(),
)
def test_a_child_lies_in_its_container_and_can_be_stored_and_named_in_a_request(
    container: Uri, hint: str, suffix: str, as_container: bool
) -> None:
    child = names.child(container, hint, suffix, as_container=as_container)

    assert names.parent(child) == container
    assert names.kind(child) is (Kind.CONTAINER if as_container else Kind.DOCUMENT)
    assert names.fault(child) is None
    assert not names.reserved(child)
    assert resolved(child.removeprefix(BASE.removesuffix("/")).encode()) == child


@settings(max_examples=100)
@given(uris, uris)
def test_equivalent_urls_are_those_of_one_resource(one: Uri, other: Uri) -> None:
    assert names.equivalent(one, other) is (one == other)
    assert names.canonical(one) == one
