"""What is said of channels and of the services that make them, as JSON-LD or any other RDF."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pod.model.resource import Uri
from pod.notify import feed
from pod.notify.subscriptions import Subscription
from pod.notify.wishes import BELOW, FEATURES, SECOND
from pod.rdf import formats
from pod.rdf.graph import Literal, NamedNode, Triple
from pod.rdf.vocab import NOTIFY, RDF, SOLID, XSD

NAMESPACE = "http://www.w3.org/ns/solid/notifications#"
PREFIXES = {"notify": NAMESPACE, "solid": "http://www.w3.org/ns/solid/terms#"}
VAPID = "https://purl.org/solid-web-push/vocab#vapidPublicKey"
_CONTEXT = feed.CONTEXT[1]


@dataclass(frozen=True, slots=True)
class Fact:
    """A property of what is described, by its term in the context and its IRI."""

    term: str
    predicate: str
    value: str
    datatype: str | None = None
    """None for an IRI."""


def encoded(subject: str, facts: Sequence[Fact], media_type: str) -> bytes:
    """The description as RDF of the media type."""
    if formats.essence(media_type) != formats.JSON_LD:
        return formats.serialise(triples(subject, facts), media_type, PREFIXES)
    return json.dumps({"@context": [_CONTEXT], **_members(subject, facts)}, ensure_ascii=False).encode()


def _members(subject: str, facts: Iterable[Fact]) -> dict[str, object]:
    found: dict[str, object] = {"id": subject}
    for fact in facts:
        kept, value = found.get(fact.term), _json(fact)
        if kept is None:
            found[fact.term] = value
        else:
            found[fact.term] = [*kept, value] if isinstance(kept, list) else [kept, value]
    return found


def _json(fact: Fact) -> object:
    return fact.value == "true" if fact.datatype == XSD.boolean else fact.value


def triples(subject: str, facts: Iterable[Fact]) -> Iterator[Triple]:
    """The description as triples."""
    for fact in facts:
        value = (
            NamedNode(fact.value)
            if fact.datatype is None
            else Literal(fact.value)
            if not fact.datatype
            else Literal(fact.value, datatype=NamedNode(fact.datatype))
        )
        yield Triple(NamedNode(subject), NamedNode(fact.predicate), value)


def service(channel: str, vapid: str | None = None) -> Iterator[Fact]:
    """What a subscription service is; `vapid` is the key by which push services know the server."""
    yield Fact("channelType", NOTIFY.channelType, NAMESPACE + channel)
    if vapid is not None:
        # wp-vapid
        yield Fact(VAPID, VAPID, vapid, "")
    for feature in FEATURES:
        yield Fact("feature", NOTIFY.feature, feature)


def storage(root: Uri, services: Iterable[tuple[Uri, str]], gateway: str) -> Iterator[Triple]:
    """What the description of a storage says of notifications: its subject is the storage."""
    # Of the first subject in the document Inrupt's library asks for the gateway.
    yield Triple(NamedNode(root), NamedNode(SOLID.notificationGateway), NamedNode(gateway))
    for address, channel in services:
        yield Triple(NamedNode(root), NamedNode(NOTIFY.subscription), NamedNode(address))
        yield from triples(address, service(channel))


def resource(topic: Uri, services: Iterable[tuple[Uri, str]]) -> bytes:
    """Where notifications about a resource are asked for: the description resource, as the protocol shows it."""
    offered = [_members(address, service(channel)) for address, channel in services]
    return json.dumps({"@context": [_CONTEXT], "id": topic, "subscription": offered}, ensure_ascii=False).encode()


def channel(
    subscription: Subscription, *, receive_from: str | None = None, sender: str | None = None
) -> Iterator[Fact]:
    """What a channel is, with what was granted of the wish."""
    wish = subscription.wish
    yield Fact("type", RDF.type, NAMESPACE + wish.channel)
    yield Fact("topic", NOTIFY.topic, wish.topic)
    if receive_from is not None:
        yield Fact("receiveFrom", NOTIFY.receiveFrom, receive_from)
    if sender is not None:
        yield Fact("sender", NOTIFY.sender, sender)
    if wish.send_to is not None:
        yield Fact("sendTo", NOTIFY.sendTo, wish.send_to)
    if wish.below:
        yield Fact(BELOW, BELOW, "true", XSD.boolean)
    yield Fact("accept", NOTIFY.accept, wish.accept, "")
    if wish.state is not None:
        yield Fact("state", NOTIFY.state, wish.state, "")
    if wish.rate:
        yield Fact("rate", NOTIFY.rate, f"PT{wish.rate // SECOND}S", XSD.duration)
    for term, predicate, time in (("startAt", NOTIFY.startAt, wish.start), ("endAt", NOTIFY.endAt, wish.end)):
        if time is not None:
            yield Fact(term, predicate, feed.moment(time), XSD.dateTime)
