"""What the server sends of its own accord, to a real server beside it."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import http_ece
import pytest
from aiohttp import web

from pod.config import Network
from tests.http.test_webhooks import PUSH, browser, verify
from tests.listening import subscription
from tests.unit.web import Site
from tests.world import BASE, JSON_LD, World, rule

HERE = BASE[:-1]


@pytest.fixture
def storage() -> str:
    return "memory"


@pytest.fixture
def world(storage: str) -> World:
    return World(storage, network=Network(allow_loopback=True))


@dataclass
class Taken:
    """What was sent."""

    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""
    status: int = 204
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.bodies.append(await request.read())
        self.news.set()
        return web.Response(status=self.status)

    async def count(self, count: int) -> None:
        """Return when so many have come."""
        async with asyncio.timeout(20):
            while len(self.bodies) < count:
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def sending(world: World) -> AsyncIterator[Taken]:
    """A place to send to, while the world pushes."""
    async with Site() as site:
        taken = Taken(url=f"{site.url}hook")
        site.pages["/hook"] = taken.take
        pushing = asyncio.create_task(world.parts.notifications.pusher.run())
        await world.breathe()
        yield taken
        pushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pushing


async def subscribed(world: World, channel: str, **features: object) -> str:
    wish = subscription(channel, f"{HERE}/alice/a", **features)
    answer = await world.alice.post(f"/.notifications/{channel}/", JSON_LD, wish)
    assert answer.status in {200, 201}, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("channel", ["WebhookChannel2023", "LDNChannel2023"])
async def test_a_url_is_sent_signed_messages(world: World, channel: str) -> None:
    async with sending(world) as taken:
        await subscribed(world, channel, sendTo=taken.url)
        await world.document("/alice/a")
        await taken.count(1)

    (headers,), (body,) = taken.headers, taken.bodies
    assert headers["content-type"] == JSON_LD
    assert (json.loads(body)["type"], json.loads(body)["object"]) == ("Create", f"{HERE}/alice/a")
    jwks = (await world.anyone.get("/.notifications/sender")).json()
    verify(headers, "POST", taken.url, body, jwks)


async def test_a_push_service_is_sent_what_only_the_browser_reads(world: World) -> None:
    private, keys = browser()
    async with sending(world) as taken:
        await subscribed(world, "WebPushChannel2023", sendTo=taken.url, **{f"{PUSH}keys": keys})
        await world.document("/alice/a")
        await taken.count(1)

    (headers,), (body,) = taken.headers, taken.bodies
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["authorization"].startswith("vapid t=")
    assert int(headers["ttl"]) > 0
    secret = base64.urlsafe_b64decode(keys[f"{PUSH}auth"] + "==")
    text = http_ece.decrypt(body, private_key=private, auth_secret=secret, version="aes128gcm")
    assert json.loads(text)["type"] == "Create"


async def test_a_long_message_is_pushed_without_its_names(world: World) -> None:
    private, keys = browser()
    path = "/alice/" + "a" * 3900
    async with sending(world) as taken:
        wish = subscription("WebPushChannel2023", HERE + path, sendTo=taken.url, **{f"{PUSH}keys": keys})
        await world.alice.post("/.notifications/WebPushChannel2023/", JSON_LD, wish)
        await world.document(path)
        await taken.count(1)

    text = http_ece.decrypt(taken.bodies[0], private_key=private, auth_secret=b"s" * 16, version="aes128gcm")
    assert set(json.loads(text)) == {"@context", "id", "type"}


async def test_who_says_that_it_is_gone_is_sent_nothing_more(world: World) -> None:
    async with sending(world) as taken:
        taken.status = 410
        channel = (await subscribed(world, "WebhookChannel2023", sendTo=taken.url)).removeprefix(HERE)
        await world.document("/alice/a")
        await taken.count(1)
        async with asyncio.timeout(20):
            while (await world.alice.get(channel)).status != 404:
                await world.breathe()


async def test_who_subscribed_finds_a_notice_when_it_failed_for_a_day(world: World) -> None:
    pusher = world.parts.notifications.pusher
    days = [0]
    clock = pusher._clock
    pusher._clock = lambda: clock() + days[0] * 24 * 3600 * 1_000_000
    async with sending(world) as taken:
        taken.status = 500
        channel = (await subscribed(world, "WebhookChannel2023", sendTo=taken.url)).removeprefix(HERE)
        await world.document("/alice/a")
        while not await world.parts.stores.records.keys("push-failing"):
            await world.breathe()
        days[0] = 2
        # What is due meanwhile is found when the log moves.
        await world.document("/alice/b")
        account = (await world.parts.stores.store.pods())[0].account
        async with asyncio.timeout(20):
            while not (found := await world.parts.notices.of(account)):
                await world.breathe()

    assert (found[0].about.host, found[0].mine) == ("127.0.0.1", True)
    assert found[0].about.topic == f"{HERE}/alice/a"
    assert (await world.alice.get(channel)).status == 404


async def test_a_subscriber_that_lost_the_right_is_sent_nothing(world: World) -> None:
    await world.policy("/alice/", rule(world.bob, "read"))
    async with sending(world) as taken:
        wish = subscription("WebhookChannel2023", f"{HERE}/alice/a", sendTo=taken.url)
        assert (await world.bob.post("/.notifications/WebhookChannel2023/", JSON_LD, wish)).status == 200
        await world.policy("/alice/")
        await subscribed(world, "WebhookChannel2023", sendTo=taken.url)
        await world.document("/alice/a")
        await taken.count(1)
        while await world.parts.stores.records.keys("push"):
            await world.breathe()

    assert len(taken.bodies) == 1


@pytest.mark.spec("notify-state")
async def test_a_url_is_told_at_once_of_another_state(world: World) -> None:
    tag = (await world.alice.put("/alice/a", "text/plain", "x"))["etag"]
    async with sending(world) as taken:
        await subscribed(world, "WebhookChannel2023", sendTo=taken.url, state=tag)
        await subscribed(world, "WebhookChannel2023", sendTo=taken.url, state='"older"')
        # What is noted beside the log is found when the log moves.
        await world.document("/alice/b")
        await taken.count(1)

    assert json.loads(taken.bodies[0])["state"] == tag


async def test_a_message_is_not_sent_before_the_time_that_was_asked_for(world: World) -> None:
    async with sending(world) as taken:
        await subscribed(world, "WebhookChannel2023", sendTo=taken.url, startAt="2999-01-01T00:00:00Z")
        await world.document("/alice/a")
        await world.parts.notifications.pusher.note()
        while await world.parts.stores.records.keys("push"):
            await world.breathe()

    assert taken.bodies == []
