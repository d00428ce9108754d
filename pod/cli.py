"""The command `rhizome`. What it can do is in `pod.commands`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pod import __version__
from pod.commands import accounts, check, conformance, pods, serve, tokens, why
from pod.commands.common import Commands, Run
from pod.config import Settings, load
from pod.errors import Misconfigured, PodError

ADDED = (serve.add, pods.add, accounts.add, tokens.add, check.add, why.add, conformance.add)
"""Adds each family of commands, in the order that help lists them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 refused or damage found, 2 wrong usage or settings, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        run: Run = options.run
        return run(options, settings)
    except Misconfigured as error:
        for mistake in error.mistakes:
            print(f"rhizome: {mistake}", file=sys.stderr)
        return 2
    except PodError as error:
        print(f"rhizome: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    group = shared.add_argument_group("for every command")
    group.add_argument("--data", metavar="DIR", help="the directory that holds everything (pod-data)")
    group.add_argument("--base-url", metavar="URL", help="the public URL (http://localhost:PORT/)")
    group.add_argument("--config", metavar="FILE", type=Path, help="a TOML file with settings")
    parser = argparse.ArgumentParser(
        prog="rhizome", description="A personal data pod: a fast, standards-first Solid server."
    )
    parser.add_argument("--version", action="version", version=f"rhizome {__version__}")
    commands = Commands(parser.add_subparsers(title="commands", metavar="COMMAND", required=True), shared)
    for add in ADDED:
        add(commands)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    given = {
        ("server", "host"): getattr(options, "host", None),
        ("server", "port"): getattr(options, "port", None),
        ("server", "workers"): getattr(options, "workers", None),
        ("server", "base_url"): options.base_url,
        ("storage", "data"): options.data,
    }
    return load(options.config, os.environ, given)
