"""Puts together what tells clients of changes."""

from collections.abc import Callable
from dataclasses import dataclass

from pod.actors import Actors
from pod.config import Settings
from pod.fetch import Fetcher
from pod.notify import hub, seats, service, signing, subscriptions, webpush
from pod.notify.cursors import Cursors, Tickets
from pod.notify.feed import Activity, Message
from pod.notify.hub import Hub
from pod.notify.pushing import Pusher, Tell
from pod.notify.service import Live, Sending
from pod.notify.subscriptions import Subscription, Subscriptions
from pod.notify.webhook import Webhooks
from pod.notify.webpush import WebPush
from pod.resources import Resources
from pod.storage.ports import Records, Store


@dataclass(frozen=True, slots=True)
class Notifications:
    """The parts; `hub.follow` and `pusher.run` are to be run as tasks."""

    hub: Hub
    pusher: Pusher
    live: Live
    cursors: Cursors
    tickets: Tickets


@dataclass(frozen=True, slots=True)
class Sources:
    """What the parts stand on."""

    store: Store
    records: Records
    resources: Resources
    fetcher: Fetcher
    actors: Actors
    tell: Tell
    """Tells people what has happened to their subscriptions."""


def notifications(settings: Settings, sources: Sources, now: Callable[[], int], secret: bytes) -> Notifications:
    """The parts; the secret is that of `cursors.shared_secret`."""
    limits, records = settings.live, sources.records
    kept = Subscriptions(
        records, subscriptions.Bounds(limits.subscriptions_per_agent, limits.subscriptions_per_pod), now
    )
    cursors, tickets = Cursors(secret), Tickets(secret)

    async def exists(identifier: str) -> bool:
        return await kept.get(identifier) is not None

    async def signer() -> signing.Signer:
        return await signing.signer(records, f"{settings.base_url}{service.PLACE}sender")

    async def vapid() -> webpush.Vapid:
        return await webpush.vapid(records)

    async def composed(subscription: Subscription, activity: Activity) -> tuple[Message, str] | None:
        wish = subscription.wish
        if activity.time < (wish.start or 0):
            return None
        return await following.compose(subscription.agent, activity, wish.accept, wish.topic)

    bounds = hub.Bounds(limits.backlog, limits.replay)
    room = seats.Seats(seats.Bounds(limits.streams, limits.streams_per_agent, limits.streams_per_address))
    following = Hub(
        sources.store, sources.resources, cursors, bounds, now, seats=room, exists=exists, actors=sources.actors
    )
    webhooks = Webhooks(sources.fetcher, signer, now)
    push = WebPush(sources.fetcher, vapid, now, settings.base_url)
    deliver = {service.WEBHOOK: webhooks.deliver, service.INBOX: webhooks.deliver, service.WEB_PUSH: push.deliver}
    pusher = Pusher(sources.store, records, kept, composed, deliver, now, tell=sources.tell)
    live = Live(
        sources.resources, following, kept, (cursors, tickets), now, settings, sending=Sending(pusher, signer, vapid)
    )
    return Notifications(following, pusher, live, cursors, tickets)
