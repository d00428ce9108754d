"""The command `python -m conformance`, also `rhizome conformance`."""

import argparse
import asyncio
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from conformance.arguments import parser
from conformance.case import CannotTell, Case, Failed, Outcome, cases
from conformance.people import BadCredentials, Credentials
from conformance.report import write
from conformance.run import Options, Report, Result, run

KNOWN = Path(__file__).parent / "known.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = parser().parse_args(arguments)
    return look(options)


def look(options: argparse.Namespace) -> int:
    """Put the cases to the server as the arguments say; the exit code."""
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
        asked, known = _options(options), _known(options.known)
        if options.report:
            options.report.mkdir(parents=True, exist_ok=True)
        report = asyncio.run(run(asked, chosen, _progress(len(chosen))))
    except (BadCredentials, OSError, tomllib.TOMLDecodeError) as error:
        return _usage(str(error))
    except KeyboardInterrupt:
        return _usage("The run was interrupted. What it had made was removed, as far as it goes.")
    except (CannotTell, Failed) as error:
        return _usage(f"{options.target} cannot be looked at. {error}")
    if options.report:
        write(report, options.report)
    return tell(report, known, options.report, whole=not options.only)


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
