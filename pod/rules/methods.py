"""What a resource supports: Allow and Accept-* (Solid Protocol, 5.2)."""

from functools import lru_cache

from pod.model.resource import Kind, Uri
from pod.rdf.edit import ACCEPTED
from pod.rdf.formats import FORMATS
from pod.rules import names

ACCEPT_PATCH = ", ".join(ACCEPTED)
ACCEPT_RDF = ", ".join(FORMATS)
ACCEPT_ANY = "*/*"


@lru_cache(maxsize=names.KEPT)
def allowed(uri: Uri, root: Uri | None) -> tuple[str, ...]:
    """The methods of the resource, whoever asks; `root` is that of its pod."""
    kind = names.kind(uri)
    found = ["GET", "HEAD", "OPTIONS"]
    if kind is Kind.CONTAINER:
        found.append("POST")
    found += ["PUT", "PATCH"]
    # server-disallow-delete
    if root is None or uri not in {root, names.policy_of(root)}:
        found.append("DELETE")
    return tuple(found)


def accepted(uri: Uri) -> tuple[tuple[str, str], ...]:
    """Pairs of header name and value that say what content each writing method takes (server-accept-headers)."""
    kind = names.kind(uri)
    content = ACCEPT_ANY if kind is Kind.DOCUMENT else ACCEPT_RDF
    found = [("Accept-Patch", ACCEPT_PATCH), ("Accept-Put", content)]
    if kind is Kind.CONTAINER:
        found.append(("Accept-Post", ACCEPT_ANY))
    return tuple(found)
