"""What `make check` checks, in order. All of it runs even when something fails, so that one run shows everything."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable
PYTEST = (PYTHON, "-m", "pytest", "-n", "auto")
COVERAGE = ROOT / ".coverage-check"
"""A place of its own, so that other runs with coverage do not mix with this one."""
REPORT = f"{COVERAGE}/report.json"

CHECKS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "format": [f"{BIN}/ruff", "format", "--check", "."],
        "lint": [f"{BIN}/ruff", "check", "."],
        "types": [f"{BIN}/mypy"],
        "types of tests": [f"{BIN}/mypy", "--explicit-package-bases", "docs", "tests"],
        "layers": [f"{BIN}/lint-imports", "--no-cache"],
        "sizes": [PYTHON, "tests/sizes.py"],
        "generated code": [PYTHON, "vocab/build.py", "--check"],
        "generated pages": [PYTHON, "docs/build.py", "--check"],
        # Requirement ids, links, and the examples, which start servers.
        "documentation": [*PYTEST, "tests/docs", "-m", "not node", "--cov", "--cov-report="],
        # What else starts processes is for `make test`: it takes long.
        "tests": [
            *(*PYTEST, "--ignore=tests/docs", "-m", "not system and not node"),
            *("--cov", "--cov-append", "--cov-report=", f"--cov-report=json:{REPORT}"),
        ],
        "coverage": [PYTHON, "tests/covered.py", REPORT],
    }
)


def passes(name: str) -> bool:
    """Run one check, and say how long it took."""
    print(f"== {name}", flush=True)
    start = time.monotonic()
    environment = {**os.environ, "COVERAGE_FILE": f"{COVERAGE}/data"}
    done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, check=False)
    print(f"   {'passed' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - start:.1f} s", flush=True)
    return done.returncode == 0


def main() -> int:
    """Run every check, or those that are named; the exit code is 1 when one failed."""
    COVERAGE.mkdir(exist_ok=True)
    failed = [name for name in sys.argv[1:] or CHECKS if not passes(name)]
    print(f"failed: {', '.join(failed)}" if failed else "All is well.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
