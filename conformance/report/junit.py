"""The report as JUnit XML, which build servers read."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from conformance.case import Outcome
from conformance.client import hidden
from conformance.run import Report, Result

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def junit(report: Report) -> str:
    """One suite for each area. What is only a SHOULD or MAY and is not met counts as skipped, with its reason."""
    suites = Element("testsuites", name=_plain(report.name))
    areas = dict.fromkeys(one.case.area for one in report.results)
    for area in areas:
        results = [one for one in report.results if one.case.area == area]
        failures = sum(one.wrong and one.outcome is Outcome.FAILED for one in results)
        errors = sum(one.wrong for one in results) - failures
        skipped = sum(one.outcome is not Outcome.PASSED and not one.wrong for one in results)
        suite = SubElement(
            suites,
            "testsuite",
            name=area,
            tests=str(len(results)),
            failures=str(failures),
            errors=str(errors),
            skipped=str(skipped),
            time=f"{sum(one.seconds for one in results):.3f}",
            timestamp=report.began.isoformat(timespec="seconds"),
        )
        for one in results:
            _case(suite, one)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _case(suite: Element, result: Result) -> None:
    area, file, name = result.case.id.split("/")
    element = SubElement(suite, "testcase", classname=f"{area}.{file}", name=name, time=f"{result.seconds:.3f}")
    if result.outcome is Outcome.PASSED:
        return
    if not result.wrong:
        level = "" if result.outcome is Outcome.INAPPLICABLE else f"{result.case.level} not met: "
        SubElement(element, "skipped", message=_plain(level + result.why))
        return
    kind = "failure" if result.outcome is Outcome.FAILED else "error"
    SubElement(element, kind, message=_plain(result.why)).text = _plain(
        "\n".join(hidden(f"{one.method} {one.url} {one.status}") for one in result.record.answers)
    )


def _plain(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
