"""A host of WebIDs that breaks one rule of WebID Profile or Type Indexes is caught by the case named for it."""

from collections.abc import Callable

import pytest

from tests.mutants import Change, Mutant, Rhizome, Told, answers, header, says

PROFILE, PREFERENCES = "/alice/profile/card", "/alice/settings/prefs.ttl"
PUBLIC, PRIVATE = "/alice/settings/publicTypeIndex.ttl", "/alice/settings/privateTypeIndex.ttl"
TURTLE, JSON_LD = "text/turtle", "application/ld+json"


def at(path: str, *statuses: int) -> Callable[[Told], bool]:
    return lambda told: told.path == path and (not statuses or told.status in statuses)


def turtle(path: str) -> Callable[[Told], bool]:
    return lambda told: told.path == path and told.header("content-type").startswith(TURTLE)


def replaced(old: str, new: str) -> Change:
    """Something else stands in a document."""

    def change(told: Told) -> None:
        told.body = told.body.replace(old.encode(), new.encode())

    return change


def added(triples: str) -> Change:
    """More stands in a document."""

    def change(told: Told) -> None:
        told.body += f"\n{triples}\n".encode()

    return change


PREFER = "<#me> <http://www.w3.org/ns/pim/space#preferencesFile> <another.ttl> ."
INBOX = "<#me> <http://www.w3.org/ns/ldp#inbox> <another/> ."
POINTER = "<#me> <http://www.w3.org/ns/solid/terms#privateTypeIndex> <another.ttl> ."

MUTANTS = (
    Mutant(
        "HEAD has another media type than GET",
        "webid-profile/reading/a-profile-can-be-asked-about-without-its-content",
        answers(header("content-type", "text/html"), method="HEAD", when=at(PROFILE)),
    ),
    Mutant(
        "a profile has no primary topic",
        "webid-profile/reading/a-profile-has-its-person-as-primary-topic",
        answers(replaced("foaf:primaryTopic", "foaf:topic"), method="GET", when=turtle(PROFILE)),
    ),
    Mutant(
        "a person is no agent",
        "webid-profile/reading/a-person-is-an-agent",
        answers(replaced("foaf:Agent", "foaf:Human"), method="GET", when=turtle(PROFILE)),
    ),
    Mutant(
        "JSON-LD says less than Turtle",
        "webid-profile/reading/a-profile-says-the-same-in-json-ld",
        answers(
            replaced("foaf/0.1/primaryTopic", "foaf/0.1/topic"),
            method="GET",
            when=lambda told: told.path == PROFILE and told.header("content-type").startswith(JSON_LD),
        ),
    ),
    Mutant(
        "a profile has two inboxes",
        "webid-profile/reading/a-profile-names-one-inbox-at-most",
        answers(added(INBOX), method="GET", when=turtle(PROFILE)),
    ),
    Mutant(
        "a profile has two preferences documents",
        "webid-profile/preferences/a-profile-names-exactly-one-preferences-document",
        answers(added(PREFER), method="GET", when=turtle(PROFILE)),
    ),
    Mutant(
        "the preferences are public",
        "webid-profile/preferences/nobody-else-reads-the-preferences",
        answers(says(200), method="GET", when=at(PREFERENCES, 401, 403)),
    ),
    Mutant(
        "the preferences have no type",
        "webid-profile/preferences/the-preferences-are-a-configuration-file",
        answers(replaced("pim:ConfigurationFile", "pim:Storage"), method="GET", when=turtle(PREFERENCES)),
    ),
    Mutant(
        "anyone changes a profile",
        "webid-profile/changing/nobody-else-changes-the-profile",
        answers(says(204), method="PATCH", when=at(PROFILE, 401, 403)),
    ),
    Mutant(
        "what cannot be processed is a conflict",
        "webid-profile/changing/a-change-of-a-profile-that-cannot-be-processed-is-answered-with-422",
        answers(says(409), method="PATCH", when=at(PROFILE, 422)),
    ),
    Mutant(
        "the public index is private",
        "type-indexes/indexes/everyone-reads-the-public-index",
        answers(says(401), method="GET", when=at(PUBLIC)),
    ),
    Mutant(
        "the private index is public",
        "type-indexes/indexes/nobody-else-reads-the-private-index",
        answers(says(200), method="GET", when=at(PRIVATE, 401, 403)),
    ),
    Mutant(
        "the profile tells of the private index",
        "type-indexes/indexes/the-profile-does-not-tell-of-the-private-index",
        answers(added(POINTER), method="GET", when=turtle(PROFILE)),
    ),
    Mutant(
        "an index does not say that it is private",
        "type-indexes/indexes/indexes-say-what-they-are",
        answers(replaced("solid:UnlistedDocument", "solid:ListedDocument"), method="GET", when=turtle(PRIVATE)),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_a_host_of_webids_that_breaks_a_rule_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
