"""What a client asks for when it subscribes, read from RDF (Solid Notifications Protocol, 4 and 5)."""

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from pod.errors import Malformed, NotAcceptable, Unprocessable, UnsupportedMediaType
from pod.model.resource import Uri
from pod.notify import feed
from pod.notify.subscriptions import Wish
from pod.rdf import formats, jsonld, negotiate
from pod.rdf.graph import BlankNode, Graph, Literal, NamedNode, Term
from pod.rdf.vocab import NOTIFY, RDF
from pod.rules import names

BELOW = "urn:rhizome:below"
"""A feature of this server: with the value true, all that lies in the topic is meant as well."""
FEATURES = (NOTIFY.accept, NOTIFY.endAt, NOTIFY.rate, NOTIFY.startAt, NOTIFY.state, BELOW)
SECOND = 1_000_000
# The channel drafts print the namespace without its last letter.
_NAMESPACES = ("http://www.w3.org/ns/solid/notifications#", "http://www.w3.org/ns/solid/notification#")
_PROFILES = frozenset(
    {*feed.CONTEXT, "https://www.w3.org/ns/solid/notification/v1", "http://www.w3.org/ns/solid/notification/v1"}
)
_PROFILE = re.compile(r';\s*profile\s*=\s*(?:"([^"]*)"|([^\s;]+))', re.IGNORECASE)
# The drafts show PT10s, which is no xsd:duration, and so do clients write it.
_DURATION = re.compile(r"P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.\d+)?S)?)?", re.IGNORECASE)
_PUSH = "https://purl.org/solid-web-push/vocab#"


def parse(content: bytes, media_type: str, service: Uri, channel: str) -> Wish:
    """The wish in a request to a subscription service for one type of channel.

    UnsupportedMediaType for a type or profile that is not known, else Unprocessable.
    """
    if not formats.is_rdf(media_type):
        raise UnsupportedMediaType("A subscription is asked for in RDF; send JSON-LD.", (formats.JSON_LD,))
    profile = _PROFILE.search(media_type)
    # subscription-server-subscription-request-profile-unrecognised
    if profile is not None and not set((profile[1] or profile[2]).split()) <= _PROFILES:
        raise UnsupportedMediaType("The profile of the media type is not known here.", (formats.JSON_LD,))
    # subscription-server-subscription-request-unprocessable-entity
    try:
        if formats.essence(media_type) == formats.JSON_LD and jsonld.remote_contexts(content, service, {}):
            raise Unprocessable("The request has a JSON-LD context that is not known here.")
        graph = formats.parse(content, media_type, service)
    except Malformed as error:
        raise Unprocessable(f"The request cannot be read: {error.message}") from error
    return _Reader(graph, service).wish(channel)


class _Reader:
    """Reads the one channel in a graph."""

    def __init__(self, graph: Graph, service: Uri) -> None:
        self._graph = graph
        self._service = service
        topics = NamedNode(NOTIFY.topic)
        found = {triple.subject for triple in graph if triple.predicate == topics}
        if len(found) != 1:
            raise Unprocessable("The request must have one channel with one topic.")
        (self._channel,) = found

    def wish(self, channel: str) -> Wish:
        """What it asks for of this type of channel."""
        # notify-channel-type
        if self._type() != channel:
            raise Unprocessable(f"This service makes channels of the type {channel} alone; name it as the type.")
        topic = self._iri(NOTIFY.topic)
        assert topic is not None  # the channel was found by it
        below = self._text(BELOW) in {"true", "1"}
        if below and not topic.endswith("/"):
            raise Unprocessable("Only a container has something below it; its URI ends in a slash.")
        return Wish(
            channel=channel,
            topic=Uri(topic),
            below=below,
            accept=_media_type(self._text(NOTIFY.accept)),
            state=self._text(NOTIFY.state),
            rate=_duration(self._text(NOTIFY.rate)),
            start=_time(self._text(NOTIFY.startAt)),
            end=_time(self._text(NOTIFY.endAt)),
            send_to=self._iri(NOTIFY.sendTo),
            **self._keys(),
        )

    def _type(self) -> str:
        names_of = [
            term.value.removeprefix(start)
            for term in self._values(RDF.type)
            for start in (*_NAMESPACES, self._service, f"{self._service.rpartition('/')[0]}/")
            if isinstance(term, NamedNode) and term.value.startswith(start)
        ]
        return names_of[0] if len(set(names_of)) == 1 else ""

    def _values(self, predicate: str, subject: object = None) -> list[Term]:
        about, wanted = subject or self._channel, NamedNode(predicate)
        return [one.object for one in self._graph if one.subject == about and one.predicate == wanted]

    def _one(self, predicate: str) -> Term | None:
        found = self._values(predicate)
        if len(found) > 1:
            raise Unprocessable(f"There must be only one value of {predicate.rpartition('#')[2]}.")
        return found[0] if found else None

    def _iri(self, predicate: str) -> str | None:
        found = self._one(predicate)
        if found is not None and not isinstance(found, NamedNode):
            raise Unprocessable(f"The value of {predicate.rpartition('#')[2]} must be an IRI.")
        return None if found is None else found.value

    def _text(self, predicate: str) -> str | None:
        found = self._one(predicate)
        if found is not None and not isinstance(found, Literal):
            raise Unprocessable(f"The value of {predicate.rpartition('#')[2]} must be a literal.")
        return None if found is None else found.value

    def _keys(self) -> dict[str, str]:
        """Those of a push service (RFC 8291)."""
        return dict(self._key_pairs())

    def _key_pairs(self) -> Iterator[tuple[str, str]]:
        nodes = [node for node in self._values(f"{_PUSH}keys") if isinstance(node, BlankNode | NamedNode)]
        for node, name in itertools.product(nodes, ("auth", "p256dh")):
            values = self._values(f"{_PUSH}{name}", node)
            yield from ((name, value.value) for value in values if isinstance(value, Literal))


def _media_type(accept: str | None) -> str:
    try:
        return formats.essence(negotiate.choose(accept, formats.JSON_LD))
    except NotAcceptable as error:
        raise Unprocessable(f"Messages cannot be had in this media type. {error.message}") from error


def _duration(text: str | None) -> int:
    """An xsd:duration without years and months, in microseconds."""
    if text is None:
        return 0
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise Unprocessable("The rate must be a duration of days, hours, minutes and seconds, such as PT10S.")
    days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND


def _time(text: str | None) -> int | None:
    """An xsd:dateTime in microseconds since 1970; UTC where it names no zone."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unprocessable("A time must be a date with a time, such as 2030-01-31T12:00:00Z.") from error
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND + moment.microsecond


def topic(wished: str, base: str, limit: int) -> Uri:
    """The resource of this server that the topic means, in its one spelling; Unprocessable when it is elsewhere."""
    if not wished.startswith(base):
        raise Unprocessable("The topic must be a resource of this server.")
    try:
        found = names.resolve(base, wished.partition("#")[0][len(base) - 1 :].encode(), limit)
    except Malformed as error:
        raise Unprocessable(f"The topic is no resource of this server. {error.message}") from error
    if names.fault(found):
        raise Unprocessable("The topic is no resource of this server.")
    return found
