"""What was read or written, as a response: every header of a resource is made here."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache

from pod.access.decide import wac_allow
from pod.cache import Cache
from pod.http import preconditions, ranges
from pod.http.ranges import Multipart, Span
from pod.http.request import Header, Request, Response
from pod.model.representation import Document, Outcome
from pod.model.resource import Blob, Kind, Resource, Uri
from pod.rdf.formats import essence
from pod.rules import conditions, links, methods, names

Stream = Callable[[Blob, int, int | None], AsyncIterator[bytes]]

VARY: Header = (b"vary", b"Accept, Authorization, Origin")
NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
# Without this a browser may use an old answer for hours, since it may guess a lifetime from
# Last-Modified (RFC 9111, 4.2.2); with it, it asks with the ETag each time.
REVALIDATE: Header = (b"cache-control", b"no-cache")
SANDBOX: Header = (b"content-security-policy", b"sandbox")
MS_AUTHOR_VIA: Header = (b"ms-author-via", b"SPARQL")
_WRAPPED = ("multipart/", "message/")
"""What holds further content with types of its own; a browser may show a part as the page that it says it is."""
_ACTIVE = frozenset({"text/html", "text/xml", "text/xsl", "application/xml", "application/pdf"})

HEADS = 10_000


@dataclass(frozen=True, slots=True)
class _Head:
    """The headers of a document, ready to be sent."""

    etag: bytes
    shared: list[Header]
    """Those of every status."""
    whole: list[Header]
    """Those of a 200."""


class Answers:
    """Makes responses; headers of a document are made once for as long as it is the same."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._heads: Cache[tuple[str, str], _Head] = Cache(HEADS)

    def read(self, document: Document, request: Request) -> Response:
        """The answer to GET or HEAD: 200, 206 or 304.

        Raises PreconditionFailed and RangeNotSatisfiable.
        """
        # No two representations share an ETag, and what they share is the same for all who may do the same.
        key = (document.etag, wac_allow(document.grants, document.public))
        head = self._heads.get(key)
        if head is None:
            head = _head(document)
            self._heads.put(key, head)
        asked = preconditions.of(request)
        conditions.check_read(asked, document.resource, document.etag)
        if conditions.not_modified(asked, document.resource, document.etag):
            return Response(304, head.shared)
        if request.method == "HEAD":
            return Response(200, head.whole)
        if b"range" in request and _range_applies(request, document):
            found = ranges.spans(request.get(b"range") or "", document.size)
            if found is not None:
                return self._partial(document, head, found)
        return Response(200, head.whole, self._body(document, 0, document.size))

    def _body(self, document: Document, start: int, end: int) -> bytes | AsyncIterator[bytes]:
        content = document.content
        if isinstance(content, Blob):
            return self._stream(content, start, end)
        return content if end - start == len(content) else content[start:end]

    def _partial(self, document: Document, head: _Head, found: Sequence[Span]) -> Response:
        if len(found) == 1:
            ((start, end),) = found
            about = [
                (b"content-type", document.media_type.encode()),
                (b"content-length", b"%d" % (end - start)),
                (b"content-range", b"bytes %d-%d/%d" % (start, end - 1, document.size)),
            ]
            return Response(206, [*about, *head.shared], self._body(document, start, end))
        parts = Multipart(found, document.media_type, document.size)
        about = [(b"content-type", parts.media_type.encode()), (b"content-length", b"%d" % parts.length)]
        return Response(206, [*about, *head.shared], parts.body(lambda start, end: self._pieces(document, start, end)))

    async def _pieces(self, document: Document, start: int, end: int) -> AsyncIterator[bytes]:
        body = self._body(document, start, end)
        if isinstance(body, bytes):
            yield body
            return
        async for piece in body:
            yield piece


def _range_applies(request: Request, document: Document) -> bool:
    """If-Range (RFC 9110, 13.1.5): the part is wanted only of the version that the client has."""
    value = request.get(b"if-range")
    if value is None:
        return True
    if value.startswith(('"', "W/")):
        return value.strip() == document.etag
    resource = document.resource
    return not resource.shared_second and preconditions.date(value) == conditions.last_modified(resource)


def _head(document: Document) -> _Head:
    resource, view = document.resource, document.view
    root = view.pod.root if view.pod else None
    tag = document.etag.encode()
    shared = [
        (b"etag", tag),
        (b"last-modified", last_modified(conditions.last_modified(resource))),
        (b"wac-allow", wac_allow(document.grants, document.public).encode()),
        *about(resource.uri, root),
        VARY,
        REVALIDATE,
        NOSNIFF,
        *sandbox(document.media_type),
    ]
    whole = [
        (b"content-type", document.media_type.encode()),
        (b"content-length", b"%d" % document.size),
        (b"accept-ranges", b"bytes"),
        *shared,
    ]
    return _Head(tag, shared, whole)


@lru_cache(maxsize=4096)
def about(uri: Uri, root: Uri | None) -> tuple[Header, ...]:
    """What is true of the resource whatever is there: Link, Allow, Accept-*."""
    accepted = [(name.lower().encode(), value.encode()) for name, value in methods.accepted(uri)]
    return (*linked(uri, root), allow(uri, root), *accepted, MS_AUTHOR_VIA)


@lru_cache(maxsize=4096)
def linked(uri: Uri, root: Uri | None) -> tuple[Header, ...]:
    """The Link header; one line, since some clients read only the first."""
    value = ", ".join(f'<{target}>; rel="{relation}"' for target, relation in links.of(uri, root))
    return ((b"link", value.encode()),)


def allow(uri: Uri, root: Uri | None) -> Header:
    """The methods that the resource supports."""
    return (b"allow", ", ".join(methods.allowed(uri, root)).encode())


def sandbox(media_type: str) -> tuple[Header, ...]:
    """What a person stored must not act in the server's name: no scripts in what browsers would run."""
    kind = essence(media_type)
    return (SANDBOX,) if kind in _ACTIVE or kind.endswith("+xml") or kind.startswith(_WRAPPED) else ()


@lru_cache(maxsize=4096)
def last_modified(seconds: int) -> bytes:
    """An IMF-fixdate (RFC 9110, 5.6.7)."""
    return formatdate(seconds, usegmt=True).encode()


def written(outcome: Outcome) -> Response:
    """The answer to a write: 201 with Location, or 204."""
    root = outcome.pod.root if outcome.pod else None
    headers: list[Header] = []
    resource = outcome.resource
    if outcome.created:
        headers += [(b"location", outcome.uri.encode()), (b"content-length", b"0")]
    if resource is not None:
        headers += _validators(resource, outcome.etag)
    headers += [*linked(outcome.uri, root), allow(outcome.uri, root), VARY, NOSNIFF]
    return Response(201 if outcome.created else 204, headers)


def removed(outcome: Outcome) -> Response:
    """The answer to a DELETE: 205, as of the servers that were first; LDO takes any other status for a failure."""
    root = outcome.pod.root if outcome.pod else None
    # RFC 9110, 15.3.6: the length of a 205 is told.
    headers: list[Header] = [(b"content-length", b"0"), *linked(outcome.uri, root), allow(outcome.uri, root)]
    return Response(205, [*headers, VARY, NOSNIFF])


def _validators(resource: Resource, etag: str | None) -> list[Header]:
    modified = (b"last-modified", last_modified(conditions.last_modified(resource)))
    # RFC 9110, 9.3.4: no ETag for what was not kept as it came, and a container is not.
    if resource.kind is Kind.CONTAINER or etag is None:
        return [modified]
    return [(b"etag", etag.encode()), modified]


def options(uri: Uri, root: Uri | None) -> Response:
    """The answer to OPTIONS: what can be done, whoever asks and whatever is there."""
    described = () if names.fault(uri) else about(uri, root)
    return Response(204, [*described, VARY, NOSNIFF])
