"""The pages of the documentation, and what stands in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGES = (
    ROOT / "README.md",
    ROOT / "conformance" / "requirements" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)

_FENCE = re.compile(r"^```(?P<language>\w+)(?P<words>[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `line` is where its fence stands, from 1."""

    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Example:
    """A command, and what it prints as far as the page shows it."""

    command: str
    output: str
    line: int


def name(path: Path) -> str:
    """The page's path in the project."""
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path, language: str) -> Iterator[Block]:
    """The fenced blocks of the language, in order."""
    page = path.read_text("utf-8")
    for fence in _FENCE.finditer(page):
        if fence["language"] == language:
            yield Block(language, fence["text"], page.count("\n", 0, fence.start()) + 1)


def examples(path: Path) -> Iterator[Example]:
    """The commands of the page's `console` blocks, each after a dollar sign."""
    for block in blocks(path, "console"):
        yield from _examples(block)


def _examples(block: Block) -> Iterator[Example]:
    command, start = "", 0
    output: list[str] = []
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if command and not _is_whole(command):
            command += f"\n{line}"
        elif line.startswith("$ "):
            if command:
                yield Example(command, "\n".join(output), start)
            command, output, start = line.removeprefix("$ "), [], number
        else:
            output.append(line)
    yield Example(command, "\n".join(output), start)


def _is_whole(command: str) -> bool:
    """Whether a shell would run the command, and not wait for its next line."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.endswith("\\")


def links(path: Path) -> Iterator[str]:
    """The targets of all links that are no code."""
    for link in _LINK.finditer(_CODE.sub("", path.read_text("utf-8"))):
        yield link["target"]


def anchors(path: Path) -> Iterator[str]:
    """The fragments of all headings, as they are on the page when it is shown."""
    for heading in _HEADING.finditer(_FENCE.sub("", path.read_text("utf-8"))):
        plain = re.sub(r"[^\w\- ]", "", heading["text"].lower())
        yield plain.strip().replace(" ", "-")
