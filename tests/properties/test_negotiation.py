"""What holds for every Accept header."""

from contextlib import suppress
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pod.errors import NotAcceptable
from pod.rdf.formats import FORMATS
from pod.rdf.negotiate import choose

types = st.sampled_from([*FORMATS, "text/*", "application/*", "*/*", "text/html", "image/*"])
weights = st.sampled_from([0, 1, 5, 9, 10])
ranges = st.lists(st.tuples(types, weights), min_size=1, max_size=6, unique_by=lambda one: one[0])
stored_types = st.sampled_from([*FORMATS, "text/html", "image/png", "text/turtle;charset=utf-8"])


def header(wanted: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name};q={weight / 10}" for name, weight in wanted)


def offered(stored: str) -> list[str]:
    return list(FORMATS) if stored.partition(";")[0] in FORMATS else [stored]


def weight(media_type: str, wanted: list[tuple[str, int]]) -> int:
    """By the definition: what the most specific range says."""
    essence = media_type.partition(";")[0]
    by_range = dict(wanted)
    wide = f"{essence.partition('/')[0]}/*"
    return next((by_range[name] for name in (essence, wide, "*/*") if name in by_range), 0)


def chosen(wanted: list[tuple[str, int]], stored: str) -> str | None:
    try:
        return choose(header(wanted), stored)
    except NotAcceptable:
        return None


@settings(max_examples=100)
@given(ranges, stored_types)
def test_nothing_is_chosen_that_suits_less_than_something_else(wanted: list[tuple[str, int]], stored: str) -> None:
    best = max(weight(one, wanted) for one in offered(stored))
    found = chosen(wanted, stored)

    if found is None:
        assert best == 0
    else:
        assert weight(found, wanted) == best > 0


@settings(max_examples=100)
@given(ranges, stored_types)
def test_the_stored_type_is_given_unless_another_suits_better(wanted: list[tuple[str, int]], stored: str) -> None:
    best = max(weight(one, wanted) for one in offered(stored))

    assert (chosen(wanted, stored) == stored) == (weight(stored, wanted) == best > 0)


@settings(max_examples=100)
@given(ranges, stored_types, st.randoms(use_true_random=False))
def test_order_case_and_spaces_make_no_difference(wanted: list[tuple[str, int]], stored: str, random: Random) -> None:
    mixed = wanted[:]
    random.shuffle(mixed)
    odd = " , ,".join(f" {name.upper()} ; x=1 ;Q = {weight / 10}" for name, weight in mixed)

    try:
        found: str | None = choose(odd, stored)
    except NotAcceptable:
        found = None

    assert found == chosen(wanted, stored)


@settings(max_examples=100)
@given(st.text(max_size=60), stored_types)
def test_every_header_has_an_answer(accept: str, stored: str) -> None:
    with suppress(NotAcceptable):
        assert choose(accept, stored) in {stored, *FORMATS}
