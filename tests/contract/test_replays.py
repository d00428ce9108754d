"""Replays: what may be used once is used once, by all workers together."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from pod.errors import Busy
from pod.storage.ports import Replays
from pod.storage.replays import MemoryReplays, SharedReplays

Make = Callable[..., Replays]


class Seconds:
    """A clock that stands still until it is set."""

    now = 1_800_000_000.5

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture(params=["memory", "shared"])
def replays(request: pytest.FixtureRequest, tmp_path: Path, seconds: Seconds) -> Iterator[Make]:
    with ExitStack() as stack:

        def make(**options: int) -> Replays:
            if request.param == "memory":
                return MemoryReplays(seconds, **options)
            return stack.enter_context(closing(SharedReplays(tmp_path / "replays", seconds, **options)))

        yield make


def test_a_key_is_used_once(replays: Make, seconds: Seconds) -> None:
    memory = replays()
    until = int(seconds.now) + 60

    assert memory.first_use(b"one", until)
    assert not memory.first_use(b"one", until)
    assert not memory.first_use(b"one", until + 60)
    assert memory.first_use(b"other", until)


def test_a_key_is_remembered_until_its_time_is_over(replays: Make, seconds: Seconds) -> None:
    memory = replays()
    until = int(seconds.now) + 60
    memory.first_use(b"one", until)

    seconds.now = until + 0.9
    assert not memory.first_use(b"one", until)

    seconds.now = until + 1
    assert memory.first_use(b"one", until + 60)
    assert not memory.first_use(b"one", until + 60)


def test_more_than_there_is_room_for_is_refused_and_never_forgotten(replays: Make, seconds: Seconds) -> None:
    memory = replays(slots=100)
    until = int(seconds.now) + 60
    used: list[bytes] = []

    def use_all() -> None:
        for number in range(1000):
            key = b"%d" % number
            assert memory.first_use(key, until)
            used.append(key)

    with pytest.raises(Busy):
        use_all()

    assert len(used) >= 50
    assert not any(memory.first_use(key, until) for key in used)


def test_there_is_room_again_when_the_time_of_others_is_over(replays: Make, seconds: Seconds) -> None:
    memory = replays(slots=100)
    for number in range(50):
        memory.first_use(b"%d" % number, int(seconds.now) + 1)

    seconds.now += 2

    until = int(seconds.now) + 60
    assert all(memory.first_use(b"new %d" % number, until) for number in range(50))
    assert not any(memory.first_use(b"new %d" % number, until) for number in range(50))


def test_keys_stay_used_among_those_whose_time_is_over(replays: Make, seconds: Seconds) -> None:
    """A free place before the one where a key lies must not hide it."""
    memory = replays(slots=64)
    start = int(seconds.now)
    for number in range(40):
        memory.first_use(b"%d" % number, start + (1 if number % 2 else 60))
    seconds.now += 2

    assert not any(memory.first_use(b"%d" % number, start + 60) for number in range(0, 40, 2))


def test_workers_share_what_was_used(tmp_path: Path, seconds: Seconds) -> None:
    path, until = tmp_path / "replays", int(seconds.now) + 60
    with closing(SharedReplays(path, seconds)) as one, closing(SharedReplays(path, seconds)) as other:
        assert one.first_use(b"key", until)
        assert not other.first_use(b"key", until)


def test_a_restart_does_not_forget(tmp_path: Path, seconds: Seconds) -> None:
    path, until = tmp_path / "replays", int(seconds.now) + 60
    with closing(SharedReplays(path, seconds)) as before:
        before.first_use(b"key", until)

    with closing(SharedReplays(path, seconds)) as after:
        assert not after.first_use(b"key", until)
