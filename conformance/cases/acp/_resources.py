"""Access Control Resources that the cases write."""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.case import CannotTell
from conformance.exchange import TURTLE
from conformance.issuer import CLIENT as APP
from conformance.issuer import Issuer
from conformance.people import Person
from conformance.proofs import ProofKey
from conformance.target import ACP
from conformance.world import ACL, World

OTHER_APP = "https://other.example/id"
PREFIXES = f"@prefix acp: <{ACP}>. @prefix acl: <{ACL}>. @prefix ex: <https://voc.example/>.\n"
PUBLIC, SIGNED_IN = "acp:agent acp:PublicAgent", "acp:agent acp:AuthenticatedAgent"
NOBODY = "acp:agent <https://nobody.example/#me>"


def agent(*people: Person) -> str:
    """What a Matcher says to be for these people."""
    return f"acp:agent {', '.join(f'<{one.webid}>' for one in people)}"


def policy(
    *,
    allow: str = "",
    deny: str = "",
    all_of: Sequence[str] = (),
    any_of: Sequence[str] = (),
    none_of: Sequence[str] = (),
) -> str:
    """A Policy in Turtle, as a blank node. Each Matcher is given by what it says."""
    facts = ["a acp:Policy"]
    for name, modes in (("allow", allow), ("deny", deny)):
        facts += [f"acp:{name} {', '.join(f'acl:{one.title()}' for one in modes.split())}"] * bool(modes)
    for name, matchers in (("allOf", all_of), ("anyOf", any_of), ("noneOf", none_of)):
        nodes = ", ".join(f"[ a acp:Matcher{'; ' * bool(one)}{one} ]" for one in matchers)
        facts += [f"acp:{name} {nodes}"] * bool(matchers)
    return f"[ {'; '.join(facts)} ]"


def resource(w: World, url: str, here: Sequence[str], below: Sequence[str] = (), more: str = "") -> str:
    """An ACR with Policies for a resource and for its members, beside one that keeps all for Alice."""
    own = policy(allow="read write control", any_of=[agent(w.alice)])
    own_below = ["<#own>"] if url.endswith("/") else []
    members = own_below + ["<#below>"] * bool(below)
    lines = [PREFIXES, f"<> a acp:AccessControlResource; acp:resource <{url}>; acp:accessControl <#own>"]
    lines += [", <#here>"] * bool(here)
    lines += [f"; acp:memberAccessControl {', '.join(members)}"] * bool(members)
    lines.append(f".\n<#own> a acp:AccessControl; acp:apply {own}.\n")
    for name, policies in (("here", here), ("below", below)):
        lines += [f"<#{name}> a acp:AccessControl; acp:apply {', '.join(policies)}.\n"] * bool(policies)
    return "".join([*lines, more])


async def govern(w: World, url: str, *here: str, below: Sequence[str] = (), more: str = "") -> str:
    """Give a resource an ACR with these Policies; its URL."""
    acr = await w.policy_of(url)
    w.prepared(await w.alice.put(acr, TURTLE, resource(w, url, here, below, more)), "set an Access Control Resource")
    return acr


async def governed(w: World, *here: str) -> str:
    """A new document with these Policies."""
    url = await w.document()
    await govern(w, url, *here)
    return url


async def box(w: World, here: Sequence[str] = (), below: Sequence[str] = (), *, inside: str = "") -> str:
    """A new container with Policies for itself and for its members."""
    url = await w.folder((inside or w.place).removeprefix(w.place) + w.fresh())
    await govern(w, url, *here, below=below)
    return url


async def note(w: World, folder: str) -> str:
    """A new document of Alice's in a container."""
    return await w.document(folder.removeprefix(w.place) + w.fresh(".ttl"))


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with two issuers, who comes through one app or another."""

    w: World
    issuer: Issuer
    other: Issuer
    webid: str

    def through(self, client: str | None = APP, issuer: Issuer | None = None) -> Person:
        """The same agent by way of a client, with a token of an issuer."""
        key, by = ProofKey(), issuer or self.issuer
        return by.holder(self.w.client, self.webid, by.token(self.webid, key, azp=client, client_id=client), key)


async def visitor(w: World) -> Visitor:
    """Somebody new. CannotTell when the server takes no tokens of an issuer that the run serves."""
    issuer, other = Issuer(w.served), Issuer(w.served)
    found = Visitor(w, issuer, other, f"{issuer.profile(issuer.url, other.url).url}#me")
    url = await governed(w, policy(allow="read", any_of=[f"acp:agent <{found.webid}>"]))
    for one in (found.through(), found.through(OTHER_APP), found.through(APP, other)):
        answer = await one.get(url)
        if answer.status != 200:
            raise CannotTell(f"A visitor of an issuer that the run serves was not let in: {answer.status}.")
    return found
