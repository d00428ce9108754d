"""The methods of the Solid Protocol on resources."""

import asyncio
import re
from dataclasses import dataclass

from pod.auth.identify import Identifier, RequestFacts
from pod.config import Limits
from pod.errors import Malformed, NotAllowed, PodError
from pod.http import answer, body, preconditions
from pod.http.request import Request, Response
from pod.model.agent import Agent
from pod.model.operation import Delete, Operation, Patch, Post, Put
from pod.model.resource import Kind, Uri
from pod.rdf import edit
from pod.rdf.vocab import LDP
from pod.resources import Resources
from pod.rules import methods, names

IN_A_THREAD = 64 * 1024
"""A patch of more than this many bytes is read in a thread, so that others get their turn."""

_TYPE_LINK = re.compile(r'<([^<>]*)>\s*;[^<,]*?\brel\s*=\s*"?type"?(?![\w-])', re.IGNORECASE)
_CONTAINER_TYPES = frozenset({LDP.Container, LDP.BasicContainer})


@dataclass(frozen=True, slots=True)
class Solid:
    """Answers requests on resources."""

    resources: Resources
    identifier: Identifier
    limits: Limits
    answers: answer.Answers

    async def respond(self, request: Request, uri: Uri, agent: Agent) -> Response:
        """The answer to the agent; raises what went wrong."""
        match request.method:
            case "GET" | "HEAD":
                return self.answers.read(await self.resources.read(agent, uri, request.get(b"accept")), request)
            case "PUT" | "PATCH" | "POST" | "DELETE":
                return await self._write(request, uri, agent)
            case "OPTIONS":
                return answer.options(uri, await self.resources.root(uri))
            case unknown:
                allowed = methods.allowed(uri, await self.resources.root(uri))
                raise NotAllowed(f"There is no method {unknown[:20]} here.", allowed)

    async def identify(self, request: Request, uri: Uri) -> Agent:
        """Who asks; Unauthenticated when the credentials are wrong."""
        return await self.identifier.identify(
            RequestFacts(
                method=request.method,
                uri=uri,
                authorization=request.values(b"authorization"),
                proofs=request.values(b"dpop"),
                origin=request.get(b"origin"),
            )
        )

    async def _write(self, request: Request, uri: Uri, agent: Agent) -> Response:
        try:
            operation = await self._operation(request, uri, agent)
        except PodError:
            # Who may not write here learns that, and not what is wrong with the request.
            await self.resources.require_writer(agent, uri)
            raise
        outcome = await self.resources.write(agent, operation, preconditions.of(request))
        return answer.removed(outcome) if isinstance(operation, Delete) else answer.written(outcome)

    async def _operation(self, request: Request, uri: Uri, agent: Agent) -> Operation:
        """What the request wishes to write. The needs of a patch follow from what it does, so it is read here."""
        if request.method == "DELETE":
            return Delete(uri)
        if request.method == "PATCH":
            # Whoever may do nothing here is refused before it is.
            await self.resources.require_any(agent, uri)
            patch = await body.whole(body.limited(request, self.limits.patch, self.limits.idle))
            arguments = (request.content_type, patch, uri)
            if len(patch) > IN_A_THREAD:
                return Patch(uri, await asyncio.to_thread(edit.parse, *arguments))
            return Patch(uri, edit.parse(*arguments))
        content = body.limited(request, self.limits.body, self.limits.idle)
        container = _wants_container(request)
        if request.method == "POST":
            return Post(uri, request.content_type, content, _slug(request), container)
        if container and names.kind(uri) is not Kind.CONTAINER:
            raise Malformed("The URI of a container ends in a slash; put one there, or leave out the Link.")
        return Put(uri, request.content_type, content)


def _wants_container(request: Request) -> bool:
    """Whether a Link says that the new resource is a container; server-post-container-create-container."""
    value = request.get(b"link")
    return value is not None and not _CONTAINER_TYPES.isdisjoint(_TYPE_LINK.findall(value))


def _slug(request: Request) -> str | None:
    """The hint for a name; percent-encoded UTF-8 by RFC 5023, 9.7, which several clients send as it is."""
    value = request.get(b"slug")
    if value is None or value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value
