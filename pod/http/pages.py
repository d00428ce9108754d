"""What the server itself answers at the top of its URL space: the first page, health, files of pages."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles

from pod import __version__
from pod.errors import PodError
from pod.http import html

STATIC = ".static"
Check = Callable[[], Awaitable[None]]
"""Raises when the storage does not answer."""


def router(base_url: str, check: Check) -> Router:
    """The routes, for paths that no pod can have."""

    async def home(_request: Request) -> Response:
        page = html.render("home.html", base_url=base_url, version=__version__)
        name, value = (one.decode() for one in html.POLICY)
        return Response(page, media_type="text/html", headers={name: value, "x-content-type-options": "nosniff"})

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> Response:
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


def answers(path: str) -> bool:
    """Whether the router has something at this path; all else that is reserved is empty."""
    return path.startswith(("/.health/", f"/{STATIC}/"))
