"""Guessing made slow: failures are counted, and from some number on each makes the next attempt wait longer."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from types import MappingProxyType

from pod.errors import Throttled
from pod.http.peers import peer_name
from pod.idp.accounts import Now
from pod.storage.ports import Records, Swap
from pod.storage.turns import Turns

FAMILY = "failures"
SECOND = 1_000_000
TRIES = 16


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts are free, how long the longest pause is, and after what time all is forgotten; in seconds."""

    free: int
    longest: int
    forgotten: int


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        # For strangers, who guess the password of one address from many places.
        "address": Limit(5, 900, 86_400),
        # For those who guess a few passwords of many addresses from one place, which others may share.
        "peer": Limit(20, 900, 86_400),
        # For a device on which the owner has signed in before: nobody else can make it wait.
        "device": Limit(10, 60, 3_600),
        # For accounts, and mail, that are asked for from one place.
        "asking": Limit(10, 3_600, 86_400),
        # For apps without a document of their own, which register at each start, from behind one address too.
        "register": Limit(200, 10, 3_600),
        # For requests of apps that wait for their person, each of which takes up room; many share an address.
        "request": Limit(1_000, 2, 2_000),
        # For mail that whoever names an address makes this server send there.
        "mail": Limit(3, 3_600, 86_400),
    }
)


@dataclass(frozen=True, slots=True)
class Counter:
    """What attempts are counted for: a kind, which is one of LIMITS, and a name."""

    kind: str
    name: str

    @property
    def key(self) -> str:
        """The key of its record; addresses are not readable in it."""
        return f"{self.kind}:{hashlib.sha256(self.name.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Count:
    """How many attempts failed, and when the last one was made, in microseconds since 1970."""

    failures: int = 0
    last: int = 0


def pause(failures: int, limit: Limit) -> int:
    """How many seconds must pass after so many failures before the next attempt.

    >>> [pause(n, Limit(2, 60, 600)) for n in range(10)]
    [0, 0, 0, 2, 4, 8, 16, 32, 60, 60]
    """
    beyond = failures - limit.free
    return 0 if beyond < 1 else min(2 ** min(beyond, 30), limit.longest)


def wait(count: Count, limit: Limit, now: int) -> int:
    """How many microseconds the next attempt must still wait."""
    return max(0, count.last + pause(count.failures, limit) * SECOND - now)


def faded(count: Count, limit: Limit, now: int) -> Count:
    """What is left of the count: as much is forgotten while nobody tries as would be forgotten of all that is free.

    Else a place from which somebody comes every few minutes would be made to wait one day, and from then on for ever.
    """
    gone = (now - count.last) * limit.free // (limit.forgotten * SECOND)
    return replace(count, failures=max(0, count.failures - max(0, gone)))


def by_peer(kind: str, peer: str) -> Counter:
    """The counter of the kind for a client's address."""
    return Counter(kind, peer_name(peer))


class Throttle:
    """Counts attempts, for all workers together."""

    def __init__(self, records: Records, now: Now) -> None:
        self._records = records
        self._now = now
        self._turns = Turns()
        """In one process those who change a count wait for each other, instead of finding it changed."""

    async def attempt(self, *counters: Counter) -> None:
        """Count an attempt as failed until `forgive` says otherwise, or raise Throttled when it comes too early.

        It is counted before it is made, so that many at once are no way around.
        """
        async with AsyncExitStack() as turns:
            # In one order, so that no two wait for each other.
            for key in sorted(one.key for one in counters):
                await turns.enter_async_context(self._turns.turn(key))
            await self._counted(*counters)

    async def _counted(self, *counters: Counter) -> None:
        for _ in range(TRIES):
            now = self._now()
            known = [await self._records.get(FAMILY, one.key) for one in counters]
            counts = [faded(_decoded(old), LIMITS[one.kind], now) for one, old in zip(counters, known, strict=True)]
            left = max(wait(count, LIMITS[one.kind], now) for one, count in zip(counters, counts, strict=True))
            if left:
                raise _too_early(left)
            swaps = [
                _swap(one, old, Count(count.failures + 1, now))
                for one, old, count in zip(counters, known, counts, strict=True)
            ]
            if await self._records.swap(*swaps):
                return
        # So many others count at the same moment that this cannot be one person who types.
        raise _too_early(SECOND)

    async def forget(self, counter: Counter) -> None:
        """Somebody proved who they are: no attempt of theirs needs to wait."""
        async with self._turns.turn(counter.key):
            for _ in range(TRIES):
                record = await self._records.get(FAMILY, counter.key)
                if await self._records.replace(FAMILY, counter.key, record, None):
                    return

    async def forgive(self, counter: Counter) -> None:
        """One attempt that was counted has not failed; those before it are not forgotten."""
        async with self._turns.turn(counter.key):
            for _ in range(TRIES):
                record = await self._records.get(FAMILY, counter.key)
                count = _decoded(record)
                if count.failures == 0:
                    return
                if await self._records.swap(_swap(counter, record, Count(count.failures - 1, count.last))):
                    return


def _too_early(left: int) -> Throttled:
    seconds = -(-left // SECOND)
    return Throttled(f"There were too many attempts; try again in {_words(seconds)}.", seconds)


def _words(seconds: int) -> str:
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _swap(counter: Counter, old: bytes | None, count: Count) -> Swap:
    expires = count.last + LIMITS[counter.kind].forgotten * SECOND
    return Swap(FAMILY, counter.key, old, json.dumps([count.failures, count.last]).encode(), expires)


def _decoded(record: bytes | None) -> Count:
    return Count() if record is None else Count(*json.loads(record))
