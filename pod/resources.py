"""The door: every read and every write of resources goes through here.

View, decide, commit: one read collects the facts, pure rules decide, the store applies the
change whole or not at all.
"""

from dataclasses import dataclass

from pod.model.access import Grants

ATTEMPTS = 8
"""How often a write is planned anew when the facts moved."""
WHOLE = 1024 * 1024
"""Content up to this many bytes is answered from memory, beyond it streamed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One agent's grants on one URI, with what the public has there."""

    user: Grants
    public: Grants
