"""Puts everything together; the only place that names implementations."""

import asyncio
import functools
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from uvicorn.supervisors import Multiprocess

from pod import events
from pod.auth.identify import Identifier
from pod.config import Settings, is_loopback
from pod.contexts import Contexts
from pod.errors import Misconfigured
from pod.fetch import Fetched, Fetcher
from pod.groups import Groups
from pod.http.asgi import Receive, Scope, Send
from pod.http.solid import Limits, Solid
from pod.pods import Created, Pods, Request
from pod.resources import Resources
from pod.storage.memory import open_memory
from pod.storage.ports import Damage
from pod.storage.sqlite import open_sqlite
from pod.storage.stores import Stores

BASE_URL = ("server", "base-url")
"""The record that says for which base URL the data was made."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A server's parts, ready to use."""

    stores: Stores
    fetcher: Fetcher
    resources: Resources
    pods: Pods


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    """The parts of a server, from storage upward; closed in reverse at the end."""
    stores = await _stores(settings)
    try:
        base_url = settings.base_url
        fetcher = Fetcher(
            allow_loopback=settings.allow_loopback,
            allow_private=settings.network.allow_private,
            timeout=settings.network.timeout,
            limit=settings.network.size,
            local=lambda url: local(url),
        )
        resources = Resources(stores.store, stores.blobs, settings.limits.rdf)
        local = resources.public_document
        try:
            yield Parts(
                stores, fetcher, resources, Pods(stores.store, stores.blobs, stores.records, base_url)
            )
        finally:
            await fetcher.aclose()
    finally:
        await stores.close()
