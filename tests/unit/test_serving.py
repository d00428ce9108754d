"""Serving in this process: where it listens, and how it ends."""

import contextlib
import os
import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pod import cli, config, serving
from pod.config import Settings
from pod.errors import Misconfigured


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Who listens to signals in the end is who did before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def settings(port: int, host: str = "127.0.0.1") -> Settings:
    return config.Settings(config.Server(host=host, port=port), config.Storage(kind="memory"))


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_answers_until_a_signal_ends_it_in_order(port: int, number: int) -> None:
    statuses: list[int] = []

    def ask_and_end() -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/.health/live") as answer:
            statuses.append(answer.status)
        os.kill(os.getpid(), number)

    asking = threading.Thread(target=ask_and_end)

    code = serving.serve(settings(port), demo=True, ready=asking.start)

    asking.join()
    assert (code, statuses) == (0, [200])


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_whoever_starts_a_server_is_told_where_it_is_and_what_to_try(
    port: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def end() -> None:
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://localhost:{port}/.health/live"):
                return os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setenv("POD_STORAGE_KIND", kind)
    ending = threading.Thread(target=end)
    ending.start()

    code = cli.main(["serve", "--port", str(port), "--data", str(tmp_path), "--demo"])

    ending.join()
    told = capsys.readouterr().out.splitlines()
    kept = "in memory, until it stops" if kind == "memory" else f"in {tmp_path}"
    assert code == 0
    assert told[0] == f"Rhizome serves http://localhost:{port}/ and keeps everything {kept}. Ctrl+C stops it."
    assert told[1] == f"Everyone may read and write in http://localhost:{port}/demo/playground/:"
    assert [line.split()[0] for line in told[2:]] == ["curl", "curl"]


def test_a_signal_that_comes_before_the_first_request_ends_the_server_in_order(port: int) -> None:
    code = serving.serve(settings(port), demo=False, ready=lambda: os.kill(os.getpid(), signal.SIGTERM))

    assert code == 0


def test_a_server_whose_storage_is_gone_when_it_starts_fails(port: int, tmp_path: Path) -> None:
    database = tmp_path / "pod.sqlite"

    def spoil() -> None:
        database.unlink()
        database.mkdir()

    kept = replace(settings(port), storage=config.Storage(data=str(tmp_path)))

    assert serving.serve(kept, demo=False, ready=spoil) == 1


def test_a_port_in_use_is_told_and_nothing_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])

        with pytest.raises(Misconfigured, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"):
            serving.serve(settings(port), demo=False, ready=pytest.fail)


def test_a_host_that_is_not_known_is_told(port: int) -> None:
    with pytest.raises(Misconfigured, match=r"no-such-host\.invalid is not known"):
        serving.serve(settings(port, "no-such-host.invalid"), demo=False, ready=pytest.fail)


def test_an_address_of_another_machine_is_told(port: int) -> None:
    with pytest.raises(Misconfigured, match="Cannot assign requested address"):
        serving.serve(settings(port, "192.0.2.1"), demo=False, ready=pytest.fail)
