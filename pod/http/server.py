"""The ASGI application: every request comes in here, and every failure is answered here."""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from pod import events
from pod.errors import Busy, NotFound, PodError
from pod.http import answer, cors, discovery, pages, problem
from pod.http.request import Header, Message, Receive, Request, Response, Send, date
from pod.http.solid import Solid
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.rdf.graph import Triple
from pod.resources import Resources
from pod.rules import methods, names

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Channels(Protocol):
    """What tells clients of changes, seen from below: it stands above this layer."""

    async def respond(self, request: Request, uri: Uri, agent: Agent) -> Response | None:
        """The answer to a request in its place; None for one elsewhere."""

    async def connect(self, scope: Message, receive: Receive, send: Send) -> None:
        """ASGI: one WebSocket."""

    def describes(self, root: Uri) -> Sequence[Triple]:
        """What the description of a storage says of it."""

    def description(self, topic: Uri) -> bytes:
        """What the server says of a single resource, as JSON-LD."""

    def updates_via(self, agent: Agent) -> Header:
        """Where the agent finds the socket of older apps."""


class Server:
    """Dispatches: resources first, since nearly all requests are for them."""

    def __init__(
        self,
        resources: Resources,
        solid: Solid,
        router: ASGIApp,
        base_url: str,
        uri_limit: int,
        account_url: str | None = None,
        *,
        channels: Channels,
    ) -> None:
        """`account_url` is the origin of the pages for accounts, where that is not the base URL."""
        self._resources = resources
        self._solid = solid
        self._router = router
        self._base_url = base_url
        self._uri_limit = uri_limit
        self._channels = channels
        self._account_url = account_url or base_url
        own = account_url is not None and account_url != base_url
        self._pages_host = urlsplit(account_url or "").netloc.encode() if own else None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one WebSocket."""
        if scope["type"] == "websocket":
            await self._channels.connect(scope, receive, send)
            return
        request = Request(scope, receive)
        path: str = scope["path"]
        is_personal = pages.is_personal(path)
        if not self._is_at_home(request, path, is_personal=is_personal):
            response = problem.respond(NotFound("Nothing is here; another host of this server may have it."), request)
            await response.send(send)
            return
        if pages.answers(request, path) and (is_personal or not cors.is_preflight(request)):
            # What the first page tells is for the person in the browser as soon as it knows who that is.
            shared = not (is_personal or (path == "/" and b"cookie" in request))
            await self._router(scope, receive, _completing(request, send, shared=shared))
            return
        response = await self._respond(request)
        origin = cors.origin(request)
        # A preflight that is granted says all this itself.
        if origin is None or (response.status == 204 and cors.is_preflight(request)):
            await response.send(send)
        else:
            await response.send(send, cors.headers(origin))

    def _is_at_home(self, request: Request, path: str, *, is_personal: bool) -> bool:
        """Whether the request came to the host that answers there: pages may have an origin apart from all pods."""
        if self._pages_host is None:
            return True
        if request.raw(b"host") != self._pages_host:
            return not is_personal
        return is_personal or path == "/" or path.startswith(("/.health/", f"/{pages.STATIC}/", pages.PROVIDER))

    async def _respond(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except asyncio.CancelledError:
            # Only the end of the server cancels a request, once it has waited long enough.
            events.abandoned()
            return problem.respond(Busy("The server ends; try again in a moment."), request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told and the log keeps it
            return problem.respond(error, request)

    async def _answer(self, request: Request) -> Response:
        uri: Uri | None = None
        try:
            uri = names.resolve(self._base_url, request.raw_path, self._uri_limit)
            if cors.is_preflight(request):
                return cors.preflight(request, methods.allowed(uri, await self._resources.root(uri)))
            if names.reserved(uri):
                return await self._reserved(request, uri)
            agent = await self._solid.identify(request, uri)
            response = await self._described(request, uri, agent) or await self._solid.respond(request, uri, agent)
            if request.method in _READS:
                response.headers = [*response.headers, self._channels.updates_via(agent)]
            return response
        except PodError as error:
            remedies = problem.NO_REMEDIES
            if uri is not None:
                remedies = problem.remedies(error, request, uri, self._account_url)
            return problem.respond(error, request, await self._about(error, request, uri), remedies)

    async def _described(self, request: Request, uri: Uri, agent: Agent) -> Response | None:
        """What the server itself says of a resource in its description; None when that is not asked for."""
        if not discovery.is_asked(request, uri):
            return None
        await self._resources.require_reader(agent, uri)
        view = await self._resources.state(uri)
        return (
            None if view is None else discovery.resource(view, request, self._channels.description(names.subject(uri)))
        )

    async def _reserved(self, request: Request, uri: Uri) -> Response:
        # Everyone may read what is here, but wrong credentials are never passed over.
        agent = await self._solid.identify(request, uri)
        response = await self._channels.respond(request, uri, agent)
        if response is not None:
            return response
        pod = await self._resources.pod(uri)
        if pod is None or uri != names.storage_description(pod.root):
            raise NotFound("Nothing is here; the server keeps names such as this one for itself.")
        return discovery.storage(pod, request, self._channels.describes(pod.root))

    async def _about(self, error: PodError, request: Request, uri: Uri | None) -> tuple[Header, ...]:
        """What is told of a resource that was not to be read: where its policy is, and what storage it lies in.

        Who may read there and finds nothing also learns how to make something: rdflib.js asks before it patches.
        """
        if uri is None or request.method not in {"GET", "HEAD"} or names.reserved(uri) or names.fault(uri):
            return ()
        about = answer.about if isinstance(error, NotFound) else answer.linked
        return about(uri, await self._resources.root(uri))


def _completing(request: Request, send: Send, *, shared: bool) -> Send:
    """Sends what the router sends as all answers of the server are: with their headers, and to HEAD without content."""
    origin = cors.origin(request)
    further = cors.headers(origin) if shared and origin is not None else ()

    async def completed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [one for one in message["headers"] if one[0] != b"vary"]
            varying = [value for name, value in message["headers"] if name == b"vary"]
            vary = (answer.VARY[0], b", ".join([answer.VARY[1], *varying]))
            message["headers"] = [*headers, date(int(time.time())), answer.NOSNIFF, vary, *further]
        elif request.method == "HEAD":
            message["body"] = b""
        await send(message)

    return completed
