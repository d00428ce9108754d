"""Signatures that are checked together: each gets its own answer."""

import asyncio

import pytest

from pod.auth import keys, signatures
from pod.auth.keys import KeyFault
from pod.auth.signatures import Signatures
from tests.tokens import Key

MANY = 3 * signatures.FEW


def checking(signatures: Signatures, *, good: bool) -> asyncio.Task[None]:
    """Somebody who waits for the check of a signature."""
    key, signed = Key("ES256"), b"signed"
    signature = key.sign(signed if good else b"something else")
    return asyncio.create_task(signatures.verify(keys.Key(key.jwk()), signed, signature, "ES256"))


@pytest.mark.parametrize("count", [1, signatures.FEW, signatures.FEW + 1, MANY])
async def test_each_of_those_that_wait_gets_the_answer_about_its_own_signature(count: int) -> None:
    shared = Signatures()

    for first in (True, False):
        truth = [(number % 2 == 0) == first for number in range(count)]
        found = await asyncio.gather(*(checking(shared, good=good) for good in truth), return_exceptions=True)

        assert [one is None for one in found] == truth
        assert all(one is None or isinstance(one, KeyFault) for one in found)


async def test_those_who_come_while_others_are_checked_get_their_answer() -> None:
    shared = Signatures()
    early = [checking(shared, good=True) for _ in range(MANY)]
    await asyncio.sleep(0)

    late = [checking(shared, good=False) for _ in range(MANY)]

    assert await asyncio.gather(*early) == [None] * MANY
    assert all(isinstance(one, KeyFault) for one in await asyncio.gather(*late, return_exceptions=True))


async def test_who_no_longer_waits_does_not_disturb_the_others() -> None:
    shared = Signatures()
    waiting = [checking(shared, good=True) for _ in range(MANY)]
    await asyncio.sleep(0)

    waiting[0].cancel()

    assert await asyncio.gather(*waiting[1:]) == [None] * (MANY - 1)
    assert waiting[0].cancelled()


async def test_a_check_that_fails_in_a_way_nobody_thought_of_fails_for_one_alone() -> None:
    shared = Signatures()
    waiting = [checking(shared, good=True) for _ in range(MANY)]
    broken = asyncio.create_task(shared.verify(None, b"", b"", "ES256"))  # type: ignore[arg-type]  # wrong on purpose

    with pytest.raises(AttributeError):
        await broken

    assert await asyncio.gather(*waiting) == [None] * MANY


async def test_nobody_waits_for_ever_when_the_event_loop_stops() -> None:
    shared = Signatures()
    before = asyncio.all_tasks()
    waiting = [checking(shared, good=True) for _ in range(MANY)]
    await asyncio.sleep(0)
    (checks,) = asyncio.all_tasks() - before - set(waiting)
    await asyncio.sleep(0)

    checks.cancel()

    async with asyncio.timeout(10):
        await asyncio.wait(waiting)
    assert all(one.cancelled() for one in waiting)
