"""Policies that the cases write, and what they find out with them."""

import secrets

from conformance.exchange import TURTLE
from conformance.people import Person
from conformance.world import ACL, World

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
