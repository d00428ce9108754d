"""How passwords are hashed: beside the event loop, and not many at once."""

import asyncio
import threading
from typing import Literal

import pytest
from argon2 import PasswordHasher

from pod.errors import Busy
from pod.idp.passwords import PARALLEL, QUEUE, Passwords


class Watched(PasswordHasher):
    """A hasher that notes where it works, and waits there until it may go on."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.threads: set[int] = set()
        self.most = 0
        self.go_on = threading.Event()
        self._working = 0
        self._lock = threading.Lock()

    def _begin(self) -> None:
        with self._lock:
            self.threads.add(threading.get_ident())
            self._working += 1
            self.most = max(self.most, self._working)
        assert self.go_on.wait(60)
        with self._lock:
            self._working -= 1

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self._begin()
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - so argon2 names it
        self._begin()
        return super().verify(hash, password)


async def test_a_password_is_never_hashed_on_the_event_loop() -> None:
    """Neither a new one, nor one that is compared, nor one of an account that is not there."""
    hasher = Watched()
    hasher.go_on.set()
    passwords = Passwords(hasher)

    kept = await passwords.hash("seven green umbrellas")
    assert await passwords.verify(kept, "seven green umbrellas")
    assert not await passwords.verify(None, "seven green umbrellas")

    assert hasher.threads
    assert threading.get_ident() not in hasher.threads


async def test_other_work_goes_on_while_passwords_are_hashed() -> None:
    """Twenty people sign in, none of whom is done before the loop has answered somebody else."""
    hasher = Watched()
    passwords = Passwords(hasher)
    async with asyncio.TaskGroup() as people:
        signing_in = [people.create_task(passwords.hash(f"umbrella {number}")) for number in range(20)]
        await asyncio.sleep(0)

        answered = [one.done() for one in signing_in]

        hasher.go_on.set()
    assert answered == [False] * 20


async def test_no_more_passwords_are_hashed_at_once_than_leave_room_for_others() -> None:
    """Each takes a core for some hundredths of a second."""
    hasher = Watched()
    passwords = Passwords(hasher)

    async with asyncio.TaskGroup() as people:
        for number in range(20):
            people.create_task(passwords.hash(f"umbrella {number}"))
        await asyncio.sleep(0)
        hasher.go_on.set()

    assert hasher.most <= PARALLEL


async def test_who_would_wait_too_long_for_a_hash_is_told_to_come_back() -> None:
    """The queue has an end, so that a flood of attempts takes no memory without a limit."""
    hasher = Watched()
    passwords = Passwords(hasher)
    async with asyncio.TaskGroup() as people:
        for number in range(QUEUE):
            people.create_task(passwords.hash(f"umbrella {number}"))
        await asyncio.sleep(0)

        with pytest.raises(Busy):
            await passwords.hash("one more")

        hasher.go_on.set()
