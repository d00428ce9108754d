"""The pages of a conformance report in a real browser: what is looked for is found, on every screen."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page

from conformance.case import Outcome, cases
from conformance.exchange import Answer, Record
from conformance.report import write
from conformance.report.pages import side_by_side
from conformance.run import Report, Result
from conformance.target import Target
from tests.system.browser import Judge, browsing

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report in which the second case failed."""
    found = tmp_path_factory.mktemp("report")
    answer = Answer(
        "PUT", "http://pod.example/x", [("accept", "*/*")], b"<> a <#Note>.", 500, [("x-a", "b")], b"No.", "alice"
    )
    results = [Result(one, Outcome.PASSED) for one in cases()[:8]]
    results[1] = Result(results[1].case, Outcome.FAILED, "It should not have failed.", Record([answer]))
    date = datetime(2026, 1, 2, tzinfo=UTC)
    write(Report(Target("http://pod.example/"), "A server", date, results), found)
    write(Report(Target("http://pod.example/"), "Another", date, [*results[:1], *results[2:]]), found / "other")
    both = [json.loads((one / "report.json").read_text()) for one in (found, found / "other")]
    (found / "side.html").write_text(side_by_side(both))
    return found


@pytest.fixture
def page() -> Iterator[Page]:
    with browsing() as context:
        yield context.new_page()


def test_failures_are_found_by_the_filter_and_by_their_own_link(page: Page, directory: Path) -> None:
    page.goto((directory / "index.html").as_uri())
    failed = cases()[1]
    page.get_by_label("What came out").select_option("failed")
    assert page.locator("details:visible").count() == 1
    assert page.get_by_role("status").inner_text() == "1 case is shown."
    page.locator("details:visible summary").click()
    assert page.get_by_text("PUT http://pod.example/x").is_visible()
    page.goto(f"{(directory / 'index.html').as_uri()}#{failed.id}")
    page.reload()
    assert page.locator("details[open]").count() == 1
    assert page.get_by_text("It should not have failed.").is_visible()


def test_a_filter_can_be_sent_to_somebody(page: Page, directory: Path) -> None:
    page.goto(f"{(directory / 'index.html').as_uri()}?outcome=failed")
    assert page.locator("details:visible").count() == 1
    page.get_by_label("Words").fill("no such case has these words")
    assert page.get_by_role("status").inner_text() == "0 cases are shown."


def test_everything_is_there_without_scripts(directory: Path) -> None:
    with browsing() as context:
        browser = context.browser
        assert browser is not None
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto((directory / "index.html").as_uri())
        assert page.locator("details:visible").count() == 8
        assert not page.get_by_label("Words").is_visible()


@pytest.mark.parametrize("name", ["index.html", "side.html"])
def test_everyone_can_use_the_pages(page: Page, directory: Path, name: str) -> None:
    page.goto((directory / name).as_uri())
    judge = Judge(page)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    judge.look(name.partition(".")[0])
    assert judge.faults + judge.troubles == []
