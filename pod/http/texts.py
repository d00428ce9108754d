"""What pages say: message catalogues, one for each language, and the language that a person wants."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType

from markupsafe import Markup, escape

from pod.http.html import PLACE

LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "de": "Deutsch", "fr": "Français"})
DEFAULT = "en"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`(.+?)`")
_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
SIZES = ("B", "kB", "MB", "GB", "TB")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every message of the language by its key, such as `sign-in.title`."""
    text = (PLACE / "texts" / f"{language}.toml").read_text("utf-8")
    return MappingProxyType(dict(_flat(tomllib.loads(text))))


def _flat(tables: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tables.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


@cache
def _sentences() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The sentences in which failures are told, as patterns of what the server says in English."""
    found = []
    for key, text in catalogue(DEFAULT).items():
        if key.startswith("errors."):
            pieces = PLACEHOLDER.split(text)
            names = [rf"(?P<{one}>.+?)" if at % 2 else re.escape(one) for at, one in enumerate(pieces)]
            found.append((key, re.compile("".join(names))))
    return tuple(found)


def chosen(wanted: str | None, accept_language: str | None) -> str:
    """The language of the pages: the one a person has set, else the one their browser likes best of those here."""
    if wanted in LANGUAGES:
        return str(wanted)
    found = []
    for at, one in enumerate((accept_language or "").split(",")[:32]):
        match = _RANGE.fullmatch(one)
        if match is not None and match[1].lower() in LANGUAGES:
            found.append((-float(match[2] or "1"), at, match[1].lower()))
    best = min(found, default=(-1.0, 0, DEFAULT))
    return best[2] if best[0] < 0 else DEFAULT


class Texts:
    """Speaks one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = catalogue(language)

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self._catalogue

    def say(self, key: str, **facts: object) -> str:
        """The message with the facts in their places; `count` chooses between `KEY.one` and `KEY.other`."""
        if "count" in facts and key not in self._catalogue:
            key += ".one" if facts["count"] == 1 else ".other"
        return PLACEHOLDER.sub(lambda match: str(facts[match[1]]), self._catalogue[key])

    def show(self, key: str, **facts: object) -> Markup:
        """The message for a page: facts are escaped, `**…**` is strong, and what stands between backticks is code."""
        if "count" in facts and key not in self._catalogue:
            key += ".one" if facts["count"] == 1 else ".other"
        text = _STRONG.sub(r"<strong>\1</strong>", str(escape(self._catalogue[key])))
        text = _CODE.sub(r"<code>\1</code>", text)
        return Markup(PLACEHOLDER.sub(lambda match: str(escape(str(facts[match[1]]))), text))  # noqa: S704 - all of it is escaped

    def sentence(self, english: str) -> str:
        """What a failure says, in the language, as far as the catalogue knows it."""
        if self.language == DEFAULT:
            return english
        for key, pattern in _sentences():
            match = pattern.fullmatch(english)
            if match is not None:
                return self.say(key, **{name: self._fact(value) for name, value in match.groupdict().items()})
        return english

    def _fact(self, value: str) -> str:
        """A fact within a sentence, which may be words itself: `5 minutes`."""
        return self.sentence(value)

    def day(self, moment: int) -> str:
        """The day of a moment in microseconds since 1970, for a machine and unmistakable for a person."""
        return self.say(
            "format.day",
            day=str(_utc(moment).day),
            month=self.say(f"months.m{_utc(moment).month}"),
            year=str(_utc(moment).year),
        )

    def moment(self, moment: int) -> str:
        """The day and the time, in UTC."""
        return self.say("format.moment", day=self.day(moment), time=f"{_utc(moment):%H:%M}")

    def size(self, count: int) -> str:
        """So many bytes as people say it."""
        size, unit = float(count), 0
        while size >= 1000 and unit < len(SIZES) - 1:
            size, unit = size / 1000, unit + 1
        shown = f"{size:.0f}" if unit == 0 or size >= 100 else f"{size:.1f}"
        return f"{shown.replace('.', self.say('format.point'))} {SIZES[unit]}"


def _utc(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1_000_000, UTC)


def iso(moment: int) -> str:
    """The moment as machines read it."""
    return _utc(moment).isoformat(timespec="seconds").replace("+00:00", "Z")
