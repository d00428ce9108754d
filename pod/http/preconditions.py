"""The headers that make a request conditional (RFC 9110, 13.1)."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

from pod.http.request import Request
from pod.model.operation import UNCONDITIONAL, Conditions

LONG = 500
"""Headers over this length, which no client needs, are not worth a place in a cache."""

_TAG = re.compile(r'(?:W/)?"[^"]*"')


def of(request: Request) -> Conditions:
    """The conditions that the request sets."""
    match = request.get(b"if-match")
    none_match = request.get(b"if-none-match")
    modified = request.get(b"if-modified-since")
    unmodified = request.get(b"if-unmodified-since")
    if match is None and none_match is None and modified is None and unmodified is None:
        return UNCONDITIONAL
    return Conditions(
        if_match=None if match is None else tags(match),
        if_none_match=None if none_match is None else tags(none_match),
        if_modified_since=None if modified is None else date(modified),
        if_unmodified_since=None if unmodified is None else date(unmodified),
    )


def tags(value: str) -> tuple[str, ...]:
    """The entity tags; what is no entity tag stands for itself and fits nothing."""
    return (_kept_tags if len(value) <= LONG else _tags)(value)


def date(value: str) -> int | None:
    """Seconds since 1970; None for what is no date, which counts as not sent (RFC 9110, 13.1.3)."""
    return _kept_date(value) if len(value) <= LONG else None


def _tags(value: str) -> tuple[str, ...]:
    text = value.strip()
    return ("*",) if text == "*" else tuple(_TAG.findall(text)) or (text,)


_kept_tags = lru_cache(maxsize=4096)(_tags)


@lru_cache(maxsize=4096)
def _kept_date(value: str) -> int | None:
    try:
        moment = parsedate_to_datetime(value)
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    # The numbers in it may be any.
    except (ValueError, OverflowError):
        return None
