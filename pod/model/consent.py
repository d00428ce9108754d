"""What a person has agreed that an app may do in their name."""

from dataclasses import dataclass
from enum import StrEnum

from pod.model.access import Mode
from pod.model.resource import Uri


@dataclass(frozen=True, slots=True)
class Grant:
    """Modes on a document, or on a container and all below it."""

    target: Uri
    """The base URL of the server stands for all that is kept on it."""
    modes: frozenset[Mode]
    """WRITE contains APPEND here too."""
    until: int | None = None
    """When it ends, in microseconds since 1970; None: when it is revoked."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Everything that an agent lets one client do. It never gives what the agent itself may not."""

    agent: str
    """A WebID."""
    client: str
    """A client id."""
    grants: tuple[Grant, ...]
    given: int
    """Microseconds since 1970."""


class Turn(StrEnum):
    """What happened to a consent."""

    GIVEN = "given"
    CHANGED = "changed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One line in the history of what a person let apps do."""

    turn: Turn
    client: str
    grants: tuple[Grant, ...]
    """What the client may from then on."""
    time: int
    """Microseconds since 1970."""
