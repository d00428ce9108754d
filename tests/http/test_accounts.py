"""Accounts as a program meets them: coming in over HTTP, with mail that really goes out, and what strangers see."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pod import events
from pod.app import Application
from pod.config import Identity, Mail, Server, Settings, Storage
from pod.idp.provision import Request
from pod.idp.throttle import LIMITS, Counter, Throttle, by_peer
from pod.parts import Parts, opened
from tests.asgi import Answer, exchange
from tests.http.test_application import living
from tests.smtp import MailServer
from tests.world import BASE, World

EMAIL, PASSWORD = "carol@mail.example", "correct horse battery"
JSON = "application/json"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The application writes its events to standard error; tests that follow read them otherwise."""
    log = events._log
    before = (log.handlers, log.level, log.propagate)
    yield
    log.handlers, log.level, log.propagate = before


async def post(world: World, path: str, **values: str) -> Answer:
    """Send a form as a program does."""
    content = "{" + ", ".join(f'"{name}": "{value}"' for name, value in values.items()) + "}"
    return await world.anyone.post(f"/.account/{path}", JSON, content, accept=JSON)


async def guessed(parts: Parts, counter: Counter) -> None:
    """Somebody has guessed for so long that the next attempt must wait a quarter of an hour."""
    now = time.time_ns() // 1000
    for hour in range(LIMITS[counter.kind].free + 11, -1, -1):
        early = now - hour * 1_800_000_000
        await Throttle(parts.stores.records, lambda early=early: early).attempt(counter)  # type: ignore[misc]  # a default


def told(answer: Answer, *addresses: str) -> tuple[object, ...]:
    """What of an answer could differ: all but the number of the refusal, and the address that was asked about."""
    text = answer.text
    for address in addresses:
        text = text.replace(address, "")
    facts = {name: value for name, value in json.loads(text).items() if name != "instance"}
    headers = {name: value for name, value in answer.headers if name not in {"date", "content-length"}}
    return answer.status, facts, headers


async def test_whoever_signs_in_over_http_gets_a_session(world: World) -> None:
    await world.parts.provision.create(Request("carol", EMAIL, PASSWORD))

    answer = await post(world, "sign-in", email=EMAIL, password=PASSWORD)

    assert answer.status == 200, answer.text
    assert await world.parts.sessions.find(answer.json()["token"]) is not None


async def test_wrong_sign_ins_are_answered_alike_whoever_has_an_account(world: World) -> None:
    await world.parts.provision.create(Request("carol", EMAIL, PASSWORD))
    await world.parts.provision.create(Request("keys", "keys@mail.example"))

    answers = [
        await post(world, "sign-in", email=email, password="wrong horse battery")
        for email in (EMAIL, "keys@mail.example", "nobody@mail.example")
    ]

    assert answers[0].status == 401
    assert told(answers[0]) == told(answers[1]) == told(answers[2])


async def test_who_guesses_is_told_how_long_to_wait(world: World) -> None:
    await guessed(world.parts, Counter("address", EMAIL))

    answer = await post(world, "sign-in", email=EMAIL, password=PASSWORD)

    assert answer.status == 429
    assert 0 < int(answer["retry-after"]) <= LIMITS["address"].longest


async def test_with_mail_coming_in_over_http_begins_and_goes_on_by_mail() -> None:
    async with MailServer() as server:
        mail = Mail(host="127.0.0.1", port=server.port, security="none")
        async with World(mail=mail) as world:
            await world.parts.provision.create(Request("old", "old@mail.example", PASSWORD))

            addresses = (EMAIL, "old@mail.example", "nobody@mail.example")

            answers = [
                await post(world, "sign-up", name="", email=email, way="password", password=PASSWORD)
                for email in (EMAIL, "old@mail.example")
            ]
            forgotten = [
                await post(world, "forgot", email=email) for email in ("old@mail.example", "nobody@mail.example")
            ]
            await world.parts.mail.deliver()

            for one, other in (answers, forgotten):
                assert told(one, *addresses) == told(other, *addresses)
            subjects = {(one.receiver, one.subject) for one in server.taken}
            assert subjects == {
                (EMAIL, "Your account at pod.example"),
                ("old@mail.example", "You already have an account at pod.example"),
                ("old@mail.example", "A new password for pod.example"),
            }
            joining = next(one for one in server.taken if one.receiver == EMAIL)
            answer = await post(world, f"confirm/{joining.token}")
            assert answer.status == 200, answer.text
            account = await world.parts.accounts.by_email(EMAIL)
            assert account is not None
            assert account.verified
            assert (await post(world, f"confirm/{joining.token}")).status == 404


async def test_where_sign_up_is_closed_nobody_signs_up_over_http() -> None:
    async with World(identity=Identity(sign_up="closed")) as world:
        answer = await post(world, "sign-up", name="", email=EMAIL, way="password", password=PASSWORD)

        assert answer.status in {400, 403}
        assert await world.parts.accounts.by_email(EMAIL) is None


async def sign_in(application: Application, forwarded: str, email: str) -> int:
    content = f'{{"email": "{email}", "password": "wrong horse battery"}}'.encode()
    headers = [("content-type", JSON), ("accept", JSON), ("content-length", str(len(content)))]
    url = f"{BASE}.account/sign-in"
    answer = await exchange(application, "POST", url, [*headers, ("x-forwarded-for", forwarded)], [content])
    return answer.status


@pytest.mark.parametrize(("trusted", "status"), [("127.0.0.1", 401), ("", 429)])
async def test_behind_a_trusted_proxy_each_client_is_counted_for_itself(
    tmp_path: Path, trusted: str, status: int
) -> None:
    server = Server(base_url=BASE, trusted_proxies=trusted)
    settings = Settings(server=server, storage=Storage(data=str(tmp_path)))
    application = Application(settings)

    async with opened(settings) as parts:
        await guessed(parts, by_peer("peer", "203.0.113.1" if trusted else "127.0.0.1"))

    async with living(application):
        assert await sign_in(application, "203.0.113.1", "last@mail.example") == 429
        assert await sign_in(application, "203.0.113.2", "last@mail.example") == status
