"""A closed loop of requests over keep-alive connections, and what it measures."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import httptools

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request as bytes, and the status that it is to get."""

    data: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Window:
    """What one run of a scenario gave."""

    per_second: float
    p50_ms: float
    p99_ms: float
    wrong: Counter[int]
    """How often each other status came."""


def request(method: str, host: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP/1.1 request; underscores in header names stand for dashes."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or method in {"PUT", "POST", "PATCH"}:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection(asyncio.Protocol):
    """One connection with one request in flight."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None
        self.headers: dict[bytes, bytes] = {}
        """Of the last answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, though not by its type

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio.Protocol."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("closed by the server"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools."""
        self.headers[name.lower()] = value

    def on_message_complete(self) -> None:
        """See httptools."""
        assert self._answer is not None
        self._answer.set_result(self._parser.get_status_code())

    @property
    def closed(self) -> bool:
        """Whether nothing more can be asked."""
        return self._transport is None or self._transport.is_closing()

    async def ask(self, data: bytes) -> int:
        """The status of the answer, once it is whole."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return await self._answer

    def close(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()


async def measure(port: int, requests: Iterator[Wanted], seconds: float, connections: int = CONNECTIONS) -> Window:
    """Send the requests until the time is over or there are no more."""
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(connections)]
    times: list[float] = []
    wrong: Counter[int] = Counter()
    start = time.perf_counter()
    end = start + seconds

    async def run(connection: Connection) -> None:
        for wanted in requests:
            before = time.perf_counter()
            status = await connection.ask(wanted.data)
            after = time.perf_counter()
            if status != wanted.status:
                wrong[status] += 1
            times.append(after - before)
            if after > end:
                return

    try:
        await asyncio.gather(*(run(connection) for connection in opened))
    finally:
        for connection in opened:
            connection.close()
    elapsed = time.perf_counter() - start
    ordered = sorted(times)
    return Window(
        per_second=(len(times) - wrong.total()) / elapsed,
        p50_ms=statistics.median(ordered) * 1000,
        p99_ms=ordered[int(len(ordered) * 0.99)] * 1000,
        wrong=wrong,
    )
