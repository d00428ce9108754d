"""What an app asks for, in scopes and in its document."""

import pytest

from pod.idp.asking import MOST, Ask, is_covered, of_facts, of_needs, of_scopes
from pod.model.access import Mode
from pod.model.resource import Uri

BASE = "https://pod.example/"
READ = frozenset({Mode.READ})
NOTE = "https://schema.org/Note"


@pytest.mark.parametrize(
    ("scope", "ask"),
    [
        (f"solid:read:{NOTE}", Ask(READ, of_class=NOTE)),
        (f"solid:read+append:{NOTE}", Ask(frozenset({Mode.READ, Mode.APPEND}), of_class=NOTE)),
        (f"solid:write:{BASE}alice/notes/", Ask(frozenset({Mode.WRITE}), target=Uri(f"{BASE}alice/notes/"))),
        (f"solid:read:{BASE}alice/voc#Thing", Ask(READ, of_class=f"{BASE}alice/voc#Thing")),
        ("solid:read:/notes/", Ask(READ, path="/notes/")),
        ("solid:read:/", Ask(READ, path="/")),
        ("solid:read:urn:example:Thing", Ask(READ, of_class="urn:example:Thing")),
    ],
)
def test_a_scope_names_modes_and_a_thing(scope: str, ask: Ask) -> None:
    assert of_scopes(["openid", scope, scope], BASE) == (ask,)


@pytest.mark.parametrize(
    "scope",
    [
        "solid:",
        "solid:read",
        "solid:read:",
        f"solid:control:{NOTE}",
        f"solid:read+read+fly:{NOTE}",
        f"solid::{NOTE}",
        "solid:read:notes",
        "solid:read:/../x",
        "solid:read://evil.example/",
        "solid:read:/a?b",
        "webid",
    ],
)
def test_a_scope_that_cannot_be_understood_asks_for_nothing(scope: str) -> None:
    assert of_scopes([scope], BASE) == ()


def test_a_document_names_what_an_app_needs() -> None:
    needs = [
        {"class": NOTE, "modes": ["read", "append"], "label": "Your notes\u202e"},
        {"container": "/photos/", "modes": ["read"]},
        {"container": "/photos/"},
        {"modes": ["read"]},
        {"class": 1, "modes": ["read"]},
        {"class": NOTE, "modes": []},
        {"class": NOTE, "modes": ["control"]},
        {"class": NOTE, "modes": [1]},
        "x",
    ]

    assert of_needs(needs, BASE) == (
        Ask(frozenset({Mode.READ, Mode.APPEND}), of_class=NOTE, label="Your notes"),
        Ask(READ, path="/photos/"),
    )


@pytest.mark.parametrize("needs", [None, {}, "x", 1, []])
def test_other_needs_are_none(needs: object) -> None:
    assert of_needs(needs, BASE) == ()


def test_nobody_is_asked_for_a_hundred_things() -> None:
    assert len(of_scopes([f"solid:read:/{number}/" for number in range(100)], BASE)) == MOST


def test_an_ask_is_kept_as_it_is() -> None:
    ask = Ask(frozenset({Mode.READ, Mode.WRITE}), Uri(f"{BASE}x/"), None, "why", None)

    assert of_facts(ask.facts()) == ask


def test_what_was_asked_before_covers_the_same_and_less() -> None:
    known = [Ask(frozenset({Mode.READ, Mode.WRITE}), path="/notes/")]

    assert is_covered([], [])
    assert is_covered([], known)
    assert is_covered([Ask(READ, path="/notes/", label="another")], known)
    assert not is_covered([Ask(READ, path="/photos/")], known)
    assert not is_covered([Ask(frozenset({Mode.READ, Mode.APPEND}), path="/notes/")], known)
