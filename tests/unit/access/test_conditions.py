"""What rules of policies require beyond an agent: a client, an issuer, a time (draft of WAC 1.1)."""

import pytest

from pod.access import conditions, decide, wac
from pod.access.conditions import Memberships
from pod.errors import Unprocessable
from pod.model.access import Mode
from pod.model.agent import ANYONE, Agent
from pod.rdf import formats
from pod.rules import links
from tests.unit.access.policies import PREFIXES, modes, parsed, rule
from tests.unit.facts import BOB, uri, view

POLICY = uri("box/a.acl")
APP, OTHER_APP = "https://app.example/id", "https://other.example/id"
ISSUER = "https://login.example/"
GROUP = "https://groups.example/list#trusted"
MORE = "@prefix odrl: <http://www.w3.org/ns/odrl/2/>. @prefix xsd: <http://www.w3.org/2001/XMLSchema#>.\n"
END = (
    '[ a odrl:Constraint; odrl:leftOperand odrl:dateTime; odrl:operator odrl:lt; odrl:rightOperand "{}"^^xsd:dateTime ]'
)


def conditional(*required: str, whom: str = f"acl:agent <{BOB}>") -> str:
    return MORE + rule("Read", to="a", whom="; ".join([whom, *(f"acl:condition {one}" for one in required)]))


def given(
    turtle: str,
    client: str | None = APP,
    issuer: str | None = ISSUER,
    groups: Memberships = conditions.NO_GROUPS,
    now: int = 0,
) -> set[Mode]:
    agent = Agent(BOB, client, issuer)
    return modes(decide.grants(view("box/a", "box/", "box/a"), parsed(POLICY, turtle), agent, groups, now=now))


@pytest.mark.spec("acl-condition", "access-client-condition")
def test_a_client_condition_is_met_by_the_client_that_it_names() -> None:
    text = conditional(f"[ a acl:ClientCondition; acl:client <{APP}>, <https://third.example/id> ]")

    assert given(text) == {Mode.READ}
    assert given(text, OTHER_APP) == given(text, None) == set()


@pytest.mark.spec("access-client-condition")
def test_a_client_condition_is_met_by_the_clients_of_a_group() -> None:
    text = conditional(f"[ a acl:ClientCondition; acl:clientGroup <{GROUP}> ]")

    assert parsed(POLICY, text).groups == Memberships(client=frozenset({GROUP}))
    assert given(text, groups=Memberships(client=frozenset({GROUP}))) == {Mode.READ}
    assert given(text) == set()
    assert given(text, groups=Memberships(frozenset({GROUP}), issuer=frozenset({GROUP}))) == set()


@pytest.mark.spec("access-client-condition", "access-issuer-condition")
def test_a_condition_can_be_met_by_any_client_or_issuer() -> None:
    text = conditional(
        "[ a acl:ClientCondition; acl:clientClass foaf:Agent ]", "[ a acl:IssuerCondition; acl:issuerClass foaf:Agent ]"
    )

    assert given(text) == given(text, None, None) == {Mode.READ}


@pytest.mark.spec("access-issuer-condition")
@pytest.mark.parametrize("named", ["https://login.example/", "https://login.example"])
def test_an_issuer_condition_is_met_by_its_issuer_with_or_without_a_slash(named: str) -> None:
    text = conditional(f"[ a acl:IssuerCondition, acl:Condition; acl:issuer <{named}> ]")

    assert given(text) == given(text, issuer=ISSUER[:-1]) == {Mode.READ}
    assert given(text, issuer="https://other.example/") == given(text, issuer=None) == set()


@pytest.mark.spec("access-issuer-condition")
def test_an_issuer_condition_is_met_by_the_issuers_of_a_group() -> None:
    text = conditional(f"[ a acl:IssuerCondition; acl:issuerGroup <{GROUP}> ]")

    assert given(text, groups=Memberships(issuer=frozenset({GROUP}))) == {Mode.READ}
    assert given(text, groups=Memberships(client=frozenset({GROUP}))) == set()


@pytest.mark.spec("server-condition-evaluation-conjunctive")
def test_all_conditions_of_a_rule_must_be_met() -> None:
    text = conditional(
        f"[ a acl:ClientCondition; acl:client <{APP}> ]", f"[ a acl:IssuerCondition; acl:issuer <{ISSUER}> ]"
    )

    assert given(text) == {Mode.READ}
    assert given(text, OTHER_APP) == given(text, issuer="https://other.example/") == set()


def test_two_conditions_on_the_client_must_both_be_met() -> None:
    text = conditional(
        f"[ a acl:ClientCondition; acl:client <{APP}>, <{OTHER_APP}> ]",
        f"[ a acl:ClientCondition; acl:client <{APP}> ]",
    )

    assert given(text) == {Mode.READ}
    assert given(text, OTHER_APP) == set()


def test_a_rule_with_an_end_gives_nothing_from_then_on() -> None:
    text = conditional(END.format("1970-01-01T00:00:10Z"), END.format("1970-01-01T02:00:11.5+01:00"))

    assert parsed(POLICY, text).ends == (10_000_000,)
    assert given(text, now=9_999_999) == {Mode.READ}
    assert given(text, now=10_000_000) == set()


def test_who_does_not_tell_the_time_gets_nothing_by_a_rule_that_ends() -> None:
    policy = parsed(POLICY, conditional(END.format("9999-12-31T23:59:59Z")))

    assert modes(decide.grants(view("box/a", "box/", "box/a"), policy, Agent(BOB))) == set()


def test_nobody_known_meets_no_condition_that_names_somebody() -> None:
    here, everyone = view("box/a", "box/", "box/a"), "acl:agentClass foaf:Agent"
    text = conditional(f"[ a acl:ClientCondition; acl:client <{APP}> ]", whom=everyone)

    assert modes(decide.grants(here, parsed(POLICY, text), ANYONE)) == set()
    assert given(text) == {Mode.READ}


MISUNDERSTOOD = [
    "[]",
    '"text"',
    "<#nothing>",
    "[ a ex:Condition ]",
    "[ a acl:Condition ]",
    f"[ a acl:ClientCondition, acl:IssuerCondition; acl:client <{APP}>; acl:issuer <{ISSUER}> ]",
    f"[ a acl:ClientCondition, ex:Condition; acl:client <{APP}> ]",
    "[ a acl:ClientCondition ]",
    f'[ a acl:ClientCondition; acl:client "{APP}" ]',
    f"[ a acl:ClientCondition; acl:issuer <{ISSUER}> ]",
    "[ a acl:ClientCondition; acl:clientClass acl:AuthenticatedAgent ]",
    "[ a acl:IssuerCondition ]",
    "[ a odrl:Constraint ]",
    END.format("2030-01-01T00:00:00"),
    END.format("2030-02-30T00:00:00Z"),
    END.format("2030-01-01"),
    END.format("2030-01-01T00:00:00Z").replace("^^xsd:dateTime", ""),
    END.format("2030-01-01T00:00:00Z").replace("odrl:lt", "odrl:gt"),
    END.format("2030-01-01T00:00:00Z").replace("odrl:dateTime", "odrl:spatial"),
    END.format("2030-01-01T00:00:00Z").replace(" ]", ', "2040-01-01T00:00:00Z"^^xsd:dateTime ]'),
    END.format("2030-01-01T00:00:00Z").replace("^^xsd:dateTime", ", <#x>").replace('"2030-01-01T00:00:00Z", ', ""),
]


@pytest.mark.spec("server-condition-evaluation", "consider-condition-legacy")
@pytest.mark.parametrize("condition", MISUNDERSTOOD)
def test_a_rule_with_a_condition_that_is_not_understood_gives_nothing_and_is_refused(condition: str) -> None:
    text = conditional("[ a acl:ClientCondition; acl:clientClass foaf:Agent ]", condition)

    assert given(text) == set()
    assert given(text + rule("Append", to="a")) == {Mode.APPEND}
    with pytest.raises(Unprocessable, match=r"^A rule has a condition that is not understood here: it .*[^.]\.$"):
        wac.require_understood(formats.parse((PREFIXES + text).encode(), "text/turtle", POLICY))


def test_a_refusal_names_the_rule_that_has_a_name() -> None:
    text = PREFIXES + "<#odd> a acl:Authorization; acl:condition []. <#none> acl:condition []."

    with pytest.raises(Unprocessable, match=r"^The rule https://pods.example/alice/box/a.acl#odd has"):
        wac.require_understood(formats.parse(text.encode(), "text/turtle", POLICY))


@pytest.mark.spec("server-link-condition")
def test_what_is_advertised_is_understood() -> None:
    understood = {
        "ClientCondition": "acl:clientClass foaf:Agent",
        "IssuerCondition": "acl:issuerClass foaf:Agent",
        "Constraint": END.format("2030-01-01T00:00:00Z")[len("[ a odrl:Constraint; ") : -1],
    }

    assert len(links.CONDITIONS) == len(understood)
    for kind in links.CONDITIONS:
        text = conditional(f"[ a <{kind}>; {understood[kind.rpartition('#')[2].rpartition('/')[2]]} ]")
        assert given(text) == {Mode.READ}


@pytest.mark.spec("consider-client-agnostic-control")
def test_control_under_a_condition_is_not_control_of_the_root() -> None:
    text = rule(
        "Control", to=".", whom=f"acl:agent <{BOB}>; acl:condition [ a acl:ClientCondition; acl:client <{APP}> ]"
    )

    assert list(wac.controls(parsed(uri(".acl"), text), uri("."))) == []
