"""May they? One function gives the answer with its reason; every read, listing and write asks it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pod.access import wac
from pod.access.wac import Policy
from pod.errors import Forbidden, Unauthenticated
from pod.model.access import Grants, Mode, Need
from pod.model.agent import Agent
from pod.model.resource import Uri, View
from pod.rules import names

NO_GROUPS: frozenset[str] = frozenset()
OWNER = "owner"
"""The rule that stands outside of all policies: who owns a pod can always mend its policies."""


def governing(view: View) -> Uri | None:
    """The policy that decides about the view's URI: the nearest that exists (effective-acl-resource-algorithm)."""
    return view.policies[0].uri if view.policies else None


def questions(policy: Policy | None, agent: Agent) -> frozenset[str]:
    """The groups whose members must be known before `grants` can decide."""
    return NO_GROUPS if policy is None or agent.webid is None else policy.groups


def grants(
    view: View,
    policy: Policy | None,
    agent: Agent,
    groups: frozenset[str] = NO_GROUPS,
    *,
    strict_origin: bool = False,
) -> Grants:
    """What the agent may do at the view's URI, whether or not something is there.

    `policy` is the one that `governing` names, `groups` are those of `questions` that the agent is in.
    """
    modes: dict[Mode, str] = {}
    # A page that no policy names must not get by its visitor's ownership what it is refused otherwise.
    origin = agent.origin if strict_origin else None
    if policy is not None:
        subject = names.subject(policy.uri)
        inherited = subject != names.subject(view.uri)
        modes = wac.granted(policy, subject, agent.webid, groups, inherited=inherited, origin=origin)
    if origin is None and agent.webid is not None and view.pod is not None and agent.webid in view.pod.owners:
        modes.setdefault(Mode.CONTROL, OWNER)
    return Grants(modes, _refusal(agent, origin))


def _refusal(agent: Agent, origin: str | None) -> str:
    """The same for what exists and what does not, whatever was wished, so that nobody can tell by it."""
    whom = "everyone" if agent.webid is None else "you"
    # access-subject-origin-rejection-reason
    through = "" if origin is None else f" by way of {origin}"
    return f"No policy here gives this to {whom}{through}."


def require(agent: Agent, needs: Iterable[Need], granted: Mapping[Uri, Grants]) -> None:
    """Raise unless every need is met: Unauthenticated for who is not known, else Forbidden."""
    for need in needs:
        found = granted[need.uri]
        if found.allows(need.mode):
            continue
        if agent.webid is None:
            raise Unauthenticated(f"{found.refusal} Sign in to go on.")
        raise Forbidden(found.refusal)


def wac_allow(user: Grants, public: Grants) -> str:
    """The value of the header WAC-Allow (WAC, 6.1)."""
    return _wac_allow(frozenset(user.modes), frozenset(public.modes))


@lru_cache(maxsize=512)
def _wac_allow(user: frozenset[Mode], public: frozenset[Mode]) -> str:
    # What everyone may, whoever asks may too.
    return f'user="{_listed(user | public)}",public="{_listed(public)}"'


def _listed(modes: frozenset[Mode]) -> str:
    return " ".join(mode for mode in (Mode.READ, Mode.WRITE, Mode.APPEND, Mode.CONTROL) if mode in modes)
