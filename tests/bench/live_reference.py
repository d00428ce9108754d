"""The same clients at this server and at another one, in turns: how soon they hear, and what sockets cost.

    python -m tests.bench.live_reference --against URL [--sockets N] [--changes N] [--rounds N]

The other server runs already, on this machine. It lets http://localhost:4100/profile/card#me write below the
URL, and everyone read, and takes tokens of the issuer http://localhost:4100, which runs here. Both are asked
by standard means alone: services are found in the description of the storage.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp
import psutil
import pyoxigraph
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from tests.bench.__main__ import BIN, free_port, running
from tests.bench.ears import PATIENCE, WEB_SOCKET, Deliveries, Ear, Writer, deliveries, ears, share, subscribe
from tests.bench.live import BOUNDS, allow_many_sockets
from tests.listening import PLURAL
from tests.tokens import Client, Issuer

ISSUER_PORT = 4100
ISSUER = f"http://localhost:{ISSUER_PORT}"
SECRET = 0x5EED
"""Of a key that everyone knows: no server that matters may trust it."""
WEBID = f"{ISSUER}/profile/card#me"
DESCRIPTION = "http://www.w3.org/ns/solid/terms#storageDescription"
TURTLE = "text/turtle"
COUNTS = (1, 200)
"""How many listen to one resource."""
WINDOW = 1.5
"""Seconds of patches, one after the other."""
LENGTH = 20
"""Patches to one document."""
FANNED_OUT = 2
"""Changes that all of half the idle sockets hear of."""


class Writing:
    """The one who writes, at any server."""

    def __init__(self) -> None:
        self.issuer = Issuer(ISSUER)
        # The same in every run, as servers remember it.
        self.issuer.key.private = ec.derive_private_key(SECRET, ec.SECP256R1())
        self.issuer.key.kid = self.issuer.key.thumbprint
        self._app = Client(client_id=f"{ISSUER}/app")
        self._token = self.issuer.token(webid=WEBID, client=self._app)

    def sign(self, method: str, url: str) -> Mapping[str, str]:
        """The headers that prove it."""
        return self._app.headers(method, url, self._token)


@asynccontextmanager
async def issuing(issuer: Issuer) -> AsyncIterator[None]:
    """The issuer and the profile, while a server may ask for them."""

    async def configuration(_request: web.Request) -> web.Response:
        return web.json_response(issuer.configuration())

    async def keys(_request: web.Request) -> web.Response:
        return web.json_response(issuer.jwks())

    async def profile(_request: web.Request) -> web.Response:
        text = f"<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{ISSUER}>.\n"
        return web.Response(text=text, content_type=TURTLE)

    application = web.Application()
    application.router.add_get("/.well-known/openid-configuration", configuration)
    application.router.add_get("/jwks", keys)
    application.router.add_get("/profile/card", profile)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "localhost", ISSUER_PORT).start()
    yield
    await runner.cleanup()


@dataclass
class Site:
    """A server under measurement, and what was found."""

    name: str
    base: str
    process: psutil.Process
    writing: Writing
    service: str = ""
    place: str = field(default_factory=lambda: f"live-{os.urandom(4).hex()}/")
    heard: dict[int, Deliveries] = field(default_factory=dict)
    bytes_each: float = 0.0
    sockets: int = 0
    alone: list[float] = field(default_factory=list)
    """Milliseconds of a patch without idle sockets, in the median of each window; `crowded` is with them."""
    crowded: list[float] = field(default_factory=list)
    fanned_out: Deliveries = field(default_factory=Deliveries)

    def path(self, name: str) -> str:
        """The path of a resource that is used here."""
        return urlsplit(self.base).path + self.place + name

    async def writer(self) -> Writer:
        """With a new connection, since an older one may have been idle for too long."""
        parts = urlsplit(self.base)
        return await Writer.connected(f"{parts.scheme}://{parts.netloc}", self.writing.sign)

    async def discover(self, session: aiohttp.ClientSession) -> None:
        """Find the service, by the description of the storage."""
        async with session.get(self.base) as answer:
            links = ", ".join(answer.headers.getall("Link"))
        found = re.search(rf'<([^>]*)>\s*;\s*rel="?{re.escape(DESCRIPTION)}', links)
        if found is None:
            raise SystemExit(f"{self.base} does not say where its storage is described.")
        url = urljoin(self.base, found[1])
        async with session.get(url, headers={"accept": TURTLE}) as answer:
            text = await answer.text()
        for triple in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE, base_iri=url):
            if triple.predicate.value == f"{PLURAL}channelType" and triple.object.value == f"{PLURAL}{WEB_SOCKET}":
                self.service = triple.subject.value
                return
        raise SystemExit(f"{url} names no service for {WEB_SOCKET}.")

    async def listen(self, name: str, count: int, *, apart: bool) -> list[Ear]:
        """So many sockets that listen to a resource: by subscriptions of their own, if they are `apart`, or by one."""
        topic, found = urljoin(self.base, self.path(name)), list[Ear]()
        if not apart:
            return await ears(await subscribe(self.service, topic, self.writing.sign), count)
        for _ in range(count):
            found += await ears(await subscribe(self.service, topic, self.writing.sign), 1, pause=0)
        return found


async def heard(sites: Sequence[Site], count: int, options: argparse.Namespace) -> None:
    """How soon a change is heard of by so many."""
    name, listening = f"by-{count}", dict[str, list[Ear]]()
    for site in sites:
        await (await site.writer()).patch(site.path(name))
        listening[site.name] = await site.listen(name, count, apart=True)
        site.heard[count] = Deliveries()
    # Many deliveries come of few changes.
    each = options.changes // options.rounds // (1 if count == 1 else 4)
    for _ in range(options.rounds):
        for site in sites:
            found = await deliveries(await site.writer(), site.path(name), listening[site.name], each)
            site.heard[count].add(found)
    for ear in (one for some in listening.values() for one in some):
        ear.close()


async def patches(site: Site, options: argparse.Namespace, times: list[float]) -> None:
    """The median time of a patch, in windows with a document each."""
    for _ in range(options.rounds):
        writer, window, end = await site.writer(), list[float](), time.perf_counter() + WINDOW
        while time.perf_counter() < end:
            # A new document again and again, since a long one takes longer.
            path = site.path(f"alone-{os.urandom(6).hex()}")
            found = [await writer.patch(path) for _ in range(LENGTH)]
            window += [after - before for before, after in found]
        times.append(share(window, 0.5))


async def idle(site: Site, options: argparse.Namespace) -> None:
    """What very many sockets cost that hear nothing, measured without them, with them, and without them again."""
    await patches(site, options, site.alone)
    for name in ("many", "others"):
        await (await site.writer()).patch(site.path(name))
    before, half = site.process.memory_info().rss, options.sockets // 2
    many = await site.listen("many", half, apart=False)
    others = await site.listen("others", options.sockets - half, apart=False)
    site.sockets = options.sockets
    site.bytes_each = (site.process.memory_info().rss - before) / options.sockets
    await patches(site, options, site.crowded)
    site.fanned_out = await deliveries(await site.writer(), site.path("many"), many, FANNED_OUT, 2 * PATIENCE)
    for ear in (*many, *others):
        ear.close()
    await asyncio.sleep(2)
    await patches(site, options, site.alone)


async def measured(sites: Sequence[Site], writing: Writing, options: argparse.Namespace) -> None:
    """Everything at every site."""
    async with issuing(writing.issuer), aiohttp.ClientSession() as session:
        for site in sites:
            await site.discover(session)
        for count in COUNTS:
            await heard(sites, count, options)
        # One after the other: the sockets of both are more than one process may open.
        for site in sites if options.sockets else ():
            await idle(site, options)


def missed(found: Deliveries) -> str:
    """How many of the messages did not come in time."""
    return f" ({found.missed} of {found.missed + len(found.sent)} missed)" if found.missed else ""


def rows(site: Site) -> Iterator[tuple[str, str]]:
    """What was measured at a site, and the figure."""
    for count, times in site.heard.items():
        for name, found in (("sent", times.sent), ("acknowledged", times.acknowledged)):
            figure = f"{share(found, 0.5):.1f}, {share(found, 0.95):.1f} ms{missed(times)}"
            yield f"{name} → received, {count} listening: p50, p95", figure
    if site.sockets:
        crowded, alone = (
            share([one / 1000 for one in site.crowded], 0.5),
            share([one / 1000 for one in site.alone], 0.5),
        )
        yield f"each of {site.sockets:,} idle sockets", f"{site.bytes_each / 1000:.1f} KB"
        yield "PATCH with all of them, and with none", f"{crowded:.2f} : {alone:.2f} ms = {crowded / alone:.2f}"
        figure = f"{share(site.fanned_out.acknowledged, 0.99):.0f} ms{missed(site.fanned_out)}"
        yield f"acknowledged → received by {site.sockets // 2:,}: p99", figure


@contextmanager
def rhizome(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """This server, with one worker and a pod where everyone may read."""
    port = free_port()
    data = ["--data", str(folder), "--base-url", f"http://localhost:{port}/"]
    create = [str(BIN / "rhizome"), "pod", "create", "bench", "--email", "bench@example.org", "--webid", WEBID]
    subprocess.run([*create, *data], check=True, stdout=subprocess.DEVNULL)
    serve = [str(BIN / "rhizome"), "serve", "--port", str(port), *data]
    with running(serve, f"http://127.0.0.1:{port}/.health/ready", None, **BOUNDS) as process:
        yield f"http://localhost:{port}/bench/", psutil.Process(process.pid)


def listening_at(url: str) -> psutil.Process:
    """The process that listens at the port of the URL."""
    port = urlsplit(url).port
    for one in psutil.net_connections("tcp"):
        if one.status == psutil.CONN_LISTEN and one.laddr.port == port and one.pid:
            return psutil.Process(one.pid)
    raise SystemExit(f"Nobody listens at {url}.")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.live_reference", description=__doc__)
    parser.add_argument("--against", required=True, metavar="URL", help="a container of the other server")
    parser.add_argument("--sockets", type=int, default=10_000, help="idle sockets at each (10000)")
    parser.add_argument("--changes", type=int, default=60, help="changes for each figure (60)")
    parser.add_argument("--rounds", type=int, default=3, help="turns (3)")
    options = parser.parse_args()
    allow_many_sockets()
    writing = Writing()
    with (
        tempfile.TemporaryDirectory() as name,
        rhizome(Path(name)) as (base, process),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        other = Site("the other server", options.against, listening_at(options.against), writing)
        sites = [Site("Rhizome", base, process, writing), other]
        runner.run(measured(sites, writing, options))
    print(f"| what | {' | '.join(one.name for one in sites)} |\n|---|---|---|")
    for (what, ours), (_, theirs) in zip(rows(sites[0]), rows(sites[1]), strict=True):
        print(f"| {what} | {ours} | {theirs} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
