"""People who write, and owners who give and take rights, at random and without making more than they delete."""

import asyncio
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.followers import Caller, Mood
from tests.bench.journal import Box, Write, now

TURTLE = "text/turtle"
AT_MOST = 12
"""Documents that one writer has at a time."""
CHANGES = 4
"""How often each document is changed that fills what is kept."""
PATCH = "_:p a <http://www.w3.org/ns/solid/terms#InsertDeletePatch>; <http://www.w3.org/ns/solid/terms#inserts> "
RULE = "[] a acl:Authorization; acl:agent %s; acl:accessTo <./>; acl:default <./>; acl:mode %s.\n"


def policy(owner: str, readers: list[str]) -> str:
    """A policy by which the owner may do everything, and the readers may read."""
    text = "@prefix acl: <http://www.w3.org/ns/auth/acl#>.\n" + RULE % (
        f"<{owner}>",
        "acl:Read, acl:Write, acl:Control",
    )
    return text + (RULE % (", ".join(f"<{one}>" for one in readers), "acl:Read") if readers else "")


def document(number: int, dice: random.Random) -> str:
    """Some triples, up to 4 kB of them, that are like no others."""
    return f"<#it> <#is> {number}." + "".join(
        f' <#p{one}> <#name> "Number {one}".' for one in range(dice.randrange(120))
    )


async def send(caller: Caller, box: Box, write: Write, method: str, url: str, body: str | None, **headers: str) -> bool:
    """Whether the server took the write, which was begun; the journal is told."""
    status, answered, text = await caller.ask(method, url, body, **headers)
    if status in {201, 204, 205}:
        box.acknowledge(write, answered.get("ETag"))
        if answered.get("Location", write.document) != write.document:
            box.journal.fault("otherwise", f"{write.document} was made as {answered['Location']}")
        return True
    box.withdraw(write)
    if status == 503:
        box.journal.counts["refused as busy"] += 1
    else:
        box.journal.fault("otherwise", f"{method} {url}: {status} {text}")
    return False


@dataclass
class Owned:
    """A document of a writer, and the container that was made for it."""

    box: Box
    uri: str
    folder: str | None


class Writer:
    """Makes, changes and deletes documents of its own in the boxes of one person."""

    def __init__(self, caller: Caller, boxes: list[Box], numbers: "itertools.count[int]", dice: random.Random) -> None:
        self._caller = caller
        self._boxes = boxes
        self._numbers = numbers
        self._dice = dice
        self._owned: list[Owned] = []

    async def run(self, rate: float, mood: Mood) -> None:
        """So many writes in a second, until all is to settle."""
        while await mood.pause(self._dice.expovariate(rate)):
            await self.step()

    async def step(self) -> None:
        """Write once, or twice where a container goes with what was in it."""
        made = len(self._owned)
        (action,) = self._dice.choices(
            (self._make, self._put, self._patch, self._delete), (AT_MOST - made, made, made, made / 2)
        )
        await action()

    def _body(self) -> str:
        return document(next(self._numbers), self._dice)

    async def _make(self) -> None:
        box, name = self._dice.choice(self._boxes), f"n{next(self._numbers)}"
        how = self._dice.choice(("PUT", "POST", "deep"))
        folder = f"{box.uri}{name}/" if how == "deep" else None
        within = folder or box.uri
        uri = f"{within}{name}.ttl"
        tells = [("Create", uri, None), ("Add", uri, within)]
        if folder is not None:
            tells += [("Create", folder, None), ("Add", folder, box.uri)]
        write = box.begin(uri, *tells)
        if how == "POST":
            taken = await send(
                self._caller, box, write, "POST", within, self._body(), content_type=TURTLE, slug=f"{name}.ttl"
            )
        else:
            taken = await send(self._caller, box, write, "PUT", uri, self._body(), content_type=TURTLE)
        if taken:
            self._owned.append(Owned(box, uri, folder))

    async def _put(self) -> None:
        one = self._dice.choice(self._owned)
        write = one.box.begin(one.uri, ("Update", one.uri, None))
        await send(self._caller, one.box, write, "PUT", one.uri, self._body(), content_type=TURTLE)

    async def _patch(self) -> None:
        one = self._dice.choice(self._owned)
        write = one.box.begin(one.uri, ("Update", one.uri, None))
        body = f"{PATCH} {{ <> <#has> {next(self._numbers)} }}."
        await send(self._caller, one.box, write, "PATCH", one.uri, body, content_type="text/n3")

    async def _delete(self) -> None:
        one = self._dice.choice(self._owned)
        for uri, container in self._places(one):
            write = one.box.begin(uri, ("Delete", uri, None), ("Remove", uri, container))
            if not await send(self._caller, one.box, write, "DELETE", uri, None):
                return
        self._owned.remove(one)

    @staticmethod
    def _places(one: Owned) -> Iterator[tuple[str, str]]:
        yield one.uri, one.folder or one.box.uri
        if one.folder is not None:
            yield one.folder, one.box.uri


class Granter:
    """The owner of a box, who gives others the right to read there and takes it."""

    def __init__(self, caller: Caller, box: Box, dice: random.Random) -> None:
        self._caller = caller
        self._box = box
        self._dice = dice

    async def run(self, pause: float, mood: Mood) -> None:
        """Change one right every so many seconds, until all is to settle."""
        while await mood.pause(self._dice.expovariate(1 / pause)):
            reader = self._dice.choice([one for one in self._box.rights if one != self._box.owner])
            if self._box.rights[reader].sure:
                await self.revoke(reader)
            else:
                await self.grant(reader)

    async def _write(self, readers: list[str]) -> None:
        box = self._box
        write = box.begin(box.policy, ("Update", box.policy, None))
        body = policy(box.owner, readers)
        if not await send(self._caller, box, write, "PUT", box.policy, body, content_type=TURTLE):
            raise RuntimeError(f"{box.policy} could not be written")

    def _readers(self) -> list[str]:
        return [one for one, right in self._box.rights.items() if right.may and one != self._box.owner]

    async def prepare(self) -> None:
        """Make the box, which only its owner may read at first."""
        for uri, body in ((self._box.uri, ""), (self._box.policy, policy(self._box.owner, []))):
            status, _, text = await self._caller.ask("PUT", uri, body, content_type=TURTLE)
            if status != 201:
                raise RuntimeError(f"{uri} could not be made: {status} {text}")

    async def grant_all(self) -> None:
        """Let everyone read who may not."""
        await self.grant(*(one for one, right in self._box.rights.items() if not right.sure))

    async def grant(self, *readers: str) -> None:
        """Let them read."""
        box = self._box
        box.journal.counts["grants"] += len(readers)
        for one in readers:
            box.rights[one].may = True
        await self._write(self._readers())
        for one in readers:
            box.rights[one].give()

    async def revoke(self, reader: str) -> None:
        """Let them read no longer."""
        box = self._box
        box.journal.counts["revocations"] += 1
        box.lose(reader)
        await self._write([one for one in self._readers() if one != reader])
        box.rights[reader].may, box.rights[reader].ended = False, now()


async def fill(owner: Caller, reader: Caller, place: str, count: int, dice: random.Random) -> None:
    """Fill what the server keeps in memory up to some bound, so that what grows afterwards grows without one.

    So many documents come and go in a container where nobody listens, and so many policies.
    """

    async def must(caller: Caller, method: str, uri: str, body: str | None = None, kind: str = TURTLE) -> None:
        status, _, text = await caller.ask(method, uri, body, content_type=kind)
        if status not in {200, 201, 204, 205}:
            raise RuntimeError(f"{method} {uri}: {status} {text}")

    async def once(number: int) -> None:
        uri, folder = f"{place}n{number}.ttl", f"{place}{number % AT_MOST}/"
        await must(owner, "PUT", uri, document(-number, dice))
        for change in range(CHANGES):
            await must(owner, "PATCH", uri, f"{PATCH} {{ <> <#has> {change} }}.", "text/n3")
        await must(owner, "DELETE", uri)
        await must(owner, "PUT", f"{folder}.acl", f"# {number}\n{policy(owner.webid, [reader.webid])}")
        await must(reader, "GET", folder)

    async def some(numbers: Iterator[int]) -> None:
        for number in numbers:
            await once(number)

    for number in range(AT_MOST):
        await must(owner, "PUT", f"{place}{number}/", "")
    numbers = iter(range(1, count + 1))
    await asyncio.gather(*(some(numbers) for _ in range(8)))
