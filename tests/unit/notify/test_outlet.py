"""How a listener is sent what it is told when sending fails."""

import asyncio
import logging
from typing import cast

import pytest

from pod.model.agent import ANYONE
from pod.model.resource import Uri
from pod.notify.feed import Message, Verb
from pod.notify.hub import Hub
from pod.notify.listening import Ending, Listener
from pod.notify.websocket import Outlet

HERE = Uri("https://pod.example/a")
TOLD = Message("urn:uuid:1", Verb.UPDATE, HERE, None, 0), "text"


class Teller:
    """Tells one thing after the other, without end."""

    async def take(self, _listener: Listener) -> tuple[Message, str]:
        return TOLD


async def ends_connection_after(error: Exception) -> None:
    """Send until the error ends the connection."""
    ended = asyncio.Event()
    listener = Listener(ANYONE, HERE, abort=ended.set)

    async def send(_message: Message, _text: str) -> None:
        raise error

    async def close(_ending: Ending) -> None:
        raise AssertionError("nothing was to be closed in order")

    outlet = Outlet(cast("Hub", Teller()), listener, send, close)
    outlet.wake()
    await ended.wait()
    await outlet.stop()


async def test_a_client_that_went_away_while_it_was_told_something_is_no_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        await ends_connection_after(OSError())

    assert caplog.records == []


async def test_a_fault_in_sending_is_told_to_operators(caplog: pytest.LogCaptureFixture) -> None:
    await ends_connection_after(ValueError())

    assert [one.levelname for one in caplog.records] == ["ERROR"]
