"""Who a pod belongs to, and what is left when it cannot be made."""

import asyncio

import pytest

from pod.errors import Busy, Conflict
from pod.idp.accounts import ACCOUNT_OF, WEBID
from pod.idp.provision import Created, Request
from pod.model.change import Change, Commit
from pod.storage.memory import MemoryStore
from tests.unit.place import CHEAP, EMAIL, NOW, Place
from tests.unit.place import WEBID as ALICE


@pytest.fixture
def place() -> Place:
    return Place()


async def test_a_name_is_taken_once(place: Place) -> None:
    await place.create()
    before = await place.store.log()

    with pytest.raises(Conflict, match="alice"):
        await place.create(email="other@pods.example")

    assert await place.store.log() == before
    assert [one["email"] for one in await place.account_records()] == [EMAIL]
    assert await place.records.keys(ACCOUNT_OF) == [EMAIL]


async def test_of_those_who_want_one_name_at_once_one_gets_it_and_the_others_leave_nothing(place: Place) -> None:
    emails = [f"{number}@pods.example" for number in range(3)]

    # Every one of them has looked whether the name is free before the first password is hashed.
    found = await asyncio.gather(
        *(place.create(email=email, password="correct horse") for email in emails), return_exceptions=True
    )

    made = [one for one in found if isinstance(one, Created)]
    assert len(made) == 1
    assert sum(isinstance(one, Conflict) for one in found) == 2
    assert [one["id"] for one in await place.account_records()] == [made[0].account]
    assert len(await place.records.keys(ACCOUNT_OF)) == 1
    assert len({entry.commit for entry in await place.store.log()}) == 1


class Locked(MemoryStore):
    """A store whose database stays locked."""

    async def commit(self, change: Change) -> Commit:
        raise Busy(f"Try again with {len(change.writes)} resources.")


async def test_a_pod_that_cannot_be_made_leaves_nothing(place: Place) -> None:
    locked = place.over(Locked(place.blobs))

    with pytest.raises(Busy):
        await locked.create(Request("alice", EMAIL))

    assert await place.account_records() == []
    assert await place.records.keys(ACCOUNT_OF) == []
    await place.create()


async def test_a_pod_that_cannot_be_made_leaves_the_account_that_was_there(place: Place) -> None:
    await place.create()
    locked = place.over(Locked(place.blobs))

    with pytest.raises(Busy):
        await locked.create(Request("second", EMAIL))

    assert [one["email"] for one in await place.account_records()] == [EMAIL]


async def test_one_account_may_have_several_pods(place: Place) -> None:
    first = await place.create()
    second = await place.create("second", email="Alice@Pods.Example")

    assert first.account == second.account
    assert len(await place.account_records()) == 1
    assert {pod.account for pod in await place.store.pods()} == {first.account}


async def test_those_who_make_one_account_at_once_share_it(place: Place) -> None:
    # Every one of them has looked for the account before the first password is hashed.
    found = await asyncio.gather(*(place.create(name, password="correct horse") for name in ("a", "b", "c")))

    assert len({one.account for one in found}) == 1
    assert [one["id"] for one in await place.account_records()] == [found[0].account]


async def test_only_a_hash_of_the_password_is_kept(place: Place) -> None:
    password = "correct horse"
    created = await place.create(password=password)

    (account,) = await place.account_records()
    assert (account["id"], account["email"], account["created"]) == (created.account, EMAIL, NOW)
    kept = str(account["password"])
    assert kept.startswith("$argon2id$")
    assert password not in kept
    assert CHEAP.verify(kept, password)


async def test_an_account_needs_no_password(place: Place) -> None:
    await place.create()

    (account,) = await place.account_records()
    assert account["password"] is None


async def test_a_password_is_not_changed_in_passing(place: Place) -> None:
    await place.create(password="correct horse")
    (before,) = await place.account_records()

    with pytest.raises(Conflict, match="leave the password out"):
        await place.create("second", password="battery staple")
    await place.create("third", password="correct horse")
    await place.create("fourth")

    (after,) = await place.account_records()
    assert after["password"] == before["password"]


async def test_a_password_is_not_given_in_passing(place: Place) -> None:
    await place.create()

    with pytest.raises(Conflict, match="without a password"):
        await place.create("second", password="correct horse")


async def test_an_account_has_the_webid_of_its_pod(place: Place) -> None:
    created = await place.create()

    found = await place.accounts.by_webid(created.webid)
    assert found is not None
    assert (found.id, found.webids) == (created.account, (ALICE,))


async def test_a_webid_kept_elsewhere_that_nobody_proved_is_not_the_accounts(place: Place) -> None:
    await place.create(webid="https://bob.example/#me")

    assert await place.records.keys(WEBID) == []


async def test_a_pod_that_cannot_be_made_leaves_no_webid(place: Place) -> None:
    await place.create()

    with pytest.raises(Busy):
        await place.over(Locked(place.blobs)).create(Request("second", EMAIL))

    assert await place.records.keys(WEBID) == [ALICE]
