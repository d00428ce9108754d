"""Subscribers by every channel that come, listen, go away and come back where they left."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import aiohttp

from tests.bench.journal import Account, Box, Journal, now
from tests.issuer import Person
from tests.listening import subscription

WEB_SOCKET, EVENT_SOURCE, STREAMING = "WebSocketChannel2023", "EventSourceChannel2023", "StreamingHTTPChannel2023"
WEBHOOK, OLDER, STREAM = "WebhookChannel2023", "solid-0.1", "stream"
CHANNELS = (WEB_SOCKET, EVENT_SOURCE, STREAMING, OLDER, STREAM, WEBHOOK)
JSON_LD = "application/ld+json"
TOKEN_AGE = 1_200_000_000
"""Microseconds for which an access token is used."""
STAYS, AWAY, LONG_AWAY = (2, 40), (0, 4), (5, 20)
"""Seconds, from and to."""


class Refused(Exception):
    """The server says no, by a status."""


class Caller:
    """One person's app."""

    def __init__(self, session: aiohttp.ClientSession, person: Person) -> None:
        self.session = session
        self.webid = person.webid
        self._person = person
        self._token = ""
        self._made = 0

    def proved(self, method: str, url: str) -> dict[str, str]:
        """The headers that prove who asks."""
        if now() > self._made + TOKEN_AGE:
            self._token, self._made = self._person.token(), now()
        return self._person.app.headers(method, url.partition("?")[0], self._token)

    async def ask(
        self, method: str, url: str, body: str | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and text of an answer."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | self.proved(method, url)
        async with self.session.request(method, url, data=body, headers=sent) as answer:
            return answer.status, answer.headers, await answer.text()


@dataclass
class Mood:
    """Whether people still write, and subscribers come and go."""

    settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, seconds: float) -> bool:
        """Let so much time go by; no, when all is to settle, which ends it."""
        try:
            async with asyncio.timeout(seconds):
                await self.settled.wait()
        except TimeoutError:
            return True
        return False


class Follower:
    """One person who follows one box by one channel."""

    def __init__(self, caller: Caller, box: Box, channel: str, hook: str, dice: random.Random, mood: Mood) -> None:
        self.account = Account(box, caller.webid, channel, bare=channel == OLDER)
        self.listens = False
        self.away = False
        """Whether a webhook takes nothing now."""
        self._caller = caller
        self._box = box
        self._hook = hook
        self._dice = dice
        self._mood = mood
        self._ending = ""
        """How the server ended what it listened to."""
        self._channel: Mapping[str, str] | None = None
        kinds: Mapping[str, Callable[[], Awaitable[None]]] = {
            WEB_SOCKET: self._web_socket,
            EVENT_SOURCE: self._events,
            STREAM: self._events,
            STREAMING: self._lines,
            OLDER: self._older,
            WEBHOOK: self._webhook,
        }
        self._listen = kinds[channel]

    @property
    def _journal(self) -> Journal:
        return self._box.journal

    async def run(self) -> None:
        """Listen, go away and come back, for ever."""
        account = self.account
        while True:
            await account.right.granted.wait()
            lost = account.right.lost
            try:
                async with asyncio.timeout(None) as leaving:
                    leave = asyncio.create_task(self._leave(leaving))
                    try:
                        await self._subscribe()
                        await self._listen()
                        account.ended(lost, self._ending)
                    finally:
                        self.listens = False
                        leave.cancel()
            except TimeoutError:
                await self._gone()
            except (Refused, aiohttp.ClientError) as error:
                if account.right.sure and account.right.lost == lost:
                    account.fault("otherwise", f"it was refused though it may read: {error!r}")
            if account.cursor is None and account.channel != WEBHOOK:
                account.follow(False)
            await asyncio.sleep(0.05)

    async def _leave(self, leaving: asyncio.Timeout) -> None:
        """Go away some time, unless all is to settle."""
        if await self._mood.pause(self._dice.uniform(*STAYS)):
            leaving.reschedule(0)

    async def _gone(self) -> None:
        """Be away for a while, and sometimes for good: then a new subscription is made."""
        account = self.account
        self._journal.counts["resumes"] += 1
        if account.channel == OLDER:
            account.follow(False)
        if self._channel is not None and account.channel != STREAM and self._dice.random() < 0.1:
            account.follow(False)
            account.cursor = None
            status, _, text = await self._caller.ask("DELETE", self._channel["id"])
            if status != 204:
                account.fault("otherwise", f"it could not unsubscribe: {status} {text}")
            self._channel = None
        self.away = True
        # A webhook that takes nothing is tried again after pauses that grow.
        long = account.channel != WEBHOOK and self._dice.random() < 0.1
        await self._mood.pause(self._dice.uniform(*(LONG_AWAY if long else AWAY)))
        self.away = False

    async def _subscribe(self) -> None:
        account = self.account
        if self._channel is not None or account.channel in {STREAM, OLDER}:
            return
        wish = {"urn:rhizome:below": True} | ({"sendTo": self._hook} if account.channel == WEBHOOK else {})
        place = f"{self._box.uri.split('/', 3)[0]}//{self._box.uri.split('/', 3)[2]}/.notifications/{account.channel}/"
        body = subscription(account.channel, self._box.uri, **wish)
        status, _, text = await self._caller.ask("POST", place, body, content_type=JSON_LD, accept=JSON_LD)
        if status != 200:
            raise Refused(f"{status} {text}")
        self._channel = json.loads(text)
        account.follow(True)

    def _place(self) -> str:
        assert self._channel is not None
        return self._channel["receiveFrom"]

    def _resuming(self, url: str) -> str:
        cursor = self.account.cursor
        return url if cursor is None else f"{url}{'&' if '?' in url else '?'}after={cursor}"

    def _opened(self) -> None:
        self.listens = True
        if not self.account.follows:
            self.account.begin_anew(now())

    async def _web_socket(self) -> None:
        try:
            async with self._caller.session.ws_connect(self._resuming(self._place()), max_msg_size=0) as socket:
                self._opened()
                async for message in socket:
                    self.account.hear(json.loads(message.data))
                self._ending = f"with {socket.close_code}"
        except aiohttp.WSServerHandshakeError as error:
            raise Refused(error.status) from error

    async def _events(self) -> None:
        url, headers = "", {"Accept": "text/event-stream"}
        if self.account.channel == STREAM:
            origin = "/".join(self._box.uri.split("/")[:3])
            url = f"{origin}/.notifications/stream?topic={self._box.uri}&below=true"
            headers |= self._caller.proved("GET", url)
        else:
            url = self._place()
        if self.account.cursor is not None:
            headers["Last-Event-ID"] = self.account.cursor
        async with self._caller.session.get(url, headers=headers, timeout=aiohttp.ClientTimeout(total=None)) as answer:
            await self._require(answer)
            self._opened()
            event: dict[str, str] = {}
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                event[name] = value
                if not name:
                    self._event(event)
                    event = {}

    def _event(self, event: dict[str, str]) -> None:
        if "data" in event:
            self.account.hear(json.loads(event["data"]))
        self.account.cursor = event.get("id", self.account.cursor)

    async def _lines(self) -> None:
        url = self._resuming(self._place())
        async with self._caller.session.get(url, timeout=aiohttp.ClientTimeout(total=None)) as answer:
            await self._require(answer)
            self._opened()
            async for line in answer.content:
                if line.strip():
                    self.account.hear(json.loads(line))

    @staticmethod
    async def _require(answer: aiohttp.ClientResponse) -> None:
        if answer.status != 200:
            raise Refused(f"{answer.status} {await answer.text()}")

    async def _webhook(self) -> None:
        await asyncio.Event().wait()

    async def _older(self) -> None:
        """By the protocol `solid-0.1`, which says of a change only that there was one, and knows no way to go on."""
        status, headers, text = await self._caller.ask("GET", self._box.uri)
        if status != 200:
            raise Refused(f"{status} {text}")
        async with self._caller.session.ws_connect(headers["Updates-Via"], protocols=(OLDER,)) as socket:
            began = now()
            await socket.send_str(f"sub {self._box.uri}")
            async for message in socket:
                word, _, rest = str(message.data).partition(" ")
                match word:
                    case "ack":
                        self.listens = True
                        self.account.begin_anew(began)
                    case "pub":
                        self.account.hear_of_some()
                    case "err":
                        self._ending = rest
                        return
                    case _ if word != "protocol":
                        self.account.fault("otherwise", f"it heard {word} {rest}")
            self._ending = f"with {socket.close_code}"

    async def take(self, message: dict[str, str], *, signed: bool) -> int:
        """A webhook is sent a message; the status of the answer."""
        if self.away:
            self._journal.counts["webhooks refused"] += 1
            return 503
        if not signed:
            self.account.fault("otherwise", "a message is not signed")
        self.account.hear(message)
        return 204
