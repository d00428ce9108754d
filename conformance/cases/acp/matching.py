"""When a Policy is satisfied, and when a Matcher is (ACP, 4.3, 4.4, 6.4, 6.5)."""

from conformance.access import hidden, readable
from conformance.case import NotOffered, case
from conformance.cases.acp._resources import (
    NOBODY,
    OTHER_APP,
    PUBLIC,
    SIGNED_IN,
    agent,
    govern,
    governed,
    policy,
    visitor,
)
from conformance.issuer import CLIENT as APP
from conformance.target import ACP
from conformance.world import World

ACP_ONLY = ("acp",)
REACHED = ("acp", "reach")


async def _read_when(
    w: World, *, all_of: tuple[str, ...] = (), any_of: tuple[str, ...] = (), none_of: tuple[str, ...] = ()
) -> str:
    """A document that may be read when these Matchers are satisfied as they must be."""
    return await governed(w, policy(allow="read", all_of=all_of, any_of=any_of, none_of=none_of))


# -- policies


@case("acp-anyOf", "satisfied-policy", needs=ACP_ONLY)
async def one_matcher_of_any_of_must_be_satisfied(w: World) -> None:
    await readable(await _read_when(w, any_of=(NOBODY, agent(w.bob))), w.bob)
    await hidden(await _read_when(w, any_of=(NOBODY, agent(w.alice))), w.bob)


@case("acp-allOf", "satisfied-policy", needs=ACP_ONLY)
async def each_matcher_of_all_of_must_be_satisfied(w: World) -> None:
    await readable(await _read_when(w, all_of=(SIGNED_IN, agent(w.bob))), w.bob)
    url = await _read_when(w, all_of=(PUBLIC, agent(w.bob), NOBODY))
    await hidden(url, w.bob, w.anyone)


@case("acp-noneOf", "satisfied-policy", needs=ACP_ONLY)
async def no_matcher_of_none_of_may_be_satisfied(w: World) -> None:
    await readable(await _read_when(w, any_of=(SIGNED_IN,), none_of=(NOBODY,)), w.bob)
    await hidden(await _read_when(w, any_of=(SIGNED_IN,), none_of=(NOBODY, agent(w.bob))), w.bob)
    await hidden(await _read_when(w, all_of=(PUBLIC,), none_of=(SIGNED_IN,)), w.bob)


@case("satisfied-policy", "acp-noneOf", needs=ACP_ONLY)
async def none_of_alone_satisfies_no_policy(w: World) -> None:
    """There must be a Matcher of allOf or anyOf (ACP, 6.4)."""
    await hidden(await _read_when(w, none_of=(NOBODY,)), w.bob, w.anyone)


@case("satisfied-policy", needs=ACP_ONLY)
async def a_policy_without_matchers_is_not_satisfied(w: World) -> None:
    await hidden(await _read_when(w), w.bob, w.anyone)


@case("satisfied-policy", "acp-allOf", "acp-anyOf", needs=ACP_ONLY)
async def all_of_and_any_of_must_both_be_satisfied(w: World) -> None:
    await readable(await _read_when(w, all_of=(SIGNED_IN,), any_of=(NOBODY, agent(w.bob))), w.bob)
    await hidden(await _read_when(w, all_of=(SIGNED_IN,), any_of=(NOBODY,)), w.bob)
    await hidden(await _read_when(w, all_of=(NOBODY,), any_of=(agent(w.bob),)), w.bob)


@case("satisfied-policy", "acp-allOf", "acp-anyOf", "acp-noneOf", needs=ACP_ONLY)
async def all_three_may_stand_together(w: World) -> None:
    matchers = {"all_of": (PUBLIC, SIGNED_IN), "any_of": (agent(w.bob), NOBODY)}
    await readable(await _read_when(w, **matchers, none_of=(NOBODY, agent(w.alice))), w.bob)
    await hidden(await _read_when(w, **matchers, none_of=(agent(w.bob),)), w.bob)


# -- matchers of agents


@case("acp-agent-matcher", "conforming-resource-server.context", "acp-Context", needs=ACP_ONLY)
async def an_agent_that_is_named_matches(w: World) -> None:
    url = await _read_when(w, any_of=(agent(w.bob),))
    await readable(url, w.bob)
    await hidden(url, w.anyone)


@case("acp-agent-matcher", "satisfied-matcher", needs=ACP_ONLY)
async def one_of_the_agents_that_are_named_is_enough(w: World) -> None:
    await readable(await _read_when(w, any_of=(f"{NOBODY}, <{w.bob.webid}>",)), w.bob)


@case("satisfied-matcher.equality", "acp-agent-matcher", needs=ACP_ONLY)
async def agents_are_compared_letter_by_letter(w: World) -> None:
    """Nothing is normalized: neither a part of a WebID nor one that goes on is the same (ACP, 6.5)."""
    document = w.bob.webid.partition("#")[0]
    for other in (f"{w.bob.webid}2", w.bob.webid[:-1], w.bob.webid.replace("http", "HTTP", 1), document):
        if other != w.bob.webid:
            await hidden(await _read_when(w, any_of=(f"acp:agent <{other}>",)), w.bob)


@case("acp-public-agent", needs=ACP_ONLY)
async def the_public_agent_is_everyone(w: World) -> None:
    await readable(await _read_when(w, any_of=(PUBLIC,)), w.bob, w.anyone, w.alice)


@case("acp-authenticated-agent", needs=ACP_ONLY)
async def the_authenticated_agent_is_anyone_who_signs_in(w: World) -> None:
    url = await _read_when(w, any_of=(SIGNED_IN,))
    await readable(url, w.bob)
    await hidden(url, w.anyone)


@case("acp-creator-agent", needs=ACP_ONLY)
async def the_creator_of_a_resource_is_nobody_else(w: World) -> None:
    await hidden(await _read_when(w, any_of=("acp:agent acp:CreatorAgent",)), w.bob, w.anyone)


@case("acp-owner-agent", needs=ACP_ONLY)
async def the_owner_of_a_resource_is_nobody_else(w: World) -> None:
    await hidden(await _read_when(w, any_of=("acp:agent acp:OwnerAgent",)), w.bob, w.anyone)


async def _attribute(w: World, name: str) -> None:
    """NotOffered unless the server says that it describes each access by this attribute."""
    named = (await w.alice.options(await govern(w, await w.document()))).linked(f"{ACP}attribute")
    if f"{ACP}{name}" not in named:
        raise NotOffered(f"The server does not name acp:{name} among its attributes.")


async def _own_only(w: World, matcher: str) -> None:
    """Alice reads what she made in her storage by this Matcher alone."""
    url = await w.document()
    await govern(w, url, policy(deny="read", any_of=[PUBLIC], none_of=[matcher]), policy(allow="read", any_of=[PUBLIC]))
    await readable(url, w.alice)
    await hidden(url, w.bob)


@case("acp-creator-agent", "acp-Context", needs=ACP_ONLY)
async def the_creator_of_a_resource_matches(w: World) -> None:
    await _attribute(w, "creator")
    await _own_only(w, "acp:agent acp:CreatorAgent")


@case("acp-owner-agent", "acp-Context", needs=ACP_ONLY)
async def the_owner_of_a_resource_matches(w: World) -> None:
    await _attribute(w, "owner")
    await _own_only(w, "acp:agent acp:OwnerAgent")


# -- matchers of clients and issuers


@case("acp-client-matcher", "acp-Context", "conforming-resource-server.context", needs=REACHED)
async def a_client_that_is_named_matches_and_another_does_not(w: World) -> None:
    known = await visitor(w)
    url = await _read_when(w, any_of=(f"acp:client <https://third.example/id>, <{APP}>",))
    await readable(url, known.through())
    await hidden(url, known.through(OTHER_APP), w.anyone)


@case("acp-public-client", needs=ACP_ONLY)
async def the_public_client_is_any_client_and_none(w: World) -> None:
    await readable(await _read_when(w, any_of=("acp:client acp:PublicClient",)), w.bob, w.anyone)


@case("acp-authenticated-client", needs=REACHED)
async def the_authenticated_client_is_any_client(w: World) -> None:
    """In the editor's draft alone (2022-09-29)."""
    known = await visitor(w)
    url = await _read_when(w, any_of=("acp:client acp:AuthenticatedClient",))
    await readable(url, known.through(), known.through(OTHER_APP))
    await hidden(url, w.anyone)


@case("acp-issuer-matcher", "acp-Context", "conforming-resource-server.context", needs=REACHED)
async def an_issuer_that_is_named_matches_and_another_does_not(w: World) -> None:
    known = await visitor(w)
    url = await _read_when(w, any_of=(f"acp:issuer <{known.issuer.url}>, <https://nobody.example/>",))
    await readable(url, known.through(), known.through(OTHER_APP))
    await hidden(url, known.through(APP, known.other), w.anyone)


@case("acp-public-issuer", needs=ACP_ONLY)
async def the_public_issuer_is_any_issuer_and_none(w: World) -> None:
    """ACP, 4.4: issuer attributes using acp:PublicIssuer MUST match all Contexts."""
    await readable(await _read_when(w, any_of=("acp:issuer acp:PublicIssuer",)), w.bob, w.anyone)


@case("acp-authenticated-issuer", needs=ACP_ONLY)
async def the_authenticated_issuer_is_any_issuer(w: World) -> None:
    """In the editor's draft alone (2022-09-29)."""
    url = await _read_when(w, any_of=("acp:issuer acp:AuthenticatedIssuer",))
    await readable(url, w.bob)
    await hidden(url, w.anyone)


@case("satisfied-matcher.equality", "acp-client-matcher", needs=REACHED)
async def clients_are_compared_letter_by_letter(w: World) -> None:
    known = await visitor(w)
    for other in (f"{APP}2", APP[:-1], f"{APP}/", APP.upper()):
        await hidden(await _read_when(w, any_of=(f"acp:client <{other}>",)), known.through())


@case("satisfied-matcher", "acp-client-matcher", "acp-issuer-matcher", needs=REACHED)
async def each_attribute_of_a_matcher_must_match(w: World) -> None:
    """One value of each is enough, and of each there must be one (ACP, 6.5)."""
    known = await visitor(w)
    facts = f"acp:agent <{known.webid}>; acp:client <{APP}>; acp:issuer <{known.issuer.url}>"
    url = await _read_when(w, any_of=(facts,))
    await readable(url, known.through())
    await hidden(url, known.through(OTHER_APP), known.through(APP, known.other), w.bob, w.anyone)


@case("satisfied-matcher", needs=ACP_ONLY)
async def attributes_of_a_matcher_go_together_without_other_issuers(w: World) -> None:
    """The same with the credentials that a run has anyway."""
    await readable(await _read_when(w, any_of=(f"{agent(w.bob)}; acp:client acp:PublicClient",)), w.bob)
    await hidden(await _read_when(w, any_of=(f"{agent(w.bob)}; acp:client <{OTHER_APP}>",)), w.bob)
    await hidden(await _read_when(w, any_of=(f"{NOBODY}; acp:issuer acp:PublicIssuer",)), w.bob, w.anyone)


@case("satisfied-matcher", "acp-always-satisfied-restriction", needs=ACP_ONLY)
async def a_matcher_that_says_nothing_is_not_satisfied(w: World) -> None:
    """Not to be satisfied is the default of a Matcher (ACP, 4.4)."""
    await hidden(await _read_when(w, any_of=("",)), w.bob, w.anyone)
    await hidden(await _read_when(w, all_of=("",)), w.bob, w.anyone)
    await hidden(await _read_when(w, all_of=("", agent(w.bob))), w.bob)


@case("satisfied-matcher", "acp-always-satisfied-restriction", needs=ACP_ONLY)
async def a_matcher_without_attributes_satisfies_no_none_of(w: World) -> None:
    await readable(await _read_when(w, any_of=(agent(w.bob),), none_of=("",)), w.bob)


@case("acp-vc-matcher", "acp-vc-matcher.valid", needs=ACP_ONLY)
async def without_a_credential_a_matcher_of_credentials_is_not_satisfied(w: World) -> None:
    """No credential goes with a request here, and so none is valid."""
    await hidden(await _read_when(w, any_of=("acp:vc ex:Member",)), w.bob, w.anyone)


@case("acp-vc-matcher", "satisfied-matcher", needs=ACP_ONLY)
async def an_agent_does_not_stand_for_a_credential(w: World) -> None:
    await hidden(await _read_when(w, any_of=(f"{agent(w.bob)}; acp:vc ex:Member",)), w.bob)


@case("matcher-extensibility", "satisfied-matcher", needs=ACP_ONLY, level="SHOULD")
async def an_attribute_that_is_not_known_satisfies_no_matcher(w: World) -> None:
    """Who supports further attributes also defines how they match; one that nobody defined matches nothing."""
    await hidden(await _read_when(w, any_of=("ex:tag ex:Music",)), w.bob, w.anyone)
