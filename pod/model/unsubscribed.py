"""A subscription that the server ended, since what it sent was not taken for too long."""

from dataclasses import dataclass

from pod.model.resource import Uri


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """What those have to know whom it concerns. Times are in microseconds since 1970."""

    subscription: str
    """Its id."""
    agent: str
    """The WebID of who made it."""
    client: str | None
    """The app by which it was made."""
    topic: Uri
    root: Uri
    """Of the pod that the topic lies in."""
    host: str
    """Where messages were sent to."""
    since: int
    """When the first of those was sent that were not taken."""
    ended: int
