"""Grants, revocations and writes in any order: nobody hears too much, and who keeps the right hears all."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from pod.model.agent import Agent
from pod.model.operation import Put
from pod.model.representation import Body
from pod.model.resource import Uri
from pod.notify.feed import Message, Position
from pod.notify.listening import Ending, Listener
from pod.notify.websocket import Outlet
from tests.world import BASE, TURTLE, World, policy, rule

SCHEDULES = 10_000
STEPS = 12
BOB = Agent("https://bob.example/card#me")
TOPIC = Uri(f"{BASE}alice/box/")


OUTER, INNER = "box/", "box/inner/"


@dataclass
class Right:
    """Bob's right to read in one container, which has a policy of its own."""

    may: bool = False
    """Whether he may, or perhaps may already: it becomes true before it is granted, and false once it is not."""
    sure: bool = False
    """Whether he certainly may."""


@dataclass
class Run:
    """One schedule: what was done, what Bob must hear, and what he heard. He listens to all below the outer one."""

    world: World
    dice: random.Random
    owner: Agent
    number: int = 0
    """Names what is written."""
    rights: dict[str, Right] = field(default_factory=lambda: {OUTER: Right(), INNER: Right()})
    expected: dict[int, str] = field(default_factory=dict)
    """Writes that he must hear of, as long as he does not lose the right before, and where they were."""
    heard: list[int] = field(default_factory=list)
    cursor: str | None = None
    listener: Listener | None = None
    outlet: Outlet | None = None
    faults: list[str] = field(default_factory=list)

    def demand(self, holds: bool, otherwise: str) -> None:
        """Note a fault where an exception would only end the task that sends."""
        if not holds:
            self.faults.append(otherwise)

    async def put(self, path: str, content: str) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield content.encode()

        body = Body(chunks(), len(content))
        await self.world.parts.resources.write(self.owner, Put(Uri(f"{BASE}alice/{path}"), TURTLE, body))

    async def grant(self) -> None:
        where = self.dice.choice((OUTER, INNER))
        self.rights[where].may = True
        rules = (rule(self.world.alice, "read write control"), rule(self.world.bob, "read"))
        await self.put(f"{where}.acl", policy(f"/alice/{where}", *rules))
        self.rights[where].sure = True

    async def revoke(self) -> None:
        await self._revoke(self.dice.choice((OUTER, INNER)))

    async def _revoke(self, where: str) -> None:
        # Of what is not told yet he may or may not hear from here on.
        self.rights[where].sure = False
        self.expected = {} if where == OUTER else {n: one for n, one in self.expected.items() if one != where}
        await self.put(f"{where}.acl", policy(f"/alice/{where}", rule(self.world.alice, "read write control")))
        self.rights[where].may = False

    async def write(self) -> None:
        self.number += 1
        number, where = self.number, self.dice.choice((OUTER, INNER))
        sure = all(self.rights[one].sure for one in (OUTER, where))
        follows = self.listener is not None or self.cursor is not None
        await self.put(f"{where}{number}", "")
        if sure and follows and (self.listener is None or self.listener.ended is None):
            self.expected[number] = where

    async def settle(self) -> None:
        await self.world.settle()
        if self.listener is not None and self.listener.ended is None:
            assert set(self.expected) <= set(self.heard), "something is missing"

    async def connect(self) -> None:
        if self.outlet is not None or not self.rights[OUTER].sure:
            return
        hub = self.world.hub
        after = None if self.cursor is None else self.world.cursors.position(self.cursor)
        self.listener = Listener(BOB, TOPIC, below=True)
        hub.admit(self.listener)
        self.outlet = Outlet(hub, self.listener, self._told, self._closed, self._direct)
        await hub.join(self.listener, after or Position(await hub.head()))

    async def go_away(self) -> None:
        """The client is gone, and knows how far it came; without a cursor it begins anew."""
        if self.outlet is not None and self.listener is not None:
            self.world.hub.leave(self.listener)
            await self.outlet.stop()
            self.listener = self.outlet = None
        if self.cursor is None:
            self.expected.clear()

    async def _told(self, message: Message, _text: str) -> None:
        self._hear(message)

    def _direct(self, message: Message, _text: str) -> bool:
        """What is sent to many at once; now and then the client does not take it."""
        is_taken = self.dice.random() < 0.8
        if is_taken:
            self._hear(message)
        return is_taken

    def _hear(self, message: Message) -> None:
        where = OUTER if INNER not in (message.target or message.object) else INNER
        self.demand(self.rights[where].may, f"{message.object} was told to one who may not know of it")
        self.demand(self.rights[OUTER].may, "one heard something who may not listen")
        self.cursor = message.id
        if message.verb == "Create":
            number = int(message.object.rpartition("/")[2])
            self.demand(number not in self.heard, "something was told twice")
            self.demand(not self.heard or number >= self.heard[-1], "something was told out of order")
            self.heard.append(number)

    async def _closed(self, ending: Ending) -> None:
        self.demand(ending is Ending.REVOKED, f"it ended otherwise: {ending}")
        assert self.listener is not None
        self.world.hub.leave(self.listener)
        self.listener = self.outlet = None
        self.expected.clear()

    async def step(self) -> None:
        weights = {
            self.write: 6,
            self.grant: 3,
            self.revoke: 2,
            self.connect: 4,
            self.go_away: 1,
            self.settle: 1,
            self.world.breathe: 3,
        }
        (action,) = self.dice.choices(list(weights), list(weights.values()))
        await action()

    async def end(self) -> None:
        if not self.rights[OUTER].may:
            await self.world.settle()
            for _ in range(3):
                await self.world.breathe()
            assert self.listener is None, "one who may read nothing still listens"
        await self.connect()
        await self.settle()
        await self.go_away()
        await self._revoke(OUTER)
        await self._revoke(INNER)


@pytest.mark.parametrize("part", [0, *(pytest.param(one, marks=pytest.mark.system) for one in (1, 2, 3))])
async def test_no_order_of_grants_revocations_and_writes_tells_too_much_or_too_little(part: int) -> None:
    async with World() as world:
        owner = Agent(world.alice.webid)
        number = 0
        await world.folder("/alice/box/inner/")
        for seed in range(part, SCHEDULES, 4):
            run = Run(world, random.Random(seed), owner, number)
            await run._revoke(OUTER)
            await run._revoke(INNER)
            for _ in range(STEPS):
                await run.step()
            await run.end()
            assert run.faults == [], f"schedule {seed}"
            number = run.number
