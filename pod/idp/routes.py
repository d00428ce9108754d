"""The provider's routes, below `/.oidc/` and `/.well-known/`."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from pod.auth.keys import Json
from pod.errors import Malformed, TooLarge
from pod.http import problem
from pod.http import request as http
from pod.http.answer import NOSNIFF, VARY
from pod.idp import fedcm, metadata, registration
from pod.idp.endpoints import Answer, Asked, Endpoints, error
from pod.idp.fedcm import FedCm
from pod.idp.front import Front, Redirect
from pod.idp.throttle import Throttle, by_peer

BODY = 64 * 1024
REGISTRATION = 8 * 1024
"""Bytes of a request."""
CACHED = {"cache-control": "public, max-age=300"}

Handler = Callable[[Request], Awaitable[Response]]
Endpoint = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes lead to."""

    front: Front
    endpoints: Endpoints
    throttle: Throttle
    base_url: str
    account_url: str


def routes(parts: Parts) -> list[Route]:
    """All routes of the provider."""
    place, ends = metadata.PLACE, parts.endpoints
    return [
        *_documents(parts),
        *_browser(parts),
        Route(f"{place}register", _answering(_register(parts)), methods=["POST"]),
        Route(f"{place}token", _answering(_endpoint(ends.token, parts)), methods=["POST"]),
        Route(f"{place}introspect", _answering(_endpoint(ends.introspect, parts)), methods=["POST"]),
        Route(f"{place}revoke", _answering(_endpoint(ends.revoke, parts)), methods=["POST"]),
        Route(f"{place}push", _answering(_endpoint(_throttled(ends.push, parts.throttle), parts)), methods=["POST"]),
        Route(f"{place}userinfo", _answering(_endpoint(ends.userinfo, parts)), methods=["GET", "POST"]),
    ]


def _documents(parts: Parts) -> list[Route]:
    """What says the same to everyone."""
    configuration = metadata.configuration(parts.base_url, parts.account_url)

    def fixed(document: Mapping[str, Json]) -> Handler:
        async def answer(_request: Request) -> Response:
            return JSONResponse(document, headers=CACHED)

        return answer

    async def jwks(_request: Request) -> Response:
        return JSONResponse((await parts.front.provider.keys.ring()).jwks(), headers=CACHED)

    return [
        Route(metadata.OPENID, fixed(configuration), methods=["GET"]),
        Route(metadata.OAUTH, fixed(configuration), methods=["GET"]),
        Route(metadata.WEB_IDENTITY, fixed(fedcm.well_known(parts.base_url, parts.account_url)), methods=["GET"]),
        Route(f"{metadata.PLACE}fedcm/config", fixed(fedcm.config(parts.account_url)), methods=["GET"]),
        Route(metadata.JWKS, jwks, methods=["GET"]),
    ]


def _browser(parts: Parts) -> list[Route]:
    """Where browsers come, with their cookies."""
    front, federated, place = parts.front, FedCm(parts.front), metadata.PLACE

    async def authorize(request: Request) -> Response:
        cookie = request.headers.get("cookie")
        return _redirected(await front.authorize(await _parameters(request), cookie, _peer(request)))

    async def leave(request: Request) -> Response:
        return _redirected(await front.leave(await _parameters(request), request.headers.get("cookie")))

    async def accounts(request: Request) -> Response:
        found = await federated.accounts(*_sent(request, "sec-fetch-dest", "cookie"))
        return JSONResponse(found, headers={"cache-control": "no-store"})

    async def client(request: Request) -> Response:
        return JSONResponse(await federated.client(request.query_params.get("client_id", "")))

    async def assertion(request: Request) -> Response:
        sent = _sent(request, "sec-fetch-dest", "origin", "cookie")
        return JSONResponse(await federated.assertion(dict(await _form(request)), *sent))

    async def disconnect(request: Request) -> Response:
        sent = _sent(request, "sec-fetch-dest", "origin", "cookie")
        return JSONResponse(await federated.disconnect(dict(await _form(request)), *sent))

    return [
        Route(f"{place}auth", _answering(authorize), methods=["GET", "POST"]),
        Route(f"{place}end-session", _answering(leave), methods=["GET", "POST"]),
        Route(f"{place}fedcm/accounts", _answering(accounts), methods=["GET"]),
        Route(f"{place}fedcm/client", _answering(client), methods=["GET"]),
        Route(f"{place}fedcm/assertion", _answering(assertion), methods=["POST"]),
        Route(f"{place}fedcm/disconnect", _answering(disconnect), methods=["POST"]),
    ]


def _sent(request: Request, *names: str) -> tuple[str | None, ...]:
    return tuple(request.headers.get(name) for name in names)


def _redirected(redirect: Redirect) -> Response:
    response = RedirectResponse(redirect.url, 303, {"cache-control": "no-store", "referrer-policy": "no-referrer"})
    for cookie in redirect.cookies:
        response.headers.append("set-cookie", cookie)
    return response


def _answering(handler: Handler) -> Handler:
    """The handler, with failures answered as everywhere on the server."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the client is told and the log keeps it
            made = problem.respond(failure, http.Request(request.scope, request.receive))
            assert isinstance(made.body, bytes)  # a problem is small
            response = Response(made.body, made.status)
            # The server adds these two to whatever a router answers.
            response.raw_headers = [one for one in made.headers if one not in {VARY, NOSNIFF}]
            return response

    return answered


def _endpoint(endpoint: Endpoint, parts: Parts) -> Handler:
    """An endpoint that takes a form and answers in JSON."""

    async def answered(request: Request) -> Response:
        form: Mapping[str, str] = {}
        if request.method == "POST" and request.headers.get("content-length") != "0":
            try:
                pairs = await _form(request)
            except Malformed as refused:
                return _json(error("invalid_request", refused.message))
            form = dict(pairs)
            if len(form) != len(pairs):
                return _json(error("invalid_request", "A parameter stands twice."))
        return _json(await endpoint(_asked(request, form, parts.base_url)))

    return answered


def _throttled(endpoint: Endpoint, throttle: Throttle) -> Endpoint:
    async def counted(asked: Asked) -> Answer:
        await throttle.attempt(by_peer("request", asked.peer))
        return await endpoint(asked)

    return counted


def _register(parts: Parts) -> Handler:
    async def answered(request: Request) -> Response:
        await parts.throttle.attempt(by_peer("register", _peer(request)))
        return _json(await registration.register(parts.front.provider.clients, await _body(request, REGISTRATION)))

    return answered


def _asked(request: Request, form: Mapping[str, str], base_url: str) -> Asked:
    # The public URL, which a proxy in front may have changed on the way here.
    url = base_url.removesuffix("/") + request.url.path
    headers = request.headers
    return Asked(
        request.method,
        url,
        form,
        tuple(headers.getlist("authorization")),
        tuple(headers.getlist("dpop")),
        _peer(request),
    )


def _peer(request: Request) -> str:
    return "" if request.client is None else request.client.host


def _json(answer: Answer) -> Response:
    content = b"" if answer.body is None else json.dumps(answer.body).encode()
    return Response(content, answer.status, {**answer.headers, "content-type": "application/json"})


async def _parameters(request: Request) -> list[tuple[str, str]]:
    """The parameters of a browser's request, by whichever method it came."""
    if request.method == "POST":
        return await _form(request)
    return parse_qsl(request.url.query, keep_blank_values=True)


async def _form(request: Request) -> list[tuple[str, str]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Malformed("Send a form, as application/x-www-form-urlencoded.")
    try:
        text = (await _body(request)).decode()
    except UnicodeDecodeError as failure:
        raise Malformed("The form is not UTF-8.") from failure
    return parse_qsl(text, keep_blank_values=True)


async def _body(request: Request, limit: int = BODY) -> bytes:
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > limit:
            raise TooLarge(f"The request has more than {limit} bytes, which is the most that is taken here.", limit)
    return content
