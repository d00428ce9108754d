"""Room for those who listen: how many there are at once in one worker, of whom, and from where."""

from collections import Counter
from dataclasses import dataclass

from pod.errors import Busy, Throttled
from pod.model.agent import Agent

PAUSE = 10
"""Seconds after which to try again."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many there may be."""

    listeners: int
    per_agent: int
    per_address: int
    """Of those whom nobody is known to be."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whom one counts as: a WebID, or the address of a client that nobody is known to use."""

    name: str
    is_known: bool

    @classmethod
    def of(cls, agent: Agent, peer: str) -> "Who":
        """Whom an agent counts as, whose client is at the address."""
        return cls(peer, is_known=False) if agent.webid is None else cls(agent.webid, is_known=True)


class Seats:
    """Counts who listens."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._taken: Counter[str] = Counter()
        self._listeners = 0

    def take(self, who: Who) -> str:
        """Take a seat; the name by which it is to be given back. Throttled when these have as many as they may."""
        bounds = self._bounds
        if who.is_known and self._taken[who.name] >= bounds.per_agent:
            raise Throttled(f"You listen {bounds.per_agent} times, which is the most; end a stream first.", PAUSE)
        if not who.is_known and self._taken[who.name] >= bounds.per_address:
            raise Throttled(
                f"From your address {bounds.per_address} clients listen that are not signed in, which is the most; "
                "sign in, or end a stream first.",
                PAUSE,
            )
        self._taken[who.name] += 1
        return who.name

    def give_back(self, name: str) -> None:
        """Let somebody else sit there."""
        self._taken[name] -= 1
        if not self._taken[name]:
            del self._taken[name]

    def enter(self) -> None:
        """Count one more listener, on a seat of its own or not; Busy when there are too many in all."""
        if self._listeners >= self._bounds.listeners:
            raise Busy("As many clients listen as this server takes; try again in a moment.")
        self._listeners += 1

    def leave(self) -> None:
        """Count one less."""
        self._listeners -= 1
