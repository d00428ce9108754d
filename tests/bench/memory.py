"""What a process holds while time goes by, and whether that is flat."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SHARE = 0.05
"""By how much of its level memory may grow in an hour and still be flat: it would double in a day at the soonest."""
SHORTEST = 10
"""Minutes below which a slope says nothing, since caches that are bounded still fill."""
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process."""

    seconds: float
    """Since the first look."""
    rss: int
    files: int
    threads: int
    used: float
    """Seconds of a processor."""
    stored: int
    """Bytes in the directory of its data."""


class Watch:
    """Looks at a process, and remembers what it saw."""

    def __init__(self, process: psutil.Process, directory: Path) -> None:
        self.samples: list[Sample] = []
        self._process = process
        self._directory = directory
        self._start = time.monotonic()

    @property
    def minutes(self) -> float:
        """Since the first look."""
        return (time.monotonic() - self._start) / 60

    @property
    def processor(self) -> float:
        """The part of one processor that it used."""
        first, last = self.samples[0], self.samples[-1]
        return (last.used - first.used) / (last.seconds - first.seconds or 1)

    def look(self) -> Sample:
        """Look once more."""
        stored = sum(one.stat().st_size for one in self._directory.rglob("*") if one.is_file())
        process, times = self._process, self._process.cpu_times()
        found = Sample(
            self.minutes * 60,
            process.memory_info().rss,
            process.num_fds(),
            process.num_threads(),
            times.user + times.system,
            stored,
        )
        self.samples.append(found)
        return found

    def at(self, part: float) -> Sample:
        """The sample nearest to that part of the time."""
        moment = self.samples[-1].seconds * part
        return min(self.samples, key=lambda one: abs(one.seconds - moment))

    def slope(self) -> float:
        """Bytes an hour by least squares, over the last three quarters."""
        start = self.samples[-1].seconds / 4
        late = [one for one in self.samples if one.seconds >= start]
        if len(late) < 3:
            return 0.0
        return statistics.linear_regression([one.seconds / 3600 for one in late], [one.rss for one in late]).slope

    @property
    def judged(self) -> bool:
        """Whether it was long enough to say something."""
        return self.samples[-1].seconds >= SHORTEST * 60

    @property
    def flat(self) -> bool:
        """Whether the slope is nothing to worry about."""
        return self.slope() <= SHARE * self.at(0.5).rss
