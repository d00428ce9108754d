"""What an app asks for: narrowly by scopes or by the needs that its document names, or nothing in particular.

A scope `solid:read+append:https://schema.org/Note` asks to read and append what the person keeps
of that class, and `solid:read:/notes/` for a folder in the person's storage.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pod.auth.keys import Json
from pod.model.access import Mode
from pod.model.resource import Uri

MOST = 32
"""How much an app can ask for at once; a page with more nobody reads."""
LABEL = 200
"""Characters of a label."""
_PREFIX = "solid:"
_MODES: Mapping[str, Mode] = {"read": Mode.READ, "append": Mode.APPEND, "write": Mode.WRITE}
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
_PATH = re.compile(r"/(?:[^/?#\s\\\"<>{}|^`]+/)*[^/?#\s\\\"<>{}|^`]*")


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that an app asks for: modes on a place of this server, on a folder of the storage, or on a class."""

    modes: frozenset[Mode]
    target: Uri | None = None
    """A container or document here."""
    of_class: str | None = None
    """The IRI of a class; where a person keeps it, the type indexes say."""
    label: str = ""
    """What for, in the words of the app."""
    path: str | None = None
    """A path below the root of each storage of the person, such as `/notes/`."""

    def facts(self) -> dict[str, Json]:
        """As JSON."""
        return {
            "modes": sorted(self.modes),
            "target": self.target,
            "of_class": self.of_class,
            "label": self.label,
            "path": self.path,
        }


def of_facts(facts: Mapping[str, Json]) -> Ask:
    """What `facts` gave."""
    modes = frozenset(map(Mode, facts["modes"]))
    return Ask(modes, facts["target"], facts["of_class"], facts["label"], facts["path"])


def of_scopes(scopes: Iterable[str], base_url: str) -> tuple[Ask, ...]:
    """What the scopes ask for; those that ask for nothing here are passed over."""
    found = []
    for scope in scopes:
        modes, _, what = scope.removeprefix(_PREFIX).partition(":")
        if scope.startswith(_PREFIX) and what:
            ask = _ask(modes.split("+"), what, "", base_url)
            if ask is not None and ask not in found:
                found.append(ask)
    return tuple(found[:MOST])


def of_needs(needs: Json, base_url: str) -> tuple[Ask, ...]:
    """What the member `access_needs` of a Client ID Document asks for; what cannot be understood is passed over."""
    found = []
    for need in needs if isinstance(needs, list) else []:
        if not isinstance(need, dict):
            continue
        modes, label = need.get("modes"), need.get("label")
        what = need.get("class") or need.get("container")
        if isinstance(modes, list) and isinstance(what, str):
            ask = _ask(modes, what, label if isinstance(label, str) else "", base_url)
            if ask is not None:
                found.append(ask)
    return tuple(found[:MOST])


def _ask(modes: Sequence[Json], what: str, label: str, base_url: str) -> Ask | None:
    wanted = frozenset(_MODES[one] for one in modes if isinstance(one, str) and one in _MODES)
    if not wanted or len(wanted) != len(set(map(str, modes))):
        return None
    label = "".join(one for one in label if one.isprintable())[:LABEL]
    if _PATH.fullmatch(what):
        return None if {".", ".."} & set(what.split("/")) else Ask(wanted, path=what, label=label)
    if _IRI.fullmatch(what) is None:
        return None
    # A class has a fragment or lies elsewhere; what this server keeps is a place.
    if what.startswith(base_url) and not urlsplit(what).fragment:
        return Ask(wanted, target=Uri(what), label=label)
    return Ask(wanted, of_class=what, label=label)


def is_covered(asks: Sequence[Ask], known: Sequence[Ask]) -> bool:
    """Whether each thing that is asked for was asked for before, with no fewer modes."""
    return all(any(_same_thing(one, other) and one.modes <= other.modes for other in known) for one in asks)


def _same_thing(one: Ask, other: Ask) -> bool:
    return (one.target, one.of_class, one.path) == (other.target, other.of_class, other.path)
