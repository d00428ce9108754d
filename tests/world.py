"""A whole server in one process, with people who use it and a web around it.

    async def test_…(world: World) -> None:
        await world.policy("/alice/box/", rule(world.bob, "read"))
        answer = await world.bob.get("/alice/box/")

Alice owns the pod at /alice/, with her WebID in it. Bob's WebID and issuer are elsewhere.
The rest of the web is `world.web`; nothing here reaches the real one.
"""

import asyncio
import contextlib
import ipaddress
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from pod.config import Server, Settings, Storage
from pod.errors import Unreachable
from pod.fetch import Fetched
from pod.idp.provision import Request
from pod.model.change import Entry
from pod.parts import opened
from tests.asgi import Answer, Application, Headers, exchange
from tests.tokens import Client, Issuer

BASE = "https://pod.example/"
TURTLE, JSON_LD = "text/turtle", "application/ld+json"
N3, SPARQL = "text/n3", "application/sparql-update"
BASIC_CONTAINER = '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'
EVERYONE, AUTHENTICATED = "acl:agentClass foaf:Agent", "acl:agentClass acl:AuthenticatedAgent"
HERE, BELOW, BOTH = ("acl:accessTo",), ("acl:default",), ("acl:accessTo", "acl:default")
ALL = "read write control"

# In memory where there is such a place: whether the disk keeps what it is told is tested elsewhere.
FAST = next((one for one in ("/dev/shm",) if Path(one).is_dir()), None)

Page = tuple[str, bytes]
"""Media type and content."""
Chunks = Iterable[bytes | Awaitable[bytes]]


class Person:
    """Somebody who sends requests; who has no token is nobody known."""

    def __init__(self, application: Application, webid: str = "", issuer: Issuer | None = None) -> None:
        self._application = application
        self.webid = webid
        self.issuer = issuer
        self.client = Client()
        self._token = issuer.token(webid=webid, client=self.client) if issuer else None

    async def request(
        self,
        method: str,
        path: str,
        content: bytes | str | Chunks | None = None,
        headers: Headers = (),
        *,
        length: bool = True,
        raw_path: bytes | None = None,
    ) -> Answer:
        """Send a request with just these headers, credentials aside.

        Chunks are sent without their length, as with `length` false any content is. With
        `raw_path` the path is what the request is proved for, and not what it asks for.
        """
        url = path if "://" in path else BASE[:-1] + path
        sent = [*self._credentials(method, url), *headers]
        chunks: Chunks = ()
        if content is not None:
            whole = content.encode() if isinstance(content, str) else content
            chunks = [whole] if isinstance(whole, bytes) else whole
            if not any(name == "content-length" for name, _ in sent):
                known = isinstance(whole, bytes) and length
                sent.append(("content-length", str(len(whole))) if known else ("transfer-encoding", "chunked"))  # type: ignore[arg-type]  # known to be bytes
        return await exchange(self._application, method, url, sent, chunks, raw_path=raw_path)

    async def send(self, method: str, path: str, content: bytes | str | Chunks | None = None, **headers: str) -> Answer:
        """Send a request. Headers have underscores for dashes: `if_match` is If-Match."""
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        return await self.request(method, path, content, named)

    def _credentials(self, method: str, url: str) -> Headers:
        return list(self.client.headers(method, url, self._token).items()) if self._token else []

    async def get(self, path: str, accept: str | None = None, **named: str) -> Answer:
        return await self.send("GET", path, **_accepting(accept), **named)

    async def head(self, path: str, accept: str | None = None, **named: str) -> Answer:
        return await self.send("HEAD", path, **_accepting(accept), **named)

    async def options(self, path: str, **named: str) -> Answer:
        return await self.send("OPTIONS", path, **named)

    async def put(self, path: str, media_type: str, content: bytes | str | Chunks, **named: str) -> Answer:
        return await self.send("PUT", path, content, content_type=media_type, **named)

    async def post(self, path: str, media_type: str, content: bytes | str | Chunks, **named: str) -> Answer:
        return await self.send("POST", path, content, content_type=media_type, **named)

    async def patch(self, path: str, media_type: str, content: bytes | str | Chunks, **named: str) -> Answer:
        return await self.send("PATCH", path, content, content_type=media_type, **named)

    async def delete(self, path: str, **named: str) -> Answer:
        return await self.send("DELETE", path, **named)

    async def insert(self, path: str, triples: str, **named: str) -> Answer:
        """An N3 Patch that inserts the triples."""
        return await self.patch(path, N3, n3(inserts=triples), **named)


def _accepting(accept: str | None) -> dict[str, str]:
    return {} if accept is None else {"accept": accept}


def n3(*, where: str = "", deletes: str = "", inserts: str = "") -> str:
    """A patch document with the formulae that are given."""
    formulae = (("where", where), ("deletes", deletes), ("inserts", inserts))
    parts = "".join(f"; solid:{name} {{ {triples} }}" for name, triples in formulae if triples)
    return (
        "@prefix solid: <http://www.w3.org/ns/solid/terms#>. @prefix ex: <https://voc.example/#>.\n"
        f"_:patch a solid:InsertDeletePatch{parts} ."
    )


def rule(who: Person | str, modes: str, scope: Sequence[str] = BOTH) -> tuple[str, str, Sequence[str]]:
    """An authorization: a person or one or more triples of the subject, modes, and what it applies to."""
    subject = f"acl:agent <{who.webid}>" if isinstance(who, Person) else who
    return subject, ", ".join(f"acl:{mode.title()}" for mode in modes.split()), scope


def policy(path: str, *rules: tuple[str, str, Sequence[str]]) -> str:
    """A policy document for the resource at the path."""
    prefixes = "@prefix acl: <http://www.w3.org/ns/auth/acl#>. @prefix foaf: <http://xmlns.com/foaf/0.1/>.\n"
    return prefixes + "\n".join(
        f"[] a acl:Authorization; {subject}; acl:mode {modes}; "
        + "; ".join(f"{one} <{BASE[:-1]}{path}>" for one in scope)
        + "."
        for subject, modes, scope in rules
        if modes
    )


class World:
    """The server and its people, open from `async with` to its end, when nothing may be damaged."""

    alice: Person
    bob: Person
    anyone: Person

    def __init__(self, kind: str = "memory", **settings: object) -> None:
        """`settings` are groups of settings that differ from the default."""
        self.kind = kind
        self._settings = settings
        self._stack = AsyncExitStack()
        self.web: dict[str, Page | Callable[[], Awaitable[Page]]] = {}
        """What the rest of the web has, by URL; something that is called happens when it is asked for."""
        self.asked: list[str] = []
        """What the server wanted of the web, in order."""

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _open(self) -> None:
        self.directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory(dir=FAST)))
        # A file that is long already is not written full of zeros, which takes longer than all else here.
        with (self.directory / "replays").open("wb") as file:
            file.truncate(16 << 20)
        storage = Storage(data=str(self.directory), kind=self.kind)
        settings = replace(Settings(server=Server(base_url=BASE), storage=storage), **self._settings)  # type: ignore[arg-type]  # groups by their names
        self.parts = await self._stack.enter_async_context(opened(settings, self.served))
        self.server = self.parts.server()
        self.hub = self.parts.notifications.hub
        self.cursors = self.parts.notifications.cursors
        following = asyncio.create_task(self.hub.follow())
        self._stack.push_async_callback(_ended, following)
        self.anyone = Person(self.server)
        issuer, other = self.issuer("https://issuer.example/"), self.issuer("https://login.example")
        created = await self.parts.provision.create(Request("alice", "alice@pod.example", issuer=issuer.url))
        self.alice = Person(self.server, created.webid, issuer)
        self.bob = self.person("https://bob.example/card#me", other)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        async with self._stack:
            if error is None:
                assert await self.damage() == []

    async def damage(self) -> list[str]:
        """Everything that is not as it must be."""
        found = [*await self.parts.stores.store.check(), *await self.parts.stores.blobs.check()]
        return [one.what for one in found]

    async def served(self, url: str, _accept: str) -> Fetched | None:
        """The document of the web; None where the server itself or its guard decides."""
        if url.startswith(BASE):
            return None
        self.asked.append(url)
        found = self.web.get(url)
        if found is not None:
            return Fetched(url, *(await found() if callable(found) else found))
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(urlsplit(url).hostname or "")
            return None  # the guard of the server decides about addresses
        raise Unreachable(f"{urlsplit(url).hostname} could not be asked.")

    def issuer(self, url: str) -> Issuer:
        """An identity provider that can be found on the web."""
        made = Issuer(url)
        self.publish(made)
        return made

    def publish(self, issuer: Issuer, **changes: object) -> None:
        """Put the issuer's configuration and keys on the web."""
        self.web[issuer.configuration_url] = ("application/json", json.dumps(issuer.configuration(**changes)).encode())
        self.web[issuer.jwks_url] = ("application/json", json.dumps(issuer.jwks()).encode())

    def person(self, webid: str, issuer: Issuer) -> Person:
        """Somebody with a WebID elsewhere, which names the issuer."""
        profile = f"<{webid}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{issuer.url}>."
        self.web[webid.partition("#")[0]] = (TURTLE, profile.encode())
        return Person(self.server, webid, issuer)

    async def policy(self, path: str, *rules: tuple[str, str, Sequence[str]]) -> None:
        """Set the policy of a resource; Alice keeps all rights in it."""
        answer = await self.alice.put(f"{path}.acl", TURTLE, policy(path, rule(self.alice, ALL), *rules))
        assert answer.status in {201, 204}, answer.text

    async def folder(self, path: str) -> None:
        """A new, empty container of Alice's."""
        answer = await self.alice.put(path, TURTLE, "")
        assert answer.status == 201, answer.text

    async def document(self, path: str, content: bytes | str = "<#it> <https://voc.example/#is> 1 .") -> None:
        """A new Turtle document of Alice's."""
        answer = await self.alice.put(path, TURTLE, content)
        assert answer.status == 201, answer.text

    async def members(self, path: str) -> set[str]:
        """The paths of what a container lists, as Alice sees it."""
        answer = await self.alice.get(path, TURTLE)
        assert answer.status == 200
        listed = {quad.object for quad in answer.graph() if quad.predicate.endswith("ldp#contains")}
        return {uri.removeprefix(BASE[:-1]) for uri in listed}

    async def settle(self) -> None:
        """Return when listeners were told of all that has happened, and have sent it."""
        head = await self.parts.stores.store.head()
        while self.hub.position < head or self.hub.busy:
            await self.breathe()

    @staticmethod
    def stuck() -> asyncio.Event:
        """A client that takes nothing until this is set."""
        return asyncio.Event()

    @staticmethod
    async def breathe() -> None:
        """Let others have their turn."""
        await asyncio.sleep(0)

    async def log(self) -> Sequence[Entry]:
        """Every entry of the log."""
        return await self.parts.stores.store.log(limit=1_000_000)

    def kept(self) -> set[str]:
        """The names of all blobs and files that storage keeps outside of its rows."""
        return {str(path) for path in (self.directory / "blobs").rglob("*") if path.is_file()}

    @asynccontextmanager
    async def unchanged(self) -> AsyncIterator[None]:
        """What is done meanwhile changes nothing and leaves nothing behind."""
        log, kept = len(await self.log()), self.kept()
        yield
        assert len(await self.log()) == log
        assert self.kept() == kept


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
