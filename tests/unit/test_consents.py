"""What people let apps do: kept, asked, told."""

import pytest

from pod.consents import MINUTE, REMEMBERED, Consents
from pod.model.access import Mode
from pod.model.agent import ANYONE, Agent
from pod.model.consent import Consent, Grant, Occurrence, Turn
from pod.model.resource import Uri
from pod.storage.memory import MemoryRecords
from pod.storage.ports import Swap

BASE = "https://pods.example/"
WEBID = f"{BASE}alice/profile/card#me"
APP, OTHER = "https://app.example/id", "https://other.example/id"
READ = Grant(Uri(f"{BASE}alice/notes/"), frozenset({Mode.READ}))
WRITE = Grant(Uri(f"{BASE}alice/notes/"), frozenset({Mode.READ, Mode.WRITE}))


class Desk:
    """Consents at a time that the test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000
        self.records = MemoryRecords(lambda: self.now)
        self.consents = self.worker()

    def worker(self) -> Consents:
        return Consents(self.records, BASE, lambda: self.now)

    async def give(self, *grants: Grant, client: str = APP) -> Consent:
        self.now += 1
        consent = Consent(WEBID, client, grants, self.now)
        await self.consents.give(consent)
        return consent


def by(client: str | None = APP, issuer: str = BASE) -> Agent:
    return Agent(WEBID, client, issuer)


async def test_only_tokens_of_this_server_are_limited() -> None:
    desk = Desk()
    await desk.give(READ)

    for agent in (ANYONE, by(None), by(issuer="https://login.example/"), Agent(None, APP, BASE)):
        assert await desk.consents.of(agent) is None


async def test_a_token_without_consent_may_nothing() -> None:
    assert await Desk().consents.of(by()) == Consent(WEBID, APP, (), 0)


async def test_what_is_given_changed_and_revoked_holds_at_once_on_every_worker() -> None:
    desk = Desk()
    other = desk.worker()

    given = await desk.give(READ)
    assert await other.of(by()) == await other.get(WEBID, APP) == given
    changed = await desk.give(WRITE)
    assert await other.of(by()) == changed
    assert await desk.consents.revoke(WEBID, APP) == changed
    assert await other.of(by()) == Consent(WEBID, APP, (), 0)
    assert await other.get(WEBID, APP) is None
    assert await desk.consents.revoke(WEBID, APP) is None


async def test_grants_that_have_ended_are_absent() -> None:
    desk = Desk()
    ends = Grant(WRITE.target, WRITE.modes, desk.now + 100)
    given = await desk.give(READ, ends)

    desk.now = (ends.until or 0) - 1
    assert await desk.consents.of(by()) == given
    desk.now += 1
    left = Consent(WEBID, APP, (READ,), given.given)
    assert await desk.consents.of(by()) == await desk.consents.get(WEBID, APP) == left
    assert await desk.consents.all(WEBID) == [left]


async def test_all_consents_of_a_person_are_listed_and_of_nobody_else() -> None:
    desk = Desk()
    second, first = await desk.give(READ, client=OTHER), await desk.give(WRITE)
    await desk.consents.give(Consent(f"{WEBID}2", APP, (READ,), 0))

    assert await desk.consents.all(WEBID) == [first, second]


async def test_the_history_tells_what_became_of_them_the_latest_first() -> None:
    desk = Desk()
    await desk.give(READ)
    await desk.give(WRITE)
    desk.now += 1
    await desk.consents.revoke(WEBID, APP)

    assert await desk.consents.history(WEBID) == [
        Occurrence(Turn.REVOKED, APP, (), desk.now),
        Occurrence(Turn.CHANGED, APP, (WRITE,), desk.now - 1),
        Occurrence(Turn.GIVEN, APP, (READ,), desk.now - 2),
    ]
    desk.now += REMEMBERED
    assert await desk.consents.history(WEBID) == []


async def test_when_an_app_was_used_is_kept_to_the_minute() -> None:
    desk = Desk()
    await desk.give(READ)
    await desk.consents.of(by())
    used = desk.now
    await desk.consents.flush()
    assert await desk.worker().last_used(WEBID) == {APP: used}

    desk.now += 1
    await desk.consents.of(by())
    await desk.consents.flush()
    assert await desk.worker().last_used(WEBID) == {APP: used}

    desk.now += MINUTE
    await desk.consents.of(by())
    await desk.consents.flush()
    await desk.consents.flush()
    assert await desk.consents.last_used(WEBID) == {APP: desk.now}


async def test_an_app_that_was_used_just_now_is_told_of_as_used() -> None:
    desk = Desk()
    await desk.give(READ)
    await desk.give(READ, client=OTHER)
    await desk.consents.give(Consent(f"{WEBID}2", APP, (READ,), 0))
    await desk.consents.of(by())
    await desk.consents.of(Agent(f"{WEBID}2", APP, BASE))

    assert await desk.consents.last_used(WEBID) == {APP: desk.now}

    await desk.consents.flush()
    desk.now += 5
    await desk.consents.of(by())
    assert await desk.consents.last_used(WEBID) == {APP: desk.now}


async def test_what_is_revoked_leaves_no_use_behind() -> None:
    desk = Desk()
    await desk.give(READ)
    await desk.consents.of(by())
    await desk.consents.flush()
    desk.now += 2 * MINUTE
    await desk.consents.of(by())
    await desk.worker().revoke(WEBID, APP)

    await desk.consents.flush()

    assert await desk.consents.last_used(WEBID) == {}


async def test_who_leaves_is_forgotten() -> None:
    desk = Desk()
    await desk.give(READ)
    await desk.consents.of(by())
    await desk.consents.flush()
    desk.now += 1
    await desk.consents.of(by())

    await desk.consents.forget(WEBID)

    assert await desk.consents.all(WEBID) == []
    assert await desk.consents.history(WEBID) == []
    assert await desk.consents.last_used(WEBID) == {}


async def test_of_two_who_change_a_consent_at_once_the_later_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    await desk.give(READ)
    swap = desk.records.swap
    raced: list[bool] = []

    async def late(*swaps: Swap) -> bool:
        if not raced:
            raced.append(True)
            desk.now += 1
            await desk.worker().give(Consent(WEBID, APP, (READ,), desk.now))
        desk.now += 1
        return await swap(*swaps)

    monkeypatch.setattr(desk.records, "swap", late)
    changed = await desk.give(WRITE)

    assert await desk.consents.get(WEBID, APP) == changed
    assert [one.turn for one in await desk.consents.history(WEBID)] == [Turn.CHANGED, Turn.CHANGED, Turn.GIVEN]
