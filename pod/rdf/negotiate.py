"""Which representation a client gets (RFC 9110, 12.5.1)."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pod.errors import NotAcceptable
from pod.rdf.formats import FORMATS, essence

LONG = 500
"""Headers over this length, which no client needs, are not worth a place in the cache."""

_QUOTED = r'"(?:[^"\\]|\\.)*+"?'
_ELEMENT = re.compile(rf'(?:[^,"]|{_QUOTED})++')
_PARAMETER = re.compile(rf'(?:[^;"]|{_QUOTED})++')
_RANGE = re.compile(r"[^\s/]+/[^\s/]+")
_WEIGHT = re.compile(r"0?\.\d+|0\.?|1(?:\.0*)?")


def choose(accept: str | None, stored: str, *, listing: bool = False) -> str:
    """The media type to answer with, for content stored as `stored`, or NotAcceptable.

    The stored type is preferred wherever the client has no preference, and comes back byte
    for byte; a listing has none, and is Turtle. Other RDF types are offered for RDF alone.
    """
    if accept is None or not accept.strip():
        return _available(stored, listing=listing)[0]
    chosen = _kept if len(accept) + len(stored) <= LONG else _chosen
    return chosen(accept, stored, listing)


def _chosen(accept: str, stored: str, listing: bool) -> str:
    available = _available(stored, listing=listing)
    ranges = list(_ranges(accept))
    weights = {candidate: _weight(essence(candidate), ranges) for candidate in available}
    # Of several with the same weight, the first.
    best = max(available, key=weights.__getitem__)
    if weights[best] == 0.0:
        offered = ", ".join(available)
        raise NotAcceptable(f"None of the accepted media types can be had here; there are {offered}.", available)
    return best


_kept = lru_cache(maxsize=4096)(_chosen)


def _available(stored: str, *, listing: bool) -> tuple[str, ...]:
    kind = essence(stored)
    if kind not in FORMATS:
        return (stored,)
    if listing:
        return tuple(FORMATS)
    return (stored, *(one for one in FORMATS if one != kind))


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Media ranges with weights, 1 where none can be read; what is not a media range is passed over."""
    for element in _ELEMENT.findall(accept):
        name, *parameters = _PARAMETER.findall(element) or [""]
        weights = [value.strip() for key, _, value in (one.partition("=") for one in parameters) if _is_weight(key)]
        if _RANGE.fullmatch(name.strip()):
            yield name.strip().lower(), float(weights[0]) if weights and _WEIGHT.fullmatch(weights[0]) else 1.0


def _is_weight(key: str) -> bool:
    return key.strip().lower() == "q"


def _weight(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight of the most specific range that fits; 0.0 when none does."""
    specificity, found = 0, 0.0
    wide = f"{media_type.partition('/')[0]}/*"
    for name, weight in ranges:
        fits = 3 if name == media_type else 2 if name == wide else 1 if name == "*/*" else 0
        if fits and (fits, weight) > (specificity, found):
            specificity, found = fits, weight
    return found
