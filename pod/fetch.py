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
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from pod.cache import Cache
from pod.errors import Unreachable

REDIRECTS = 3
FRESH_AT_LEAST = 5.0
FRESH_AT_MOST = 300.0
FRESH_BY_DEFAULT = 120.0
FAILED_FOR = 5.0
PARALLEL = 32
USER_AGENT = "rhizome"

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host and port."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A remote document."""

    url: str
    """Where it was found, redirects followed: the base for what is relative in it."""
    media_type: str
    body: bytes


Local = Callable[[str], Awaitable[Fetched | None]]
"""The document if this server has it, so that it need not ask itself over the network."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, or the failure to get one, and until when it holds (monotonic seconds)."""

    answer: Fetched | Unreachable
    until: float

    @property
    def weight(self) -> int:
        return 500 + (len(self.answer.body) if isinstance(self.answer, Fetched) else 0)


class Fetcher:
    """Gets documents by GET, each host and document no more often than needed."""

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
    ) -> None:
        self._rules = _Rules(allow_loopback=allow_loopback, allow_private=allow_private)
        self._timeout = timeout
        self._limit = limit
        self._local = local
        transport = _Guarded(self._rules, resolve or _resolve, verify or _trusted_by_default())
        self._client = httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            timeout=timeout,
            trust_env=False,
            headers={"user-agent": USER_AGENT, "accept-encoding": "identity"},
        )
        self._kept: Cache[tuple[str, str], _Kept] = Cache(16 * 1024 * 1024, lambda one: one.weight)
        self._under_way: dict[tuple[str, str], asyncio.Task[Fetched]] = {}
        self._parallel = asyncio.Semaphore(PARALLEL)

    async def get(self, url: str, *, accept: str, renew: bool = False) -> Fetched:
        """The document at the URL, perhaps as it was some minutes ago; Unreachable when it cannot be had.

        With `renew` an answer is used only if it is a few seconds old at most.
        """
        url = url.partition("#")[0]
        key = (url, accept)
        kept = self._kept.get(key)
        now = time.monotonic()
        if (
            kept is not None
            and kept.until > now
            and not (renew and kept.until - now < FRESH_BY_DEFAULT - FRESH_AT_LEAST)
        ):
            if isinstance(kept.answer, Unreachable):
                raise Unreachable(kept.answer.message)
            return kept.answer
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(key))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        # Who waits may give up without taking the answer from the others.
        return await asyncio.shield(task)

    async def _fetch(self, key: tuple[str, str]) -> Fetched:
        url, accept = key
        if self._local is not None:
            found = await self._local(url)
            if found is not None:
                return found
        try:
            async with self._parallel, asyncio.timeout(self._timeout):
                answer, fresh = await self._follow(url, accept)
        except Unreachable as error:
            self._kept.put(key, _Kept(error, time.monotonic() + FAILED_FOR))
            raise
        except TimeoutError as error:
            refusal = Unreachable(f"{_host(url)} did not answer in time.")
            self._kept.put(key, _Kept(refusal, time.monotonic() + FAILED_FOR))
            raise refusal from error
        self._kept.put(key, _Kept(answer, time.monotonic() + fresh))
        return answer

    async def _follow(self, url: str, accept: str) -> tuple[Fetched, float]:
        for _ in range(REDIRECTS + 1):
            self._rules.check_url(url)
            try:
                async with self._client.stream("GET", url, headers={"accept": accept}) as response:
                    if not response.has_redirect_location:
                        return await self._read(url, response), _freshness(response)
                    url = urljoin(url, response.headers["location"]).partition("#")[0]
            except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, ValueError) as error:
                raise Unreachable(f"{_host(url)} could not be asked.") from error
        raise Unreachable(f"{_host(url)} redirects more than {REDIRECTS} times.")

    async def _read(self, url: str, response: httpx.Response) -> Fetched:
        if response.status_code != httpx.codes.OK:
            raise Unreachable(f"{_host(url)} answered with the status {response.status_code}.")
        # Nothing but identity was asked for: a small compressed answer could be a huge document.
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unreachable(f"{_host(url)} answered with an encoding that was not asked for.")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._limit:
                raise Unreachable(f"The document at {_host(url)} is larger than {self._limit} bytes.")
        return Fetched(url, response.headers.get("content-type", ""), bytes(body))

    async def aclose(self) -> None:
        """Give up what is under way and close all connections."""
        for task in list(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        await self._client.aclose()


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which URLs and addresses may be asked."""

    allow_loopback: bool
    allow_private: bool

    def check_url(self, url: str) -> None:
        """Raise Unreachable unless the URL is one to ask, as far as it tells by itself."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise Unreachable("A remote document has an address that is no URL.") from error
        if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
            raise Unreachable("A remote document must have an https URL without a user name.")
        if parts.scheme == "http" and not (self.allow_loopback or self.allow_private):
            raise Unreachable(f"{host} must be asked by https.")

    def allowed(self, addresses: Iterable[str]) -> list[str]:
        """Those addresses that may be connected to."""
        return [address for address in addresses if self._allows(address)]

    def _allows(self, text: str) -> bool:
        address = _embedded(ipaddress.ip_address(text.partition("%")[0]))
        if address.is_loopback:
            return self.allow_loopback
        if address.is_multicast or address.is_unspecified or address.is_reserved or address.is_link_local:
            return False
        return address.is_global or (self.allow_private and address.is_private)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _embedded(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to no others."""

    def __init__(self, rules: _Rules, resolve: Resolve) -> None:
        self._rules = rules
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that is allowed and answers."""
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise Unreachable(f"{host} is not known.") from error
        allowed = self._rules.allowed(addresses)
        if not allowed:
            raise Unreachable(f"{host} is not on the public internet, and must not be asked.")
        failure: httpcore.ConnectError | None = None
        for address in allowed:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        raise Unreachable(f"{host} does not answer.") from failure

    async def sleep(self, seconds: float) -> None:
        """Pause, as the connection pool asks."""
        await self._network.sleep(seconds)


class _Guarded(httpx.AsyncHTTPTransport):
    """httpx's own transport, over the guarded backend. TLS is verified against the host's name."""

    def __init__(self, rules: _Rules, resolve: Resolve, verify: ssl.SSLContext) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=PARALLEL,
            max_keepalive_connections=8,
            keepalive_expiry=10,
            network_backend=_Backend(rules, resolve),
        )


@cache
def _trusted_by_default() -> ssl.SSLContext:
    """The authorities of this machine, read once: that takes longer than all else that a start does."""
    return ssl.create_default_context()


async def _resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _freshness(response: httpx.Response) -> float:
    """How long the answer may be used, in seconds: as it says, within bounds."""
    control = response.headers.get("cache-control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return FRESH_AT_LEAST
    for directive in control.split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age" and value.isdecimal():
            return min(max(float(value[:9]), FRESH_AT_LEAST), FRESH_AT_MOST)
    return FRESH_BY_DEFAULT


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The host"
