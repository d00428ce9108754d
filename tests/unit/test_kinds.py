"""What files are called, and which of them a browser may show."""

import pytest

from pod.http.texts import LANGUAGES, Texts
from pod.web import kinds


@pytest.mark.parametrize(
    ("media_type", "called"),
    [
        ("image/jpeg", "Picture"),
        ("Image/PNG", "Picture"),
        ("audio/mpeg", "Sound"),
        ("video/mp4", "Film"),
        ("text/plain;charset=utf-8", "Text"),
        ("text/turtle", "Data of an app"),
        ("application/ld+json", "Data of an app"),
        ("application/pdf", "PDF document"),
        ("text/csv", "Table"),
        ("x/never-heard", "File"),
        ("", "File"),
    ],
)
def test_a_file_is_called_by_what_it_is_to_people(media_type: str, called: str) -> None:
    assert Texts("en").say(f"kinds.{kinds.kind(media_type)}") == called


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_name_in_every_language(language: str) -> None:
    known = {*kinds._WHOLE.values(), *kinds._BEGINNINGS.values(), "data", "file", "folder"}

    assert [one for one in known if not Texts(language).has(f"kinds.{one}")] == []


@pytest.mark.parametrize(
    ("media_type", "shown"),
    [
        ("image/webp", "image/webp"),
        ("text/plain", "text/plain;charset=utf-8"),
        ("text/plain; charset=latin-1", "text/plain; charset=latin-1"),
        ("text/turtle", "text/plain;charset=utf-8"),
        ("application/json", "text/plain;charset=utf-8"),
        ("application/rdf+xml", "text/plain;charset=utf-8"),
    ],
)
def test_what_only_shows_is_shown(media_type: str, shown: str) -> None:
    assert kinds.shown_as(media_type) == shown


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "application/pdf", "text/xml", "text/css", ""]
)
def test_what_could_do_more_is_not(media_type: str) -> None:
    assert kinds.shown_as(media_type) is None
