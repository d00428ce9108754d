"""What is made of the report of the harness, and what ends a run as a failure."""

from pathlib import Path

import pytest

from conformance.harness.__main__ import main
from conformance.harness.results import KNOWN, NoResults, Scenario, Verdict, known, lines, read
from conformance.harness.settings import TESTS

PASSING = Scenario("protocol/cors/preflight.feature", "A request before the request", "passed")
FAILING = Scenario("protocol/converted/test_2-1.feature", "An old test", "failed")
OUTLINE = "web-access-control/read.feature"


def reported(*scenarios: Scenario) -> str:
    """A report as the harness writes it, as far as it is read."""
    prefixes = "@prefix p: <http://www.w3.org/ns/prov#> . @prefix d: <http://purl.org/dc/terms/> ."
    nodes = [
        f"<urn:case> d:hasPart [ a p:Activity ; d:title '{one.title}' ; p:used <{TESTS}/{one.file}#L{line}> ;"
        f" p:generated [ p:value <http://www.w3.org/ns/earl#{one.outcome}> ] ] ."
        for line, one in enumerate(scenarios)
    ]
    return "\n".join([prefixes, *nodes])


def test_a_report_tells_of_each_scenario_what_became_of_it(tmp_path: Path) -> None:
    examples = [Scenario(OUTLINE, "Bob reads", "passed"), Scenario(OUTLINE, "Bob reads", "passed")]
    report = tmp_path / "report.ttl"
    report.write_text(reported(PASSING, FAILING, *examples))

    found = read(report)

    assert found == [FAILING, PASSING, *examples]
    assert [one.suite for one in found] == ["converted", "protocol", "web-access-control", "web-access-control"]


@pytest.mark.parametrize("outcome", [None, "untested"])
def test_a_run_without_any_result_is_no_success(tmp_path: Path, outcome: str | None) -> None:
    report = tmp_path / "report.ttl"
    if outcome is not None:
        report.write_text(reported(Scenario("protocol/a.feature", "Left out", outcome)))

    with pytest.raises(NoResults):
        read(report)


@pytest.mark.parametrize("outcome", ["failed", "cantTell"])
def test_what_did_not_pass_fails_the_run(outcome: str) -> None:
    scenario = Scenario("protocol/a.feature", "A test", outcome)

    verdict = Verdict.of([PASSING, scenario], {})

    assert not verdict.good
    assert verdict.unexpected == [scenario]


def test_a_failure_that_is_known_does_not() -> None:
    assert Verdict.of([PASSING, FAILING], {FAILING.name: "The test is wrong."}).good


def test_what_is_known_to_fail_and_passes_does() -> None:
    verdict = Verdict.of([PASSING], {PASSING.name: "It did once."})

    assert not verdict.good
    assert verdict.outdated == [PASSING.name]


@pytest.mark.parametrize("scenarios", [[], [Scenario(FAILING.file, FAILING.title, "inapplicable")]])
def test_what_is_known_and_was_not_run_says_nothing(scenarios: list[Scenario]) -> None:
    assert Verdict.of(scenarios, {FAILING.name: "The test is wrong."}).good


def test_one_example_that_fails_keeps_an_outline_among_what_is_known() -> None:
    examples = [Scenario(OUTLINE, "Bob reads", "passed"), Scenario(OUTLINE, "Bob reads", "failed")]

    assert Verdict.of(examples, {examples[0].name: "The test is wrong."}).good


def test_people_read_what_did_not_pass_then_the_counts_of_each_suite_and_of_all() -> None:
    skipped = Scenario("protocol/cors/preflight.feature", "Redirected", "inapplicable")

    said = list(lines([PASSING, FAILING, skipped], {FAILING.name: "The test is wrong."}))

    assert said == [
        "failed: protocol/converted/test_2-1.feature: An old test (known: The test is wrong.)",
        "skipped: protocol/cors/preflight.feature: Redirected (inapplicable)",
        "converted: 0 passed, 1 failed, 0 skipped",
        "protocol: 1 passed, 0 failed, 1 skipped",
        "1 passed, 1 failed, 1 skipped",
    ]


def test_everything_that_is_known_is_in_no_default_run_and_has_a_reason() -> None:
    told = known(KNOWN.read_text())

    assert told
    assert all(name.startswith("protocol/converted/") for name in told)
    assert all(len(reason) > 20 for reason in told.values())


class Setting:
    """What a run needs, with a `java` that only writes a report."""

    def __init__(self, place: Path) -> None:
        self.report = place / "report"
        self._prepared = place / "prepared.ttl"
        self._said = place / "said"
        (place / "tests").mkdir()
        (place / "tests" / "version.txt").write_text("1.0.0")
        (place / "harness.jar").touch()
        (place / "harness.env").write_text("# of a test\nUSERS_ALICE_WEBID = https://pods.example/alice#me\n")
        java = place / "bin" / "java"
        java.parent.mkdir()
        java.write_text(
            f'#!/bin/sh\necho "alice is $USERS_ALICE_WEBID, $MAXTHREADS at once"\ncat config/* {place}/said\n'
            f'for one; do case "$one" in --output=*) cp {self._prepared} "${{one#--output=}}/report.ttl";; esac; done\n'
        )
        java.chmod(0o755)
        self._options = [f"--harness={place / 'harness.jar'}", f"--tests={place / 'tests'}", f"--report={self.report}"]
        self._env = f"--env={place / 'harness.env'}"

    def run(self, *options: str, scenarios: tuple[Scenario, ...] = (), running: bool = True, said: str = "") -> int:
        """The exit code of a run in which that came of the scenarios, and the harness said that."""
        self._said.write_text(said)
        if scenarios:
            self._prepared.write_text(reported(*scenarios))
        return main([*self._options, *([self._env] if running else []), *options])


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setting:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return Setting(tmp_path)


def test_a_run_in_which_all_passes_ends_well(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    assert setting.run(scenarios=(PASSING,)) == 0

    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed, 0 skipped"


def test_a_run_in_which_something_fails_does_not(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    assert setting.run(scenarios=(PASSING, FAILING)) == 1

    assert f"failed: {FAILING.name}" in capsys.readouterr().out


def test_the_result_of_an_earlier_run_counts_for_nothing(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    setting.report.mkdir()
    (setting.report / "report.ttl").write_text(reported(PASSING))

    assert setting.run() == 2

    assert "harness.log" in capsys.readouterr().err


def test_the_harness_is_told_of_the_server_and_what_to_skip(setting: Setting) -> None:
    setting.run("--threads=3", scenarios=(PASSING,))

    log = (setting.report / "harness.log").read_text()
    assert "alice is https://pods.example/alice#me, 3 at once" in log
    assert 'solid-test:skip "acp", "http-redirect"' in log
    assert f"prefix: {TESTS}\n" in log
    assert "converted.ttl" not in log


def test_what_is_asked_for_is_not_skipped(setting: Setting) -> None:
    setting.run("--redirect", "--converted", scenarios=(PASSING,))

    log = (setting.report / "harness.log").read_text()
    assert 'solid-test:skip "acp" .' in log
    assert "protocol/converted.ttl" in log


def test_copies_of_the_specifications_stand_in_for_the_web(setting: Setting, tmp_path: Path) -> None:
    setting.run(f"--specifications={tmp_path}", scenarios=(PASSING,))

    log = (setting.report / "harness.log").read_text()
    assert f"prefix: https://solidproject.org/TR/wac\n    path: {tmp_path}/wac.html" in log


@pytest.mark.parametrize(
    ("options", "running", "sentence"),
    [
        (["--harness=nowhere"], True, "There is no nowhere/target/"),
        (["--tests=nowhere"], True, "There is no nowhere/version.txt."),
        (["--env=nowhere"], True, "There is no nowhere."),
        (["--redirect"], False, "--redirect is for a server that --env names"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(
    setting: Setting, capsys: pytest.CaptureFixture[str], options: list[str], running: bool, sentence: str
) -> None:
    assert setting.run(*options, running=running) == 2

    assert capsys.readouterr().err.startswith(sentence)


def test_a_harness_that_gives_up_is_quoted(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    assert setting.run(said="ERROR Application failed: org.Some.OwnException: There is no WebID\n\tat a.b") == 2

    assert "The harness says: There is no WebID (" in capsys.readouterr().err


def test_without_java_nothing_is_run(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert setting.run(scenarios=(PASSING,)) == 2

    assert "there is no command java" in capsys.readouterr().err
