"""Cursors and tickets: texts that only this server can make."""

import uuid

import pytest

from pod.errors import Unauthenticated
from pod.model.agent import Agent
from pod.notify.cursors import Cursors, Tickets, shared_secret
from pod.notify.feed import Position
from pod.storage.stores import open_memory

ONE = Cursors(b"1" * 32)
TICKETS = Tickets(b"1" * 32)
BOB = Agent("https://bob.example/#me", "https://app.example/", "https://issuer.example/", None, 2000.0)


@pytest.mark.parametrize("position", [Position(0), Position(1, 0), Position(2**63 - 1, 1)])
def test_a_cursor_leads_back_to_its_place(position: Position) -> None:
    assert ONE.position(ONE.text(position)) == position
    assert ONE.text(position) == ONE.text(position)


def test_cursors_of_neighbours_tell_nothing_of_each_other() -> None:
    one, other = (uuid.UUID(ONE.text(Position(seq))) for seq in (1, 2))

    assert (one.int ^ other.int).bit_count() > 30


@pytest.mark.parametrize(
    "text", ["", "7", "urn:uuid:5d3c0a4e-8f0e-4c8e-9d3a-0c1f5b7a2e11", Cursors(b"2" * 32).text(Position(7))]
)
def test_what_this_server_did_not_make_leads_nowhere(text: str) -> None:
    assert ONE.position(text) is None


def test_a_ticket_stands_for_its_agent_until_it_ends() -> None:
    ticket = TICKETS.issue(BOB, 1000)

    found = TICKETS.agent(ticket, 999.5)

    assert (found, found.until) == (BOB, 2000.0)
    with pytest.raises(Unauthenticated, match="expired"):
        TICKETS.agent(ticket, 1001)


def test_a_ticket_cannot_be_changed() -> None:
    ticket = TICKETS.issue(BOB, 1000)
    for place in range(0, len(ticket), 7):
        other = "B" if ticket[place] == "A" else "A"
        with pytest.raises(Unauthenticated):
            TICKETS.agent(ticket[:place] + other + ticket[place + 1 :], 0)


@pytest.mark.parametrize("text", ["", "x", "ä", "====", "AAAA"])
def test_what_is_no_ticket_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        TICKETS.agent(text, 0)


async def test_all_workers_share_one_secret() -> None:
    stores = await open_memory()

    assert await shared_secret(stores.records) == await shared_secret(stores.records)
