"""What a storage says about itself (Solid Protocol, 4.1), and what the server says of a single resource."""

import hashlib
import re
from collections.abc import Sequence

from pod.errors import NotAcceptable, NotAllowed
from pod.http import preconditions
from pod.http.answer import NOSNIFF, REVALIDATE, VARY, about, last_modified
from pod.http.request import Header, Request, Response
from pod.model.resource import Kind, Pod, Uri, View
from pod.rdf import formats, negotiate
from pod.rdf.formats import JSON_LD, TURTLE, essence
from pod.rdf.graph import NamedNode, Triple
from pod.rdf.vocab import PIM, RDF, SOLID
from pod.rules import names

ALLOWED = ("GET", "HEAD", "OPTIONS")
_SECOND = 1_000_000
_CONTEXT = "https://www.w3.org/ns/solid/notifications-context/v1"
_PROFILE = re.compile(rf'application/ld\+json\s*;\s*profile\s*=\s*"?[^",;]*{re.escape(_CONTEXT)}', re.IGNORECASE)
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


def is_asked(request: Request, uri: Uri) -> bool:
    """Whether the request may be for what the server says of a resource, and not for what its owner does."""
    if request.method not in {"GET", "HEAD"} or names.kind(uri) is not Kind.DESCRIPTION:
        return False
    try:
        return essence(negotiate.choose(request.get(b"accept"), TURTLE)) == JSON_LD
    except NotAcceptable:
        return False


def resource(view: View, request: Request, content: bytes) -> Response | None:
    """The description of a resource by the server alone, for whoever may read it; None where there is none.

    It is what the owner of the resource has left to say: who asks for JSON-LD gets it as long as there is no other
    description, and whoever asks for the profile of notifications in any case. All others edit or copy what they get.
    """
    wanted = _PROFILE.search(request.get(b"accept") or "") is not None
    if view.subject is None or (view.target is not None and not wanted):
        return None
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    root = None if view.pod is None else view.pod.root
    headers = [(b"etag", tag.encode()), *about(view.uri, root), VARY, REVALIDATE, NOSNIFF]
    if any(one.removeprefix("W/") == tag for one in preconditions.of(request).if_none_match or ()):
        return Response(304, headers)
    media_type = f'{JSON_LD};profile="{_CONTEXT}"' if wanted else JSON_LD
    headers += [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(content))]
    return Response(200, headers, content if request.method == "GET" else b"")


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
