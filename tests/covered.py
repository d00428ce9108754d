"""Whether enough of the code was run by the tests, branch by branch: reads what `coverage json` wrote.

`python tests/covered.py coverage.json`; the exit code is 1 when a part is below its limit.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PURE = ("pod/model", "pod/rdf", "pod/rules", "pod/access")
"""Where every branch must be run; elsewhere LIMIT of 100 must."""
LIMIT = 95.0


@dataclass(slots=True)
class Part:
    """A folder of the code, with how much of it there is and was run: statements and branches."""

    all: int = 0
    run: int = 0

    @property
    def percent(self) -> float:
        """How much was run."""
        return 100.0 * self.run / self.all if self.all else 100.0


def parts(report: Mapping[str, Any]) -> Mapping[str, Part]:
    """Every folder of the report; its modules at the top are `pod` itself."""
    found: dict[str, Part] = defaultdict(Part)
    for file, facts in report["files"].items():
        part, numbers = found[Path(file).parent.as_posix()], facts["summary"]
        part.all += numbers["num_statements"] + numbers["num_branches"]
        part.run += numbers["covered_lines"] + numbers["covered_branches"]
    return found


def lacks(report: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each part below its limit, with the lines of its files that were not run."""
    for name, part in sorted(parts(report).items()):
        least = 100.0 if name in PURE else LIMIT
        if part.percent < least:
            yield f"{name}: {part.percent:.1f} % was run, and {least:.0f} % is the least."
            yield from (f"    {line}" for line in _missing(report, name))


def _missing(report: Mapping[str, Any], name: str) -> Iterator[str]:
    for file, facts in sorted(report["files"].items()):
        if Path(file).parent.as_posix() == name and (facts["missing_lines"] or facts["missing_branches"]):
            branches = [f"{start}->{end}" for start, end in facts["missing_branches"]]
            yield f"{file}: {', '.join([*map(str, facts['missing_lines']), *branches])}"


def main() -> int:
    """Name every part that lacks; the exit code is 1 when there is one."""
    report = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    found = list(lacks(report))
    print("\n".join(found) if found else f"{report['totals']['percent_covered']:.1f} % was run.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
