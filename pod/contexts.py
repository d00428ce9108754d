"""Remote JSON-LD contexts: fetched once, then kept.

A stored document must keep its meaning when a host it names changes the context, answers
slowly or is gone. So the first copy that could be had is kept with the data and used from
then on, by every worker and for every document.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping

from pod.cache import Cache
from pod.errors import Malformed, Unreachable
from pod.fetch import Fetcher
from pod.model.resource import Uri
from pod.rdf import formats, jsonld
from pod.storage.ports import Records

FAMILY = "context"
DEPTH = 8
"""How far contexts may refer to further contexts."""
MOST = 32
"""How many contexts a document may need in all."""
ACCEPT = "application/ld+json, application/json;q=0.9"

_Load = Callable[[str], Awaitable[bytes]]
"""Gets the context at a URL."""


class Contexts:
    """Finds the contexts that a document needs."""

    def __init__(self, fetcher: Fetcher, records: Records) -> None:
        self._fetcher = fetcher
        self._records = records
        self._kept: Cache[str, bytes] = Cache(8 * 1024 * 1024, len)

    async def of(self, content: bytes, media_type: str, base: Uri) -> Mapping[str, bytes]:
        """The contexts that content of this type needs to be read, by URL, besides those that are shipped.

        Unreachable when one cannot be had, Malformed when they are too many or the content is no JSON.
        """
        return await self._of(content, media_type, base, self._load)

    async def for_now(self, content: bytes, media_type: str, base: Uri) -> Mapping[str, bytes]:
        """The same for a document that is not stored here, for which no copy is kept: anyone could fill the disk so."""
        return await self._of(content, media_type, base, self._found)

    async def _of(self, content: bytes, media_type: str, base: Uri, load: _Load) -> Mapping[str, bytes]:
        if formats.essence(media_type) != formats.JSON_LD:
            return formats.NO_CONTEXTS
        known: dict[str, bytes] = {}
        for _ in range(DEPTH):
            wanted = sorted(jsonld.remote_contexts(content, base, known))
            if not wanted:
                return known
            if len(known) + len(wanted) > MOST:
                raise Malformed(f"The document needs more than {MOST} JSON-LD contexts; use fewer.")
            # All at once, and to the end: together they wait no longer than for the slowest.
            found = await asyncio.gather(*map(load, wanted), return_exceptions=True)
            for url, context in zip(wanted, found, strict=True):
                if isinstance(context, BaseException):
                    raise context
                known[url] = context
        raise Malformed(f"The JSON-LD contexts refer to each other more than {DEPTH} deep; use fewer.")

    async def _load(self, url: str) -> bytes:
        """The copy that is kept, from now on if there was none."""
        content = await self._copy(url)
        if content is None:
            fetched = await self._fetched(url)
            await self._records.replace(FAMILY, url, None, fetched)
            # Another worker may have kept its copy first: all must use the same one.
            content = await self._records.get(FAMILY, url) or fetched
            self._kept.put(url, content)
        return content

    async def _found(self, url: str) -> bytes:
        """The copy that is kept, or else what is there now."""
        return await self._copy(url) or await self._fetched(url)

    async def _copy(self, url: str) -> bytes | None:
        content = self._kept.get(url)
        if content is None:
            content = await self._records.get(FAMILY, url)
            if content is not None:
                self._kept.put(url, content)
        return content

    async def _fetched(self, url: str) -> bytes:
        body = (await self._fetcher.get(url, accept=ACCEPT)).body
        _require_context(url, body)
        return body


def _require_context(url: str, body: bytes) -> None:
    """Raise Unreachable unless this is a context: what is kept stays, also a page that asks to log in."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "@context" not in document:
        raise Unreachable(f"What is found at {url} is not a JSON-LD context.")
