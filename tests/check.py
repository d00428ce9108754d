"""What `make check` checks, in order; `--all` also runs the tests that need real processes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("layers", [str(BIN / "lint-imports"), "--no-cache"]),
    ("generated files", [sys.executable, "vocab/build.py", "--check"]),
)


def run(name: str, command: list[str]) -> bool:
    """Run one check; whether it passed."""
    print(f"== {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Run every check, then the tests; the exit code is 1 when one failed."""
    failed = [name for name, command in CHECKS if not run(name, command)]
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    selection = [] if "--all" in sys.argv[1:] else ["-m", "not system and not node"]
    tests = run("tests", [sys.executable, "-m", "pytest", "-n", "auto", *selection])
    return 0 if tests and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
