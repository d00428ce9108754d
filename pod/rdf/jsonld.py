"""JSON-LD documents with remote contexts, which the parser does not load itself.

Contexts are put in the place of the URLs that name them, so that the fast parser can read
the document. Contexts that the server ships need not be fetched.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NoReturn
from urllib.parse import urljoin

from pod.errors import Malformed
from pod.rdf import bounds
from pod.rdf.contexts import SHIPPED

LIMIT_INLINED = 8 * 1024 * 1024
"""How many bytes of contexts may be put into one document."""
LOST = (LookupError, TypeError, AttributeError, ValueError)
"""What the full processor raises of Python's own errors when it is lost in an odd context."""

Json = Any  # the shape of a JSON document is known only when it has been looked at

# A key may be written with escapes; then it is worth a second look.
_CONTEXT = re.compile(rb'"@context"|\\u00(?:40|6[35eEfF]|7[48])')
_LITERAL = re.compile(rb'"@json"|\\u00(?:40|6[aAeEfF]|73)')


def remote_contexts(content: bytes, base: str, known: Mapping[str, bytes]) -> frozenset[str]:
    """The URLs of contexts that the document, or one of the `known` ones, needs and nobody gave.

    Malformed when the document is no JSON.
    """
    if _CONTEXT.search(content) is None:
        return frozenset()
    needed = _needed(loaded(content), base, known)
    return frozenset(url for url, text in needed.items() if text is None)


def self_contained(content: bytes, base: str, contexts: Mapping[str, bytes]) -> bytes:
    """The same document without references to remote contexts; unchanged when it has none.

    Malformed when it is nested too deeply, or refers to contexts and is no JSON, or when a
    context is neither shipped nor among `contexts`.
    """
    bounds.require_shallow_json(content)
    if _CONTEXT.search(content) is None:
        return content
    document = loaded(content)
    needed = _needed(document, base, contexts)
    inliner = _Inliner(needed)
    inlined = inliner.inlined(document, base) if needed else document
    bounds.require_small_contexts(inlined)
    # Inside a JSON literal "@context" is data: only a full processor knows where one begins.
    literals = needed and any(_LITERAL.search(text or b"") for text in (content, *needed.values()))
    if literals or _has_graph_containers(inlined):
        inlined = _expanded(document, base, inliner)
    elif not needed:
        return content
    result = dumped(inlined)
    bounds.require_shallow_json(result)
    return result


def own_context(document: Json) -> Json | None:
    """The context that all of the document shares, as it is written there."""
    tops = document if isinstance(document, list) and document else [document]
    first = tops[0].get("@context") if isinstance(tops[0], dict) else None
    return first if all(isinstance(one, dict) and one.get("@context") == first for one in tops) else None


def inlined_context(context: Json, base: str, contexts: Mapping[str, bytes]) -> Json:
    """The context without references to others."""
    return _Inliner(_needed({"@context": context}, base, contexts)).context(context, base)


def loaded(content: bytes) -> Json:
    """The JSON document in the content, or Malformed."""
    bounds.require_shallow_json(content)
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Malformed(f"The content is not JSON: {error.msg}.", error.lineno, error.colno) from error
    except ValueError as error:
        raise Malformed("The content is not JSON: it is not UTF-8, or has a number of too many digits.") from error


def dumped(document: Json, indent: int | None = None) -> bytes:
    """The JSON document as bytes, or Malformed when it has something that no JSON can hold."""
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent).encode()
    except ValueError as error:
        raise Malformed("The content has half a character in a string, or a number that is too large.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"The content is not JSON: {name} is not a number.")


def _needed(document: Json, base: str, known: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """Every context that the document or one of its contexts refers to; None where nobody gave it.

    Those that are shipped refer to no others.
    """
    found: dict[str, bytes | None] = {}
    waiting = list(_references(document, base))
    while waiting:
        url = waiting.pop()
        if url in found:
            continue
        found[url] = known.get(url) or SHIPPED.get(url)
        if url in known:
            waiting.extend(_references(_context_in(known[url], url), url))
    return found


def _references(node: Json, base: str) -> Iterator[str]:
    """The absolute URLs that stand where a context is expected, anywhere in the node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            if "@context" in one:
                yield from _named(one["@context"], base)
            waiting.extend(one.values())


def _has_graph_containers(node: Json) -> bool:
    """Whether a context makes graphs of values; where one is a list, the fast parser would end the process."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            container = one.get("@container")
            if container == "@graph" or (isinstance(container, list) and "@graph" in container):
                return True
            waiting.extend(one.values())
    return False


def _named(context: Json, base: str) -> Iterator[str]:
    """The URLs that a context refers to itself, not in the definition of a term."""
    for entry in context if isinstance(context, list) else [context]:
        name = entry.get("@import") if isinstance(entry, dict) else entry
        if isinstance(name, str):
            yield _absolute(base, name)


def _absolute(base: str, name: str) -> str:
    try:
        url = urljoin(base, name)
        url.encode()  # half a character is in no URL
        return url
    except ValueError as error:
        raise Malformed(f"{name!r} is not the URL of a context.") from error


def _context_in(text: bytes, url: str) -> Json:
    """{"@context": …}: what the document with a context says, without anything else."""
    if text is SHIPPED.get(url):
        return _shipped(url)
    document = loaded(text)
    if not isinstance(document, dict) or "@context" not in document:
        raise Malformed(f"The document {url} is not a JSON-LD context.")
    return {"@context": document["@context"]}


@cache
def _shipped(url: str) -> Json:
    return json.loads(SHIPPED[url])


def _given(url: str, text: bytes | None) -> bytes:
    if text is None:
        raise Malformed(f"The JSON-LD context {url} is not known here; write the context into the document.")
    return text


class _Inliner:
    """Puts contexts in the place of their URLs."""

    def __init__(self, needed: Mapping[str, bytes | None]) -> None:
        self._texts = {url: _given(url, text) for url, text in needed.items()}
        self._known: dict[str, tuple[Json, int]] = {}
        self._open: set[str] = set()
        self._size = 0

    def inlined(self, node: Json, base: str) -> Json:
        """The node with every context in it inlined."""
        if isinstance(node, list):
            return [self.inlined(one, base) for one in node]
        if not isinstance(node, dict):
            return node
        return {
            key: self.context(value, base) if key == "@context" else self.inlined(value, base)
            for key, value in node.items()
        }

    def context(self, context: Json, base: str) -> Json:
        """A context, or list of them, in which no URL stands for one."""
        if isinstance(context, list):
            found = [self.context(one, base) for one in context]
            return [part for one in found for part in (one if isinstance(one, list) else [one])]
        if isinstance(context, str):
            return self._remote(_absolute(base, context))
        if not isinstance(context, dict):
            return context
        own = {key: self.inlined(one, base) for key, one in context.items() if key != "@import"}
        if not isinstance(context.get("@import"), str):
            return {**context, **own}
        url = _absolute(base, context["@import"])
        imported = self._remote(url)
        if not isinstance(imported, dict):
            raise Malformed(f"The context {url} cannot be imported: it is not one JSON object.")
        return {**imported, **own}

    def document(self, url: str) -> Json:
        """The document with a context, as it is."""
        return _context_in(self._texts[url], url)

    def _remote(self, url: str) -> Json:
        """The context at the URL; without a base, which it does not set for others (JSON-LD 1.1 API, 5.1)."""
        if url not in self._known:
            if url in self._open:
                raise Malformed(f"The JSON-LD context {url} refers to itself.")
            self._open.add(url)
            before = self._size
            context = _without_base(self.context(self.document(url)["@context"], url))
            self._open.remove(url)
            self._known[url] = (context, self._size - before + len(self._texts[url]))
            self._size = before
        context, size = self._known[url]
        self._size += size
        if self._size > LIMIT_INLINED:
            raise Malformed("The JSON-LD contexts are too large together; use one, at the top of the document.")
        return context


def _without_base(context: Json) -> Json:
    if isinstance(context, list):
        return [_without_base(one) for one in context]
    if isinstance(context, dict):
        return {key: value for key, value in context.items() if key != "@base"}
    return context


def _expanded(document: Json, base: str, inliner: _Inliner) -> Json:
    """The document without contexts, by a processor that knows what is data."""
    from pyld import jsonld as pyld  # noqa: PLC0415 - few documents need it, and it takes 30 MB

    def load(url: str, _options: object) -> dict[str, Json]:
        return {"contextUrl": None, "documentUrl": url, "document": inliner.document(url)}

    try:
        return pyld.expand(document, {"base": base, "documentLoader": load})
    except (pyld.JsonLdError, *LOST) as error:
        raise Malformed(f"The content cannot be read as JSON-LD: {error}.") from error
