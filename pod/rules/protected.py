"""Protected statements: what a document says of itself by which its owner's identity or storage could be taken over.

Whoever may write a profile could name another identity provider in it, and from then on sign in as its owner.
So what is said by these properties of the document, or of a fragment of it, changes only for who controls it.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pod.model.resource import Uri
from pod.rdf.formats import N_QUADS, N_TRIPLES, TRIG, TURTLE, essence
from pod.rdf.graph import BlankNode, DefaultGraph, NamedNode, Quad, Term
from pod.rdf.vocab import PIM, SOLID
from pod.rules import names

Statements = frozenset[tuple[str, str, str]]
"""Subject, predicate and object; the object as in N-Triples, and a blank node without its label.

After the object of a statement in a named graph comes the name of the graph, as in N-Quads.
"""
NONE: Statements = frozenset()

PROPERTIES: Mapping[str, str] = MappingProxyType(
    {
        # Who may say that somebody is this WebID, and what proves it to one who is to say so.
        SOLID.oidcIssuer: "solid:oidcIssuer",
        SOLID.oidcIssuerRegistrationToken: "solid:oidcIssuerRegistrationToken",
        # Whose storage this is, and where apps are to keep what they have.
        SOLID.owner: "solid:owner",
        PIM.storage: "pim:storage",
    }
)
"""The properties, each with the name by which people know it."""

_TAILS = tuple({f"{iri.rpartition('/')[2].partition('#')[0]}#".encode() for iri in PROPERTIES})
_PLAIN = frozenset({TURTLE, N_TRIPLES, TRIG, N_QUADS})


def is_free(content: bytes, media_type: str) -> bool:
    """Whether the characters alone show that the content has no such statement. No claim is made otherwise.

    In these syntaxes an IRI is one token, or a prefix and a local name. Without a backslash, a local name has neither
    slash nor number sign, and nothing else stands for a character of an IRI. So the number sign, and before it the last
    segment of the namespace, which no resolution changes, are in one token; or the segment comes from a base
    that is declared, as the document itself is in none of these namespaces.
    """
    if essence(media_type) not in _PLAIN or b"\\" in content or any(tail in content for tail in _TAILS):
        return False
    return b"base" not in content.lower()


def statements(quads: Iterable[Quad], uri: Uri) -> Statements:
    """The protected statements among those of the document at `uri`.

    Here only the default graph is read, but others who ask the document who vouches for its owner may read all of it.
    """
    found = set()
    for quad in quads:
        if is_protected(quad, uri):
            subject, graph = quad.subject, quad.graph_name
            assert isinstance(subject, NamedNode)  # so says is_protected
            said = (quad.object,) if isinstance(graph, DefaultGraph) else (quad.object, graph)
            found.add((subject.value, quad.predicate.value, " ".join(map(_term, said))))
    return frozenset(found) if found else NONE


def is_protected(quad: Quad, uri: Uri) -> bool:
    """Whether it says something protected of the document at `uri`, or of a fragment of it."""
    subject = quad.subject
    return quad.predicate.value in PROPERTIES and isinstance(subject, NamedNode) and _is_within(subject.value, uri)


def _term(term: Term) -> str:
    return "[]" if isinstance(term, BlankNode) else str(term)


def with_contexts(found: Statements, contexts: Iterable[str], uri: Uri) -> Statements:
    """The statements, if there are any, with the remote contexts that they take their meaning from.

    This server keeps its copy of a context; another that reads the document asks whoever has the context.
    """
    return found | {(uri, CONTEXT, f"<{url}>") for url in contexts} if found else NONE


CONTEXT = "@context"


def _is_within(iri: str, uri: Uri) -> bool:
    """Whether the IRI is that of the document or of a fragment of it, in any spelling."""
    try:
        return names.canonical(iri) == uri
    except ValueError:
        return False


def told(changed: Statements) -> str:
    """The first of the statements, for people."""
    subject, predicate, value = min(changed)
    return f"<{subject}> {PROPERTIES.get(predicate, predicate)} {value}"
