"""What the log tells, as activities and as messages."""

import json

import pytest
from pyld import jsonld

from pod.model.change import Entry, Happening
from pod.notify import feed
from pod.notify.feed import Activity, Message, Position, Verb
from pod.rdf import formats
from pod.rdf.contexts import SHIPPED
from pod.rules import names
from tests.asgi import graph
from tests.unit.facts import ALICE, ROOT, uri

NOON = 1_800_000_000_000_000


def entry(path: str, happening: Happening, seq: int = 7, commit: int = 7) -> Entry:
    here = uri(path)
    return Entry(seq, commit, here, names.kind(here), happening, "text/turtle", ALICE, None, None, None, NOON)


def told(*entries: Entry) -> list[tuple[Verb, str, str | None]]:
    return [(one.verb, one.object, one.target) for one in feed.activities(entries)]


@pytest.mark.spec("message-type", "message-object", "message-target")
def test_what_is_made_or_deleted_is_told_of_itself_and_of_its_container() -> None:
    assert told(entry("box/a", Happening.CREATE)) == [
        (Verb.CREATE, uri("box/a"), None),
        (Verb.ADD, uri("box/a"), uri("box/")),
    ]
    assert told(entry("box/", Happening.DELETE)) == [(Verb.DELETE, uri("box/"), None), (Verb.REMOVE, uri("box/"), ROOT)]


def test_what_is_written_again_is_told_of_itself_alone() -> None:
    assert told(entry("box/a", Happening.UPDATE)) == [(Verb.UPDATE, uri("box/a"), None)]


@pytest.mark.parametrize("path", ["box/a.acl", "box/.meta"])
def test_no_container_is_told_of_auxiliary_resources(path: str) -> None:
    assert told(entry(path, Happening.CREATE)) == [(Verb.CREATE, uri(path), None)]


def test_who_may_not_read_the_container_is_not_told_that_something_with_its_own_policy_ended() -> None:
    gone = [entry("box/a", Happening.DELETE, 7), entry("box/a.acl", Happening.DELETE, 8)]

    (first, *_rest) = feed.activities(gone)

    assert first.readable == (uri("box/a"), uri("box/"))


def test_places_follow_each_other_as_activities_do() -> None:
    found = list(feed.activities([entry("box/a", Happening.CREATE, 7), entry("box/b", Happening.CREATE, 8, 7)]))

    places = [one.position for one in found]
    assert places == sorted(places)
    assert len(set(places)) == 4
    assert places[1] < Position(7) < places[2]


def test_a_commit_that_may_not_be_whole_is_left_for_later() -> None:
    entries = [
        entry("a", Happening.CREATE, 1, 1),
        entry("b", Happening.CREATE, 2, 2),
        entry("c", Happening.CREATE, 3, 2),
    ]

    assert [len(one) for one in feed.commits(entries, 10)] == [1, 2]
    assert [len(one) for one in feed.commits(entries, 3)] == [1]
    assert [len(one) for one in feed.commits(entries[1:], 2)] == [2]


MESSAGE = Message("urn:uuid:1", Verb.ADD, uri("box/a"), uri("box/"), NOON, '"tag"', ALICE, "A summary.")


def loader(url: str, _options: object) -> dict[str, object]:
    return {"contextUrl": None, "documentUrl": url, "document": json.loads(SHIPPED[url])}


@pytest.mark.spec("json-ld-format", "message-context", "message-id", "message-state", "message-published")
def test_a_message_says_the_same_in_json_ld_and_in_turtle() -> None:
    turtle = graph(MESSAGE.encoded(formats.TURTLE))
    quads = jsonld.to_rdf(
        json.loads(MESSAGE.encoded(formats.JSON_LD)), {"documentLoader": loader, "format": "application/n-quads"}
    )

    assert graph(quads, "application/n-quads") == turtle
    predicates = {one.predicate.rpartition("#")[2] for one in turtle}
    assert predicates == {"type", "object", "target", "state", "actor", "summary", "published"}


def test_what_is_not_known_is_left_out() -> None:
    message = Message("urn:uuid:1", Verb.DELETE, uri("a"), None, NOON)

    assert set(json.loads(message.encoded(formats.JSON_LD))) == {"@context", "id", "type", "object", "published"}
    assert len(graph(message.encoded(formats.TURTLE))) == 3


def test_a_time_has_microseconds() -> None:
    assert feed.moment(NOON + 5) == "2027-01-15T08:00:00.000005Z"


@pytest.mark.parametrize(
    ("here", "topic", "below", "is_about"),
    [
        ("box/a", "box/a", False, True),
        ("box/a", "box/", False, False),
        ("box/a", "box/", True, True),
        ("box/", "box/", True, True),
        ("box/.acl", "box/", True, True),
        ("box/.acl", "", True, True),
        ("box/.meta", "box/", False, False),
        ("box/a.acl", "box/a", False, False),
        ("boxes", "box", True, False),
    ],
)
def test_a_topic_is_a_resource_or_all_below_a_container(here: str, topic: str, below: bool, is_about: bool) -> None:
    assert feed.within(uri(here), uri(topic), below=below) is is_about
    if below and is_about:
        assert uri(topic) in feed.topics_above(uri(here))


def test_an_activity_is_about_the_container_that_it_changes() -> None:
    one = Activity(Verb.ADD, uri("box/a"), uri("box/"), NOON, None, 1, (uri("box/"),), part=1)

    assert one.topic == uri("box/")
