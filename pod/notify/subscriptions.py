"""Who wants to hear of what, kept for all workers.

Beside each subscription lie two small index entries: one by what it is about, so that those about a resource
are found however many others there are, and one by who made it, which bounds how many that can be.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from pod.errors import Throttled
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.notify import feed
from pod.storage.ports import Records, Swap

SUBSCRIPTIONS = "subscription"
BY_TOPIC = "subscription-topic"
BY_AGENT = "subscription-agent"
_PUSHED, _FETCHED = b"push", b"receive"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks for. Times are in microseconds since 1970."""

    channel: str
    """The local name of the channel type."""
    topic: Uri
    below: bool = False
    """Whether the topic is a container and all that lies in it is meant as well."""
    accept: str = "application/ld+json"
    """The media type of messages."""
    state: str | None = None
    """The state that the client knows."""
    rate: int = 0
    """Microseconds between two messages, at least."""
    start: int | None = None
    end: int | None = None
    send_to: str | None = None
    auth: str | None = None
    p256dh: str | None = None
    """With `auth`, how to encrypt for the browser behind a push service."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A wish that was granted."""

    id: str
    secret: str
    """Whoever knows it may receive."""
    wish: Wish
    agent: Agent
    since: int
    """`seq` of the newest entry of the log when it was made."""
    created: int
    root: str
    """Of the pod that the topic lies in."""

    def encoded(self) -> bytes:
        """As it is kept."""
        return json.dumps(asdict(self)).encode()


def decoded(content: bytes) -> Subscription:
    """A subscription as it was before it was kept."""
    facts = json.loads(content)
    facts["wish"]["topic"] = Uri(facts["wish"]["topic"])
    return Subscription(**{**facts, "wish": Wish(**facts["wish"]), "agent": Agent(**facts["agent"])})


Known = dict[str, Sequence[tuple[str, bytes]]]
"""What there is about a topic, as of one moment."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many subscriptions there may be."""

    per_agent: int
    per_pod: int


class Subscriptions:
    """Keeps subscriptions, and finds them by what they are about."""

    def __init__(self, records: Records, bounds: Bounds, clock: Callable[[], int]) -> None:
        self._records = records
        self._bounds = bounds
        self._clock = clock

    async def add(self, wish: Wish, agent: Agent, root: str, since: int) -> Subscription:
        """Keep a new subscription; Throttled when the agent, or all in the pod together, have too many."""
        person = _person(agent, root)
        if len(await self._records.below(BY_AGENT, f"{person} ")) >= self._bounds.per_agent:
            raise Throttled(
                f"There are {self._bounds.per_agent} subscriptions of yours, which is the most; end one first.", 60
            )
        if len(await self._records.below(BY_TOPIC, root)) >= self._bounds.per_pod:
            raise Throttled(
                f"The pod has {self._bounds.per_pod} subscriptions, which is the most; try again later.", 60
            )
        made = Subscription(
            secrets.token_urlsafe(12), secrets.token_urlsafe(24), wish, agent, since, self._clock(), root
        )
        await self._records.swap(*self._swaps(made, None, made.encoded()))
        return made

    async def get(self, identifier: str) -> Subscription | None:
        """The subscription with this id, unless it has ended."""
        content = await self._records.get(SUBSCRIPTIONS, identifier)
        return None if content is None else decoded(content)

    async def remove(self, subscription: Subscription, *beside: Swap) -> bool:
        """End the subscription, and make the swaps beside that; no when it has ended already, and nothing is made."""
        kept = await self._records.get(SUBSCRIPTIONS, subscription.id)
        return kept is not None and await self._records.swap(*self._swaps(subscription, kept, None), *beside)

    def _swaps(self, one: Subscription, old: bytes | None, new: bytes | None) -> Iterator[Swap]:
        end = one.wish.end
        yield Swap(SUBSCRIPTIONS, one.id, old, new, end)
        pushed = _PUSHED if one.wish.send_to is not None else _FETCHED
        for family, key in ((BY_TOPIC, _topic_key(one)), (BY_AGENT, f"{_person(one.agent, one.root)} {one.id}")):
            yield Swap(family, key, None if new is not None else pushed, None if new is None else pushed, end)

    async def pushed(self, activity: feed.Activity, known: Known) -> Sequence[Subscription]:
        """Those about the activity to which the server delivers of its own accord.

        `known` is for activities that are looked at together: most are about the same few containers.
        """
        prefixes = [_prefix(activity.topic, below=False)]
        prefixes += [_prefix(one, below=True) for one in feed.topics_above(activity.topic)]
        found = []
        for prefix in prefixes:
            if prefix not in known:
                known[prefix] = await self._records.below(BY_TOPIC, prefix)
            for key, kind in known[prefix]:
                if kind == _PUSHED:
                    one = await self.get(key.rpartition(" ")[2])
                    if one is not None:
                        found.append(one)
        return found


def _prefix(topic: Uri, *, below: bool) -> str:
    # No URI has a space in it, so that none is taken for the beginning of another.
    return f"{topic} {'below' if below else 'only'} "


def _topic_key(one: Subscription) -> str:
    return _prefix(one.wish.topic, below=one.wish.below) + one.id


def _person(agent: Agent, root: str) -> str:
    """Who made subscriptions: all that nobody is known to have made in a pod count together."""
    return hashlib.sha256((agent.webid or f"anyone in {root}").encode()).hexdigest()[:32]
