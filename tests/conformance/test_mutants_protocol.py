"""A server that breaks one rule of the Solid Protocol is caught by the case named for it."""

import pytest

from tests.mutants import Mutant, Rhizome, answers, header

MUTANTS = (
    Mutant(
        "a document comes back as something else",
        "protocol/reading/what-was-put-can-be-read",
        answers(header("content-type", "text/plain"), method="GET", when=lambda told: told.path.endswith(".ttl")),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_a_server_that_breaks_a_rule_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(mutant)
