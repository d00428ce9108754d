"""What a run found out, written down for people and for programs."""

from pathlib import Path

from conformance.run import Report


def write(report: Report, directory: Path) -> None:
    """Write every form of the report into the directory, which is made if need be."""
    directory.mkdir(parents=True, exist_ok=True)
