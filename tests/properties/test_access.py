"""What holds for all policies."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pod.access import decide, wac
from pod.access.conditions import Memberships
from pod.model.access import Mode
from pod.model.agent import ANYONE, Agent
from pod.model.resource import View
from pod.rdf.graph import BlankNode, Graph, NamedNode, Triple
from pod.rdf.vocab import ACL, FOAF, RDF
from tests.unit.facts import ALICE, BOB, uri, view

CAROL = "https://carol.example/#me"
FRIENDS = "https://bob.example/groups#friends"
APP, OTHER_APP = "https://app.example", "https://other.example"
POLICY = uri("box/.acl")
THERE = ("box/", "box/.acl", "box/a")

places = st.sampled_from([uri("box/"), uri("box/a"), uri(".")])
members = st.sampled_from(
    [
        (ACL.agent, BOB),
        (ACL.agent, CAROL),
        (ACL.agentClass, FOAF.Agent),
        (ACL.agentClass, ACL.AuthenticatedAgent),
        (ACL.agentGroup, FRIENDS),
        (ACL.origin, APP),
    ]
)
modes = st.sampled_from([ACL.Read, ACL.Append, ACL.Write, ACL.Control, "http://example.org/Mode"])
statements = st.one_of(
    st.tuples(st.sampled_from([ACL.accessTo, ACL.default]), places), members, st.tuples(st.just(ACL.mode), modes)
)
agents = st.builds(
    Agent,
    webid=st.sampled_from([None, ALICE, BOB, CAROL]),
    origin=st.sampled_from([None, APP, OTHER_APP]),
)
groups = st.sampled_from([frozenset(), frozenset({FRIENDS})])
views = st.sampled_from([view(path, *THERE) for path in ("box/", "box/a", "box/new", "box/a.acl", "box/a.meta")])


@st.composite
def authorizations(draw: st.DrawFn) -> Graph:
    """The triples of one authorization, whole or not, named by an IRI or not at all."""
    name = draw(st.one_of(st.builds(BlankNode), st.uuids().map(lambda one: NamedNode(f"{POLICY}#{one}"))))
    facts = draw(st.sets(statements, max_size=6))
    whole = draw(st.booleans())
    if whole:
        facts |= {(RDF.type, ACL.Authorization), draw(members), (ACL.mode, draw(modes)), (ACL.accessTo, uri("box/"))}
    return frozenset(Triple(name, NamedNode(predicate), NamedNode(value)) for predicate, value in facts)


def held(graph: Graph, here: View, agent: Agent, in_groups: frozenset[str], *, strict: bool) -> set[Mode]:
    return set(decide.grants(here, wac.parse(graph, POLICY), agent, Memberships(in_groups), strict_origin=strict).modes)


@settings(max_examples=100)
@given(st.lists(authorizations(), max_size=3), authorizations(), views, agents, groups, st.booleans())
def test_an_authorization_only_ever_adds(
    rules: list[Graph], more: Graph, here: View, agent: Agent, in_groups: frozenset[str], strict: bool
) -> None:
    graph: Graph = frozenset().union(*rules)

    assert held(graph, here, agent, in_groups, strict=strict) <= held(
        graph | more, here, agent, in_groups, strict=strict
    )


@settings(max_examples=100)
@given(st.lists(authorizations(), max_size=3), views, agents, groups)
def test_who_is_known_has_all_that_everyone_has(
    rules: list[Graph], here: View, agent: Agent, in_groups: frozenset[str]
) -> None:
    graph: Graph = frozenset().union(*rules)
    everyone = held(graph, here, ANYONE, frozenset(), strict=False)

    assert everyone <= held(graph, here, agent, in_groups, strict=False)
    assert everyone == held(graph, here, Agent(origin=agent.origin), frozenset(), strict=False)


@settings(max_examples=100)
@given(st.lists(authorizations(), max_size=3), views, agents, groups)
def test_to_look_at_origins_only_ever_takes_away(
    rules: list[Graph], here: View, agent: Agent, in_groups: frozenset[str]
) -> None:
    graph: Graph = frozenset().union(*rules)

    assert held(graph, here, agent, in_groups, strict=True) <= held(graph, here, agent, in_groups, strict=False)


@settings(max_examples=100)
@given(st.lists(authorizations(), max_size=3), views, st.booleans())
def test_an_owner_controls_whatever_the_policy_says(rules: list[Graph], here: View, strict: bool) -> None:
    graph: Graph = frozenset().union(*rules)

    assert Mode.CONTROL in held(graph, here, Agent(ALICE), frozenset(), strict=strict)


@settings(max_examples=100)
@given(st.lists(authorizations(), max_size=3), views, agents, groups, st.booleans())
def test_who_may_write_may_append(
    rules: list[Graph], here: View, agent: Agent, in_groups: frozenset[str], strict: bool
) -> None:
    found = held(frozenset().union(*rules), here, agent, in_groups, strict=strict)

    assert Mode.WRITE not in found or Mode.APPEND in found
