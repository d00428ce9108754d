"""The backends that every contract test runs over."""

from pathlib import Path

import pytest

from tests.contract.making import Backend


@pytest.fixture(params=["memory", "sqlite"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    """Each backend in turn: what the ports promise holds for all."""
    return Backend(request.param, tmp_path / "data")


@pytest.fixture
def sqlite(tmp_path: Path) -> Backend:
    """SQLite, for what only several processes or a disk can do."""
    return Backend("sqlite", tmp_path / "data")


@pytest.fixture
def memory(tmp_path: Path) -> Backend:
    """Memory, for what is reached there in its own way."""
    return Backend("memory", tmp_path)
