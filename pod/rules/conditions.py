"""Entity tags, dates and the conditions that clients set on them (RFC 9110, 8.8 and 13)."""

from functools import lru_cache

from pod.errors import PreconditionFailed
from pod.model.operation import Conditions
from pod.model.resource import Kind, Resource
from pod.rdf.formats import FORMATS, WRITER, essence

_SECOND = 1_000_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def etag(resource: Resource, media_type: str) -> str:
    """The strong entity tag of the resource as `media_type`.

    Made of the random stamps of the version, so that no two versions share one, and of the
    type; a derived representation changes with the code that writes it as well.
    """
    return f'"{_state(resource)}-{_variant(media_type, resource.media_type, resource.kind)}"'


def _state(resource: Resource) -> str:
    stamp = _base36(resource.stamp)
    return f"{stamp}.{_base36(resource.touched)}" if resource.kind is Kind.CONTAINER else stamp


@lru_cache(maxsize=1024)
def _variant(media_type: str, stored: str, kind: Kind) -> str:
    names = {one: number for number, one in enumerate(FORMATS)}
    code = str(names.get(essence(media_type), "x"))
    if kind is not Kind.CONTAINER and essence(media_type) == essence(stored):
        return code
    return f"{code}.{WRITER}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def last_modified(resource: Resource) -> int:
    """The date for Last-Modified, in whole seconds since 1970."""
    return resource.modified // _SECOND


def is_state(tag: str, resource: Resource) -> bool:
    """Whether the tag, perhaps without its quotation marks, is that of any representation of the present version."""
    quoted = tag if tag.startswith(('"', "W/")) else f'"{tag}"'
    return _matches((quoted,), resource, weak=True)


def check(conditions: Conditions, resource: Resource | None) -> None:
    """Raise PreconditionFailed unless a write on `resource`, None if there is none, may go on.

    A tag of any representation of the present version fits (RFC 9110, 13.1.1): the client
    means the version it saw. The order is that of 13.2.2.
    """
    if conditions.if_match is not None:
        if not _matches(conditions.if_match, resource, weak=False):
            raise PreconditionFailed("The resource is not in the version that If-Match names; read it again.")
    elif conditions.if_unmodified_since is not None and not _unmodified(conditions, resource):
        raise PreconditionFailed("The resource was modified after the date in If-Unmodified-Since.")
    if conditions.if_none_match is not None and _matches(conditions.if_none_match, resource, weak=True):
        raise PreconditionFailed("The resource exists in a version that If-None-Match excludes.")


def not_modified(conditions: Conditions, resource: Resource, tag: str) -> bool:
    """Whether a GET or HEAD is answered with 304; `tag` is that of the chosen representation."""
    if conditions.if_none_match is not None:
        if conditions.if_none_match == ("*",):
            return True
        return any(one.removeprefix("W/") == tag for one in conditions.if_none_match)
    if conditions.if_modified_since is None or resource.shared_second:
        return False
    return last_modified(resource) <= conditions.if_modified_since


def check_read(conditions: Conditions, resource: Resource, tag: str) -> None:
    """Raise PreconditionFailed when If-Match or If-Unmodified-Since of a GET or HEAD does not hold."""
    if conditions.if_match is not None:
        if conditions.if_match != ("*",) and tag not in conditions.if_match:
            raise PreconditionFailed("The resource is not in the version that If-Match names.")
    elif conditions.if_unmodified_since is not None and not _unmodified(conditions, resource):
        raise PreconditionFailed("The resource was modified after the date in If-Unmodified-Since.")


def _unmodified(conditions: Conditions, resource: Resource | None) -> bool:
    """Within a second that saw two versions the date cannot tell them apart, so it does not hold."""
    if resource is None or conditions.if_unmodified_since is None:
        return False
    date = last_modified(resource)
    if date == conditions.if_unmodified_since:
        return not resource.shared_second
    return date < conditions.if_unmodified_since


def _matches(tags: tuple[str, ...], resource: Resource | None, *, weak: bool) -> bool:
    if resource is None:
        return False
    if tags == ("*",):
        return True
    start = f'"{_state(resource)}-'
    return any((tag.removeprefix("W/") if weak else tag).startswith(start) for tag in tags)
