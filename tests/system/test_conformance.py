"""The server as the world sees it does what the specifications ask: `make conformance` is a gate."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.case import cases
from tests.system.servers import ROOT, environment

pytestmark = pytest.mark.system


def test_every_case_that_applies_passes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conformance.local", "--report", str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.fullmatch(r"(\d+) passed, 0 failed", done.stdout.splitlines()[-1])
    assert passed, done.stdout
    found = json.loads((tmp_path / "report.json").read_text())
    assert len(found["cases"]) == len(cases())
    assert found["counts"]["passed"] == int(passed[1]) > 200
    assert {"wac", "issuer", "pages", "reach", "notifications"} <= set(found["offers"])
