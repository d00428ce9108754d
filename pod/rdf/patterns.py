"""Triple patterns: triples in which variables may stand, and how they match a graph.

The parsers know no variables, so a variable travels through them as an IRI of a scheme that
the text does not use otherwise.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count

from pod.errors import Malformed, Unprocessable
from pod.rdf.graph import BlankNode, NamedNode, Term, Triple
from pod.rdf.lexis import COMMENT, ESCAPE, IRI, STRING

Bindings = Mapping[Term, Term]

NEW = "new-"
"""Begins the label of every blank node that a patch makes."""
LIMIT_PATTERNS = 1000
LIMIT_STEPS = 50_000
"""How many triples the matches of a patch may look at before it is given up: about a quarter of a second."""

_TOKEN = re.compile(
    rf"{STRING}|{IRI}|{COMMENT}|{ESCAPE}|[?$](?P<variable>\w+)|(?P<empty>\{{(?:\s|{COMMENT})*+\}})", re.DOTALL
)
_SCHEME = re.compile(r"variable\d++:")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in which each variable is written as an IRI that begins with `scheme`."""

    text: str
    scheme: str

    @property
    def nothing(self) -> NamedNode:
        """Subject, predicate and object of the triple that stands in each empty formula."""
        return NamedNode(self.scheme)

    def is_variable(self, term: object) -> bool:
        """Whether the term, read from the text, stands for a variable."""
        return isinstance(term, NamedNode) and term.value.startswith(self.scheme)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, in the text as it was sent, of what is at `offset` of the marked one."""
        before = self.text[:offset]
        line = before[before.rfind("\n") + 1 :]
        added = line.count(f"<{self.scheme}") * (len(self.scheme) + 1) + line.count(f"<{self.scheme}>")
        return before.count("\n") + 1, len(line) - added + 1

    def offset(self, line: int, column: int, start: int = 0) -> int:
        """The offset of a place that is counted from `start` in the marked text."""
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
        return start + column - 1


def mark(body: bytes, *, formulas: bool = False) -> Marked:
    """The text with its variables marked; strings, IRIs and comments are left alone.

    With `formulas`, a triple of `nothing` is put in each empty formula: else the parser would
    give a blank node for it that looks as any other.
    """
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Malformed("The patch is not UTF-8.") from error
    taken = set(_SCHEME.findall(text))
    scheme = next(one for one in (f"variable{number}:" for number in count()) if one not in taken)

    def marked(token: re.Match[str]) -> str:
        if token["variable"] is not None:
            return f"<{scheme}{token['variable']}>"
        if formulas and token["empty"] is not None:
            return f"{{{f'<{scheme}>' * 3}{token['empty'][1:]}"
        return token[0]

    return Marked(_TOKEN.sub(marked, text), scheme)


def terms(triples: Iterable[Triple]) -> Iterator[Term]:
    """Every subject, predicate and object."""
    for triple in triples:
        yield from (triple.subject, triple.predicate, triple.object)


def blank_nodes(triples: Iterable[Triple]) -> dict[BlankNode, None]:
    """The blank nodes in the triples, in their order."""
    return dict.fromkeys(term for term in terms(triples) if isinstance(term, BlankNode))


def bind(triples: Iterable[Triple], bindings: Bindings) -> Iterator[Triple | None]:
    """The triples with what is bound put in its place; None where that makes no triple."""
    if not bindings:
        yield from triples  # as they are, which spares making each anew
        return
    for one in triples:
        found = (bindings.get(term, term) for term in (one.subject, one.predicate, one.object))
        try:
            yield Triple(*found)  # type: ignore[arg-type]  # Triple checks the kinds
        except TypeError:
            yield None


def renewed(triples: Sequence[Triple], suffix: str = "") -> list[Triple]:
    """The triples with blank nodes of their own, told apart from all others by NEW."""
    fresh: dict[Term, Term] = {
        term: BlankNode(f"{NEW}{number}{suffix}") for number, term in enumerate(blank_nodes(triples))
    }
    return [triple for triple in bind(triples, fresh) if triple is not None]


Parts = tuple[Term, Term, Term]


class _Level:
    """The search at one pattern: what is still to be tried, and the terms that the triple in hand has bound."""

    __slots__ = ("candidates", "names", "open")

    def __init__(self, open_parts: Sequence[tuple[int, Term]], candidates: Iterator[Parts]) -> None:
        self.open = open_parts
        self.candidates = candidates
        self.names: list[Term] = []


class Matcher:
    """A graph, indexed to find the triples that fit a pattern.

    `steps` says how many more triples may be looked at; what is left tells what it has cost.
    """

    def __init__(self, triples: Iterable[Triple], marked: Marked, steps: int = LIMIT_STEPS) -> None:
        self.steps = steps
        self._marked = marked
        self._all = [_parts(triple) for triple in dict.fromkeys(triples)]
        self._by: dict[tuple[bool, ...], dict[tuple[Term, ...], list[Parts]]] = {}

    def solutions(self, patterns: Sequence[Triple]) -> Iterator[dict[Term, Term]]:
        """Every way in which all patterns fit at once; blank nodes in them fit anything.

        Unprocessable when finding out would take too long.
        """
        ordered = self._ordered([_parts(pattern) for pattern in patterns])
        if not ordered:
            yield {}
            return
        bound: dict[Term, Term] = {}
        # A stack instead of recursion: hundreds of patterns are allowed.
        levels = [self._level(ordered[0], bound)]
        while levels:
            level = levels[-1]
            for name in level.names:
                del bound[name]
            level.names.clear()
            triple = next(level.candidates, None)
            if triple is None:
                levels.pop()
            elif self._unify(level, triple, bound):
                if len(levels) == len(ordered):
                    yield dict(bound)
                else:
                    levels.append(self._level(ordered[len(levels)], bound))

    def _ordered(self, patterns: Sequence[Parts]) -> list[Parts]:
        """The patterns such that each comes when most of it is known, and the rarest first."""
        names = [frozenset(filter(self._open, pattern)) for pattern in patterns]
        users: dict[Term, list[int]] = defaultdict(list)
        for number, some in enumerate(names):
            for name in some:
                users[name].append(number)
        rarity = [len(self._candidates(pattern, {})) for pattern in patterns]
        waiting = [(len(names[number]), rarity[number], number) for number in range(len(patterns))]
        heapify(waiting)
        known: set[Term] = set()
        ordered: dict[int, Parts] = {}
        while waiting:
            _, _, number = heappop(waiting)
            if number in ordered:
                continue
            ordered[number] = patterns[number]
            fresh = names[number] - known
            known |= fresh
            for user in {user for name in fresh for user in users[name]}:
                heappush(waiting, (len(names[user] - known), rarity[user], user))
        return list(ordered.values())

    def _open(self, term: Term) -> bool:
        return isinstance(term, BlankNode) or self._marked.is_variable(term)

    def _level(self, pattern: Parts, bound: Bindings) -> _Level:
        open_parts = [(place, term) for place, term in enumerate(pattern) if self._open(term)]
        return _Level(open_parts, iter(self._candidates(pattern, bound)))

    def _candidates(self, pattern: Parts, bound: Bindings) -> Sequence[Parts]:
        """The triples that have what is known of the pattern."""
        found = [bound.get(term) if self._open(term) else term for term in pattern]
        shape = tuple(term is not None for term in found)
        return self._index(shape).get(tuple(term for term in found if term is not None), ())

    def _index(self, shape: tuple[bool, ...]) -> Mapping[tuple[Term, ...], Sequence[Parts]]:
        index = self._by.get(shape)
        if index is None:
            # To put a triple in an index takes about a tenth of the time of looking at one.
            self._spend(len(self._all) // 10)
            index = self._by[shape] = defaultdict(list)
            for triple in self._all:
                index[tuple(term for term, known in zip(triple, shape, strict=True) if known)].append(triple)
        return index

    def _unify(self, level: _Level, triple: Parts, bound: dict[Term, Term]) -> bool:
        """Bind what the pattern leaves open, unless that is at odds with what is bound."""
        self._spend(1)
        for place, name in level.open:
            known = bound.get(name)
            if known is None:
                bound[name] = triple[place]
                level.names.append(name)
            elif known != triple[place]:
                return False
        return True

    def _spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise Unprocessable("The conditions match in too many ways to be tried; make them narrower.")


def _parts(triple: Triple) -> Parts:
    return triple.subject, triple.predicate, triple.object
