"""Mail: delivered by SMTP, kept while that does not work, and shown in development."""

import asyncio
import itertools
import logging
import string
import tomllib

import pytest

from pod.idp import mail
from pod.idp.accounts import Account
from pod.idp.letters import LIVES, PAGES, Letter
from pod.idp.mail import LANGUAGES, QUEUE, Mail, Shown
from tests.smtp import MailServer
from tests.unit.idp.house import DAY, EMAIL, HOUR, MINUTE, SECOND, House

VERIFY = Letter("verify", EMAIL, "account-1")


async def send(house: House, language: str | None = None) -> None:
    await house.mail.send(EMAIL, "verify", {}, language, VERIFY)


async def test_a_mail_has_what_mail_must_have() -> None:
    async with MailServer() as post:
        house = House(mail=post)

        await send(house)
        await house.mail.deliver()

        (taken,) = post.taken
        assert taken.receiver == taken.message["To"] == EMAIL
        assert taken.message["From"] == "no-reply@pods.example"
        assert taken.message["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
        assert taken.message["Message-ID"].endswith("@pods.example>")
        assert taken.message["Auto-Submitted"] == "auto-generated"
        assert taken.message.get_content_type() == "text/plain"
        assert await house.records.keys(QUEUE) == []


async def test_the_sender_and_the_user_are_set_by_settings() -> None:
    async with MailServer("tls") as post:
        told = {"sender": "post@pods.example", "user": "pods", "password": "secret"}
        house = House(mail=post, smtp=told, context=post.trusting())

        await send(house)
        await house.mail.deliver()

        (taken,) = post.taken
        assert (taken.message["From"], taken.user, taken.encrypted) == ("post@pods.example", "pods secret", True)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_is_encrypted_for_a_server_that_proves_who_it_is(security: str) -> None:
    async with MailServer(security) as post:
        house = House(mail=post, context=post.trusting())

        await send(house)
        await house.mail.deliver()

        assert [taken.encrypted for taken in post.taken] == [True]


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_is_not_given_to_a_server_that_does_not_prove_who_it_is(security: str) -> None:
    async with MailServer(security) as post:
        house = House(mail=post)

        await send(house)
        await house.mail.deliver()

        assert post.taken == []
        assert len(await house.records.keys(QUEUE)) == 1


async def test_mail_is_not_given_in_clear_where_it_is_to_be_encrypted() -> None:
    async with MailServer("none") as post:
        house = House(mail=post, smtp={"security": "starttls"})

        await send(house)
        await house.mail.deliver()

        assert post.taken == []
        assert len(await house.records.keys(QUEUE)) == 1


@pytest.mark.parametrize(
    "refusals",
    [{"HELLO": "421 later"}, {"MAIL": "451 later"}, {"RCPT": "450 later"}, {"DATA": "451 later"},
     {"CONTENT": "452 full"}, {"MAIL": "530 sign in"}],
    ids=str,
)  # fmt: skip
async def test_mail_that_is_not_taken_is_tried_again_later(
    refusals: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with MailServer(refusals=dict(refusals)) as post:
        house = House(mail=post)
        await send(house)
        await house.mail.deliver()
        post.refusals.clear()

        await house.mail.deliver()
        assert post.taken == []
        house.clock.now += 30 * SECOND
        await house.mail.deliver()
        await house.mail.deliver()

        assert [taken.receiver for taken in post.taken] == [EMAIL]
        assert "mail_delayed" in caplog.text
        assert EMAIL not in caplog.text


async def test_mail_waits_while_there_is_no_server_and_pauses_grow_to_an_hour() -> None:
    async with MailServer() as post:
        house = House(mail=post)
    await send(house)
    tries = []

    for minute in range(12 * 60):
        before = await house.records.below(QUEUE, "0")
        await house.mail.deliver()
        if await house.records.below(QUEUE, "0") != before:
            tries.append(minute)
        house.clock.now += MINUTE

    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert pauses[:5] == [1, 1, 2, 4, 8]
    assert set(pauses[8:]) == {60}
    house.clock.now += 3 * DAY
    assert await house.records.keys(QUEUE) == []


@pytest.mark.parametrize("refusals", [{"RCPT": "550 nobody"}, {"CONTENT": "554 no"}], ids=str)
async def test_mail_that_is_refused_for_good_is_given_up(
    refusals: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with MailServer(refusals=dict(refusals)) as post:
        house = House(mail=post)

        await send(house)
        await house.mail.deliver()

        assert await house.records.keys(QUEUE) == []
        assert "mail_refused" in caplog.text
        assert EMAIL not in caplog.text


async def test_an_address_that_the_server_cannot_write_to_is_given_up() -> None:
    async with MailServer() as post:
        house = House(mail=post)

        await house.mail.send("jos\u00e9@mail.example", "known")
        await house.mail.deliver()

        assert post.taken == []
        assert await house.records.keys(QUEUE) == []


async def test_of_several_workers_one_sends() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        other = House(mail=post, stores=(house.store, house.blobs, house.records), clock=house.clock)
        await send(house)

        await asyncio.gather(house.mail.deliver(), other.mail.deliver(), house.mail.deliver())

        assert len(post.taken) == 1


class Ending(Mail):
    """A worker that ends while it sends."""

    def _deliver(self, mail: Shown) -> None:
        raise RuntimeError(f"The worker ends before {mail.to} gets it.")


async def test_mail_of_a_worker_that_ended_is_sent_by_another() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await send(house)
        with pytest.raises(RuntimeError):
            await Ending(house.records, house.letters, house.settings, house.clock).deliver()

        await house.mail.deliver()
        assert post.taken == []
        house.clock.now += 5 * MINUTE
        await house.mail.deliver()

        assert len(post.taken) == 1


async def test_mail_is_sent_soon_without_being_asked_for() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        running = asyncio.create_task(house.mail.run())

        async with asyncio.timeout(10):
            for number in range(1, 3):
                await send(house)
                await post.arrival()
                assert len(post.taken) == number

        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_no_link_lies_in_the_queue() -> None:
    async with MailServer() as post:
        house = House(mail=post)
        await send(house)
        assert await house.records.keys("letter") == []
        queued = b"".join(value for _, value in await house.records.below(QUEUE, "0"))

        await house.mail.deliver()

        assert post.taken[0].token.encode() not in queued
        (kept,) = await house.records.keys("letter")
        assert post.taken[0].token not in kept


async def test_without_a_server_nothing_is_kept_and_nothing_is_shown() -> None:
    house = House()

    await send(house)

    assert not house.mail.works
    assert await house.records.keys(QUEUE) == []
    assert await house.mail.shown() == []


@pytest.mark.parametrize("base_url", ["http://localhost:3000/", "http://127.0.0.1/"])
async def test_in_development_mail_is_told_and_shown_for_a_day(base_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "pod")
    house = House(base_url)
    await send(house)
    house.clock.now += HOUR
    await house.mail.send(None, "reset")
    await house.mail.send(EMAIL, "known")

    latest, first = await house.mail.shown()
    assert latest.subject.startswith("You already have an account")
    assert f"{base_url}.account/confirm/" in first.text
    assert first.text in caplog.text
    house.clock.now += DAY - HOUR
    assert await house.mail.shown() == [latest]


async def test_mail_is_never_shown_where_it_is_sent() -> None:
    async with MailServer() as post:
        house = House("http://localhost:3000/", mail=post)
        await send(house)

        assert await house.mail.shown() == []
        assert house.mail.delivers


@pytest.mark.parametrize("language", LANGUAGES)
async def test_people_are_written_to_in_their_language(language: str) -> None:
    house = House("http://localhost/")

    for one in (language, "xx", None):
        await send(house, one)
        house.clock.now += SECOND

    subjects = [one.subject for one in reversed(await house.mail.shown())]
    assert subjects[1:] == ["Is this your address? localhost asks"] * 2
    assert (subjects[0] == subjects[1]) == (language == "en")


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_facts(language: str) -> None:
    def texts(one: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = tomllib.loads((mail.TEXTS / f"mail.{one}.toml").read_text("utf-8"))
        return found

    english, other = texts("en"), texts(language)

    assert list(other) == list(english)
    for key, text in english.items():
        assert set(other[key]) == {"subject", "text"}
        for part in text:
            assert _fields(other[key][part]) == _fields(text[part])


def test_every_letter_has_a_page_and_a_life() -> None:
    assert set(PAGES) == set(LIVES)


async def test_what_a_stranger_says_stays_on_one_line_and_short() -> None:
    house = House("http://localhost/")

    await house.mail.send(EMAIL, "email-changed", {"new": "a\r\nBcc: b@c {link} " + "x" * 1000})

    (shown,) = await house.mail.shown()
    line = next(line for line in shown.text.splitlines() if "Bcc" in line)
    assert "a  Bcc: b@c {link} xxx" in line
    assert len(line) < 700


async def test_the_account_of_a_person_says_in_which_language_they_are_written_to() -> None:
    house = House("http://localhost/")
    account = Account("one", EMAIL, language="fr")

    await house.entrance.ask_to_verify(account)

    assert (await house.mail.shown())[0].subject.startswith("Cette adresse")
