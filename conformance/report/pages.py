"""The report as pages for people: one server, or several side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.report.data import Data

WORDS: Mapping[str, str] = {
    "passed": "passed",
    "failed": "failed",
    "cantTell": "could not be told",
    "inapplicable": "not applicable",
}
"""What the outcomes are called."""

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(data: Data) -> str:
    """The page about one server."""
    outcomes = {one["id"]: one["outcome"] for one in data["cases"]}
    rows = [
        {**one, "outcome": worst([outcomes[case] for case in one["cases"]]), "outcomes": outcomes}
        for one in data["requirements"]
    ]
    return _templates.get_template("report.html").render(report=data, words=WORDS, rows=rows)


def side_by_side(reports: Sequence[Data]) -> str:
    """The page that compares servers: for each area, and for each requirement and case where not all are alike."""
    outcomes = [{one["id"]: one for one in report["cases"]} for report in reports]
    named = {one["id"]: one for report in reports for one in report["cases"]}
    rows = [{**one, "found": [by.get(name) for by in outcomes]} for name, one in named.items()]
    areas = list(dict.fromkeys(one["area"] for one in named.values()))
    links = {one["id"]: one["url"] for report in reports for one in report["requirements"]}
    return _templates.get_template("side.html").render(
        reports=reports, rows=rows, areas=areas, links=links, words=WORDS
    )


def worst(outcomes: Sequence[str]) -> str:
    """What a requirement comes to by its cases: one failure fails it, and it does not apply when none of them does."""
    for one in ("failed", "cantTell", "passed"):
        if one in outcomes:
            return one
    return "inapplicable"
