"""Who asks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """Who asks, as far as verified. `origin` is what a browser says about the page; it proves nothing."""

    webid: str | None = None
    client: str | None = None
    issuer: str | None = None
    origin: str | None = None


ANYONE = Agent()
"""Nobody known."""
