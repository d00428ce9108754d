"""What clients say about themselves, as JSON and as RDF."""

import json

import pytest

from pod.errors import Malformed
from pod.idp import documents

ID = "https://app.example/id"
TURTLE = f"""
@prefix oidc: <http://www.w3.org/ns/solid/oidc#>.
<{ID}> oidc:client_name "An app"; oidc:redirect_uris <https://app.example/cb>; oidc:scope "openid webid".
""".encode()


@pytest.mark.spec("clientids-document-context")
def test_a_document_is_json_whatever_its_type_says() -> None:
    body = json.dumps({"client_id": ID, "client_name": "An app"}).encode()

    for media_type in ("application/ld+json", "application/json", "text/html", ""):
        assert documents.metadata(body, media_type, ID, {})["client_name"] == "An app"


def test_a_document_may_be_rdf() -> None:
    found = documents.metadata(TURTLE, "text/turtle", ID, {})

    assert found["client_name"] == "An app"
    assert found["redirect_uris"] == ["https://app.example/cb"]
    assert documents.scopes(found["scope"]) == ("openid", "webid")


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"x", "text/plain"),
        (b"<> <", "text/turtle"),
        (b"", "text/turtle"),
        (b"{}", "application/json"),
        (b'{"client_id": "https://other.example/"}', "application/json"),
        (TURTLE.replace(ID.encode(), b"https://other.example/id"), "text/turtle"),
    ],
)
def test_what_is_no_document_of_the_client_is_refused(body: bytes, media_type: str) -> None:
    with pytest.raises(Malformed):
        documents.metadata(body, media_type, ID, {})


@pytest.mark.parametrize(
    "uri",
    ["https://a.example/cb", "https://a.example:8443/cb?x=1", "http://localhost:1/", "http://[::1]/", "org.a:/cb"],
)
def test_places_that_answers_may_go_to(uri: str) -> None:
    assert documents.uris({"redirect_uris": [uri]}, "redirect_uris") == (uri,)
    assert documents.uris({"redirect_uris": uri}, "redirect_uris") == (uri,)


@pytest.mark.parametrize(
    "uri",
    [
        "http://a.example/",
        "https://",
        "https://a.example/#",
        "https://a.example/a b",
        "https://a.example/\\@b",
        "https://[::1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "a",
        "",
        "https://a.example/" + "x" * 3000,
        "https://é.example/",
        None,
    ],
)
def test_places_that_answers_must_not_go_to(uri: object) -> None:
    with pytest.raises(Malformed):
        documents.uris({"redirect_uris": [uri]}, "redirect_uris")


@pytest.mark.parametrize("value", [1, {}, ["https://a.example/"] * 51])
def test_what_is_no_list_of_places_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        documents.uris({"redirect_uris": value}, "redirect_uris")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://a.example/logo.png", True),
        ("http://localhost/logo.png", True),
        ("http://a.example/logo.png", False),
        ("javascript:alert(1)", False),
        ("https://[/", False),
        ("https://", False),
        (5, False),
    ],
)
def test_links_lead_people_to_safe_places_alone(value: object, shown: bool) -> None:
    assert (documents.link({"logo_uri": value}, "logo_uri") is not None) == shown


def test_a_client_that_names_no_grants_uses_those_of_apps() -> None:
    assert documents.grant_types({}) == documents.OFFERED
    assert documents.grant_types({"grant_types": ["implicit"]}) == documents.OFFERED
    assert documents.grant_types({"grant_types": ["refresh_token"]}) == ("refresh_token",)
    assert documents.grant_types({"grant_types": ["client_credentials"]}) == ()


def test_a_host_is_known_of_sites_alone() -> None:
    assert documents.host_of("https://a.example:1/x") == "a.example"
    assert documents.host_of("org.a:/cb") == ""
    assert documents.host_of("https://[") == ""
