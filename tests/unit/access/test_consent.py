"""What a client may do is what its user may and what its user lets it do."""

import pytest

from pod.access import consent as consents
from pod.access import decide
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.consent import Consent, Grant
from pod.model.resource import Uri
from tests.unit.access.policies import modes, parsed, rule
from tests.unit.facts import ALICE, BOB, ROOT, uri, view

APP = "https://app.example/id"
R, A, W, C = Mode.READ, Mode.APPEND, Mode.WRITE, Mode.CONTROL


def consent(*grants: tuple[str, set[Mode]]) -> Consent:
    return Consent(BOB, APP, tuple(Grant(Uri(target), frozenset(given)) for target, given in grants), 0)


@pytest.mark.parametrize(
    ("path", "let"),
    [
        ("box/", {R}),
        ("box/a", {R}),
        ("box/in/deep", {R}),
        ("box/a.acl", {R}),
        ("box/.acl", {R}),
        ("box/a.meta", {R}),
        ("box", set()),
        ("boxes/", set()),
        ("boxes/a", set()),
        (".", set()),
        ("note", {A, W}),
        ("note.acl", {A, W}),
        ("note.meta", {A, W}),
        ("note/", set()),
        ("note/x", set()),
        ("notes", set()),
        ("note2", set()),
    ],
)
def test_a_grant_is_for_its_target_and_for_all_that_lies_in_a_container(path: str, let: set[Mode]) -> None:
    given = consent((uri("box/"), {R}), (uri("note"), {W}))

    assert consents.modes(given, uri(path)) == let


def test_grants_add_up_and_write_contains_append() -> None:
    given = consent((uri("box/"), {R}), (uri("box/in/"), {W}), (uri("box/in/a"), {C}))

    assert consents.modes(given, uri("box/in/a")) == {R, A, W, C}
    assert consents.modes(given, uri("box/in/b")) == {R, A, W}
    assert consents.modes(given, uri("box/b")) == {R}


def test_the_base_url_stands_for_everything() -> None:
    assert consents.modes(consent(("https://pods.example/", set(Mode))), uri("box/a")) == consents.ALL


POLICY = parsed(
    uri(".acl"),
    rule("Read Write Control", default=".", whom=f"acl:agent <{BOB}>") + rule("Read", default=".", to="."),
)


def held(path: str, *grants: tuple[str, set[Mode]], agent: str = BOB) -> set[Mode]:
    found = decide.grants(view(path, "box/", "box/a"), POLICY, Agent(agent, APP), consent=consent(*grants))
    return modes(found)


def test_a_client_may_what_both_the_policy_and_the_consent_give() -> None:
    assert held("box/a", (uri("box/"), {R, A})) == {R, A}
    assert held("box/a", (uri("box/"), {W})) == {R, A, W}
    assert held("box/a", (ROOT, set(Mode))) == {R, A, W, C}
    assert held("box/a", (ROOT, set(Mode)), agent="https://carol.example/#me") == {R}


def test_what_everyone_may_a_client_may_without_consent() -> None:
    assert held("box/a") == held("box/a", (uri("other/"), set(Mode))) == {R}


def test_an_owner_controls_through_a_client_only_when_that_was_agreed() -> None:
    nothing = parsed(uri(".acl"), "")
    owner = Agent(ALICE, APP)

    for given, expected in ((consent((ROOT, {R, W})), set()), (consent((ROOT, {C})), {C})):
        assert modes(decide.grants(view("box/a"), nothing, owner, consent=given)) == expected


def test_a_strict_origin_counts_for_what_everyone_may_too() -> None:
    agent = Agent(BOB, APP, origin="https://app.example")

    found = decide.grants(view("box/a"), POLICY, agent, consent=consent((ROOT, {R})), strict_origin=True)

    assert modes(found) == {R}


@pytest.mark.parametrize(
    ("grants", "said"),
    [
        ([(ROOT, set(Mode))], "No policy here gives this to you."),
        ([(ROOT, {R})], "No policy here gives this to you, or you have not let this app do it."),
        ([(uri("other/"), {R})], "You have let this app do nothing here."),
    ],
)
def test_a_refusal_follows_from_the_consent_and_not_from_what_is_there(
    grants: list[tuple[str, set[Mode]]], said: str
) -> None:
    for path in ("box/a", "box/none"):
        found = decide.grants(view(path, "box/", "box/a"), POLICY, Agent(BOB, APP), consent=consent(*grants))

        assert found.refusal == said
        assert found.limited is (said != "No policy here gives this to you.")
