"""SPARQL 1.1 Update, as far as it stays within one resource.

INSERT DATA, DELETE DATA, DELETE WHERE and DELETE/INSERT … WHERE with triple patterns: what
clients of Solid send. Everything that names another graph or document is refused, and so are
filters and other algebra, whose cost no limit here could bound.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pyoxigraph import RdfFormat
from pyoxigraph import parse as _parse

from pod.errors import Malformed, Unprocessable
from pod.model.access import Mode
from pod.rdf import bounds
from pod.rdf.formats import reason
from pod.rdf.graph import Triple
from pod.rdf.lexis import COMMENT, IRI, STRING
from pod.rdf.patterns import (
    LIMIT_PATTERNS,
    LIMIT_STEPS,
    Marked,
    Matcher,
    bind,
    blank_nodes,
    mark,
    renewed,
    terms,
)

MEDIA_TYPE = "application/sparql-update"
LIMIT_OPERATIONS = 100
LIMIT_TRIPLES = 20_000

_TOKEN = re.compile(
    rf"\s++|{COMMENT}|(?P<text>{STRING})|(?P<iri>{IRI})"
    r"|(?P<name>@?[\w:](?:[\w:.%-]|\\.)*+)|(?P<mark><<|[{};])|(?P<other>.)",
    re.DOTALL,
)
_OUTSIDE = frozenset(["LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "GRAPH", "WITH", "USING", "SERVICE"])
_ALGEBRA = frozenset(["FILTER", "OPTIONAL", "UNION", "MINUS", "BIND", "VALUES", "SELECT", "EXISTS", "NOT"])
_NESTED = {"{": "a nested block", "<<": "triples about triples"}


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: for every solution of `where`, first delete, then insert."""

    where: tuple[Triple, ...]
    deletes: tuple[Triple, ...]
    inserts: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class SparqlUpdate:
    """Operations that are applied one after the other, all or none."""

    steps: tuple[Step, ...]
    marked: Marked

    @property
    def modes(self) -> frozenset[Mode]:
        """Reading for conditions, appending for insertions, writing for deletions.

        DELETE DATA succeeds whether or not the triples were there, so it reveals nothing.
        """
        modes: set[Mode] = set()
        for step in self.steps:
            if step.where:
                modes.add(Mode.READ)
            if step.inserts:
                modes.add(Mode.APPEND)
            if step.deletes:
                modes.add(Mode.WRITE)
        return frozenset(modes or {Mode.APPEND})

    def difference(self, graph: AbstractSet[Triple]) -> tuple[Sequence[Triple], Sequence[Triple]]:
        """What to delete from the graph, and what to insert after that."""
        current = dict.fromkeys(graph)
        steps = LIMIT_STEPS
        for number, step in enumerate(self.steps):
            matcher = Matcher(current, self.marked, steps)
            deletes, inserts = _effect(step, matcher, number)
            steps = matcher.steps
            for triple in deletes:
                current.pop(triple, None)
            current.update(dict.fromkeys(inserts))
        return [t for t in graph if t not in current], [t for t in current if t not in graph]


def _effect(step: Step, matcher: Matcher, number: int) -> tuple[list[Triple], list[Triple]]:
    """What the step deletes and inserts; what a solution makes no triple of is left out (SPARQL 1.1 Update, 3.1.3)."""
    deletes: list[Triple] = []
    inserts: list[Triple] = []
    for count, solution in enumerate(matcher.solutions(step.where)):
        deletes += (triple for triple in bind(step.deletes, solution) if triple is not None)
        # Each solution makes blank nodes of its own.
        made = renewed(step.inserts, f"-{number}-{count}")
        inserts += (triple for triple in bind(made, solution) if triple is not None)
        if len(deletes) + len(inserts) > LIMIT_TRIPLES:
            raise Unprocessable(f"The update would change more than {LIMIT_TRIPLES} triples; use several.")
    return deletes, inserts


def parse(body: bytes, base: str) -> SparqlUpdate:
    """The update in the text; Malformed when it cannot be read, Unprocessable when it reaches too far."""
    marked = mark(body)
    bounds.require_shallow_patch(marked.text)
    steps = tuple(_Reader(marked, base).steps())
    for step in steps:
        if len(step.where) > LIMIT_PATTERNS:
            raise Unprocessable(f"WHERE has more than {LIMIT_PATTERNS} triples; use fewer.")
        if blank_nodes(step.deletes):
            raise Unprocessable("The deletions have a blank node; name it by a variable in WHERE.")
    return SparqlUpdate(steps, marked)


class _Reader:
    """Splits the text into operations and hands the blocks of triples to the Turtle parser."""

    def __init__(self, marked: Marked, base: str) -> None:
        self._marked = marked
        self._base = base
        self._text = marked.text
        self._prologue = ""
        self._tokens = [t for t in _TOKEN.finditer(self._text) if t.lastgroup is not None]
        self._at = 0

    def steps(self) -> Iterator[Step]:
        """The operations in order."""
        count = 0
        while self._at < len(self._tokens):
            self._read_prologue()
            if self._at == len(self._tokens):
                return
            count += 1
            if count > LIMIT_OPERATIONS:
                raise Unprocessable(f"The update has more than {LIMIT_OPERATIONS} operations; use several.")
            yield self._step()
            if self._at < len(self._tokens) and not self._taken(";"):
                raise self._error("a semicolon between operations", self._at)

    def _step(self) -> Step:
        first = self._word("INSERT", "DELETE")
        if self._taken("DATA"):
            triples = self._block(variables=False)
            return Step((), (), triples) if first == "INSERT" else Step((), triples, ())
        if first == "DELETE" and self._taken("WHERE"):
            triples = self._block()
            return Step(triples, triples, ())
        deletes = self._block() if first == "DELETE" else ()
        inserts = self._block() if first == "INSERT" or self._taken("INSERT") else ()
        # Several clients leave WHERE out when there is nothing to ask.
        where = self._block() if self._taken("WHERE") else ()
        if self._peek() in _OUTSIDE:
            raise _outside(self._peek())
        known = {term for term in terms(where) if self._marked.is_variable(term)}
        if any(self._marked.is_variable(term) and term not in known for term in terms([*deletes, *inserts])):
            raise Unprocessable("A variable of the update does not occur in WHERE.")
        return Step(where, deletes, inserts)

    def _read_prologue(self) -> None:
        while self._peek() in {"PREFIX", "BASE"}:
            start = self._tokens[self._at].start()
            named = self._taken("PREFIX")
            if named and not self._peek().endswith(":"):
                raise self._error("a prefix", self._at)
            self._at += 1
            if self._at >= len(self._tokens) or self._tokens[self._at].lastgroup != "iri":
                raise self._error("an IRI", self._at)
            self._at += 1
            self._prologue += self._text[start : self._tokens[self._at - 1].end()] + "\n"

    def _block(self, *, variables: bool = True) -> tuple[Triple, ...]:
        """The triples in braces."""
        if not self._taken("{"):
            raise self._error("an opening brace", self._at)
        first = self._at
        for token in self._tokens[first:]:
            self._at += 1
            if token[0] == "}":
                return self._triples(first, self._at - 1, variables=variables)
            word = token[0].upper() if token.lastgroup in {"name", "mark"} else ""
            if word in _OUTSIDE:
                raise _outside(word)
            if word in _ALGEBRA or word in _NESTED:
                raise Unprocessable(
                    f"The update uses {_NESTED.get(word, word)}; only triple patterns are understood here."
                )
        raise self._error("a closing brace", self._at)

    def _triples(self, first: int, end: int, *, variables: bool) -> tuple[Triple, ...]:
        """The triples that the tokens from `first` to before `end` make."""
        start = self._tokens[first - 1].end()
        block = self._text[start : self._tokens[end].start()]
        text = f"{self._prologue}{block}\n{'' if self._is_complete(first, end) else '.'}"
        try:
            found = tuple(q.triple for q in _parse(text, format=RdfFormat.TURTLE, base_iri=self._base))
        except SyntaxError as error:
            line, column = self._place(error, start)
            raise Malformed(f"The triples of the update cannot be read: {reason(error)}.", line, column) from error
        if not variables and any(self._marked.is_variable(term) for term in terms(found)):
            raise Malformed("INSERT DATA and DELETE DATA take no variables.", *self._marked.place(start))
        return found

    def _is_complete(self, first: int, end: int) -> bool:
        """Whether no full stop is missing after the last triple."""
        last = self._tokens[end - 1]
        dotted = last[0].endswith(".") and not last[0].endswith("\\.")
        return first == end or (dotted and last.lastgroup in {"name", "other"})

    def _place(self, error: SyntaxError, start: int) -> tuple[int | None, int | None]:
        """Where in the update the parser of a block, which begins at `start`, has found an error."""
        line = (error.lineno or 0) - self._prologue.count("\n")
        return self._marked.place(self._marked.offset(line, error.offset or 1, start)) if line > 0 else (None, None)

    def _peek(self) -> str:
        return self._tokens[self._at][0].upper() if self._at < len(self._tokens) else ""

    def _taken(self, word: str) -> bool:
        """Whether the next token is this one, which is then behind us."""
        if self._peek() != word:
            return False
        self._at += 1
        return True

    def _word(self, *expected: str) -> str:
        word = self._peek()
        if word in _OUTSIDE:
            raise _outside(word)
        if word not in expected:
            raise self._error(" or ".join(expected), self._at)
        self._at += 1
        return word

    def _error(self, expected: str, at: int) -> Malformed:
        """What is wrong with the token at this place, or the end of the text if there is none."""
        offset = self._tokens[at].start() if at < len(self._tokens) else len(self._text)
        return Malformed(f"The update cannot be read: expected {expected}.", *self._marked.place(offset))


def _outside(word: str) -> Unprocessable:
    return Unprocessable(f"{word} reaches outside of the resource; a patch changes the resource alone.")
