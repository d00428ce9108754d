"""Channels of every type: how one is asked for, and how what it tells is heard."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import httpx
import rdflib
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from conformance.case import CannotTell, Failed, NotOffered, case
from conformance.client import Client
from conformance.exchange import JSON_LD, TURTLE, Answer, note, parsed
from conformance.expect import require
from conformance.people import Anyone, Person
from conformance.served import Got, Place
from conformance.target import NOTIFY
from conformance.world import World

CONTEXT = "https://www.w3.org/ns/solid/notifications-context/v1"
OLD_CONTEXT = "https://www.w3.org/ns/solid/notification/v1"
"""The address of the context in earlier drafts."""
ACTIVITY_STREAMS = "https://www.w3.org/ns/activitystreams"
SOCKET, EVENTS, STREAM = "WebSocketChannel2023", "EventSourceChannel2023", "StreamingHTTPChannel2023"
WEBHOOK, INBOX, PUSH = "WebhookChannel2023", "LDNChannel2023", "WebPushChannel2023"
PULLED, SENT = (SOCKET, EVENTS, STREAM), (WEBHOOK, INBOX)
SHORT: Mapping[str, str] = {
    SOCKET: "websocket",
    EVENTS: "event_source",
    STREAM: "streaming_http",
    WEBHOOK: "webhook",
    INBOX: "ldn",
}
CONFORMS: Mapping[str, str] = {
    SOCKET: "ws-conform",
    EVENTS: "es-conform",
    STREAM: "sh-conform",
    WEBHOOK: "wh-conform",
    INBOX: "ldnch-sender-message",
}
T = TypeVar("T")

HEARD_IN = 10.0
"""Seconds in which something that happened must have been told, times the patience of the run."""
SILENCE = 0.7
"""Seconds for which nothing must be heard, where a right server would tell nothing ever."""

Message = Mapping[str, Any]
Heard = Callable[[Message], bool]


def for_each(
    *ids: str,
    channels: Sequence[str] = (*PULLED, *SENT),
    own: Mapping[str, Sequence[str]] | None = None,
    level: str | None = None,
) -> Callable[[Callable[[World, str], Awaitable[None]]], None]:
    """Make a function a case for each type of channel. `own` are requirements that one type alone has."""

    def remember(look: Callable[[World, str], Awaitable[None]]) -> None:
        for channel in channels:
            needs = [f"channel:{channel}", *(["reach"] if channel in SENT else [])]
            case(*ids, CONFORMS[channel], *(own or {}).get(channel, ()), needs=needs, level=level)(_of(look, channel))

    return remember


def _of(look: Callable[[World, str], Awaitable[None]], channel: str) -> Callable[[World], Awaitable[None]]:
    async def one(w: World) -> None:
        await look(w, channel)

    one.__name__ = f"{look.__name__}_by_{SHORT[channel]}"
    one.__doc__, one.__module__ = look.__doc__, look.__module__
    return one


def request(channel: str, topic: str, *, context: str = CONTEXT, **features: object) -> str:
    """The content of a request for a channel."""
    return json.dumps({"@context": [context], "type": NOTIFY + channel, "topic": topic, **features})


async def ask(w: World, who: Anyone, channel: str, topic: str, **features: object) -> Answer:
    """The answer to a request for a channel, which may be a refusal.

    A server that knows only the earlier address of the context is asked with that one: which it knows has a case.
    """
    service = w.target.service(channel)
    answer = await who.post(service, JSON_LD, request(channel, topic, context=CONTEXT, **features), accept=JSON_LD)
    if answer.status >= 400 and answer.status not in {401, 403}:
        older = await who.post(
            service, JSON_LD, request(channel, topic, context=OLD_CONTEXT, **features), accept=JSON_LD
        )
        answer = older if older.status < 400 else answer
    return answer


async def subscribed(w: World, who: Anyone, channel: str, topic: str, **features: object) -> Message:
    """A channel that was granted; Failed when it was not."""
    answer = await ask(w, who, channel, topic, **features)
    require(answer.status in {200, 201, 202}, f"{who.name} gets a {channel} for {topic} (not {answer.status})")
    found = answer.json()
    require(isinstance(found, dict), "the answer to a request for a channel is an object of JSON-LD")
    return dict(found)


def feature(w: World, channel: str, name: str) -> None:
    """NotOffered unless the service names this feature."""
    named = {one for service in w.target.services if service["channel"] == channel for one in service["features"]}
    if NOTIFY + name not in named:
        raise NotOffered(f"{channel} names no feature {name}.")


def values(message: Message, name: str) -> Sequence[str]:
    """The values of a property, whether one or several, whether a string or a node."""
    found = message.get(name, message.get("@" + name))
    many = found if isinstance(found, list) else [] if found is None else [found]
    return [
        str(one.get("id", one.get("@id", one.get("@value")))) if isinstance(one, dict) else str(one) for one in many
    ]


def kinds(message: Message) -> frozenset[str]:
    """The types of an activity, without their namespace."""
    return frozenset(one.rpartition("#")[2] for one in values(message, "type"))


def about(url: str) -> Heard:
    """That a message is about this resource."""
    return lambda message: url in values(message, "object") or url in values(message, "target")


class NoWayIn(Failed):
    """Where a channel should be received nobody is let in."""


class Ear:
    """What a channel has told so far."""

    def __init__(self, patience: float) -> None:
        self.messages: list[Message] = []
        self.raw: list[tuple[str, str]] = []
        """Media type, where it is told, and text of each."""
        self.got: Place | None = None
        self.ended: str | None = None
        """How it ended, once it did."""
        self._patience = patience
        self._news = asyncio.Event()

    def hear(self, media_type: str, text: str) -> None:
        """Take a message in."""
        note(f"Heard: {text[:500]}")
        self.raw.append((media_type, text))
        self.messages.append(_message(media_type, text))
        self._news.set()

    def end(self, how: str) -> None:
        """Take note that nothing more will come."""
        self.ended = how
        self._news.set()

    async def wait(self, holds: Heard = lambda _: True, *, after: int = 0, seconds: float = HEARD_IN) -> Message:
        """The first message of which this holds, not counting those before `after`; Failed when none comes in time."""
        found = await self._until(lambda: next((one for one in self.messages[after:] if holds(one)), None), seconds)
        if found is None:
            told = f"; it ended: {self.ended}" if self.ended else ""
            raise Failed(f"The change should have been told; {len(self.messages)} messages were heard{told}.")
        return found

    async def until_ended(self, seconds: float = HEARD_IN) -> None:
        """Return when the channel has ended; Failed when it does not in time."""
        if await self._until(lambda: self.ended, seconds) is None:
            raise Failed("The channel should have ended.")

    async def _until(self, look: Callable[[], T | None], seconds: float) -> T | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds * self._patience):
                while (found := look()) is None:
                    self._news.clear()
                    await self._news.wait()
                return found
        return look()

    async def silent(self, holds: Heard = lambda _: True, *, after: int = 0) -> None:
        """Failed when a message of which this holds comes within a while."""
        await asyncio.sleep(SILENCE * self._patience)
        heard = [one for one in self.messages[after:] if holds(one)]
        require(not heard, f"nothing is told (not {json.dumps(heard[:1])[:300]})")


def _message(media_type: str, text: str) -> Message:
    """A message in JSON-LD as it is; one in Turtle as if it were, with the properties that messages have.

    What is neither, such as a sentence about an error, is no message, and has none of them.
    """
    with contextlib.suppress(ValueError):
        found = json.loads(text)
        return found if isinstance(found, dict) else {"not an object": found}
    try:
        graph = parsed(text, "turtle", "urn:message:", f"a message of the type {media_type or 'of Turtle'}")
    except Failed:
        return {"not a message": text}
    names = {f"{ACTIVITY_STREAMS}#{name}": name for name in ("object", "target", "published", "actor")}
    names |= {f"{NOTIFY}state": "state", str(rdflib.RDF.type): "type"}
    subject = next(graph.subjects(rdflib.URIRef(f"{ACTIVITY_STREAMS}#published"), None), None)
    told: dict[str, list[str]] = {"id": [str(subject)], "@context": [ACTIVITY_STREAMS, CONTEXT]}
    for predicate, value in graph.predicate_objects(subject):
        told.setdefault(names.get(str(predicate), str(predicate)), []).append(str(value))
    return told


@asynccontextmanager
async def listening(w: World, who: Person, channel: str, topic: str, **features: object) -> AsyncIterator[Ear]:
    """Somebody who listens to a topic in the block, by a channel of that type. What was asked for is ended after it."""
    ear = Ear(w.patience)
    async with AsyncExitStack() as stack:
        if channel in SENT:
            ear.got = w.served.answer(lambda got: _taken(ear, got))
            features["sendTo"] = ear.got.url
        granted = await subscribed(w, who, channel, topic, **features)
        if channel not in SENT:
            await stack.enter_async_context(opened(w, channel, _receive_from(granted), ear, who))
        try:
            yield ear
        finally:
            for name in values(granted, "id"):
                if name.startswith(w.target.url):
                    await who.delete(name)


def _receive_from(granted: Message) -> str:
    found = values(granted, "receiveFrom")
    require(len(found) == 1, "the channel has exactly one receiveFrom")
    return found[0]


def _taken(ear: Ear, got: Got) -> tuple[int, Mapping[str, str], bytes]:
    if got.method == "POST":
        ear.hear(got.header("content-type").partition(";")[0], got.content.decode(errors="replace"))
    return 200, {}, b""


@asynccontextmanager
async def opened(w: World, channel: str, url: str, ear: Ear, who: Person) -> AsyncIterator[None]:
    """A connection to where a channel is received, which is open when the block begins."""
    ready = asyncio.Event()
    work = _socket if channel == SOCKET else _events if channel == EVENTS else _stream
    task = asyncio.create_task(work(w.client, url, ear, who, ready))
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({task, waiting}, timeout=HEARD_IN * w.patience, return_when=asyncio.FIRST_COMPLETED)
        if not ready.is_set():
            raise NoWayIn(f"{url} should have let {who.name} listen{f': {ear.ended}' if ear.ended else ''}.")
        yield
    finally:
        waiting.cancel()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _socket(client: Client, url: str, ear: Ear, _who: Person, ready: asyncio.Event) -> None:
    tls = {"ssl": client.tls} if url.startswith("wss:") else {}
    try:
        async with connect(url, proxy=None, **tls) as socket:  # type: ignore[arg-type]  # only the TLS context
            ready.set()
            async for text in socket:
                ear.hear("", text if isinstance(text, str) else text.decode())
            ear.end(f"closed with {socket.close_code}")
    except (ConnectionClosed, WebSocketException, OSError) as error:
        ear.end(str(error))


async def _events(client: Client, url: str, ear: Ear, _who: Person, ready: asyncio.Event) -> None:
    lines: list[str] = []
    async for line in _lines(client, url, {"accept": "text/event-stream"}, ear, ready):
        if line.startswith("data:"):
            lines.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and lines:
            ear.hear("", "\n".join(lines))
            lines.clear()


async def _stream(client: Client, url: str, ear: Ear, who: Person, ready: asyncio.Event) -> None:
    """Messages one after the other: objects of JSON on one line or several, or pieces of Turtle."""
    headers = dict(await who.credentials("GET", url))
    held = ""
    async for line in _lines(client, url, headers, ear, ready):
        held += line + "\n"
        if not held.strip():
            held = ""
        elif held.lstrip().startswith("{"):
            with contextlib.suppress(ValueError):
                json.loads(held)
                ear.hear("", held)
                held = ""
        elif _whole(held):
            ear.hear(TURTLE, held)
            held = ""


def _whole(text: str) -> bool:
    """Whether a piece of Turtle has all that a message has, and ends."""
    if not text.rstrip().endswith(".") or "published" not in text:
        return False
    try:
        parsed(text, "turtle", "urn:message:", "a message")
    except (Failed, CannotTell):
        return False
    return True


async def _lines(
    client: Client, url: str, headers: Mapping[str, str], ear: Ear, ready: asyncio.Event
) -> AsyncIterator[str]:
    timeout = httpx.Timeout(client.timeout, read=None)
    async with httpx.AsyncClient(verify=client.tls, timeout=timeout, trust_env=False) as http:
        try:
            async with http.stream("GET", url, headers=dict(headers)) as answer:
                if answer.status_code != 200:
                    ear.end(f"GET {url} was answered with {answer.status_code}")
                    return
                ready.set()
                async for line in answer.aiter_lines():
                    yield line
                ear.end("the answer ended")
        except httpx.HTTPError as error:
            ear.end(str(error) or type(error).__name__)
