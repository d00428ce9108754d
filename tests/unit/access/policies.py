"""Policies in Turtle, and what they give, for tests of access."""

from collections.abc import Iterable, Mapping

from pod.access import decide, wac
from pod.model.access import Grants, Mode, Need
from pod.model.agent import Agent
from pod.model.resource import Uri, View
from pod.rdf import formats
from tests.unit.facts import view

PREFIXES = (
    "@prefix acl: <http://www.w3.org/ns/auth/acl#>. @prefix foaf: <http://xmlns.com/foaf/0.1/>."
    "@prefix ex: <http://example.org/>.\n"
)


def parsed(uri: Uri, turtle: str) -> wac.Policy:
    """The policy at `uri` that says this."""
    return wac.parse(formats.parse((PREFIXES + turtle).encode(), "text/turtle", uri), uri)


def rule(modes: str, *, to: str = "", default: str = "", whom: str = "acl:agentClass foaf:Agent") -> str:
    """An authorization for everyone, or for `whom`; `modes` and targets are separated by spaces."""
    targets = [*(f"acl:accessTo <{one}>" for one in to.split()), *(f"acl:default <{one}>" for one in default.split())]
    given = [f"acl:mode acl:{mode}" for mode in modes.split()]
    return f"[] a acl:Authorization; {'; '.join([whom, *targets, *given])}.\n"


def grants(here: View, policies: Mapping[Uri, wac.Policy], agent: Agent) -> Grants:
    """What the agent may do there."""
    governing = decide.governing(here)
    assert governing is not None  # the root of a pod has a policy
    return decide.grants(here, policies[governing], agent)


def require(
    needs: Iterable[Need], policies: Mapping[Uri, wac.Policy], agent: Agent, there: tuple[str, ...], root: str
) -> None:
    """Raise unless the agent may do all that, where these resources exist."""
    needs = tuple(needs)
    decide.require(
        agent, needs, {one.uri: grants(view(one.uri.removeprefix(root), *there), policies, agent) for one in needs}
    )


def modes(found: Grants) -> set[Mode]:
    """The modes alone."""
    return set(found.modes)
