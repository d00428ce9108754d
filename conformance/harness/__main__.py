"""`python -m conformance.harness`: the harness against a server of its own, or against one that runs."""

import argparse
import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from conformance.harness import results, settings
from conformance.harness.server import NotStarted, Tested, serving

JAR = "target/solid-conformance-test-harness-runner.jar"
LOG = "harness.log"


class Refused(Exception):
    """What was given on the command line cannot be used; the sentence says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the harness and print what came of it. 0: as it should be; 1: not; 2: it could not be run."""
    given = _options().parse_args(arguments)
    try:
        running = _running(given)
        given.report.mkdir(parents=True, exist_ok=True)
        asyncio.run(_run(given, running))
        scenarios = results.read(given.report / "report.ttl")
    except (Refused, NotStarted) as error:
        print(error, file=sys.stderr)
        return 2
    except results.NoResults as error:
        print(f"{error} {why(given.report / LOG)}", file=sys.stderr)
        return 2
    known = results.known(results.KNOWN.read_text())
    for line in results.lines(scenarios, known):
        print(line)
    return 0 if results.Verdict.of(scenarios, known).good else 1


def why(log: Path) -> str:
    """What the harness says about not having run; where to look if it says nothing of the kind."""
    _, failed, rest = log.read_text(errors="replace").partition("Application failed: ")
    told = rest.partition("\n")[0].partition("Exception: ")[2].strip()
    return f"The harness says: {told} ({log})" if failed else f"{log} may tell why."


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.harness",
        description="Run the conformance test harness of the Solid community.",
        epilog="docs/operate/conformance.md says how to get the harness and its tests.",
    )
    add = parser.add_argument
    add("--harness", type=Path, required=True, metavar="DIR", help="a clone of the harness that was built, or its jar")
    add("--tests", type=Path, required=True, metavar="DIR", help="a clone of the tests")
    add("--specifications", type=Path, metavar="DIR", help="protocol.html and wac.html, instead of those on the web")
    add("--report", type=Path, default=Path("harness-report"), metavar="DIR", help="where reports go (harness-report)")
    add("--env", type=Path, metavar="FILE", help="variables that name a running server and two people, for that one")
    add("--converted", action="store_true", help="also the older tests that no default run has")
    add("--redirect", action="store_true", help="that server redirects from http, so test this as well")
    add("--threads", type=int, default=8, metavar="N", help="how many scenarios run at once (8)")
    return parser


def _running(given: argparse.Namespace) -> Tested | None:
    """The server that runs already, if there is one to be tested; Refused if something lacks."""
    if given.env is None:
        if given.redirect:
            raise Refused("--redirect is for a server that --env names: one that is started here redirects nothing.")
        return None
    if not given.env.is_file():
        raise Refused(f"There is no {given.env}.")
    return Tested(settings.variables(given.env.read_text()))


async def _run(given: argparse.Namespace, running: Tested | None) -> None:
    jar = given.harness if given.harness.is_file() else given.harness / JAR
    for path in (jar, given.tests / "version.txt"):
        if not path.is_file():
            raise Refused(f"There is no {path}.")
    if shutil.which("java") is None:
        raise Refused("The harness needs Java 17 or later; there is no command java.")
    sources = settings.Sources(given.tests, given.specifications, given.converted)
    skipped = [tag for tag in settings.SKIPPED if not (given.redirect and tag == "http-redirect")]
    async with _tested(running) as tested:
        with tempfile.TemporaryDirectory() as place:
            subject = settings.write(Path(place), sources, skipped)
            command = ["java", *tested.java, "-jar", str(jar.resolve()), f"--subjects={subject}"]
            command += [f"--output={given.report.resolve()}", *tested.options]
            environment = {**os.environ, "MAXTHREADS": str(given.threads), **tested.environment}
            await _ended(command, Path(place), given.report / LOG, environment)


@contextlib.asynccontextmanager
async def _tested(running: Tested | None) -> AsyncIterator[Tested]:
    if running is not None:
        yield running
        return
    with tempfile.TemporaryDirectory() as place:
        async with serving(Path(place)) as tested:
            yield tested


async def _ended(command: list[str], directory: Path, log: Path, environment: dict[str, str]) -> None:
    """Run the command to its end, whatever its exit code: the report says what came of it."""
    print(f"The harness runs, and writes {log}.", flush=True)
    (log.parent / "report.ttl").unlink(missing_ok=True)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=directory, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()


if __name__ == "__main__":
    sys.exit(main())
