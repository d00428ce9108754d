"""The requirement tables, the tests that prove a requirement, and the code that names one."""

import ast
import io
import os
import re
import tokenize
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.tables import Requirement, requirements

ROOT = Path(__file__).parent.parent
TABLES = ("protocol", "wac", "solid-oidc", "notifications", "webid-profile", "type-indexes")
"""Those that are counted."""
KNOWN = ROOT / "conformance" / "known.toml"
SERVER = frozenset(
    {
        "server",
        "resource server",
        "subscription server",
        "notification sender",
        "patch document",
        "WebID host",
        "all",
    }
)
"""The subjects that this server answers for, or that it must check."""

_WORD = re.compile(r"(?<![\w/#.`<-])[a-z][a-z0-9]*(?:-[a-z0-9]+)+(?:\.[a-z0-9]+)?(?![\w-])")
NO_ID = frozenset({"server-managed", "client-side", "server-side"})
"""Words of English that begin as an id does."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that names a requirement."""

    id: str
    file: str
    """Relative to the project."""
    place: str
    """The name of the test, or the line."""


def applies(one: Requirement) -> bool:
    """Whether this server has to do with it, as far as it goes: it is no client and no issuer."""
    return one.table in TABLES and one.of_any(SERVER)


def known() -> Mapping[str, str]:
    """The requirements that the server does not meet, each with the reason."""
    return {name: str(reason) for name, reason in tomllib.loads(KNOWN.read_text("utf-8"))["unmet"].items()}


def _modules(directory: Path) -> Sequence[Path]:
    """The Python files there, in order; not those of packages from npm, which may be installed meanwhile."""
    found = []
    for here, folders, files in os.walk(directory):
        folders[:] = [one for one in folders if one != "node_modules"]
        found += [Path(here, one) for one in files if one.endswith(".py")]
    return sorted(found)


@cache
def proofs() -> Mapping[str, Sequence[Mention]]:
    """The tests that say which requirement they prove, by its id, in the order of files and lines."""
    found: dict[str, list[Mention]] = defaultdict(list)
    for path in _modules(ROOT / "tests"):
        for mention in _marks(path):
            if mention not in found[mention.id]:
                found[mention.id].append(mention)
    return found


def _marks(path: Path) -> Iterator[Mention]:
    """Every use of `pytest.mark.spec`: on a test, on one of its parameters, or for a whole file."""
    tree = ast.parse(path.read_text("utf-8"))
    file = path.relative_to(ROOT).as_posix()
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    owners = {id(call): test.name for test in tests for one in test.decorator_list for call in ast.walk(one)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_spec(node.func)]
    for call in calls:
        place = owners.get(id(call), "every test")
        yield from (Mention(str(one.value), file, place) for one in call.args if isinstance(one, ast.Constant))


def _is_spec(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "spec"


def named() -> Iterator[Mention]:
    """Whatever comments and docstrings of the code name in the form of a requirement's id."""
    first = {name.partition("-")[0] for name in requirements() if "-" in name}
    for path in _modules(ROOT / "pod"):
        file = path.relative_to(ROOT).as_posix()
        words = ((line, word) for line, text in _remarks(path.read_text("utf-8")) for word in _WORD.findall(text))
        for line, word in words:
            if word.partition("-")[0] in first and word not in NO_ID:
                yield Mention(word, file, str(line))


def _remarks(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, text
