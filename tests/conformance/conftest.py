"""The server whose rules are broken one at a time."""

from collections.abc import Iterator

import pytest

from tests.mutants import Rhizome


@pytest.fixture(scope="session")
def rhizome() -> Iterator[Rhizome]:
    with Rhizome() as one:
        yield one
