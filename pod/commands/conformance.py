"""`rhizome conformance`: the runner of `conformance/`, which sees of a server what the world sees."""

import argparse
import sys

from conformance import arguments
from pod.commands.common import Commands
from pod.config import Settings


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("conformance", "look at any Solid server", f"{arguments.ABOUT} {arguments.EPILOG}", _look)
    arguments.add(parser)


def _look(options: argparse.Namespace, _settings: Settings) -> int:
    try:
        from conformance.__main__ import look  # noqa: PLC0415  # what it needs is not installed with every server
    except ModuleNotFoundError as error:
        print(f'rhizome: {error.name} is not installed; the extra "conformance" brings it.', file=sys.stderr)
        return 2
    return look(options)
