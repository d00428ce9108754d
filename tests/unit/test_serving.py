"""Serving in this process: where it listens, and how it ends."""

import os
import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator

import pytest

from pod import config, serving
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


def test_a_signal_that_comes_before_the_first_request_ends_the_server_in_order(port: int) -> None:
    code = serving.serve(settings(port), demo=False, ready=lambda: os.kill(os.getpid(), signal.SIGTERM))

    assert code == 0


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
