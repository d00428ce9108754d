"""Blobs: bytes come back as they went in, and only what nobody needs goes away."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest

from pod.errors import Damaged
from pod.model.representation import Staged
from pod.model.resource import Blob
from pod.storage.ports import INLINE_LIMIT
from tests.contract.making import (
    LATER,
    Backend,
    change,
    in_chunks,
    large,
    make_pod,
    put,
    remove,
    staged,
    streamed,
    write,
)

SIZES = [0, 1, INLINE_LIMIT - 1, INLINE_LIMIT, INLINE_LIMIT + 1, 1_000_000, 3_000_000]


@pytest.mark.parametrize("size", SIZES)
async def test_content_comes_back_as_it_was(backend: Backend, size: int) -> None:
    content = large(size)
    async with backend.opened() as stores:
        await make_pod(stores)

        kept = await stores.blobs.save(in_chunks(content))
        await put(stores, "file", kept)

        assert kept.blob == Blob(hashlib.sha256(content).hexdigest(), size)
        assert await stores.blobs.read(kept.blob) == content
        assert await streamed(stores.blobs.stream(kept.blob)) == content


@pytest.mark.parametrize("size", SIZES)
async def test_bytes_that_are_at_hand_are_kept_as_those_that_arrive(backend: Backend, size: int) -> None:
    content = large(size)
    async with backend.opened() as stores:
        await make_pod(stores)

        kept = await stores.blobs.keep(content)
        await put(stores, "file", kept)

        assert kept == await stores.blobs.save(in_chunks(content))
        assert await stores.blobs.read(kept.blob) == content


@pytest.mark.parametrize("size", [10, 1_000_000])
@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (3, 3), (3, 7), (9, None), (0, 10), (5, 2_000_000), (10, None), (4, 600_000)]
)
async def test_a_part_of_the_content_can_be_streamed(backend: Backend, size: int, start: int, end: int | None) -> None:
    content = large(size)
    async with backend.opened() as stores:
        await make_pod(stores)
        kept = await stores.blobs.save(in_chunks(content))
        await put(stores, "file", kept)

        pieces = [piece async for piece in stores.blobs.stream(kept.blob, start, end)]

        assert b"".join(pieces) == content[start:end]
        assert all(0 < len(piece) <= 256 * 1024 for piece in pieces)


async def test_chunks_may_be_of_any_size(backend: Backend) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for size in (0, 1, 200_000, 0, 3_000_000, 5):
            yield b"x" * size

    async with backend.opened() as stores:
        kept = await stores.blobs.save(chunks())

        assert kept.blob == Blob(hashlib.sha256(b"x" * 3_200_006).hexdigest(), 3_200_006)
        assert await stores.blobs.read(kept.blob) == b"x" * 3_200_006


async def test_the_same_content_is_kept_once(backend: Backend) -> None:
    content = large()
    async with backend.opened() as stores:
        await make_pod(stores)
        one = await stores.blobs.save(in_chunks(content))
        other = await stores.blobs.save(in_chunks(content, 77_777))
        await put(stores, "one", one)
        await put(stores, "other", other)

        assert one.blob == other.blob
        assert await stores.blobs.sweep(LATER) == 0
        assert await stores.blobs.read(one.blob) == content


@pytest.mark.parametrize("size", [10, 300_000, 3_000_000])
async def test_content_that_is_missing_is_damaged(backend: Backend, size: int) -> None:
    blob = Blob("a" * 64, size)
    async with backend.opened() as stores:
        with pytest.raises(Damaged, match="is missing"):
            await stores.blobs.read(blob)
        with pytest.raises(Damaged, match="is missing"):
            await streamed(stores.blobs.stream(blob))


@pytest.mark.parametrize("sent", [10, 100_000, 3_000_000])
async def test_a_client_that_stops_half_way_leaves_nothing(backend: Backend, sent: int) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield large(sent)
        raise ConnectionResetError

    async with backend.opened() as stores:
        with pytest.raises(ConnectionResetError):
            await stores.blobs.save(chunks())

        assert await stores.blobs.sweep(LATER) == 0


async def test_an_upload_that_is_cancelled_leaves_nothing(backend: Backend) -> None:
    arrived = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield large(3_000_000)
        arrived.set()
        await asyncio.Event().wait()

    async with backend.opened() as stores:
        upload = asyncio.create_task(stores.blobs.save(chunks()))
        await arrived.wait()
        upload.cancel()
        await asyncio.wait([upload])

        assert upload.cancelled()
        assert await stores.blobs.sweep(LATER) == 0


async def test_uploads_at_the_same_time_do_not_mix(backend: Backend) -> None:
    contents = [large(2_500_000) for _ in range(4)]
    async with backend.opened() as stores:
        kept = await asyncio.gather(*(stores.blobs.save(in_chunks(content, 100_000)) for content in contents))

        assert [await stores.blobs.read(one.blob) for one in kept] == contents


async def test_a_sweep_removes_what_nobody_names(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        kept = [await stores.blobs.save(in_chunks(large())) for _ in range(3)]
        await put(stores, "file", kept[0])

        assert await stores.blobs.sweep(LATER) == 2

        assert len(await stores.blobs.read(kept[0].blob)) == 300_000
        for one in kept[1:]:
            with pytest.raises(Damaged):
                await stores.blobs.read(one.blob)


async def test_a_sweep_leaves_what_came_lately(backend: Backend) -> None:
    async with backend.opened() as stores:
        kept = await stores.blobs.save(in_chunks(large()))

        assert await stores.blobs.sweep(1) == 0

        assert len(await stores.blobs.read(kept.blob)) == 300_000


async def test_a_sweep_leaves_what_only_the_log_names(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores, "a/")
        kept = [staged("small"), await stores.blobs.save(in_chunks(large()))]
        for one in kept:
            await put(stores, "a/file", one)
        await remove(stores, "a/file", "a/")

        assert await stores.blobs.sweep(LATER) == 0

        assert [len(await stores.blobs.read(one.blob)) for one in kept] == [5, 300_000]


async def test_a_large_sweep_removes_everything_unwanted(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        for n in range(250):
            await stores.blobs.save(in_chunks(b"%d" % n + b"x" * INLINE_LIMIT))
        kept = await stores.blobs.save(in_chunks(large()))
        await put(stores, "file", kept)

        assert await stores.blobs.sweep(LATER) == 250
        assert await stores.blobs.sweep(LATER) == 0
        assert await stores.blobs.check() == []


async def test_swept_content_can_come_again(backend: Backend) -> None:
    content = large()
    async with backend.opened() as stores:
        await make_pod(stores)
        first = await stores.blobs.save(in_chunks(content))
        await stores.blobs.sweep(LATER)

        again = await stores.blobs.save(in_chunks(content))
        await put(stores, "file", again)

        assert again.blob == first.blob
        assert await stores.blobs.read(again.blob) == content


async def test_content_that_a_sweep_took_between_upload_and_commit_is_not_named(backend: Backend) -> None:
    async with backend.opened() as stores:
        await make_pod(stores)
        kept = await stores.blobs.save(in_chunks(large()))
        await stores.blobs.sweep(LATER)
        before = await stores.store.log()

        ended = await asyncio.gather(
            put(stores, "file", Staged(kept.blob, None)),
            stores.store.commit(change(write("other"))),
            return_exceptions=True,
        )

        assert [type(one).__name__ for one in ended] == ["Stale", "Commit"]
        assert len(await stores.store.log()) == len(before) + 1
        assert await stores.blobs.check() == []
