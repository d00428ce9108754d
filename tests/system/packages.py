"""Packages from npm for the clients that are tested: installed as their lock file says, once for all processes."""

import fcntl
import subprocess
from pathlib import Path

MINUTES = 600
"""Seconds after which npm is stuck."""


def installed(npm: str, place: Path, turn: Path) -> Path:
    """The packages of the folder; `turn` is a file by which processes wait for each other."""
    lock, modules = place / "package-lock.json", place / "node_modules"
    # It says what was installed, and is written at the end, so that half an installation counts for none.
    mark = modules / ".installed"
    with turn.open("w") as waiting:
        fcntl.lockf(waiting, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != lock.read_text():
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=place, check=True, timeout=MINUTES, stdout=subprocess.DEVNULL)
            mark.write_text(lock.read_text())
    return modules
