"""What a person takes along: an archive with everything, made while it is sent."""

import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pod.idp.accounts import Account
from pod.idp.zipping import Zip
from tests.unit.idp.house import BASE, EMAIL
from tests.unit.idp.leaving import APP, LeavingHouse, leaving_house

ROOT = f"{BASE}alice/"
WHEN = datetime(2026, 5, 17, 12, 30, 10, tzinfo=UTC)


async def archive(house: LeavingHouse, account: Account) -> zipfile.ZipFile:
    """The archive of an account, whole, and in order."""
    content = b"".join([piece async for piece in house.exports.export(account)])
    found = zipfile.ZipFile(io.BytesIO(content))
    assert found.testzip() is None
    return found


async def chunks(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_every_resource_is_there_with_its_bytes(kind: str, tmp_path: Path) -> None:
    async with leaving_house(tmp_path / "data" if kind == "sqlite" else None) as house:
        account = await house.tenant()
        large = bytes(range(256)) * 2000
        await house.put(f"{ROOT}large", await house.blobs.save(chunks(large, 50_000)))
        await house.put(f"{ROOT}caf%C3%A9.txt", b"au lait")
        await house.put(f"{ROOT}notes/", b"<> <#is> <#mine>.", "text/turtle")
        await house.put(f"{ROOT}notes/.meta", b"<> <#is> <#said>.", "text/turtle")

        found = await archive(house, account)

        manifest = json.loads(found.read("manifest.json"))
        kept = await house.store.within(house.pods.root("alice"), limit=1000)
        assert [one["uri"] for one in manifest["resources"]] == [one.uri for one in kept]
        assert manifest["server"] == BASE
        for one, resource in zip(manifest["resources"], kept, strict=True):
            content = b"" if one["file"] is None else found.read(one["file"])
            assert content == await house.blobs.read(resource.blob)
            assert (one["sha256"], one["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
            assert (one["mediaType"], one["kind"]) == (resource.media_type, str(resource.kind))
            assert one["modified"].endswith("Z")
        assert found.read("pods/alice/large") == large
        assert found.read("pods/alice/caf%C3%A9.txt") == b"au lait"
        assert found.read("pods/alice/notes/.meta") == b"<> <#is> <#said>."
        assert found.read("containers/alice/notes/_.ttl") == b"<> <#is> <#mine>."
        assert found.getinfo("pods/alice/notes/").is_dir()


async def test_what_is_kept_about_the_account_is_there_without_secrets() -> None:
    async with leaving_house(None) as house:
        account = await house.tenant()

        found = await archive(house, account)

        facts = json.loads(found.read("account.json"))
        assert (facts["email"], facts["webids"]) == (EMAIL, [f"{ROOT}profile/card#me"])
        assert facts["password"] is True
        assert facts["pods"] == [{"name": "alice", "uri": ROOT}]
        assert {one["client"] for one in facts["apps"]} > {APP}
        assert next(one for one in facts["apps"] if one["client"] == APP)["grants"] == [
            {"target": ROOT, "modes": ["read"], "until": None}
        ]
        assert [one["name"] for one in facts["tokens"]] == ["a script"]
        assert [one["device"] for one in facts["sessions"]] == ["Firefox on Linux"]
        hashed = account.password or ""
        assert hashed
        assert not any(hashed.encode() in found.read(name) for name in found.namelist())


async def test_a_closed_pod_can_be_taken_along_too() -> None:
    async with leaving_house(None) as house:
        account = await house.tenant()
        before = set((await archive(house, account)).namelist())

        deleted = await house.deletion.delete(account.id)

        found = await archive(house, deleted)
        assert set(found.namelist()) == before
        assert json.loads(found.read("account.json"))["deleting"] is not None


async def test_damaged_content_is_told_and_all_else_is_there(tmp_path: Path) -> None:
    async with leaving_house(tmp_path / "data") as house:
        account = await house.tenant()
        staged = await house.blobs.save(chunks(b"x" * 200_000, 50_000))
        await house.put(f"{ROOT}large", staged)
        await house.put(f"{ROOT}zoo", b"all is well")
        next(one for one in (tmp_path / "data/blobs").rglob(staged.blob.digest)).unlink()

        found = await archive(house, account)

        told = {one["uri"]: one.get("damaged") for one in json.loads(found.read("manifest.json"))["resources"]}
        assert {uri for uri, damaged in told.items() if damaged} == {f"{ROOT}large"}
        assert found.read("pods/alice/zoo") == b"all is well"


async def test_long_names_are_shortened_and_stay_apart() -> None:
    async with leaving_house(None) as house:
        account = await house.tenant()
        names = ("a" * 300 + "1", "a" * 300 + "2")
        for name in names:
            await house.put(f"{ROOT}{name}", name.encode())

        found = await archive(house, account)

        files = {one["uri"]: one["file"] for one in json.loads(found.read("manifest.json"))["resources"]}
        for name in names:
            file = files[f"{ROOT}{name}"]
            assert found.read(file) == name.encode()
            assert max(map(len, file.split("/"))) <= 200


async def test_memory_does_not_grow_with_the_archive() -> None:
    async def made(members: int) -> int:
        """The most memory in use while an archive is made."""
        tracemalloc.start()
        size = 0
        with Zip() as archive:
            for number in range(members):
                async for piece in archive.member(f"file-{number}", WHEN, chunks(b"content" * 10, 70)):
                    size += len(piece)
            for piece in archive.end():
                size += len(piece)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert size > members * 100
        return peak

    await made(1)
    assert await made(40_000) < 3_000_000 < 40_000 * 150


async def test_an_archive_can_be_read_by_others(tmp_path: Path) -> None:
    with Zip() as archive:
        pieces = [archive.folder("a/", WHEN)]
        pieces += [piece async for piece in archive.member("a/empty", WHEN, chunks(b"", 1))]
        pieces += [piece async for piece in archive.member("a/é", WHEN, chunks(b"0123456789" * 10_000, 30_000))]
        pieces += list(archive.end())
    path = tmp_path / "a.zip"
    path.write_bytes(b"".join(pieces))

    with zipfile.ZipFile(path) as found:
        assert found.namelist() == ["a/", "a/empty", "a/é"]
        assert found.testzip() is None
        assert found.read("a/é") == b"0123456789" * 10_000
        assert found.getinfo("a/é").date_time == (2026, 5, 17, 12, 30, 10)
        assert found.getinfo("a/é").compress_size < 1000
        found.extractall(tmp_path / "out")
    assert (tmp_path / "out/a/empty").read_bytes() == b""


async def test_an_archive_of_nothing_is_one() -> None:
    with Zip() as archive, zipfile.ZipFile(io.BytesIO(b"".join(archive.end()))) as found:
        assert found.namelist() == []
