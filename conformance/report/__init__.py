"""What a run found out, written down for people and for programs."""

from pathlib import Path

from conformance.report.data import dumped, told
from conformance.report.earl import earl
from conformance.report.junit import junit
from conformance.report.pages import page
from conformance.run import Report


def write(report: Report, directory: Path) -> None:
    """Write every form of the report into the directory, which is made if need be."""
    directory.mkdir(parents=True, exist_ok=True)
    data, graph = told(report), earl(report)
    written = {
        "index.html": page(data),
        "report.json": dumped(data),
        "earl.ttl": graph.serialize(format="turtle"),
        "earl.jsonld": graph.serialize(format="json-ld", auto_compact=True),
        "junit.xml": junit(report),
    }
    for name, text in written.items():
        (directory / name).write_text(text, encoding="utf-8")
