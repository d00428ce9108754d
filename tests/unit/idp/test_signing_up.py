"""Sign-up, with and without mail, and what strangers learn by it."""

import asyncio

import pytest

from pod.errors import Conflict, Forbidden, Malformed, NotFound, Throttled
from pod.idp.accounts import Account
from pod.idp.entrance import Applicant
from pod.idp.throttle import LIMITS
from tests.smtp import MailServer
from tests.unit.idp.house import DAY, EMAIL, PASSWORD, PEER, House

OTHER = "bob@mail.example"


async def test_without_mail_an_account_is_there_at_once_and_its_address_is_not_verified() -> None:
    house = House()

    account = await house.apply(name="  Alice \n Example\u202e\x00 ", language="de")

    assert account == await house.account()
    assert account is not None
    assert (account.verified, account.name, account.language) == (False, "Alice Example", "de")
    assert await house.entrance.sign_in(EMAIL, PASSWORD, PEER) == account


async def test_without_mail_an_address_has_one_account() -> None:
    house = House()
    await house.member()

    with pytest.raises(Conflict, match="already"):
        await house.apply("ALICE@mail.example", "another password")

    await house.entrance.sign_in(EMAIL, PASSWORD, PEER)
    assert len(await house.accounts.all()) == 1


async def test_in_development_mail_is_shown_and_confirms_the_address() -> None:
    house = House("http://localhost:3000/")

    account = await house.apply()
    (mail,) = await house.mail.shown()
    token = mail.text.split(".account/confirm/")[1].split()[0]
    confirmed = await house.entrance.confirm(token)

    assert account is not None
    assert not account.verified
    assert (confirmed.kind, confirmed.account.verified) == ("verify", True)
    assert mail.to == EMAIL
    assert mail.subject == "Is this your address? localhost asks"


async def test_with_mail_there_is_no_account_until_its_address_is_confirmed() -> None:
    async with MailServer() as post:
        house = House(mail=post)

        assert await house.apply(then="/next", binding="browser") is None
        assert await house.accounts.all() == []
        await house.mail.deliver()
        (mail,) = post.taken
        confirmed = await house.entrance.confirm(mail.token, "browser")

        assert mail.receiver == EMAIL
        assert mail.link == f"https://pods.example/.account/confirm/{mail.token}"
        assert (confirmed.kind, confirmed.then) == ("sign-up", "/next")
        assert confirmed.account == await house.account()
        assert confirmed.account.verified
        assert await house.entrance.sign_in(EMAIL, PASSWORD, PEER) == confirmed.account


@pytest.mark.parametrize("binding", ["", "another browser"])
async def test_who_asked_for_an_account_with_the_address_of_another_does_not_choose_its_password(binding: str) -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.apply(password="the attacker's own", binding="browser of the attacker")
        await house.mail.deliver()

        confirmed = await house.entrance.confirm(post.taken[0].token, binding)

        assert confirmed.account.password is None


async def test_who_has_no_browser_that_is_known_gets_no_password_by_an_empty_secret() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.apply()
        await house.mail.deliver()

        assert (await house.entrance.confirm(post.taken[0].token)).account.password is None


async def test_with_mail_a_stranger_cannot_tell_whether_an_address_has_an_account() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.member()
        hashed = []

        for email in (EMAIL, OTHER):
            before = len(await house.records.keys("mail"))
            assert await house.apply(email) is None
            hashed.append(len(await house.records.keys("mail")) - before)
        await house.mail.deliver()

        assert hashed == [1, 1]
        told = {mail.receiver: mail.subject for mail in post.taken}
        assert told == {
            EMAIL: "You already have an account at pods.example",
            OTHER: "Your account at pods.example",
        }
        assert (await house.account()).password is not None
        await house.entrance.sign_in(EMAIL, PASSWORD, PEER)


async def test_the_link_of_a_sign_up_works_once() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.apply()
        await house.mail.deliver()
        token = post.taken[0].token

        found = await asyncio.gather(*(house.entrance.confirm(token) for _ in range(4)), return_exceptions=True)

        assert sum(not isinstance(one, BaseException) for one in found) == 1
        assert len(await house.accounts.all()) == 1
        with pytest.raises(NotFound):
            await house.entrance.confirm(token)


async def test_the_link_of_a_sign_up_works_for_three_days() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.apply()
        await house.mail.deliver()

        house.clock.now += 3 * DAY

        with pytest.raises(NotFound, match="too old"):
            await house.entrance.confirm(post.taken[0].token)


async def test_of_two_links_for_one_address_the_second_finds_the_account_there() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await house.apply()
        await house.apply()
        await house.mail.deliver()
        first, second = (mail.token for mail in post.taken)
        await house.entrance.confirm(second)

        with pytest.raises(Conflict, match="already"):
            await house.entrance.confirm(first)


async def test_nobody_is_sent_mail_without_end_because_a_stranger_names_them() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        for number in range(LIMITS["mail"].free + 5):
            assert await house.entrance.sign_up(Applicant(EMAIL, PASSWORD), f"192.0.2.{number}") is None

        await house.mail.deliver()

        assert len(post.taken) == LIMITS["mail"].free + 1


async def test_one_place_cannot_ask_for_accounts_without_end() -> None:
    house = House()
    for number in range(LIMITS["asking"].free + 1):
        await house.apply(f"person{number}@mail.example")

    with pytest.raises(Throttled):
        await house.apply("last@mail.example")


async def test_where_sign_up_is_closed_nobody_gets_an_account() -> None:
    house = House(sign_up="closed")

    with pytest.raises(Forbidden, match="ask whoever runs this server"):
        await house.apply(invitation=await house.invitations.make())

    assert await house.accounts.all() == []


async def test_an_invitation_makes_one_account() -> None:
    house = House(sign_up="invitation")
    code = await house.invitations.make("for Alice")
    assert [one.note for one in await house.invitations.all()] == ["for Alice"]

    await house.apply(invitation=code)

    assert await house.invitations.all() == []
    with pytest.raises(Forbidden):
        await house.apply(OTHER, invitation=code)
    assert len(await house.accounts.all()) == 1


@pytest.mark.parametrize("code", ["", "made-up", None])
async def test_without_an_invitation_there_is_no_account_where_one_is_needed(code: str | None) -> None:
    house = House(sign_up="invitation")

    with pytest.raises(Forbidden, match="invitation"):
        await house.entrance.sign_up(Applicant(EMAIL, PASSWORD, invitation=code), PEER)


async def test_an_invitation_that_is_used_many_times_at_once_makes_one_account() -> None:
    house = House(sign_up="invitation")
    code = await house.invitations.make()

    found = await asyncio.gather(
        *(house.apply(f"person{number}@mail.example", invitation=code) for number in range(4)), return_exceptions=True
    )

    assert sum(isinstance(one, Account) for one in found) == 1
    assert len(await house.accounts.all()) == 1


async def test_with_mail_an_invitation_is_used_up_by_the_link() -> None:
    async with MailServer() as post:
        house = House(sign_up="invitation", mail=post)
        code = await house.invitations.make()
        for email in (EMAIL, OTHER):
            await house.apply(email, invitation=code)
        await house.mail.deliver()
        tokens = {mail.receiver: mail.token for mail in post.taken}

        await house.entrance.confirm(tokens[EMAIL])

        with pytest.raises(Forbidden):
            await house.entrance.confirm(tokens[OTHER])
        assert [one.email for one in await house.accounts.all()] == [EMAIL]


async def test_an_invitation_ends_by_itself_or_when_it_is_revoked() -> None:
    house = House(sign_up="invitation")
    old, revoked = await house.invitations.make(days=1), await house.invitations.make(days=9)
    second = max(await house.invitations.all(), key=lambda one: one.until)
    assert second.until - second.created == 9 * DAY

    assert await house.invitations.revoke(second.id)
    assert not await house.invitations.revoke(second.id)
    with pytest.raises(Forbidden):
        await house.apply(invitation=revoked)
    house.clock.now += DAY
    with pytest.raises(Forbidden):
        await house.apply(invitation=old)


@pytest.mark.parametrize(
    "email", ["", "alice", "a@b@c", "a b@c", "@c", "a@", "a@b\n", "a" * 65 + "@b", "a@" + "b" * 256]
)
async def test_an_account_needs_an_address(email: str) -> None:
    with pytest.raises(Malformed):
        await House().apply(email)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("1234567", "too short"), ("", "too short"), ("e\u0301" * 7, "too short"), ("x" * 1025, "too long"),
        ("password", "guessed first"), ("Password1", "guessed first"), ("12345678", "guessed first"),
        ("alice@mail.example", "your address"), ("ALICE@mail.example", "your address"),
    ],
)  # fmt: skip
async def test_a_password_that_is_guessed_first_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        await House().apply(password=password)


@pytest.mark.parametrize(
    "password",
    ["12345679", "        ", "\u5bc6\u7801\u5bc6\u7801\u5bc6\u7801\u5bc6\u7801", "x" * 1024, "nothing but words"],
)
async def test_no_other_rules_make_a_password_hard_to_remember(password: str) -> None:
    house = House()
    await house.apply(password=password)

    await house.entrance.sign_in(EMAIL, password, PEER)


async def test_an_account_may_have_no_password() -> None:
    account = await House().apply(password=None)

    assert account is not None
    assert account.password is None
