"""Failures as answers: the one table from error to status, and problem documents (RFC 9457)."""

import json
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from pod import errors, events
from pod.auth.identify import challenge
from pod.http import html, pages
from pod.http.answer import NOSNIFF, VARY
from pod.http.request import Header, Request, Response
from pod.http.texts import Texts, chosen
from pod.model.access import Mode
from pod.model.resource import Kind, Uri
from pod.rdf.vocab import LDP
from pod.rules import names

STATUS: Mapping[type[errors.PodError], int] = MappingProxyType(
    {
        errors.Unauthenticated: 401,
        errors.Forbidden: 403,
        errors.NotFound: 404,
        errors.NotAllowed: 405,
        errors.NotAcceptable: 406,
        errors.Malformed: 400,
        errors.UriTooLong: 414,
        errors.Conflict: 409,
        errors.PreconditionFailed: 412,
        errors.TooLarge: 413,
        errors.UnsupportedMediaType: 415,
        errors.Unprocessable: 422,
        errors.RangeNotSatisfiable: 416,
        errors.Unreachable: 422,
        errors.ClientGone: 400,
        errors.Busy: 503,
        errors.StorageFull: 507,
        errors.Throttled: 429,
        errors.Damaged: 500,
        errors.Misconfigured: 500,
        errors.Stale: 503,
    }
)

TITLES: Mapping[int, str] = MappingProxyType(
    {
        400: "The request cannot be understood",
        401: "Please sign in",
        403: "You may not do this",
        404: "Nothing is here",
        405: "This cannot be done here",
        406: "Not available in this format",
        409: "This does not fit what is here",
        412: "It has changed meanwhile",
        413: "Too large",
        414: "The address is too long",
        415: "This format does not fit here",
        416: "Nothing in this range",
        422: "Understood, but against the rules",
        429: "Too many attempts",
        500: "Something went wrong on the server",
        503: "Busy, try again",
        507: "No room left",
    }
)

CONSTRAINED = frozenset({409, 413, 415, 422})
"""The statuses of a write that what this server keeps to does not allow."""
CONSTRAINTS: Header = (b"link", f'<{pages.CONSTRAINTS}>; rel="{LDP.constrainedBy}"'.encode())

JSON = "application/problem+json"
TEXT = "text/plain;charset=utf-8"
VARY_OF_PAGES: Header = (VARY[0], VARY[1] + b", Accept-Language")

ASK, APPS = "access_request", "apps"
"""Members of a problem document: where access can be asked for, and where a person says what apps may do."""
ASK_PATH, APPS_PATH = ".account/requests/new", ".account/apps"
NO_REMEDIES: Mapping[str, str] = MappingProxyType({})
_WISHES = MappingProxyType({"GET": Mode.READ, "HEAD": Mode.READ, "POST": Mode.APPEND})


def status(error: Exception) -> int:
    """The status of a failure: that of the nearest of its kinds that has one."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def respond(
    error: Exception, request: Request, about: tuple[Header, ...] = (), remedies: Mapping[str, str] = NO_REMEDIES
) -> Response:
    """The answer to a request that failed; `about` are headers of its target, `remedies` pages that may help, by name.

    What is not a PodError is a fault of the server: the client learns an id, and the log all of it.
    """
    instance = f"urn:uuid:{uuid.uuid4()}"
    if not isinstance(error, errors.PodError) or isinstance(error, errors.Damaged):
        events.failed(instance, error)
    if not isinstance(error, errors.PodError):
        error = errors.PodError("This is a fault of the server; its log tells more under this id.")
    code = status(error)
    events.refused(instance, code, error.message)
    texts = Texts(chosen(None, request.get(b"accept-language"))) if request.from_navigation else None
    if texts is None:
        media_type, body = _content(error, code, instance, request, remedies)
    else:
        media_type, body = html.MEDIA_TYPE, _page(error, code, instance, texts, remedies)
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        VARY if texts is None else VARY_OF_PAGES,
        NOSNIFF,
        *_headers(error, request),
        *about,
    ]
    if texts is not None:
        headers += [html.POLICY, (b"content-language", texts.language.encode())]
    if code in CONSTRAINED and request.method not in {"GET", "HEAD"}:
        headers.append(CONSTRAINTS)
    return Response(code, headers, b"" if request.method == "HEAD" else body)


def remedies(error: errors.PodError, request: Request, uri: Uri, account_url: str) -> Mapping[str, str]:
    """Where who is refused can ask for access, and change what the app may do.

    What is asked for follows from the method, and not from what is needed, which depends on what exists.
    """
    if not (isinstance(error, errors.Unauthenticated | errors.Forbidden) and error.by_policy):
        return NO_REMEDIES
    mode = Mode.CONTROL if names.kind(uri) is Kind.POLICY else _WISHES.get(request.method, Mode.WRITE)
    wish = {"resource": uri, "mode": mode}
    if isinstance(error, errors.Forbidden) and error.client is not None:
        wish["client"] = error.client
    found = {ASK: f"{account_url}{ASK_PATH}?{urlencode(wish)}"}
    if isinstance(error, errors.Forbidden) and error.limited:
        found[APPS] = f"{account_url}{APPS_PATH}"
    return found


def _content(
    error: errors.PodError, status: int, instance: str, request: Request, remedies: Mapping[str, str]
) -> tuple[str, bytes]:
    accept = request.get(b"accept") or ""
    if "text/plain" in accept and "json" not in accept:
        return TEXT, f"{error.message}\n".encode()
    title = TITLES.get(status, TITLES[500])
    facts = {"type": "about:blank", "title": title, "status": status, "detail": error.message, "instance": instance}
    # Who is not known is asked to sign in first, and then told again.
    helpful = remedies if status == 403 else NO_REMEDIES
    return JSON, json.dumps({**facts, **_facts(error), **helpful}, ensure_ascii=False).encode()


def _page(error: errors.PodError, status: int, instance: str, texts: Texts, remedies: Mapping[str, str]) -> bytes:
    """The failure for a person: in their language, and without what only programs can use."""
    title, detail = texts.say(f"failure.s{status}"), texts.sentence(error.message)
    further: tuple[str, ...] = ("missing",) if status == 404 else ("ours",) if status >= 500 else ()
    if status == 500:
        detail = texts.say("errors.fault")
    if isinstance(error, errors.Unauthenticated | errors.Forbidden) and error.by_policy:
        title, detail, further = texts.say("failure.closed"), texts.say("failure.closed-text"), ("closed-own",)
    ways = {"ask-owner": remedies.get(ASK), "let-more": remedies.get(APPS), "home": "/"}
    links = {name: href for name, href in ways.items() if href is not None}
    shown = {"status": status, "title": title, "detail": detail, "further": further, "instance": instance}
    return html.render("problem.html", texts=texts, t=texts.show, links=links, **shown)


def _facts(error: errors.PodError) -> dict[str, object]:
    """What a program can use of the error, as extension members."""
    match error:
        case errors.Malformed(line=int(line), column=column):
            return {"line": line} if column is None else {"line": line, "column": column}
        case errors.NotAcceptable():
            return {"available": list(error.available)}
        case errors.UnsupportedMediaType() if error.accepted:
            return {"accepted": list(error.accepted)}
        case errors.TooLarge():
            return {"limit": error.limit}
        case errors.NotAllowed():
            return {"allowed": list(error.allowed)}
        case _:
            return {}


def _headers(error: errors.PodError, request: Request) -> list[Header]:
    match error:
        case errors.Unauthenticated():
            return [(b"www-authenticate", challenge(error).encode("ascii"))]
        case errors.NotAllowed():
            return [(b"allow", ", ".join(error.allowed).encode())]
        case errors.UnsupportedMediaType() if error.accepted:
            # RFC 9110, 15.5.16, and RFC 5789, 2.2: a 415 tells what would have been taken.
            name = b"accept-patch" if request.method == "PATCH" else b"accept"
            return [(name, ", ".join(error.accepted).encode())]
        case errors.RangeNotSatisfiable():
            return [(b"content-range", b"bytes */%d" % error.size)]
        case errors.Throttled():
            return [(b"retry-after", b"%d" % error.seconds)]
        case errors.Busy() | errors.Stale():
            return [(b"retry-after", b"1")]
        case _:
            return []
