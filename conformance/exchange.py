"""A request and its answer, and what an answer says."""

import contextvars
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import urljoin

import rdflib
from pyld import jsonld
from rdflib.exceptions import ParserError

from conformance.case import CannotTell, Failed

TURTLE, JSON_LD, N3, SPARQL = "text/turtle", "application/ld+json", "text/n3", "application/sparql-update"
Pairs = Sequence[tuple[str, str]]
"""Headers in the order in which they are sent; a name may stand more than once."""

_FORMATS = {TURTLE: "turtle", JSON_LD: "json-ld", "application/n-triples": "nt", "application/json": "json-ld"}
_LINK = re.compile(r"\s*<([^>]*)>\s*((?:;\s*[^\s=;,]+\s*(?:=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;,\"]+))?\s*)*)(?:,|$)")
_PARAMETER = re.compile(r";\s*([^\s=;,]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]+)))?")


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a Link header; the target is absolute."""

    target: str
    relations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, with the request."""

    method: str
    url: str
    sent: Pairs
    """The headers of the request."""
    content_sent: bytes
    status: int
    headers: Pairs
    content: bytes
    who: str = ""
    """Who asked, by the name that the cases use."""

    def all(self, name: str) -> Sequence[str]:
        """The values of each header of that name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str:
        """The value of a header, several joined by commas; empty when there is none."""
        return ", ".join(self.all(name))

    def names(self, name: str) -> frozenset[str]:
        """What a header lists between commas, in lower case."""
        return frozenset(one.strip().lower() for one in self.header(name).split(",") if one.strip())

    @property
    def media_type(self) -> str:
        """The media type of the content, without parameters and in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode(errors="replace")

    @property
    def etag(self) -> str:
        """Its ETag; Failed when there is none."""
        if not self.header("etag"):
            raise Failed(f"{self.method} {self.url} should have had an ETag.")
        return self.header("etag")

    @property
    def modified(self) -> float:
        """Last-Modified in seconds; Failed when there is none or it is no date."""
        try:
            return parsedate_to_datetime(self.header("last-modified")).timestamp()
        except (TypeError, ValueError):
            raise Failed(f"{self.method} {self.url} should have had Last-Modified with a date of HTTP.") from None

    @property
    def location(self) -> str:
        """Location, absolute; Failed when there is none."""
        if not self.header("location"):
            raise Failed(f"{self.method} {self.url} should have had a Location.")
        return urljoin(self.url, self.header("location"))

    @property
    def links(self) -> Sequence[Link]:
        """Every link of its Link headers."""
        return [one for value in self.all("link") for one in _links(value, self.url)]

    def linked(self, relation: str) -> Sequence[str]:
        """The targets of the links with that relation."""
        return [one.target for one in self.links if relation.lower() in one.relations]

    def graph(self, base: str | None = None) -> rdflib.Graph:
        """Its content as RDF, read with its own media type; Failed when that cannot be."""
        form = _FORMATS.get(self.media_type)
        if form is None:
            raise Failed(f"{self.method} {self.url} should have answered in an RDF syntax, not {self.media_type!r}.")
        return parsed(self.content, form, base or self.url, f"what {self.method} {self.url} answered")

    def json(self) -> Any:
        """Its content as JSON; Failed when it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise Failed(f"What {self.method} {self.url} answered should have been JSON.") from None


def parsed(content: bytes | str, form: str, base: str, what: str) -> rdflib.Graph:
    """RDF as a graph; of JSON-LD the default graph. Failed when it cannot be read. `what` names it in that sentence."""
    graph = rdflib.Graph()
    try:
        if form == "json-ld":
            content, form = _triples(content, base), "nt"
        graph.parse(data=content, format=form, publicID=base)
    except (ParserError, SyntaxError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise Failed(f"{what[:1].upper()}{what[1:]} should have been valid RDF: {reason}") from error
    except jsonld.JsonLdError as error:
        behind: BaseException | None = error
        while behind is not None:
            if isinstance(behind, CannotTell):
                raise behind from None
            behind = behind.__cause__ or behind.__context__
        reason = " ".join(str(error).split())[:200]
        raise Failed(f"{what[:1].upper()}{what[1:]} should have been valid JSON-LD: {reason}") from error
    return graph


def _triples(content: bytes | str, base: str) -> str:
    """The default graph of a JSON-LD document, as N-Triples."""
    dataset = jsonld.to_rdf(json.loads(content), {"base": base, "documentLoader": _no_context, "rdfDirection": None})
    told: str = jsonld.JsonLdProcessor.to_nquads({"@default": dataset.get("@default", [])})
    return told


def _no_context(url: str, _options: object) -> NoReturn:
    raise CannotTell(f"The JSON-LD context {url} is elsewhere, and is not fetched.")


def _links(value: str, base: str) -> Iterator[Link]:
    for found in _LINK.finditer(value):
        for name, quoted, plain in _PARAMETER.findall(found[2]):
            if name.lower() == "rel":
                relations = (quoted or plain).split()
                yield Link(urljoin(base, found[1]), frozenset(one.lower() for one in relations))
                break


@dataclass(slots=True)
class Record:
    """What a case has asked and what came."""

    answers: list[Answer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What else happened that a reader of the report should know, such as what was heard by a channel."""


recording: contextvars.ContextVar[Record] = contextvars.ContextVar("recording")
"""The record of the case that runs."""


def note(sentence: str) -> None:
    """Tell the reader of the report something."""
    recording.get(Record()).notes.append(sentence)
