"""Entity tags, dates and conditions."""

import pytest

from pod.errors import PreconditionFailed
from pod.model.operation import UNCONDITIONAL, Conditions
from pod.model.resource import Resource
from pod.rdf.formats import FORMATS, WRITER
from pod.rules import conditions
from tests.unit.facts import SECOND, resource

TURTLE, JSON_LD = "text/turtle", "application/ld+json"
NOON = 1_700_000_000


def document(**changes: int | bool) -> Resource:
    return resource("a", TURTLE, **changes)  # type: ignore[arg-type]  # only facts of the right type are given


def tag(one: Resource, media_type: str = TURTLE) -> str:
    return conditions.etag(one, media_type)


@pytest.mark.spec("server-etag")
def test_every_representation_has_a_strong_tag_of_its_own() -> None:
    tags = {tag(document(), media_type) for media_type in FORMATS}

    assert len(tags) == len(FORMATS)
    assert all(one.startswith('"') and one.endswith('"') and one.count('"') == 2 for one in tags)


def test_parameters_and_case_of_a_media_type_do_not_change_its_tag() -> None:
    assert tag(document(), "Text/Turtle; charset=utf-8") == tag(document(), TURTLE)


def test_two_versions_never_share_a_tag() -> None:
    assert tag(document(stamp=1)) != tag(document(stamp=2))
    assert tag(document(stamp=0)) != tag(document(stamp=36))


def test_the_tag_of_content_that_is_no_rdf_is_that_of_its_version() -> None:
    image = resource("a", "image/png", stamp=5)

    assert (
        tag(image, "image/png") == tag(image, "image/png;x=1") != tag(resource("a", "image/png", stamp=6), "image/png")
    )


def test_the_tag_of_a_container_changes_with_its_content_and_with_what_it_lists() -> None:
    container = resource("c/", TURTLE, stamp=1, touched=1)

    assert tag(container) != tag(resource("c/", TURTLE, stamp=2, touched=1))
    assert tag(container) != tag(resource("c/", TURTLE, stamp=1, touched=2))


def test_the_tag_of_what_is_derived_changes_with_the_code_that_writes_it() -> None:
    assert WRITER in tag(document(), JSON_LD)
    assert WRITER in tag(resource("c/", TURTLE), TURTLE)
    assert WRITER not in tag(document(), TURTLE)


def test_dates_are_whole_seconds() -> None:
    assert conditions.last_modified(document(modified=NOON * SECOND + 999_999)) == NOON


def test_nothing_asked_holds_always() -> None:
    conditions.check(UNCONDITIONAL, None)
    conditions.check(UNCONDITIONAL, document())
    conditions.check_read(UNCONDITIONAL, document(), tag(document()))
    assert not conditions.not_modified(UNCONDITIONAL, document(), tag(document()))


@pytest.mark.parametrize("media_type", list(FORMATS))
def test_a_write_fits_the_tag_of_any_representation_of_the_version(media_type: str) -> None:
    conditions.check(Conditions(if_match=('"other"', tag(document(), media_type))), document())


@pytest.mark.parametrize(
    "asked",
    [
        Conditions(if_match=(tag(document(stamp=9)),)),
        Conditions(if_match=(f"W/{tag(document())}",)),
        Conditions(if_match=()),
        Conditions(if_match=('""',)),
        Conditions(if_none_match=("*",)),
        Conditions(if_none_match=(tag(document()),)),
        Conditions(if_none_match=(f"W/{tag(document(), JSON_LD)}",)),
        Conditions(if_unmodified_since=NOON - 1),
        Conditions(if_match=("*",), if_none_match=("*",)),
    ],
)
def test_a_write_whose_condition_does_not_hold_is_refused(asked: Conditions) -> None:
    with pytest.raises(PreconditionFailed):
        conditions.check(asked, document())


@pytest.mark.parametrize(
    "asked",
    [
        Conditions(if_match=("*",)),
        Conditions(if_none_match=('"other"',)),
        Conditions(if_unmodified_since=NOON),
        Conditions(if_unmodified_since=NOON + 1),
        # RFC 9110, 13.2.2: with If-Match the date does not matter.
        Conditions(if_match=(tag(document()),), if_unmodified_since=0),
    ],
)
def test_a_write_whose_condition_holds_goes_on(asked: Conditions) -> None:
    conditions.check(asked, document())


@pytest.mark.spec("resource-update-integrity")
def test_where_nothing_is_only_the_wish_to_create_holds() -> None:
    conditions.check(Conditions(if_none_match=("*",)), None)
    for asked in (Conditions(if_match=("*",)), Conditions(if_match=('"x"',)), Conditions(if_unmodified_since=NOON)):
        with pytest.raises(PreconditionFailed):
            conditions.check(asked, None)


def test_a_date_that_two_versions_share_proves_nothing() -> None:
    shared = document(shared_second=True)

    with pytest.raises(PreconditionFailed):
        conditions.check(Conditions(if_unmodified_since=NOON), shared)
    assert not conditions.not_modified(Conditions(if_modified_since=NOON), shared, tag(shared))


@pytest.mark.parametrize(
    ("asked", "unchanged"),
    [
        (Conditions(if_none_match=(tag(document()),)), True),
        (Conditions(if_none_match=(f"W/{tag(document())}",)), True),
        (Conditions(if_none_match=("*",)), True),
        (Conditions(if_none_match=(tag(document(), JSON_LD),)), False),
        (Conditions(if_none_match=('"x"',), if_modified_since=NOON), False),
        (Conditions(if_modified_since=NOON), True),
        (Conditions(if_modified_since=NOON - 1), False),
    ],
)
def test_a_reader_is_told_that_nothing_changed_when_it_has_this_representation(
    asked: Conditions, unchanged: bool
) -> None:
    assert conditions.not_modified(asked, document(), tag(document())) is unchanged


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        (Conditions(if_match=(tag(document()),)), True),
        (Conditions(if_match=("*",)), True),
        (Conditions(if_match=(tag(document(), JSON_LD),)), False),
        (Conditions(if_match=(tag(document()),), if_unmodified_since=0), True),
        (Conditions(if_unmodified_since=NOON), True),
        (Conditions(if_unmodified_since=NOON - 1), False),
    ],
)
def test_a_read_may_ask_for_one_version(asked: Conditions, holds: bool) -> None:
    if holds:
        conditions.check_read(asked, document(), tag(document()))
    else:
        with pytest.raises(PreconditionFailed):
            conditions.check_read(asked, document(), tag(document()))
