"""What the server itself answers at the top of its URL space: the first page, health, files of pages."""

from collections.abc import Awaitable, Callable

from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles

from pod import __version__
from pod.errors import NotAcceptable, PodError
from pod.http import html
from pod.http.request import Request
from pod.rdf import negotiate

STATIC = ".static"
Check = Callable[[], Awaitable[None]]
"""Raises when the storage does not answer."""


def router(base_url: str, check: Check) -> Router:
    """The routes, for paths that no pod can have."""

    async def home(_request: object) -> Response:
        page = html.render("home.html", base_url=base_url, version=__version__)
        name, value = (one.decode() for one in html.POLICY)
        return Response(page, media_type="text/html", headers={name: value})

    async def live(_request: object) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: object) -> Response:
        try:
            await check()
        except PodError as error:
            return JSONResponse({"status": "not ready", "detail": error.message}, 503)
        return JSONResponse({"status": "ready"})

    return Router(
        [
            Route("/", home, methods=["GET"]),
            Route("/.health/live", live, methods=["GET"]),
            Route("/.health/ready", ready, methods=["GET"]),
            Mount(f"/{STATIC}", StaticFiles(directory=html.PLACE / "static")),
        ],
        redirect_slashes=False,
    )


def answers(request: Request, path: str) -> bool:
    """Whether the router has something for this request; all else that is reserved is empty."""
    if path.startswith(("/.health/", f"/{STATIC}/")):
        return True
    return path == "/" and request.method in {"GET", "HEAD"} and _is_acceptable(request.get(b"accept"))


def _is_acceptable(accept: str | None) -> bool:
    try:
        negotiate.choose(accept, "text/html")
    except NotAcceptable:
        return False
    return True
