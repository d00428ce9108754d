"""Puts everything together; the only place that names implementations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pod.config import Settings
from pod.fetch import Fetcher
from pod.pods import Pods
from pod.resources import Resources

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
            yield Parts(stores, fetcher, resources, Pods(stores.store, stores.blobs, stores.records, base_url))
        finally:
            await fetcher.aclose()
    finally:
        await stores.close()
