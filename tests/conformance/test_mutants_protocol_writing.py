"""A server whose refusals and writes break one rule of the Solid Protocol is caught by the case named for it."""

import pytest

from tests.mutants import Mutant, Rhizome, Told, answers, both, ends, header, refused, replaced, says, without


def named(told: Told) -> None:
    """The refusal says whose it is."""
    told.body += f" It belongs to http://{told.asked['host']}/alice/profile/card#me.".encode()


STRANGERS = (
    Mutant(
        "401 has no challenge",
        "protocol/unauthenticated/nobody-reads-what-is-not-public",
        answers(without("www-authenticate")),
    ),
    Mutant(
        "who is not known is forbidden",
        "protocol/unauthenticated/nobody-patches-what-is-not-public",
        answers(says(403), when=lambda told: told.status == 401),
    ),
    Mutant(
        "wrong credentials are a bad request",
        "protocol/unauthenticated/wrong-credentials-are-no-credentials",
        answers(says(400), when=lambda told: told.status == 401 and "authorization" in told.asked),
    ),
    Mutant(
        "a challenge is for passwords",
        "protocol/unauthenticated/a-challenge-names-a-scheme",
        answers(header("www-authenticate", 'Basic realm="pod"'), when=lambda told: told.status == 401),
    ),
    Mutant(
        "refusals name the owner",
        "protocol/considerations/refusals-name-nobody",
        answers(named, when=lambda told: told.status == 401 and told.method != "HEAD"),
    ),
    Mutant(
        "what is not there is not found by anybody",
        "protocol/considerations/who-may-not-know-is-not-told-what-is-there",
        answers(says(404), when=lambda told: told.status in {401, 403} and "miss.ttl" in told.path),
    ),
    Mutant(
        "browsers get a page",
        "protocol/considerations/whoever-looks-like-a-browser-is-asked-the-same",
        answers(
            header("content-type", "text/html"),
            method="GET",
            when=lambda told: "Mozilla" in told.asked.get("user-agent", ""),
        ),
    ),
    Mutant(
        "who forgets the slash is sent on before they are asked who they are",
        "protocol/slashes/who-may-not-know-is-not-sent-on",
        answers(
            lambda told: both(says(301), header("location", told.path.rstrip("/")))(told),
            when=lambda told: told.status in {401, 403} and told.path.endswith("/note/"),
        ),
    ),
    Mutant(
        "everybody may read descriptions",
        "protocol/auxiliary/who-may-not-read-a-resource-may-not-read-its-description",
        answers(
            both(says(200), replaced(".*", "named")),
            method="GET",
            when=lambda told: told.path.endswith(".meta") and refused(told),
        ),
    ),
)
WRITING = (
    Mutant(
        "POST says 200",
        "protocol/creating/post-makes-a-member-and-says-where",
        answers(says(200), method="POST", when=lambda told: told.status == 201),
    ),
    Mutant(
        "a new resource has no Location",
        "protocol/creating/post-makes-a-member-and-says-where",
        answers(without("location"), method="POST"),
    ),
    Mutant(
        "PUT does not say that it created",
        "protocol/creating/put-makes-a-resource-where-the-client-says",
        answers(says(204), method="PUT", when=lambda told: told.status == 201),
    ),
    Mutant(
        "content without a media type is not supported",
        "protocol/creating/put-without-a-media-type-is-refused",
        answers(says(415), method="PUT", when=lambda told: told.status == 400),
    ),
    Mutant(
        "posts to nothing are forbidden",
        "protocol/creating/nothing-can-be-posted-to-a-container-that-is-not-there",
        answers(says(403), method="POST", when=lambda told: told.status == 404),
    ),
    Mutant(
        "PATCH makes no containers",
        "protocol/containers/patch-makes-the-containers-above",
        answers(says(404), method="PATCH", when=lambda told: told.status == 201 and "/b/c/" in told.path),
    ),
    Mutant(
        "descriptions take no PUT",
        "protocol/auxiliary/a-description-can-be-put",
        answers(says(405), method="PUT", when=ends(".meta")),
    ),
    Mutant(
        "who may not delete is not told why",
        "protocol/deleting/a-container-with-members-cannot-be-deleted",
        answers(replaced("(?s).+", ""), method="DELETE", when=lambda told: told.status == 409),
    ),
    Mutant(
        "the size of a member is counted in characters",
        "protocol/containers/a-container-says-how-large-its-members-are",
        answers(replaced(r"(size>? *)\d+", r"\g<1>27"), method="GET", when=ends("/")),
    ),
    Mutant(
        "the date of a member is another one",
        "protocol/containers/a-date-in-a-container-is-that-of-the-resource-itself",
        answers(replaced(r'"20\d\d-', '"2001-'), method="GET", when=ends("/")),
    ),
    Mutant(
        "the type of a member has parameters",
        "protocol/containers/a-container-says-of-which-type-its-members-are",
        answers(
            replaced("media-types/text/plain#", "media-types/text/plain;charset=utf-8#"), method="GET", when=ends("/")
        ),
    ),
    Mutant(
        "what breaks a rule of patches is a bad request",
        "protocol/patch-rules/a-patch-says-which-kind-it-is",
        answers(says(400), method="PATCH", when=lambda told: told.status == 422),
    ),
    Mutant(
        "a condition that does not hold is not processable",
        "protocol/patching/conditions-that-do-not-hold-are-a-conflict",
        answers(says(422), method="PATCH", when=lambda told: told.status == 409),
    ),
)


@pytest.mark.parametrize("mutant", [*STRANGERS, *WRITING], ids=lambda one: one.breaks)
def test_a_server_that_breaks_a_rule_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
