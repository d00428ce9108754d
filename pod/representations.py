"""What a resource looks like in a media type: its bytes as they came, derived ones, or a listing.

Bytes are the truth; what is derived from them is kept by digest, and can be made again.
"""

import asyncio
from collections.abc import Callable, Sequence

from pod.cache import Cache
from pod.contexts import Contexts
from pod.model.resource import Blob, Child, Resource
from pod.rdf import formats
from pod.rules import conditions, containers
from pod.storage.ports import Blobs

WHOLE = 1024 * 1024
"""Content up to this many bytes is answered from memory, beyond it streamed."""
DERIVED = 32 * 1024 * 1024
"""Bytes of derived content that stay in memory."""
IN_A_THREAD = 128 * 1024
"""Content beyond this many bytes is converted in a thread, so that others get their turn."""

_Key = tuple[str, str, str]


class Representations:
    """Finds or makes the content that a client asked for."""

    def __init__(self, blobs: Blobs, contexts: Contexts) -> None:
        self._blobs = blobs
        self._contexts = contexts
        self._derived: Cache[_Key, bytes] = Cache(DERIVED, len)
        self._under_way: dict[_Key, asyncio.Task[bytes]] = {}
        self._large = asyncio.Lock()

    async def content(self, resource: Resource, media_type: str) -> bytes | Blob:
        """The document in the media type: its bytes, or its blob when they are to be streamed."""
        if formats.essence(media_type) == formats.essence(resource.media_type):
            return await self._blobs.read(resource.blob) if resource.blob.size <= WHOLE else resource.blob
        key = (resource.uri, resource.blob.digest, media_type)
        return self._derived.get(key) or await self._once(key, resource)

    async def _once(self, key: _Key, resource: Resource) -> bytes:
        """Make the content, once for all who ask for it at the same time."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._make(key, resource))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)

    async def _make(self, key: _Key, resource: Resource) -> bytes:
        made = await self._converted(resource, key[2])
        self._derived.put(key, made)
        return made

    async def _converted(self, resource: Resource, media_type: str) -> bytes:
        content = await self._blobs.read(resource.blob)
        contexts = await self._contexts.of(content, resource.media_type, resource.uri)
        arguments = (content, resource.media_type, media_type, resource.uri, contexts)
        if len(content) > IN_A_THREAD:
            return await asyncio.to_thread(formats.convert, *arguments)
        return formats.convert(*arguments)

    def kept_listing(self, container: Resource, media_type: str) -> bytes | None:
        """The container in the media type, if that was made since it last changed."""
        return self._derived.get(_listing_key(container, media_type))

    async def listing(
        self, container: Resource, children: Sequence[Child], description: Resource | None, media_type: str
    ) -> bytes:
        """The container in the media type, with its children and its description as of the same moment."""
        size = container.blob.size + (0 if description is None else description.blob.size)
        if size <= IN_A_THREAD:
            made = (await self._listing(container, children, description))(media_type)
        else:
            # One at a time: each takes many times its size in memory, and those who waited may find it made.
            async with self._large:
                kept = self.kept_listing(container, media_type)
                if kept is None:
                    listing = await self._listing(container, children, description)
                    kept = await asyncio.to_thread(listing, media_type)
                made = kept
        self._derived.put(_listing_key(container, media_type), made)
        return made

    async def _listing(
        self, container: Resource, children: Sequence[Child], description: Resource | None
    ) -> Callable[[str], bytes]:
        """What makes it in a media type, of all that is needed for that."""
        own = await self._blobs.read(container.blob)
        if description is None:
            return lambda media_type: containers.whole(own, media_type, container, children)
        content = await self._blobs.read(description.blob)
        contexts = await self._contexts.of(content, description.media_type, description.uri)

        def made(media_type: str) -> bytes:
            described = containers.described(content, description, container.uri, contexts)
            return containers.whole(own, media_type, container, children, described)

        return made


def _listing_key(container: Resource, media_type: str) -> _Key:
    """The ETag, which no other state of the container has, names a listing."""
    return (container.uri, conditions.etag(container, media_type), media_type)
