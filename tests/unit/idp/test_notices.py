"""Notices: kept once for whomever something concerns, and told by one mail a day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from pod.errors import Busy
from pod.idp.accounts import Account
from pod.idp.mail import LANGUAGES
from pod.idp.notices import KEPT, MOST, NOTICE, Notices
from pod.model.resource import Uri
from pod.model.unsubscribed import Unsubscribed
from pod.storage.memory import MemoryRecords
from pod.storage.ports import Swap
from tests.smtp import MailServer
from tests.unit.idp.house import BASE, DAY, House

OTHER = "bob@mail.example"


class Told(House):
    """A house with two people, of whom the one has a pod."""

    alice: Account
    bob: Account

    async def opened(self) -> None:
        await self.webids.create_pod(await self.member(), "alice")
        await self.webids.create_pod(await self.member(OTHER), "bob")
        self.alice, self.bob = await self.account(), await self.account(OTHER)
        self.notices = Notices(self.records, self.accounts, self.store, self.mail)

    def ended(self, agent: str, number: int = 0) -> Unsubscribed:
        """A subscription to something of Alice's that could not be delivered to for a day."""
        root, now = self.pods.root("alice"), self.clock()
        topic = Uri(f"{root}photo")
        return Unsubscribed(f"s{number}", agent, None, topic, root, "hook.example", now - DAY, now)


@asynccontextmanager
async def told() -> AsyncIterator[tuple[Told, MailServer]]:
    async with MailServer() as post:
        house = Told(mail=post)
        await house.opened()
        post.taken.clear()
        yield house, post


async def test_the_owner_of_the_pod_and_who_subscribed_are_told() -> None:
    async with told() as (house, post):
        about = house.ended(house.bob.webids[0])

        await house.notices.unsubscribed(about)
        await house.mail.deliver()

        (to_alice,), (to_bob,) = await house.notices.of(house.alice.id), await house.notices.of(house.bob.id)
        assert (to_alice.about, to_alice.mine) == (about, False)
        assert (to_bob.about, to_bob.mine) == (about, True)
        letters = {one.receiver: one for one in post.taken}
        assert set(letters) == {house.alice.email, house.bob.email}
        assert "hook.example" in letters[OTHER].subject
        assert "2027-01-14" in letters[OTHER].text
        assert letters[OTHER].link == f"{BASE}.account/notices"
        # A stranger has chosen the name of the host.
        assert "hook.example" not in letters[house.alice.email].text + letters[house.alice.email].subject
        assert letters[house.alice.email].link == f"{BASE}.account/notices"


async def test_an_owner_who_subscribed_is_told_once() -> None:
    async with told() as (house, post):
        await house.notices.unsubscribed(house.ended(house.alice.webids[0]))
        await house.mail.deliver()

        (notice,) = await house.notices.of(house.alice.id)
        assert notice.mine
        assert len(post.taken) == 1


async def test_who_knows_already_is_not_told_again() -> None:
    async with told() as (house, post):
        about = house.ended("https://elsewhere.example/#me")
        await house.notices.unsubscribed(about)
        house.clock.now += 2 * DAY

        await house.notices.unsubscribed(about)
        await house.mail.deliver()

        assert len(await house.notices.of(house.alice.id)) == 1
        assert len(post.taken) == 1


async def test_one_mail_a_day_leads_to_the_page_that_has_all() -> None:
    async with told() as (house, post):
        for number in range(3):
            await house.notices.unsubscribed(house.ended("https://elsewhere.example/#me", number))
        await house.mail.deliver()
        assert len(post.taken) == 1
        assert [one.about.subscription for one in await house.notices.of(house.alice.id)] == ["s2", "s1", "s0"]

        house.clock.now += DAY + 1
        await house.notices.unsubscribed(house.ended("https://elsewhere.example/#me", 3))
        await house.mail.deliver()

        assert len(post.taken) == 2


async def test_without_a_mail_server_the_page_has_it_all_the_same() -> None:
    house = Told("https://pods.example/")
    await house.opened()
    assert not house.mail.works

    await house.notices.unsubscribed(house.ended(house.bob.webids[0]))

    assert len(await house.notices.of(house.alice.id)) == len(await house.notices.of(house.bob.id)) == 1


async def test_where_mail_is_shown_it_is_shown() -> None:
    house = Told("http://localhost:3000/")
    await house.opened()
    before = len(await house.mail.shown())

    await house.notices.unsubscribed(house.ended(house.alice.webids[0]))

    assert len(await house.mail.shown()) == before + 1


async def test_who_goes_is_told_nothing() -> None:
    async with told() as (house, _):
        await house.accounts.change(house.alice.id, lambda one: replace(one, deleting=house.clock() + DAY))

        await house.notices.unsubscribed(house.ended("https://elsewhere.example/#me"))

        assert await house.notices.of(house.alice.id) == []


async def test_the_oldest_notices_make_room_and_old_ones_end() -> None:
    async with told() as (house, _):
        for number in range(MOST + 2):
            house.clock.now += 1
            await house.notices.unsubscribed(house.ended("https://elsewhere.example/#me", number))
        found = await house.notices.of(house.alice.id)
        assert (len(found), found[-1].about.subscription) == (MOST, "s2")

        house.clock.now += KEPT
        assert await house.notices.of(house.alice.id) == []


async def test_what_was_noted_is_gone() -> None:
    async with told() as (house, _):
        await house.notices.unsubscribed(house.ended(house.bob.webids[0]))
        (notice,) = await house.notices.of(house.alice.id)

        await house.notices.remove(house.alice.id, notice.id)
        await house.notices.remove(house.alice.id, notice.id)

        assert await house.notices.of(house.alice.id) == []
        assert len(await house.notices.of(house.bob.id)) == 1


class _Moving(MemoryRecords):
    """Records of which some are changed by somebody else at each swap."""

    async def swap(self, *swaps: Swap) -> bool:
        return not any(one.family == NOTICE for one in swaps) and await super().swap(*swaps)


async def test_what_cannot_be_kept_is_said_so_that_it_is_tried_again() -> None:
    async with told() as (house, post):
        about = house.ended(house.alice.webids[0])
        moving = _Moving(house.clock)
        moving._values = house.records._values  # type: ignore[attr-defined]  # both over the same memory
        notices = Notices(moving, house.accounts, house.store, house.mail)
        house.mail._records = moving

        with pytest.raises(Busy):
            await notices.unsubscribed(about)

        house.mail._records = house.records
        await house.mail.deliver()
        assert post.taken == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_mail_is_in_the_language_of_its_reader(language: str) -> None:
    async with told() as (house, post):
        for account in (house.alice, house.bob):
            await house.accounts.set_language(account.id, language)

        await house.notices.unsubscribed(house.ended(house.bob.webids[0]))
        await house.mail.deliver()

        greetings = {"en": "Hello,", "de": "Guten Tag,", "fr": "Bonjour,"}
        assert [one.text.splitlines()[0] for one in post.taken] == [greetings[language]] * 2
