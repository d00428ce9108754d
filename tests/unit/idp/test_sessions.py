"""Sessions: in which browsers somebody is signed in, and how that ends."""

import asyncio
from dataclasses import replace

import pytest

from pod.errors import Busy
from pod.idp.sessions import SESSION, SESSION_OF, Session
from tests.unit.idp.house import DAY, MINUTE, NOON, House

ALICE, BOB = "account-of-alice", "account-of-bob"


@pytest.fixture
def house() -> House:
    return House()


async def found(house: House, token: str) -> Session:
    session = await house.sessions.find(token)
    assert session is not None
    return session


async def test_who_signed_in_is_found_by_the_token(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "Firefox on Linux")

    session = await found(house, token)

    assert (session.account, session.how, session.label) == (ALICE, "password", "Firefox on Linux")
    assert session.started == session.authenticated == session.seen == NOON


@pytest.mark.parametrize("token", ["", "made-up", "x" * 100_000, "\udcff".encode("utf-8", "replace").decode()])
async def test_nobody_is_found_by_any_other_token(house: House, token: str) -> None:
    await house.sessions.start(ALICE, "password", "")

    assert await house.sessions.find(token) is None


async def test_each_sign_in_has_a_token_of_256_bits_that_nobody_knew_before(house: House) -> None:
    tokens = {await house.sessions.start(ALICE, "password", "") for _ in range(20)}

    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)
    assert len({(await found(house, token)).csrf for token in tokens}) == 20


async def test_neither_the_token_nor_what_forms_must_send_is_kept(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "")
    csrf = (await found(house, token)).csrf

    for family in (SESSION, SESSION_OF):
        for key in await house.records.keys(family):
            kept = f"{key} {(await house.records.get(family, key) or b'').decode()}"
            assert token not in kept
            assert csrf not in kept
            assert '"csrf"' not in kept


async def test_a_session_ends_when_it_is_not_used_for_its_time(house: House) -> None:
    used, unused = [await house.sessions.start(ALICE, "password", "") for _ in range(2)]
    house.clock.now += 20 * DAY
    await found(house, used)

    house.clock.now += 10 * DAY

    assert await house.sessions.find(unused) is None
    assert (await found(house, used)).seen == house.clock()
    assert len(await house.sessions.all(ALICE)) == 1


async def test_that_a_session_is_used_is_written_each_ten_minutes_at_most(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "")
    seen = []

    for _ in range(5):
        house.clock.now += 4 * MINUTE
        await found(house, token)
        seen.append((await house.sessions.all(ALICE))[0].seen - NOON)

    assert seen == [0, 0, 12 * MINUTE, 12 * MINUTE, 12 * MINUTE]


async def test_that_a_session_is_open_can_be_asked_without_keeping_it_so(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "")
    session = await found(house, token)

    house.clock.now += 3600 * 1_000_000
    assert await house.sessions.is_open(token)

    assert (await house.sessions.all(ALICE))[0].seen == NOON
    await house.sessions.end(ALICE, session.id)
    assert not await house.sessions.is_open(token)


async def test_who_proves_again_who_they_are_gets_a_new_token_for_the_same_session(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "Firefox on Linux")
    before = await found(house, token)
    house.clock.now += MINUTE

    newer = await house.sessions.renew(token, "passkey")

    assert newer is not None
    assert await house.sessions.find(token) is None
    after = await found(house, newer)
    assert after == replace(before, authenticated=house.clock(), seen=house.clock(), how="passkey", csrf=after.csrf)
    assert after.csrf != before.csrf
    assert [one.id for one in await house.sessions.all(ALICE)] == [before.id]
    await house.sessions.end(ALICE, before.id)
    assert await house.sessions.find(newer) is None


async def test_of_those_who_renew_at_once_one_gets_a_token(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "")

    renewed = await asyncio.gather(*(house.sessions.renew(token, "password") for _ in range(4)))

    assert sum(one is not None for one in renewed) == 1


async def test_a_session_that_ended_is_not_renewed(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "")
    await house.sessions.end(ALICE, (await found(house, token)).id)

    assert await house.sessions.renew(token, "password") is None
    assert await house.sessions.find(token) is None


async def test_a_session_that_ends_while_it_is_seen_stays_ended(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "")
    session = await found(house, token)
    house.clock.now += 11 * MINUTE

    await asyncio.gather(house.sessions.find(token), house.sessions.end(ALICE, session.id), house.sessions.find(token))

    assert await house.sessions.find(token) is None
    assert await house.sessions.all(ALICE) == []


async def test_sessions_are_listed_with_the_one_seen_last_first(house: House) -> None:
    first = await house.sessions.start(ALICE, "password", "Firefox on Linux")
    await house.sessions.start(BOB, "password", "Safari on macOS")
    house.clock.now += 11 * MINUTE
    await house.sessions.start(ALICE, "passkey", "Chrome on Android")
    house.clock.now += 11 * MINUTE
    await found(house, first)

    listed = await house.sessions.all(ALICE)

    assert [(one.label, one.csrf) for one in listed] == [("Firefox on Linux", ""), ("Chrome on Android", "")]


async def test_nobody_ends_the_session_of_another(house: House) -> None:
    token = await house.sessions.start(ALICE, "password", "")

    await house.sessions.end(BOB, (await found(house, token)).id)

    await found(house, token)


async def test_everywhere_means_everywhere_but_here(house: House) -> None:
    here, there, bobs = [await house.sessions.start(one, "password", "") for one in (ALICE, ALICE, BOB)]
    session = await found(house, here)

    await house.sessions.end_all(ALICE, keep=session.id)
    assert await house.sessions.find(there) is None
    await found(house, here)
    await house.sessions.end_all(ALICE)

    assert await house.sessions.find(here) is None
    await found(house, bobs)
    assert len(await house.records.keys(SESSION)) == len(await house.records.keys(SESSION_OF)) == 1


async def test_a_session_that_could_not_be_ended_is_not_said_to_be(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await house.sessions.start(ALICE, "password", "")
    session = await found(house, token)

    async def beaten(*_: object) -> bool:
        return False

    monkeypatch.setattr(house.records, "swap", beaten)

    with pytest.raises(Busy):
        await house.sessions.end(ALICE, session.id)
    assert await house.sessions.renew(token, "password") is None
