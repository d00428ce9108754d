"""How large files and functions may be: `python tests/sizes.py` names what is too large, and what is nearly so.

The exit code is 1 when something is over a limit that fails.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("pod", "tests", "docs", "vocab")
GENERATED = frozenset({"pod/rdf/vocab.py", "pod/rdf/contexts.py"})

_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Limit:
    """What is good, and what fails."""

    unit: str
    good: int
    most: int


FILE = Limit("lines", 350, 500)
FUNCTION = Limit("lines", 40, 60)
NESTING = Limit("levels of nesting", 3, 4)
PARAMETERS = Limit("parameters by position", 5, 6)
FOLDER = Limit("folders deep", 2, 2)


@dataclass(frozen=True, slots=True)
class Excess:
    """Something over what is good."""

    where: str
    size: int
    limit: Limit

    @property
    def fails(self) -> bool:
        """Whether it is over what is still let pass."""
        return self.size > self.limit.most

    def __str__(self) -> str:
        word, limit = "too large" if self.fails else "large", self.limit
        return f"{self.where}: {word}, {self.size} {limit.unit} ({limit.good} is good, {limit.most} the most)"


def excesses(source: str, name: str) -> Iterator[Excess]:
    """Whatever in a file is over what is good; `name` is its path in the project."""
    found = [Excess(name, source.count("\n"), FILE)]
    if name.startswith("pod/"):
        found.append(Excess(name, name.count("/"), FOLDER))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _Function):
            where = f"{name}:{node.lineno} {node.name}"
            found.append(Excess(where, (node.end_lineno or node.lineno) - node.lineno + 1, FUNCTION))
            found.append(Excess(where, _depth(node.body), NESTING))
            # A test's parameters are its fixtures, of which there may be many.
            if name.startswith("pod/"):
                parameters = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
                found.append(Excess(where, len(parameters) - (parameters[:1] in (["self"], ["cls"])), PARAMETERS))
    yield from (one for one in found if one.size > one.limit.good)


def _depth(statements: Iterable[ast.stmt]) -> int:
    """How deeply compound statements stand in each other; `elif` is no deeper than its `if`."""
    return max((_depth_of(one) for one in statements), default=0)


def _depth_of(statement: ast.stmt) -> int:
    if not isinstance(statement, _COMPOUND):
        return 0
    if isinstance(statement, ast.If) and len(statement.orelse) == 1 and isinstance(statement.orelse[0], ast.If):
        return max(1 + _depth(statement.body), _depth_of(statement.orelse[0]))
    return 1 + max(_depth(block) for block in _blocks(statement))


def _blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, ())
    for name in ("handlers", "cases"):
        for part in getattr(statement, name, ()):
            yield part.body


def main() -> int:
    """Name every excess; the exit code is 1 when one fails."""
    found: list[Excess] = []
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name not in GENERATED and "node_modules" not in name:
            found += excesses(path.read_text("utf-8"), name)
    for one in sorted(found, key=lambda one: not one.fails):
        print(one)
    return 1 if any(one.fails for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
