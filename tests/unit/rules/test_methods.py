"""What a resource supports."""

import pytest

from pod.model.resource import Uri
from pod.rdf.edit import ACCEPTED
from pod.rdf.formats import FORMATS
from pod.rules import methods
from tests.unit.facts import ROOT, uri

ALWAYS = {"GET", "HEAD", "OPTIONS", "PUT", "PATCH"}


@pytest.mark.spec("server-allow-methods", "server-method-not-allowed")
@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("a", {"DELETE"}),
        ("a/", {"POST", "DELETE"}),
        ("a.acl", {"DELETE"}),
        ("a/.meta", {"DELETE"}),
        (".meta", {"DELETE"}),
    ],
)
def test_every_resource_tells_its_methods(path: str, more: set[str]) -> None:
    allowed = methods.allowed(uri(path), ROOT)

    assert set(allowed) == ALWAYS | more
    assert len(set(allowed)) == len(allowed)


@pytest.mark.spec("server-disallow-delete")
def test_the_root_of_a_pod_and_its_policy_cannot_be_deleted() -> None:
    assert set(methods.allowed(ROOT, ROOT)) == ALWAYS | {"POST"}
    assert set(methods.allowed(uri(".acl"), ROOT)) == ALWAYS


def test_what_lies_in_no_pod_is_no_root() -> None:
    assert "DELETE" in methods.allowed(Uri("https://pods.example/x"), None)


@pytest.mark.spec("server-accept-headers", "accept-put")
def test_each_writing_method_says_what_content_it_takes() -> None:
    rdf = ", ".join(FORMATS)

    assert dict(methods.accepted(uri("a"))) == {"Accept-Patch": ", ".join(ACCEPTED), "Accept-Put": "*/*"}
    assert dict(methods.accepted(uri("a/"))) == {
        "Accept-Patch": ", ".join(ACCEPTED),
        "Accept-Put": rdf,
        "Accept-Post": "*/*",
    }
    assert dict(methods.accepted(uri("a.acl"))) == {"Accept-Patch": ", ".join(ACCEPTED), "Accept-Put": rdf}


@pytest.mark.spec("server-patch-n3-advertise")
def test_patches_in_n3_are_announced() -> None:
    assert "text/n3" in dict(methods.accepted(uri("a")))["Accept-Patch"].split(", ")
