"""Clients that listen by WebSockets and one that patches, for any server of the Solid Notifications Protocol."""

import asyncio
import base64
import itertools
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import aiohttp

from tests.bench.load import Connection, request
from tests.listening import PLURAL

WEB_SOCKET = "WebSocketChannel2023"
JSON_LD = "application/ld+json"
CONTEXT = "https://www.w3.org/ns/solid/notification/v1"
"""As the examples of the protocol have it, which every server knows."""
PATCH = (
    "_:p a <http://www.w3.org/ns/solid/terms#InsertDeletePatch>;"
    " <http://www.w3.org/ns/solid/terms#inserts> { <> <#has> <#n-%d>. }."
)
OPENED_AT_ONCE = 200
WINDOWS = 7
"""Comparisons, of which the one in the middle counts."""
PATIENCE = 10.0
"""Seconds after which a message that did not come is missed."""

_numbers = itertools.count()
Sign = Callable[[str, str], Mapping[str, str]]
"""Method and URL to the headers that prove who asks."""


def nobody(_method: str, _url: str) -> Mapping[str, str]:
    """The headers of who is not known: none."""
    return {}


def _place(url: str) -> tuple[str, int]:
    return "127.0.0.1", urlsplit(url).port or 80


async def _connected(origin: str) -> Connection:
    return (await asyncio.get_running_loop().create_connection(Connection, *_place(origin)))[1]


class Ear(asyncio.Protocol):
    """A WebSocket that notes when it hears something, and reads no more of it than that."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        key = base64.b64encode(os.urandom(16)).decode()
        self._offer = (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self.opened = asyncio.get_running_loop().create_future()
        self.heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._offer)

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio.Protocol."""
        for waited in (self.opened, self.heard):
            if not waited.done():
                waited.set_exception(error or ConnectionResetError("closed by the server"))
                # Nobody waits for what a socket hears that is closed in the end.
                waited.exception()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if not self.opened.done():
            if data.startswith(b"HTTP/1.1 101 "):
                self.opened.set_result(None)
            else:
                self.opened.set_exception(ConnectionError(data[:200].decode("latin-1")))
        elif data[0] == 0x89:
            assert self.transport is not None
            # A ping, whose content comes back.
            self.transport.write(bytes((0x8A, 0x80 | data[1], 0, 0, 0, 0)) + data[2 : 2 + data[1]])
        elif not self.heard.done():
            self.heard.set_result(time.perf_counter())

    def listen(self) -> None:
        """Be ready for the next message."""
        self.heard = asyncio.get_running_loop().create_future()

    def close(self) -> None:
        """Close at once."""
        assert self.transport is not None
        self.transport.abort()


class Writer:
    """One connection that patches."""

    def __init__(self, connection: Connection, origin: str, sign: Sign) -> None:
        self._connection = connection
        self._origin = origin
        self._sign = sign

    @classmethod
    async def connected(cls, origin: str, sign: Sign = nobody) -> "Writer":
        """A writer with a new connection; the origin is that of the server, without a slash."""
        return cls(await _connected(origin), origin, sign)

    async def patch(self, path: str) -> tuple[float, float]:
        """When it was sent, and when acknowledged."""
        # A patch that says nothing new changes nothing, and nobody hears of it.
        body = (PATCH % next(_numbers)).encode()
        host, proofs = urlsplit(self._origin).netloc, self._sign("PATCH", self._origin + path)
        data = request("PATCH", host, path, body, content_type="text/n3", **proofs)
        if self._connection.closed:
            # Some servers wait only for seconds, and others take as long to tell everyone.
            self._connection = await _connected(self._origin)
        before = time.perf_counter()
        status = await self._connection.ask(data)
        assert status in {200, 201, 204, 205}, status
        return before, time.perf_counter()

    def close(self) -> None:
        """Close at once."""
        self._connection.close()


def share(times: Sequence[float], part: float) -> float:
    """The quantile, in milliseconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


async def subscribe(service: str, topic: str, sign: Sign = nobody) -> str:
    """The address at which a WebSocket hears of the resource."""
    wish = {"@context": [CONTEXT], "type": f"{PLURAL}{WEB_SOCKET}", "topic": topic}
    headers = {"content-type": JSON_LD, "accept": JSON_LD, **sign("POST", service)}
    async with (
        aiohttp.ClientSession() as session,
        session.post(service, data=json.dumps(wish), headers=headers) as answer,
    ):
        assert answer.status in {200, 201}, await answer.text()
        return str(json.loads(await answer.text())["receiveFrom"])


async def ears(address: str, count: int, pause: float = 0.5) -> list[Ear]:
    """So many sockets that listen at one address, and a pause afterwards."""
    found = list[Ear]()
    while len(found) < count:
        some = min(OPENED_AT_ONCE, count - len(found))
        found += await asyncio.gather(*(_opened(address) for _ in range(some)))
    # What they were opened with is all told before anything is measured.
    await asyncio.sleep(pause)
    return found


async def _opened(address: str) -> Ear:
    loop = asyncio.get_running_loop()
    ear = (await loop.create_connection(lambda: Ear(address), *_place(address)))[1]
    await ear.opened
    return ear


@dataclass(slots=True)
class Deliveries:
    """Seconds until each change was at each of those who listen."""

    sent: list[float] = field(default_factory=list)
    """From when the change was sent."""
    acknowledged: list[float] = field(default_factory=list)
    """From when it was acknowledged; 0 where it was heard of before."""
    missed: int = 0
    """Those that did not come in time."""

    def add(self, others: "Deliveries") -> None:
        """Count others with these."""
        self.sent += others.sent
        self.acknowledged += others.acknowledged
        self.missed += others.missed


async def deliveries(
    writer: Writer, path: str, listening: Sequence[Ear], count: int, patience: float = PATIENCE
) -> Deliveries:
    """Change the resource so many times, one after the other; each time for so many seconds all are waited for."""
    found = Deliveries()
    for _ in range(count):
        for ear in listening:
            ear.listen()
        sent, acknowledged = await writer.patch(path)
        come, missing = await asyncio.wait([one.heard for one in listening], timeout=patience)
        arrivals = [one.result() for one in come]
        found.sent += [one - sent for one in arrivals]
        found.acknowledged += [max(0.0, one - acknowledged) for one in arrivals]
        found.missed += len(missing)
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """How long the same takes at two places, measured in turns."""

    first: float
    second: float
    """Milliseconds, in the median."""
    ratios: tuple[float, ...]
    """Of the first to the second, in each window."""

    @property
    def ratio(self) -> float:
        """In the median."""
        return statistics.median(self.ratios)

    def __str__(self) -> str:
        return f"{self.first:.2f} : {self.second:.2f} ms = {self.ratio:.2f}"


async def compared(first: Writer, second: Writer, path: str, count: int) -> Comparison:
    """Patches to either in turns, one by one, so that whatever else happens on the machine meets both."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(WINDOWS):
        # A new document each time, since a long one takes longer.
        new = f"{path}-{os.urandom(6).hex()}"
        window: tuple[list[float], list[float]] = ([], [])
        for _ in range(count):
            for which in (0, 1) if number % 2 else (1, 0):
                before, after = await (first, second)[which].patch(new)
                window[which].append(after - before)
        for which in (0, 1):
            times[which].append(share(window[which], 0.5))
    ratios = tuple(one / other for one, other in zip(*times, strict=True))
    return Comparison(statistics.median(times[0]), statistics.median(times[1]), ratios)
