"""A report as data: what the pages are made of, and what another run is compared with."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.case import AREAS, Outcome
from conformance.client import ENOUGH, hidden, redacted
from conformance.exchange import Answer
from conformance.run import Report, Result
from conformance.tables import requirements

Data = Mapping[str, Any]
"""What JSON can hold."""


def told(report: Report) -> Data:
    """The report as JSON can hold it. Nothing with which anyone could sign in is in it."""
    return {
        "server": report.name,
        "target": report.target.url,
        "began": report.began.isoformat(timespec="seconds"),
        "offers": sorted(report.target.offers),
        "counts": _counts(report),
        "cases": [_case(one) for one in report.results],
        "requirements": _requirements(report.results),
    }


def _counts(report: Report) -> Data:
    areas = [area for area in AREAS if any(one.case.area == area for one in report.results)]
    return {
        "passed": report.passed,
        "failed": report.failed,
        "levels": {level: _outcomes(report.results, level=level) for level in ("MUST", "SHOULD", "MAY")},
        "areas": {area: _outcomes(report.results, area=area) for area in areas},
    }


def _outcomes(results: Sequence[Result], *, level: str = "", area: str = "") -> Mapping[str, int]:
    chosen = [one for one in results if level in {"", one.case.level} and area in {"", one.case.area}]
    return {outcome.value: sum(one.outcome is outcome for one in chosen) for outcome in Outcome}


def _case(result: Result) -> Data:
    case = result.case
    shown = result.outcome in {Outcome.FAILED, Outcome.CANNOT_TELL}
    return {
        "id": case.id,
        "area": case.area,
        "title": case.title,
        "about": case.about,
        "level": case.level,
        "requirements": [one.id for one in case.requirements],
        "outcome": result.outcome.value,
        "why": result.why,
        "seconds": round(result.seconds, 3),
        "exchanges": [_exchange(one) for one in result.record.answers] if shown else [],
        "notes": [hidden(one) for one in result.record.notes] if shown else [],
    }


def _exchange(answer: Answer) -> Data:
    return {
        "who": answer.who,
        "request": _message(f"{answer.method} {answer.url}", answer.sent, answer.content_sent),
        "response": _message(str(answer.status), answer.headers, answer.content),
    }


def _message(first: str, headers: Sequence[tuple[str, str]], content: bytes) -> str:
    lines = [first, *(f"{name}: {value}" for name, value in redacted(headers))]
    if content:
        lines += ["", content[:ENOUGH].decode(errors="replace")]
    if len(content) > ENOUGH:
        lines.append(f"… {len(content) - ENOUGH:,} more bytes")
    return hidden("\n".join(lines))


def _requirements(results: Sequence[Result]) -> Sequence[Data]:
    """What was looked at, in the order of the tables, with the cases of each."""
    looked: dict[str, list[str]] = {}
    for one in results:
        for asked in one.case.requirements:
            looked.setdefault(asked.id, []).append(one.case.id)
    return [
        {
            "id": one.id,
            "table": one.table,
            "url": one.url,
            "level": one.level,
            "text": one.text,
            "cases": looked[one.id],
        }
        for one in requirements().values()
        if one.id in looked
    ]


def dumped(data: Data) -> str:
    """The data as JSON."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
