"""Sign-in by password: who is let in, who has to wait, and what strangers learn, which is nothing."""

import asyncio
from typing import ClassVar, Literal

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from pod.errors import Busy, Throttled, Unauthenticated
from pod.idp.passwords import QUEUE
from pod.idp.throttle import LIMITS, Counter
from tests.unit.idp.house import CHEAP, DAY, EMAIL, MINUTE, OTHER_PEER, PASSWORD, PEER, SECOND, House

WRONG = "wrong horse battery"


@pytest.fixture
def house() -> House:
    return House()


async def fail(house: House, email: str = EMAIL, peer: str = PEER, device: str | None = None) -> Exception:
    """What somebody is told who guesses."""
    with pytest.raises((Unauthenticated, Throttled)) as told:
        await house.entrance.sign_in(email, WRONG, peer, device)
    return told.value


async def test_the_right_password_lets_its_owner_in(house: House) -> None:
    account = await house.member()

    assert await house.entrance.sign_in(EMAIL, PASSWORD, PEER) == account


@pytest.mark.parametrize("email", ["Alice@Mail.Example", " alice@mail.example ", "ALICE@MAIL.EXAMPLE"])
async def test_an_address_may_be_typed_in_any_case(house: House, email: str) -> None:
    account = await house.member()

    assert await house.entrance.sign_in(email, PASSWORD, PEER) == account


async def test_a_password_may_be_typed_on_any_keyboard(house: House) -> None:
    await house.member(password="caf\u00e9 caf\u00e9")

    await house.entrance.sign_in(EMAIL, "cafe\u0301 cafe\u0301", PEER)


@pytest.mark.parametrize("password", ["", WRONG, PASSWORD.upper(), PASSWORD + " ", "x" * 100_000])
async def test_a_wrong_password_lets_nobody_in(house: House, password: str) -> None:
    await house.member()

    with pytest.raises(Unauthenticated):
        await house.entrance.sign_in(EMAIL, password, PEER)


@pytest.mark.parametrize("password", ["", PASSWORD])
async def test_an_account_without_a_password_has_none_that_could_be_guessed(house: House, password: str) -> None:
    await house.member(password=None)

    with pytest.raises(Unauthenticated):
        await house.entrance.sign_in(EMAIL, password, PEER)


async def test_nobody_learns_from_the_answers_who_has_an_account() -> None:
    told = []
    for has_account in (True, False):
        house = House()
        if has_account:
            await house.member()
        await house.member("keyholder@mail.example", password=None)
        answers = [await fail(house, peer=f"192.0.2.{number}") for number in range(12)]
        answers += [await fail(house, "keyholder@mail.example")]
        told.append([(type(one), str(one)) for one in answers])

    assert told[0] == told[1]
    assert {Unauthenticated, Throttled} == {kind for kind, _ in told[0]}


class Counting(PasswordHasher):
    """Remembers the costs of each hash that it compared a password with."""

    compared: ClassVar[list[Parameters]] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - as in the library
        self.compared.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


async def test_nobody_learns_from_the_work_who_has_an_account() -> None:
    Counting.compared.clear()
    house = House(hasher=Counting(time_cost=1, memory_cost=8, parallelism=1))
    await house.member()
    await house.member("keyholder@mail.example", password=None)

    for email in (EMAIL, "keyholder@mail.example", "nobody@mail.example", "no address"):
        await fail(house, email, peer=OTHER_PEER)

    assert len(Counting.compared) == 4
    assert len(set(map(str, Counting.compared))) == 1


async def test_the_work_for_nobody_has_the_parameters_of_all_others() -> None:
    house = House(hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))

    assert not house.passwords.needs_rehash(house.passwords._nobodys)
    assert house.passwords.needs_rehash(CHEAP.hash(PASSWORD))


async def test_who_guesses_an_address_has_to_wait_from_anywhere(house: House) -> None:
    await house.member()
    for number in range(LIMITS["address"].free + 1):
        assert isinstance(await fail(house, peer=f"192.0.2.{number}"), Unauthenticated)

    told = await fail(house, peer=OTHER_PEER)

    assert isinstance(told, Throttled)
    assert told.seconds == 2
    assert str(told) == "There were too many attempts; try again in 2 seconds."


async def test_while_one_has_to_wait_not_even_the_right_password_is_looked_at(house: House) -> None:
    await house.member()
    for number in range(LIMITS["address"].free + 1):
        await fail(house, peer=f"192.0.2.{number}")

    with pytest.raises(Throttled):
        await house.entrance.sign_in(EMAIL, PASSWORD, OTHER_PEER)
    house.clock.now += 2 * SECOND
    await house.entrance.sign_in(EMAIL, PASSWORD, OTHER_PEER)


async def test_pauses_grow_to_a_quarter_of_an_hour_and_no_further(house: House) -> None:
    pauses = []
    for _ in range(LIMITS["address"].free + 14):
        await fail(house)
        with pytest.raises((Throttled, Unauthenticated)) as told:
            await house.entrance.sign_in(EMAIL, WRONG, OTHER_PEER)
        if isinstance(told.value, Throttled):
            pauses.append(told.value.seconds)
            house.clock.now += told.value.seconds * SECOND

    assert pauses == sorted(pauses)
    assert pauses[-1] == 900
    assert str(told.value) == "There were too many attempts; try again in 15 minutes."


async def test_the_right_password_ends_the_count(house: House) -> None:
    await house.member()
    for _ in range(LIMITS["address"].free):
        await fail(house)

    await house.entrance.sign_in(EMAIL, PASSWORD, PEER)

    assert isinstance(await fail(house), Unauthenticated)


async def test_what_was_long_ago_is_forgotten(house: House) -> None:
    for _ in range(LIMITS["address"].free + 1):
        await fail(house)

    house.clock.now += DAY

    assert isinstance(await fail(house), Unauthenticated)


async def test_who_tries_one_password_on_many_addresses_has_to_wait(house: House) -> None:
    free = LIMITS["peer"].free
    for number in range(free + 1):
        assert isinstance(await fail(house, f"person{number}@mail.example"), Unauthenticated)

    assert isinstance(await fail(house, "last@mail.example"), Throttled)
    assert isinstance(await fail(house, "last@mail.example", OTHER_PEER), Unauthenticated)


async def test_an_account_of_ones_own_does_not_clear_the_count_of_a_spray(house: House) -> None:
    await house.member("mallory@mail.example")
    for number in range(LIMITS["peer"].free + 1):
        await house.entrance.sign_in("mallory@mail.example", PASSWORD, PEER)
        assert isinstance(await fail(house, f"person{number}@mail.example"), Unauthenticated)

    assert isinstance(await fail(house, "last@mail.example"), Throttled)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8:1:2::1", "2001:db8:1:2:ffff::2"), ("::ffff:192.0.2.9", "192.0.2.9"), ("fe80::1%eth0", "fe80::2%eth1")],
)
async def test_addresses_that_one_customer_has_count_together(house: House, one: str, other: str) -> None:
    for number in range(LIMITS["peer"].free + 1):
        await fail(house, f"person{number}@mail.example", one)

    assert isinstance(await fail(house, "last@mail.example", other), Throttled)


async def test_a_known_device_does_not_help_with_other_accounts(house: House) -> None:
    await house.member()
    mallory = await house.member("mallory@mail.example")
    device = await house.devices.remember(mallory.id)
    for number in range(LIMITS["address"].free + 1):
        await fail(house, peer=f"192.0.2.{number}", device=device)

    assert isinstance(await fail(house, peer=OTHER_PEER, device=device), Throttled)


async def test_who_guesses_on_a_known_device_has_to_wait_but_not_for_long(house: House) -> None:
    device = await house.devices.remember((await house.member()).id)
    for _ in range(LIMITS["device"].free + 1):
        assert isinstance(await fail(house, device=device), Unauthenticated)

    told = await fail(house, device=device)
    assert isinstance(told, Throttled)
    assert LIMITS["device"].longest == 60


async def test_who_guesses_at_the_owners_own_place_does_not_keep_them_out_on_a_known_device(house: House) -> None:
    account = await house.member()
    device = await house.devices.remember(account.id)
    for number in range(LIMITS["peer"].free + 1):
        await fail(house, f"person{number}@mail.example")
    assert isinstance(await fail(house), Throttled)

    assert await house.entrance.sign_in(EMAIL, PASSWORD, PEER, device) == account


Failure = st.tuples(
    st.sampled_from([EMAIL, "ALICE@mail.example", "other@mail.example"]),
    st.sampled_from([PEER, OTHER_PEER, "2001:db8::1"]),
    st.sampled_from([None, "", "made-up"]),
    st.sampled_from([0, SECOND, MINUTE, 16 * MINUTE]),
)


@settings(max_examples=40, deadline=None)
@given(failures=st.lists(Failure, max_size=40))
def test_whatever_strangers_try_the_owner_gets_in_on_a_device_that_is_known(
    failures: list[tuple[str, str, str | None, int]],
) -> None:
    asyncio.run(_try_all(failures))


async def _try_all(failures: list[tuple[str, str, str | None, int]]) -> None:
    house = House()
    account = await house.member()
    device = await house.devices.remember(account.id)
    codes = await house.codes.make(account.id)

    for email, peer, guessed, pause in failures:
        await fail(house, email, peer, guessed)
        house.clock.now += pause

    assert await house.entrance.sign_in(EMAIL, PASSWORD, PEER, device) == account
    assert await house.codes.use(EMAIL, codes[0], "203.0.113.5") == account


async def test_a_hash_of_earlier_parameters_is_made_anew(house: House) -> None:
    await house.member()
    old = (await house.account()).password
    newer = House(
        hasher=PasswordHasher(time_cost=2, memory_cost=8, parallelism=1),
        stores=(house.store, house.blobs, house.records),
    )

    signed_in = await newer.entrance.sign_in(EMAIL, PASSWORD, PEER)

    assert signed_in == await newer.account()
    assert signed_in.password is not None
    assert signed_in.password != old
    assert ",t=2," in signed_in.password.replace("$", ",")
    await newer.entrance.sign_in(EMAIL, PASSWORD, PEER)
    assert await newer.account() == signed_in


async def test_no_more_people_wait_for_their_turn_than_can_be_served_soon(house: House) -> None:
    await house.member()
    waiting = [asyncio.create_task(house.passwords.verify(None, WRONG)) for _ in range(QUEUE)]
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await house.entrance.sign_in(EMAIL, PASSWORD, PEER)

    assert not any(await asyncio.gather(*waiting))
    await house.entrance.sign_in(EMAIL, PASSWORD, PEER)


@pytest.mark.parametrize("kind", ["register", "asking", "address"])
async def test_who_comes_now_and_then_never_waits_however_long_that_goes_on(kind: str) -> None:
    house, limit = House(), LIMITS[kind]
    counter = Counter(kind, "one of many who share an address")

    for _ in range(3 * limit.free):
        await house.throttle.attempt(counter)
        house.clock.now += limit.forgotten * SECOND // limit.free

    for _ in range(limit.free):
        await house.throttle.attempt(counter)
    await house.throttle.attempt(counter)
    with pytest.raises(Throttled):
        await house.throttle.attempt(counter)
