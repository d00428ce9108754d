"""A storage that cannot take what is written: there is no room, or another process holds it."""

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.issuer import LocalIssuer
from tests.system.conftest import Serve
from tests.system.servers import Server, rhizome

pytestmark = pytest.mark.system

PLACE = "/demo/playground/"
PATCH = "_:p a <{0}InsertDeletePatch>; <{0}inserts> {{{{ <> <#has> '{{}}'. }}}}.".format(
    "http://www.w3.org/ns/solid/terms#"
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for 40 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount: list[str | Path] = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", place]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        assert not os.environ.get("CI"), "CI must be able to mount a file system"
        pytest.skip("only who may mount a file system can fill one")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path) -> Path:
    """Leave no room; the file that takes it."""
    file = disk / "fill"
    with file.open("wb", buffering=0) as stream:
        try:
            while stream.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
    return file


def test_a_full_disk_refuses_what_needs_room_and_serves_the_rest(serve: Serve, disk: Path, issuer: LocalIssuer) -> None:
    server = serve("--demo", data=disk / "data")
    server.put(f"{PLACE}before.ttl", "<> a <#Before>.")
    filling = fill(disk)

    large = server.request("PUT", f"{PLACE}large", bytes(2_000_000), "application/octet-stream")
    kept, refused = until_full(server)
    patch = server.request("PATCH", f"{PLACE}before.ttl", PATCH.format("long" * 15_000), "text/n3")
    known = server.request("GET", PLACE, by=issuer.person("alice"))

    assert (large.status_code, patch.status_code, known.status_code) == (507, 507, 200)
    assert large.json()["detail"] == "There is no room to keep this."
    assert server.get(f"{PLACE}before.ttl").text == "<> a <#Before>."
    for path in (f"{PLACE}large", refused):
        assert server.get(path).status_code == 404
    for path, content in kept.items():
        assert server.get(path).content == content

    filling.unlink()
    server.put(f"{PLACE}large", bytes(2_000_000), "application/octet-stream")
    assert server.stop() == 0
    assert rhizome("check", "--data", server.data).stdout == "Everything is as it should be.\n"


def until_full(server: Server) -> tuple[dict[str, bytes], str]:
    """Write until there is no room: what was acknowledged, and what was refused first."""
    kept: dict[str, bytes] = {}
    for number in range(10_000):
        path, content = f"{PLACE}{number}.txt", number.to_bytes(4) * 15_000
        answer = server.request("PUT", path, content, "text/plain")
        if answer.status_code == 507:
            return kept, path
        assert answer.status_code == 201, answer.text
        kept[path] = content
    raise AssertionError("the disk never came to be full")


@contextmanager
def locked(server: Server) -> Iterator[None]:
    """Another process holds the database, as a backup might."""
    connection = sqlite3.connect(server.data / "pod.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_locked_database_is_told_and_passes(serve: Serve) -> None:
    server = serve("--demo")
    server.put(f"{PLACE}a.ttl", "<> a <#A>.")

    with locked(server):
        answer = server.request("PUT", f"{PLACE}a.ttl", "<> a <#B>.", "text/turtle")
        assert server.get(f"{PLACE}a.ttl").text == "<> a <#A>."

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["detail"] == "The storage is busy; try again in a moment."
    assert server.get(f"{PLACE}a.ttl").text == "<> a <#A>."
    assert server.put(f"{PLACE}a.ttl", "<> a <#B>.").status_code == 204


def test_reads_go_on_while_writes_wait_for_a_lock_and_then_succeed(serve: Serve) -> None:
    server = serve("--demo")
    server.put(f"{PLACE}a.ttl", "<> a <#A>.")
    answers: list[int] = []

    def write(number: int) -> None:
        url = f"{server.url}{PLACE[1:]}new{number}"
        answers.append(httpx.put(url, content=b"x", headers={"content-type": "text/plain"}).status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with locked(server):
        for thread in threads:
            thread.start()
        for _ in range(50):
            assert server.get(f"{PLACE}a.ttl").status_code == 200
        assert answers == []
    for thread in threads:
        thread.join()

    assert answers == [201] * 8
