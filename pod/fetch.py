"""Outgoing HTTP: what other hosts say, asked with care.

Whoever can name a URL to this server (in a policy, a token, a JSON-LD document) must not be
able to make it talk to what only it can reach, or wait for ever. So every address is checked,
the connection goes to exactly the address that was checked, redirects are checked again, and
size and time are limited.
"""

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from pod.cache import Cache
from pod.config import is_loopback
from pod.errors import Unreachable

REDIRECTS = 3
PARALLEL = 32
LONGEST = 2048
"""Characters of a URL."""
FRESH = (5.0, 120.0)
"""The shortest and the longest time for which an answer is used, in seconds; the longest if it says nothing."""
FAILED_FOR = 5.0
"""How long a failure is remembered, in seconds, so that nobody can make this server ask again and again."""
USER_AGENT = b"rhizome"

_SAFE = "/%:@!$&'()*+,;=~?"
_FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,
    ValueError,
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host and port."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A remote document."""

    url: str
    """Where it was found, redirects followed: the base for what is relative in it."""
    media_type: str
    body: bytes


Local = Callable[[str, str], Awaitable[Fetched | None]]
"""The document at a URL, as an Accept header asks for it, if this server has it: it need not ask itself."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, or the failure to get one, when it was asked for and until when it holds."""

    answer: Fetched | Unreachable
    since: float
    until: float

    @property
    def weight(self) -> int:
        return 1000 + (len(self.answer.body) if isinstance(self.answer, Fetched) else 0)


class Fetcher:
    """Gets documents by GET, each no more often than needed."""

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        allow_private: bool = False,
        timeout: float = 5.0,
        limit: int = 1024 * 1024,
        local: Local | None = None,
        resolve: Resolve | None = None,
        verify: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = _Rules(allow_loopback=allow_loopback, allow_private=allow_private)
        self._timeout = timeout
        self._limit = limit
        self._local = local
        self._clock = clock
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify or _trusted_by_default(),
            max_connections=PARALLEL,
            max_keepalive_connections=8,
            keepalive_expiry=10,
            network_backend=_Backend(self._rules, resolve or _resolve, timeout),
        )
        self._kept: Cache[tuple[str, str], _Kept] = Cache(16 * 1024 * 1024, lambda one: one.weight)
        self._under_way: dict[tuple[str, str], asyncio.Task[Fetched]] = {}

    async def get(self, url: str, *, accept: str, renew: bool = False) -> Fetched:
        """The document at the URL, perhaps as it was two minutes ago; Unreachable when it cannot be had.

        With `renew` an answer is used only if it is a few seconds old at most.
        """
        if len(url) > LONGEST:
            raise Unreachable(f"A remote document has a URL of more than {LONGEST} characters.")
        key = (url.partition("#")[0], accept)
        kept = self._kept.get(key)
        if kept is not None and self._clock() < (kept.since + FRESH[0] if renew else kept.until):
            if isinstance(kept.answer, Unreachable):
                raise Unreachable(kept.answer.message)
            return kept.answer
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(key))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        # Who waits may give up without taking the answer from the others.
        return await asyncio.shield(task)

    async def post(self, url: str, headers: Mapping[str, str], content: bytes) -> int:
        """The status with which the content was taken, or not; Unreachable when there is no answer.

        Where it is sent on to is not followed.
        """
        if len(url) > LONGEST:
            raise Unreachable(f"A remote address has a URL of more than {LONGEST} characters.")
        target, authority = self._rules.target(url)
        sent = [(b"host", authority), (b"user-agent", USER_AGENT), (b"content-length", b"%d" % len(content))]
        sent += [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._pool.stream("POST", target, headers=sent, content=content) as response,
            ):
                return response.status
        except TimeoutError as error:
            raise Unreachable(f"{_host(url)} did not answer in time.") from error
        except _FAILURES as error:
            raise Unreachable(f"{_host(url)} could not be asked.") from error

    def _finished(self, key: tuple[str, str], task: asyncio.Task[Fetched]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # perhaps nobody waits for it any longer

    async def _fetch(self, key: tuple[str, str]) -> Fetched:
        url, accept = key
        found = await self._local(url, accept) if self._local is not None else None
        if found is not None:
            return found
        since = self._clock()
        try:
            async with asyncio.timeout(self._timeout):
                answer, fresh = await self._follow(url, accept)
        except TimeoutError as error:
            refusal = Unreachable(f"{_host(url)} did not answer in time.")
            self._keep(key, refusal, since)
            raise refusal from error
        except Unreachable as refusal:
            self._keep(key, refusal, since)
            raise
        self._kept.put(key, _Kept(answer, since, since + fresh))
        return answer

    def _keep(self, key: tuple[str, str], refusal: Unreachable, since: float) -> None:
        """Remember a failure by its message alone: an exception holds on to all that led to it."""
        self._kept.put(key, _Kept(Unreachable(refusal.message), since, self._clock() + FAILED_FOR))

    async def _follow(self, first: str, accept: str) -> tuple[Fetched, float]:
        url = first
        for _ in range(REDIRECTS + 1):
            target, authority = self._rules.target(url)
            headers = [
                (b"host", authority),
                (b"accept", accept.encode()),
                (b"accept-encoding", b"identity"),
                (b"user-agent", USER_AGENT),
            ]
            try:
                async with self._pool.stream("GET", target, headers=headers) as response:
                    location = _header(response, b"location")
                    if not (response.status in {301, 302, 303, 307, 308} and location):
                        return await self._read(url, response), _freshness(_header(response, b"cache-control"))
                    url = urljoin(url, location).partition("#")[0]
            except _FAILURES as error:
                raise Unreachable(f"{_host(url)} could not be asked.") from error
        raise Unreachable(f"{_host(first)} redirects more than {REDIRECTS} times.")

    async def _read(self, url: str, response: httpcore.Response) -> Fetched:
        if response.status != 200:
            raise Unreachable(f"{_host(url)} answered with the status {response.status}.")
        # Nothing but identity was asked for: a small compressed answer could be a huge document.
        if _header(response, b"content-encoding").lower() not in {"", "identity"}:
            raise Unreachable(f"{_host(url)} answered with an encoding that was not asked for.")
        body = bytearray()
        async for chunk in response.aiter_stream():
            body += chunk
            if len(body) > self._limit:
                raise Unreachable(f"The document at {_host(url)} is larger than {self._limit} bytes.")
        return Fetched(url, _header(response, b"content-type"), bytes(body))

    async def aclose(self) -> None:
        """Give up what is under way and close all connections."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.aclose()


def _networks(*texts: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


_LOOPBACK = _networks("127.0.0.0/8", "::1/128")
_PRIVATE = _networks(
    "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "fc00::/7"
)  # fmt: skip
# What is neither public nor somebody's network: this host, links, documentation, multicast, relays.
_NOBODYS = _networks(
    "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/3", "::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "3fff::/20",
)  # fmt: skip
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which URLs and addresses may be asked."""

    allow_loopback: bool
    allow_private: bool

    def target(self, url: str) -> tuple[httpcore.URL, bytes]:
        """What to ask for the URL, and the host and port as it names them.

        Unreachable unless it may be asked, as far as it tells by itself.
        """
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").encode("idna"), parts.port
            path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
        except ValueError as error:
            raise Unreachable("A remote document has an address that is no URL.") from error
        if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
            raise Unreachable("A remote document must have an https URL without a user name.")
        if parts.scheme == "http" and not (self.allow_private or (self.allow_loopback and is_loopback(url))):
            raise Unreachable(f"{parts.hostname} must be asked by https.")
        authority = b"[%b]" % host if b":" in host else host
        authority = authority if port is None else b"%b:%d" % (authority, port)
        return httpcore.URL(scheme=parts.scheme.encode(), host=host, port=port, target=path.encode()), authority

    def allows(self, address: str) -> bool:
        """Whether the address may be connected to."""
        found = _embedded(ipaddress.ip_address(address.partition("%")[0]))
        if any(found in network for network in _LOOPBACK):
            return self.allow_loopback
        if any(found in network for network in _PRIVATE):
            return self.allow_private
        return not any(found in network for network in _NOBODYS)


def _embedded(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to no others."""

    def __init__(self, rules: _Rules, resolve: Resolve, timeout: float) -> None:
        self._rules = rules
        self._resolve = resolve
        self._timeout = timeout
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as the library asks; there is one limit for all
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that is allowed and answers."""
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise Unreachable(f"{host} is not known.") from error
        allowed = [address for address in addresses if self._rules.allows(address)]
        if not allowed:
            raise Unreachable(f"{host} is not on the public internet, and must not be asked.")
        failure: Exception | None = None
        # One address that swallows packets must leave time for the next.
        share = self._timeout / len(allowed)
        for address in allowed:
            try:
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise Unreachable(f"{host} does not answer.") from failure

    async def sleep(self, seconds: float) -> None:
        """Pause, as the connection pool asks."""
        await self._network.sleep(seconds)


@cache
def _trusted_by_default() -> ssl.SSLContext:
    """The authorities of this machine, read once: that takes longer than all else that a start does."""
    return ssl.create_default_context()


async def _resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _header(response: httpcore.Response, name: bytes) -> str:
    """The first value of the header; empty when there is none."""
    values = (value for one, value in response.headers if one.lower() == name)
    return next(values, b"").decode("latin-1").strip()


def _freshness(control: str) -> float:
    """How long an answer with this Cache-Control may be used, in seconds."""
    least, most = FRESH
    for directive in control.lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in {"no-store", "no-cache"}:
            return least
        if name == "max-age" and value.isdecimal():
            return min(max(float(value[:9]), least), most)
    return most


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The host"
