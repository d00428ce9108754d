"""What subscription services are asked, and what they answer (Notifications Protocol, 4)."""

import json
from collections.abc import AsyncIterator

from conformance.case import NotOffered, case
from conformance.cases.notifications._channels import (
    CONTEXT,
    OLD_CONTEXT,
    PULLED,
    PUSH,
    SENT,
    feature,
    for_each,
    request,
    subscribed,
    values,
)
from conformance.exchange import JSON_LD
from conformance.expect import refused, require, status
from conformance.target import NOTIFY
from conformance.world import World

KNOWN = (*PULLED, *SENT)


async def granting(w: World) -> AsyncIterator[tuple[str, str, dict[str, str]]]:
    """Service, channel and what a request must have besides, for each type that is offered and known here."""
    found = [one for one in w.target.services if one["channel"] in KNOWN]
    if not found:
        raise NotOffered("No service makes a type of channel that is known here.")
    for one in found:
        more = {"sendTo": w.served.publish("text/plain", "").url} if one["channel"] in SENT else {}
        yield str(one["id"]), str(one["channel"]), more


@case("subscription-server-subscription-request-methods", needs=("notifications",))
async def services_can_be_read_and_asked_what_they_can(w: World) -> None:
    async for service, _, _ in granting(w):
        for method in ("GET", "HEAD"):
            status(await w.alice.send(method, service), 200)
        answer = await w.alice.options(service)
        status(answer, 200, 204)


@case("subscription-server-subscription-request-methods", level="SHOULD", needs=("notifications",))
async def services_list_post_among_what_is_allowed(w: World) -> None:
    async for service, _, _ in granting(w):
        allowed = {one.upper() for one in (await w.alice.options(service)).names("allow")}
        require({"GET", "HEAD", "OPTIONS", "POST"} <= allowed, f"{service} allows GET, HEAD, OPTIONS and POST")


@case("subscription-server-subscription-request-accept", "notify-channelType", needs=("notifications",))
async def a_service_describes_itself_in_json_ld(w: World) -> None:
    async for service, channel, _ in granting(w):
        answer = await w.alice.get(service, JSON_LD)
        status(answer, 200)
        require(answer.media_type == JSON_LD, f"{service} comes in {JSON_LD}, not {answer.media_type!r}")
        told = json.dumps(answer.json())
        require(channel in told, f"{service} says that it makes {channel}")


@case("json-ld-format", "subscription-server-subscription-request-content-type", needs=("notifications",))
async def a_request_with_the_context_of_the_protocol_is_understood(w: World) -> None:
    """Its address is https://www.w3.org/ns/solid/notifications-context/v1 (4.1); an earlier draft had another."""
    topic = await w.document()
    async for service, channel, more in granting(w):
        answer = await w.alice.post(service, JSON_LD, request(channel, topic, **more), accept=JSON_LD)
        status(answer, 200, 201, 202)


@case("subscription-server-subscription-request-content-type", needs=("notifications",))
async def a_request_may_name_the_profile_of_the_protocol(w: World) -> None:
    topic = await w.document()
    async for service, channel, more in granting(w):
        for context in (CONTEXT, OLD_CONTEXT):
            answer = await w.alice.post(
                service, f'{JSON_LD};profile="{context}"', request(channel, topic, context=context, **more)
            )
            if answer.status < 300:
                break
        status(answer, 200, 201, 202)


@case("subscription-server-subscription-request-profile-unrecognised", needs=("notifications",))
async def a_profile_that_nobody_knows_is_refused_with_415(w: World) -> None:
    topic = await w.document()
    async for service, channel, more in granting(w):
        media_type = f'{JSON_LD};profile="https://profile.example/nobody-knows"'
        status(await w.alice.post(service, media_type, request(channel, topic, **more)), 415)


@case("subscription-server-subscription-request-unprocessable-entity", needs=("notifications",))
async def a_request_without_a_topic_is_refused_with_422(w: World) -> None:
    async for service, channel, more in granting(w):
        for context in (CONTEXT, OLD_CONTEXT):
            content = json.dumps({"@context": [context], "type": NOTIFY + channel, **more})
            status(await w.alice.post(service, JSON_LD, content), 422)


@case("subscription-server-subscription-request-unprocessable-entity", needs=("notifications",))
async def a_request_for_another_type_of_channel_is_refused_with_422(w: World) -> None:
    topic = await w.document()
    async for service, _, more in granting(w):
        for context in (CONTEXT, OLD_CONTEXT):
            content = request("NoSuchChannel2023", topic, context=context, **more)
            status(await w.alice.post(service, JSON_LD, content), 422)


@case("subscription-server-subscription-request-unprocessable-entity", needs=("notifications",))
async def a_context_that_nobody_knows_is_refused_with_422(w: World) -> None:
    topic = await w.document()
    async for service, channel, more in granting(w):
        content = request(channel, topic, context="https://context.invalid/nobody-knows", **more)
        status(await w.alice.post(service, JSON_LD, content), 422)


@case("subscription-server-subscription-request-unprocessable-entity", level="SHOULD", needs=("notifications",))
async def what_is_no_json_is_refused(w: World) -> None:
    async for service, _, _ in granting(w):
        for content in ("", "{", "[]", '"a string"', "<> a <#Turtle> ."):
            refused(await w.alice.post(service, JSON_LD, content))


@for_each(
    *("subscription-server-subscription-response", "notify-channel-id", "notify-channel-type", "notify-topic"),
    own={
        "WebSocketChannel2023": ("ws-required-only",),
        "WebhookChannel2023": ("wh-required-only", "wh-response-id", "wh-response-type", "wh-response-topic"),
        "LDNChannel2023": ("ldnch-server-response", "ldnch-topic"),
    },
)
async def a_channel_is_granted_for_a_topic_alone(w: World, channel: str) -> None:
    topic = await w.document()
    more = {"sendTo": w.served.publish("text/plain", "").url} if channel in SENT else {}
    found = await subscribed(w, w.alice, channel, topic, **more)
    require(len(values(found, "id")) == 1, "a channel has exactly one id")
    kinds = [one.rpartition("#")[2] for one in values(found, "type")]
    require(kinds == [channel], f"a channel has its type alone: {channel}, not {kinds}")
    require(topic in values(found, "topic"), "a channel names its topic")
    await w.alice.delete(values(found, "id")[0])


@for_each(
    "notify-receiveFrom",
    channels=PULLED,
    own={
        "WebSocketChannel2023": ("ws-response",),
        "EventSourceChannel2023": ("es-response",),
        "StreamingHTTPChannel2023": ("sh-receiveFrom",),
    },
)
async def a_channel_says_where_it_is_received(w: World, channel: str) -> None:
    """By wss or https; a server without TLS, for trying things, by ws or http."""
    found = await subscribed(w, w.alice, channel, await w.document())
    where = values(found, "receiveFrom")
    require(len(where) == 1, "a channel that is received from somewhere has exactly one receiveFrom")
    plain = "ws" if channel == "WebSocketChannel2023" else "http"
    scheme = f"{plain}s:" if "https" in w.target.offers else f"{plain}:"
    require(where[0].startswith(scheme), f"receiveFrom begins with {scheme}, as the server itself does")
    await w.alice.delete(values(found, "id")[0])


@for_each(
    "notify-sender",
    channels=SENT,
    own={"WebhookChannel2023": ("wh-response-sender",), "LDNChannel2023": ("ldnch-response-sender",)},
)
async def a_channel_that_sends_says_who_sends(w: World, channel: str) -> None:
    found = await subscribed(w, w.alice, channel, await w.document(), sendTo=w.served.publish("text/plain", "").url)
    senders = values(found, "sender")
    require(len(senders) == 1, "a channel that sends has exactly one sender")
    require("://" in senders[0], "the sender is a URI")
    await w.alice.delete(values(found, "id")[0])


@for_each(
    "authentication-authorization",
    own={"WebSocketChannel2023": ("ws-authorization",), "EventSourceChannel2023": ("es-authorization",)},
)
async def only_who_may_read_a_topic_gets_a_channel(w: World, channel: str) -> None:
    topic = await w.document()
    more = {"sendTo": w.served.publish("text/plain", "").url} if channel in SENT else {}
    service = w.target.service(channel)
    for context in (CONTEXT, OLD_CONTEXT):
        content = request(channel, topic, context=context, **more)
        refused(await w.bob.post(service, JSON_LD, content))
        refused(await w.anyone.post(service, JSON_LD, content))
    await w.share(topic, (w.bob, "read"))
    found = await subscribed(w, w.bob, channel, topic, **more)
    await w.bob.delete(values(found, "id")[0])


@for_each("authentication-authorization")
async def who_may_write_and_not_read_gets_no_channel(w: World, channel: str) -> None:
    topic = await w.document()
    await w.share(topic, (w.bob, "write"))
    more = {"sendTo": w.served.publish("text/plain", "").url} if channel in SENT else {}
    for context in (CONTEXT, OLD_CONTEXT):
        content = request(channel, topic, context=context, **more)
        refused(await w.bob.post(w.target.service(channel), JSON_LD, content))


@for_each(
    "notify-feature-types",
    own={"StreamingHTTPChannel2023": ("sh-features",), "WebhookChannel2023": ("wh-features",)},
)
async def a_channel_has_the_features_that_were_asked_for(w: World, channel: str) -> None:
    feature(w, channel, "endAt")
    more = {"sendTo": w.served.publish("text/plain", "").url} if channel in SENT else {}
    found = await subscribed(w, w.alice, channel, await w.document(), endAt="2099-01-01T00:00:00Z", **more)
    require(values(found, "endAt"), "a channel says when it ends, when an end was asked for")
    await w.alice.delete(values(found, "id")[0])


@case("wp-vapid", needs=(f"channel:{PUSH}",))
async def a_push_service_says_by_which_key_it_is_known(w: World) -> None:
    told = json.dumps((await w.alice.get(w.target.service(PUSH), JSON_LD)).json())
    require("vapidPublicKey" in told, "the service of web push has a vapidPublicKey")


@case("ldnch-server-receiver", needs=("channel:LDNChannel2023", "reach"))
async def a_channel_to_an_inbox_is_asked_for_as_an_inbox_is_sent_something(w: World) -> None:
    topic, inbox = await w.document(), w.served.publish("text/plain", "").url
    answer = await w.alice.post(
        w.target.service("LDNChannel2023"), JSON_LD, request("LDNChannel2023", topic, sendTo=inbox), accept=JSON_LD
    )
    status(answer, 201, 202)
    if answer.status == 201:
        require(answer.header("location"), "Location is that of the channel")
        await w.alice.delete(answer.location)
