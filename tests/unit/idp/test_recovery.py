"""Recovery codes: ten, each once, for the owner alone."""

import asyncio

import pytest

from pod.errors import Throttled, Unauthenticated
from pod.idp.accounts import Account
from pod.idp.recovery import FAMILY
from pod.idp.throttle import LIMITS
from tests.unit.idp.house import EMAIL, OTHER_PEER, PEER, House


@pytest.fixture
def house() -> House:
    return House()


async def test_ten_codes_let_their_owner_in_once_each(house: House) -> None:
    account = await house.member()
    codes = await house.codes.make(account.id)
    assert len(set(codes)) == 10

    for left, code in zip(range(9, -1, -1), codes, strict=True):
        assert await house.codes.use(EMAIL, code, PEER) == account
        assert await house.codes.left(account.id) == left
    with pytest.raises(Unauthenticated, match="once"):
        await house.codes.use(EMAIL, codes[0], PEER)


@pytest.mark.parametrize("spelled", [str.upper, lambda code: code.replace("-", " "), lambda code: f" {code}\n"])
async def test_a_code_may_be_typed_as_it_is_read(house: House, spelled: object) -> None:
    account = await house.member()
    codes = await house.codes.make(account.id)
    assert callable(spelled)

    assert await house.codes.use(EMAIL.upper(), spelled(codes[0]), PEER) == account


async def test_digits_that_look_like_letters_mean_them(house: House) -> None:
    account = await house.member()
    code = next(one for one in await _many(house, account) if "o" in one and "l" in one)

    assert await house.codes.use(EMAIL, code.replace("o", "0").replace("l", "1"), PEER) == account


async def _many(house: House, account: Account) -> list[str]:
    """The codes of an account of which one at least has an o and an l."""
    while True:
        codes = list(await house.codes.make(account.id))
        if any("o" in one and "l" in one for one in codes):
            return codes


async def test_only_hashes_of_codes_are_kept(house: House) -> None:
    account = await house.member()
    codes = await house.codes.make(account.id)

    kept = " ".join(await house.records.keys(FAMILY))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


async def test_new_codes_replace_those_from_before(house: House) -> None:
    account = await house.member()
    old = await house.codes.make(account.id)
    new = await house.codes.make(account.id)

    with pytest.raises(Unauthenticated):
        await house.codes.use(EMAIL, old[0], PEER)
    assert await house.codes.use(EMAIL, new[0], PEER) == account
    assert await house.codes.left(account.id) == 9


async def test_a_code_that_is_used_many_times_at_once_counts_once(house: House) -> None:
    account = await house.member()
    codes = await house.codes.make(account.id)

    found = await asyncio.gather(
        *(house.codes.use(EMAIL, codes[0], f"192.0.2.{number}") for number in range(4)), return_exceptions=True
    )

    assert [one for one in found if isinstance(one, Account)] == [account]


async def test_a_code_is_for_one_account(house: House) -> None:
    alice = await house.member()
    await house.member("bob@mail.example")
    codes = await house.codes.make(alice.id)

    told = []
    for email in ("bob@mail.example", "nobody@mail.example"):
        with pytest.raises(Unauthenticated) as refused:
            await house.codes.use(email, codes[0], PEER)
        told.append(str(refused.value))

    assert told[0] == told[1]


async def test_who_guesses_codes_has_to_wait_and_nobody_else(house: House) -> None:
    account = await house.member()
    codes = await house.codes.make(account.id)
    for _ in range(LIMITS["peer"].free + 1):
        with pytest.raises(Unauthenticated):
            await house.codes.use(EMAIL, "aaaa-bbbb-cccc-dddd", PEER)

    with pytest.raises(Throttled):
        await house.codes.use(EMAIL, codes[0], PEER)
    assert await house.codes.use(EMAIL, codes[0], OTHER_PEER) == account
