"""What a message says (Notifications Protocol, 5), and when there is one."""

from datetime import datetime

from conformance.case import Failed
from conformance.cases.notifications._channels import (
    ACTIVITY_STREAMS,
    CONTEXT,
    OLD_CONTEXT,
    SOCKET,
    Message,
    about,
    for_each,
    kinds,
    listening,
    values,
)
from conformance.exchange import TURTLE
from conformance.expect import require, succeeded
from conformance.world import World

ANOTHER = "<#it> <https://voc.example/is> 2 ."
MODEL = "notification-sender-notification-message-data-model"


async def updated(w: World, channel: str) -> tuple[str, Message]:
    """A document that was changed while somebody listened, and the message about it."""
    topic = await w.document()
    async with listening(w, w.alice, channel, topic) as ear:
        succeeded(await w.alice.put(topic, TURTLE, ANOTHER))
        return topic, await ear.wait(about(topic))


@for_each(MODEL, "message-type", "message-object")
async def a_change_of_a_document_is_told_as_an_update(w: World, channel: str) -> None:
    topic, message = await updated(w, channel)
    require(values(message, "object") == [topic], f"a message has exactly one object, {topic}")
    require("Update" in kinds(message), f"a change is an Update, not {', '.join(kinds(message)) or 'nothing'}")


@for_each(MODEL, "message-id")
async def a_message_has_an_id_of_its_own(w: World, channel: str) -> None:
    topic = await w.document()
    async with listening(w, w.alice, channel, topic) as ear:
        succeeded(await w.alice.put(topic, TURTLE, ANOTHER))
        first = await ear.wait(about(topic))
        count = len(ear.messages)
        succeeded(await w.alice.put(topic, TURTLE, "<#it> <https://voc.example/is> 3 ."))
        second = await ear.wait(about(topic), after=count)
    require(len(values(first, "id")) == len(values(second, "id")) == 1, "a message has exactly one id")
    require(values(first, "id") != values(second, "id"), "two messages have two ids")


@for_each(MODEL, "message-published")
async def a_message_says_when_it_was_published(w: World, channel: str) -> None:
    _, message = await updated(w, channel)
    found = values(message, "published")
    require(len(found) == 1, "a message has exactly one published")
    try:
        time = datetime.fromisoformat(found[0])
    except ValueError:
        raise Failed(f"published should be a date with a time, not {found[0]!r}.") from None
    require(time.tzinfo is not None, "published has a time zone")


@for_each(MODEL, "message-context")
async def a_message_has_the_contexts_of_the_protocol(w: World, channel: str) -> None:
    """Activity Streams, and that of notifications, which an earlier draft had elsewhere."""
    _, message = await updated(w, channel)
    contexts = message.get("@context", [])
    require(ACTIVITY_STREAMS in contexts, f"a message has the context {ACTIVITY_STREAMS}")
    require(CONTEXT in contexts or OLD_CONTEXT in contexts, f"a message has the context {CONTEXT}")


@for_each(MODEL, "message-state")
async def a_message_may_say_in_which_state_its_object_is(w: World, channel: str) -> None:
    _, message = await updated(w, channel)
    require(len(values(message, "state")) <= 1, "a message has at most one state")


@for_each(MODEL, "message-type", "message-target")
async def what_comes_into_a_container_is_told_to_who_listens_to_it(w: World, channel: str) -> None:
    """Servers tell it as Add with the container as target, or as an Update of the container."""
    folder = await w.folder()
    async with listening(w, w.alice, channel, folder) as ear:
        answer = await w.alice.post(folder, TURTLE, ANOTHER)
        succeeded(answer)
        message = await ear.wait(lambda one: about(answer.location)(one) or about(folder)(one))
    require(kinds(message) & {"Add", "Create", "Update"}, "it is told as Add, Create or Update")


@for_each(MODEL, "message-type")
async def what_leaves_a_container_is_told_to_who_listens_to_it(w: World, channel: str) -> None:
    folder = await w.folder()
    url = folder + w.fresh(".ttl")
    w.prepared(await w.alice.put(url, TURTLE, ANOTHER), "make a document")
    async with listening(w, w.alice, channel, folder) as ear:
        succeeded(await w.alice.delete(url))
        message = await ear.wait(lambda one: about(url)(one) or about(folder)(one))
    require(kinds(message) & {"Remove", "Delete", "Update"}, "it is told as Remove, Delete or Update")


@for_each(MODEL, "message-type")
async def the_end_of_a_document_is_told_as_a_delete(w: World, channel: str) -> None:
    topic = await w.document()
    async with listening(w, w.alice, channel, topic) as ear:
        succeeded(await w.alice.delete(topic))
        message = await ear.wait(about(topic))
    require("Delete" in kinds(message), f"it is told as Delete, not {', '.join(kinds(message))}")


@for_each(MODEL)
async def a_patch_is_told_as_well(w: World, channel: str) -> None:
    topic = await w.document()
    patch = (
        "@prefix solid: <http://www.w3.org/ns/solid/terms#>."
        " _:p a solid:InsertDeletePatch; solid:inserts { <#it> <https://voc.example/is> 9 . }."
    )
    async with listening(w, w.alice, channel, topic) as ear:
        succeeded(await w.alice.patch(topic, patch))
        require("Update" in kinds(await ear.wait(about(topic))), "a patch is told as an Update")


@for_each(MODEL)
async def what_did_not_happen_is_not_told(w: World, channel: str) -> None:
    topic = await w.document()
    async with listening(w, w.alice, channel, topic) as ear:
        await w.bob.put(topic, TURTLE, ANOTHER)
        await w.alice.put(topic, TURTLE, ANOTHER, if_match='"no-such-state"')
        await w.alice.get(topic)
        await ear.silent()


@for_each("consider-exposing-information", level="SHOULD")
async def what_happens_elsewhere_is_not_told(w: World, channel: str) -> None:
    topic, other = await w.document(), await w.document()
    async with listening(w, w.alice, channel, topic) as ear:
        succeeded(await w.alice.put(other, TURTLE, ANOTHER))
        await ear.silent(about(other))


@for_each("consider-exposing-information", level="SHOULD")
async def readers_are_not_told_who_wrote(w: World, channel: str) -> None:
    """The data model of messages has no actor, and the Considerations ask that no more is told than is needed."""
    topic = await w.document()
    await w.share(topic, (w.bob, "read"))
    async with listening(w, w.bob, channel, topic) as ear:
        succeeded(await w.alice.put(topic, TURTLE, ANOTHER))
        await ear.wait(about(topic))
    require(all(w.alice.webid not in text for _, text in ear.raw), "a message does not name who made the change")


@for_each("ws-frames", channels=(SOCKET,))
async def each_message_is_one_text_of_json_ld(w: World, channel: str) -> None:
    topic = await w.document()
    async with listening(w, w.alice, channel, topic) as ear:
        succeeded(await w.alice.put(topic, TURTLE, ANOTHER))
        await ear.wait(about(topic))
    require(all(text.lstrip().startswith("{") for _, text in ear.raw), "a message is one object of JSON-LD")
