"""Policies that the cases write, and what they find out with them."""

import secrets

from conformance.exchange import TURTLE, Answer, parsed
from conformance.expect import same, status
from conformance.people import Anyone, Person
from conformance.world import ACL, NOTE, World

PREFIXES = f"@prefix acl: <{ACL}>. @prefix foaf: <http://xmlns.com/foaf/0.1/>.\n"
EVERYONE = "acl:agentClass foaf:Agent"
SIGNED_IN = "acl:agentClass acl:AuthenticatedAgent"
ALL = "read append write control"


def agent(who: Person) -> str:
    """The subject of a rule for one person."""
    return f"acl:agent <{who.webid}>"


def rule(whom: str, modes: str, *, to: str = "", default: str = "", more: str = "") -> str:
    """An Authorization in Turtle; empty when it gives no modes. `whom` and `more` are predicates with objects."""
    if not modes:
        return ""
    facts = ["a acl:Authorization", whom, f"acl:mode {', '.join(f'acl:{one.title()}' for one in modes.split())}"]
    facts += [f"acl:accessTo <{to}>"] * bool(to) + [f"acl:default <{default}>"] * bool(default) + [more] * bool(more)
    return f"<#rule-{secrets.token_hex(4)}> {'; '.join(facts)}.\n"


def own(w: World, url: str) -> str:
    """The rule by which Alice keeps all rights on a resource, and on what is in it."""
    return rule(agent(w.alice), "read write control", to=url, default=url if url.endswith("/") else "")


async def govern(w: World, url: str, *rules: str) -> str:
    """Give a resource a policy with these rules, beside one that keeps all for Alice; the policy's URL."""
    policy = await w.policy_of(url)
    w.prepared(await w.alice.put(policy, TURTLE, PREFIXES + own(w, url) + "".join(rules)), "set a policy")
    return policy


async def box(w: World, here: str, below: str, whom: str = "", *, inside: str = "") -> str:
    """A new container that gives modes on itself, and others on all in it; to Bob, unless it says whom."""
    subject = whom or agent(w.bob)
    url = await w.folder((inside or w.place).removeprefix(w.place) + w.fresh())
    await govern(w, url, rule(subject, here, to=url), rule(subject, below, default=url))
    return url


async def note(w: World, folder: str) -> str:
    """A new document of Alice's in a container."""
    return await w.document(folder.removeprefix(w.place) + w.fresh(".ttl"))


async def shared(w: World, modes: str, whom: str = "") -> str:
    """A new document with a policy of its own that gives modes; to Bob, unless it says whom."""
    url = await w.document()
    await govern(w, url, rule(whom or agent(w.bob), modes, to=url))
    return url


def denied(answer: Answer) -> None:
    """Failed unless the access is denied: 401 and 403 say so, and 404 hides it (RFC 9110, 15.5.4)."""
    status(answer, 401, 403, 404)


async def readable(url: str, *people: Anyone) -> None:
    """Failed unless all of them can read it."""
    for one in people:
        status(await one.get(url), 200)


async def hidden(url: str, *people: Anyone) -> None:
    """Failed unless none of them can read it."""
    for one in people:
        denied(await one.get(url))


async def unchanged(w: World, url: str) -> None:
    """Failed unless a document is as Alice made it."""
    answer = await w.alice.get(url, TURTLE)
    status(answer, 200)
    same(answer.graph(url), parsed(NOTE, "turtle", url, "the document"))


async def there(w: World, url: str) -> None:
    """Failed unless Alice finds something there."""
    status(await w.alice.get(url), 200)


async def absent(w: World, url: str) -> None:
    """Failed unless Alice finds nothing there."""
    status(await w.alice.get(url), 404, 410)
