"""Link relations."""

import pytest

from pod.model.resource import Uri
from pod.rdf.vocab import ACL, LDP, PIM, SOLID
from pod.rules import links
from tests.unit.facts import ROOT, uri

STORAGE = ((f"{ROOT}.well-known/solid", SOLID.storageDescription), (ROOT, PIM.storage))


def relations(path: str) -> set[tuple[str, str]]:
    found = links.of(uri(path), ROOT)
    assert len(set(found)) == len(found)
    return set(found)


@pytest.mark.spec("server-link-auxiliary-type", "server-link-acl", "server-storage-description")
def test_a_document_links_its_type_policy_description_and_storage() -> None:
    assert relations("a/b") == {
        (LDP.Resource, "type"),
        (f"{ROOT}a/b.acl", "acl"),
        (f"{ROOT}a/b.meta", "describedby"),
        *STORAGE,
    }


@pytest.mark.spec("server-basic-container")
def test_a_container_says_that_it_is_one() -> None:
    assert relations("a/") == {
        (LDP.Resource, "type"),
        (LDP.Container, "type"),
        (LDP.BasicContainer, "type"),
        (f"{ROOT}a/.acl", "acl"),
        (f"{ROOT}a/.meta", "describedby"),
        *STORAGE,
    }


@pytest.mark.spec("server-link-storage")
def test_only_the_root_of_a_pod_is_a_storage() -> None:
    assert (PIM.Storage, "type") in relations(".")
    assert not any((PIM.Storage, "type") in relations(path) for path in ("a/", "a", ".acl", ".meta"))


@pytest.mark.spec("client-link-describes", "server-description-resource-authorization")
def test_a_description_links_what_it_describes_and_the_policy_of_that() -> None:
    assert relations("a/.meta") == {
        (LDP.Resource, "type"),
        (f"{ROOT}a/.acl", "acl"),
        (f"{ROOT}a/", "describes"),
        *STORAGE,
    }


def test_a_policy_is_its_own_policy_and_has_no_description() -> None:
    conditions = {(kind, ACL.condition) for kind in links.CONDITIONS}

    assert relations("a.acl") == {(LDP.Resource, "type"), (f"{ROOT}a.acl", "acl"), *conditions, *STORAGE}


def test_what_lies_in_no_pod_names_no_storage() -> None:
    found = links.of(Uri("https://pods.example/"), None)

    assert {SOLID.storageDescription, PIM.storage}.isdisjoint(relation for _, relation in found)
    assert (PIM.Storage, "type") not in found
