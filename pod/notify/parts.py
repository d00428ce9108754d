"""Puts together what tells clients of changes."""

from collections.abc import Callable
from dataclasses import dataclass

from pod.config import Settings
from pod.notify import hub, subscriptions
from pod.notify.cursors import Cursors, Tickets
from pod.notify.hub import Hub
from pod.notify.service import Live
from pod.notify.subscriptions import Subscriptions
from pod.resources import Resources
from pod.storage.ports import Records, Store


@dataclass(frozen=True, slots=True)
class Notifications:
    """The parts; `hub.follow` is to be run as a task."""

    hub: Hub
    live: Live
    cursors: Cursors
    tickets: Tickets


def notifications(
    settings: Settings, store: Store, records: Records, resources: Resources, now: Callable[[], int], *, secret: bytes
) -> Notifications:
    """The parts over a storage; the secret is that of `cursors.shared_secret`."""
    limits = settings.live
    kept = Subscriptions(
        records, subscriptions.Bounds(limits.subscriptions_per_agent, limits.subscriptions_per_pod), now
    )
    cursors, tickets = Cursors(secret), Tickets(secret)

    async def exists(identifier: str) -> bool:
        return await kept.get(identifier) is not None

    bounds = hub.Bounds(limits.streams, limits.streams_per_agent, limits.backlog, limits.replay)
    following = Hub(store, resources, cursors, bounds, now, exists=exists)
    live = Live(
        resources,
        following,
        kept,
        (cursors, tickets),
        now,
        settings,
    )
    return Notifications(following, live, cursors, tickets)
