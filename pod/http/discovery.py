"""What a storage says about itself (Solid Protocol, 4.1)."""

import hashlib
from collections.abc import Sequence

from pod.errors import NotAllowed
from pod.http import preconditions
from pod.http.answer import NOSNIFF, REVALIDATE, VARY, last_modified
from pod.http.request import Header, Request, Response
from pod.model.resource import Pod
from pod.rdf import formats, negotiate
from pod.rdf.formats import TURTLE
from pod.rdf.graph import NamedNode, Triple
from pod.rdf.vocab import PIM, RDF, SOLID
from pod.rules import names

ALLOWED = ("GET", "HEAD", "OPTIONS")
_SECOND = 1_000_000
_PREFIXES = {
    "notify": "http://www.w3.org/ns/solid/notifications#",
    "pim": "http://www.w3.org/ns/pim/space#",
    "solid": "http://www.w3.org/ns/solid/terms#",
}


def storage(pod: Pod, request: Request, further: Sequence[Triple] = ()) -> Response:
    """The answer about the storage description of a pod (server-storage-description-resource); everyone may read it.

    `further` is what else it says. Raises NotAllowed, NotAcceptable.
    """
    match request.method:
        case "OPTIONS":
            return Response(204, _about(pod))
        case "GET" | "HEAD":
            return _read(pod, request, further)
        case _:
            raise NotAllowed("The server itself writes the description of a storage.", ALLOWED)


def _about(pod: Pod) -> list[Header]:
    link = f'<{names.storage_description(pod.root)}>; rel="{SOLID.storageDescription}"'
    return [(b"link", link.encode()), (b"allow", ", ".join(ALLOWED).encode()), VARY, NOSNIFF]


def _read(pod: Pod, request: Request, further: Sequence[Triple]) -> Response:
    media_type = negotiate.choose(request.get(b"accept"), TURTLE, listing=True)
    root = NamedNode(pod.root)
    statements = (
        # storage-description-rdf-type
        Triple(root, NamedNode(RDF.type), NamedNode(PIM.Storage)),
        Triple(root, NamedNode(SOLID.storageDescription), NamedNode(names.storage_description(pod.root))),
        *further,
    )
    content = formats.serialise(statements, media_type, _PREFIXES)
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    headers = [
        (b"etag", tag.encode()),
        (b"last-modified", last_modified(pod.created // _SECOND)),
        (b"wac-allow", b'user="read",public="read"'),
        REVALIDATE,
        *_about(pod),
    ]
    if _is_known(request, tag, pod.created // _SECOND):
        return Response(304, headers)
    headers += [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(content))]
    return Response(200, headers, content if request.method == "GET" else b"")


def _is_known(request: Request, tag: str, date: int) -> bool:
    asked = preconditions.of(request)
    if asked.if_none_match is not None:
        return any(one.removeprefix("W/") in {tag, "*"} for one in asked.if_none_match)
    return asked.if_modified_since is not None and date <= asked.if_modified_since
