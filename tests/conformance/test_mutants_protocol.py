"""A server whose answers break one rule of the Solid Protocol is caught by the case named for it."""

import pytest

from tests.mutants import (
    Mutant,
    Rhizome,
    Told,
    answers,
    both,
    ends,
    header,
    linked,
    refused,
    replaced,
    says,
    unlinked,
    unlisted,
    without,
)

READS = "GET HEAD"
WRITES = "PUT POST PATCH"
STORAGE_TYPE = '<http://www.w3.org/ns/pim/space#Storage>; rel="type"'
CONTAINER_TYPE = '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'
JSON_LD = "application/ld+json"


def preflight(told: Told) -> bool:
    """Whether a browser asks first."""
    return "access-control-request-method" in told.asked


READING = (
    Mutant(
        "a document comes back as something else",
        "protocol/reading/what-was-put-can-be-read",
        answers(header("content-type", "text/plain"), method="GET", when=ends(".ttl")),
    ),
    Mutant(
        "bytes are taken for text",
        "protocol/reading/what-is-no-rdf-comes-back-byte-for-byte",
        answers(replaced("\r\n", "\n"), method="GET", when=ends(".png")),
    ),
    Mutant(
        "HEAD knows no media type",
        "protocol/reading/head-says-of-a-document-what-get-says",
        answers(header("content-type", "application/octet-stream"), method="HEAD"),
    ),
    Mutant(
        "containers have no date",
        "protocol/reading/a-container-says-when-it-was-modified",
        answers(without("last-modified"), when=ends("/")),
    ),
    Mutant(
        "refusals have no media type",
        "protocol/reading/what-has-content-says-of-which-type",
        answers(without("content-type"), when=refused),
    ),
    Mutant(
        "the ETag is made of the date",
        "protocol/reading/another-content-has-another-etag",
        answers(lambda told: told.set("etag", f'"{told.header("last-modified")[:16]}"'), method=READS),
    ),
    Mutant(
        "Vary leaves out Accept",
        "protocol/reading/a-cache-is-told-that-representations-depend-on-accept",
        answers(unlisted("vary", "accept")),
    ),
    Mutant(
        "everything may be kept by shared caches",
        "protocol/reading/what-only-some-may-see-is-not-left-to-caches",
        answers(header("cache-control", "public, max-age=60"), method="GET"),
    ),
    Mutant(
        "a part says that it is another one",
        "protocol/reading/a-part-can-be-asked-for",
        answers(header("content-range", "bytes 10-18/2048"), when=lambda told: told.status == 206),
    ),
    Mutant(
        "what cannot be had is called what was asked for",
        "protocol/negotiation/what-nobody-has-is-not-acceptable",
        answers(both(says(200), header("content-type", "image/png")), when=lambda told: told.status == 406),
    ),
    Mutant(
        "both syntaxes have the same strong ETag",
        "protocol/negotiation/a-representation-has-a-validator-of-its-own",
        answers(lambda told: told.set("etag", told.header("etag").partition("-")[0] + '"'), method=READS),
    ),
    Mutant(
        "JSON-LD forgets languages",
        "protocol/negotiation/what-was-put-as-turtle-can-be-read-as-json-ld",
        answers(
            replaced("@language", "@index"), method="GET", when=lambda told: JSON_LD in told.header("content-type")
        ),
    ),
)
HEADERS = (
    Mutant(
        "writes do not say what can be done",
        "protocol/headers/writes-say-what-can-be-done",
        answers(without("allow"), method=WRITES, when=lambda told: told.status < 300),
    ),
    Mutant(
        "OPTIONS is for preflights alone",
        "protocol/headers/options-says-what-can-be-done",
        answers(without("allow"), method="OPTIONS"),
    ),
    Mutant(
        "OPTIONS does not say what is accepted",
        "protocol/headers/options-says-what-is-accepted",
        answers(without("accept-put"), method="OPTIONS"),
    ),
    Mutant(
        "documents say that they take posts",
        "protocol/headers/get-and-head-say-what-is-accepted",
        answers(header("accept-post", "*/*"), method=READS),
    ),
    Mutant(
        "only SPARQL Update is advertised",
        "protocol/headers/n3-patch-is-accepted-and-told",
        answers(header("accept-patch", "application/sparql-update")),
    ),
    Mutant(
        "only documents in RDF name their policy",
        "protocol/headers/resources-name-their-policy-and-description",
        answers(unlinked('rel="acl"'), when=ends(".txt")),
    ),
    Mutant(
        "a resource has two descriptions",
        "protocol/headers/a-resource-has-one-description-at-most",
        answers(linked('<other.meta>; rel="describedby"'), method=READS),
    ),
    Mutant(
        "OPTIONS does not lead to the description of the storage",
        "protocol/headers/resources-lead-to-the-description-of-the-storage",
        answers(unlinked("storageDescription"), method="OPTIONS"),
    ),
    Mutant(
        "documents say that they are containers",
        "protocol/headers/resources-say-that-they-are-resources",
        answers(linked(CONTAINER_TYPE), method=READS, when=ends(".ttl", ".txt")),
    ),
    Mutant(
        "containers do not say that they are containers",
        "protocol/headers/containers-say-that-they-are-containers",
        answers(unlinked("BasicContainer"), method="HEAD"),
    ),
    Mutant(
        "a method that nobody has is a bad request",
        "protocol/headers/methods-that-nobody-has-are-not-allowed",
        answers(says(400), when=lambda told: told.status == 405),
    ),
    Mutant(
        "who is not allowed is not told what is",
        "protocol/headers/what-is-not-allowed-says-what-is",
        answers(without("allow"), when=lambda told: told.status == 405),
    ),
    Mutant(
        "the root does not say that it is a storage",
        "protocol/storage/the-root-says-that-it-is-a-storage",
        answers(unlinked("pim/space#Storage"), method="HEAD"),
    ),
    Mutant(
        "each container says that it is a storage",
        "protocol/storage/only-the-root-says-that-it-is-a-storage",
        answers(linked(STORAGE_TYPE), method=READS, when=ends("/")),
    ),
    Mutant(
        "the root of the server is a storage too",
        "protocol/storage/no-storage-lies-in-another",
        answers(linked(STORAGE_TYPE), method=READS, when=lambda told: told.path == "/"),
    ),
    Mutant(
        "the description does not say what the storage is",
        "protocol/storage/the-description-says-what-the-storage-is",
        answers(replaced("Storage", "Workspace"), method="GET", when=ends("/.well-known/solid")),
    ),
    Mutant(
        "the description takes no HEAD",
        "protocol/storage/the-description-can-be-asked-by-head-and-options",
        answers(says(405), method="HEAD", when=ends("/.well-known/solid")),
    ),
)
SHARING = (
    Mutant(
        "every origin is allowed by an asterisk",
        "protocol/cors/each-answer-may-be-read-by-the-page-that-asked",
        answers(header("access-control-allow-origin", "*")),
    ),
    Mutant(
        "pages may not read refusals",
        "protocol/cors/refusals-say-the-same-to-pages",
        answers(without("access-control-allow-origin"), when=refused),
    ),
    Mutant(
        "headers are exposed by an asterisk",
        "protocol/cors/headers-that-apps-need-may-be-read",
        answers(header("access-control-expose-headers", "*")),
    ),
    Mutant(
        "pages do not learn where a new resource is",
        "protocol/cors/headers-that-apps-need-may-be-read",
        answers(unlisted("access-control-expose-headers", "location")),
    ),
    Mutant(
        "a preflight needs credentials",
        "protocol/cors/a-preflight-is-granted-without-credentials",
        answers(says(401), when=lambda told: preflight(told) and "authorization" not in told.asked),
    ),
    Mutant(
        "a preflight allows the headers that somebody thought of",
        "protocol/cors/a-preflight-allows-all-headers-that-are-asked-for",
        answers(header("access-control-allow-headers", "Authorization, Content-Type, DPoP, Link"), when=preflight),
    ),
    Mutant(
        "a preflight does not allow Accept",
        "protocol/cors/a-preflight-allows-accept-when-it-is-asked-for",
        answers(unlisted("access-control-allow-headers", "accept"), when=preflight),
    ),
    Mutant(
        "a preflight allows no PATCH",
        "protocol/cors/a-preflight-is-granted-without-credentials",
        answers(unlisted("access-control-allow-methods", "patch"), when=preflight),
    ),
    Mutant(
        "unknown origins are refused",
        "protocol/cors/an-origin-is-no-reason-to-refuse",
        answers(says(403), when=lambda told: "unheard-of" in told.asked.get("origin", "")),
    ),
    Mutant(
        "caches are not told of origins",
        "protocol/cors/a-cache-is-told-that-answers-depend-on-the-origin",
        answers(unlisted("vary", "origin"), when=lambda told: "origin" not in told.asked),
    ),
)


@pytest.mark.parametrize("mutant", [*READING, *HEADERS, *SHARING], ids=lambda one: one.breaks)
def test_a_server_that_breaks_a_rule_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
