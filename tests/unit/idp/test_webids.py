"""The pods and WebIDs of an account."""

import asyncio
from dataclasses import replace

import pytest

from pod.errors import Busy, Conflict, Forbidden, Malformed, NotFound, Unreachable
from pod.idp.accounts import ACCOUNT, ACCOUNT_OF, MOST_WEBIDS, WEBID, Account
from pod.idp.webids import WebIds
from pod.model.change import Change, Commit
from pod.model.resource import Pod, Uri
from pod.pods import NewPod, Pods
from pod.rdf import formats
from pod.rdf.graph import iris, objects
from pod.rdf.vocab import ACL, SOLID
from pod.storage.memory import MemoryStore
from pod.storage.memory_rows import MemoryBlobs
from tests.unit.idp.house import BASE, DAY, House

ALICE = f"{BASE}alice/profile/card#me"
ELSEWHERE = "https://alice.example/card#me"
PROFILE = "https://alice.example/card"


@pytest.fixture
def house() -> House:
    return House()


async def content(house: House, uri: str) -> str:
    view = await house.store.view(Uri(uri))
    assert view.target is not None
    return (await house.blobs.read(view.target.blob)).decode()


async def publish(house: House, statement: str, media_type: str = "text/turtle") -> None:
    house.web[PROFILE] = (media_type, statement.encode())


async def linked(house: House, account: Account) -> Account:
    await publish(house, await house.webids.link(account, ELSEWHERE))
    return await house.webids.verify_link(account, ELSEWHERE)


async def test_a_pod_hosts_a_webid_of_its_account(house: House) -> None:
    account = await house.member()

    pod = await house.webids.create_pod(account, "alice")

    assert (pod.root, pod.owners, pod.account) == (f"{BASE}alice/", (ALICE,), account.id)
    assert (await house.account()).webids == (ALICE,)
    assert await house.accounts.by_webid(ALICE) == await house.account()
    assert await house.webids.pods(account.id) == [pod]


async def test_an_account_has_several_pods(house: House) -> None:
    account = await house.member()
    first = await house.webids.create_pod(account, "alice")
    account = await house.account()

    second = await house.webids.create_pod(account, "work")
    third = await house.webids.create_pod(account, "more", webid=ALICE)

    assert await house.webids.pods(account.id) == [first, third, second]
    assert third.owners == (ALICE,)
    assert (await house.account()).webids == (ALICE, f"{BASE}work/profile/card#me")


async def test_a_pod_is_owned_by_a_webid_of_its_account_and_no_other(house: House) -> None:
    account, bob = await house.member(), await house.member("bob@mail.example")
    await house.webids.create_pod(bob, "bob")

    for webid in (f"{BASE}bob/profile/card#me", ELSEWHERE):
        with pytest.raises(Forbidden):
            await house.webids.create_pod(account, "alice", webid=webid)

    assert await house.webids.pods(account.id) == []


async def test_a_name_is_taken_once(house: House) -> None:
    account, bob = await house.member(), await house.member("bob@mail.example")
    await house.webids.create_pod(bob, "alice")

    with pytest.raises(Conflict, match="choose another name"):
        await house.webids.create_pod(account, "alice")

    assert (await house.account()).webids == ()


async def test_of_those_who_want_one_name_at_once_one_gets_it(house: House) -> None:
    people = [await house.member(f"person{number}@mail.example") for number in range(4)]

    found = await asyncio.gather(*(house.webids.create_pod(one, "alice") for one in people), return_exceptions=True)

    (pod,) = (one for one in found if isinstance(one, Pod))
    owner = await house.accounts.by_webid(ALICE)
    assert owner is not None
    assert pod.account == owner.id
    assert [one.id for one in await house.accounts.all() if one.webids] == [owner.id]


async def test_who_asks_for_a_pod_several_times_at_once_gets_it_with_its_webid(house: House) -> None:
    account = await house.member()

    found = await asyncio.gather(*(house.webids.create_pod(account, "alice") for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(one, Pod) for one in found) == 1
    assert (await house.account()).webids == (ALICE,)


class Locked(MemoryStore):
    """A store whose database stays locked."""

    async def commit(self, change: Change) -> Commit:
        raise Busy(f"Try again with {len(change.writes)} resources.")


async def test_a_pod_that_cannot_be_made_leaves_the_account_as_it_was() -> None:
    house = House()
    blobs = MemoryBlobs()
    store = Locked(blobs)
    pods = Pods(store, blobs, BASE)
    webids = WebIds(house.accounts, pods, store, None, fetcher=None, contexts=None, base_url=BASE)  # type: ignore[arg-type]  # fetches nothing
    account = await house.member()

    with pytest.raises(Busy):
        await webids.create_pod(account, "alice")

    assert await house.account() == account
    assert await house.records.keys(WEBID) == []
    await house.webids.create_pod(account, "alice")


async def test_a_pod_whose_making_was_interrupted_can_be_made_by_its_account_and_nobody_else(house: House) -> None:
    account, bob = await house.member(), await house.member("bob@mail.example")
    await house.accounts.change(account.id, lambda one: type(one)(one.id, one.email, webids=(ALICE,)))

    with pytest.raises(Conflict):
        await house.webids.create_pod(bob, "alice")
    await house.webids.create_pod(await house.account(), "alice")

    assert (await house.account()).webids == (ALICE,)


async def test_a_further_webid_lives_in_a_pod_with_rights_to_its_profile_alone(house: House) -> None:
    account = await house.member()
    await house.webids.create_pod(account, "alice")

    webid = await house.webids.host(account, "alice", "work")

    assert webid == f"{BASE}alice/profile/work#me"
    assert (await house.account()).webids == (ALICE, webid)
    document = f"{BASE}alice/profile/work"
    graph = formats.parse((await content(house, document)).encode(), "text/turtle", Uri(document))
    assert list(iris(objects(graph, webid, SOLID.oidcIssuer))) == [BASE]
    policy = formats.parse((await content(house, f"{document}.acl")).encode(), "text/turtle", Uri(f"{document}.acl"))
    agents = {f"{one.object}".strip("<>") for one in policy if one.predicate.value == ACL.agent}
    assert agents == {ALICE, webid}
    assert webid not in await content(house, f"{BASE}alice/.acl")
    assert await house.store.check() == []


async def test_a_further_webid_may_be_hosted_where_no_profile_is(house: House) -> None:
    account = await house.member()
    account = await linked(house, account)
    await house.webids.create_pod(account, "alice", webid=ELSEWHERE)

    webid = await house.webids.host(account, "alice", "card")

    assert webid == ALICE
    assert (await house.account()).webids == (ELSEWHERE, ALICE)
    assert await house.store.check() == []


@pytest.mark.parametrize("name", ["card", "Work", "", "a/b", "work.acl", "../x", "#"])
async def test_a_further_webid_needs_a_name_that_is_free(house: House, name: str) -> None:
    account = await house.member()
    await house.webids.create_pod(account, "alice")

    with pytest.raises((Conflict, Malformed)):
        await house.webids.host(account, "alice", name)

    assert (await house.account()).webids == (ALICE,)


async def test_of_those_who_want_one_webid_at_once_one_gets_it(house: House) -> None:
    account = await house.member()
    await house.webids.create_pod(account, "alice")

    found = await asyncio.gather(
        *(house.webids.host(account, "alice", "work") for _ in range(3)), return_exceptions=True
    )

    assert sum(isinstance(one, str) for one in found) == 1
    assert sum(isinstance(one, Conflict) for one in found) == 2


async def test_nobody_hosts_a_webid_in_the_pod_of_another(house: House) -> None:
    account, bob = await house.member(), await house.member("bob@mail.example")
    await house.webids.create_pod(bob, "bob")

    for pod in ("bob", "nothing"):
        with pytest.raises(NotFound):
            await house.webids.host(account, pod, "work")


async def test_a_webid_elsewhere_is_linked_by_a_statement_in_its_profile(house: House) -> None:
    account = await house.member()

    statement = await house.webids.link(account, ELSEWHERE)
    assert statement.startswith(f'<{ELSEWHERE}> <{SOLID.oidcIssuerRegistrationToken}> "')
    assert await house.webids.link(account, ELSEWHERE) == statement
    await publish(house, statement)
    found = await house.webids.verify_link(account, ELSEWHERE)

    assert found.webids == (ELSEWHERE,)
    assert await house.accounts.by_webid(ELSEWHERE) == found
    with pytest.raises(Conflict):
        await house.webids.verify_link(account, ELSEWHERE)


async def test_the_statement_of_one_account_links_nothing_to_another(house: House) -> None:
    alice, mallory = await house.member(), await house.member("mallory@mail.example")
    await house.webids.link(mallory, ELSEWHERE)
    await publish(house, await house.webids.link(alice, ELSEWHERE))

    with pytest.raises(Conflict, match="does not have the statement"):
        await house.webids.verify_link(mallory, ELSEWHERE)


@pytest.mark.parametrize(
    "profile",
    [
        "",
        f'<{ELSEWHERE}> <{SOLID.oidcIssuerRegistrationToken}> "made up".',
        f'<{PROFILE}#other> <{SOLID.oidcIssuerRegistrationToken}> "TOKEN".',
        f'<{ELSEWHERE}> <{SOLID.oidcIssuer}> "TOKEN".',
        f"<{ELSEWHERE}> <{SOLID.oidcIssuerRegistrationToken}> <TOKEN>.",
    ],
)
async def test_a_profile_that_does_not_say_it_is_not_linked(house: House, profile: str) -> None:
    account = await house.member()
    token = (await house.webids.link(account, ELSEWHERE)).split('"')[1]
    await publish(house, profile.replace("TOKEN", token))

    with pytest.raises(Conflict):
        await house.webids.verify_link(account, ELSEWHERE)

    assert (await house.account()).webids == ()


async def test_a_profile_that_cannot_be_read_is_not_linked(house: House) -> None:
    account = await house.member()
    statement = await house.webids.link(account, ELSEWHERE)
    await publish(house, statement, "text/html")
    with pytest.raises(Malformed):
        await house.webids.verify_link(account, ELSEWHERE)
    await publish(house, "<> a")
    with pytest.raises(Malformed):
        await house.webids.verify_link(account, ELSEWHERE)

    await house.webids.link(account, "https://127.0.0.1/card#me")
    with pytest.raises(Unreachable):
        await house.webids.verify_link(account, "https://127.0.0.1/card#me")


async def test_a_statement_is_good_for_a_day(house: House) -> None:
    account = await house.member()
    first = await house.webids.link(account, ELSEWHERE)
    await publish(house, first)

    house.clock.now += 2 * DAY

    with pytest.raises(Conflict, match="does not have the statement"):
        await house.webids.verify_link(account, ELSEWHERE)
    assert await house.webids.link(account, ELSEWHERE) != first

    house.clock.now -= DAY
    assert ELSEWHERE in (await house.webids.verify_link(account, ELSEWHERE)).webids


async def test_to_look_at_a_statement_writes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await house.member()
    first = await house.webids.link(account, ELSEWHERE)
    for write in ("put", "replace", "swap"):
        monkeypatch.setattr(house.records, write, None)

    other = await house.webids.link(account, "https://other.example/#me")

    assert other.split('"')[1] != first.split('"')[1]


@pytest.mark.parametrize("webid", ["", "alice", "ftp://a.example/", "javascript:x", f"{BASE}bob/profile/card#me",
                                   "https://a.example/>", "https://a.example/" + "x" * 2048])  # fmt: skip
async def test_what_is_no_webid_of_elsewhere_is_not_linked(house: House, webid: str) -> None:
    with pytest.raises(Malformed):
        await house.webids.link(await house.member(), webid)


async def test_a_webid_belongs_to_one_account(house: House) -> None:
    alice, bob = await house.member(), await house.member("bob@mail.example")
    bobs = await house.webids.link(bob, ELSEWHERE)
    await linked(house, alice)
    await publish(house, bobs)

    with pytest.raises(Conflict, match="belongs to an account already"):
        await house.webids.verify_link(bob, ELSEWHERE)
    with pytest.raises(Conflict):
        await house.webids.link(bob, ELSEWHERE)

    owner = await house.accounts.by_webid(ELSEWHERE)
    assert owner is not None
    assert owner.id == alice.id


async def test_a_link_is_undone(house: House) -> None:
    account = await linked(house, await house.member())

    assert (await house.webids.unlink(account, ELSEWHERE)).webids == ()

    assert await house.accounts.by_webid(ELSEWHERE) is None
    with pytest.raises(NotFound):
        await house.webids.unlink(await house.account(), ELSEWHERE)


async def test_a_webid_that_something_depends_on_is_not_unlinked(house: House) -> None:
    account = await linked(house, await house.member())
    await house.webids.create_pod(account, "alice")
    await house.webids.create_pod(account, "work", webid=ELSEWHERE)
    account = await house.account()

    with pytest.raises(Conflict, match="stays with the pod"):
        await house.webids.unlink(account, ALICE)
    with pytest.raises(Conflict, match="owns the pod work"):
        await house.webids.unlink(account, ELSEWHERE)

    assert await house.account() == account


async def test_the_default_webid_is_chosen(house: House) -> None:
    account = await linked(house, await house.member())
    await house.webids.create_pod(account, "alice")
    account = await house.account()
    assert account.webids == (ELSEWHERE, ALICE)

    assert (await house.webids.set_default(account, ALICE)).webids == (ALICE, ELSEWHERE)

    with pytest.raises(NotFound):
        await house.webids.set_default(account, "https://bob.example/#me")
    unlinked = await house.webids.unlink(await house.account(), ELSEWHERE)
    assert (await house.webids.set_default(account, ELSEWHERE)).webids == unlinked.webids == (ALICE,)


async def test_the_number_of_webids_has_an_end(house: House) -> None:
    account = await house.member()
    webids = tuple(f"https://alice.example/{number}#me" for number in range(MOST_WEBIDS))
    await house.accounts.change(account.id, lambda one: type(one)(one.id, one.email, webids=webids))

    with pytest.raises(Conflict, match="more than"):
        await house.webids.create_pod(await house.account(), "alice")

    assert await house.store.log() == []


async def test_an_account_that_is_gone_gets_no_pod(house: House) -> None:
    account = await house.member()
    await house.accounts.remove(account.id)

    with pytest.raises(NotFound):
        await house.webids.make(NewPod("alice", account.id))

    assert await house.store.log() == []
    for family in (ACCOUNT, ACCOUNT_OF, WEBID):
        assert await house.records.keys(family) == []


async def test_who_is_about_to_leave_makes_no_pods(house: House) -> None:
    account = await house.member()
    leaving = await house.accounts.change(account.id, lambda one: replace(one, deleting=house.clock.now + DAY))

    with pytest.raises(Forbidden, match="about to be deleted"):
        await house.webids.create_pod(leaving, "alice")

    assert await house.store.pods() == []
