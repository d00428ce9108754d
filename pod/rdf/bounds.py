"""What no document may do to a parser: nest without end, or grow while it is read.

The parsers keep what is open on a stack that cannot be watched from here, and some need time
that grows with the square of the depth. Each check is Malformed where a bound is passed, and
costs next to nothing for a document in which nothing is deep.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, chain
from typing import Any

from pod.errors import Malformed
from pod.rdf.lexis import COMMENT, ESCAPE, IRI, STRING

Json = Any  # the shape of a JSON document is known only when it has been looked at

JSON_DEPTH = 100
XML_DEPTH = 500
TERM_DEPTH = 16
PATCH_DEPTH = 100
ENTITY_LENGTH = 1000
GROWTH = 20
"""How many times its own size an XML document may have once its entities are put in."""
CONTEXT_TERMS = 3_000_000
"""How many terms of JSON-LD contexts may be gone through for one document: about a second."""

_NO_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[^"\[\]{}]++', re.DOTALL)

_TAG = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    rb"|<(?P<close>/)?[^\s<>!?/](?:[^<>\"'/]|/(?!>)|\"[^\"]*+\"|'[^']*+')*+(?P<empty>/)?>?",
    re.DOTALL,
)
_ENTITY = re.compile(rb"<!ENTITY\s*+%?\s*+[^\s\"']++\s++\"([^\"&<]*+)\"\s*+>")
_REFERENCE = re.compile(rb"&(?!#|amp;|lt;|gt;|quot;|apos;)[^;&<\s]++;")

_TERM = re.compile(rf"{STRING}|{IRI}|{COMMENT}|{ESCAPE}|(?P<open><<)|(?P<close>>>)", re.DOTALL)

_BRACKET = re.compile(
    rf"{STRING}|{IRI}|{COMMENT}|{ESCAPE}|(?P<open>[(\[{{])|(?P<close>[)\]}}])|[^\"'<#\\()\[\]{{}}]++", re.DOTALL
)


def require_shallow_json(content: bytes) -> None:
    """Arrays and objects lie at most JSON_DEPTH deep in each other."""
    if content.count(b"[") + content.count(b"{") <= JSON_DEPTH:
        return
    brackets = left = _NO_BRACKET.sub(b"", content)
    for _ in range(8):
        left = left.replace(b"{}", b"").replace(b"[]", b"")
    if left:
        _require_depth((1 if one in b"[{" else -1 if one in b"]}" else 0 for one in brackets), JSON_DEPTH)


def require_plain_xml(content: bytes) -> None:
    """Elements lie at most XML_DEPTH deep in each other, and entities abbreviate no more than names do."""
    if b"<!ENTITY" in content:
        _require_small_entities(content)
    if content.count(b"<") > XML_DEPTH:
        tags = (tag for tag in _TAG.finditer(content) if tag[0][1:2] not in b"!?")
        _require_depth((-1 if tag["close"] else 0 if tag["empty"] else 1 for tag in tags), XML_DEPTH)


def require_shallow_terms(content: bytes) -> None:
    """Triple terms lie at most TERM_DEPTH deep in each other, in Turtle, TriG, N-Triples or N-Quads."""
    if content.count(b"<<") <= TERM_DEPTH:
        return
    steps = (1 if token["open"] else -1 if token["close"] else 0 for token in _TERM.finditer(content.decode("latin-1")))
    _require_depth(steps, TERM_DEPTH)


def require_shallow_patch(text: str) -> None:
    """Lists, blank nodes and blocks lie at most PATCH_DEPTH deep in each other, in N3 or SPARQL."""
    if sum(map(text.count, "([{")) > PATCH_DEPTH:
        steps = (1 if token["open"] else -1 if token["close"] else 0 for token in _BRACKET.finditer(text))
        _require_depth(steps, PATCH_DEPTH)


def require_small_contexts(document: Json) -> None:
    """Contexts within a JSON-LD document are applied to no more than CONTEXT_TERMS terms.

    Each context that follows another is made from all terms of that one, and a context within
    the definition of a term is read again wherever the term is used.
    """
    read = largest = 0
    scoped: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    waiting: list[tuple[Json, int]] = [(document, 0)]
    while waiting:
        node, active = waiting.pop()
        if isinstance(node, dict):
            if "@context" in node:
                active += _terms(node["@context"], scoped)
                read += active
                largest = max(largest, active)
            uses.update(node.keys())
            waiting += [(one, active) for key, one in node.items() if key != "@context"]
        elif isinstance(node, list):
            waiting += [(one, active) for one in node]
        elif isinstance(node, str):
            uses[node] += 1
    read += sum(uses[term] * (size + largest) for term, size in scoped.items())
    if read > CONTEXT_TERMS:
        raise Malformed("The JSON-LD contexts take too long to apply; use one, at the top, with fewer terms.")


def scoped_terms(context: Json) -> int:
    """How many terms the contexts within a context define."""
    scoped: Counter[str] = Counter()
    _terms(context, scoped)
    return scoped.total()


def _terms(context: Json, scoped: Counter[str]) -> int:
    """How many terms a context defines; those of contexts within it are added to `scoped`."""
    entries = [entry for entry in (context if isinstance(context, list) else [context]) if isinstance(entry, dict)]
    for term, definition in chain.from_iterable(entry.items() for entry in entries):
        if isinstance(definition, dict) and "@context" in definition:
            scoped[term] += _terms(definition["@context"], scoped)
    return sum(map(len, entries))


def _require_depth(steps: Iterable[int], limit: int) -> None:
    if any(depth > limit for depth in accumulate(steps)):
        raise Malformed(f"The content is nested more than {limit} deep; make it flatter.")


def _require_small_entities(content: bytes) -> None:
    """Entities may shorten namespaces, which is what they are for."""
    longest = 0
    for start in re.finditer(rb"<!ENTITY", content):
        entity = _ENTITY.match(content, start.start())
        if entity is None or len(entity[1]) > ENTITY_LENGTH:
            before = content[: start.start()]
            raise Malformed(
                f'An entity is declared as <!ENTITY name "value">, with at most {ENTITY_LENGTH} bytes and no'
                " other entity in its value; write it out where it is used.",
                before.count(b"\n") + 1,
                len(before) - before.rfind(b"\n"),
            )
        longest = max(longest, len(entity[1]))
    grown = longest * sum(1 for _ in _REFERENCE.finditer(content))
    if grown > GROWTH * max(len(content), 10 * ENTITY_LENGTH):
        raise Malformed("The entities make the document grow too much; write them out.")
