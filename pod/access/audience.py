"""Who may look at something, as far as a policy says: for people who want to know who can see what is theirs."""

from dataclasses import dataclass

from pod.access.wac import Authorization, Policy
from pod.model.access import Mode
from pod.model.resource import Uri
from pod.rdf.vocab import ACL, FOAF
from pod.rules import names


@dataclass(frozen=True, slots=True)
class Audience:
    """Those whom rules let read. Rules for one app alone count too: its person is who sees something through it."""

    everyone: bool = False
    authenticated: bool = False
    """Everyone who signs in, wherever that is."""
    agents: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


def audience(policy: Policy | None, uri: Uri, now: int) -> Audience:
    """Who may read at the URI, which the policy governs; nobody where there is none."""
    rules = [] if policy is None else [one for one in policy.authorizations if _counts(policy, one, uri, now)]
    classes = frozenset().union(*(one.classes for one in rules))
    return Audience(
        everyone=FOAF.Agent in classes,
        authenticated=ACL.AuthenticatedAgent in classes,
        agents=frozenset().union(*(one.agents for one in rules)),
        groups=frozenset().union(*(one.groups for one in rules)),
    )


def _counts(policy: Policy, rule: Authorization, uri: Uri, now: int) -> bool:
    """Whether the rule lets somebody read there at this moment."""
    subject = names.subject(policy.uri)
    here = rule.access_to if subject == names.subject(uri) else rule.default
    is_over = rule.when.until is not None and rule.when.until <= now
    return Mode.READ in rule.modes and subject in here and not is_over
