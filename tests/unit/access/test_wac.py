"""Web Access Control: what policies say and what they give."""

import pytest

from pod.access import decide, wac
from pod.access.conditions import NO_GROUPS, Memberships
from pod.model.access import Mode
from pod.model.agent import ANYONE, Agent
from pod.model.resource import Uri
from tests.unit.access.policies import grants, modes, parsed, rule
from tests.unit.facts import BOB, uri, view

CAROL = "https://carol.example/profile#me"
HERE = uri("box/a")
POLICY = uri("box/a.acl")


def given(
    turtle: str, agent: Agent = ANYONE, groups: frozenset[str] = frozenset(), *, strict_origin: bool = False
) -> set[Mode]:
    """The modes on a document whose own policy says this."""
    policy = parsed(POLICY, turtle)
    here = view("box/a", "box/", "box/a", "box/a.acl")
    return modes(decide.grants(here, policy, agent, Memberships(groups), strict_origin=strict_origin))


@pytest.mark.spec("acl-mode", "acl-mode-read", "acl-mode-append", "acl-mode-control", "access-mode-classes")
@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Read", {Mode.READ}),
        ("Append", {Mode.APPEND}),
        ("Write", {Mode.WRITE, Mode.APPEND}),
        ("Control", {Mode.CONTROL}),
        ("Read Control", {Mode.READ, Mode.CONTROL}),
        ("Read Append Write Control", set(Mode)),
    ],
)
def test_a_mode_gives_itself_and_only_write_gives_another(said: str, meant: set[Mode]) -> None:
    assert given(rule(said, to="a")) == meant


@pytest.mark.spec("extension-acl-mode", "extension-acl-mode.continue", "extension-acl-mode.foreign")
def test_an_unknown_mode_is_passed_over() -> None:
    text = (
        "[] a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <a>;"
        ' acl:mode acl:Read, acl:Access, acl:read, ex:Write, ex:Everything, "Write", [].'
    )

    assert given(text) == {Mode.READ}


@pytest.mark.spec("authorization-conformance")
@pytest.mark.parametrize(
    "text",
    [
        "[] acl:agentClass foaf:Agent; acl:accessTo <a>; acl:mode acl:Read.",
        "[] a ex:Authorization; acl:agentClass foaf:Agent; acl:accessTo <a>; acl:mode acl:Read.",
        "[] a acl:Authorization; acl:accessTo <a>; acl:mode acl:Read.",
        "[] a acl:Authorization; acl:agentClass foaf:Agent; acl:mode acl:Read.",
        "[] a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <a>.",
        "[] a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <a>; acl:mode ex:Read.",
        '[] a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo "a"; acl:mode acl:Read.',
        '[] a acl:Authorization; acl:agent "https://bob.example/#me"; acl:accessTo <a>; acl:mode acl:Read.',
        "<< <x> a acl:Authorization >> acl:agentClass foaf:Agent; acl:accessTo <a>; acl:mode acl:Read.",
    ],
)
def test_an_incomplete_authorization_is_none(text: str) -> None:
    policy = parsed(POLICY, text + rule("Control", to="a"))

    assert len(policy.authorizations) == 1
    assert given(text) == set()


@pytest.mark.parametrize("name", ["[]", "_:rule", "<#rule>", "<https://elsewhere.example/rule>"])
def test_an_authorization_may_have_any_name_or_none(name: str) -> None:
    assert given(f"{name} a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <a>; acl:mode acl:Read.") == {
        Mode.READ
    }


def test_what_gives_a_mode_is_told() -> None:
    text = (
        "<#one> a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <a>; acl:mode acl:Read. "
        "<#two> a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <a>; acl:mode acl:Read, acl:Append. "
        "_:b a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <a>; acl:mode acl:Control."
    )

    found = wac.granted(parsed(POLICY, text), HERE, ANYONE, NO_GROUPS, inherited=False, origin=None)

    assert found[Mode.READ] == f"{POLICY}#one"
    assert found[Mode.APPEND] == f"{POLICY}#two"
    assert found[Mode.CONTROL].startswith("_:")


@pytest.mark.spec("authorization-evaluation-applicable")
def test_authorizations_add_up() -> None:
    assert given(rule("Read", to="a") + rule("Append", to="a", whom=f"acl:agent <{BOB}>"), Agent(BOB)) == {
        Mode.READ,
        Mode.APPEND,
    }


@pytest.mark.spec("acl-agent")
def test_an_agent_is_named_by_the_whole_webid() -> None:
    text = rule("Read", to="a", whom=f"acl:agent <{BOB}>, <{CAROL}>")

    assert given(text, Agent(BOB)) == given(text, Agent(CAROL)) == {Mode.READ}
    others = ["https://bob.example/", "https://bob.example/#you", "https://BOB.example/#me", "http://bob.example/#me"]
    assert all(given(text, Agent(other)) == set() for other in others)
    assert given(text) == set()


@pytest.mark.spec("acl-agentclass", "acl-agentclass-foaf-agent")
def test_everyone_is_everyone() -> None:
    assert given(rule("Read", to="a")) == given(rule("Read", to="a"), Agent(BOB)) == {Mode.READ}


@pytest.mark.spec("acl-agentclass-authenticated-agent")
def test_an_authenticated_agent_is_whoever_is_known() -> None:
    text = rule("Read", to="a", whom="acl:agentClass acl:AuthenticatedAgent")

    assert given(text, Agent(BOB)) == {Mode.READ}
    assert given(text) == given(text, Agent(origin="https://app.example")) == set()


def test_an_unknown_class_has_no_members() -> None:
    assert given(rule("Read", to="a", whom="acl:agentClass ex:Friend"), Agent(BOB)) == set()


@pytest.mark.spec("acl-agentgroup")
def test_a_group_gives_to_who_is_known_to_be_in_it() -> None:
    text = rule("Read", to="a", whom="acl:agentGroup ex:friends") + rule("Append", to="a", whom="acl:agentGroup ex:kin")

    assert given(text, Agent(BOB), frozenset({"http://example.org/friends"})) == {Mode.READ}
    assert given(text, Agent(BOB)) == set()


@pytest.mark.spec("acl-accessto", "acl-default", "authorization-evaluation-context")
def test_access_to_and_default_do_not_overlap() -> None:
    direct = {uri("box/.acl"): parsed(uri("box/.acl"), rule("Read", to="./"))}
    inherited = {uri("box/.acl"): parsed(uri("box/.acl"), rule("Read", default="./"))}
    box, child = view("box/", "box/", "box/.acl"), view("box/a", "box/", "box/.acl", "box/a")

    assert modes(grants(box, direct, ANYONE)) == modes(grants(child, inherited, ANYONE)) == {Mode.READ}
    assert modes(grants(box, inherited, ANYONE)) == modes(grants(child, direct, ANYONE)) == set()


@pytest.mark.spec("acl-default")
@pytest.mark.parametrize("path", ["box/a", "box/x/", "box/x/y/z", "box/a.meta", "box/a.acl"])
def test_what_is_inherited_reaches_any_depth_and_what_is_not_there_yet(path: str) -> None:
    found = {uri("box/.acl"): parsed(uri("box/.acl"), rule("Read", default="./"))}

    assert modes(grants(view(path, "box/", "box/.acl"), found, ANYONE)) == {Mode.READ}


@pytest.mark.spec(
    "effective-acl-resource-with-representation",
    "effective-acl-resource-without-representation",
    "effective-acl-resource-container-hierarchy",
    "effective-acl-resource-algorithm",
)
def test_the_nearest_policy_replaces_all_above() -> None:
    found = {
        uri(".acl"): parsed(uri(".acl"), rule("Read", to="./", default="./")),
        uri("box/.acl"): parsed(uri("box/.acl"), rule("Append", to="./", default="./")),
        uri("box/a.acl"): parsed(uri("box/a.acl"), rule("Control", to="a")),
    }
    there = ("box/", "box/.acl", "box/a", "box/a.acl")

    assert modes(grants(view("a", *there), found, ANYONE)) == {Mode.READ}
    assert modes(grants(view("box/b", *there), found, ANYONE)) == {Mode.APPEND}
    assert modes(grants(view("box/a", *there), found, ANYONE)) == {Mode.CONTROL}


@pytest.mark.parametrize("target", ["../", "b", "a#it", "a?x", "https://pods.example/bob/box/a", "a/"])
def test_a_policy_decides_about_its_own_subject_only(target: str) -> None:
    assert given(rule("Read", to=target)) == set()
    assert given(rule("Read", to=f"{target} a")) == {Mode.READ}


@pytest.mark.parametrize(
    "spelling", ["café", "caf%C3%A9", "caf%c3%a9", "c%61fé", "HTTPS://PODS.example:443/alice/café"]
)
def test_a_target_may_be_spelled_in_any_way(spelling: str) -> None:
    here, policy = uri("caf%C3%A9"), uri("caf%C3%A9.acl")
    found = wac.granted(
        parsed(policy, rule("Read", to=spelling)), here, ANYONE, NO_GROUPS, inherited=False, origin=None
    )

    assert set(found) == {Mode.READ}


def test_a_target_that_is_no_url_is_passed_over() -> None:
    assert given(rule("Read", to="urn:x:y a")) == {Mode.READ}


APP = "https://app.example"


@pytest.mark.spec("acl-origin", "authorization-evaluation-origin")
def test_an_origin_alone_gives_nothing_since_anyone_can_claim_it() -> None:
    text = rule("Read", to="a", whom=f"acl:origin <{APP}>")

    for strict in (False, True):
        assert given(text, Agent(origin=APP), strict_origin=strict) == set()
        assert given(text, Agent(BOB, origin=APP), strict_origin=strict) == set()


def test_origins_do_not_matter_unless_asked_for() -> None:
    text = rule("Read", to="a", whom=f"acl:agent <{BOB}>; acl:origin <https://other.example>")

    assert given(text, Agent(BOB, origin=APP)) == {Mode.READ}


@pytest.mark.spec("server-origin-authorization")
def test_where_origins_matter_an_app_must_be_named_for_the_mode() -> None:
    person = rule("Read Write", to="a", whom=f"acl:agent <{BOB}>")
    page = rule("Read Append", to="a", whom=f"acl:origin <{APP}/>")
    visitor = Agent(BOB, origin=APP)

    assert given(person, visitor, strict_origin=True) == set()
    assert given(person + page, visitor, strict_origin=True) == {Mode.READ, Mode.APPEND}
    assert given(person + page, Agent(BOB, origin="https://other.example"), strict_origin=True) == set()
    assert given(person, Agent(BOB), strict_origin=True) == {Mode.READ, Mode.WRITE, Mode.APPEND}


def test_an_app_must_be_named_for_this_place() -> None:
    person = rule("Read", to="a", whom=f"acl:agent <{BOB}>")
    elsewhere = rule("Read", to="b", default="a", whom=f"acl:origin <{APP}>")

    assert given(person + elsewhere, Agent(BOB, origin=APP), strict_origin=True) == set()


def test_what_everyone_may_every_page_may() -> None:
    assert given(rule("Read", to="a"), Agent(BOB, origin=APP), strict_origin=True) == {Mode.READ}
    assert given(rule("Read", to="a"), Agent(origin=APP), strict_origin=True) == {Mode.READ}


def test_the_groups_of_a_policy_are_known() -> None:
    text = rule("Read", to="a", whom="acl:agentGroup ex:one, ex:two") + rule(
        "Read", to="a", whom="acl:agentGroup ex:one"
    )

    assert parsed(POLICY, text).groups.agent == {"http://example.org/one", "http://example.org/two"}
    assert not parsed(POLICY, "").groups


@pytest.mark.spec("server-root-container-acl-authorization-control")
@pytest.mark.parametrize(
    ("text", "controlled"),
    [
        (rule("Control", to="./"), True),
        (rule("Read Write Control", to="./", default="./", whom=f"acl:agent <{BOB}>"), True),
        (rule("Read Write", to="./"), False),
        (rule("Control", default="./"), False),
        (rule("Control", to="box/"), False),
        (rule("Control", to="./", whom=f"acl:origin <{APP}>"), False),
        ("", False),
    ],
)
def test_a_policy_tells_who_controls_its_subject(text: str, controlled: bool) -> None:
    assert bool(list(wac.controls(parsed(Uri(uri(".acl")), text), uri(".")))) is controlled
