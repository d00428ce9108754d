"""`rhizome check`."""

import argparse
import asyncio
import dataclasses
import json

from pod import app
from pod.commands import common
from pod.commands.common import Commands
from pod.config import Settings


def add(commands: Commands) -> None:
    """Add the command."""
    check = commands.add(
        "check",
        "verify everything that is stored",
        "Verify every row, blob, container and policy; the exit code is 1 if anything is damaged.",
        _check,
    )
    check.add_argument("--repair", action="store_true", help="mend what can be derived from the rest")
    common.add_json(check)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    found = asyncio.run(app.check(settings, repair=options.repair))
    if options.json:
        print(json.dumps([dataclasses.asdict(one) for one in found]))
    else:
        for one in found:
            print(f"{'repaired' if one.repaired else 'damaged'}: {one.what}")
        print(f"{len(found)} found." if found else "Everything is as it should be.")
    return 1 if any(not one.repaired for one in found) else 0
