"""Failures: one tree, one table of statuses."""

import re
from collections.abc import Iterator

import pytest

from pod import errors
from pod.http import problem
from pod.http.texts import LANGUAGES, Texts

LINE = re.compile(r"^ {4}(?P<lines>[│ ]*)[├└]── (?P<name>\w+)", re.MULTILINE)


def every_error(root: type[errors.PodError] = errors.PodError) -> Iterator[type[errors.PodError]]:
    for one in root.__subclasses__():
        yield one
        yield from every_error(one)


EVERY = [one for one in every_error() if one.__module__ == errors.__name__]
"""Not those that a layer has for itself: each is one of these."""


def test_the_tree_in_the_module_is_the_tree_of_classes() -> None:
    drawn = []
    parents = ["PodError"]
    for line in LINE.finditer(errors.__doc__ or ""):
        depth = len(line["lines"]) // 4
        parents = [*parents[: depth + 1], line["name"]]
        drawn.append((line["name"], parents[depth]))

    assert sorted(drawn) == sorted((one.__name__, one.__bases__[0].__name__) for one in EVERY)


@pytest.mark.parametrize("error", EVERY)
def test_every_error_has_a_status_and_a_title(error: type[errors.PodError]) -> None:
    status = problem.STATUS[error]

    assert 400 <= status <= 599
    assert problem.TITLES[status]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_has_a_title_for_people(language: str) -> None:
    assert [one for one in problem.TITLES if not Texts(language).has(f"failure.s{one}")] == []


def test_an_error_of_one_layer_has_the_status_of_what_it_is() -> None:
    class Stale(errors.Conflict):
        """An error that the table does not have."""

    assert problem.status(Stale("No.")) == 409


def test_no_status_is_there_for_nothing() -> None:
    assert set(problem.STATUS) == set(EVERY)
    assert set(problem.TITLES) == set(problem.STATUS.values())


@pytest.mark.parametrize("error", EVERY)
def test_every_error_says_when_it_is_raised(error: type[errors.PodError]) -> None:
    assert error.__doc__
    assert error.__doc__ != errors.PodError.__doc__


@pytest.mark.parametrize(
    "error",
    [
        errors.Unauthenticated("No.", "invalid_token"),
        errors.NotAllowed("No.", ("GET",)),
        errors.NotAcceptable("No.", ("text/turtle",)),
        errors.Malformed("No.", 1, 2),
        errors.UriTooLong("No."),
        errors.TooLarge("No.", 10),
        errors.UnsupportedMediaType("No.", ("text/turtle",)),
        errors.RangeNotSatisfiable("No.", 10),
        errors.Throttled("No.", 60),
        errors.Conflict("No."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_keeps_its_sentence(error: errors.PodError) -> None:
    assert error.message == "No."
    assert str(error) == "No."


def test_wrong_settings_are_all_in_the_message() -> None:
    error = errors.Misconfigured(("One is wrong.", "Two is wrong."))

    assert error.mistakes == ("One is wrong.", "Two is wrong.")
    assert error.message == "One is wrong.\nTwo is wrong."


def test_facts_that_moved_ask_to_try_again() -> None:
    assert errors.Stale().message == "The resource changed meanwhile; try again."
