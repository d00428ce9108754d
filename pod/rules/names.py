"""What a URI means: slash, parent, policy of, slug. The only module that looks inside URIs.

A URI here is normalised: `resolve` makes it from what a client sent, and all else takes it
as it is. The policy of S is S + ".acl", the description S + ".meta".
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from pod.errors import Malformed, UriTooLong
from pod.model.resource import Kind, Uri

POLICY = ".acl"
DESCRIPTION = ".meta"
WELL_KNOWN = ".well-known/"
SLUG_LENGTH = 128
"""In characters."""
DEPTH = 128
"""How many containers may lie inside each other."""
KEPT = 4096
"""How many answers are kept: URIs come from outside and can be long, so not too many."""

_SEGMENT = r"[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*"
_CLEAN = re.compile(rf"/(?:{_SEGMENT}(?:/{_SEGMENT})*/?)?")
_ESCAPE = re.compile(rb"%(..?)?", re.DOTALL)
_HEX = frozenset(b"0123456789abcdefABCDEF")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PLAIN = _UNRESERVED | frozenset(b"!$&'()*+,;=:@")
_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=KEPT)
def kind(uri: Uri) -> Kind:
    """What the URI names."""
    if uri.endswith("/"):
        return Kind.CONTAINER
    if uri.endswith(POLICY):
        return Kind.POLICY
    return Kind.DESCRIPTION if uri.endswith(DESCRIPTION) else Kind.DOCUMENT


@lru_cache(maxsize=KEPT)
def subject(uri: Uri) -> Uri:
    """What an auxiliary resource is about; any other URI itself."""
    if uri.endswith(POLICY):
        return Uri(uri[: -len(POLICY)])
    if uri.endswith(DESCRIPTION):
        return Uri(uri[: -len(DESCRIPTION)])
    return uri


@lru_cache(maxsize=KEPT)
def parent(uri: Uri) -> Uri | None:
    """The container that a container or document lies in.

    None for the top of the server, and for auxiliary resources: no container lists them.
    """
    if kind(uri) in {Kind.POLICY, Kind.DESCRIPTION}:
        return None
    top = uri.index("/", uri.index("://") + 3)
    cut = uri.rfind("/", top, len(uri) - 1)
    return Uri(uri[: cut + 1]) if cut >= top else None


def ancestors(uri: Uri) -> tuple[Uri, ...]:
    """Every container above the subject of the URI, nearest first, up to the top of the server."""
    found = []
    above = parent(subject(uri))
    while above is not None:
        found.append(above)
        above = parent(above)
    return tuple(found)


def policy_of(uri: Uri) -> Uri:
    """The policy of a resource; a description shares that of its subject, a policy is its own."""
    return uri if kind(uri) is Kind.POLICY else Uri(subject(uri) + POLICY)


def description_of(uri: Uri) -> Uri:
    """The description of a resource, or of the subject of an auxiliary resource."""
    return Uri(subject(uri) + DESCRIPTION)


def sibling(uri: Uri) -> Uri:
    """The same URI with the trailing slash added or removed (server-uri-trailing-slash-distinct)."""
    return Uri(uri[:-1] if uri.endswith("/") else uri + "/")


def is_auxiliary_name(segment: str) -> bool:
    """Whether a path segment names an auxiliary resource."""
    return segment.endswith((POLICY, DESCRIPTION))


@lru_cache(maxsize=KEPT)
def fault(uri: Uri) -> str | None:
    """Why nothing can ever be stored at this URI, in one sentence; None when something can."""
    if subject(subject(uri)) != subject(uri):
        return "An auxiliary resource has no auxiliary resources of its own."
    path = uri[uri.index("/", uri.index("://") + 3) :]
    if any(is_auxiliary_name(segment) for segment in path.split("/")[:-1]):
        return "The name of a container cannot end in .acl or .meta; these are kept for auxiliary resources."
    return "The server keeps this place for itself; choose another name." if reserved(uri) else None


def reserved(uri: Uri) -> bool:
    """Whether the server itself answers here: `.well-known` anywhere, and names with a dot at the top."""
    path = uri[uri.index("/", uri.index("://") + 3) + 1 :]
    if path.startswith(".") and path not in {POLICY, DESCRIPTION}:
        return True
    return f"/{WELL_KNOWN}" in f"/{path}/"


def storage_description(root: Uri) -> Uri:
    """The URI of the description of the storage at `root`."""
    return Uri(f"{root}{WELL_KNOWN}solid")


def child(container: Uri, hint: str, suffix: str = "", *, as_container: bool = False) -> Uri:
    """The URI for a new child of `container`, near `hint`; `suffix` sets it apart when that is taken.

    >>> child(Uri("https://a.example/notes/"), "My trip.ttl", "7k2")
    'https://a.example/notes/My-trip-7k2.ttl'
    """
    kept = "".join(one if _is_kept(one) else " " for one in unquote(hint))
    name = _usable("-".join(kept.split()))
    if suffix:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem}-{suffix}.{extension}" if dot and stem else f"{name}-{suffix}"
    encoded = _encoded(name.encode())
    return Uri(f"{container}{encoded}/" if as_container else f"{container}{encoded}")


def _is_kept(character: str) -> bool:
    """Whether a name that the server gives may have it: letters, marks and digits of all scripts, and a few signs."""
    return character.isalnum() or character in "-._~@+" or unicodedata.category(character).startswith("M")


def _usable(name: str) -> str:
    """The name without what would make it too long, hidden, or that of an auxiliary resource."""
    name, before = name[:SLUG_LENGTH], ""
    while name != before:
        before = name
        name = name.strip("-.").removesuffix(POLICY).removesuffix(DESCRIPTION)
    return name or "resource"


@lru_cache(maxsize=KEPT)
def resolve(base: str, raw_path: bytes, limit: int) -> Uri:
    """The URI that a request's target means, below `base`, which ends in a slash.

    `raw_path` is still percent-encoded; a query is not part of a resource's identity.
    Raises Malformed for a path that has no one meaning, UriTooLong as `require_bounded` does.
    """
    path = raw_path.partition(b"?")[0]
    if len(path) > limit + len(DESCRIPTION):
        raise _too_long(limit)
    try:
        text = path.decode("ascii")
    except UnicodeDecodeError:
        text = ""
    if _CLEAN.fullmatch(text) is None:
        text = _normalised(path)
    uri = Uri(base + text[1:])
    require_bounded(uri, limit)
    return uri


def require_bounded(uri: Uri, limit: int) -> None:
    """Raise UriTooLong when the path of the URI, or of its subject, is longer than `limit` bytes or too deep.

    Everything that exists has auxiliary resources, and each container on the way is looked at.
    """
    about = subject(uri)
    top = about.index("/", about.index("://") + 3)
    if len(about) - top > limit:
        raise _too_long(limit)
    if about.count("/", top) > DEPTH:
        raise UriTooLong(f"The URI lies more than {DEPTH} containers deep; use fewer.")


def _too_long(limit: int) -> UriTooLong:
    return UriTooLong(f"The path of the URI is longer than {limit} bytes; use a shorter one.")


def _normalised(path: bytes) -> str:
    """The path in the one spelling that stands for all equivalent ones (RFC 3986, 6.2.2).

    Unicode is left as it is: two URIs that only look alike name two resources.
    """
    for escape in _ESCAPE.finditer(path):
        digits = escape.group(1) or b""
        if len(digits) != 2 or not _HEX.issuperset(digits):
            raise Malformed("The URI has a percent sign that two hexadecimal digits do not follow.")
        if digits.upper() in {b"2F", b"5C"}:
            raise Malformed("The URI has an encoded slash or backslash, which could mean two places.")
    plain = unquote_to_bytes(path)
    if not plain.startswith(b"/") or b"\\" in plain or b"#" in path:
        raise Malformed("The path of the URI must begin with a slash and have no backslash or number sign.")
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("The URI is not UTF-8; encode it as UTF-8 before percent-encoding.") from error
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise Malformed("The URI has a control character.")
    segments = plain[1:].split(b"/")
    if any(segment in {b".", b".."} for segment in segments) or b"" in segments[:-1]:
        raise Malformed("The path of the URI has an empty segment, or one of only one or two dots.")
    return "/" + "/".join(map(_encoded, segments))


def _encoded(segment: bytes) -> str:
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in segment)


@lru_cache(maxsize=1024)
def canonical(url: str) -> str:
    """An http or https URL such that two which mean the same place are equal, without query and fragment.

    Scheme and host in lower case, no default port, percent-encoding in one spelling
    (RFC 3986, 6.2.2 and 6.2.3). ValueError when it is no such URL, or has a user name.
    """
    parts = urlsplit(url)
    port = parts.port
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise ValueError("no http or https URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is not None and port != _PORTS[parts.scheme]:
        host = f"{host}:{port}"
    segments = (parts.path or "/").split("/")
    # Segment by segment: an encoded slash is no slash.
    return f"{parts.scheme}://{host}{'/'.join(_encoded(unquote_to_bytes(one)) for one in segments)}"


def equivalent(one: str, other: str) -> bool:
    """Whether two URLs mean the same place, query and fragment left aside (RFC 9449, 4.3)."""
    if one == other:
        return True
    try:
        return canonical(one) == canonical(other)
    except ValueError:
        return False
