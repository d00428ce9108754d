"""To whom messages are sent, in which order, and until when."""

import asyncio

from conformance.case import Failed, NotOffered
from conformance.cases.notifications._channels import (
    PULLED,
    SENT,
    SILENCE,
    Ear,
    NoWayIn,
    about,
    ask,
    feature,
    for_each,
    kinds,
    listening,
    opened,
    subscribed,
    values,
)
from conformance.exchange import TURTLE
from conformance.expect import refused, require, succeeded
from conformance.world import EVERYONE, NOTE, World

MODEL = "notification-sender-notification-message-data-model"


def number(count: int) -> str:
    """A document that says a number."""
    return f"<#it> <https://voc.example/is> {count} ."


@for_each("authentication-authorization")
async def who_may_read_is_told(w: World, channel: str) -> None:
    topic = await w.document()
    await w.share(topic, (w.bob, "read"))
    async with listening(w, w.bob, channel, topic) as ear:
        succeeded(await w.alice.put(topic, TURTLE, number(2)))
        await ear.wait(about(topic))


@for_each("consider-exposing-information", level="SHOULD")
async def who_may_no_longer_read_is_told_nothing_more(w: World, channel: str) -> None:
    """Protocol, 5: a message about a resource tells of it as much as reading it would."""
    topic = await w.document()
    await w.share(topic, (w.bob, "read"))
    async with listening(w, w.bob, channel, topic) as ear:
        succeeded(await w.alice.put(topic, TURTLE, number(2)))
        await ear.wait(about(topic))
        await w.share(topic)
        refused(await w.bob.get(topic))
        heard = len(ear.messages)
        succeeded(await w.alice.put(topic, TURTLE, number(3)))
        await ear.silent(about(topic), after=heard)


@for_each("consider-exposing-information", level="SHOULD")
async def who_may_read_a_container_is_not_told_of_what_is_kept_from_them_in_it(w: World, channel: str) -> None:
    folder = await w.folder()
    secret = folder + w.fresh(".ttl")
    w.prepared(await w.alice.put(secret, TURTLE, NOTE), "make a document")
    await w.share(secret)
    await w.share(folder, (w.bob, "read"))
    await w.share(secret)
    async with listening(w, w.bob, channel, folder) as ear:
        succeeded(await w.alice.put(secret, TURTLE, number(2)))
        await ear.silent(lambda one: "Update" in kinds(one) and secret in values(one, "object"))


@for_each(MODEL)
async def each_of_several_listeners_is_told(w: World, channel: str) -> None:
    topic = await w.document()
    await w.share(topic, (w.bob, "read"))
    async with listening(w, w.alice, channel, topic) as one, listening(w, w.bob, channel, topic) as other:
        succeeded(await w.alice.put(topic, TURTLE, number(2)))
        await one.wait(about(topic))
        await other.wait(about(topic))


@for_each(MODEL)
async def changes_are_told_in_the_order_in_which_they_happened(w: World, channel: str) -> None:
    topic = await w.document()
    async with listening(w, w.alice, channel, topic) as ear:
        succeeded(await w.alice.put(topic, TURTLE, number(2)))
        first = await ear.wait(about(topic))
        succeeded(await w.alice.delete(topic))
        await ear.wait(lambda one: about(topic)(one) and "Delete" in kinds(one))
    told = [sorted(kinds(one)) for one in ear.messages if about(topic)(one)]
    require("Delete" not in kinds(first), "the change comes before the end")
    require(told[-1] == ["Delete"], "nothing is told of it after its end")


@for_each("wh-unsubscribe", channels=(*PULLED, *SENT))
async def a_channel_that_was_deleted_tells_nothing_more(w: World, channel: str) -> None:
    """By DELETE of its id, for channels whose id can be reached."""
    topic = await w.document()
    more = {"sendTo": (place := w.served.publish("text/plain", "")).url} if channel in SENT else {}
    found = await subscribed(w, w.alice, channel, topic, **more)
    name = values(found, "id")[0]
    if not name.startswith(w.target.url):
        raise NotOffered("The id of a channel is no URL of the server.")
    answer = await w.alice.delete(name)
    require(answer.status < 300, f"DELETE of the channel ends it (not {answer.status})")
    if channel in PULLED:
        await _tells_nothing(w, channel, values(found, "receiveFrom")[0], topic)
        return
    succeeded(await w.alice.put(topic, TURTLE, number(2)))
    await asyncio.sleep(SILENCE * w.patience)
    require(not [one for one in place.got if one.method == "POST"], "nothing is sent to a channel that was ended")


@for_each("consider-exposing-information", level="SHOULD")
async def others_cannot_end_a_channel(w: World, channel: str) -> None:
    topic = await w.document()
    await w.share(topic, (EVERYONE, "read"))
    async with listening(w, w.alice, channel, topic) as ear:
        found = await subscribed(w, w.alice, channel, topic, **({"sendTo": ear.got.url} if ear.got else {}))
        name = values(found, "id")[0]
        if not name.startswith(w.target.url):
            raise NotOffered("The id of a channel is no URL of the server.")
        refused(await w.bob.delete(name))
        refused(await w.anyone.delete(name))
        await w.alice.delete(name)
        succeeded(await w.alice.put(topic, TURTLE, number(2)))
        await ear.wait(about(topic))


@for_each("notify-state")
async def who_knows_another_state_is_told_at_once(w: World, channel: str) -> None:
    feature(w, channel, "state")
    topic = await w.document()
    async with listening(w, w.alice, channel, topic, state='"a-state-that-never-was"') as ear:
        await ear.wait(about(topic))


@for_each("notify-state")
async def who_knows_the_state_is_told_nothing_until_it_changes(w: World, channel: str) -> None:
    feature(w, channel, "state")
    topic = await w.document()
    state = await current_state(w, channel, topic)
    async with listening(w, w.alice, channel, topic, state=state) as ear:
        await ear.silent(about(topic))
        succeeded(await w.alice.put(topic, TURTLE, number(3)))
        await ear.wait(about(topic))


async def current_state(w: World, channel: str, topic: str) -> str:
    """The state that a message names last."""
    async with listening(w, w.alice, channel, topic) as ear:
        succeeded(await w.alice.put(topic, TURTLE, number(2)))
        found = values(await ear.wait(about(topic)), "state")
    if not found:
        raise Failed("A message should have had a state, where the service names the feature.")
    return found[0]


@for_each("notify-rate")
async def messages_come_no_faster_than_was_asked_for(w: World, channel: str) -> None:
    feature(w, channel, "rate")
    topic = await w.document()
    async with listening(w, w.alice, channel, topic, rate="PT60S") as ear:
        for count in range(4):
            succeeded(await w.alice.put(topic, TURTLE, number(count + 2)))
        await ear.wait(about(topic))
        await ear.silent(about(topic), after=len(ear.messages))
    require(len(ear.messages) == 1, f"one message comes in a minute, not {len(ear.messages)}")


@for_each("notify-accept")
async def messages_come_in_the_syntax_that_was_asked_for(w: World, channel: str) -> None:
    feature(w, channel, "accept")
    topic = await w.document()
    for media_type in ("text/turtle", "application/ld+json"):
        async with listening(w, w.alice, channel, topic, accept=media_type) as ear:
            succeeded(await w.alice.put(topic, TURTLE, number(len(media_type))))
            await ear.wait(about(topic))
        json_ld = ear.raw[0][1].lstrip().startswith("{")
        require(json_ld == (media_type == "application/ld+json"), f"messages come in {media_type}")


@for_each("notify-startAt")
async def nothing_is_told_before_the_start(w: World, channel: str) -> None:
    feature(w, channel, "startAt")
    topic = await w.document()
    async with listening(w, w.alice, channel, topic, startAt="2099-01-01T00:00:00Z") as ear:
        succeeded(await w.alice.put(topic, TURTLE, number(2)))
        await ear.silent(about(topic))


@for_each("notify-endAt")
async def an_end_that_is_over_gives_no_channel_that_tells(w: World, channel: str) -> None:
    feature(w, channel, "endAt")
    topic = await w.document()
    more = {"sendTo": (place := w.served.publish("text/plain", "")).url} if channel in SENT else {}
    answer = await ask(w, w.alice, channel, topic, endAt="2001-01-01T00:00:00Z", **more)
    if answer.status >= 400:
        return
    if channel in PULLED:
        await _tells_nothing(w, channel, values(answer.json(), "receiveFrom")[0], topic)
        return
    succeeded(await w.alice.put(topic, TURTLE, number(2)))
    await asyncio.sleep(SILENCE * w.patience)
    require(not [one for one in place.got if one.method == "POST"], "nothing is told after the end")


async def _tells_nothing(w: World, channel: str, url: str, topic: str) -> None:
    ear = Ear(w.patience)
    try:
        async with opened(w, channel, url, ear, w.alice):
            succeeded(await w.alice.put(topic, TURTLE, number(2)))
            await ear.silent(about(topic))
    except NoWayIn:
        return  # whoever comes too late is not let in
