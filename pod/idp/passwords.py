"""Passwords: what makes one usable, and their hashes."""

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from pod.errors import Busy, Malformed

SHORTEST, LONGEST = 8, 1024
"""In characters."""
PARALLEL = 1
"""Hashes that a worker makes at once: one takes all of a core, and memory, for some hundredths of a second."""
QUEUE = 64
"""How many may wait for their hash."""

COMMON = frozenset(Path(__file__).with_name("common-passwords.txt").read_text("ascii").split())
"""What is tried first by whoever guesses."""

T = TypeVar("T")


def require_usable(password: str, email: str) -> None:
    """Raise Malformed, with what would be right, when the password is too easy to guess; longer is all that helps."""
    length = len(normalised(password))
    if length < SHORTEST:
        raise Malformed(f"The password is too short; use at least {SHORTEST} characters.")
    if length > LONGEST:
        raise Malformed(f"The password is too long; use at most {LONGEST} characters.")
    plain = password.strip().casefold()
    if plain in {email.casefold(), email.casefold().partition("@")[0]}:
        raise Malformed("The password must not be your address; use one that nobody can know.")
    if plain in COMMON:
        raise Malformed("This password is one of those that are guessed first; use another one.")


def normalised(password: str) -> str:
    """The password in one spelling, whatever keyboard it came from."""
    return unicodedata.normalize("NFC", password)


class Passwords:
    """Makes and verifies hashes (argon2id), a few at once and never on the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
        self._turn = asyncio.Semaphore(PARALLEL)
        self._queue = 0
        self._nobodys = _nobodys(self._hasher)
        self.verified = 0
        """How many passwords were compared with a hash."""

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        return await self._run(lambda: self._hasher.hash(normalised(password)))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether it is the password of the hash; as much work when there is no hash, which no password has."""
        self.verified += 1
        password = normalised(password)
        password = password if len(password) <= LONGEST else ""
        return await self._run(lambda: self._matches(kept or self._nobodys, password))

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def needs_rehash(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than are used for new ones."""
        return self._hasher.check_needs_rehash(kept)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._queue >= QUEUE:
            raise Busy("Too many people sign in at this moment; try again in a moment.")
        self._queue += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._queue -= 1


def _nobodys(hasher: PasswordHasher) -> str:
    """What looks like a hash with these parameters, of a password that nobody knows."""
    salt, key = (
        base64.b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${key}"
