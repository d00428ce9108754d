"""What a person lets an app do, shown in their policies too, where that changes nothing.

The record of the consent alone decides. A rule shows it to whoever reads the policy with other tools: on a
document or container in the person's own pod that has a policy of its own, which gives the person these modes anyway.
"""

import hashlib
import re

from pod import events
from pod.access import granting
from pod.errors import PodError
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.consent import Consent, Grant
from pod.model.resource import Kind, Uri
from pod.policies import Policies
from pod.resources import Resources
from pod.rules import names

_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


class Showing:
    """Writes rules for consents, and takes them out again."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._policies = Policies(resources)

    async def turned(self, before: Consent | None, after: Consent | None) -> None:
        """A consent has become another one, or came to be, or is gone: its rules follow, as far as they can."""
        old = frozenset() if before is None else frozenset(before.grants)
        new = frozenset() if after is None else frozenset(after.grants)
        for consent, grants, change in ((before, old - new, self._hide), (after, new - old, self._show)):
            for grant in sorted(grants, key=lambda one: one.target):
                assert consent is not None  # it has grants
                try:
                    await change(consent, grant)
                except PodError as error:
                    # The policy may be gone or too large: nothing depends on the rule.
                    events.failed("showing", error)

    async def _hide(self, consent: Consent, grant: Grant) -> None:
        if await self._is_own(consent, grant.target):
            await self._policies.remove(Agent(consent.agent), grant.target, _name(consent, grant.target))

    async def _show(self, consent: Consent, grant: Grant) -> None:
        if not _IRI.fullmatch(consent.client) or not await self._is_own(consent, grant.target):
            return
        person = Agent(consent.agent)
        modes = grant.modes - {Mode.APPEND} if Mode.WRITE in grant.modes else grant.modes
        if not all([await self._resources.may(person, grant.target, mode) for mode in modes]):
            return
        rule = granting.rule(
            _name(consent, grant.target),
            grant.target,
            consent.agent,
            sorted(modes),
            below=names.kind(grant.target) is Kind.CONTAINER,
            client=consent.client,
            until=grant.until,
        )
        await self._policies.add(person, grant.target, rule)

    async def _is_own(self, consent: Consent, target: Uri) -> bool:
        """Whether the place lies in the person's own pod and has a policy of its own."""
        if names.kind(target) not in {Kind.CONTAINER, Kind.DOCUMENT}:
            return False
        view = await self._resources.state(names.policy_of(target))
        return (
            view is not None and view.target is not None and view.pod is not None and consent.agent in view.pod.owners
        )


def _name(consent: Consent, target: Uri) -> str:
    """The IRI of the rule that shows what the app may do there."""
    who = hashlib.sha256(f"{consent.agent} {consent.client}".encode()).hexdigest()[:16]
    return f"{names.policy_of(target)}#app-{who}"
