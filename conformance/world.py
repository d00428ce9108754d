"""What a case gets: people, a place of its own in Alice's storage, and the target."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import rdflib

from conformance.case import CannotTell, Failed
from conformance.client import Client
from conformance.exchange import TURTLE, Answer
from conformance.people import Anyone, Person
from conformance.served import Served
from conformance.target import Target

LDP = "http://www.w3.org/ns/ldp#"
ACL = "http://www.w3.org/ns/auth/acl#"
BASIC_CONTAINER = f'<{LDP}BasicContainer>; rel="type"'
NOTE = "<#it> <https://voc.example/is> 1 ."
EVERYONE = "anyone"
"""In `share`: everybody, signed in or not."""


@dataclass(slots=True)
class World:
    """The surroundings of one case. Alice owns the storage, Bob and anyone may nothing in it unless it is shared."""

    target: Target
    client: Client
    alice: Person
    bob: Person
    anyone: Anyone
    served: Served
    place: str
    """A container of the case's own, which is there when the case begins and removed after it."""
    patience: float = 1.0
    """By how much longer than usual to wait for what takes time."""

    def url(self, name: str) -> str:
        """A URL below the place."""
        return self.place + name

    @staticmethod
    def fresh(suffix: str = "") -> str:
        """A name that nobody has used."""
        return secrets.token_hex(6) + suffix

    async def document(
        self, name: str = "", content: bytes | str = NOTE, media_type: str = TURTLE, **headers: str
    ) -> str:
        """The URL of a new document of Alice's; CannotTell when it cannot be made."""
        url = self.url(name or self.fresh(".ttl"))
        self.prepared(await self.alice.put(url, media_type, content, **headers), "make a document")
        return url

    async def folder(self, name: str = "") -> str:
        """The URL of a new container of Alice's, which ends in a slash; CannotTell when it cannot be made."""
        url = self.url((name or self.fresh()).rstrip("/") + "/")
        await make_container(self.alice, url)
        return url

    async def policy_of(self, url: str) -> str:
        """The URL of the policy of a resource; CannotTell when it names none."""
        found = (await self.alice.head(url)).linked("acl")
        if not found:
            raise CannotTell(f"{url} names no policy, by a Link with rel=acl.")
        return found[0]

    async def share(self, url: str, *allowed: tuple[Person | str, str]) -> None:
        """Give people modes, such as `(w.bob, "read write")` or `(EVERYONE, "read")`, and keep Alice's own.

        For a container it counts for all in it as well. The policy is an ACL or an ACR, as the server has them.
        What others had before is gone. CannotTell when the policy is refused.
        """
        policy = await self.policy_of(url)
        rules = [(self.alice, "read write control"), *allowed]
        content = acr(url, rules) if "acp" in self.target.offers else acl(url, rules)
        self.prepared(await self.alice.put(policy, TURTLE, content), "set a policy")

    async def members(self, url: str) -> frozenset[str]:
        """What a container lists, as Alice sees it; Failed when it cannot be read."""
        answer = await self.alice.get(url, TURTLE)
        if answer.status != 200:
            raise Failed(f"GET {url} by Alice should have listed the container, not answered {answer.status}.")
        return frozenset(str(one) for one in answer.graph().objects(None, rdflib.URIRef(f"{LDP}contains")))

    @staticmethod
    def prepared(answer: Answer, what: str) -> Answer:
        """The answer; CannotTell unless it is a success. `what` it was to do, as in "to make a document"."""
        if not 200 <= answer.status < 300:
            raise CannotTell(f"To {what}: {answer.method} {answer.url} was answered with {answer.status}.")
        return answer

    async def eventually(self, look: Callable[[], Awaitable[None]], *, seconds: float = 10.0) -> None:
        """Look again and again until it no longer raises Failed; after the time what it raised last is raised."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds * self.patience
        pause = 0.02
        while True:
            try:
                return await look()
            except Failed:
                if loop.time() > end:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 1.0)


async def make_container(owner: Person, url: str) -> None:
    """Make a container; CannotTell when that is refused."""
    answer = await owner.put(url, TURTLE, "", link=BASIC_CONTAINER)
    if not 200 <= answer.status < 300:
        raise CannotTell(f"To make a container: PUT {url} was answered with {answer.status}: {answer.text:.200}")


async def remove(owner: Person, url: str) -> None:
    """Delete a container with all that it lists, as far as it goes."""
    answer = await owner.get(url, TURTLE)
    if answer.status == 200:
        for member in _listed(answer):
            if not member.startswith(url) or member == url:
                continue
            if member.endswith("/"):
                await remove(owner, member)
            else:
                await owner.delete(member)
    await owner.delete(url)


def _listed(answer: Answer) -> Iterable[str]:
    try:
        return [str(one) for one in answer.graph().objects(None, rdflib.URIRef(f"{LDP}contains"))]
    except Failed:
        return []


Rules = Sequence[tuple[Person | str, str]]


def acl(url: str, rules: Rules) -> str:
    """An ACL that gives these modes on the resource and, for a container, on all in it."""
    below = f"; <{ACL}default> <{url}>" if url.endswith("/") else ""
    return "\n".join(
        f"<#rule-{number}> a <{ACL}Authorization>; <{ACL}accessTo> <{url}>{below}; {_acl_subject(who)};"
        f" <{ACL}mode> {_modes(modes)}."
        for number, (who, modes) in enumerate(rules)
        if modes
    )


def acr(url: str, rules: Rules) -> str:
    """An ACR that gives these modes on the resource and, for a container, on all in it."""
    named = [(f"<#access-{number}>", who, modes) for number, (who, modes) in enumerate(rules) if modes]
    members = f"; acp:memberAccessControl {', '.join(name for name, _, _ in named)}" if url.endswith("/") else ""
    lines = [
        "@prefix acp: <http://www.w3.org/ns/solid/acp#>.",
        f"<> a acp:AccessControlResource; acp:resource <{url}>;",
        f"   acp:accessControl {', '.join(name for name, _, _ in named)}{members}.",
    ]
    lines += [
        f"{name} a acp:AccessControl; acp:apply [ a acp:Policy; acp:allow {_modes(modes)};"
        f" acp:anyOf [ a acp:Matcher; acp:agent {_acr_agent(who)} ] ]."
        for name, who, modes in named
    ]
    return "\n".join(lines)


def _modes(modes: str) -> str:
    return ", ".join(f"<{ACL}{one.title()}>" for one in modes.split())


def _acl_subject(who: Person | str) -> str:
    if isinstance(who, Person):
        return f"<{ACL}agent> <{who.webid}>"
    return f"<{ACL}agentClass> <http://xmlns.com/foaf/0.1/Agent>"


def _acr_agent(who: Person | str) -> str:
    return f"<{who.webid}>" if isinstance(who, Person) else "<http://www.w3.org/ns/solid/acp#PublicAgent>"
