"""What operators are told, and what they are not."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from pod import events
from pod.errors import Damaged

SECRET = "https://alice.example/profile#me"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    log = logging.getLogger("pod")
    before = (log.handlers, log.level, log.propagate)
    yield
    log.handlers, log.level, log.propagate = before


def told(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """Level, event and facts of every line."""
    lines = [line.split(" ", 4) for line in capsys.readouterr().err.splitlines()]
    return [(level, event, json.loads(facts)) for _, _, level, event, facts in lines]


def fail() -> None:
    kept: dict[str, str] = {}
    try:
        kept.pop(SECRET)
    except KeyError as error:
        raise Damaged(f"The policy {SECRET} cannot be read.") from error


def failure() -> BaseException:
    """An error with a cause, both of which quote what a person keeps."""
    with pytest.raises(Damaged) as caught:
        fail()
    return caught.value


def test_an_event_is_a_line_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()

    events.started("https://pods.example/", "sqlite")
    events.stopped()

    assert told(capsys) == [
        ("INFO", "started", {"base_url": "https://pods.example/", "storage": "sqlite"}),
        ("INFO", "stopped", {}),
    ]


def test_a_line_break_in_a_fact_does_not_make_a_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()

    events.started("https://pods.example/\n2026-01-01 00:00:00,000 INFO stopped {}", "sqlite")

    assert [event for _, event, _ in told(capsys)] == ["started"]


def test_configuring_again_does_not_tell_twice(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()
    events.configure()

    events.stopped()

    assert len(told(capsys)) == 1


def test_a_fault_is_told_with_its_number_and_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()

    events.failed("urn:uuid:1", failure())

    ((level, event, facts),) = told(capsys)
    assert (level, event, facts["instance"]) == ("ERROR", "failed", "urn:uuid:1")
    assert "in fail" in facts["traceback"]
    assert facts["traceback"].index("KeyError") < facts["traceback"].index("Damaged")


def test_a_fault_does_not_reveal_what_people_keep(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()

    events.failed("urn:uuid:1", failure())

    assert "alice" not in capsys.readouterr().err


def test_a_cause_that_is_hidden_on_purpose_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()
    hidden = failure()
    hidden.__cause__ = None
    hidden.__suppress_context__ = True

    events.failed("urn:uuid:1", hidden)

    ((_, _, facts),) = told(capsys)
    assert "KeyError" not in facts["traceback"]


def test_an_error_on_the_way_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()
    later = failure()
    later.__cause__ = None
    later.__suppress_context__ = False

    events.failed("urn:uuid:1", later)

    ((_, _, facts),) = told(capsys)
    assert facts["traceback"].startswith("Traceback (most recent call last):\n  File")
    assert "\nKeyError\n" in facts["traceback"]


def test_at_the_level_debug_a_fault_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure("DEBUG")

    events.failed("urn:uuid:1", failure())

    ((_, _, facts),) = told(capsys)
    assert f"The policy {SECRET} cannot be read." in facts["traceback"]


def test_refusals_are_told_at_the_level_debug_alone(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()
    events.refused("urn:uuid:1", 403, "No rule gives this to you.")
    assert told(capsys) == []

    events.configure("DEBUG")
    events.refused("urn:uuid:2", 403, "No rule gives this to you.")

    facts = {"instance": "urn:uuid:2", "status": 403, "reason": "No rule gives this to you."}
    assert told(capsys) == [("DEBUG", "refused", facts)]


def test_an_end_that_left_requests_unanswered_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure()

    events.abandoned()

    assert told(capsys) == [("WARNING", "abandoned", {})]
