"""What an agent may do somewhere: policies read, groups looked up, and `pod.access` asked."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pod.access import consent as consents
from pod.access import decide, reasons, wac
from pod.access.audience import Audience, audience
from pod.access.conditions import NO_GROUPS, Memberships
from pod.access.reasons import Facts, Reason
from pod.cache import Cache
from pod.consents import Consents
from pod.contexts import Contexts
from pod.errors import Damaged, Malformed, NotFound
from pod.fetch import Fetcher
from pod.groups import Groups
from pod.model.access import Grants, Mode, Need
from pod.model.agent import ANYONE, Agent
from pod.model.consent import Consent
from pod.model.resource import Pod, Resource, Uri, View
from pod.rdf import formats
from pod.rdf.graph import Graph
from pod.rules import names
from pod.storage.ports import Blobs, Store

POLICIES = 200_000
"""IRIs in policies that are kept parsed."""
ANSWERS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One agent's grants on one URI, with what the public has there."""

    user: Grants
    public: Grants
    settled: bool
    """The answer follows from the view alone, and not from who is in a group just now."""
    until: int | None = None
    """When a rule ends, so that the answer may be another; in microseconds since 1970."""


_Question = tuple[object, ...]
"""All that an answer depends on: the governing policy and its digest, whether it is inherited,
the owners of the pod, who asks, and from which origin where that counts; and client and issuer
where a rule requires some."""
_NOTHING = Grants({}, "")
_BY_CLIENT = Asked(_NOTHING, _NOTHING, settled=False)
"""Kept for a question that cannot be answered without client and issuer."""


class Permissions:
    """Answers from policies. An answer is kept by what it depends on, so that it never goes out of date."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        contexts: Contexts,
        fetcher: Fetcher,
        consents: Consents,
        now: Callable[[], int],
        *,
        base_url: str,
        strict_origin: bool,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._contexts = contexts
        self.consents = consents
        self._now = now
        self._groups = Groups(base_url, fetcher, contexts, self._group_document)
        self._strict_origin = strict_origin
        # By URI, so that a policy that changes all the time does not stay in all its versions.
        self._policies: Cache[Uri, tuple[str, wac.Policy]] = Cache(POLICIES, _weight)
        self._answers: Cache[_Question, Asked] = Cache(ANSWERS)
        self._limited: Cache[_Question, tuple[Asked, Asked]] = Cache(ANSWERS)

    async def on(self, view: View, agent: Agent) -> Asked:
        """What the agent and the public may do at the view's URI."""
        question = _question(view, agent.webid, agent.origin if self._strict_origin else None)
        kept = self._answers.get(question)
        if kept is _BY_CLIENT:
            question = (*question, agent.client, agent.issuer)
            kept = self._answers.get(question)
        if kept is None or (kept.until is not None and kept.until <= self._now()):
            kept = await self._fresh(view, agent, question)
        consent = None if agent.client is None else await self.consents.of(agent)
        return kept if consent is None else self._narrowed(kept, consent, view, question)

    async def _fresh(self, view: View, agent: Agent, question: _Question) -> Asked:
        policy = await self._policy(view)
        asked = await self._asked(view, policy, agent)
        if policy is not None and policy.is_conditional and len(question) == _UNCONDITIONAL:
            self._answers.put(question, _BY_CLIENT)
            question = (*question, agent.client, agent.issuer)
        if asked.settled:
            self._answers.put(question, asked)
        return asked

    def _narrowed(self, asked: Asked, consent: Consent, view: View, question: _Question) -> Asked:
        """What is left of the answer for a client that may do no more than was agreed; the same object each time."""
        let = consents.modes(consent, view.uri)
        if let == consents.ALL:
            return asked
        key = (*question, let)
        kept = self._limited.get(key)
        if kept is None or kept[0] is not asked:
            kept = asked, replace(asked, user=decide.limited(asked.user, asked.public, consent, view.uri))
            self._limited.put(key, kept)
        return kept[1]

    async def require(self, view: View, agent: Agent, needs: Iterable[Need]) -> Asked:
        """The answer about the view's URI, or Unauthenticated or Forbidden when a need is not met.

        NotFound, whoever asks, in a pod that is closed or was removed.
        """
        if view.pod is not None and view.pod.closed:
            raise NotFound("This pod was closed; nothing is here.")
        needs = tuple(needs)
        asked = await self.on(view, agent)
        granted = {view.uri: asked.user}
        settled = asked.settled
        for need in needs:
            if need.uri not in granted:
                other = await self.on(await self._store.view(need.uri), agent)
                granted[need.uri] = other.user
                settled = settled and other.settled
        decide.require(agent, needs, granted)
        return asked if settled is asked.settled else replace(asked, settled=settled)

    async def reasons(self, view: View, agent: Agent, modes: Iterable[Mode]) -> Sequence[Reason]:
        """Why the agent has each of the modes at the view's URI, or has not; NotFound in a pod that is closed."""
        if view.pod is not None and view.pod.closed:
            raise NotFound("This pod was closed; nothing is here.")
        policy = await self._policy(view)
        groups = await self._memberships(view, policy, agent) or NO_GROUPS
        consent = await self.consents.of(agent)
        facts = Facts(view, policy, agent, groups, consent, self._now(), self._strict_origin)
        return [reasons.of(facts, mode) for mode in modes]

    async def audience(self, view: View) -> Audience:
        """Who may read at the view's URI."""
        return audience(await self._policy(view), view.uri, self._now())

    async def parsed(self, policy: Resource) -> wac.Policy:
        """The rules of a policy; Damaged when what is stored cannot be read."""
        digest = policy.blob.digest
        kept = self._policies.get(policy.uri)
        if kept is not None and kept[0] == digest:
            return kept[1]
        found = wac.parse(await self.graph(policy), policy.uri)
        self._policies.put(policy.uri, (digest, found))
        return found

    async def graph(self, policy: Resource) -> Graph:
        """What a policy states; Damaged when what is stored cannot be read."""
        content = await self._blobs.read(policy.blob)
        try:
            contexts = await self._contexts.of(content, policy.media_type, policy.uri)
            return formats.parse(content, policy.media_type, policy.uri, contexts)
        except Malformed as error:
            raise Damaged(f"The policy {policy.uri} cannot be read.") from error

    async def _policy(self, view: View) -> wac.Policy | None:
        return await self.parsed(view.policies[0]) if view.policies else None

    async def _asked(self, view: View, policy: wac.Policy | None, agent: Agent) -> Asked:
        strict, now = self._strict_origin, self._now()
        until = None if policy is None else next((one for one in policy.ends if one > now), None)
        public = decide.grants(view, policy, Agent(origin=agent.origin), strict_origin=strict, now=now)
        if agent.webid is None:
            return Asked(public, public, settled=True, until=until)
        groups = await self._memberships(view, policy, agent)
        user = decide.grants(view, policy, agent, groups or NO_GROUPS, strict_origin=strict, now=now)
        return Asked(user, public, settled=groups is None, until=until)

    async def _memberships(self, view: View, policy: wac.Policy | None, agent: Agent) -> Memberships | None:
        """The groups that could matter and that those who ask are in; None when none could."""
        asked = decide.questions(policy, agent)
        if not asked:
            return None
        pairs = ((agent.webid, asked.agent), (agent.client, asked.client), (agent.issuer, asked.issuer))
        found = [
            await self._groups.memberships(name, groups, view.pod) if name is not None and groups else frozenset()
            for name, groups in pairs
        ]
        return Memberships(*found)

    async def _group_document(self, uri: Uri, pod: Pod | None) -> tuple[bytes, str] | None:
        view = await self._store.view(uri)
        if view.target is None:
            return None
        if pod is None or view.pod is None or view.pod.root != pod.root:
            asked = await self.on(view, ANYONE)
            if not asked.public.allows(Mode.READ):
                return None
        return await self._blobs.read(view.target.blob), view.target.media_type


_UNCONDITIONAL = 6
"""How much a question has in it that names neither client nor issuer."""


def _weight(kept: tuple[str, wac.Policy]) -> int:
    """How many IRIs the policy holds, about."""
    rules = kept[1].authorizations
    named = sum(8 + len(one.agents) + len(one.groups) + len(one.origins) + len(one.access_to) for one in rules)
    parties = (some for one in rules for some in (*one.when.clients, *one.when.issuers))
    return named + sum(4 + len(one.names) + len(one.groups) for one in parties)


def _question(view: View, webid: str | None, origin: str | None) -> _Question:
    owners = () if view.pod is None else view.pod.owners
    if not view.policies:
        return (None, "", False, owners, webid, origin)
    policy = view.policies[0]
    inherited = names.subject(policy.uri) != names.subject(view.uri)
    return (policy.uri, policy.blob.digest, inherited, owners, webid, origin)
