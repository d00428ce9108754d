"""What the server itself answers at the top of its URL space: health, files of pages, and what others add."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType

from starlette import requests
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from pod.errors import NotAcceptable, PodError
from pod.http import html
from pod.http.request import Request
from pod.http.texts import Texts, chosen
from pod.rdf import negotiate

STATIC = ".static"
CONSTRAINTS = f"/{STATIC}/constraints"
"""Where apps and their authors read what can be written (server-resource-constraints-advertisement)."""
RULES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "names": ("slash", "below", "auxiliary", "kept"),
        "containers": ("members", "empty"),
        "content": ("type", "rdf", "policy"),
        "patches": ("types", "n3", "update"),
    }
)
"""What that page tells of: the keys of its texts, by part."""
PROVIDER, PERSONAL = "/.oidc/", "/.account/"
"""Where the identity provider answers apps, and where its pages for people are."""
VISITED = (f"{PROVIDER}auth", f"{PROVIDER}end-session", f"{PROVIDER}fedcm/accounts")
"""Where browsers come to the provider on behalf of apps, with the cookies of its pages."""
WELL_KNOWN = frozenset(
    f"/.well-known/{name}" for name in ("openid-configuration", "oauth-authorization-server", "web-identity")
)
Check = Callable[[], Awaitable[None]]
"""Raises when the storage does not answer."""


def router(check: Check, further: Sequence[Route] = ()) -> ASGIApp:
    """The routes, for paths that no pod can have; `further` come first."""

    async def constraints(request: requests.Request) -> Response:
        texts = Texts(chosen(None, request.headers.get("accept-language")))
        facts = {"title": texts.say("constraints.title"), "parts": RULES}
        return _page(html.render("constraints.html", texts=texts, t=texts.show, **facts), texts.language)

    async def live(_request: object) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: object) -> Response:
        try:
            await check()
        except PodError as error:
            return JSONResponse({"status": "not ready", "detail": error.message}, 503)
        return JSONResponse({"status": "ready"})

    routes = [
        *further,
        Route("/.health/live", live, methods=["GET"]),
        Route("/.health/ready", ready, methods=["GET"]),
        Route(CONSTRAINTS, constraints, methods=["GET"]),
        Mount(f"/{STATIC}", StaticFiles(directory=html.PLACE / "static")),
    ]
    # Files that are not there are raised, and would be a fault of the server.
    return ExceptionMiddleware(Router(routes, redirect_slashes=False))


def _page(content: bytes, language: str) -> Response:
    name, value = (one.decode() for one in html.POLICY)
    headers = {name: value, "content-language": language, "vary": "Accept-Language"}
    return Response(content, media_type="text/html", headers=headers)


def answers(request: Request, path: str) -> bool:
    """Whether the router has something for this request; all else that is reserved is empty."""
    if path.startswith(("/.health/", f"/{STATIC}/", PROVIDER, PERSONAL)) or path in WELL_KNOWN:
        return True
    return path == "/" and request.method in {"GET", "HEAD"} and _is_acceptable(request.get(b"accept"))


def is_personal(path: str) -> bool:
    """Whether what is there is for the person in the browser alone: no script of another site may ask."""
    return path.startswith((PERSONAL, *VISITED))


def _is_acceptable(accept: str | None) -> bool:
    try:
        negotiate.choose(accept, "text/html")
    except NotAcceptable:
        return False
    return True
