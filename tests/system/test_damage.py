"""What `rhizome check` finds when something stored is not as it must be."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.conftest import Serve, serving
from tests.system.servers import Server, rhizome

pytestmark = pytest.mark.system

PLACE = "demo/playground/"
LARGE = b"A large content is a file of its own. " * 4000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that has kept something of each kind, and has ended."""
    with serving(tmp_path_factory.mktemp("damage")) as start:
        server = start("--demo")
        server.put(f"/{PLACE}box/small.ttl", "<> a <#Small>.")
        server.put(f"/{PLACE}box/large.txt", LARGE, "text/plain")
        server.put(f"/{PLACE}box/.meta", "<./> a <#Box>.")
        assert server.stop() == 0
    assert rhizome("check", "--data", server.data).returncode == 0
    return server


@pytest.fixture
def stopped(template: Server, tmp_path: Path) -> Iterator[Server]:
    """A copy of what it kept, to be damaged."""
    data = shutil.copytree(template.data, tmp_path / "data")
    server = Server(data, tmp_path / "log", port=template.port)
    yield server
    server.close()


def found(server: Server, *options: str) -> list[str]:
    """The sentences of a check that must find damage."""
    plain = rhizome("check", "--data", server.data)
    ended = rhizome("check", "--data", server.data, "--json", *options)
    assert (plain.returncode, ended.returncode, ended.stderr) == (1, 1, ""), (plain, ended)
    damages = json.loads(ended.stdout)
    assert all(f"damaged: {one['what']}\n" in plain.stdout for one in damages)
    assert plain.stdout.endswith(f"{len(damages)} found.\n")
    return [one["what"] for one in damages]


def file_of(server: Server) -> Path:
    """The one file that holds content."""
    (file,) = (one for one in (server.data / "blobs").glob("??/*") if one.is_file())
    assert file.read_bytes() == LARGE
    return file


def execute(server: Server, statement: str, *values: object) -> int:
    """Change the database behind the server's back; how many rows."""
    with sqlite3.connect(server.data / "pod.sqlite") as connection:
        count = connection.execute(statement, values).rowcount
    connection.close()
    return count


def test_a_file_whose_bytes_changed(stopped: Server) -> None:
    file = file_of(stopped)
    file.write_bytes(LARGE.replace(b"own", b"owm", 1))

    assert found(stopped) == [f"The content {file.name} is not what it was."]


def test_a_file_that_was_cut(stopped: Server) -> None:
    file = file_of(stopped)
    file.write_bytes(LARGE[:-1])

    assert found(stopped) == [f"The content {file.name} is not what it was."]


def test_a_file_that_is_gone(stopped: Server) -> None:
    file = file_of(stopped)
    file.unlink()

    assert found(stopped, "--repair") == [f"The content {file.name} is missing."]


def test_a_small_content_that_changed(stopped: Server) -> None:
    assert execute(stopped, "UPDATE content SET bytes = ? WHERE bytes = ?", b"<> a <#Smell>.", b"<> a <#Small>.") == 1

    (one,) = found(stopped)
    assert one.endswith("is not what it was.")


def test_a_row_whose_container_is_gone(stopped: Server) -> None:
    assert execute(stopped, "DELETE FROM resource WHERE uri = ?", f"{stopped.url}{PLACE}box/") == 1

    lost = f"{stopped.url}{PLACE}box/"
    sentences = found(stopped)
    assert f"{lost}small.ttl lies in {lost}, which does not exist." in sentences
    assert f"{lost}.meta belongs to {lost}, which does not exist." in sentences


def test_a_row_that_another_container_lists(stopped: Server) -> None:
    small = f"{stopped.url}{PLACE}box/small.ttl"
    assert execute(stopped, "UPDATE resource SET parent = ? WHERE uri = ?", f"{stopped.url}demo/", small) == 1

    (one,) = found(stopped)
    assert one.startswith(f"{small} is listed by {stopped.url}demo/, and belongs to ")


def test_a_row_of_which_the_log_does_not_tell(stopped: Server) -> None:
    small = f"{stopped.url}{PLACE}box/small.ttl"
    assert execute(stopped, "DELETE FROM log WHERE uri = ?", small) == 1

    assert found(stopped) == [f"The log does not tell of {small} as it is."]


def test_a_policy_that_cannot_be_read(stopped: Server) -> None:
    policy = f"{stopped.url}{PLACE}.acl"
    text = b"This is no Turtle."
    digest = hashlib.sha256(text).hexdigest()
    assert execute(stopped, "INSERT INTO content (digest, bytes, saved) VALUES (?, ?, 0)", digest, text) == 1
    change = "UPDATE resource SET digest = ?, size = ? WHERE uri = ?"
    assert execute(stopped, change, digest, len(text), policy) == 1

    assert f"The policy {policy} cannot be read." in found(stopped)


def test_a_pod_of_which_nobody_has_control(stopped: Server) -> None:
    policy = f"{stopped.url}demo/.acl"
    other = "(SELECT digest FROM resource WHERE uri = ?)"
    change = f"UPDATE resource SET digest = {other}, size = 14 WHERE uri = ?"
    assert execute(stopped, change, f"{stopped.url}{PLACE}box/small.ttl", policy) == 1

    assert f"The policy {policy} gives nobody control of the pod." in found(stopped)


def test_a_database_with_a_damaged_page(stopped: Server) -> None:
    database = stopped.data / "pod.sqlite"
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * (4096 * 3)
    database.write_bytes(content)

    ended = rhizome("check", "--data", stopped.data)

    assert ended.returncode == 1
    assert "database" in (ended.stdout + ended.stderr)
    assert "Traceback" not in ended.stderr


def test_what_uploads_left_behind_is_removed_by_repair(stopped: Server, aged: Callable[[Path], None]) -> None:
    temporary = stopped.data / "blobs" / "new" / "0123456789abcdef"
    stray = stopped.data / "blobs" / "ab" / ("ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    for file in (temporary, stray):
        file.write_bytes(b"half")
        aged(file)

    assert len(found(stopped)) == 2
    mended = rhizome("check", "--data", stopped.data, "--repair")

    assert mended.returncode == 0
    assert mended.stdout.count("repaired: ") == 2
    assert not temporary.exists()
    assert not stray.exists()
    assert rhizome("check", "--data", stopped.data).stdout == "Everything is as it should be.\n"
    assert stopped.start().get(f"/{PLACE}box/large.txt").content == LARGE


@pytest.fixture
def aged() -> Callable[[Path], None]:
    """Makes a file look as if it was written two days ago."""

    def age(path: Path) -> None:
        then = path.stat().st_mtime - 2 * 24 * 3600
        os.utime(path, (then, then))

    return age


def test_a_server_tells_of_damage_and_serves_the_rest(serve: Serve) -> None:
    server = serve("--demo")
    server.put(f"/{PLACE}large.txt", LARGE, "text/plain")
    server.put(f"/{PLACE}small.ttl", "<> a <#Small>.")
    file_of(server).unlink()
    server.stop()

    server.start()
    answer = server.get(f"/{PLACE}large.txt")

    assert answer.status_code == 500
    assert answer.json()["instance"] in server.log.read_text()
    assert server.get(f"/{PLACE}small.ttl").status_code == 200
    server.stop()
    server.log.write_text("")
