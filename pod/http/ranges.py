"""Byte ranges (RFC 9110, 14)."""

import itertools
import re
import secrets
from collections.abc import AsyncIterator, Callable, Sequence

from pod.errors import RangeNotSatisfiable

Span = tuple[int, int]
"""First byte, and the one after the last."""
Pieces = Callable[[int, int], AsyncIterator[bytes]]

LIMIT = 32
"""More ranges than this in one request are answered with the whole."""
_RANGE = re.compile(r"[ \t]*bytes[ \t]*=(?P<spans>[0-9,\- \t]+)", re.IGNORECASE)
_SPAN = re.compile(r"(\d*)-(\d*)")


def spans(header: str, size: int) -> Sequence[Span] | None:
    """The parts of `size` bytes that are asked for; None when the header is to be passed over.

    RangeNotSatisfiable when it is understood, and no byte of the whole is in it.
    """
    match = _RANGE.fullmatch(header)
    if match is None:
        return None
    found = []
    parts = [part.strip() for part in match["spans"].split(",") if part.strip()]
    for part in parts:
        one = _SPAN.fullmatch(part)
        if one is None or part == "-" or len(part) > 40:
            return None
        span = _span(one[1], one[2], size)
        if span is None:
            return None
        if span[0] < span[1]:
            found.append(span)
    if not parts or len(parts) > LIMIT or _overlapping(found):
        return None
    if not found:
        raise RangeNotSatisfiable(f"The resource has {size} bytes, none of them in the range.", size)
    return found


def _span(first: str, last: str, size: int) -> Span | None:
    if not first:
        return max(size - int(last), 0), size
    start = int(first)
    if last and int(last) < start:
        return None
    end = min(int(last) + 1, size) if last else size
    return min(start, end), end


def _overlapping(found: Sequence[Span]) -> bool:
    """RFC 9110, 14.2: overlapping ranges are a sign of an attack, or of a mistake."""
    ordered = sorted(found)
    return any(after[0] < before[1] for before, after in itertools.pairwise(ordered))


class Multipart:
    """Several ranges as multipart/byteranges (RFC 9110, 14.6)."""

    def __init__(self, parts: Sequence[Span], media_type: str, size: int) -> None:
        self._boundary = secrets.token_hex(16)
        self._parts = [
            (
                f"\r\n--{self._boundary}\r\nContent-Type: {media_type}\r\n"
                f"Content-Range: bytes {start}-{end - 1}/{size}\r\n\r\n".encode(),
                (start, end),
            )
            for start, end in parts
        ]
        self._end = f"\r\n--{self._boundary}--\r\n".encode()

    @property
    def media_type(self) -> str:
        """Of the whole answer."""
        return f"multipart/byteranges; boundary={self._boundary}"

    @property
    def length(self) -> int:
        """Bytes of the whole answer."""
        return sum(len(head) + end - start for head, (start, end) in self._parts) + len(self._end)

    async def body(self, pieces: Pieces) -> AsyncIterator[bytes]:
        """The answer, part by part."""
        for head, (start, end) in self._parts:
            yield head
            async for piece in pieces(start, end):
                yield piece
        yield self._end
