"""Accounts on every kind of storage, and with several workers on the same data, also after a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pod.errors import NotFound, Throttled, Unauthenticated
from pod.idp.accounts import Account
from pod.idp.sessions import SESSION
from pod.idp.throttle import LIMITS
from pod.model.resource import Pod
from tests.authenticator import Authenticator
from tests.contract.making import Backend
from tests.smtp import MailServer
from tests.unit.idp.house import EMAIL, PASSWORD, PEER, Clock, House


@asynccontextmanager
async def worker(backend: Backend, mail: MailServer | None = None, sign_up: str = "open") -> AsyncIterator[House]:
    """A worker over the data of the backend."""
    async with backend.opened() as stores:
        clock = Clock(backend.clock.now)
        yield House(stores=(stores.store, stores.blobs, stores.records), clock=clock, mail=mail, sign_up=sign_up)


async def test_people_come_in_with_every_kind_of_storage(backend: Backend) -> None:
    async with worker(backend) as house:
        account = await house.apply()
        assert account is not None
        token = await house.sessions.start(account.id, "password", "")
        device = await house.devices.remember(account.id)
        (code, *_) = await house.codes.make(account.id)
        pod = await house.webids.create_pod(account, "alice")

        assert await house.webids.pods(account.id) == [pod]
        assert (await house.accounts.by_webid(pod.owners[0]) or account).id == account.id
        assert (await house.entrance.sign_in(EMAIL, PASSWORD, PEER, device)).id == account.id
        assert (await house.codes.use(EMAIL, code, PEER)).id == account.id
        session = await house.sessions.find(token)
        assert session is not None
        await house.sessions.end_all(account.id)
        assert await house.records.keys(SESSION) == []


async def test_everything_is_there_after_a_restart(sqlite: Backend) -> None:
    key = Authenticator()
    async with worker(sqlite) as house:
        account = await house.apply()
        assert account is not None
        token = await house.sessions.start(account.id, "password", "")
        device = await house.devices.remember(account.id)
        (code, *_) = await house.codes.make(account.id)
        await house.passkeys.register(account, key.create(await house.passkeys.registration_options(account)), "")
        asked = await house.passkeys.authentication_options()
        for number in range(LIMITS["address"].free + 1):
            with pytest.raises(Unauthenticated):
                await house.entrance.sign_in(EMAIL, "guessed it?", f"192.0.2.{number}")

    async with worker(sqlite) as house:
        assert await house.account() == account
        assert await house.sessions.find(token) is not None
        with pytest.raises(Throttled):
            await house.entrance.sign_in(EMAIL, PASSWORD, PEER)
        assert await house.entrance.sign_in(EMAIL, PASSWORD, PEER, device) == account
        assert await house.codes.use(EMAIL, code, PEER) == account
        assert await house.passkeys.authenticate(key.get(asked)) == account


async def test_mail_that_was_not_sent_is_sent_after_a_restart(sqlite: Backend) -> None:
    async with MailServer() as post:
        async with worker(sqlite, post) as house:
            await house.apply()
        async with worker(sqlite, post) as house:
            await house.mail.deliver()

            confirmed = await house.entrance.confirm(post.taken[0].token)

            assert confirmed.account == await house.account()


async def test_what_works_once_works_on_one_of_several_workers(sqlite: Backend) -> None:
    async with MailServer() as post, worker(sqlite, post) as one, worker(sqlite, post) as other:
        workers = [one, other] * 3
        await one.member()
        await one.entrance.forgot(EMAIL, PEER)
        await asyncio.gather(*(house.mail.deliver() for house in workers))
        (mail,) = post.taken
        (code, *_) = await other.codes.make((await one.account()).id)

        reset = await asyncio.gather(
            *(house.entrance.reset(mail.token, f"password of {number}") for number, house in enumerate(workers)),
            return_exceptions=True,
        )
        used = await asyncio.gather(
            *(house.codes.use(EMAIL, code, f"192.0.2.{number}") for number, house in enumerate(workers)),
            return_exceptions=True,
        )

        assert sum(isinstance(found, Account) for found in reset) == 1
        assert sum(isinstance(found, NotFound) for found in reset) == 5
        assert sum(isinstance(found, Account) for found in used) == 1
        assert sum(isinstance(found, Unauthenticated) for found in used) == 5


async def test_many_guesses_at_once_on_several_workers_are_no_way_around_the_count(sqlite: Backend) -> None:
    async with worker(sqlite) as one, worker(sqlite) as other:
        await one.member()

        told = await asyncio.gather(
            *(
                house.entrance.sign_in(EMAIL, f"guess number {number}", f"192.0.2.{number}")
                for number, house in enumerate([one, other] * 15)
            ),
            return_exceptions=True,
        )

        # Each that was looked at was counted before; the rest had to wait.
        assert sum(isinstance(found, Unauthenticated) for found in told) <= LIMITS["address"].free + 1
        assert one.passwords.verified + other.passwords.verified <= LIMITS["address"].free + 1
        assert all(isinstance(found, Unauthenticated | Throttled) for found in told)


async def test_a_name_and_an_address_and_an_invitation_go_to_one_on_several_workers(sqlite: Backend) -> None:
    async with worker(sqlite, sign_up="invitation") as one, worker(sqlite, sign_up="invitation") as other:
        workers = [one, other] * 2
        people = [await one.member(f"person{number}@mail.example") for number in range(4)]
        code = await one.invitations.make()

        pods = await asyncio.gather(
            *(house.webids.create_pod(person, "alice") for house, person in zip(workers, people, strict=True)),
            return_exceptions=True,
        )
        accounts = await asyncio.gather(
            *(house.apply(f"new{number}@mail.example", invitation=code) for number, house in enumerate(workers)),
            return_exceptions=True,
        )

        (pod,) = (found for found in pods if isinstance(found, Pod))
        assert [person.id for person in await one.accounts.all() if person.webids] == [pod.account]
        assert sum(isinstance(found, Account) for found in accounts) == 1


async def test_a_session_that_ends_on_one_worker_has_ended_on_all(sqlite: Backend) -> None:
    async with worker(sqlite) as one, worker(sqlite) as other:
        token = await one.sessions.start("account-1", "password", "")
        session = await other.sessions.find(token)
        assert session is not None

        await one.sessions.end("account-1", session.id)

        assert await other.sessions.find(token) is None
