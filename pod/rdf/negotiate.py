"""Which representation a client gets (RFC 9110, 12.5.1)."""

import re
from collections.abc import Sequence
from functools import lru_cache

from pod.errors import NotAcceptable
from pod.rdf.formats import FORMATS, essence

_PART = re.compile(
    r"\s*(?P<range>[^\s;,/]+/[^\s;,/]+)\s*"
    r"(?P<parameters>(?:;\s*[^\s;,=]+\s*(?:=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;,]*))?\s*)*)(?:,|$)"
)
_WEIGHT = re.compile(r";\s*[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)")


@lru_cache(maxsize=4096)
def choose(accept: str | None, stored: str, *, listing: bool = False) -> str:
    """The media type to answer with, for content stored as `stored`, or NotAcceptable.

    The stored type is preferred wherever the client has no preference, and comes back byte
    for byte; a listing has none, and is Turtle. Other RDF types are offered for RDF alone.
    """
    available = _available(stored, listing=listing)
    if accept is None or not accept.strip():
        return available[0]
    ranges = _ranges(accept)
    best, best_weight = available[0], 0.0
    for candidate in available:
        weight = _weight(essence(candidate), ranges)
        if weight > best_weight:
            best, best_weight = candidate, weight
    if best_weight == 0.0:
        offered = ", ".join(available)
        raise NotAcceptable(f"None of the accepted media types can be had here; there are {offered}.", available)
    return best


def _available(stored: str, *, listing: bool) -> tuple[str, ...]:
    kind = essence(stored)
    if kind not in FORMATS:
        return (stored,)
    if listing:
        return tuple(FORMATS)
    return (stored, *(one for one in FORMATS if one != kind))


@lru_cache(maxsize=4096)
def _ranges(accept: str) -> tuple[tuple[str, float], ...]:
    """Media ranges with weights; what is not a media range is passed over."""
    found = []
    for part in _PART.finditer(accept[:4096]):
        weight = _WEIGHT.search(part["parameters"])
        found.append((part["range"].lower(), float(weight[1]) if weight else 1.0))
    return tuple(found)


def _weight(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight of the most specific range that fits; 0.0 when none does."""
    specificity, found = 0, 0.0
    wide = f"{media_type.partition('/')[0]}/*"
    for name, weight in ranges:
        fits = 3 if name == media_type else 2 if name == wide else 1 if name == "*/*" else 0
        if fits > specificity or (fits and fits == specificity and weight > found):
            specificity, found = fits, weight
    return found
