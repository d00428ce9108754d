"""What files are, in the words of people: a picture, a sound, a text."""

from collections.abc import Mapping
from types import MappingProxyType

from pod.rdf import formats

_WHOLE: Mapping[str, str] = MappingProxyType(
    {
        "application/pdf": "pdf",
        "application/zip": "archive",
        "application/gzip": "archive",
        "application/x-tar": "archive",
        "application/json": "data",
        "application/xml": "data",
        "application/msword": "letter",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "letter",
        "application/vnd.oasis.opendocument.text": "letter",
        "application/vnd.ms-excel": "sheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "sheet",
        "application/vnd.oasis.opendocument.spreadsheet": "sheet",
        "text/csv": "sheet",
        "application/vnd.ms-powerpoint": "slides",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": "slides",
        "application/vnd.oasis.opendocument.presentation": "slides",
        "text/html": "site",
        "application/xhtml+xml": "site",
        "text/calendar": "calendar",
        "text/vcard": "contact",
        "text/xml": "data",
    }
)
_BEGINNINGS: Mapping[str, str] = MappingProxyType(
    {"image": "picture", "audio": "sound", "video": "film", "text": "text", "font": "font"}
)
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})
_TEXTS = frozenset({"text/plain", "text/markdown", "text/csv", "application/json"})
PLAIN = "text/plain;charset=utf-8"


def kind(media_type: str) -> str:
    """The key of what a file of the media type is called: one of `kinds.…`."""
    essence = formats.essence(media_type)
    if essence in formats.FORMATS:
        return "data"
    return _WHOLE.get(essence) or _BEGINNINGS.get(essence.partition("/")[0], "file")


def shown_as(media_type: str) -> str | None:
    """As what a browser may show it, which then does nothing but show; None for what it is to keep as a file."""
    essence = formats.essence(media_type)
    if essence in _PICTURES:
        return essence
    if essence == "text/plain":
        return media_type if "charset" in media_type.lower() else PLAIN
    return PLAIN if essence in _TEXTS or essence in formats.FORMATS else None
