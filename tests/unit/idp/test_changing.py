"""Changes of what an account is proved by: verification, reset, a new password, another address."""

import asyncio
from dataclasses import replace

import pytest

from pod.errors import Conflict, Forbidden, Malformed, NotFound, Throttled, Unauthenticated
from pod.idp.letters import HOUR as AN_HOUR
from pod.idp.letters import Letter
from pod.idp.throttle import LIMITS
from tests.smtp import MailServer, Taken
from tests.unit.idp.house import EMAIL, OTHER_PEER, PASSWORD, PEER, House

NEW = "a new password"
OTHER = "bob@mail.example"


async def letter(house: House, post: MailServer) -> Taken:
    """The mail that came last."""
    await house.mail.deliver()
    return post.taken[-1]


async def test_the_link_of_a_reset_sets_a_new_password() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.member()

        await house.entrance.forgot("Alice@mail.example", PEER)
        mail = await letter(house, post)
        account = await house.entrance.reset(mail.token, NEW)

        assert mail.link == f"https://pods.example/.account/reset/{mail.token}"
        assert account == await house.entrance.sign_in(EMAIL, NEW, PEER)
        with pytest.raises(Unauthenticated):
            await house.entrance.sign_in(EMAIL, PASSWORD, PEER)


async def test_a_reset_ends_all_sessions_and_all_waiting_and_tells_the_owner() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        account = await house.member()
        token, device = await house.sessions.start(account.id, "password", ""), await house.devices.remember(account.id)
        for number in range(LIMITS["address"].free + 1):
            with pytest.raises(Unauthenticated):
                await house.entrance.sign_in(EMAIL, "guessed it?", f"192.0.2.{number}")
        await house.entrance.forgot(EMAIL, PEER)

        await house.entrance.reset((await letter(house, post)).token, NEW)

        assert await house.sessions.find(token) is None
        assert not await house.devices.knows(account.id, device)
        await house.entrance.sign_in(EMAIL, NEW, OTHER_PEER)
        assert (await letter(house, post)).subject == "Your account at pods.example has a new password"


async def test_the_link_of_a_reset_works_once_and_for_an_hour() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.member()
        await house.entrance.forgot(EMAIL, PEER)
        token = (await letter(house, post)).token
        passwords = [f"password number {number}" for number in range(4)]

        found = await asyncio.gather(*(house.entrance.reset(token, one) for one in passwords), return_exceptions=True)

        assert sum(not isinstance(one, BaseException) for one in found) == 1
        await house.entrance.forgot(EMAIL, PEER)
        late = (await letter(house, post)).token
        house.clock.now += AN_HOUR
        with pytest.raises(NotFound):
            await house.entrance.reset(late, NEW)


async def test_whether_a_link_works_is_told_without_using_it_up() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        account = await house.member()
        await house.entrance.forgot(EMAIL, PEER)
        token = (await letter(house, post)).token

        assert [await house.entrance.works(token, page) for page in ("reset", "reset", "confirm")] == [
            True,
            True,
            False,
        ]
        assert not await house.entrance.works("made up", "reset")
        await house.entrance.set_password(account, NEW, None)
        assert not await house.entrance.works(token, "reset")


@pytest.mark.parametrize("kind", ["verify", "email"])
async def test_a_link_about_an_address_works_while_the_account_has_it(kind: str) -> None:
    house = House()
    account = await house.member()
    about = Letter(kind, EMAIL if kind == "verify" else OTHER, account.id, {"old": EMAIL})
    token = await house.letters.token(about)
    assert await house.entrance.works(token, "confirm")

    await house.accounts.change(account.id, lambda one: replace(one, email="third@mail.example"))
    assert not await house.entrance.works(token, "confirm")
    await house.accounts.remove(account.id)
    assert not await house.entrance.works(token, "confirm")


async def test_links_from_before_a_new_password_are_worth_nothing() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        account = await house.member()
        await house.entrance.forgot(EMAIL, PEER)
        token = (await letter(house, post)).token
        await house.entrance.set_password(account, NEW, None)

        with pytest.raises(NotFound):
            await house.entrance.reset(token, "set by somebody else")

        await house.entrance.sign_in(EMAIL, NEW, PEER)


async def test_a_password_that_cannot_be_used_does_not_use_up_the_link() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.member()
        await house.entrance.forgot(EMAIL, PEER)
        token = (await letter(house, post)).token

        with pytest.raises(Malformed):
            await house.entrance.reset(token, "short")

        await house.entrance.reset(token, NEW)


async def test_a_letter_does_only_what_it_is_for() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.member()
        await house.entrance.forgot(EMAIL, PEER)
        reset = (await letter(house, post)).token
        await house.apply(OTHER)
        join = (await letter(house, post)).token

        with pytest.raises(NotFound):
            await house.entrance.confirm(reset)
        with pytest.raises(NotFound):
            await house.entrance.reset(join, NEW)


async def test_a_stranger_who_forgot_learns_nothing_and_nobody_gets_mail() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.member()
        kept = []

        for email in (EMAIL, OTHER):
            before = len(await house.records.keys("mail"))
            await house.entrance.forgot(email, PEER)
            kept.append(len(await house.records.keys("mail")) - before)
        await house.mail.deliver()

        assert kept == [1, 1]
        assert [mail.receiver for mail in post.taken] == [EMAIL]
        assert await house.records.keys("mail") == []


async def test_no_other_mail_that_strangers_cause_keeps_away_the_letter_to_the_owner() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.member()
        for _ in range(LIMITS["mail"].free + 2):
            await house.apply()
        await house.mail.deliver()
        before = len(post.taken)

        await house.entrance.forgot(EMAIL, OTHER_PEER)
        await house.mail.deliver()

        assert len(post.taken) == before + 1
        assert "/.account/reset/" in post.taken[-1].text


async def test_one_place_cannot_ask_for_mail_without_end() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        for number in range(LIMITS["asking"].free + 1):
            await house.entrance.forgot(f"person{number}@mail.example", PEER)

        with pytest.raises(Throttled):
            await house.entrance.forgot(EMAIL, PEER)


async def test_without_mail_who_forgot_is_told_what_else_there_is() -> None:
    house = House()
    await house.member()

    for email in (EMAIL, OTHER):
        with pytest.raises(Forbidden, match="recovery code"):
            await house.entrance.forgot(email, PEER)


async def test_a_new_password_ends_the_other_sessions() -> None:
    house = House()
    account = await house.member()
    here, there = [await house.sessions.start(account.id, "password", "") for _ in range(2)]
    session = await house.sessions.find(here)
    assert session is not None

    await house.entrance.set_password(account, NEW, session.id)

    assert await house.sessions.find(here) == session
    assert await house.sessions.find(there) is None
    await house.entrance.sign_in(EMAIL, NEW, PEER)


async def test_a_new_password_must_be_usable() -> None:
    house = House()
    account = await house.member()

    with pytest.raises(Malformed):
        await house.entrance.set_password(account, EMAIL, None)

    await house.entrance.sign_in(EMAIL, PASSWORD, PEER)


async def test_another_address_is_confirmed_there_and_told_to_the_old_one() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        account = await house.member()

        assert await house.entrance.change_email(account, "Bob@mail.example") is None
        mail = await letter(house, post)
        assert mail.receiver == OTHER
        assert await house.account() == account
        confirmed = await house.entrance.confirm(mail.token)

        assert (confirmed.kind, confirmed.account.email, confirmed.account.verified) == ("email", OTHER, True)
        assert await house.accounts.by_email(OTHER) == confirmed.account
        assert await house.accounts.by_email(EMAIL) is None
        note = await letter(house, post)
        assert (note.receiver, note.subject) == (EMAIL, "Your account at pods.example has another address")
        assert OTHER in note.text


async def test_whose_address_somebody_else_wants_is_told_and_nobody_else() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        account = await house.member()
        await house.member(OTHER)

        assert await house.entrance.change_email(account, OTHER) is None

        mail = await letter(house, post)
        assert (mail.receiver, mail.subject) == (OTHER, "Your address at pods.example")
        assert await house.account() == account


async def test_an_address_that_got_an_account_meanwhile_stays_with_it() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.entrance.change_email(await house.member(), OTHER)
        token = (await letter(house, post)).token
        other = await house.member(OTHER)

        with pytest.raises(Conflict, match="already"):
            await house.entrance.confirm(token)

        assert await house.account(OTHER) == other


async def test_the_address_that_an_account_has_is_no_other_one() -> None:
    house = House()

    with pytest.raises(Malformed):
        await house.entrance.change_email(await house.member(), EMAIL.upper())


async def test_without_mail_the_address_changes_at_once_and_is_not_verified() -> None:
    house = House()
    account = await house.member()
    await house.member("taken@mail.example")

    changed = await house.entrance.change_email(account, OTHER)

    assert changed == await house.account(OTHER)
    assert changed is not None
    assert not changed.verified
    with pytest.raises(Conflict, match="already"):
        await house.entrance.change_email(changed, "taken@mail.example")


async def test_a_link_for_an_earlier_address_changes_nothing() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        account = await house.member()
        await house.entrance.change_email(account, OTHER)
        first = (await letter(house, post)).token
        await house.entrance.change_email(account, "third@mail.example")
        await house.entrance.confirm((await letter(house, post)).token)

        with pytest.raises(NotFound):
            await house.entrance.confirm(first)


async def test_a_link_that_verifies_is_for_the_address_that_it_was_sent_to() -> None:
    house = House("http://localhost/")
    account = await house.apply()
    assert account is not None
    (mail,) = await house.mail.shown()
    await house.accounts.change(account.id, lambda one: type(one)(one.id, OTHER))

    with pytest.raises(NotFound):
        await house.entrance.confirm(mail.text.split("/confirm/")[1].split()[0])


async def test_who_is_verified_is_not_asked_again() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.entrance.ask_to_verify(await house.member())

        await house.mail.deliver()

        assert post.taken == []
