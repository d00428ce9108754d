"""The arguments of the command. Nothing heavy is imported here, so that other commands can offer it."""

import argparse
import os
from pathlib import Path

ABOUT = "Look at any Solid server from the outside, and say what it does of what the specifications ask."
EPILOG = (
    "Credentials are a file with JSON, JSON, or ID:SECRET@ISSUER. "
    "The exit code is 0 when all passed, 1 when something failed, 2 when the server could not be looked at."
)


def _address(given: str) -> str:
    if not given.rpartition(":")[2].isdigit():
        raise argparse.ArgumentTypeError(f"{given} is not HOST:PORT")
    return given


def parser() -> argparse.ArgumentParser:
    """What reads the arguments of `python -m conformance`."""
    found = argparse.ArgumentParser(prog="python -m conformance", description=ABOUT, epilog=EPILOG)
    add(found)
    return found


def add(found: argparse.ArgumentParser) -> None:
    """Add the arguments to what reads them."""
    found.add_argument("--target", metavar="URL", help="the server")
    found.add_argument(
        "--alice",
        metavar="CREDS",
        default=os.environ.get("CONFORMANCE_ALICE"),
        help="who owns a storage there (or CONFORMANCE_ALICE)",
    )
    found.add_argument(
        "--bob",
        metavar="CREDS",
        default=os.environ.get("CONFORMANCE_BOB"),
        help="somebody else, from anywhere (or CONFORMANCE_BOB)",
    )
    found.add_argument("--only", metavar="AREA", action="append", default=[], help="an area, or a case or file of one")
    found.add_argument("--report", metavar="DIR", type=Path, help="write the report there: HTML, EARL, JUnit, JSON")
    found.add_argument("--name", default="", help="what the report calls the server (its URL)")
    found.add_argument("--known", metavar="FILE", type=Path, help="cases that are known to fail, with reasons (TOML)")
    found.add_argument("--at-once", metavar="N", type=int, default=8, help="how many cases run at the same time (8)")
    found.add_argument("--patience", metavar="N", type=float, default=1.0, help="how many times longer to wait (1)")
    found.add_argument("--ca", metavar="FILE", type=Path, help="certificates to trust besides those of the system")
    found.add_argument("--insecure", action="store_true", help="take any certificate")
    found.add_argument(
        "--serve",
        metavar="HOST:PORT",
        type=_address,
        default="127.0.0.1:0",
        help="where the run serves documents that the server is to fetch (127.0.0.1, any port)",
    )
    found.add_argument("--reach", metavar="URL", help="the URL by which the server gets there")
    found.add_argument("--list", action="store_true", help="list the cases with their requirements, and end")
