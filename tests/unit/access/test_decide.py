"""One decision with its reason."""

import pytest

from pod.access import decide
from pod.access.conditions import NO_GROUPS, Memberships
from pod.errors import Forbidden, Unauthenticated
from pod.model.access import Grants, Mode, Need
from pod.model.agent import ANYONE, Agent
from tests.unit.access.policies import modes, parsed, rule
from tests.unit.facts import ALICE, BOB, uri, view

OWNER, OTHER = Agent(ALICE), Agent(BOB)
NOTHING = parsed(uri(".acl"), "")


def test_the_nearest_policy_governs() -> None:
    assert decide.governing(view("box/a", "box/", "box/.acl")) == uri("box/.acl")
    assert decide.governing(view("box/a", "box/")) == uri(".acl")
    assert decide.governing(view("box/.acl", "box/", "box/.acl")) == uri("box/.acl")
    assert decide.governing(view("a", pods=())) == uri(".acl")


def test_only_groups_that_could_matter_are_asked_for() -> None:
    policy = parsed(uri(".acl"), rule("Read", to="./", whom="acl:agentGroup ex:friends"))

    assert decide.questions(policy, OTHER) == Memberships(frozenset({"http://example.org/friends"}))
    assert decide.questions(policy, ANYONE) == decide.questions(None, OTHER) == NO_GROUPS


@pytest.mark.spec("server-storage-track-owner")
@pytest.mark.parametrize("path", [".", ".acl", "a", "box/a", "box/a.acl"])
def test_the_owner_of_a_pod_can_always_mend_its_policies(path: str) -> None:
    for policy in (None, NOTHING):
        found = decide.grants(view(path, "box/", "box/a"), policy, OWNER)

        assert found.modes == {Mode.CONTROL: decide.OWNER}


@pytest.mark.parametrize("agent", [OTHER, ANYONE, Agent("https://pods.example/alice/profile/card")])
def test_nobody_else_gets_anything_without_a_rule(agent: Agent) -> None:
    for policy in (None, NOTHING):
        assert modes(decide.grants(view("a"), policy, agent)) == set()


def test_an_owner_owns_nothing_outside_of_the_pod() -> None:
    assert modes(decide.grants(view("a", pods=()), None, OWNER)) == set()


def test_a_rule_that_gives_control_is_named_before_ownership() -> None:
    policy = parsed(
        uri(".acl"), f"<#owner> a acl:Authorization; acl:agent <{ALICE}>; acl:accessTo <./>; acl:mode acl:Control."
    )

    assert decide.grants(view("."), policy, OWNER).modes == {Mode.CONTROL: f"{uri('.acl')}#owner"}


def test_where_origins_matter_a_page_gets_nothing_by_the_ownership_of_its_visitor() -> None:
    visitor = Agent(ALICE, origin="https://app.example")

    assert modes(decide.grants(view("a"), NOTHING, visitor, strict_origin=True)) == set()
    assert modes(decide.grants(view("a"), NOTHING, visitor)) == {Mode.CONTROL}
    assert modes(decide.grants(view("a"), NOTHING, OWNER, strict_origin=True)) == {Mode.CONTROL}


@pytest.mark.parametrize(
    ("agent", "path", "strict", "said"),
    [
        (ANYONE, ".", False, "No policy here gives this to everyone."),
        (OTHER, ".", False, "No policy here gives this to you."),
        (OTHER, "a", False, "No policy here gives this to you."),
        (Agent(BOB, origin="https://app.example"), "a", False, "No policy here gives this to you."),
        (
            Agent(BOB, origin="https://app.example"),
            "a",
            True,
            "No policy here gives this to you by way of https://app.example.",
        ),
    ],
)
@pytest.mark.spec("access-subject-origin-rejection-reason")
def test_a_refusal_says_who_was_refused_and_not_by_which_policy(
    agent: Agent, path: str, strict: bool, said: str
) -> None:
    assert decide.grants(view(path), NOTHING, agent, strict_origin=strict).refusal == said


def test_a_place_without_a_policy_refuses_in_the_same_words() -> None:
    assert decide.grants(view("a", pods=()), None, OTHER).refusal == "No policy here gives this to you."


def test_who_has_what_is_needed_may_go_on() -> None:
    here = uri("a")
    granted = {here: Grants({Mode.READ: "#r", Mode.APPEND: "#r"}, "")}

    decide.require(ANYONE, (), {})
    decide.require(ANYONE, (Need(here, Mode.READ), Need(here, Mode.APPEND)), granted)


@pytest.mark.spec("server-unauthenticated")
def test_who_is_unknown_is_asked_to_sign_in() -> None:
    here = uri("a")

    with pytest.raises(Unauthenticated) as refused:
        decide.require(ANYONE, (Need(here, Mode.READ),), {here: Grants({}, "No rule gives this.")})

    assert refused.value.code is None
    assert refused.value.message == "No rule gives this. Sign in to go on."


def test_who_is_known_is_refused_and_always_told_of_the_target() -> None:
    here, there = uri("a"), uri("b")
    granted = {here: Grants({Mode.READ: "#r"}, "No rule."), there: Grants({}, "No rule there.")}

    with pytest.raises(Forbidden) as refused:
        decide.require(OTHER, (Need(here, Mode.READ), Need(there, Mode.WRITE)), granted)

    assert refused.value.message == "No rule."


@pytest.mark.spec("server-wac-allow", "wac-allow")
@pytest.mark.parametrize(
    ("user", "public", "header"),
    [
        ((), (), 'user="",public=""'),
        ((Mode.READ, Mode.CONTROL), (), 'user="read control",public=""'),
        ((Mode.READ, Mode.APPEND), (Mode.READ,), 'user="read append",public="read"'),
        ((Mode.APPEND, Mode.WRITE), (), 'user="write append",public=""'),
        ((Mode.CONTROL,), (Mode.READ,), 'user="read control",public="read"'),
        (tuple(Mode), tuple(Mode), 'user="read write append control",public="read write append control"'),
    ],
)
def test_what_user_and_public_may_is_told_in_one_line(
    user: tuple[Mode, ...], public: tuple[Mode, ...], header: str
) -> None:
    def granted(held: tuple[Mode, ...]) -> Grants:
        return Grants(dict.fromkeys(held, "#rule"), "")

    assert decide.wac_allow(granted(user), granted(public)) == header
