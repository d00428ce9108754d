"""Subscriptions are kept for all workers, and found by what they are about."""

from dataclasses import replace

import pytest

from pod.errors import Throttled
from pod.model.agent import ANYONE, Agent
from pod.model.change import Entry, Happening
from pod.model.resource import Uri
from pod.notify import feed
from pod.notify.subscriptions import Bounds, Subscriptions, Wish
from pod.rules import names
from pod.storage.ports import Records
from tests.contract.making import NOON, ROOT, SECOND, Backend, uri

BOB = Agent("https://bob.example/#me", "https://app.example/")
HOOK = "https://hook.example/"


def kept(records: Records, backend: Backend, per_agent: int = 10, per_pod: int = 20) -> Subscriptions:
    return Subscriptions(records, Bounds(per_agent, per_pod), backend.clock)


def wish(path: str, send_to: str | None = HOOK, *, below: bool = False, end: int | None = None) -> Wish:
    return Wish("WebhookChannel2023", uri(path), below=below, send_to=send_to, end=end)


def activity(path: str) -> feed.Activity:
    here = uri(path)
    entry = Entry(1, 1, here, names.kind(here), Happening.UPDATE, "text/turtle", None, None, None, None, 0)
    return next(feed.activities([entry]))


async def test_a_subscription_comes_back_as_it_was_kept(backend: Backend) -> None:
    async with backend.opened() as stores:
        whole = replace(wish("a", end=2 * NOON), state='"x"', rate=5, start=3, auth="k", p256dh="q", below=False)
        made = await kept(stores.records, backend).add(whole, BOB, ROOT, 7)

        assert await kept(stores.records, backend).get(made.id) == made
        assert (made.wish, made.agent, made.since) == (whole, BOB, 7)


async def test_those_that_are_pushed_are_found_by_topic(backend: Backend) -> None:
    async with backend.opened() as stores:
        subscriptions = kept(stores.records, backend)
        exact = await subscriptions.add(wish("box/a"), BOB, ROOT, 0)
        deep = await subscriptions.add(wish("box/", below=True), BOB, ROOT, 0)
        for other in (wish("box/"), wish("box/ab"), wish("box/a", None), wish("other/", below=True)):
            await subscriptions.add(other, BOB, ROOT, 0)

        found = await subscriptions.pushed(activity("box/a"), {})

        assert {one.id for one in found} == {exact.id, deep.id}


async def test_what_ended_is_not_found(backend: Backend) -> None:
    async with backend.opened() as stores:
        subscriptions = kept(stores.records, backend)
        made = await subscriptions.add(wish("a"), BOB, ROOT, 0)
        timed = await subscriptions.add(wish("a", end=NOON + SECOND), BOB, ROOT, 0)

        await subscriptions.remove(made)
        await subscriptions.remove(made)
        backend.clock.now = NOON + 2 * SECOND

        assert await subscriptions.pushed(activity("a"), {}) == []
        assert await subscriptions.get(timed.id) is None


async def test_each_agent_may_have_so_many(backend: Backend) -> None:
    async with backend.opened() as stores:
        subscriptions = kept(stores.records, backend, per_agent=1)
        for agent, root in ((BOB, ROOT), (ANYONE, ROOT), (ANYONE, Uri("https://pods.example/bob/"))):
            first = await subscriptions.add(wish("a"), agent, root, 0)
            with pytest.raises(Throttled):
                await subscriptions.add(wish("a"), agent, root, 0)
            await subscriptions.remove(first)
            await subscriptions.add(wish("a"), agent, root, 0)


async def test_each_pod_may_have_so_many(backend: Backend) -> None:
    async with backend.opened() as stores:
        subscriptions = kept(stores.records, backend, per_pod=1)
        await subscriptions.add(wish("a"), BOB, ROOT, 0)
        with pytest.raises(Throttled, match="pod"):
            await subscriptions.add(wish("b"), ANYONE, ROOT, 0)
