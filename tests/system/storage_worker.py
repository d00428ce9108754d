"""A process that uses storage as a worker of the server does, for tests that need several.

    python -m tests.system.storage_worker TASK DIRECTORY NAME

It says "ready" when it could begin, and begins when it is told anything.
"""

import asyncio
import resource
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

from pod.errors import Stale
from pod.model.change import Change, Expect
from pod.storage.stores import Stores, open_sqlite
from tests.contract.making import POD, change, expect, put, uri, write

ROUNDS = 100
PIECE = b"0123456789abcdef" * 65536


async def first(stores: Stores, name: str) -> None:
    """Makes the pod, unless another was quicker, and something of its own."""
    try:
        await stores.store.commit(Change((), (write(""), write(".acl", "policy")), pod=POD))
        say("made the pod")
    except Stale:
        say("found the pod")
    await asyncio.gather(*(put(stores, f"{name}-{n}", f"by {name}") for n in range(20)))


async def counting(stores: Stores, name: str) -> None:
    """Adds one to a number that others add to as well, so many times."""
    for _ in range(ROUNDS):
        while True:
            target = (await stores.store.view(uri("number"))).target
            assert target is not None
            number = int(await stores.blobs.read(target.blob))
            try:
                await stores.store.commit(
                    change(expect("number", target.revision), write("number", str(number + 1)), agent=name)
                )
                break
            except Stale:
                continue


async def containers(stores: Stores, name: str) -> None:
    """Makes and deletes the same containers and children as the others."""
    for n in range(ROUNDS):
        path = f"{n % 3}/"
        wishes = (
            change(expect(path, Expect.ABSENT), write(path)),
            change(write(f"{path}{name}")),
            change(write(f"{path}{n % 2}")),
            change(f"{path}{name}"),
            change(expect(path, Expect.EMPTY), path),
        )
        await asyncio.gather(*(stores.store.commit(wish) for wish in wishes), return_exceptions=True)


async def writing(stores: Stores, name: str) -> None:
    """Writes for ever, small and large, and says what is acknowledged."""

    async def one(writer: int) -> None:
        for n in count():
            path = f"{name}-{writer}-{n}"
            body = f"{path} ".encode() * (8000 if n % 5 == 0 else 3)
            await put(stores, path, await stores.blobs.save(_once(body)))
            say(path)

    await asyncio.gather(*(one(writer) for writer in range(8)))


async def streaming(stores: Stores, _name: str) -> None:
    """Keeps half a gigabyte and reads it back; says how much memory that took, in MiB."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(512):
            yield PIECE

    before = peak()
    kept = await stores.blobs.save(pieces())
    await put(stores, "large", kept)
    size = 0
    async for piece in stores.blobs.stream(kept.blob):
        size += len(piece)
    assert size == kept.blob.size == 512 * len(PIECE)
    say(str(peak() - before))


async def proving(stores: Stores, _name: str) -> None:
    """Says which of the keys it was the first to use."""
    for n in range(2000):
        if stores.replays.first_use(b"key %d" % n, 4_000_000_000):
            say(str(n))


TASKS = {
    "first": first,
    "counting": counting,
    "containers": containers,
    "writing": writing,
    "streaming": streaming,
    "proving": proving,
}


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def say(what: str) -> None:
    print(what, flush=True)


async def main(task: str, directory: str, name: str) -> None:
    say("ready")
    sys.stdin.readline()
    stores = await open_sqlite(Path(directory))
    try:
        await TASKS[task](stores, name)
    finally:
        await stores.close()
    say("done")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
