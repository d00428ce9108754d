"""What a server does when it starts, well or not."""

import stat
import time
from pathlib import Path

import psutil
import pytest

from tests.system.conftest import Serve
from tests.system.servers import Server, free_port, rhizome

pytestmark = pytest.mark.system

MEBIBYTE = 1024 * 1024


def refused(data: Path, *options: str, **settings: str) -> list[str]:
    """The sentences of a start that must fail with the exit code for wrong settings."""
    ended = rhizome("serve", "--data", data, *options, settings=settings)
    assert (ended.returncode, ended.stdout) == (2, ""), ended
    return ended.stderr.splitlines()


def test_the_first_start_makes_what_it_needs(serve: Serve, tmp_path: Path) -> None:
    server = serve(data=tmp_path / "deep" / "below")

    assert server.request("GET", "/.health/ready").json() == {"status": "ready"}
    assert server.get("/", accept="text/html").status_code == 200
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


def test_a_second_start_finds_what_was_kept(serve: Serve) -> None:
    server = serve("--demo")
    server.put("/demo/playground/a.txt", b"kept", "text/plain")
    assert server.stop() == 0

    server.start()

    assert server.get("/demo/playground/a.txt").content == b"kept"


def test_a_server_listens_on_every_address_of_localhost(serve: Serve) -> None:
    server = serve()

    listening = {
        connection.laddr.ip
        for connection in psutil.Process(server.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }

    assert "127.0.0.1" in listening
    assert listening <= {"127.0.0.1", "::1"}


def test_a_start_with_wrong_settings_lists_every_mistake(tmp_path: Path) -> None:
    file = tmp_path / "rhizome.toml"
    file.write_text("[limits]\nbody = 0\nbodies = 1\n[access]\nbearer = 'maybe'\n")

    mistakes = refused(
        tmp_path / "data",
        *("--config", str(file), "--port", "many", "--workers", "0", "--base-url", "ftp://pods.example/"),
        POD_STORAGE_KIND="paper",
        POD_NETWORK_TIMOUT="5",
    )

    named = ("bodies", "limits.body:", "access.bearer:", "server.port:", "server.workers:", "server.base_url:")
    for name in (*named, "storage.kind:", "POD_NETWORK_TIMOUT"):
        assert sum(name in line for line in mistakes) == 1, (name, mistakes)
    assert not (tmp_path / "data").exists()


def test_a_settings_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    (mistake,) = refused(tmp_path / "data", "--config", str(tmp_path / "none.toml"))

    assert "cannot be read: No such file or directory." in mistake


def test_a_port_in_use_stops_the_start(serve: Serve, tmp_path: Path) -> None:
    server = serve()

    (mistake,) = refused(tmp_path / "other", "--port", str(server.port))

    assert f"cannot listen on localhost port {server.port}: Address already in use." in mistake
    assert server.request("GET", "/.health/live").status_code == 200


def test_a_host_that_is_not_known_stops_the_start(tmp_path: Path) -> None:
    (mistake,) = refused(tmp_path / "data", "--host", "no-such-host.invalid")

    assert "server.host: no-such-host.invalid is not known" in mistake


def test_data_made_for_another_base_url_stops_the_start(serve: Serve) -> None:
    server = serve()
    server.stop()

    (mistake,) = refused(server.data, "--port", str(free_port()))

    assert f"the data was made for {server.url}" in mistake
    assert f"start with --base-url {server.url}" in mistake


def test_a_directory_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("This is no directory.")

    (mistake,) = refused(tmp_path / "file" / "data", "--port", str(free_port()))

    assert "cannot be used: Not a directory." in mistake


def test_a_directory_that_nobody_may_write_stops_the_start(tmp_path: Path) -> None:
    # Even root cannot write in /proc.
    (mistake,) = refused(Path("/proc/rhizome"), "--port", str(free_port()))

    assert mistake.startswith("rhizome: storage.data: /proc/rhizome cannot be used")


def test_a_database_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "pod.sqlite").mkdir()

    (mistake,) = refused(tmp_path, "--port", str(free_port()))

    assert mistake == f"rhizome: storage.data: {tmp_path} cannot be used: Is a directory."


def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "pod.sqlite").write_bytes(b"This is no database, and long enough to be read as one." * 100)

    ended = rhizome("serve", "--data", tmp_path, "--port", str(free_port()))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "rhizome: The database cannot be opened: file is not a database.\n"


def test_a_server_answers_soon_and_takes_little_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = Server(tmp_path / "data", tmp_path / "log")
    begun = time.monotonic()
    server.start()
    try:
        assert server.request("GET", "/.health/live").status_code == 200
        took = time.monotonic() - begun
        held = server.memory()
    finally:
        server.close()

    with capsys.disabled():
        print(f"\ncold start to first answer: {took:.2f} s; idle: {held / MEBIBYTE:.0f} MiB")
    assert held < 110 * 1_000_000


def test_what_few_requests_need_is_not_imported_at_the_start(serve: Serve) -> None:
    server = serve("--demo", PYTHONPROFILEIMPORTTIME="1")
    server.put("/demo/playground/a.ttl", "<> a <#Note>.")
    server.get("/demo/playground/a.ttl", accept="application/ld+json")
    server.stop()

    imported = {line.rpartition("|")[2].strip() for line in server.log.read_text().splitlines()}

    assert {"pod.app", "pyoxigraph"} <= imported
    assert imported.isdisjoint({"rdflib", "pyld", "aiohttp", "lxml"})
