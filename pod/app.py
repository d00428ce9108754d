"""What runs: the application of each worker, and what commands do beside it."""

import asyncio
import contextlib
import gc
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pod import events
from pod.access import wac
from pod.config import Settings
from pod.errors import Conflict, Misconfigured, PodError
from pod.http import peers
from pod.http.request import Message, Receive, Send
from pod.http.server import Server
from pod.idp.provision import Created, Request
from pod.model.resource import Kind
from pod.parts import Parts, now, opened
from pod.rules import names
from pod.storage.ports import Damage
from pod.storage.stores import is_made

DAY = 24 * 3600
MINUTE = 60
SETTLED = 60
"""Seconds after which a server has answered those who waited for it to start."""
DEMO = Request("demo", "demo@localhost.example", playground=True)


class Application:
    """What each worker runs: opens its parts when the server starts, and closes them at its end.

    Holds only settings until then, so that it can be handed to another process.
    """

    def __init__(self, settings: Settings, *, demo: bool = False) -> None:
        self._settings = settings
        self._demo = demo
        self._proxies = settings.trusted_proxies
        self._server: Server | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """ASGI: the life of the worker, or one request."""
        if scope["type"] in {"http", "websocket"}:
            assert self._server is not None  # the server starts before the first request
            if self._proxies:
                scope["client"] = (peers.address(scope, self._proxies), 0)
            try:
                await self._server(scope, receive, send)
            except asyncio.CancelledError:
                # The end of the server has waited long enough for the client to take its answer.
                events.abandoned()
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        events.configure()
        _end_with_parent()
        # What is imported stays for ever, and hardly anything here is cyclic: to look for cycles
        # after every few hundred objects would cost a tenth of the time of each request.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        try:
            async with opened(self._settings) as parts:
                await parts.provider.keys.open()
                await parts.provider.keys.ring()
                if self._demo:
                    await _make_demo(parts)
                self._server = parts.server()
                telling = parts.notifications
                running = (
                    _sweep(parts),
                    _keep_up(parts),
                    parts.mail.run(),
                    telling.hub.follow(),
                    telling.pusher.run(),
                )
                tasks = [asyncio.create_task(one) for one in running]
                events.started(self._settings.base_url, self._settings.storage.kind)
                await send({"type": "lifespan.startup.complete"})
                await receive()
                for task in tasks:
                    task.cancel()
                for task in tasks:
                    with contextlib.suppress(asyncio.CancelledError):
                        await task
        except PodError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        events.stopped()
        await send({"type": "lifespan.shutdown.complete"})


def _end_with_parent() -> None:
    """A worker ends when the process that started it is gone: else nobody could end it, and it would keep the port."""
    parent, loop = multiprocessing.parent_process(), asyncio.get_running_loop()
    if parent is None:
        return
    gone = parent.sentinel

    def end() -> None:
        loop.remove_reader(gone)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(gone, end)


async def _sweep(parts: Parts) -> None:
    """Soon after the start and then once a day, remove what takes up room for nothing."""
    pause = SETTLED
    while True:
        await asyncio.sleep(pause)
        pause = DAY
        try:
            await parts.stores.sweep(now())
            await parts.deletion.sweep()
            await parts.provider.keys.open()
        except PodError as error:
            events.failed("sweep", error)  # what was not swept today will be tomorrow


async def _keep_up(parts: Parts) -> None:
    """Each minute, keep which apps were used, and take out rules whose time is over."""
    while True:
        await asyncio.sleep(MINUTE)
        try:
            await parts.consents.flush()
            await parts.requests.sweep()
        except PodError as error:
            events.failed("minute", error)  # a rule gives nothing after its end, whether or not it is there


async def prepare(settings: Settings, *, demo: bool) -> None:
    """Make what a first start needs, and with `demo` a pod to try things in; Misconfigured when it cannot be."""
    async with opened(settings) as parts:
        if demo:
            await _make_demo(parts)


async def _make_demo(parts: Parts) -> None:
    """A pod to try things in, unless it is there already."""
    with contextlib.suppress(Conflict):
        await parts.provision.create(DEMO)


@asynccontextmanager
async def beside(settings: Settings) -> AsyncIterator[Parts]:
    """The parts for a command, whether a server runs on the same data or not."""
    if settings.storage.kind == "memory":
        raise Misconfigured(("storage.kind: what is in the memory of a server only that server can reach.",))
    async with opened(settings, beside=True) as parts:
        yield parts


def _require_made(settings: Settings) -> None:
    if settings.storage.kind != "memory" and not is_made(Path(settings.storage.data)):
        raise Misconfigured((f"storage.data: no server has kept anything in {settings.storage.data}.",))


async def create_pod(settings: Settings, request: Request) -> Created:
    """Make a pod, whether a server runs on the same data or not."""
    async with beside(settings) as parts:
        return await parts.provision.create(request)


async def check(settings: Settings, *, repair: bool) -> Sequence[Damage]:
    """Everything that is not as it must be: rows, blobs, containment, policies."""
    _require_made(settings)
    async with beside(settings) as parts:
        found = [*await parts.stores.store.check(repair), *await parts.stores.blobs.check(repair)]
        return [*found, *[one async for one in _policy_faults(parts)]]


async def _policy_faults(parts: Parts) -> AsyncIterator[Damage]:
    """Policies that cannot be read, and pods whose root nobody controls."""
    roots = {names.policy_of(pod.root): pod.root for pod in await parts.stores.store.pods()}
    for uri in await parts.stores.store.of_kind(Kind.POLICY):
        view = await parts.stores.store.view(uri)
        if view.target is None:
            continue
        try:
            policy = await parts.resources.permissions.parsed(view.target)
        except PodError as error:
            yield Damage(error.message, repaired=False)
            continue
        if uri in roots and not any(wac.controls(policy, roots[uri])):
            yield Damage(f"The policy {uri} gives nobody control of the pod.", repaired=False)
