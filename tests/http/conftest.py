"""The world that the tests of this folder live in: once with storage in memory, once in SQLite."""

import pytest

from tests.world import World


@pytest.fixture(params=["memory", "sqlite"])
def storage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(storage: str) -> World:
    return World(storage)
