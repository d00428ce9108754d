"""The soak in its short form; and that its account would find what it looks for."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.bench.journal import Account, Box, Journal, Message, Right, Telling, Write
from tests.system.servers import LONG, ROOT, environment

CHANGES = 600
OWNER, READER = "https://alice.example/#me", "https://bob.example/#me"
BOX = "https://pod.example/box/"
A = f"{BOX}a"
MADE: tuple[Telling, ...] = (("Create", A, None), ("Add", A, BOX))
CHANGED: Telling = ("Update", A, None)


@pytest.mark.system
def test_random_writers_subscribers_and_revocations_leave_nothing_missing_and_nothing_too_much() -> None:
    command = [sys.executable, "-m", "tests.bench.soak", "--changes", str(CHANGES), "--pause", "3", "--warm", "10"]

    found = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=3 * LONG, check=False
    )

    assert found.returncode == 0, found.stdout + found.stderr
    cells = [[one.strip() for one in line.split("|")] for line in found.stdout.splitlines()]
    figures = {row[1]: row[2] for row in cells if len(row) == 4}
    for name in ("writes", "deliveries", "resumes", "revocations"):
        assert int(figures[name]) > 0, f"no {name}"


class Scene:
    """A box, and one who follows it and may read there."""

    def __init__(self, *, bare: bool = False) -> None:
        self.journal = Journal()
        self.box = Box(self.journal, BOX, OWNER)
        self.box.rights[READER] = Right()
        self.account = Account(self.box, READER, "some channel", bare=bare)
        self.box.rights[READER].give()
        self.account.follow(True)

    def write(self, *tells: Telling, etag: str = '"1"') -> Write:
        write = self.box.begin(A, *tells)
        self.box.acknowledge(write, etag)
        return write

    def revoke(self) -> None:
        right = self.box.rights[READER]
        self.box.lose(READER)
        right.may, right.ended = False, self.box.begin(self.box.policy).start - 1

    def hear(self, write: Write, telling: Telling, state: str = '"1"', cursor: str = "") -> None:
        kind, uri, target = telling
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=write.start)
        message: Message = {"id": cursor or f"{write.number} {kind}", "type": kind, "object": uri, "state": state}
        message["published"] = moment.isoformat()
        self.account.hear(message if target is None else {**message, "target": target})

    def faults(self) -> list[str]:
        self.account.check(listens=True, limit=-1)
        return [kind for kind, found in self.journal.faults.items() for _ in found]


def all_is_heard(scene: Scene) -> None:
    write = scene.write(*MADE)
    for telling in MADE:
        scene.hear(write, telling)


def it_has_no_right_any_longer(scene: Scene) -> None:
    scene.write(*MADE)
    scene.revoke()
    scene.write(CHANGED)


def something_was_under_way_at_the_revocation(scene: Scene) -> None:
    write = scene.write(*MADE)
    scene.revoke()
    scene.hear(write, MADE[0])


def the_answer_to_a_write_comes_after_the_message(scene: Scene) -> None:
    write = scene.box.begin(A, CHANGED)
    scene.hear(write, CHANGED, '"9"')
    scene.box.acknowledge(write, '"9"')


def a_message_comes_again(scene: Scene) -> None:
    write = scene.write(CHANGED)
    scene.hear(write, CHANGED)
    scene.hear(write, CHANGED)


@pytest.mark.parametrize(
    "happens",
    [
        all_is_heard,
        it_has_no_right_any_longer,
        something_was_under_way_at_the_revocation,
        the_answer_to_a_write_comes_after_the_message,
        a_message_comes_again,
    ],
)
def test_the_account_of_the_soak_finds_nothing_where_all_is_well(happens: Callable[[Scene], None]) -> None:
    scene = Scene()

    happens(scene)

    assert scene.faults() == []


def one_of_two_is_not_heard(scene: Scene) -> None:
    scene.hear(scene.write(*MADE), MADE[0])


def something_never_happened(scene: Scene) -> None:
    scene.hear(scene.write(CHANGED), ("Delete", A, None))
    scene.account.due.clear()


def what_was_written_after_the_revocation_is_heard(scene: Scene) -> None:
    scene.revoke()
    scene.hear(scene.write(CHANGED), CHANGED)


def an_old_message_has_a_new_state(scene: Scene) -> None:
    write = scene.write(CHANGED)
    scene.revoke()
    scene.write(CHANGED, etag='"2"')
    scene.hear(write, CHANGED, '"2"')


def a_new_state_is_told_before_its_write_is_answered(scene: Scene) -> None:
    write = scene.write(CHANGED)
    scene.revoke()
    later = scene.box.begin(A, CHANGED)
    scene.hear(write, CHANGED, '"2"')
    scene.box.acknowledge(later, '"2"')


def the_policy_is_told(scene: Scene) -> None:
    telling: Telling = ("Update", scene.box.policy, None)
    write = scene.box.begin(scene.box.policy, telling)
    scene.hear(write, telling)
    scene.box.acknowledge(write, '"1"')


def the_later_comes_first(scene: Scene) -> None:
    first, second = scene.write(CHANGED), scene.write(CHANGED, etag='"2"')
    scene.hear(second, CHANGED, '"2"')
    scene.hear(first, CHANGED)


def the_state_is_of_no_write(scene: Scene) -> None:
    scene.hear(scene.write(CHANGED), CHANGED, '"7"')


def the_same_has_two_ids(scene: Scene) -> None:
    write = scene.write(CHANGED)
    scene.hear(write, CHANGED, cursor="x")
    scene.hear(write, CHANGED, cursor="y")


def it_listens_on(scene: Scene) -> None:
    scene.revoke()
    scene.box.rights[READER].ended -= 3_600_000_000


@pytest.mark.parametrize(
    ("happens", "kind"),
    [
        (one_of_two_is_not_heard, "missing"),
        (something_never_happened, "too many"),
        (what_was_written_after_the_revocation_is_heard, "too many"),
        (an_old_message_has_a_new_state, "too many"),
        (a_new_state_is_told_before_its_write_is_answered, "too many"),
        (the_policy_is_told, "too many"),
        (it_listens_on, "too many"),
        (the_later_comes_first, "out of order"),
        (the_state_is_of_no_write, "otherwise"),
        (the_same_has_two_ids, "otherwise"),
    ],
)
def test_the_account_of_the_soak_finds_what_went_wrong(happens: Callable[[Scene], None], kind: str) -> None:
    scene = Scene()

    happens(scene)

    assert set(scene.faults()) == {kind}


def test_one_who_hears_only_that_something_changed_hears_it_as_often_as_it_did() -> None:
    scene = Scene(bare=True)
    scene.write(*MADE)

    scene.account.hear_of_some()
    assert scene.faults() == []

    scene.account.hear_of_some()
    scene.write(*MADE)
    assert scene.faults() == ["missing", "too many"]
