"""The forms of a report: each says what came out, and what a server says cannot harm who reads it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from rdflib import RDF, Graph, URIRef

from conformance.case import Case, Outcome
from conformance.client import hidden
from conformance.exchange import Answer, Record, parsed
from conformance.report import write
from conformance.report.earl import EARL
from conformance.report.pages import side_by_side
from conformance.run import Report, Result
from conformance.tables import requirements
from conformance.target import Target
from conformance.world import World

HOSTILE = "<script>document.title = 'taken'</script>\x00"


async def look(_: World) -> None:
    """A case that passes."""


def case(name: str, area: str = "protocol", level: str = "MUST") -> Case:
    asked = requirements()["server-http" if area == "protocol" else "server-resource-acl-max"]
    return Case(f"{area}/file/{name}", area, name.replace("-", " "), "", (asked,), level, (), look)


def results(*, worse: bool = False) -> Iterator[Result]:
    answer = Answer(
        *("GET", "http://pod.example/x?code=token-of-alice", [("authorization", "DPoP token-of-alice")], b"", 500),
        [("x-hostile", HOSTILE), ("location", "http://app.example/?code=token-of-alice")],
        HOSTILE.encode(),
        "alice",
    )
    yield Result(case("it-passes"), Outcome.FAILED if worse else Outcome.PASSED, "Worse." if worse else "")
    yield Result(
        case("it-fails"), Outcome.FAILED, HOSTILE, Record([answer], ["A note: access_token=token-of-alice"]), 0.25
    )
    yield Result(case("it-is-not-known", "wac"), Outcome.CANNOT_TELL, "No.")
    yield Result(case("it-is-lax", level="SHOULD"), Outcome.FAILED, "Lax.")
    yield Result(case("it-has-none", "wac"), Outcome.INAPPLICABLE, "The server has none.")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    report = Report(Target("http://pod.example/"), "A & B", datetime(2026, 1, 2, tzinfo=UTC), tuple(results()))
    write(report, tmp_path)
    return tmp_path


def test_both_syntaxes_of_earl_have_an_assertion_for_each_case(written: Path) -> None:
    turtle = Graph().parse(written / "earl.ttl")
    json_ld = parsed((written / "earl.jsonld").read_text(), "json-ld", "http://pod.example/", "the report")
    assert turtle.isomorphic(json_ld)
    outcomes = {
        str(turtle.value(assertion, EARL.test)).rpartition("/")[2]: turtle.value(
            turtle.value(assertion, EARL.result), EARL.outcome
        )
        for assertion in turtle.subjects(RDF.type, EARL.Assertion)
    }
    assert outcomes == {
        "it-passes": EARL.passed,
        "it-fails": EARL.failed,
        "it-is-not-known": EARL.cantTell,
        "it-is-lax": EARL.failed,
        "it-has-none": EARL.inapplicable,
    }
    subject = URIRef("http://pod.example/")
    assert len(list(turtle.subjects(EARL.subject, subject))) == 5
    assert (subject, RDF.type, EARL.TestSubject) in turtle


def test_junit_counts_what_must_be_and_skips_the_rest(written: Path) -> None:
    suites = fromstring((written / "junit.xml").read_text())
    counts = {
        suite.get("name"): [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] for suite in suites
    }
    assert counts == {"protocol": ["3", "1", "0", "1"], "wac": ["2", "0", "1", "1"]}
    messages = {one.get("name"): [child.get("message") for child in one] for one in suites.iter("testcase")}
    assert messages["it-is-lax"] == ["SHOULD not met: Lax."]
    assert messages["it-passes"] == []


def test_what_a_server_says_is_text_on_the_page(written: Path) -> None:
    page = (written / "index.html").read_text()
    assert "<script>document.title" not in page
    assert "&lt;script&gt;document.title" in page


def test_nothing_with_which_to_sign_in_is_written(written: Path) -> None:
    assert all("token-of-alice" not in file.read_text() for file in written.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        '{"access_token": "secret"}',
        "client_secret=secret&a=b",
        '{"a": 1, "password":"secret"}',
        "code=secret",
        '{"password" : "a secret of \\"secret\\" words", "a": "b"}',
        '{"registration_access_token":"secret"}',
        "location: https://app.example/callback?state=1&code=secret&iss=x",
        "GET https://pod.example/note?access_token=secret",
        "client_assertion=secret&claim_token=secret",
        "A token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.secret was not taken.",
    ],
)
def test_secrets_in_forms_and_json_are_hidden(text: str) -> None:
    assert "secret" not in hidden(text).replace("client_secret", "")


def test_what_is_no_secret_is_shown() -> None:
    for text in ('{"error": "invalid_grant", "token_type": "DPoP", "status_code": 1}', 'DPoP error="invalid_token"'):
        assert hidden(text) == text
    assert hidden('{"code": "x", "state": "y"}') == '{"code": "…", "state": "y"}'
    assert hidden("a=b&code=x&state=y") == "a=b&code=…&state=y"


def test_servers_stand_side_by_side(written: Path, tmp_path: Path) -> None:
    other = Report(
        Target("http://other.example/"), "Other", datetime(2026, 1, 2, tzinfo=UTC), tuple(results(worse=True))
    )
    write(other, tmp_path / "other")
    page = side_by_side([json.loads((one / "report.json").read_text()) for one in (written, tmp_path / "other")])
    assert "A &amp; B" in page
    assert "Worse." in page
    assert page.count('differs"') == 1 + 1  # the choice of the filter, and the one case
