"""Attempts that are counted by many at the same moment, as behind the one address of an office."""

import asyncio

from pod.idp.throttle import LIMITS, Counter, Throttle
from tests.contract.making import Backend

OFFICE = Counter("peer", "192.0.2.1")
PEOPLE = LIMITS["peer"].free


async def test_all_who_sign_in_at_the_same_moment_from_one_place_get_in(backend: Backend) -> None:
    """As long as they are no more than may fail there: nobody is refused because others count too."""
    async with backend.opened() as stores, asyncio.TaskGroup() as people:
        throttle = Throttle(stores.records, backend.clock)

        for _ in range(PEOPLE):
            people.create_task(throttle.attempt(OFFICE))


async def test_nothing_is_left_of_attempts_that_did_not_fail(backend: Backend) -> None:
    """Each is taken back, however many are at the same moment: the next ones are as free as the first."""
    async with backend.opened() as stores:
        throttle = Throttle(stores.records, backend.clock)
        for _ in range(PEOPLE):
            await throttle.attempt(OFFICE)
        async with asyncio.TaskGroup() as people:
            for _ in range(PEOPLE):
                people.create_task(throttle.forgive(OFFICE))

        for _ in range(PEOPLE):
            await throttle.attempt(OFFICE)
