"""SPARQL 1.1 Update, as far as it stays within one resource.

INSERT DATA, DELETE DATA, DELETE WHERE and DELETE/INSERT … WHERE with triple patterns: what
clients of Solid send. Everything that names another graph or document is refused, and so are
filters and other algebra, whose cost no limit here could bound.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import RdfFormat
from pyoxigraph import parse as _parse

from pod.errors import Malformed, Unprocessable
from pod.model.access import Mode
from pod.rdf.graph import BlankNode, Graph, Triple
from pod.rdf.n3_patch import _renewed
from pod.rdf.patterns import Marked, Matcher, bind, mark, terms

MEDIA_TYPE = "application/sparql-update"
LIMIT_OPERATIONS = 100
LIMIT_TRIPLES = 100_000

_TOKEN = re.compile(
    r"\s+|#[^\n\r]*"
    r'|(?P<text>"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|'(?:[^'\\\n\r]|\\.)*')"
    r"|(?P<iri><[^<>\"{}|^`\x00-\x20]*>)"
    r"|(?P<name>[\w.-]*:(?:[\w.:%-]|\\[^\s\w])*)"
    r"|(?P<word>@?[A-Za-z][\w-]*)"
    r"|(?P<mark>[{}])|(?P<end>;)|(?P<other>.)",
    re.DOTALL,
)
_OUTSIDE = frozenset(["LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "GRAPH", "WITH", "USING", "SERVICE"])
_ALGEBRA = frozenset(["FILTER", "OPTIONAL", "UNION", "MINUS", "BIND", "VALUES", "SELECT", "EXISTS", "NOT"])


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: for every solution of `where`, first delete, then insert."""

    where: tuple[Triple, ...] | None
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

    def difference(self, graph: Graph) -> tuple[Sequence[Triple], Sequence[Triple]]:
        """What to delete from the graph, and what to insert after that."""
        current = dict.fromkeys(graph)
        made = 0
        for step in self.steps:
            deletes, inserts = self._effect(step, list(current), made)
            made += len(inserts)
            for triple in deletes:
                current.pop(triple, None)
            current.update(dict.fromkeys(inserts))
        return [t for t in graph if t not in current], [t for t in current if t not in graph]

    def _effect(self, step: Step, triples: Sequence[Triple], made: int) -> tuple[list[Triple], list[Triple]]:
        deletes: list[Triple] = []
        inserts: list[Triple] = []
        solutions = [{}] if step.where is None else Matcher(triples, self.marked).solutions(step.where)
        for number, solution in enumerate(solutions):
            deletes += bind(step.deletes, solution)
            inserts += bind(_numbered(step.inserts, f"{made}-{number}"), solution)
            if len(deletes) + len(inserts) > LIMIT_TRIPLES:
                raise Unprocessable(f"The update would change more than {LIMIT_TRIPLES} triples; use several.")
        return deletes, inserts


def _numbered(triples: Sequence[Triple], number: str) -> list[Triple]:
    """The triples with blank nodes of their own for each solution (SPARQL 1.1 Update, 3.1.3)."""
    blank = dict.fromkeys(term for term in terms(triples) if isinstance(term, BlankNode))
    return bind(triples, {term: BlankNode(f"{term.value}-{number}") for term in blank})


def parse(body: bytes, base: str) -> SparqlUpdate:
    """The update in the text; Malformed when it cannot be read, Unprocessable when it reaches too far."""
    marked = mark(body)
    reader = _Reader(marked, base)
    steps = tuple(reader.steps())
    for triple in (t for step in steps for t in step.deletes):
        if any(isinstance(term, BlankNode) for term in terms([triple])):
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
            if self._at < len(self._tokens) and self._next()[0] != ";":
                raise self._error("a semicolon between operations")

    def _step(self) -> Step:
        first = self._word("INSERT", "DELETE")
        if self._peek() == "DATA":
            self._at += 1
            triples = self._block(variables=False)
            return Step(None, (), _renewed(triples)) if first == "INSERT" else Step(None, triples, ())
        if first == "DELETE" and self._peek() == "WHERE":
            self._at += 1
            triples = self._block(variables=True)
            return Step(triples, triples, ())
        deletes = self._block(variables=True) if first == "DELETE" else ()
        inserts: tuple[Triple, ...] = ()
        if first == "INSERT" or self._peek() == "INSERT":
            if first == "DELETE":
                self._at += 1
            inserts = self._block(variables=True)
        if self._peek() == "WHERE":
            self._at += 1
        elif self._peek() != "{":
            # Several clients leave WHERE out when there is nothing to ask.
            return self._unconditional(deletes, inserts)
        where = self._block(variables=True)
        self._require_known(where, deletes, inserts)
        return Step(where, deletes, _renewed(inserts))

    def _unconditional(self, deletes: tuple[Triple, ...], inserts: tuple[Triple, ...]) -> Step:
        self._require_known((), deletes, inserts)
        return Step(None, deletes, _renewed(inserts))

    def _require_known(self, where: tuple[Triple, ...], *others: tuple[Triple, ...]) -> None:
        known = {term for term in terms(where) if self._marked.is_variable(term)}
        for triples in others:
            if any(self._marked.is_variable(term) and term not in known for term in terms(triples)):
                raise Unprocessable("A variable of the update does not occur in WHERE.")

    def _read_prologue(self) -> None:
        while self._peek() in {"PREFIX", "BASE"}:
            start = self._tokens[self._at].start()
            length = 3 if self._peek() == "PREFIX" else 2
            if self._at + length > len(self._tokens):
                raise self._error("an IRI")
            self._at += length
            self._prologue += self._text[start : self._tokens[self._at - 1].end()] + "\n"

    def _block(self, *, variables: bool) -> tuple[Triple, ...]:
        if self._next()[0] != "{":
            raise self._error("an opening brace")
        start = self._tokens[self._at - 1].end()
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token[0] == "}":
                return self._triples(self._text[start : token.start()], variables=variables)
            word = token[0].upper() if token.lastgroup == "word" else ""
            if word in _OUTSIDE:
                raise _outside(word)
            if word in _ALGEBRA or token[0] == "{":
                what = word or "a nested block"
                raise Unprocessable(f"The update uses {what}; only triple patterns are understood here.")
        raise self._error("a closing brace")

    def _triples(self, block: str, *, variables: bool) -> tuple[Triple, ...]:
        stripped = block.rstrip()
        text = f"{self._prologue}{block}\n{'' if stripped.endswith('.') or not stripped else '.'}"
        try:
            found = tuple(q.triple for q in _parse(text, format=RdfFormat.TURTLE, base_iri=self._base))
        except SyntaxError as error:
            raise Malformed(f"The triples of the update cannot be read: {error.msg}.") from error
        except ValueError as error:
            raise Malformed(f"The triples of the update cannot be read: {error}.") from error
        if not variables and any(self._marked.is_variable(term) for term in terms(found)):
            raise Malformed("INSERT DATA and DELETE DATA take no variables.")
        return found

    def _peek(self) -> str:
        return self._tokens[self._at][0].upper() if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise self._error("more")
        token = self._tokens[self._at]
        self._at += 1
        return token[0], token.lastgroup or ""

    def _word(self, *expected: str) -> str:
        word = self._next()[0].upper()
        if word in _OUTSIDE:
            raise _outside(word)
        if word not in expected:
            raise self._error(" or ".join(expected))
        return word

    def _error(self, expected: str) -> Malformed:
        token = self._tokens[min(self._at, len(self._tokens)) - 1] if self._tokens else None
        before = self._text[: token.start()] if token is not None else ""
        line = before.count("\n") + 1
        return Malformed(f"The update cannot be read: expected {expected}.", line, len(before) - before.rfind("\n"))


def _outside(word: str) -> Unprocessable:
    return Unprocessable(f"{word} reaches outside of the resource; a patch changes the resource alone.")
