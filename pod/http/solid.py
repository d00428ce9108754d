"""The methods of the Solid Protocol on resources."""

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

_TYPE_LINK = re.compile(r'<([^<>]*)>\s*;[^<,]*?\brel\s*=\s*"?type"?(?![\w-])', re.IGNORECASE)
_CONTAINER_TYPES = frozenset({LDP.Container, LDP.BasicContainer})


@dataclass(frozen=True, slots=True)
class Solid:
    """Answers requests on resources."""

    resources: Resources
    identifier: Identifier
    limits: Limits
    answers: answer.Answers

    async def respond(self, request: Request, uri: Uri) -> Response:
        """The answer; raises what went wrong."""
        agent = await self._agent(request, uri)
        match request.method:
            case "GET" | "HEAD":
                return await self.read(request, uri, agent)
            case "PUT":
                return await self.put(request, uri, agent)
            case "PATCH":
                return await self.patch(request, uri, agent)
            case "POST":
                return await self.post(request, uri, agent)
            case "DELETE":
                return await self._write(request, agent, Delete(uri))
            case "OPTIONS":
                return answer.options(uri, await self.resources.root(uri))
            case unknown:
                allowed = methods.allowed(uri, await self.resources.root(uri))
                raise NotAllowed(f"There is no method {unknown[:20]} here.", allowed)

    async def _agent(self, request: Request, uri: Uri) -> Agent:
        return await self.identifier.identify(
            RequestFacts(
                method=request.method,
                uri=uri,
                authorization=request.values(b"authorization"),
                proofs=request.values(b"dpop"),
                origin=request.get(b"origin"),
            )
        )

    async def read(self, request: Request, uri: Uri, agent: Agent) -> Response:
        """GET and HEAD."""
        return self.answers.read(await self.resources.read(agent, uri, request.get(b"accept")), request)

    async def put(self, request: Request, uri: Uri, agent: Agent) -> Response:
        """PUT."""
        if _wants_container(request) and names.kind(uri) is not Kind.CONTAINER:
            raise Malformed("The URI of a container ends in a slash; put one there, or leave out the Link.")
        content = body.limited(request, self.limits.body, self.limits.idle)
        return await self._write(request, agent, Put(uri, request.content_type, content))

    async def post(self, request: Request, uri: Uri, agent: Agent) -> Response:
        """POST to a container."""
        content = body.limited(request, self.limits.body, self.limits.idle)
        slug = request.get(b"slug")
        post = Post(uri, request.content_type, content, slug, container=_wants_container(request))
        return await self._write(request, agent, post)

    async def patch(self, request: Request, uri: Uri, agent: Agent) -> Response:
        """PATCH. What it needs follows from what it does, so it is read before it is permitted."""
        try:
            content = await body.whole(body.limited(request, self.limits.patch, self.limits.idle))
            parsed = edit.parse(request.content_type, content, uri)
        except PodError:
            # Who may not write here learns that, and not what is wrong with the patch.
            await self.resources.require_writer(agent, uri)
            raise
        return await self._write(request, agent, Patch(uri, parsed))

    async def _write(self, request: Request, agent: Agent, operation: Operation) -> Response:
        outcome = await self.resources.write(agent, operation, preconditions.of(request))
        return answer.written(outcome)


def _wants_container(request: Request) -> bool:
    """Whether a Link says that the new resource is a container; server-post-container-create-container."""
    value = request.get(b"link")
    return value is not None and not _CONTAINER_TYPES.isdisjoint(_TYPE_LINK.findall(value))
