"""The records of accounts."""

import asyncio
import json
from dataclasses import replace

import pytest

from pod.errors import Busy, Conflict, Malformed, NotFound
from pod.idp.accounts import ACCOUNT, ACCOUNT_OF, WEBID, Account, address, decoded, encoded
from pod.storage.memory import MemoryRecords
from pod.storage.ports import Swap
from tests.unit.idp.house import EMAIL, House

WEB = "https://alice.example/#me"


@pytest.fixture
def house() -> House:
    return House()


async def test_an_account_is_found_by_id_address_and_webid(house: House) -> None:
    account = Account("one", EMAIL, webids=(WEB,))
    await house.accounts.add(account)

    assert await house.accounts.get("one") == account
    assert await house.accounts.by_email("ALICE@mail.example") == account
    assert await house.accounts.by_webid(WEB) == account
    assert await house.accounts.get("two") is None
    assert await house.accounts.by_email("bob@mail.example") is None
    assert await house.accounts.by_webid(f"{WEB}2") is None


@pytest.mark.parametrize(
    "email",
    [
        "eve,alice@mail.example",
        "eve<alice@mail.example>",
        "alice(eve)@mail.example",
        '"eve"@mail.example',
        "a:b@mail.example;",
    ],
)
def test_what_a_header_would_take_for_another_address_is_none(email: str) -> None:
    """Mail would go to somebody else than the address that is counted and kept."""
    with pytest.raises(Malformed):
        address(email)


async def test_a_record_of_an_earlier_version_is_an_account() -> None:
    record = json.dumps({"id": "one", "email": EMAIL, "password": None, "created": 7}).encode()

    assert decoded(record) == Account("one", EMAIL, created=7)
    assert decoded(encoded(decoded(record))) == decoded(record)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Account("two", EMAIL), EMAIL),
        (Account("two", "bob@mail.example", webids=("https://bob.example/", WEB)), "another account"),
        (Account("one", "bob@mail.example"), "done already"),
    ],
)
async def test_an_account_that_clashes_is_not_added(house: House, other: Account, why: str) -> None:
    account = Account("one", EMAIL, webids=(WEB,))
    await house.accounts.add(account)

    with pytest.raises(Conflict, match=why):
        await house.accounts.add(other)

    assert await house.accounts.all() == [account]
    assert await house.records.keys(ACCOUNT_OF) == [EMAIL]
    assert await house.records.keys(WEBID) == [WEB]


async def test_what_finds_an_account_follows_its_changes(house: House) -> None:
    await house.accounts.add(Account("one", EMAIL, webids=(WEB,)))

    def moved(account: Account) -> Account:
        return replace(account, email="new@mail.example", webids=("https://other.example/",))

    account = await house.accounts.change("one", moved)

    assert await house.accounts.by_email("new@mail.example") == account
    assert await house.accounts.by_webid("https://other.example/") == account
    assert await house.accounts.by_email(EMAIL) is None
    assert await house.accounts.by_webid(WEB) is None


async def test_changes_at_once_all_hold(house: House) -> None:
    await house.accounts.add(Account("one", EMAIL))

    def named(number: int) -> object:
        return house.accounts.change("one", lambda one: replace(one, name=f"{one.name}{number}"))

    await asyncio.gather(*(named(number) for number in range(6)))  # type: ignore[call-overload]  # coroutines

    account = await house.accounts.get("one")
    assert account is not None
    assert sorted(account.name) == list("012345")


async def test_a_change_is_made_with_what_belongs_to_it_or_not_at_all(house: House) -> None:
    await house.accounts.add(Account("one", EMAIL))

    with pytest.raises(Conflict):
        await house.accounts.change("one", lambda one: replace(one, name="A"), Swap("x", "y", b"not there", None))
    await house.accounts.change("one", lambda one: replace(one, language="de"), Swap("x", "y", None, b"z"))

    assert await house.accounts.get("one") == Account("one", EMAIL, language="de")
    assert await house.records.get("x", "y") == b"z"


async def test_a_change_that_clashes_is_not_made(house: House) -> None:
    await house.accounts.add(Account("one", EMAIL))
    await house.accounts.add(Account("two", "bob@mail.example", webids=(WEB,)))

    with pytest.raises(Conflict, match="bob"):
        await house.accounts.change("one", lambda one: replace(one, email="bob@mail.example"))
    with pytest.raises(Conflict, match="another account"):
        await house.accounts.change("one", lambda one: replace(one, webids=(WEB,)))

    assert await house.accounts.get("one") == Account("one", EMAIL)


class Restless(MemoryRecords):
    """Records of which somebody else changes each account all the time."""

    async def swap(self, *swaps: Swap) -> bool:
        for one in swaps:
            if one.family == ACCOUNT and one.old is not None:
                await self.put(ACCOUNT, one.key, one.old + b" ")
        return await super().swap(*swaps)


async def test_who_is_never_fast_enough_is_told_to_try_again() -> None:
    house = House()
    records = Restless(house.clock)
    house = House(stores=(house.store, house.blobs, records))
    await house.accounts.add(Account("one", EMAIL))

    with pytest.raises(Busy):
        await house.accounts.set_name("one", "Alice")
    with pytest.raises(Busy):
        await house.accounts.remove("one")


async def test_an_account_that_is_removed_is_found_by_nothing(house: House) -> None:
    await house.accounts.add(Account("one", EMAIL, webids=(WEB,)))

    await house.accounts.remove("one")
    await house.accounts.remove("one")

    assert await house.accounts.all() == []
    assert await house.accounts.by_email(EMAIL) is None
    assert await house.accounts.by_webid(WEB) is None
    with pytest.raises(NotFound):
        await house.accounts.set_name("one", "Alice")


async def test_a_person_says_how_to_be_called_and_spoken_to_and_what_apps_get(house: House) -> None:
    await house.accounts.add(Account("one", EMAIL))

    await house.accounts.set_name("one", "  Alice \u202e\n  Example ")
    await house.accounts.set_language("one", "de")
    await house.accounts.set_default_consent("one", "ask")

    account = await house.accounts.get("one")
    assert account == Account("one", EMAIL, name="Alice Example", language="de", default_consent="ask")
    await house.accounts.set_language("one", None)
    await house.accounts.set_default_consent("one", None)
    assert await house.accounts.get("one") == Account("one", EMAIL, name="Alice Example")


async def test_what_cannot_be_set_is_refused(house: House) -> None:
    await house.accounts.add(Account("one", EMAIL))

    with pytest.raises(Malformed):
        await house.accounts.set_name("one", "x" * 201)
    for language in ("", "English", "../x"):
        with pytest.raises(Malformed):
            await house.accounts.set_language("one", language)
    with pytest.raises(Malformed):
        await house.accounts.set_default_consent("one", "nothing")
