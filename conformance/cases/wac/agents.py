"""For whom a rule is: single agents, and classes of them (WAC, 4.3)."""

from conformance.access import denied, hidden, readable, unchanged
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, SIGNED_IN, agent, govern, rule, shared
from conformance.exchange import TURTLE
from conformance.expect import succeeded
from conformance.world import NOTE, World

ROBOTS = "acl:agentClass <https://voc.example/Robots>"


@case("acl-agent", needs=("wac",))
async def a_rule_for_one_agent_is_for_nobody_else(w: World) -> None:
    url = await shared(w, "read")
    await readable(url, w.bob)
    await hidden(url, w.anyone)
    other = await shared(w, "read", "acl:agent <https://somebody.example/#me>")
    await hidden(other, w.bob, w.anyone)


@case("acl-agent", needs=("wac",))
async def a_webid_is_compared_whole(w: World) -> None:
    """Neither a part of it, nor one that goes on, nor one in other letters is the same agent."""
    document, _, fragment = w.bob.webid.partition("#")
    others = [f"{w.bob.webid}2", w.bob.webid[:-1], w.bob.webid.replace("http", "HTTP", 1)]
    others += [document, f"{document}#{fragment.upper()}x", f"{document}/#{fragment}"] if fragment else []
    for other in others:
        await hidden(await shared(w, "read", f"acl:agent <{other}>"), w.bob)


@case("acl-agent", needs=("wac",))
async def a_rule_may_name_several_agents(w: World) -> None:
    url = await w.document()
    await govern(w, url, rule(f"acl:agent <https://somebody.example/#me>, <{w.bob.webid}>", "read", to=url))
    await readable(url, w.bob)
    await hidden(url, w.anyone)


@case("acl-agent", "authorization-evaluation-applicable", needs=("wac",))
async def the_owner_of_a_container_above_has_no_rights_by_that(w: World) -> None:
    """What a policy does not give to Alice she has not, but for the policy itself."""
    url = await w.document()
    policy = await w.policy_of(url)
    rules = f"@prefix acl: <http://www.w3.org/ns/auth/acl#>.\n{rule(agent(w.alice), 'control', to=url)}"
    w.prepared(await w.alice.put(policy, TURTLE, rules), "set a policy")
    denied(await w.alice.get(url))
    w.prepared(await w.alice.delete(policy), "delete a policy")
    await unchanged(w, url)


@case("acl-agentclass", "acl-agentclass-foaf-agent", needs=("wac",))
async def foaf_agent_is_everyone(w: World) -> None:
    await readable(await shared(w, "read", EVERYONE), w.bob, w.anyone, w.alice)


@case("acl-agentclass-foaf-agent", "acl-mode-write", needs=("wac",))
async def what_everyone_may_write_everyone_may_write(w: World) -> None:
    for who in (w.bob, w.anyone):
        url = await shared(w, "write", EVERYONE)
        succeeded(await who.put(url, TURTLE, "<#it> <https://voc.example/is> 2 ."))
        denied(await who.get(url))


@case("acl-agentclass", "acl-agentclass-authenticated-agent", needs=("wac",))
async def an_authenticated_agent_is_anyone_who_signs_in(w: World) -> None:
    url = await shared(w, "read", SIGNED_IN)
    await readable(url, w.bob)
    await hidden(url, w.anyone)


@case("acl-agentclass-authenticated-agent", needs=("wac",))
async def what_all_who_sign_in_may_write_nobody_else_may(w: World) -> None:
    url = await shared(w, "write", SIGNED_IN)
    denied(await w.anyone.put(url, TURTLE, "<#it> <https://voc.example/is> 2 ."))
    await unchanged(w, url)
    succeeded(await w.bob.put(url, TURTLE, NOTE))


@case("acl-agentclass-authenticated-agent", needs=("wac",))
async def a_token_that_is_none_makes_nobody_known(w: World) -> None:
    url = await shared(w, "read", SIGNED_IN)
    for scheme in ("Bearer", "DPoP", "Basic"):
        denied(await w.anyone.get(url, authorization=f"{scheme} bm9ib2R5Om5vYm9keQ"))


@case("acl-agentclass", needs=("wac",))
async def a_class_that_is_not_known_is_nobody(w: World) -> None:
    await hidden(await shared(w, "read", ROBOTS), w.bob, w.anyone)


@case("acl-agentclass", "acl-agent", needs=("wac",))
async def a_class_is_no_agent_and_an_agent_no_class(w: World) -> None:
    await hidden(await shared(w, "read", "acl:agent foaf:Agent"), w.bob, w.anyone)
    await hidden(await shared(w, "read", "acl:agent acl:AuthenticatedAgent"), w.bob, w.anyone)
    await hidden(await shared(w, "read", f"acl:agentClass <{w.bob.webid}>"), w.bob, w.anyone)


@case("acl-agent", "acl-agentclass", needs=("wac",))
async def a_rule_is_for_each_that_it_names_in_any_way(w: World) -> None:
    url = await w.document()
    await govern(w, url, rule(f"{agent(w.bob)}; {ROBOTS}", "read", to=url))
    await readable(url, w.bob)
    await hidden(url, w.anyone)
    await govern(w, url, rule(f"{agent(w.bob)}; {EVERYONE}", "read", to=url))
    await readable(url, w.bob, w.anyone)


@case("acl-agentclass-foaf-agent", "authorization-evaluation-applicable", needs=("wac",))
async def who_signs_in_has_what_everyone_has_besides_their_own(w: World) -> None:
    url = await w.document()
    await govern(w, url, rule(EVERYONE, "read", to=url), rule(agent(w.bob), "write", to=url))
    await readable(url, w.bob, w.anyone)
    denied(await w.anyone.put(url, TURTLE, ""))
    succeeded(await w.bob.put(url, TURTLE, NOTE))
