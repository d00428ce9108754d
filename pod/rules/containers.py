"""What the server itself says about a container and what lies in it, and how that is guarded."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from pod.errors import Conflict
from pod.model.resource import Child, Kind, Resource, Uri
from pod.rdf import formats
from pod.rdf.formats import JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE, essence
from pod.rdf.graph import DefaultGraph, Literal, NamedNode, Triple
from pod.rdf.vocab import DCTERMS, LDP, RDF, STAT, XSD
from pod.rules import names, protected

_SECOND = 1_000_000
_CONTAINER = (LDP.Resource, LDP.BasicContainer, LDP.Container)
_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "dc": "http://purl.org/dc/terms/",
        "ldp": "http://www.w3.org/ns/ldp#",
        "posix": "http://www.w3.org/ns/posix/stat#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
_MEDIA_TYPE_CLASS = "http://www.w3.org/ns/iana/media-types/"
_CONTAINMENT = "What a container holds is managed by the server; create or delete the resource itself."
_METADATA = "What the server says about the members of a container cannot be changed here."
_MEMBER_FACTS = frozenset({RDF.type, DCTERMS.modified, STAT.mtime, STAT.size})


def representation(
    own: bytes,
    media_type: str,
    container: Resource,
    children: Sequence[Child],
    described: Sequence[Triple] = (),
) -> bytes:
    """The container as a whole: what the server says, then what clients said: `own`, as Turtle, and `described`."""
    reader = formats.parser(own, TURTLE, container.uri)
    said = [quad.triple for quad in formats.relabelled(formats.guarded(reader))]
    there = dict.fromkeys([*_managed(container.uri, children), *said, *described])
    return formats.serialise(there, media_type, {**_PREFIXES, **reader.prefixes})


def whole(
    own: bytes,
    media_type: str,
    container: Resource,
    children: Sequence[Child],
    described: Sequence[Triple] = (),
) -> bytes:
    """The same, in the quicker way where clients said nothing."""
    made = None if own or described else listing(media_type, container, children)
    return representation(own, media_type, container, children, described) if made is None else made


def described(content: bytes, description: Resource, container: Uri, contexts: Mapping[str, bytes]) -> Sequence[Triple]:
    """What the description of a container adds to its representation: all but what others alone may say of it.

    That is the server, and where its owner's identity and storage are concerned who controls it: to write a
    description takes no control. Community Solid Server shows it there too, and soukai looks for the names of
    containers nowhere else.
    """
    reader = formats.parser(content, description.media_type, description.uri, contexts)
    statements = formats.relabelled(formats.guarded(reader), "d")
    plain = [quad for quad in statements if isinstance(quad.graph_name, DefaultGraph)]
    free = [quad.triple for quad in plain if not protected.is_protected(quad, container)]
    return [triple for triple in free if _objection(triple, container) is None]


def own(
    content: bytes,
    media_type: str,
    container: Uri,
    children: Sequence[Child],
    contexts: Mapping[str, bytes],
    *,
    whole: bool = False,
) -> bytes:
    """What a client says about a container that holds `children`, as Turtle, without what the server says.

    Conflict when the content states what only the server may, or with `whole` leaves out some of it.
    """
    reader = formats.parser(content, media_type, container, contexts)
    statements = list(dict.fromkeys(formats.guarded(reader)))
    if not all(isinstance(quad.graph_name, DefaultGraph) for quad in statements):
        raise Conflict("A container holds no named graphs; put them into a document.")
    managed = frozenset(_managed(container, children))
    if whole and not managed.issubset(quad.triple for quad in statements):
        raise Conflict(_CONTAINMENT)
    # Clients send back what they got: what repeats the server is dropped.
    kept = [quad for quad in statements if quad.triple not in managed]
    for quad in kept:
        objection = _objection(quad.triple, container)
        if objection is not None:
            raise Conflict(objection)
    if len(kept) == len(statements) and essence(media_type) == TURTLE:
        return content
    return formats.serialise(formats.relabelled(kept), TURTLE, reader.prefixes) if kept else b""


def listing(media_type: str, container: Resource, children: Sequence[Child]) -> bytes | None:
    """The server-managed triples as text, or None for a type that has to be made from a graph.

    Written without a graph: a listing of 10,000 must not take a second.
    """
    kind = essence(media_type)
    if kind in {TURTLE, TRIG}:
        return _turtle(container, children)
    if kind in {N_TRIPLES, N_QUADS}:
        return _n_triples(container, children)
    return _json_ld(container, children) if kind == JSON_LD else None


def _objection(triple: Triple, container: Uri) -> str | None:
    """Why only the server may say this, be the resource there yet or not; None when anybody may."""
    subject = Uri(triple.subject.value if isinstance(triple.subject, NamedNode) else "")
    # server-protect-containment.409
    if triple.predicate.value == LDP.contains and subject == container:
        return _CONTAINMENT
    # server-protect-contained-resource-metadata.409
    child = subject.startswith(container) and "#" not in subject and names.parent(subject) == container
    if child and triple.predicate.value in _MEMBER_FACTS:
        return _METADATA
    return None


def _date(resource: Child) -> str:
    """The xsd:dateTime that says the same as Last-Modified (dcterms-modified-corresponds-last-modified)."""
    moment = datetime.fromtimestamp(resource.modified // _SECOND, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _classes(resource: Resource | Child) -> tuple[str, ...]:
    if resource.kind is Kind.CONTAINER:
        return _CONTAINER
    # contained-resource-metadata-rdf-type: only what is safe in an IRI, which all registered types are.
    kind = essence(resource.media_type)
    if all(character.isalnum() or character in "/+.-_!#$&^" for character in kind):
        return (LDP.Resource, f"{_MEDIA_TYPE_CLASS}{kind.replace('#', '%23').replace('^', '%5E')}#Resource")
    return (LDP.Resource,)


def _managed(container: Uri, children: Sequence[Child]) -> list[Triple]:
    """Every triple that the server says."""
    own = [Triple(NamedNode(container), NamedNode(RDF.type), NamedNode(one)) for one in _CONTAINER]
    return own + [triple for child in children for triple in _facts(container, child)]


def _facts(container: Uri, child: Child) -> list[Triple]:
    node = NamedNode(child.uri)
    integer = NamedNode(XSD.integer)
    facts = [Triple(NamedNode(container), NamedNode(LDP.contains), node)]
    facts += [Triple(node, NamedNode(RDF.type), NamedNode(one)) for one in _classes(child)]
    modified = Literal(_date(child), datatype=NamedNode(XSD.dateTime))
    facts.append(Triple(node, NamedNode(DCTERMS.modified), modified))
    mtime = Literal(str(child.modified // _SECOND), datatype=integer)
    facts.append(Triple(node, NamedNode(STAT.mtime), mtime))
    if child.kind is not Kind.CONTAINER:
        facts.append(Triple(node, NamedNode(STAT.size), Literal(str(child.size), datatype=integer)))
    return facts


def _turtle(container: Resource, children: Sequence[Child]) -> bytes:
    lines = [f"@prefix {name}: <{namespace}>.\n" for name, namespace in _PREFIXES.items()]
    lines.append(f"\n<{container.uri}> a ldp:Resource, ldp:BasicContainer, ldp:Container")
    if children:
        lines.append(";\n    ldp:contains ")
        lines.append(",\n        ".join(f"<{child.uri}>" for child in children))
    lines.append(".\n")
    for child in children:
        classes = ", ".join(f"<{one}>" for one in _classes(child))
        size = "" if child.kind is Kind.CONTAINER else f";\n    posix:size {child.size}"
        lines.append(
            f'<{child.uri}> a {classes};\n    dc:modified "{_date(child)}"^^xsd:dateTime;\n'
            f"    posix:mtime {child.modified // _SECOND}{size}.\n"
        )
    return "".join(lines).encode()


def _n_triples(container: Resource, children: Sequence[Child]) -> bytes:
    lines = [f"<{container.uri}> <{RDF.type}> <{one}> .\n" for one in _classes(container)]
    for child in children:
        lines.append(f"<{container.uri}> <{LDP.contains}> <{child.uri}> .\n")
        lines += [f"<{child.uri}> <{RDF.type}> <{one}> .\n" for one in _classes(child)]
        lines.append(f'<{child.uri}> <{DCTERMS.modified}> "{_date(child)}"^^<{XSD.dateTime}> .\n')
        mtime = child.modified // _SECOND
        lines.append(f'<{child.uri}> <{STAT.mtime}> "{mtime}"^^<{XSD.integer}> .\n')
        if child.kind is not Kind.CONTAINER:
            lines.append(f'<{child.uri}> <{STAT.size}> "{child.size}"^^<{XSD.integer}> .\n')
    return "".join(lines).encode()


def _json_ld(container: Resource, children: Sequence[Child]) -> bytes:
    nodes: list[dict[str, object]] = [{"@id": container.uri, "@type": list(_classes(container))}]
    if children:
        nodes[0][LDP.contains] = [{"@id": child.uri} for child in children]
    for child in children:
        node: dict[str, object] = {
            "@id": child.uri,
            "@type": list(_classes(child)),
            DCTERMS.modified: [{"@value": _date(child), "@type": XSD.dateTime}],
            STAT.mtime: [{"@value": child.modified // _SECOND}],
        }
        if child.kind is not Kind.CONTAINER:
            node[STAT.size] = [{"@value": child.size}]
        nodes.append(node)
    return json.dumps(nodes, separators=(",", ":"), ensure_ascii=False).encode()
