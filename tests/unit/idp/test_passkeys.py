"""Passkeys: made, used, named and removed; and every way in which an answer can be wrong."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pod.errors import Busy, Conflict, Malformed, NotFound, Throttled, Unauthenticated
from pod.idp.accounts import Account
from pod.idp.passkeys import MOST
from pod.idp.throttle import LIMITS
from tests.authenticator import Authenticator, content, text
from tests.unit.idp.house import EMAIL, MINUTE, PEER, House

Answer = dict[str, Any]


@pytest.fixture
def house() -> House:
    return House()


async def register(house: House, account: Account, device: Authenticator, name: str = "Laptop") -> None:
    options = await house.passkeys.registration_options(account)
    await house.passkeys.register(account, device.create(options), name)


async def test_a_passkey_lets_its_owner_in(house: House) -> None:
    account, device = await house.member(password=None), Authenticator()
    await register(house, account, device)
    await house.member("other@mail.example")

    for _ in range(2):
        options = await house.passkeys.authentication_options()
        assert await house.passkeys.authenticate(device.get(options)) == account

    (kept,) = await house.passkeys.all(account.id)
    assert (kept.name, kept.count, kept.created, kept.used) == ("Laptop", 2, house.clock(), house.clock())
    assert kept.transports == ("internal", "hybrid")


async def test_an_answer_may_come_as_text(house: House) -> None:
    account, device = await house.member(), Authenticator()
    options = await house.passkeys.registration_options(account)
    await house.passkeys.register(account, json.dumps(device.create(options)), "Laptop")

    options = await house.passkeys.authentication_options()
    assert await house.passkeys.authenticate(json.dumps(device.get(options))) == account


async def test_a_browser_is_asked_for_a_passkey_that_names_its_account(house: House) -> None:
    account, device = await house.member(), Authenticator()
    await register(house, account, device)

    options: Answer = await house.passkeys.registration_options(account)

    assert options["rp"]["id"] == "pods.example"
    assert content(options["user"]["id"]).decode() == account.id
    assert (options["user"]["name"], options["user"]["displayName"]) == (EMAIL, EMAIL)
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert [one["id"] for one in options["excludeCredentials"]] == [text(device.identifier)]
    signing_in: Answer = await house.passkeys.authentication_options()
    assert (signing_in["rpId"], signing_in["userVerification"]) == ("pods.example", "preferred")
    assert not signing_in.get("allowCredentials")


async def test_pages_at_an_origin_of_their_own_have_passkeys_of_their_own() -> None:
    house = House(account_url="https://account.example:8443/")
    account = await house.member()
    device = Authenticator(origin="https://account.example:8443", host="account.example")

    await register(house, account, device)

    assert await house.passkeys.authenticate(device.get(await house.passkeys.authentication_options())) == account


@pytest.mark.parametrize("counts", [True, False])
async def test_an_answer_counts_once_however_often_it_comes(house: House, counts: bool) -> None:
    account, device = await house.member(), Authenticator(counts=counts)
    await register(house, account, device)
    answer = device.get(await house.passkeys.authentication_options())

    found = await asyncio.gather(*(house.passkeys.authenticate(answer) for _ in range(4)), return_exceptions=True)

    assert [one for one in found if isinstance(one, Account)] == [account]


async def test_an_answer_counts_for_five_minutes(house: House) -> None:
    account, device = await house.member(), Authenticator()
    asked = await house.passkeys.registration_options(account)
    house.clock.now += 5 * MINUTE
    with pytest.raises(Malformed, match="too long"):
        await house.passkeys.register(account, device.create(asked), "")
    await register(house, account, device)
    answer = device.get(await house.passkeys.authentication_options())

    house.clock.now += 5 * MINUTE

    with pytest.raises(Unauthenticated):
        await house.passkeys.authenticate(answer)


async def test_a_copy_of_a_passkey_is_found_out(house: House) -> None:
    account, device = await house.member(), Authenticator()
    await register(house, account, device)
    copy = Authenticator(handle=device.handle, identifier=device.identifier, key=device.key)
    device.count = 5
    await house.passkeys.authenticate(device.get(await house.passkeys.authentication_options()))

    with pytest.raises(Unauthenticated):
        await house.passkeys.authenticate(copy.get(await house.passkeys.authentication_options()))


def changed(device: Authenticator, **facts: object) -> Callable[[Answer], Answer]:
    def made(options: Answer) -> Answer:
        for name, value in facts.items():
            setattr(device, name, value)
        return device.get(options)

    return made


@pytest.mark.parametrize(
    "facts",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://pods.example"},
        {"origin": "https://alice.pods.example"},
        {"host": "evil.example"},
        {"flags": 0},
        {"handle": text(b"another account")},
        {"key": Authenticator().key},
        {"identifier": b"nobody's"},
    ],
    ids=",".join,
)
async def test_an_answer_that_proves_nothing_lets_nobody_in(house: House, facts: dict[str, object]) -> None:
    account, device = await house.member(), Authenticator()
    await register(house, account, device)

    with pytest.raises(Unauthenticated, match="not accepted"):
        await house.passkeys.authenticate(changed(device, **facts)(await house.passkeys.authentication_options()))


async def test_what_registers_signs_nobody_in_and_what_signs_in_registers_nothing(house: House) -> None:
    account, device = await house.member(), Authenticator()
    await register(house, account, device)

    with pytest.raises(Unauthenticated):
        await house.passkeys.authenticate(device.get(await house.passkeys.registration_options(account)))
    asked = {**await house.passkeys.registration_options(account), **await house.passkeys.authentication_options()}
    with pytest.raises(Malformed):
        await house.passkeys.register(account, Authenticator().create(asked), "")


async def test_a_passkey_is_registered_for_the_account_that_asked(house: House) -> None:
    alice, mallory = await house.member(), await house.member("mallory@mail.example")
    answer = Authenticator().create(await house.passkeys.registration_options(mallory))

    with pytest.raises(Malformed):
        await house.passkeys.register(alice, answer, "")

    assert await house.passkeys.all(alice.id) == []


@pytest.mark.parametrize("facts", [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"flags": 0}], ids=str)
async def test_a_passkey_of_elsewhere_is_not_registered(house: House, facts: dict[str, Any]) -> None:
    account = await house.member()

    with pytest.raises(Malformed, match="could not be understood"):
        await register(house, account, Authenticator(**facts))

    assert await house.passkeys.all(account.id) == []


async def test_a_passkey_belongs_to_one_account(house: House) -> None:
    alice, bob, device = await house.member(), await house.member("bob@mail.example"), Authenticator()
    await register(house, alice, device)

    with pytest.raises(Conflict):
        await register(house, bob, device)

    device.handle = text(alice.id.encode())
    assert await house.passkeys.authenticate(device.get(await house.passkeys.authentication_options())) == alice
    assert await house.passkeys.all(bob.id) == []


async def test_an_account_has_several_passkeys_with_names(house: House) -> None:
    account, laptop, phone = await house.member(), Authenticator(), Authenticator()
    await register(house, account, laptop, " My \n laptop ")
    house.clock.now += MINUTE
    await register(house, account, phone, "")
    assert [one.name for one in await house.passkeys.all(account.id)] == ["My laptop", "Passkey"]

    await house.passkeys.rename(account.id, text(phone.identifier), "My phone")
    await house.passkeys.remove(account.id, text(laptop.identifier))

    assert [one.name for one in await house.passkeys.all(account.id)] == ["My phone"]
    assert await house.passkeys.authenticate(phone.get(await house.passkeys.authentication_options())) == account
    with pytest.raises(Unauthenticated):
        await house.passkeys.authenticate(laptop.get(await house.passkeys.authentication_options()))


async def test_the_last_way_in_is_not_removed(house: House) -> None:
    account, laptop, phone = await house.member(), Authenticator(), Authenticator()
    await register(house, account, laptop)
    await register(house, account, phone)
    await house.accounts.change(account.id, lambda one: replace(one, password=None))

    both = [house.passkeys.remove(account.id, text(one.identifier)) for one in (laptop, phone)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)

    assert [type(one) for one in outcomes if one is not None] == [Conflict]
    assert len(await house.passkeys.all(account.id)) == 1


async def test_nobody_names_or_removes_the_passkey_of_another(house: House) -> None:
    alice, bob, device = await house.member(), await house.member("bob@mail.example"), Authenticator()
    await register(house, alice, device)

    with pytest.raises(NotFound):
        await house.passkeys.rename(bob.id, text(device.identifier), "Mine")
    with pytest.raises(NotFound):
        await house.passkeys.remove(bob.id, text(device.identifier))

    assert [one.name for one in await house.passkeys.all(alice.id)] == ["Laptop"]


async def test_a_passkey_that_could_not_be_changed_is_not_said_to_be(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, device = await house.member(), Authenticator()
    await register(house, account, device)
    name = text(device.identifier)
    options = await house.passkeys.authentication_options()

    async def beaten(*_: object) -> bool:
        return False

    for write in ("swap", "replace"):
        monkeypatch.setattr(house.records, write, beaten)

    with pytest.raises(Busy):
        await house.passkeys.rename(account.id, name, "Phone")
    with pytest.raises(Busy):
        await house.passkeys.remove(account.id, name)
    with pytest.raises(Unauthenticated):
        await house.passkeys.authenticate(device.get(options))
    assert [one.name for one in await house.passkeys.all(account.id)] == ["Laptop"]


async def test_a_name_has_an_end(house: House) -> None:
    account = await house.member()

    with pytest.raises(Malformed, match="name"):
        await register(house, account, Authenticator(), "x" * 101)


async def test_the_number_of_passkeys_has_an_end(house: House) -> None:
    account = await house.member()
    for _ in range(MOST):
        await register(house, account, Authenticator())

    with pytest.raises(Conflict, match="remove one"):
        await register(house, account, Authenticator())


async def test_whoever_guesses_passwords_does_not_stop_a_passkey(house: House) -> None:
    account, device = await house.member(), Authenticator()
    await register(house, account, device)
    for _ in range(LIMITS["peer"].free + 5):
        with pytest.raises((Unauthenticated, Throttled)):
            await house.entrance.sign_in(EMAIL, "guessed it?", PEER)

    assert await house.passkeys.authenticate(device.get(await house.passkeys.authentication_options())) == account


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
LISTS = st.lists(PLAIN, max_size=3)
JSON = PLAIN | LISTS | st.dictionaries(st.text(max_size=8), PLAIN | LISTS, max_size=3)
PARTS = ("id", "rawId", "type", "response")
INNER = ("clientDataJSON", "authenticatorData", "attestationObject", "signature", "userHandle", "transports")


@settings(max_examples=80, deadline=None)
@given(part=st.sampled_from((*PARTS, *INNER)), value=JSON | st.binary(max_size=60).map(text))
def test_no_answer_is_a_fault_of_the_server(part: str, value: object) -> None:
    async def tried() -> None:
        house, device = House(), Authenticator()
        account = await house.member()
        made: Answer = device.create(await house.passkeys.registration_options(account))
        (made if part in PARTS else made["response"])[part] = value
        try:
            await house.passkeys.register(account, made, "")
        except Malformed:
            await register(house, account, device)
        answer: Answer = device.get(await house.passkeys.authentication_options())
        (answer if part in PARTS else answer["response"])[part] = value
        try:
            assert await house.passkeys.authenticate(answer) == account
        except Unauthenticated:
            assert (
                await house.passkeys.authenticate(device.get(await house.passkeys.authentication_options())) == account
            )

    asyncio.run(tried())


@pytest.mark.parametrize(
    "answer",
    ["", "{", "[]", "null", "1", "{}", '{"response": 1}', '{"response": {"clientDataJSON": 1}}', "[" * 100_000],
)
async def test_what_is_no_answer_lets_nobody_in(house: House, answer: str) -> None:
    with pytest.raises(Unauthenticated):
        await house.passkeys.authenticate(answer)
    with pytest.raises(Malformed):
        await house.passkeys.register(await house.member(), answer, "")
