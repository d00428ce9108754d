"""What the log tells, as activities, and those as messages (Solid Notifications Protocol, 5; Activity Streams 2.0).

Pure: who wants to hear of an activity, and who may, is decided elsewhere.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from pod.model.change import Entry, Happening
from pod.model.resource import Kind, Uri
from pod.rdf import formats
from pod.rdf.graph import Literal, NamedNode, Triple
from pod.rdf.vocab import AS, NOTIFY, RDF, XSD
from pod.rules import names

CONTEXT = ("https://www.w3.org/ns/activitystreams", "https://www.w3.org/ns/solid/notifications-context/v1")
RESTART = "Start again from a listing."
"""The summary of the message that says: of what happened in between, the log tells no more."""
_NAMESPACE = "https://www.w3.org/ns/activitystreams#"
_PREFIXES = MappingProxyType({"as": _NAMESPACE, "notify": "http://www.w3.org/ns/solid/notifications#"})

_Members = dict[str, object]


class Verb(StrEnum):
    """What happened, by its name in Activity Streams."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"
    ADD = "Add"
    REMOVE = "Remove"


_VERBS: Mapping[Happening, tuple[Verb, Verb | None]] = MappingProxyType(
    {
        Happening.CREATE: (Verb.CREATE, Verb.ADD),
        Happening.UPDATE: (Verb.UPDATE, None),
        Happening.DELETE: (Verb.DELETE, Verb.REMOVE),
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the stream of all activities: after activity number `part` of the entry `seq`."""

    seq: int
    part: int = 2
    """0 after the first of two; 2 after all that the entry tells."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that happened to a resource, or to what a container lists."""

    verb: Verb
    object: Uri
    target: Uri | None
    """The container that the object came into or went from, for Add and Remove."""
    time: int
    """Microseconds since 1970."""
    actor: str | None
    seq: int
    """Of the entry in the log that tells of it."""
    readable: tuple[Uri, ...]
    """What a subscriber must be allowed to read to be told."""
    part: int = 0
    """0 for what the entry tells of the resource, 1 of its container; 2 for what no entry tells."""
    summary: str | None = None

    @property
    def topic(self) -> Uri:
        """The resource whose state changed."""
        return self.object if self.target is None else self.target

    @property
    def position(self) -> Position:
        """The place right after this activity."""
        return Position(self.seq, self.part)


@dataclass(frozen=True, slots=True)
class Message:
    """An activity as it is told to one subscriber."""

    id: str
    """Also the cursor by which the client goes on after it."""
    verb: Verb
    object: Uri
    target: Uri | None
    published: int
    state: str | None = None
    actor: str | None = None
    summary: str | None = None

    def encoded(self, media_type: str) -> str:
        """The message as RDF of the media type."""
        if formats.essence(media_type) == formats.JSON_LD:
            return json.dumps(self._members(), ensure_ascii=False, separators=(",", ":"))
        return formats.serialise(self._triples(), media_type, _PREFIXES).decode()

    def _members(self) -> _Members:
        members: _Members = {"@context": CONTEXT, "id": self.id, "type": self.verb, "object": self.object}
        optional = {"target": self.target, "state": self.state, "actor": self.actor, "summary": self.summary}
        members |= {name: value for name, value in optional.items() if value is not None}
        return {**members, "published": moment(self.published)}

    def _triples(self) -> Iterator[Triple]:
        here = NamedNode(self.id)
        yield Triple(here, NamedNode(RDF.type), NamedNode(_NAMESPACE + self.verb))
        yield Triple(here, NamedNode(AS.object), NamedNode(self.object))
        for predicate, iri in ((AS.target, self.target), (AS.actor, self.actor)):
            if iri is not None:
                yield Triple(here, NamedNode(predicate), NamedNode(iri))
        for predicate, text in ((NOTIFY.state, self.state), (AS.summary, self.summary)):
            if text is not None:
                yield Triple(here, NamedNode(predicate), Literal(text))
        date = Literal(moment(self.published), datatype=NamedNode(XSD.dateTime))
        yield Triple(here, NamedNode(AS.published), date)


def moment(time: int) -> str:
    """Microseconds since 1970 as an xsd:dateTime."""
    return datetime.fromtimestamp(time // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{time % 1_000_000:06d}Z"


def activities(entries: Sequence[Entry]) -> Iterator[Activity]:
    """What the entries of one commit tell, in order: of the resource first, then of its container."""
    # Once its policy is gone, a resource that had one of its own looks like its container. What
    # was kept from those who may read the container must not be told to them then.
    bared = {names.subject(one.uri) for one in entries if _is_lost_policy(one)}
    for entry in entries:
        verb, listed = _VERBS[entry.happening]
        container = names.parent(entry.uri)
        readable = [entry.uri]
        if entry.uri in bared and container is not None:
            readable.append(container)
        facts = {"time": entry.time, "actor": entry.agent, "seq": entry.seq}
        yield Activity(verb, entry.uri, None, **facts, readable=tuple(readable))  # type: ignore[arg-type]  # by name
        if listed is not None and container is not None:
            yield Activity(listed, entry.uri, container, **facts, readable=(container,), part=1)  # type: ignore[arg-type]


def _is_lost_policy(entry: Entry) -> bool:
    return entry.kind is Kind.POLICY and entry.happening is Happening.DELETE


def commits(entries: Sequence[Entry], limit: int) -> Iterator[Sequence[Entry]]:
    """The entries in their commits. Of `limit` entries the last commit may not be whole, and is left out
    unless it is the only one.
    """
    found: list[list[Entry]] = []
    for entry in entries:
        if found and found[-1][0].commit == entry.commit:
            found[-1].append(entry)
        else:
            found.append([entry])
    if len(entries) >= limit and len(found) > 1:
        found.pop()
    yield from found


def within(uri: Uri, topic: Uri, *, below: bool) -> bool:
    """Whether a subscription to the topic, with `below` to all that lies in it as well, is about the URI."""
    return uri == topic or (below and topic.endswith("/") and uri.startswith(topic))


def topics_above(uri: Uri) -> Iterator[Uri]:
    """The containers such that a subscription to all below them is about the URI; nearest first."""
    # What belongs to a container, such as its policy, is named as if it lay in it.
    subject = names.subject(uri)
    if subject.endswith("/"):
        yield subject
    yield from names.ancestors(uri)
