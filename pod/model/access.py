"""What may be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pod.model.resource import Uri


class Mode(StrEnum):
    """The modes of Web Access Control. WRITE contains APPEND; CONTROL contains nothing."""

    READ = "read"
    APPEND = "append"
    WRITE = "write"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Need:
    """A mode that an operation requires on a URI. CONTROL is needed on the subject of a policy."""

    uri: Uri
    mode: Mode


@dataclass(frozen=True, slots=True)
class Grants:
    """The modes an agent has on one URI, each with the rule that gives it.

    Whoever has WRITE has APPEND as well. A rule is the IRI of an authorization in a policy, or a
    word for what stands outside policies (`owner`). `refusal` says in one sentence why further modes are missing.
    """

    modes: Mapping[Mode, str]
    refusal: str
    limited: bool = False
    """The agent lets its client do less here than it may itself."""

    def allows(self, mode: Mode) -> bool:
        """Whether `mode` is among them."""
        return mode in self.modes
