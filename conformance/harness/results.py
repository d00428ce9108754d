"""What the report of the harness says of each scenario, and what that means."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import rdflib
from rdflib.namespace import DCTERMS, PROV

from conformance.harness.settings import TESTS

KNOWN = Path(__file__).with_name("known.toml")
PASSED, SKIPPED = "passed", ("inapplicable", "untested")
"""Every other outcome counts as a failure, also that the harness cannot tell."""


class NoResults(Exception):
    """The harness ended before it had run anything; the sentence says where it tells why."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario that was run, or left out."""

    file: str
    """The feature, as a path in the tests."""
    title: str
    outcome: str

    @property
    def name(self) -> str:
        """By which `known.toml` knows it. The examples of an outline share theirs."""
        return f"{self.file}: {self.title}"

    @property
    def suite(self) -> str:
        """The part of the tests that it belongs to."""
        folder, _, rest = self.file.partition("/")
        return "converted" if rest.startswith("converted/") else folder

    @property
    def skipped(self) -> bool:
        """Whether it was left out, by a tag."""
        return self.outcome in SKIPPED

    @property
    def failed(self) -> bool:
        """Whether it was run and not passed."""
        return self.outcome != PASSED and not self.skipped


def read(report: Path) -> Sequence[Scenario]:
    """The scenarios of the report in Turtle, in order; NoResults if there are none."""
    if not report.is_file():
        raise NoResults(f"There is no {report.name}.")
    graph = rdflib.Graph().parse(report, format="turtle")
    found = [
        Scenario(
            str(used).partition("#")[0].removeprefix(f"{TESTS}/"),
            str(graph.value(scenario, DCTERMS.title)),
            str(outcome).rpartition("#")[2],
        )
        for case, scenario in graph.subject_objects(DCTERMS.hasPart)
        for used in graph.objects(scenario, PROV.used)
        for result in graph.objects(scenario, PROV.generated)
        for outcome in graph.objects(result, PROV.value)
        if case is not None
    ]
    if not any(not one.skipped for one in found):
        raise NoResults(f"No scenario in {report.name} was run.")
    return sorted(found, key=lambda one: (one.file, one.title, one.outcome))


def known(text: str) -> Mapping[str, str]:
    """The scenarios that need not pass, by name, with the reason."""
    told = tomllib.loads(text).get("scenarios", {})
    return {str(name): str(reason) for name, reason in told.items()}


def counted(scenarios: Iterable[Scenario]) -> str:
    """How many there are of each outcome, in one line."""
    counts = Counter("skipped" if one.skipped else "failed" if one.failed else PASSED for one in scenarios)
    return f"{counts[PASSED]} passed, {counts['failed']} failed, {counts['skipped']} skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run means, given what is known."""

    unexpected: Sequence[Scenario]
    """What failed, and should not."""
    outdated: Sequence[str]
    """What was run and did not fail, although it is known to."""

    @classmethod
    def of(cls, scenarios: Sequence[Scenario], known: Mapping[str, str]) -> "Verdict":
        """From all that was run."""
        failed = {one.name for one in scenarios if one.failed}
        ran = {one.name for one in scenarios if not one.skipped}
        return cls(
            [one for one in scenarios if one.failed and one.name not in known],
            [name for name in known if name in ran and name not in failed],
        )

    @property
    def good(self) -> bool:
        """Whether everything is as it should be."""
        return not self.unexpected and not self.outdated


def lines(scenarios: Sequence[Scenario], known: Mapping[str, str]) -> Iterable[str]:
    """The outcome for people: what did not pass, each suite, and in the end all of it."""
    verdict = Verdict.of(scenarios, known)
    for one in scenarios:
        if one.failed:
            reason = known.get(one.name)
            yield f"{one.outcome}: {one.name}" + (f" (known: {reason})" if reason else "")
        elif one.skipped:
            yield f"skipped: {one.name} ({one.outcome})"
    for name in verdict.outdated:
        yield f"passes, but {KNOWN.name} has it: {name}"
    for suite in sorted({one.suite for one in scenarios}):
        yield f"{suite}: {counted(one for one in scenarios if one.suite == suite)}"
    yield counted(scenarios)
