"""What commands share: how they are added to the parser, what they read, and how they tell."""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pod import app
from pod.config import Settings
from pod.errors import Misconfigured
from pod.parts import Parts

T = TypeVar("T")

Run = Callable[[argparse.Namespace, Settings], int]
"""Runs a command; the exit code."""


@dataclass(frozen=True, slots=True)
class Commands:
    """Commands that stand beside each other."""

    group: "argparse._SubParsersAction[argparse.ArgumentParser]"
    shared: argparse.ArgumentParser
    """The options that every command takes."""

    def add(self, name: str, summary: str, description: str, run: Run) -> argparse.ArgumentParser:
        """A command that does something."""
        parser = self.group.add_parser(name, parents=[self.shared], help=summary, description=description)
        parser.set_defaults(run=run)
        return parser

    def below(self, name: str, summary: str) -> "Commands":
        """A word that other commands follow."""
        sentence = f"{summary[0].upper()}{summary[1:]}."
        parser = self.group.add_parser(name, help=summary, description=sentence)
        return Commands(parser.add_subparsers(title="commands", metavar="COMMAND", required=True), self.shared)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Let the command print for scripts."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_password(parser: argparse.ArgumentParser) -> None:
    """Let the command read a password. It is never an argument, which other users of the machine could see."""
    parser.add_argument("--password-stdin", action="store_true", help="read the account's password from standard input")


def password(options: argparse.Namespace) -> str | None:
    """The password on standard input, if it is to be read; Misconfigured when there is none."""
    if not options.password_stdin:
        return None
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise Misconfigured(("--password-stdin: there is no password on standard input.",))
    return given


def with_parts(settings: Settings, work: Callable[[Parts], Awaitable[T]]) -> T:
    """What `work` gives, on the data of a server that may be running."""

    async def done() -> T:
        async with app.beside(settings) as parts:
            return await work(parts)

    return asyncio.run(done())


def tell(options: argparse.Namespace, facts: Mapping[str, object]) -> int:
    """Print the facts, for people one on a line; the exit code of success."""
    if options.json:
        print(json.dumps(facts))
        return 0
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        print(f"{name:{width + 1}} {_plain(value)}")
    return 0


def tell_all(options: argparse.Namespace, rows: Sequence[Mapping[str, object]]) -> int:
    """Print a table of facts, of which all have the same names; the exit code of success."""
    if options.json:
        print(json.dumps(rows))
        return 0
    cells = [[_plain(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())
    return 0


def _plain(value: object) -> str:
    match value:
        case None | () | [] | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return " ".join(map(str, value))
        case _:
            return str(value)
