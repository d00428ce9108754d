"""A server that breaks one rule of the Solid Notifications Protocol is caught by the case named for it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.notify import feed
from pod.notify.hub import Hub
from pod.notify.service import Live
from pod.notify.signing import Signer
from pod.notify.subscriptions import Subscriptions
from pod.resources import Resources
from tests.mutants import (
    Break,
    Mutant,
    Rhizome,
    Told,
    answers,
    header,
    says,
    without,
)

JSON_LD = "application/ld+json"
AREA = "notifications"
Edit = Callable[[dict[str, Any]], object]


def told(edit: Edit) -> Callable[[pytest.MonkeyPatch], None]:
    """Messages say something else."""

    def patch(patches: pytest.MonkeyPatch) -> None:
        encoded = feed.Message.encoded

        def changed(message: feed.Message, media_type: str) -> str:
            value = json.loads(encoded(message, media_type))
            edit(value)
            return json.dumps(value)

        patches.setattr(feed.Message, "encoded", changed)

    return patch


def names_the_writer(value: dict[str, Any]) -> None:
    value["actor"] = value["object"].partition("/conformance-")[0] + "/profile/card#me"


def silent(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Hub, "_tell", lambda *_: None)


def of_service(answer: Told) -> bool:
    """Whether a subscription service answers."""
    return "/.notifications/" in answer.path and answer.path.endswith("Channel2023/")


def granted(edit: Edit) -> Break:
    """Channels are granted with an answer that says something else."""

    def change(answer: Told) -> None:
        value = json.loads(answer.body)
        edit(value)
        answer.body = json.dumps(value).encode()

    return answers(change, method="POST", when=lambda answer: of_service(answer) and answer.status < 300)


def described(old: str, new: str) -> Break:
    """The description of the storage says something else."""

    def change(answer: Told) -> None:
        assert old.encode() in answer.body, answer.body
        answer.body = answer.body.replace(old.encode(), new.encode())

    return answers(change, method="GET", when=lambda answer: b"channelType" in answer.body)


def service(status: int, instead: int) -> Break:
    """A service says another status."""
    return answers(says(instead), method="POST", when=lambda answer: of_service(answer) and answer.status == status)


def link_lost(answer: Told) -> None:
    links = [part for part in answer.header("link").split(", ") if "storageDescription" not in part]
    answer.set("link", ", ".join(links))


def nobody_is_asked(patch: pytest.MonkeyPatch) -> None:
    async def allowed(_self: Resources, _agent: Agent, _uri: Uri) -> None:
        return

    patch.setattr(Resources, "require_reader", allowed)


def unsigned(patch: pytest.MonkeyPatch) -> None:
    signed = Signer.headers
    patch.setattr(
        Signer,
        "headers",
        lambda *given: {"content-type": signed(*given)["content-type"], "content-digest": "sha-256=::"},
    )


def signed_for_another_content(patch: pytest.MonkeyPatch) -> None:
    signed = Signer.headers
    patch.setattr(Signer, "headers", lambda self, method, url, kind, _, now: signed(self, method, url, kind, b"", now))


def channels_stay(patch: pytest.MonkeyPatch) -> None:
    async def kept(_self: Subscriptions, _one: object) -> None:
        return

    patch.setattr(Subscriptions, "remove", kept)


def gives_channels_to_all(patch: pytest.MonkeyPatch) -> None:
    """Who made a channel is not looked at when it is to be ended."""
    ended = Live._channel

    async def anybody(self: Live, request: Any, channel: str, identifier: str, agent: Agent) -> Any:
        found = await self._subscriptions.get(identifier)
        return await ended(self, request, channel, identifier, agent if found is None else found.agent)

    patch.setattr(Live, "_channel", anybody)


def mixed(value: dict[str, Any]) -> None:
    value["type"] = [value["type"], "http://www.w3.org/ns/solid/notifications#WebhookChannel2023"]


def of_another(value: dict[str, Any]) -> None:
    value["object"] = [value["object"], "https://other.example/"]


UPDATED = f"{AREA}/messages/a-change-of-a-document-is-told-as-an-update-by-websocket"
GRANTED = f"{AREA}/services/a-channel-is-granted-for-a-topic-alone-by"
MUTANTS = (
    Mutant(
        "resources do not lead to the description of their storage",
        f"{AREA}/discovery/each-resource-leads-to-the-description-of-its-storage",
        answers(link_lost, method="GET HEAD", when=lambda answer: "/conformance-" in answer.path),
    ),
    Mutant(
        "types of channels have the namespace of an old draft",
        f"{AREA}/discovery/types-of-channels-have-the-plural-namespace",
        described("notify:EventSourceChannel2023", "<http://www.w3.org/ns/solid/notification#EventSourceChannel2023>"),
    ),
    Mutant(
        "a service cannot be read",
        f"{AREA}/services/services-can-be-read-and-asked-what-they-can",
        answers(says(405), method="GET", when=of_service),
    ),
    Mutant(
        "a service cannot be asked for its headers",
        f"{AREA}/services/services-can-be-read-and-asked-what-they-can",
        answers(says(405), method="HEAD", when=of_service),
    ),
    Mutant(
        "a service describes itself as something else than JSON-LD",
        f"{AREA}/services/a-service-describes-itself-in-json-ld",
        answers(header("content-type", "application/json"), method="GET", when=of_service),
    ),
    Mutant(
        "an unknown profile is only a bad request",
        f"{AREA}/services/a-profile-that-nobody-knows-is-refused-with-415",
        service(415, 400),
    ),
    Mutant(
        "a request without a topic is only a bad request",
        f"{AREA}/services/a-request-without-a-topic-is-refused-with-422",
        service(422, 400),
    ),
    Mutant(
        "a channel of another type is granted",
        f"{AREA}/services/a-request-for-another-type-of-channel-is-refused-with-422",
        service(422, 200),
    ),
    Mutant(
        "contexts that nobody knows are passed over",
        f"{AREA}/services/a-context-that-nobody-knows-is-refused-with-422",
        service(422, 200),
    ),
    Mutant("a channel has no topic", f"{GRANTED}-websocket", granted(lambda value: value.pop("topic"))),
    Mutant("a channel has two types", f"{GRANTED}-event-source", granted(mixed)),
    Mutant("a channel has no id", f"{GRANTED}-webhook", granted(lambda value: value.pop("id"))),
    Mutant(
        "a channel does not say where it is received",
        f"{AREA}/services/a-channel-says-where-it-is-received-by-event-source",
        granted(lambda value: value.pop("receiveFrom")),
    ),
    Mutant(
        "a WebSocket is received by the URL of a document",
        f"{AREA}/services/a-channel-says-where-it-is-received-by-websocket",
        granted(lambda value: value.update(receiveFrom=value["receiveFrom"].replace("ws:", "http:"))),
    ),
    Mutant(
        "a webhook does not say who sends",
        f"{AREA}/services/a-channel-that-sends-says-who-sends-by-webhook",
        granted(lambda value: value.pop("sender")),
    ),
    Mutant(
        "an end that was asked for is forgotten",
        f"{AREA}/services/a-channel-has-the-features-that-were-asked-for-by-websocket",
        granted(lambda value: value.pop("endAt", None)),
    ),
    Mutant(
        "an end that was asked for web push is forgotten",
        f"{AREA}/sending/a-channel-of-web-push-has-the-features-that-were-asked-for",
        granted(lambda value: value.pop("endAt", None)),
    ),
    Mutant(
        "everybody gets a channel for everything",
        f"{AREA}/services/only-who-may-read-a-topic-gets-a-channel-by-websocket",
        patch=nobody_is_asked,
    ),
    Mutant("changes are not told", UPDATED, patch=silent),
    Mutant("a message has two objects", UPDATED, patch=told(of_another)),
    Mutant("every change is an Announce", UPDATED, patch=told(lambda value: value.update(type="Announce"))),
    Mutant(
        "a message has no id",
        f"{AREA}/messages/a-message-has-an-id-of-its-own-by-websocket",
        patch=told(lambda value: value.pop("id")),
    ),
    Mutant(
        "all messages have one id",
        f"{AREA}/messages/a-message-has-an-id-of-its-own-by-websocket",
        patch=told(lambda value: value.update(id="urn:message")),
    ),
    Mutant(
        "a message does not say when",
        f"{AREA}/messages/a-message-says-when-it-was-published-by-websocket",
        patch=told(lambda value: value.pop("published")),
    ),
    Mutant(
        "a message says the time without its zone",
        f"{AREA}/messages/a-message-says-when-it-was-published-by-websocket",
        patch=told(lambda value: value.update(published=value["published"].rstrip("Z"))),
    ),
    Mutant(
        "a message lacks the context of notifications",
        f"{AREA}/messages/a-message-has-the-contexts-of-the-protocol-by-websocket",
        patch=told(lambda value: value.update({"@context": value["@context"][:1]})),
    ),
    Mutant(
        "a message has no context",
        f"{AREA}/messages/a-message-has-the-contexts-of-the-protocol-by-websocket",
        patch=told(lambda value: value.pop("@context")),
    ),
    Mutant(
        "the end of a document is told as a change",
        f"{AREA}/messages/the-end-of-a-document-is-told-as-a-delete-by-websocket",
        patch=told(lambda value: value.update(type="Update")),
    ),
    Mutant(
        "readers are told who wrote",
        f"{AREA}/messages/readers-are-not-told-who-wrote-by-websocket",
        patch=told(
            lambda value: value.update(actor=value["object"].partition("/conformance-")[0] + "/profile/card#me")
        ),
    ),
    Mutant(
        "webhooks are not signed",
        f"{AREA}/sending/a-message-comes-from-the-sender-that-was-named-by-webhook",
        patch=unsigned,
    ),
    Mutant(
        "webhooks are signed for another content",
        f"{AREA}/sending/a-message-comes-from-the-sender-that-was-named-by-webhook",
        patch=signed_for_another_content,
    ),
    Mutant(
        "a channel that was ended goes on",
        f"{AREA}/delivery/a-channel-that-was-deleted-tells-nothing-more-by-webhook",
        patch=channels_stay,
    ),
    Mutant(
        "a channel that was ended can be received still",
        f"{AREA}/delivery/a-channel-that-was-deleted-tells-nothing-more-by-websocket",
        patch=channels_stay,
    ),
    Mutant(
        "everybody can end the channels of others",
        f"{AREA}/delivery/others-cannot-end-a-channel-by-websocket",
        patch=gives_channels_to_all,
    ),
    Mutant(
        "a message that was left cannot be found",
        f"{AREA}/inboxes/whoever-leaves-a-message-learns-what-became-of-it",
        answers(without("location"), method="POST", when=lambda answer: answer.status == 201),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_a_server_that_breaks_a_rule_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
