"""Triple patterns: triples in which variables may stand, and how they match a graph.

The parsers know no variables, so a variable travels through them as an IRI of a scheme that
the text does not use otherwise.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pod.errors import Malformed, Unprocessable
from pod.rdf.graph import BlankNode, NamedNode, Term, Triple

Bindings = Mapping[Term, Term]

LIMIT_PATTERNS = 1000
LIMIT_STEPS = 200_000
"""How many triples a match may look at before it is given up: about a quarter of a second."""

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|'(?:[^'\\\n\r]|\\.)*'"
    r"|<[^<>\"{}|^`\\\x00-\x20]*(?:\\[uU][0-9A-Fa-f]+[^<>\"{}|^`\\\x00-\x20]*)*>"
    r"|#[^\n\r]*"
    r"|[?$](?P<variable>\w+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in which each variable is written as an IRI that begins with `scheme`."""

    text: str
    scheme: str

    def is_variable(self, term: object) -> bool:
        """Whether the term, read from the text, stands for a variable."""
        return isinstance(term, NamedNode) and term.value.startswith(self.scheme)


def mark(body: bytes) -> Marked:
    """The text with its variables marked; strings, IRIs and comments are left alone."""
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Malformed("The patch is not UTF-8.") from error
    scheme = "variable:"
    while scheme in text:
        scheme = f"x{scheme}"

    def marked(token: re.Match[str]) -> str:
        name = token["variable"]
        return token[0] if name is None else f"<{scheme}{name}>"

    return Marked(_TOKEN.sub(marked, text), scheme)


def terms(triples: Iterable[Triple]) -> Iterator[Term]:
    """Every subject, predicate and object."""
    for triple in triples:
        yield from (triple.subject, triple.predicate, triple.object)


def bind(triples: Iterable[Triple], bindings: Bindings) -> list[Triple]:
    """The triples with what is bound put in its place; Unprocessable where that makes no triple."""
    try:
        return [
            Triple(*(bindings.get(term, term) for term in (one.subject, one.predicate, one.object)))  # type: ignore[arg-type]  # Triple checks the kinds
            for one in triples
        ]
    except TypeError as error:
        raise Unprocessable("A variable stands where its value, a literal or blank node, cannot.") from error


class Matcher:
    """A graph, indexed to find the triples that fit a pattern."""

    def __init__(self, triples: Iterable[Triple], marked: Marked) -> None:
        self._marked = marked
        self._all = list(dict.fromkeys(triples))
        self._by: dict[tuple[bool, bool, bool], dict[tuple[Term, ...], list[Triple]]] = {}
        self._steps = 0

    def solutions(self, patterns: Sequence[Triple]) -> Iterator[dict[Term, Term]]:
        """Every way in which all patterns fit at once; blank nodes in them fit anything.

        Unprocessable when there are too many patterns, or finding out would take too long.
        """
        if len(patterns) > LIMIT_PATTERNS:
            raise Unprocessable(f"The conditions have more than {LIMIT_PATTERNS} triples; use fewer.")
        yield from self._extend({}, list(patterns))

    def _extend(self, bindings: dict[Term, Term], patterns: list[Triple]) -> Iterator[dict[Term, Term]]:
        # A stack instead of recursion: hundreds of patterns are allowed.
        waiting: list[tuple[dict[Term, Term], list[Triple]]] = [(bindings, patterns)]
        while waiting:
            bound, left = waiting.pop()
            if not left:
                yield bound
                continue
            chosen = min(left, key=lambda pattern: self._openness(pattern, bound))
            rest = [pattern for pattern in left if pattern is not chosen]
            for triple in self._candidates(chosen, bound):
                self._steps += 1
                if self._steps > LIMIT_STEPS:
                    raise Unprocessable("The conditions match in too many ways to be tried; make them narrower.")
                extended = self._unify(chosen, triple, bound)
                if extended is not None:
                    waiting.append((extended, rest))

    def _open(self, term: Term) -> bool:
        return isinstance(term, BlankNode) or self._marked.is_variable(term)

    def _openness(self, pattern: Triple, bound: Bindings) -> int:
        self._steps += 1
        return sum(self._open(t) and t not in bound for t in (pattern.subject, pattern.predicate, pattern.object))

    def _candidates(self, pattern: Triple, bound: Bindings) -> Sequence[Triple]:
        found = [
            None if self._open(term) and term not in bound else bound.get(term, term)
            for term in (pattern.subject, pattern.predicate, pattern.object)
        ]
        shape = (found[0] is not None, found[1] is not None, found[2] is not None)
        if not any(shape):
            return self._all
        return self._index(shape).get(tuple(term for term in found if term is not None), ())

    def _index(self, shape: tuple[bool, bool, bool]) -> dict[tuple[Term, ...], list[Triple]]:
        index = self._by.get(shape)
        if index is None:
            index = defaultdict(list)
            for triple in self._all:
                parts = (triple.subject, triple.predicate, triple.object)
                index[tuple(part for part, wanted in zip(parts, shape, strict=True) if wanted)].append(triple)
            self._by[shape] = dict(index)
        return self._by[shape]

    def _unify(self, pattern: Triple, triple: Triple, bound: Bindings) -> dict[Term, Term] | None:
        extended = dict(bound)
        for wanted, term in zip(terms([pattern]), terms([triple]), strict=True):
            if self._open(wanted) and extended.setdefault(wanted, term) != term:
                return None
        return extended
