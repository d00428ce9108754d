"""What a case is, how it is written down, and what can come of it.

    @case("server-post-container-create-resource")
    async def post_makes_a_member(w: World) -> None:
        answer = await w.alice.post(w.place, TURTLE, "<> a <#Note>.")
        status(answer, 201)
        require(answer.header("location").startswith(w.place), "the new resource lies in the container")

A case that ends is passed. `Failed` says what the server did wrong; `CannotTell` that what should have come
first did not work, so that nothing is known; `NotOffered` that the server does not claim to do it.
"""

import enum
import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.tables import Requirement, requirements

if TYPE_CHECKING:
    from conformance.world import World

Look = Callable[["World"], Awaitable[None]]
"""The function of a case."""

AREAS = ("protocol", "wac", "acp", "solid-oidc", "notifications", "webid-profile", "type-indexes")
"""In the order in which they are reported. Each is a package below `conformance.cases`, with `_` for `-`."""


class Outcome(enum.Enum):
    """What came of a case, by the names of EARL."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT_TELL = "cantTell"
    INAPPLICABLE = "inapplicable"


class Failed(Exception):
    """The server did not do what the requirement asks; the sentence says what should have been."""


class CannotTell(Exception):
    """Something that the case only prepares with did not work; the sentence says what."""


class NotOffered(Exception):
    """The server does not claim to do what the case is about; the sentence says what is not offered."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question to a server."""

    id: str
    """Area, file and name: `protocol/writing/put-makes-a-document`."""
    area: str
    title: str
    about: str
    """What is behind it, when the title does not say all."""
    requirements: Sequence[Requirement]
    level: str
    """MUST, SHOULD or MAY: the strictest of its requirements, unless the case says another."""
    needs: Sequence[str]
    """What the server must offer for it to apply: see `conformance.target`."""
    look: Look


_found: dict[str, Case] = {}


def case(*ids: str, needs: Sequence[str] = (), level: str | None = None) -> Callable[[Look], Look]:
    """Make a function a case that looks at these requirements; ValueError when one is in no table."""
    asked = [_requirement(one) for one in ids]
    if not asked:
        raise ValueError("A case names at least one requirement.")
    strictest = min((_level(one) for one in asked), key=("MUST", "SHOULD", "MAY").index)

    def remember(look: Look) -> Look:
        area, module = look.__module__.removeprefix("conformance.cases.").replace("_", "-").split(".")
        name = f"{area}/{module}/{look.__name__.replace('_', '-')}"
        if name in _found:
            raise ValueError(f"There are two cases {name}.")
        about = " ".join((look.__doc__ or "").split())
        title = look.__name__.replace("_", " ")
        _found[name] = Case(name, area, title, about, tuple(asked), level or strictest, tuple(needs), look)
        return look

    return remember


def _level(one: Requirement) -> str:
    return one.level.removesuffix(" NOT")


def _requirement(name: str) -> Requirement:
    found = requirements().get(name)
    if found is None:
        raise ValueError(f"The requirement {name} is in no table.")
    return found


def cases(*only: str) -> Sequence[Case]:
    """Every case, or those whose id is one of `only` or lies below it; by area, file and place in the file."""
    for area in AREAS:
        package = importlib.import_module(f"conformance.cases.{area.replace('-', '_')}")
        for module in sorted(one.name for one in pkgutil.iter_modules(package.__path__)):
            if not module.startswith("_"):
                importlib.import_module(f"{package.__name__}.{module}")
    wanted = tuple(one.rstrip("/") for one in only)
    found = [one for one in _found.values() if not wanted or _below(one.id, wanted)]
    return sorted(found, key=lambda one: AREAS.index(one.area))


def _below(name: str, wanted: Sequence[str]) -> bool:
    return any(name == one or name.startswith(f"{one}/") for one in wanted)
