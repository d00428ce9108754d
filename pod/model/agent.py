"""Who asks."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Agent:
    """Who asks, as far as verified. `origin` is what a browser says about the page; it proves nothing."""

    webid: str | None = None
    client: str | None = None
    issuer: str | None = None
    origin: str | None = None
    until: float | None = field(default=None, compare=False)
    """When the credentials end, in seconds since 1970: a stream that they opened ends then."""


ANYONE = Agent()
"""Nobody known."""
