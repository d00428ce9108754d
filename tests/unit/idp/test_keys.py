"""The keys that sign tokens: rotated with overlap, and kept encrypted."""

import json

import pytest

from pod.errors import Misconfigured, Unauthenticated
from pod.idp.keys import AFTER, AHEAD, DAY, SIGNS_FOR, Kept, Keys, plan
from pod.storage.memory import MemoryRecords
from pod.storage.ports import Records


class Clock:
    now = 1_000 * DAY

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(clock: Clock) -> Records:
    return MemoryRecords(clock)


async def kids(keys: Keys, algorithm: str = "ES256") -> list[str]:
    return [one["kid"] for one in (await keys.ring()).jwks()["keys"] if one["alg"] == algorithm]


async def signer(keys: Keys) -> str:
    return str((await keys.ring()).signers["ES256"].kid)


async def test_the_first_keys_sign_at_once(records: Records, clock: Clock) -> None:
    keys = Keys(records, "", clock)

    ring = await keys.ring()

    for algorithm in ("ES256", "RS256"):
        token = ring.sign({"a": 1}, algorithm, "JWT")
        assert ring.read(token) == {"a": 1}


async def test_a_key_is_published_before_it_signs_and_after(records: Records, clock: Clock) -> None:
    keys = Keys(records, "", clock)
    await keys.open()
    (first,) = await kids(keys)
    old = (await keys.ring()).sign({"a": 1}, "ES256", "JWT")

    clock.now += SIGNS_FOR - AHEAD
    await keys.open()
    assert await signer(keys) == first
    assert len(await kids(keys)) == 2

    clock.now += AHEAD
    second = await signer(keys)
    assert second != first
    assert (await keys.ring()).read(old) == {"a": 1}

    clock.now += AFTER
    await keys.open()
    assert await kids(keys) == [second]
    with pytest.raises(Unauthenticated):
        (await keys.ring()).read(old)


async def test_a_server_that_was_off_for_long_still_publishes_before_it_signs(records: Records, clock: Clock) -> None:
    keys = Keys(records, "", clock)
    await keys.open()
    first = await signer(keys)

    clock.now += 2 * SIGNS_FOR
    await keys.open()

    assert await signer(keys) == first
    clock.now += AHEAD
    assert await signer(keys) != first


async def test_nothing_is_made_twice(records: Records, clock: Clock) -> None:
    await Keys(records, "", clock).open()
    before = await records.get("provider", "keys")

    await Keys(records, "", clock).open()

    assert await records.get("provider", "keys") == before


async def test_workers_agree_even_when_one_makes_the_keys_meanwhile(clock: Clock) -> None:
    class Slow(MemoryRecords):
        late = True

        async def replace(self, family: str, key: str, old: bytes | None, new: bytes | None) -> bool:
            if self.late:
                self.late = False
                await Keys(self, "", clock).open()
            return await super().replace(family, key, old, new)

    records = Slow(clock)
    one, other = Keys(records, "", clock), Keys(records, "", clock)
    await one.open()

    assert await kids(one) == await kids(other)


async def test_keys_are_kept_encrypted_by_the_passphrase(records: Records, clock: Clock) -> None:
    await Keys(records, "a passphrase", clock).open()
    kept = (await records.get("provider", "keys") or b"").decode()

    assert "plain." not in kept
    assert '"d"' not in kept
    assert await signer(Keys(records, "a passphrase", clock)) == await signer(Keys(records, "a passphrase", clock))


@pytest.mark.parametrize("passphrase", ["another", ""])
async def test_a_wrong_passphrase_stops_the_start(records: Records, clock: Clock, passphrase: str) -> None:
    await Keys(records, "a passphrase", clock).open()

    with pytest.raises(Misconfigured, match=r"identity\.secret"):
        await Keys(records, passphrase, clock).open()


async def test_keys_that_were_kept_in_clear_are_encrypted_from_the_first_passphrase_on(
    records: Records, clock: Clock
) -> None:
    await Keys(records, "", clock).open()
    before = await signer(Keys(records, "", clock))

    await Keys(records, "a passphrase", clock).open()

    assert "plain." not in (await records.get("provider", "keys") or b"").decode()
    assert await signer(Keys(records, "a passphrase", clock)) == before
    with pytest.raises(Misconfigured):
        await Keys(records, "", clock).open()


async def test_what_is_derived_stays_the_same(records: Records, clock: Clock) -> None:
    keys = Keys(records, "", clock)
    before = (await keys.ring()).mac("x", "y")

    clock.now += SIGNS_FOR
    await keys.open()

    assert (await keys.ring()).mac("x", "y") == before
    assert (await keys.ring()).mac("z", "y") != before


async def test_what_was_sealed_for_one_key_is_nothing_for_another(records: Records, clock: Clock) -> None:
    await Keys(records, "a passphrase", clock).open()
    document = json.loads(await records.get("provider", "keys") or b"")
    one, other = document["keys"]
    one["sealed"], other["sealed"] = other["sealed"], one["sealed"]
    await records.put("provider", "keys", json.dumps(document).encode())

    with pytest.raises(Misconfigured):
        await Keys(records, "a passphrase", clock).open()


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_what_nobody_here_signed_is_refused(records: Records, clock: Clock, token: str) -> None:
    with pytest.raises(Unauthenticated):
        (await Keys(records, "", clock).ring()).read(token)


def test_a_plan_keeps_what_is_of_use() -> None:
    old, newer = Kept("a", "ES256", 0, ""), Kept("b", "ES256", SIGNS_FOR, "")

    assert plan((old, newer), SIGNS_FOR)[0] == (old, newer)
    assert plan((old, newer), SIGNS_FOR + AFTER)[0] == (newer,)
    assert plan((), 5) == ((), (("ES256", 5), ("RS256", 5)))
