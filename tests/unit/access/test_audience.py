"""Who can see something, as far as its policy says."""

import pytest

from pod.access.audience import Audience, audience
from tests.unit.access.policies import parsed, rule
from tests.unit.facts import BOB, uri

NOW = 1_000_000
BOX, HERE = uri("box/"), uri("box/a")
EVERYONE, SIGNED_IN = "acl:agentClass foaf:Agent", "acl:agentClass acl:AuthenticatedAgent"
FRIENDS = "https://friends.example/list#us"
MORE = "@prefix odrl: <http://www.w3.org/ns/odrl/2/>. @prefix xsd: <http://www.w3.org/2001/XMLSchema#>.\n"
UNTIL = (
    "acl:agentClass foaf:Agent; acl:condition [ a odrl:Constraint; odrl:leftOperand odrl:dateTime;"
    ' odrl:operator odrl:lt; odrl:rightOperand "{}"^^xsd:dateTime ]'
)


def of(turtle: str) -> Audience:
    """Who reads the document, where its own policy says this."""
    return audience(parsed(uri("box/a.acl"), turtle), HERE, NOW)


def test_everyone_named_may_be_one_or_many_or_all() -> None:
    several = f"acl:agent <{BOB}>; acl:agentGroup <{FRIENDS}>"

    assert of(rule("Read", to="a")) == Audience(everyone=True)
    assert of(rule("Read", to="a", whom=SIGNED_IN)) == Audience(authenticated=True)
    assert of(rule("Read", to="a", whom=several)) == Audience(agents=frozenset({BOB}), groups=frozenset({FRIENDS}))


@pytest.mark.parametrize("modes", ["Append", "Write", "Control"])
def test_who_may_not_read_sees_nothing(modes: str) -> None:
    assert of(rule(modes, to="a")) == Audience()


def test_rules_of_a_container_count_below_it_only_by_inheritance() -> None:
    policy = parsed(uri("box/.acl"), rule("Read", to="./", whom=f"acl:agent <{BOB}>") + rule("Read", default="./"))

    assert audience(policy, BOX, NOW) == Audience(agents=frozenset({BOB}))
    assert audience(policy, HERE, NOW) == Audience(everyone=True)


def test_a_rule_counts_until_it_ends() -> None:
    policy = parsed(uri("box/a.acl"), MORE + rule("Read", to="a", whom=UNTIL.format("1970-01-01T00:00:02Z")))

    assert audience(policy, HERE, 1_999_999) == Audience(everyone=True)
    assert audience(policy, HERE, 2_000_000) == Audience()


def test_where_there_is_no_policy_nobody_sees_anything() -> None:
    assert audience(None, HERE, NOW) == Audience()
