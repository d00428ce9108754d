"""The matrix of real clients that the tests run against a real server: `tests/clients/matrix.toml`."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parent.parent
MATRIX = ROOT / "tests" / "clients" / "matrix.toml"
ACTIONS = ("sign in", "read", "write", "patch", "list", "delete", "share", "live")
"""What a client can do here, in the order of the columns."""
_PINNED: Mapping[str, str] = MappingProxyType(
    {
        "package-lock.json": r'"node_modules/{}": \{{\s*"version": "([^"]+)"',
        "constraints.txt": r"(?m)^{}==([^\s;]+)",
        "go.mod": r"(?m)^(?:require)?\s*{} v(\S+)",
        "pom.xml": r"<artifactId>{}</artifactId>\s*<version>([^<]+)</version>",
    }
)
"""How each kind of file says which version of a library it pins."""


@dataclass(frozen=True, slots=True)
class Client:
    """One row of the matrix."""

    library: str
    language: str
    runs: tuple[str, ...]
    lock: str
    tests: tuple[str, ...]
    does: tuple[str, ...]
    note: str

    @property
    def version(self) -> str:
        """The version that the tests run."""
        return pinned(self.library, Path(self.lock).name, (ROOT / self.lock).read_text("utf-8"))


def pinned(library: str, kind: str, text: str) -> str:
    """The version of the library in a file of this kind; LookupError when it pins none."""
    found = re.search(_PINNED[kind].format(re.escape(library)), text)
    if found is None:
        raise LookupError(f"{kind} pins no version of {library}.")
    return found[1]


@cache
def clients() -> Sequence[Client]:
    """Every row, in the order of the file."""
    rows = tomllib.loads(MATRIX.read_text("utf-8"))["client"]
    return tuple(
        Client(
            row["library"],
            row["language"],
            tuple(row["runs"]),
            row["lock"],
            tuple(row["tests"]),
            tuple(row["does"]),
            row.get("note", ""),
        )
        for row in rows
    )
