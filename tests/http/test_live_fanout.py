"""Many who listen as one agent are told together, and each as if it were alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest

from pod import events
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.notify.fanout import TOGETHER, Fanout
from pod.notify.feed import Activity, Message, Verb
from pod.notify.listening import Ending, Listener
from tests.http.test_channels import subscribed
from tests.listening import Socket
from tests.world import BASE, TURTLE, World, rule

MANY = 2 * TOGETHER + 20
BOB = Agent("https://bob.example/card#me")
TOPIC = Uri(f"{BASE}alice/a")
Told = tuple[Message, str]


@asynccontextmanager
async def crowd(world: World) -> AsyncIterator[Sequence[Socket]]:
    """Many sockets of Bob's about a document that he may read."""
    await world.document("/alice/a")
    await world.policy("/alice/a", rule(world.bob, "read"))
    address = await subscribed(world.bob, "WebSocketChannel2023", "/alice/a")
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(Socket(world.server, address)) for _ in range(MANY)]
        await world.settle()
        yield sockets


def types(socket: Socket) -> list[str]:
    return [one["type"] for one in socket.heard]


async def test_each_of_many_hears_everything_once_and_in_order(world: World) -> None:
    async with crowd(world) as sockets:
        await world.alice.put("/alice/a", TURTLE, "<> a <#A>.")
        await world.alice.put("/alice/a", TURTLE, "<> a <#B>.")
        await world.settle()
        await world.alice.put("/alice/a", TURTLE, "<> a <#C>.")
        await world.settle()

        assert {len(set(map(str, one.heard))) for one in sockets} == {3}
        assert {tuple(one.texts) for one in sockets} == {tuple(sockets[0].texts)}


async def test_the_message_is_made_once_for_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Activity] = []
    compose = world.hub._fanout._compose

    async def counted(agent: Agent, activity: Activity, media_type: str, topic: Uri) -> Told | None:
        asked.append(activity)
        return await compose(agent, activity, media_type, topic)

    monkeypatch.setattr(world.hub._fanout, "_compose", counted)
    async with crowd(world) as sockets:
        asked.clear()
        await world.alice.put("/alice/a", TURTLE, "")
        await world.settle()

        assert {len(one.texts) for one in sockets} == {1}
        assert len(asked) == -(-MANY // TOGETHER)


async def test_who_loses_the_right_in_the_middle_is_told_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    compose = world.hub._fanout._compose
    questions = 0

    async def revoking(agent: Agent, activity: Activity, media_type: str, topic: Uri) -> Told | None:
        nonlocal questions
        questions += 1
        if questions == 2:
            await world.policy("/alice/a")
        return await compose(agent, activity, media_type, topic)

    async with crowd(world) as sockets:
        monkeypatch.setattr(world.hub._fanout, "_compose", revoking)
        await world.alice.put("/alice/a", TURTLE, "")
        await world.settle()

        assert sum(len(one.texts) for one in sockets) == TOGETHER
        for one in sockets:
            await one.until(lambda one=one: one.code == 4403)  # type: ignore[misc]  # a default


async def test_one_that_takes_nothing_keeps_nobody_waiting(world: World) -> None:
    async with crowd(world) as sockets:
        stuck = asyncio.Event()

        async def held() -> None:
            await stuck.wait()

        sockets[3].holding = held
        for content in ("<> a <#A>.", "<> a <#B>."):
            await world.alice.put("/alice/a", TURTLE, content)
        others = [one for one in sockets if one is not sockets[3]]
        for one in others:
            await one.until(lambda one=one: len(one.texts) == 2)  # type: ignore[misc]  # a default
        assert sockets[3].texts == []

        sockets[3].holding = None
        stuck.set()
        await world.settle()

        assert sockets[3].texts == others[0].texts


def activity(time: int = 5) -> Activity:
    return Activity(Verb.UPDATE, TOPIC, None, time, None, 1, (TOPIC,))


class Waiting:
    """Listeners that let one activity wait, and what they are told directly."""

    def __init__(self, *listeners: Listener) -> None:
        self.listeners = listeners
        self.told: list[Listener] = []
        self.woken: list[Listener] = []
        self.about = activity()
        for one in listeners:
            one.hold(self.about)
            one.direct = partial(self._take, one)
            one.wake = partial(self.woken.append, one)

    def _take(self, listener: Listener, _message: Message, _text: str) -> bool:
        self.told.append(listener)
        return True

    async def serve(self, answer: Told | Exception | None) -> None:
        async def compose(*_: object) -> Told | None:
            if isinstance(answer, Exception):
                raise answer
            return answer

        fanout = Fanout(compose, lambda: 100)
        fanout.tell(self.about, self.listeners)
        await asyncio.gather(*fanout._tasks)


MESSAGE = (Message("urn:uuid:1", Verb.UPDATE, TOPIC, None, 5), "text")


async def test_nobody_is_told_what_the_agent_may_not_know() -> None:
    waiting = Waiting(Listener(BOB, TOPIC), Listener(BOB, TOPIC))

    await waiting.serve(None)

    assert waiting.told == waiting.woken == []
    assert [one.pending for one in waiting.listeners] == [None, None]


async def test_who_has_something_else_before_it_is_told_on_its_own() -> None:
    doubted, ended, over, later = [Listener(BOB, TOPIC) for _ in range(4)]
    late, plain = Listener(BOB, TOPIC, start=6), Listener(BOB, TOPIC, end=101)
    over.end, later.pending = 100, None
    later.hold(activity(4))
    waiting = Waiting(doubted, ended, over, later, late, plain)
    doubted.doubted = True
    ended.finish(Ending.REMOVED)
    waiting.woken.clear()

    await waiting.serve(MESSAGE)

    assert waiting.told == [plain]
    assert waiting.woken == [doubted, over, later, late]


async def test_when_a_message_cannot_be_made_each_tries_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[str] = []
    monkeypatch.setattr(events, "failed", lambda what, _error: failed.append(what))
    waiting = Waiting(Listener(BOB, TOPIC), Listener(BOB, TOPIC))

    await waiting.serve(RuntimeError("no"))

    assert waiting.woken == list(waiting.listeners)
    assert failed == ["channel"]


async def test_at_the_end_of_the_server_nobody_is_told_more() -> None:
    never = asyncio.Event()

    async def compose(*_: object) -> Told | None:
        await never.wait()
        return MESSAGE

    fanout, waiting = Fanout(compose, lambda: 100), Waiting(Listener(BOB, TOPIC), Listener(BOB, TOPIC))
    fanout.tell(waiting.about, waiting.listeners)
    await asyncio.sleep(0)

    await fanout.stop()

    assert waiting.told == []
    assert fanout._tasks == set()
