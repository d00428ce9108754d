"""What pages say, in every language."""

import ast
import re
from pathlib import Path

import pytest

from pod import errors
from pod.http.texts import LANGUAGES, PLACEHOLDER, Texts, catalogue, chosen

ROOT = Path(__file__).parent.parent.parent / "pod"
OTHERS = [one for one in LANGUAGES if one != "en"]
KINDS = {name for name in vars(errors) if name[0].isupper()}
TOLD: tuple[str, ...] = (
    "idp/entrance.py",
    "idp/accounts.py",
    "idp/passwords.py",
    "idp/passkeys.py",
    "idp/recovery.py",
    "idp/webids.py",
)
TOLD += (
    "idp/letters.py",
    "idp/invitations.py",
    "idp/throttle.py",
    "idp/provider.py",
    "idp/deletion.py",
    "pods.py",
    "access_requests.py",
    "actors.py",
)
TOLD += (
    "http/ranges.py",
    "http/server.py",
    "idp/authorization.py",
    "idp/front.py",
    "permissions.py",
    "rdf/negotiate.py",
    "rules/conditions.py",
    "rules/names.py",
)
"""The modules whose refusals people read on pages; and all of pod/web."""


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_every_message(language: str) -> None:
    assert set(catalogue(language)) == set(catalogue("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_each_message_names_the_same_facts_in_each_language(language: str) -> None:
    for key, text in catalogue("en").items():
        there = catalogue(language)[key]
        assert set(PLACEHOLDER.findall(there)) == set(PLACEHOLDER.findall(text)), key
        assert there.count("**") == text.count("**"), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_empty_or_left_in_the_other_language(language: str) -> None:
    same = [key for key, text in catalogue(language).items() if text == catalogue("en")[key]]

    assert all(text.strip() for text in catalogue(language).values())
    assert language == "en" or len(same) < 40, same


def sentences() -> list[str]:
    """What the modules tell people when they refuse, with a brace pair for each fact."""
    paths = [ROOT / one for one in TOLD] + sorted((ROOT / "web").glob("*.py"))
    return [one for path in paths for one in _raised(ast.parse(path.read_text("utf-8")))]


def _raised(module: ast.Module) -> list[str]:
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {*KINDS, "SignInFirst"}:
            first = node.args[0] if node.args else None
            value = constants.get(first.id) if isinstance(first, ast.Name) else first
            match value:
                case ast.Constant(value=str(text)):
                    found.append(text)
                case ast.JoinedStr(values=parts):
                    found.append("".join("{}" if isinstance(one, ast.FormattedValue) else one.value for one in parts))  # type: ignore[attr-defined]  # what is no value is a constant
    return found


def test_every_refusal_that_people_read_is_in_the_catalogue() -> None:
    known = {PLACEHOLDER.sub("{}", text) for key, text in catalogue("en").items() if key.startswith("errors.")}

    assert [one for one in sentences() if one not in known] == []


def test_a_refusal_is_told_in_the_language_with_its_facts() -> None:
    told = Texts("de").sentence("There is a pod named ada already; choose another name.")

    assert re.search(r"\bada\b", told)
    assert "Pod" in told
    assert "already" not in told


def test_a_refusal_that_nobody_has_translated_is_told_as_it_is() -> None:
    assert Texts("fr").sentence("The sky is green.") == "The sky is green."


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        (None, None, "en"),
        ("fr", "de", "fr"),
        ("xx", "de", "de"),
        (None, "de-AT, en;q=0.5", "de"),
        (None, "es, fr;q=0.2, de;q=0.8", "de"),
        (None, "en;q=0.1, de;q=0", "en"),
        (None, "*, tlh", "en"),
        (None, "de;q=0", "en"),
        (None, "nonsense;;;", "en"),
    ],
)
def test_the_language_is_the_one_that_is_set_or_the_best_that_the_browser_wants(
    wanted: str | None, accepted: str | None, language: str
) -> None:
    assert chosen(wanted, accepted) == language


def test_facts_are_escaped_and_stars_make_strong() -> None:
    shown = Texts("en").show("authorize.lead", app="<b>**x**</b>")

    assert shown == "<strong>&lt;b&gt;**x**&lt;/b&gt;</strong> asks for access in your name."


def test_what_stands_between_backticks_is_code() -> None:
    assert "<code>.well-known/</code>" in Texts("en").show("constraints.names-kept")


@pytest.mark.parametrize(
    ("size", "told"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (123_456, "123 kB"), (5 * 10**15, "5000 TB")]
)
def test_sizes_are_told_as_people_say_them(size: int, told: str) -> None:
    assert Texts("en").size(size) == told


def test_moments_are_told_so_that_nobody_takes_the_month_for_the_day() -> None:
    moment = 1_700_000_000_000_000

    assert Texts("en").moment(moment) == "14 November 2023, 22:13 UTC"
    assert Texts("de").day(moment) == "14. November 2023"
