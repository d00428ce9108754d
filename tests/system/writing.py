"""Writers that keep account: what the server has acknowledged, and what it may or may not have done."""

import asyncio
import itertools
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from tests.system.servers import LONG

PLACE = "/demo/playground/"
PATCH = "_:p a <http://www.w3.org/ns/solid/terms#InsertDeletePatch>; <http://www.w3.org/ns/solid/terms#inserts> "
Content = bytes | None
"""What lies at a path; None for nothing."""


class Gone(Exception):
    """The server ended before it answered."""


@dataclass
class Account:
    """What must be there, and what else may be, for each path with one writer."""

    kept: dict[str, Content] = field(default_factory=dict)
    open: dict[str, Content] = field(default_factory=dict)
    facts: set[int] = field(default_factory=set)
    """The numbers that patches have added to the one document that all patch."""
    open_facts: set[int] = field(default_factory=set)
    posted: dict[str, bytes] = field(default_factory=dict)
    """What was posted, by the path that the server gave it."""
    open_posts: set[bytes] = field(default_factory=set)
    acknowledged: int = 0
    refused: int = 0

    def faults(self, found: dict[str, Content], facts: set[int], posted: dict[str, bytes]) -> list[str]:
        """What of that which was found contradicts the account."""
        wrong = [
            f"{path}: {_short(found[path])} instead of {_short(kept)}"
            for path, kept in self.kept.items()
            if found[path] != kept and not (path in self.open and found[path] == self.open[path])
        ]
        wrong += [f"the fact {one} is lost" for one in self.facts - facts]
        wrong += [f"the fact {one} came from nowhere" for one in facts - self.facts - self.open_facts]
        wrong += [f"{path} is lost or has changed" for path, one in self.posted.items() if posted.get(path) != one]
        wrong += [
            f"{path} came from nowhere: {_short(one)}"
            for path, one in posted.items()
            if path not in self.posted and one not in self.open_posts
        ]
        return wrong

    def settle(self, found: dict[str, Content], facts: set[int], posted: dict[str, bytes]) -> None:
        """Take what was found as what is there."""
        self.kept, self.facts, self.posted = found, facts, posted
        self.open, self.open_facts, self.open_posts = {}, set(), set()


def _short(content: Content) -> str:
    return "nothing" if content is None else f"{len(content)} bytes {content[:30]!r}"


class Writers:
    """Everything that writes, at once, until the server is gone or enough is acknowledged."""

    def __init__(self, url: str, account: Account, numbers: "itertools.count[int]") -> None:
        self._account = account
        self._numbers = numbers
        limits = httpx.Limits(max_connections=64)
        self._client = httpx.AsyncClient(base_url=url, timeout=LONG, limits=limits, trust_env=False)

    async def run(self, until: int, then: Callable[[], None]) -> None:
        """Write; call `then` once `until` more writes are acknowledged. Ends when the server is gone."""
        self._goal, self._then = self._account.acknowledged + until, then
        async with self._client, asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(self._until_gone(self._small, number))
                group.create_task(self._until_gone(self._fickle, number))
                group.create_task(self._until_gone(self._patch, number))
            for number in range(2):
                group.create_task(self._until_gone(self._large, number))
                group.create_task(self._until_gone(self._post, number))
                group.create_task(self._until_gone(self._deep, number))
            if until == 0:
                group.create_task(asyncio.to_thread(then))

    async def _until_gone(self, write: Callable[[int, int], Awaitable[None]], writer: int) -> None:
        try:
            while True:
                await write(writer, next(self._numbers))
        except Gone:
            return

    async def _send(self, method: str, path: str, content: bytes = b"", **headers: str) -> httpx.Response:
        """The answer, counted; Gone when none comes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            answer = await self._client.request(method, path, content=content, headers=sent)
        except httpx.TransportError as error:
            raise Gone from error
        assert answer.status_code in {201, 204, 205, 503}, answer.text
        if answer.status_code == 503:
            self._account.refused += 1
        else:
            self._account.acknowledged += 1
            if self._account.acknowledged == self._goal:
                self._then()
        return answer

    async def _change(self, method: str, path: str, content: Content, media_type: str) -> None:
        """Set what lies at a path that only this writer changes."""
        self._account.kept.setdefault(path, None)
        self._account.open[path] = content
        answer = await self._send(method, path, content or b"", content_type=media_type)
        del self._account.open[path]
        if answer.status_code != 503:
            self._account.kept[path] = content

    async def _small(self, writer: int, number: int) -> None:
        await self._change("PUT", f"{PLACE}small{writer}.ttl", f"<> <#is> {number}.".encode(), "text/turtle")

    async def _large(self, writer: int, number: int) -> None:
        chance = random.Random(number)
        content = chance.randbytes(chance.randrange(65_000, 200_000))
        await self._change("PUT", f"{PLACE}large{writer}.bin", content, "application/octet-stream")

    async def _fickle(self, writer: int, number: int) -> None:
        path = f"{PLACE}fickle{writer}.txt"
        content = random.Random(number).randbytes(number % 3 * 40_000)
        await self._change("PUT", path, content, "text/plain")
        await self._change("DELETE", path, None, "text/plain")

    async def _deep(self, writer: int, number: int) -> None:
        container = f"{PLACE}deep{writer}/{number % 7}/"
        await self._change("PUT", f"{container}leaf.ttl", f"<> <#is> {number}.".encode(), "text/turtle")
        await self._change("DELETE", f"{container}leaf.ttl", None, "text/turtle")
        await self._send("DELETE", container)

    async def _patch(self, _writer: int, number: int) -> None:
        self._account.open_facts.add(number)
        body = f"{PATCH} {{ <> <#has> {number} }}.".encode()
        answer = await self._send("PATCH", f"{PLACE}facts.ttl", body, content_type="text/n3")
        self._account.open_facts.discard(number)
        if answer.status_code != 503:
            self._account.facts.add(number)

    async def _post(self, writer: int, number: int) -> None:
        content = random.Random(number).randbytes(100) * (1 + number % 900)
        self._account.open_posts.add(content)
        answer = await self._send("POST", f"{PLACE}box/", content, content_type="image/png", slug=f"photo{writer}.png")
        self._account.open_posts.discard(content)
        if answer.status_code != 503:
            self._account.posted[str(httpx.URL(answer.headers["location"]).path)] = content


def found(url: str, account: Account) -> tuple[dict[str, Content], set[int], dict[str, bytes]]:
    """What is there, where the account says that something may be."""
    with httpx.Client(base_url=url, timeout=LONG, trust_env=False) as client:

        def get(path: str, accept: str = "*/*") -> Content:
            answer = client.get(path, headers={"accept": accept})
            assert answer.status_code in {200, 404}, f"{path}: {answer.status_code} {answer.text}"
            return answer.content if answer.status_code == 200 else None

        contents = {path: get(path) for path in account.kept}
        facts = get(f"{PLACE}facts.ttl", "application/n-triples") or b""
        listing = (get(f"{PLACE}box/", "application/n-triples") or b"").decode()
        children = re.findall(rf"ldp#contains> <{re.escape(url)}([^>]*)>", listing)
        posted = {f"/{child}": get(f"/{child}") for child in children}
    numbers = {int(one) for one in re.findall(rb'"(\d+)"', facts)}
    return contents, numbers, {path: one for path, one in posted.items() if one is not None}
