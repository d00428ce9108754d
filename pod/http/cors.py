"""Cross-origin requests (Solid Protocol, 8.1; Fetch, 3.2). Every app runs on another origin."""

import re
from functools import lru_cache

from pod.http.request import Header, Request, Response

# server-cors-aceh: every header in use.
EXPOSED = (
    "Accept, Accept-Patch, Accept-Post, Accept-Put, Accept-Ranges, Allow, Cache-Control, Content-Language,"
    " Content-Length, Content-Range, Content-Security-Policy, Content-Type, DPoP-Nonce, Date, ETag, Last-Modified,"
    " Link, Location, MS-Author-Via, Retry-After, Updates-Via, Vary, WAC-Allow, WWW-Authenticate,"
    " X-Content-Type-Options"
)
SENT = (
    "Accept, Authorization, Content-Type, DPoP, If-Match, If-Modified-Since, If-None-Match, If-Range,"
    " If-Unmodified-Since, Link, Range, Slug"
)
"""What apps send, named where the request does not say."""
METHODS = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
DAY = b"86400"
_ORIGIN = re.compile(rb"null|[a-z][a-z0-9+.-]*://[\x21-\x2e\x30-\x7e]+", re.IGNORECASE)


@lru_cache(maxsize=1024)
def headers(origin: bytes) -> tuple[Header, ...]:
    """What an answer to a request from `origin` carries, whatever its status."""
    return (
        # server-cors-acao-vary: never `*`, as requests have credentials.
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", EXPOSED.encode()),
        (b"access-control-allow-headers", SENT.encode()),
    )


def origin(request: Request) -> bytes | None:
    """The origin that the request comes from; None when it names none that is one."""
    value = request.raw(b"origin")
    return value if value is not None and _ORIGIN.fullmatch(value) else None


def is_preflight(request: Request) -> bool:
    """Whether the browser asks before it sends the request itself."""
    return request.method == "OPTIONS" and b"access-control-request-method" in request and origin(request) is not None


def preflight(request: Request, allowed: tuple[str, ...]) -> Response:
    """Yes, without asking who it is: browsers send no credentials here. The headers asked for are echoed."""
    method = request.get(b"access-control-request-method") or ""
    wanted = request.get(b"access-control-request-headers") or SENT
    methods = METHODS if method in METHODS.split(", ") else f"{METHODS}, {method}"
    return Response(
        204,
        [
            (b"access-control-allow-origin", origin(request) or b"null"),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", methods.encode("latin-1")),
            (b"access-control-allow-headers", wanted.encode("latin-1")),
            (b"access-control-expose-headers", EXPOSED.encode()),
            (b"access-control-max-age", DAY),
            (b"allow", ", ".join(allowed).encode()),
            (b"vary", b"Accept, Authorization, Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        ],
    )
