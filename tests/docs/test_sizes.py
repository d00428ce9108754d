"""The limits on sizes see what they are for."""

import pytest

from tests import sizes
from tests.sizes import FILE, FOLDER, FUNCTION, NESTING, PARAMETERS


def limits(source: str, name: str = "pod/a.py") -> dict[str, bool]:
    """The units of what is over what is good, and whether it fails."""
    return {one.limit.unit: one.fails for one in sizes.excesses(source, name)}


def function(lines: int) -> str:
    return "def f():\n" + "    x = 1\n" * (lines - 1)


def nested(levels: int) -> str:
    return (
        "def f():\n"
        + "".join(f"{'    ' * (level + 1)}if x:\n" for level in range(levels))
        + "    " * (levels + 1)
        + "pass\n"
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1\n" * FILE.good, {}),
        ("x = 1\n" * (FILE.good + 1), {FILE.unit: False}),
        ("x = 1\n" * (FILE.most + 1), {FILE.unit: True}),
        (function(FUNCTION.good), {}),
        (function(FUNCTION.good + 1), {FUNCTION.unit: False}),
        (function(FUNCTION.most + 1), {FUNCTION.unit: True}),
        (nested(NESTING.good), {}),
        (nested(NESTING.good + 1), {NESTING.unit: False}),
        (nested(NESTING.most + 1), {NESTING.unit: True}),
        ("def f(a, b, c, d, e, *, f, g, h): pass\n", {}),
        ("def f(self, a, b, c, d, e): pass\n", {}),
        ("def f(a, b, c, d, e, f): pass\n", {PARAMETERS.unit: False}),
        ("async def f(a, b, c, d, e, f, g): pass\n", {PARAMETERS.unit: True}),
    ],
)
def test_what_is_too_large_is_named(source: str, found: dict[str, bool]) -> None:
    assert limits(source) == found


def test_a_chain_of_conditions_is_not_nested() -> None:
    chain = "def f():\n    if a:\n        pass\n" + "".join(f"    elif b{i}:\n        pass\n" for i in range(9))

    assert limits(chain) == {}


@pytest.mark.parametrize("block", ["try:\n{0}\nexcept E:\n    pass", "match x:\n    case 1:\n    {0}", "with a:\n{0}"])
def test_every_kind_of_block_counts(block: str) -> None:
    inner = "    if a:\n        if b:\n            if c:\n                pass"
    source = "def f():\n" + "\n".join(
        f"    {line}" for line in block.format(inner.replace("\n", "\n    " if "match" in block else "\n")).splitlines()
    )

    assert limits(source + "\n") == {NESTING.unit: False}


def test_folders_in_folders_fail() -> None:
    assert limits("x = 1\n", "pod/a/b/c.py") == {FOLDER.unit: True}
    assert limits("x = 1\n", "pod/a/b.py") == {}
    assert limits("x = 1\n", "tests/unit/a/b.py") == {}
