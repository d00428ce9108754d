"""JSON-LD documents with remote contexts, which the parser does not load itself.

Contexts are put in the place of the URLs that name them, so that the fast parser can read
the document. Contexts that the server ships need not be fetched.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from pod.errors import Malformed, PodError
from pod.rdf.contexts import SHIPPED

FLAT = b"#flat\n"
"""Begins a document that had to be flattened to N-Quads to be understood; a comment there."""
DEPTH = 16

Json = Any  # the shape of a JSON document is known only when it has been looked at


def remote_contexts(content: bytes, base: str, known: Mapping[str, bytes]) -> frozenset[str]:
    """The URLs of contexts that the document, or one of the `known` ones, needs and nobody gave.

    Malformed when the document is no JSON.
    """
    if b"@context" not in content:
        return frozenset()
    missing: set[str] = set()
    seen: set[str] = set()
    waiting = list(_references(_loaded(content), base))
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        text = known.get(url) or SHIPPED.get(url)
        if text is None:
            missing.add(url)
        else:
            waiting.extend(_references(_loaded(text), url))
    return frozenset(missing)


def self_contained(content: bytes, base: str, contexts: Mapping[str, bytes]) -> bytes:
    """The same document without references to remote contexts; unchanged when it has none.

    Malformed when it is no JSON, or when a context is not among `contexts`.
    """
    if b"@context" not in content:
        return content
    document = _loaded(content)
    references = set(_references(document, base))
    if not references:
        return content
    texts = [contexts.get(url) or SHIPPED.get(url) or b"" for url in references]
    if b'"@json"' in content or any(b'"@json"' in text for text in texts):
        # Inside a JSON literal "@context" is data. Only a full processor knows where one begins.
        return FLAT + _flattened(document, base, contexts)
    return json.dumps(_inlined(document, base, contexts, 0), ensure_ascii=False).encode()


def _loaded(content: bytes) -> Json:
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise Malformed(f"The content is not JSON: {error.msg}.", error.lineno, error.colno) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Malformed("The content is not JSON: it is not UTF-8, or nested too deeply.") from error


def _references(node: Json, base: str) -> Iterator[str]:
    """The absolute URLs that stand where a context is expected, anywhere in the node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            for key, value in one.items():
                if key == "@context":
                    entries = value if isinstance(value, list) else [value]
                    yield from (urljoin(base, entry) for entry in entries if isinstance(entry, str))
                elif key == "@import" and isinstance(value, str):
                    yield urljoin(base, value)
                if isinstance(value, dict | list):
                    waiting.append(value)


def _inlined(node: Json, base: str, contexts: Mapping[str, bytes], depth: int) -> Json:
    if isinstance(node, list):
        return [_inlined(one, base, contexts, depth) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _context(value, base, contexts, depth) if key == "@context" else _inlined(value, base, contexts, depth)
        for key, value in node.items()
    }


def _context(value: Json, base: str, contexts: Mapping[str, bytes], depth: int) -> Json:
    """A context, or list of them, in which no URL stands for one."""
    if depth > DEPTH:
        raise Malformed(f"The JSON-LD contexts refer to each other more than {DEPTH} deep; use fewer.")
    if isinstance(value, list):
        found = [_context(one, base, contexts, depth) for one in value]
        return [part for one in found for part in (one if isinstance(one, list) else [one])]
    if isinstance(value, str):
        url = urljoin(base, value)
        context = _context(_context_of(url, contexts), url, contexts, depth + 1)
        return _without_base(context)
    if isinstance(value, dict):
        own = {key: _inlined(one, base, contexts, depth + 1) for key, one in value.items()}
        imported = own.pop("@import", None)
        if not isinstance(imported, str):
            return own
        url = urljoin(base, imported)
        found = _context(_context_of(url, contexts), url, contexts, depth + 1)
        if not isinstance(found, dict):
            raise Malformed(f"The context {url} cannot be imported: it is not one JSON object.")
        return {**found, **own}
    return value


def _without_base(context: Json) -> Json:
    """A remote context does not set the base of the document that uses it (JSON-LD 1.1 API, 5.1)."""
    if isinstance(context, list):
        return [_without_base(one) for one in context]
    if isinstance(context, dict):
        return {key: value for key, value in context.items() if key != "@base"}
    return context


def _context_of(url: str, contexts: Mapping[str, bytes]) -> Json:
    text = contexts.get(url) or SHIPPED.get(url)
    if text is None:
        raise Malformed(f"The JSON-LD context {url} is not known here; write the context into the document.")
    document = _loaded(text)
    if not isinstance(document, dict) or "@context" not in document:
        raise Malformed(f"The document {url} is not a JSON-LD context.")
    return document["@context"]


def _flattened(document: Json, base: str, contexts: Mapping[str, bytes]) -> bytes:
    def load(url: str, _options: object) -> dict[str, Json]:
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": {"@context": _context_of(url, contexts)},
        }

    # Imported where it is used: it is large, and few servers ever need it.
    from pyld import jsonld as pyld  # noqa: PLC0415

    options = {"base": base, "format": "application/n-quads", "documentLoader": load}
    try:
        return str(pyld.to_rdf(document, options)).encode()
    except PodError:
        raise
    except pyld.JsonLdError as error:
        raise Malformed(f"The content cannot be read as JSON-LD: {error}.") from error


def compacted(quads_as_jsonld: bytes, original: bytes, base: str, contexts: Mapping[str, bytes]) -> bytes:
    """Expanded JSON-LD, compacted with the context of the original document, if it has one at its top."""
    source = _loaded(original) if original else None
    context = source.get("@context") if isinstance(source, dict) else None
    if context is None:
        return quads_as_jsonld
    from pyld import jsonld as pyld  # noqa: PLC0415 - as above

    inlined = _context(context, base, contexts, 0)
    try:
        found = pyld.compact(_loaded(quads_as_jsonld), {"@context": inlined}, {"base": base, "graph": False})
    except pyld.JsonLdError as error:
        raise Malformed(f"The content cannot be written with its own context: {error}.") from error
    found["@context"] = context
    return json.dumps({"@context": context, **found}, ensure_ascii=False, indent=2).encode()
