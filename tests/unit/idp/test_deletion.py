"""How accounts end: closed at once, to be had back for a time, and then gone with all that belonged to them."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from pod.errors import Busy, Conflict, NotFound
from pod.idp.deletion import RECEIPT, SWEEPING
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.storage.ports import Records
from tests.unit.idp.house import BASE, DAY, EMAIL, HOUR, PASSWORD, PEER
from tests.unit.idp.leaving import APP, GRACE, LeavingHouse, leaving_house

ROOT = f"{BASE}alice/"
WEBID = f"{ROOT}profile/card#me"
FAMILIES = (
    *("account", "account-of", "webid", "session", "session-of", "device", "recovery", "client-of", "letter"),
    *(
        "consent",
        "consent-history",
        "agreed",
        "passkey",
        "passkey-of",
        "departure",
        "access-request",
        "access-request-to",
    ),
    *("notice", "notice-mailed", "actors"),
)
"""Families that hold something about one account."""


def over(kind: str, directory: Path) -> AbstractAsyncContextManager[LeavingHouse]:
    return leaving_house(directory / "data" if kind == "sqlite" else None)


both = pytest.mark.parametrize("kind", ["memory", "sqlite"])


async def about_accounts(records: Records) -> dict[str, int]:
    """How many records there are in each family about accounts."""
    counted = {family: len(await records.keys(family)) for family in FAMILIES}
    return {family: count for family, count in counted.items() if count}


@both
async def test_a_deleted_account_is_closed_at_once(kind: str, tmp_path: Path) -> None:
    async with over(kind, tmp_path) as house:
        account = await house.tenant()
        token = await house.sessions.start(account.id, "password", "this browser")
        here = await house.sessions.find(token)
        assert here is not None

        deleted = await house.deletion.delete(account.id, keep=here.id)

        assert deleted.deleting == house.clock() + GRACE * DAY
        assert (await house.view(f"{ROOT}profile/card")).target is None
        with pytest.raises(NotFound):
            await house.resources.read(Agent(WEBID), house.pods.root("alice"), None)
        assert [one.id for one in await house.sessions.all(account.id)] == [here.id]
        assert await house.provider.credentials_of(deleted) == []
        house.clock.now += HOUR
        assert (await house.deletion.delete(account.id)).deleting == deleted.deleting


@both
async def test_a_deletion_can_be_taken_back(kind: str, tmp_path: Path) -> None:
    async with over(kind, tmp_path) as house:
        account = await house.tenant()
        await house.deletion.delete(account.id)
        assert (await house.entrance.sign_in(EMAIL, PASSWORD, PEER)).id == account.id

        back = await house.deletion.undelete(account.id)

        assert back == account
        assert (await house.view(f"{ROOT}profile/card")).target is not None
        assert [one.client for one in await house.consents.all(WEBID)] == [APP]
        house.clock.now += 2 * GRACE * DAY
        assert await house.deletion.sweep() == 0
        assert await house.accounts.get(account.id) is not None


@both
async def test_nothing_happens_before_the_time_of_grace_is_over(kind: str, tmp_path: Path) -> None:
    async with over(kind, tmp_path) as house:
        account = await house.tenant()
        await house.deletion.delete(account.id)

        house.clock.now += GRACE * DAY - 1
        assert await house.deletion.sweep() == 0
        assert await house.accounts.get(account.id) is not None

        house.clock.now += 1
        assert await house.deletion.sweep() == 1
        assert await house.accounts.get(account.id) is None


@both
async def test_with_an_account_goes_all_that_belongs_to_it_and_nothing_else(kind: str, tmp_path: Path) -> None:
    async with over(kind, tmp_path) as house:
        await house.tenant("bob", "bob@mail.example")
        before = await about_accounts(house.records)
        account = await house.tenant()
        assert all(count > before.get(name, 0) for name, count in (await about_accounts(house.records)).items())

        await house.deletion.purge(account.id)

        assert await about_accounts(house.records) == before
        assert await house.accounts.by_email(EMAIL) is None
        assert await house.accounts.by_webid(WEBID) is None
        assert [pod.name for pod in await house.store.pods()] == ["bob"]
        assert await house.store.check() == []
        bob = await house.account("bob@mail.example")
        assert len(await house.provider.credentials_of(bob)) == 1
        assert len(await house.consents.all(bob.webids[0])) == 2


@both
async def test_the_receipt_tells_what_was_removed_and_not_whose_it_was(kind: str, tmp_path: Path) -> None:
    async with over(kind, tmp_path) as house:
        account = await house.tenant()
        await house.put(f"{ROOT}note", b"twelve bytes")
        usage = await house.store.usage(house.pods.root("alice"))

        receipt = await house.deletion.purge(account.id)

        assert (receipt.pods, receipt.resources, receipt.sessions, receipt.tokens) == (1, usage.resources, 1, 1)
        assert (receipt.apps, receipt.passkeys) == (2, 1)
        assert receipt.bytes == usage.bytes
        assert await house.deletion.receipt(receipt.id) == receipt
        kept = await house.records.get(RECEIPT, receipt.id)
        assert kept is not None
        assert not any(name.encode() in kept for name in ("alice", account.id, EMAIL))
        facts = json.loads(json.dumps(receipt.facts()))
        assert facts["server"] == BASE
        assert facts["removed"].endswith("Z")
        assert facts["remains"]
        assert await house.deletion.receipt("another") is None


async def test_the_receipt_is_mailed() -> None:
    async with leaving_house(None, "http://localhost:3000/") as house:
        account = await house.tenant()

        await house.deletion.delete(account.id)
        told = (await house.mail.shown())[0]
        receipt = await house.deletion.purge(account.id)
        (last,) = await house.mail.shown()

        assert told.to == last.to == EMAIL
        assert "will be removed for good" in told.text
        assert receipt.id in last.text
        assert f"{receipt.resources} resources" in last.text


@both
async def test_an_account_and_its_pod_cannot_be_had_back_once_their_removal_began(kind: str, tmp_path: Path) -> None:
    async with over(kind, tmp_path) as house:
        account = await house.tenant()
        await house.deletion.delete(account.id)
        await house.deletion._depart(account)

        with pytest.raises(Conflict, match="cannot be had back"):
            await house.deletion.undelete(account.id)

        # The sweep goes on with it, whatever day it is.
        assert await house.deletion.sweep() == 1
        with pytest.raises(NotFound):
            await house.deletion.undelete(account.id)
        with pytest.raises(NotFound):
            await house.deletion.purge(account.id)
        with pytest.raises(Conflict, match="There is a pod named alice already"):
            await house.tenant()


async def test_an_interrupted_removal_goes_on_and_counts_everything_once(tmp_path: Path) -> None:
    async with leaving_house(tmp_path / "data") as house:
        account = await house.tenant()
        for number in range(300):
            await house.put(f"{ROOT}n{number}", f"content {number}".encode())
        usage = await house.store.usage(house.pods.root("alice"))

        turns = 0
        while await house.accounts.get(account.id) is not None:
            turns += 1
            purging = asyncio.ensure_future(house.deletion.purge(account.id))
            for _ in range(turns):
                await asyncio.wait((purging,), timeout=0)
            purging.cancel()
            await asyncio.wait((purging,))
            assert await house.store.check() == []

        assert turns > 5
        (name,) = await house.records.keys(RECEIPT)
        receipt = await house.deletion.receipt(name)
        assert receipt is not None
        assert (receipt.resources, receipt.bytes) == (usage.resources, usage.bytes)
        assert await about_accounts(house.records) == {}


async def test_an_account_that_cannot_be_removed_today_keeps_no_other_and_is_removed_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with leaving_house(None) as house:
        for name in ("alice", "bob"):
            account = await house.tenant(name, f"{name}@mail.example")
            await house.deletion.delete(account.id)
        house.clock.now += GRACE * DAY
        purge = house.store.purge
        failed: list[Uri] = []

        async def failing(root: Uri) -> object:
            if not failed and "alice" in root:
                failed.append(root)
                raise Busy("The storage is busy; try again in a moment.")
            return await purge(root)

        monkeypatch.setattr(house.store, "purge", failing)

        assert await house.deletion.sweep() == 1
        assert failed
        assert [one.email for one in await house.accounts.all()] == ["alice@mail.example"]
        assert await house.deletion.sweep() == 1
        assert await about_accounts(house.records) == {}


async def test_one_worker_at_a_time_removes_and_one_that_died_is_waited_for_an_hour() -> None:
    async with leaving_house(None) as house:
        account = await house.tenant()
        await house.deletion.delete(account.id)
        house.clock.now += GRACE * DAY
        taken = SWEEPING.new
        assert taken is not None
        await house.records.put(SWEEPING.family, SWEEPING.key, taken, house.clock() + HOUR)

        assert await house.deletion.sweep() == 0
        house.clock.now += HOUR
        assert await house.deletion.sweep() == 1
        assert await house.records.keys(SWEEPING.family) == []


async def test_nothing_about_a_removed_account_is_left_in_any_file(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    async with leaving_house(directory) as house:
        await house.tenant("bob", "bob@mail.example")
        account = await house.tenant("carol", "marker-of-address@mail.example")
        await house.accounts.set_name(account.id, "Marker Of Name")
        await house.put(f"{BASE}carol/diary", b"marker of content")
        hashed = (await house.account(account.email)).password
        assert hashed is not None
        markers = (
            account.id,
            account.email,
            "Marker Of Name",
            "marker of content",
            "carol/diary",
            "carol/profile",
            hashed,
        )
        assert within_files(directory, *markers) == set(markers)

        await house.deletion.purge(account.id)

        assert within_files(directory, *markers) == set()
        assert within_files(directory, "bob@mail.example") == {"bob@mail.example"}


def within_files(directory: Path, *markers: str) -> set[str]:
    contents = [path.read_bytes() for path in directory.rglob("*") if path.is_file()]
    return {marker for marker in markers if any(marker.encode() in content for content in contents)}
