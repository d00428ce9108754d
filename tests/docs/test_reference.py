"""What the reference says follows from the code, and leaves nothing out."""

import inspect
import re
import tomllib

from docs import build
from pod import config, errors, events
from pod.auth import proofs, tokens
from pod.http import problem
from tests.docs import pages

DOCS = pages.ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def test_generated_parts_are_up_to_date() -> None:
    assert [path.name for path, _ in build.stale()] == []


def test_a_part_that_is_not_up_to_date_is_noticed() -> None:
    old = "# Page\n\n<!-- generated: exposed -->\nnothing\n<!-- end -->\n\nText.\n"

    fresh = build.renewed(old)

    assert "nothing" not in fresh
    assert "`WAC-Allow`" in fresh
    assert fresh.startswith("# Page\n\n<!-- generated: exposed -->\n")
    assert fresh.endswith("<!-- end -->\n\nText.\n")
    assert build.renewed(fresh) == fresh


def test_every_generated_part_is_used() -> None:
    places = [pages.ROOT / "README.md", *DOCS.rglob("*.md")]
    text = "".join(path.read_text("utf-8") for path in places)

    assert set(re.findall(r"<!-- generated: ([a-z-]+) -->", text)) == set(build.PARTS)


def test_every_setting_is_in_the_reference() -> None:
    text = page("reference/settings.md")

    for group, name, _, _, sentence in config.describe():
        assert f"`POD_{group.upper()}_{name.upper()}`" in text
        assert sentence in text


def test_every_command_and_option_is_in_the_reference() -> None:
    text = page("reference/commands.md")

    words = [" ".join(one) for one in build.command_names()]
    assert words
    for command in words:
        assert f"## rhizome {command}\n" in text
        for _, name, sentence in build.entries(build.helped(command.split())):
            assert f"| `{name}` | {sentence} |" in text


def test_every_error_is_in_the_reference_with_its_status() -> None:
    text = page("reference/errors.md")

    for failure in build.failures():
        assert f"| `{failure.__name__}` | {problem.STATUS[failure]} |" in text


def test_every_member_of_a_problem_is_in_the_reference() -> None:
    text = page("reference/errors.md")
    examples: list[errors.PodError] = [
        errors.Malformed("", 1, 2),
        errors.NotAcceptable("", ("a/b",)),
        errors.UnsupportedMediaType("", ("a/b",)),
        errors.TooLarge("", 1),
        errors.NotAllowed("", ("GET",)),
    ]

    members = {name for error in examples for name in problem._facts(error)}

    assert members
    for name in members:
        assert f"`{name}`" in text


def test_every_event_is_told_to_operators() -> None:
    text = page("operate/monitor.md")
    told = [
        name
        for name, one in inspect.getmembers(events, inspect.isfunction)
        if one.__module__ == events.__name__ and not name.startswith("_") and name not in {"configure", "refused"}
    ]

    assert told
    for name in told:
        assert f"| `{name}` |" in text


def test_the_times_of_tokens_and_proofs_are_those_of_the_code() -> None:
    text = page("reference/http.md")

    assert f"may be {proofs.BEFORE} seconds old" in text
    assert tokens.OLDEST == 24 * 3600
    assert "counts for a day at most" in text


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((pages.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = page("decisions/0002-dependencies.md")

    named = [re.split(r"[\[><=;! ]", one, maxsplit=1)[0] for one in project["dependencies"]]

    assert len([one for one in named if one not in {"httptools", "uvloop", "websockets"}]) <= 12
    assert re.findall(r"^\| ([a-z0-9-]+) \| (?!reason)", text, re.MULTILINE) == sorted(named)
    for extra in ("postgres", "s3"):
        assert f"`{extra}`" in text


def _modules() -> list[str]:
    there = sorted((pages.ROOT / "pod").rglob("*.py"))
    return [path.relative_to(pages.ROOT / "pod").as_posix() for path in there if path.name != "__init__.py"]


def _named() -> set[str]:
    """The modules in the tree of the architecture, each with its folder."""
    text = page("develop/architecture.md")
    tree = text[text.index("\npod/\n") : text.index("\nvocab/")]
    folder, found = "", set()
    for line in tree.splitlines():
        entry = re.split(r" {2,}", line.strip())[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folder = entry if depth == 1 and entry.endswith("/") and " " not in entry else "" if depth == 1 else folder
        found |= {f"{folder}{name}" for name in entry.split() if name.endswith(".py")}
    return found


def test_the_architecture_shows_the_tree_as_it_is() -> None:
    assert _named() == set(_modules())
