"""Puts every case to a server, several at a time, and keeps what came of each."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from conformance.case import CannotTell, Case, Failed, NotOffered, Outcome
from conformance.client import Client, hidden
from conformance.exchange import Record, recording
from conformance.people import Anyone, Credentials, Person
from conformance.served import Served
from conformance.target import Target, look
from conformance.world import World, make_container, remove

LIMIT = 120.0
"""Seconds after which a case is ended, times the patience of the run."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case."""

    case: Case
    outcome: Outcome
    why: str = ""
    """A sentence, unless it passed."""
    record: Record = field(default_factory=Record)
    seconds: float = 0.0

    @property
    def wrong(self) -> bool:
        """Whether it counts against the server: a MUST that failed, or of which nothing could be told."""
        return self.case.level == "MUST" and self.outcome in {Outcome.FAILED, Outcome.CANNOT_TELL}


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run found out about one server."""

    target: Target
    name: str
    """What the server is called."""
    began: datetime
    results: Sequence[Result]

    def count(self, outcome: Outcome, *levels: str) -> int:
        """How many cases came out so, of these levels or of all."""
        return sum(one.outcome is outcome and (not levels or one.case.level in levels) for one in self.results)

    @property
    def passed(self) -> int:
        """How many cases of MUST passed."""
        return self.count(Outcome.PASSED, "MUST")

    @property
    def failed(self) -> int:
        """How many cases of MUST did not."""
        return sum(one.wrong for one in self.results)


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is made."""

    target: str
    alice: Credentials
    bob: Credentials
    name: str = ""
    at_once: int = 8
    patience: float = 1.0
    ca: Path | None = None
    insecure: bool = False
    listen: str = "127.0.0.1:0"
    reach: str | None = None
    """The URL by which the server gets at what the run serves; empty when it runs on the same machine, None if not."""


Tell = Callable[[Result], None]
"""Called with each result as it comes."""


async def run(options: Options, cases: Sequence[Case], tell: Tell = lambda _: None) -> Report:
    """Put the cases to the server; CannotTell when it cannot be looked at in the first place.

    The results are in the order of the cases. What the run made in Alice's storage is removed however it ends.
    """
    began = datetime.now(UTC)
    async with (
        Client(ca=options.ca, insecure=options.insecure, timeout=30 * options.patience) as client,
        Served(options.listen, options.reach or "") as served,
    ):
        alice = Person(client, "alice", options.alice)
        bob = Person(client, "bob", options.bob)
        target = await look(options.target, client, alice, bob, reach=options.reach is not None)
        place = f"{target.storage}conformance-{secrets.token_hex(4)}/"
        world = World(target, client, alice, bob, Anyone(client), served, place, options.patience)
        await make_container(alice, place)
        try:
            results = await _all(world, cases, options.at_once, tell)
        finally:
            await _removed(alice, place)
    return Report(target, options.name or target.url, began, results)


async def _all(world: World, cases: Sequence[Case], at_once: int, tell: Tell) -> Sequence[Result]:
    turns = asyncio.Semaphore(at_once)

    async def one(number: int, case: Case) -> Result:
        async with turns:
            result = await _one(world, f"{world.place}{number}-{case.id.rpartition('/')[2][:40]}/", case)
        tell(result)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number, case)) for number, case in enumerate(cases)]
    return [task.result() for task in tasks]


async def _one(shared: World, place: str, case: Case) -> Result:
    lacking = shared.target.lacking(case.needs)
    if lacking is not None:
        return Result(case, Outcome.INAPPLICABLE, lacking)
    record = Record()
    recording.set(record)
    start = time.monotonic()
    world = World(
        shared.target, shared.client, shared.alice, shared.bob, shared.anyone, shared.served, place, shared.patience
    )
    try:
        async with asyncio.timeout(LIMIT * shared.patience):
            await make_container(shared.alice, place)
            record.answers.clear()
            outcome, why = await _looked(world, case)
    except TimeoutError:
        outcome, why = Outcome.FAILED, "It should not have taken so long."
    except (CannotTell, Failed) as error:
        outcome, why = Outcome.CANNOT_TELL, str(error)
    seconds = time.monotonic() - start
    recording.set(Record())
    await _removed(shared.alice, place)
    return Result(case, outcome, hidden(why), record, seconds)


async def _looked(world: World, case: Case) -> tuple[Outcome, str]:
    try:
        await case.look(world)
    except Failed as error:
        return Outcome.FAILED, str(error)
    except CannotTell as error:
        return Outcome.CANNOT_TELL, str(error)
    except NotOffered as error:
        return Outcome.INAPPLICABLE, str(error)
    except Exception as error:  # noqa: BLE001  # an answer that a case did not think of must not end the run
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        line = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
        return Outcome.CANNOT_TELL, f"The case did not expect what came: {type(error).__name__}: {error} ({line})"
    return Outcome.PASSED, ""


async def _removed(owner: Person, place: str) -> None:
    """Take away what was made. What cannot be removed stays, as whatever was found out counts all the same."""
    with contextlib.suppress(Failed, CannotTell):
        await remove(owner, place)
