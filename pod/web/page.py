"""What a page is before anybody sees it: facts, links and forms. Programs get it as JSON, people as HTML."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pod.errors import PodError
from pod.http.texts import Texts
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.notify.feed import Activity

Json = Any  # what a page tells is JSON, whose type says nothing more
Values = Mapping[str, str | tuple[str, ...]]
"""What was sent with a form: each field once, and those with many values as a tuple."""
LONGEST = 4096
"""Characters of a field that does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a field that offers a choice."""

    value: str
    label: str
    hint: str = ""
    depth: int = 0
    """How far it lies within the one before, for a tree."""
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a form asks for."""

    name: str
    kind: str = "text"
    """As in HTML: text, email, password, url, hidden, checkbox; radio, select and checkboxes have options."""
    required: bool = True
    value: str = ""
    options: tuple[Option, ...] = ()
    autocomplete: str = ""
    text: str = ""
    """The key of its label; by default `fields.NAME`."""
    hint: str = ""
    """The key of a sentence that helps."""
    longest: int = LONGEST
    data: Mapping[str, str] = field(default_factory=dict)
    """For scripts of the pages."""
    error: str = ""
    """What is wrong with the value, in the language of the page."""

    @property
    def many(self) -> bool:
        """Whether it has several values."""
        return self.kind == "checkboxes"

    def label(self, texts: Texts) -> str:
        """What it is called."""
        return texts.say(self.text or f"fields.{self.name}")

    def with_value(self, given: str | tuple[str, ...]) -> "Field":
        """The field as somebody has filled it in."""
        if self.options:
            chosen = (given,) if isinstance(given, str) else given
            return replace(self, options=tuple(replace(one, checked=one.value in chosen) for one in self.options))
        if self.kind == "password" or isinstance(given, tuple):
            return self
        return replace(self, value=given)


@dataclass(frozen=True, slots=True)
class Go:
    """Where to go on: a page here."""

    to: str
    """A path of the pages."""
    done: str = ""
    """The key of a sentence that says what was done: one of `done.…`."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """For programs alone."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Back to an app, at a URL that was checked to be the app's own."""

    url: str


@dataclass(frozen=True, slots=True)
class Data:
    """Facts for a script, without a page."""

    facts: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Link:
    """Another page."""

    name: str
    """Its label is `links.NAME`, unless `label` says it."""
    href: str
    label: str = ""


Answer = "Page | Go | Leave | Data | Download | Stream"
Act = Callable[[Values], Awaitable[Any]]


class Streams(Protocol):
    """Gives bytes piece by piece."""

    def __aiter__(self) -> Any: ...  # an async iterator of bytes; async generators are declared otherwise


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is sent as it is made. The browser keeps it, or shows it in a world of its own."""

    name: str
    media_type: str
    content: Streams
    size: int | None = None
    """In bytes, where it is known before."""
    shown: bool = False
    """Whether the browser may show it: what could do anything there is kept as a file."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Events for a page that is open in a browser."""

    events: Streams


@dataclass(frozen=True, slots=True)
class Topic:
    """Something in a pod that a page shows, to whoever may read it."""

    agent: Agent
    uri: Uri
    concerns: Callable[[Activity], bool]
    """Whether the page is another one after this."""
    below: bool = False
    """With everything that lies in it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """By what a page becomes another one while somebody looks at it."""

    topics: tuple[Topic, ...] = ()
    recorded: Callable[[], Awaitable[Json]] | None = None
    """What it shows besides, which the log does not tell of: to be compared with what it was."""


@dataclass(frozen=True, slots=True)
class Form:
    """Something that can be done on a page. It is sent to the page's own URL, with `form` as its name."""

    name: str
    """Its button says `forms.NAME`, unless `text` names another key."""
    act: Act
    fields: tuple[Field, ...] = ()
    text: str = ""
    kind: str = "plain"
    """`main`, `plain`, `danger`, `quiet` (as a link), or `script`: done by a script of the page alone."""
    label: str = ""
    """What the button does with which thing, for those who hear it without what stands around."""
    blame: str = ""
    """The field that a refusal is about; by default the first that is shown."""
    data: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    """Tells it apart from others of the same name on the page."""

    @property
    def id(self) -> str:
        """What its elements are called by."""
        return f"{self.name}-{self.key}" if self.key else self.name

    @property
    def shown(self) -> Sequence[Field]:
        """The fields that people see."""
        return [one for one in self.fields if one.kind != "hidden"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page for somebody."""

    name: str
    """Of its template, and of its texts: `NAME.title`."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    forms: tuple[Form, ...] = ()
    links: tuple[Link, ...] = ()
    titled: Mapping[str, str] = field(default_factory=dict)
    """What the title names."""
    status: int = 200
    notice: str = ""
    """A sentence about what was just done, in the language of the page."""
    failed: str = ""
    """The id of the form that was refused."""
    error: str = ""
    """Why, unless it is about one field."""
    watched: Watched | None = None
    """How it changes by itself, if it does."""

    @property
    def mark(self) -> str:
        """Another one whenever the page tells something else."""
        told = json.dumps(self.facts, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def form(self, name: str, key: str = "") -> Form | None:
        """The form of this name."""
        return next((one for one in self.forms if one.name == name and one.key == key), None)

    def refused(self, form: Form, given: Values, faults: Mapping[str, str], error: str, status: int) -> "Page":
        """The page with the form as it was filled in, and with what is wrong with it."""
        fields = tuple(
            replace(one.with_value(given.get(one.name, () if one.many else "")), error=faults.get(one.name, ""))
            if one.kind != "hidden"
            else one
            for one in form.fields
        )
        filled = replace(form, fields=fields)
        forms = tuple(filled if one is form else one for one in self.forms)
        return replace(self, forms=forms, failed=form.id, error=error, status=status)


class Refusal(PodError):
    """A form that was not filled in as it must be; `faults` has the sentence for each field, by its name."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


def checked(form: Form, given: Mapping[str, Sequence[str]], texts: Texts) -> Values:
    """What was sent, as the form declares it; Refusal with what is wrong with each field."""
    values: dict[str, str | tuple[str, ...]] = {}
    faults: dict[str, str] = {}
    for one in form.fields:
        sent = given.get(one.name, ())
        fault = _fault(one, sent, texts)
        if fault:
            faults[one.name] = fault
        values[one.name] = tuple(sent) if one.many else (sent[0] if sent else "")
    if faults:
        raise Refusal(faults)
    return values


def _fault(one: Field, sent: Sequence[str], texts: Texts) -> str:
    if not any(value.strip() for value in sent):
        return texts.say("faults.missing", field=one.label(texts)) if one.required else ""
    if any(len(value) > one.longest for value in sent):
        return texts.say("faults.long", field=one.label(texts), most=one.longest)
    known = {option.value for option in one.options}
    # A choice that may be left open sends an empty value.
    if one.options and not set(sent) <= (known if one.required else known | {""}):
        return texts.say("faults.unknown", field=one.label(texts))
    return ""


def as_json(page: Page, texts: Texts, path: str) -> Mapping[str, Json]:
    """The page for a program: what it tells, where it leads, and what can be done, with everything needed for it."""
    return {
        "page": page.name,
        "title": texts.say(f"{page.name}.title", **page.titled),
        "language": texts.language,
        "facts": dict(page.facts),
        "links": {
            one.name: {"href": one.href, "title": one.label or texts.say(f"links.{one.name}")} for one in page.links
        },
        "forms": [_form(one, texts, path) for one in page.forms],
    }


def _form(form: Form, texts: Texts, path: str) -> Mapping[str, Json]:
    found: dict[str, Json] = {"name": form.name, "title": form.label or texts.say(form.text or f"forms.{form.name}")}
    if form.key:
        found["key"] = form.key
    return {**found, "method": "POST", "action": path, "fields": [_field(one, texts) for one in form.fields]}


def _field(one: Field, texts: Texts) -> Mapping[str, Json]:
    found: dict[str, Json] = {"name": one.name, "type": one.kind, "required": one.required}
    if one.kind != "hidden":
        found["title"] = one.label(texts)
    if one.value:
        found["value"] = one.value
    if one.options:
        found["options"] = [{"value": option.value, "title": option.label} for option in one.options]
    return found
