"""The command `python -m conformance`, also `rhizome conformance`."""

import argparse
import asyncio
import os
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from conformance.case import CannotTell, Case, Failed, Outcome, cases
from conformance.people import BadCredentials, Credentials
from conformance.report import write
from conformance.run import Options, Report, Result, run

KNOWN = Path(__file__).parent / "known.toml"


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    found = argparse.ArgumentParser(
        prog="python -m conformance",
        description="Look at any Solid server from the outside, and say what it does of what the specifications ask.",
        epilog="Credentials are a file with JSON, JSON, or ID:SECRET@ISSUER. "
        "The exit code is 0 when all passed, 1 when something failed, 2 when the server could not be looked at.",
    )
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
        default="127.0.0.1:0",
        help="where the run serves documents that the server is to fetch (127.0.0.1, any port)",
    )
    found.add_argument("--reach", metavar="URL", help="the URL by which the server gets there")
    found.add_argument("--list", action="store_true", help="list the cases with their requirements, and end")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = parser().parse_args(arguments)
    chosen = cases(*options.only)
    if not chosen:
        return _usage(f"There is no case {' or '.join(options.only)}.")
    if options.list:
        for one in chosen:
            print(f"{one.id}  {one.level}  {' '.join(asked.id for asked in one.requirements)}")
        return 0
    if not (options.target and options.alice and options.bob):
        return _usage("--target, --alice and --bob are needed.")
    try:
        asked = _options(options)
        report = asyncio.run(run(asked, chosen, _progress(len(chosen))))
    except (BadCredentials, OSError) as error:
        return _usage(str(error))
    except (CannotTell, Failed) as error:
        return _usage(f"{options.target} cannot be looked at. {error}")
    if options.report:
        write(report, options.report)
    return tell(report, _known(options.known), options.report, whole=not options.only)


def _options(options: argparse.Namespace) -> Options:
    local = urlsplit(options.target).hostname in {"localhost", "127.0.0.1", "::1"}
    return Options(
        target=options.target,
        alice=Credentials.read(options.alice),
        bob=Credentials.read(options.bob),
        name=options.name,
        at_once=max(1, options.at_once),
        patience=options.patience,
        ca=options.ca,
        insecure=options.insecure,
        listen=options.serve,
        reach=options.reach or ("" if local else None),
    )


def _usage(sentence: str) -> int:
    print(f"conformance: {sentence}", file=sys.stderr)
    return 2


def _known(file: Path | None) -> Mapping[str, str]:
    if file is None:
        return {}
    found: Mapping[str, str] = tomllib.loads(file.read_text()).get("cases", {})
    return found


class _Progress:
    """One line that grows on a terminal, and a line now and then elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.last = total, 0, time.monotonic()

    def __call__(self, result: Result) -> None:
        self.done += 1
        now = time.monotonic()
        if sys.stderr.isatty():
            print(f"\r{self.done} of {self.total}  {result.case.id[:90]:<90}", end="", file=sys.stderr, flush=True)
            if self.done == self.total:
                print(file=sys.stderr)
        elif now - self.last > 5 or self.done == self.total:
            print(f"{self.done} of {self.total}", file=sys.stderr, flush=True)
            self.last = now


def _progress(total: int) -> _Progress:
    return _Progress(total)


def tell(report: Report, known: Mapping[str, str], directory: Path | None, *, whole: bool) -> int:
    """Print what came out; the exit code. A case that is known to fail and passes is an error as well."""
    unexpected = [one for one in report.results if one.wrong and one.case.id not in known]
    for one in unexpected:
        print(f"{one.outcome.value:<9} {one.case.id}\n          {one.why}")
    mended = [one.case.id for one in report.results if one.case.id in known and one.outcome is Outcome.PASSED]
    for name in mended:
        print(f"passed    {name}\n          It is written down as known to fail: take it out there.")
    ids = {one.case.id for one in report.results}
    gone = [name for name in known if whole and name not in ids]
    for name in gone:
        print(f"unknown   {name}\n          It is written down as known to fail, and there is no such case.")
    _summary(report, sum(one.wrong for one in report.results) - len(unexpected))
    if directory:
        print(f"The report is in {directory / 'index.html'}.")
    print(f"{report.passed} passed, {len(unexpected)} failed")
    return 1 if unexpected or mended or gone else 0


def _summary(report: Report, known: int) -> None:
    for level in ("SHOULD", "MAY"):
        met = report.count(Outcome.PASSED, level)
        unmet = report.count(Outcome.FAILED, level) + report.count(Outcome.CANNOT_TELL, level)
        if met or unmet:
            print(f"{level}: {met} met, {unmet} not met")
            for one in report.results:
                if one.case.level == level and one.outcome in {Outcome.FAILED, Outcome.CANNOT_TELL}:
                    print(f"          {one.case.id}: {one.why}")
    areas: dict[str, list[Case]] = {}
    for one in report.results:
        if one.outcome is Outcome.INAPPLICABLE:
            areas.setdefault(one.why, []).append(one.case)
    for why, left_out in areas.items():
        print(f"{len(left_out)} not applicable: {why}")
    if known:
        print(f"{known} failed as is known, with reasons")


if __name__ == "__main__":
    sys.exit(main())
