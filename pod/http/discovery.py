"""What a storage says about itself (Solid Protocol, 4.1)."""

import hashlib

from pod.http.answer import NOSNIFF, REVALIDATE, VARY
from pod.http.request import Request, Response
from pod.model.resource import Pod
from pod.rdf import formats, negotiate
from pod.rdf.formats import TURTLE
from pod.rdf.graph import NamedNode, Triple
from pod.rdf.vocab import PIM, RDF, SOLID
from pod.rules import names

ALLOWED = ("GET", "HEAD", "OPTIONS")


def storage(pod: Pod, request: Request) -> Response:
    """The storage description of a pod (server-storage-description-resource); everyone may read it."""
    media_type = negotiate.choose(request.get(b"accept"), TURTLE, listing=True)
    root = NamedNode(pod.root)
    statements = (
        # storage-description-rdf-type
        Triple(root, NamedNode(RDF.type), NamedNode(PIM.Storage)),
        Triple(root, NamedNode(SOLID.storageDescription), NamedNode(names.storage_description(pod.root))),
    )
    content = formats.serialise(statements, media_type, {"pim": "http://www.w3.org/ns/pim/space#"})
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    link = f'<{names.storage_description(pod.root)}>; rel="{SOLID.storageDescription}"'
    headers = [
        (b"etag", tag.encode()),
        (b"link", link.encode()),
        (b"allow", ", ".join(ALLOWED).encode()),
        VARY,
        REVALIDATE,
        NOSNIFF,
    ]
    if request.get(b"if-none-match") == tag:
        return Response(304, headers)
    headers += [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(content))]
    return Response(200, headers, content if request.method == "GET" else b"")
