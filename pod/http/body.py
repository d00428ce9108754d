"""A request's content: limited in size, and in how long it may keep us waiting."""

import asyncio
from collections.abc import AsyncIterator

from pod.errors import ClientGone, Malformed, TooLarge, UnsupportedMediaType
from pod.http.request import Message, Request
from pod.model.representation import Body


def limited(request: Request, limit: int, idle: int) -> Body:
    """The content, of which at most `limit` bytes are taken; each pause may last `idle` seconds.

    Malformed or UnsupportedMediaType when the headers say that it is not whole or not plain.
    """
    if b"content-range" in request:
        # RFC 9110, 14.5: a server that does not support partial PUT must refuse it.
        raise Malformed("Part of a resource cannot be written; send the whole content without Content-Range.")
    coding = (request.get(b"content-encoding") or "identity").strip().lower()
    if coding != "identity":
        raise UnsupportedMediaType("Content must not be compressed; send it without Content-Encoding.")
    length = _length(request)
    return Body(_chunks(request, length, limit, idle), length)


async def whole(body: Body) -> bytes:
    """All of the content, for what is small."""
    content = bytearray()
    async for chunk in body.chunks:
        content += chunk
    return bytes(content)


def _length(request: Request) -> int | None:
    """How many bytes will come; None when the client does not say."""
    if b"transfer-encoding" in request:
        return None
    text = request.get(b"content-length")
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit()):
        raise Malformed("The Content-Length is not a number.")
    return int(text)


async def _chunks(request: Request, length: int | None, limit: int, idle: int) -> AsyncIterator[bytes]:
    if length is not None and length > limit:
        raise _too_large(limit)
    size, more = 0, length != 0
    while more:
        # A timer costs more than to take what is there.
        message = await (request.receive() if request.arrived else _within(idle, request))
        if message["type"] == "http.disconnect":
            raise ClientGone("The content stopped before its end.")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
        if chunk:
            yield chunk
    if length is not None and size != length:
        raise ClientGone("The content is shorter than its Content-Length.")


async def _within(idle: int, request: Request) -> Message:
    try:
        async with asyncio.timeout(idle):
            return await request.receive()
    except TimeoutError as error:
        raise ClientGone(f"No more content came for {idle} seconds.") from error


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The content has more than {limit} bytes, which is the most that is taken here.", limit)
