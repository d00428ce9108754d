"""May they? One function gives the answer with its reason; every read, listing and write asks it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pod.access import consent as consents
from pod.access import wac
from pod.access.conditions import NEVER, NO_GROUPS, Memberships
from pod.access.wac import Policy
from pod.errors import Forbidden, Unauthenticated
from pod.model.access import Grants, Mode, Need
from pod.model.agent import ANYONE, Agent
from pod.model.consent import Consent
from pod.model.resource import Uri, View
from pod.rules import names

OWNER = "owner"
"""The rule that stands outside of all policies: who owns a pod can always mend its policies."""


def governing(view: View) -> Uri | None:
    """The policy that decides about the view's URI: the nearest that exists (effective-acl-resource-algorithm)."""
    return view.policies[0].uri if view.policies else None


def questions(policy: Policy | None, agent: Agent) -> Memberships:
    """The groups whose members must be known before `grants` can decide."""
    if policy is None:
        return NO_GROUPS
    asked = policy.groups
    return Memberships(
        asked.agent if agent.webid is not None else frozenset(),
        asked.client if agent.client is not None else frozenset(),
        asked.issuer if agent.issuer is not None else frozenset(),
    )


def grants(
    view: View,
    policy: Policy | None,
    agent: Agent,
    groups: Memberships = NO_GROUPS,
    *,
    consent: Consent | None = None,
    strict_origin: bool = False,
    now: int = NEVER,
) -> Grants:
    """What the agent may do at the view's URI, whether or not something is there.

    `policy` is the one that `governing` names, `groups` are those of `questions` that the agent, its client
    and its issuer are in. `consent` is what its person lets the client do; None when nothing limits it.
    """
    modes: dict[Mode, str] = {}
    # A page that no policy names must not get by its visitor's ownership what it is refused otherwise.
    origin = agent.origin if strict_origin else None
    if policy is not None:
        subject = names.subject(policy.uri)
        inherited = subject != names.subject(view.uri)
        modes = wac.granted(policy, subject, agent, groups, inherited=inherited, origin=origin, now=now)
    if origin is None and agent.webid is not None and view.pod is not None and agent.webid in view.pod.owners:
        modes.setdefault(Mode.CONTROL, OWNER)
    found = Grants(modes, _refusal(agent, origin))
    if consent is None:
        return found
    stranger = Agent(origin=agent.origin) if strict_origin else ANYONE
    return limited(found, grants(view, policy, stranger, strict_origin=strict_origin, now=now), consent, view.uri)


def limited(found: Grants, public: Grants, consent: Consent, uri: Uri) -> Grants:
    """The modes of `found` that the client may use at the URI, besides those that everyone has there."""
    let = consents.modes(consent, uri)
    if let == consents.ALL:
        return found
    modes = {mode: rule for mode, rule in found.modes.items() if mode in let or mode in public.modes}
    if not let:
        return Grants(modes, "You have let this app do nothing here.", limited=True)
    return Grants(modes, f"{found.refusal.removesuffix('.')}, or you have not let this app do it.", limited=True)


def _refusal(agent: Agent, origin: str | None) -> str:
    """The same for what exists and what does not, whatever was wished, so that nobody can tell by it."""
    whom = "everyone" if agent.webid is None else "you"
    # access-subject-origin-rejection-reason
    through = "" if origin is None else f" by way of {origin}"
    return f"No policy here gives this to {whom}{through}."


def require(agent: Agent, needs: Iterable[Need], granted: Mapping[Uri, Grants]) -> None:
    """Raise unless every need is met: Unauthenticated for who is not known, else Forbidden.

    Which of them is not met depends on what exists, so it is always told of the first one's URI.
    """
    needs = tuple(needs)
    if all(granted[need.uri].allows(need.mode) for need in needs):
        return
    found = granted[needs[0].uri]
    if agent.webid is None:
        raise Unauthenticated(f"{found.refusal} Sign in to go on.", by_policy=True)
    raise Forbidden(found.refusal, by_policy=True, client=agent.client, limited=found.limited)


def wac_allow(user: Grants, public: Grants) -> str:
    """The value of the header WAC-Allow (WAC, 6.1)."""
    return _wac_allow(frozenset(user.modes), frozenset(public.modes))


@lru_cache(maxsize=512)
def _wac_allow(user: frozenset[Mode], public: frozenset[Mode]) -> str:
    # What everyone may, whoever asks may too.
    return f'user="{_listed(user | public)}",public="{_listed(public)}"'


def _listed(modes: frozenset[Mode]) -> str:
    return " ".join(mode for mode in (Mode.READ, Mode.WRITE, Mode.APPEND, Mode.CONTROL) if mode in modes)
