"""What a client says about itself, in a Client ID Document or when it registers. Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from pod.auth.keys import Json, KeyFault, json_object
from pod.config import is_loopback
from pod.errors import Malformed
from pod.rdf import formats
from pod.rdf.graph import objects

LONGEST = 2048
"""Characters of a URI."""
MOST_URIS = 50
TEXT = 200
"""Characters of a name."""
AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post")
GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")
OFFERED = ("authorization_code", "refresh_token")
"""The grants of an app that does not say which it uses."""
ALGORITHMS = ("ES256", "RS256")
"""Those that sign ID tokens."""
OIDC = "http://www.w3.org/ns/solid/oidc#"
"""The namespace of a Client ID Document in RDF (solid-oidc#jsonld-context)."""

_SCHEME = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+")
_LISTS = ("redirect_uris", "post_logout_redirect_uris", "grant_types", "response_types", "contacts")
_TEXTS = ("client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri", "scope", "application_type")


def metadata(body: bytes, media_type: str, client_id: str, contexts: Mapping[str, bytes]) -> Mapping[str, Json]:
    """The members of a Client ID Document; Malformed when it is none, or is that of another client.

    It is JSON whatever its media type says; anything else is read as the RDF that it says.
    """
    try:
        found: Mapping[str, Json] = json_object(body)
    except KeyFault:
        found = _of_rdf(body, media_type, client_id, contexts)
    # clientids-document-client-id-equal
    if found.get("client_id") != client_id:
        raise Malformed("The Client ID Document is that of another client; its client_id must be its own URL.")
    return found


def _of_rdf(body: bytes, media_type: str, client_id: str, contexts: Mapping[str, bytes]) -> Mapping[str, Json]:
    if not formats.is_rdf(media_type):
        raise Malformed("The Client ID Document is neither JSON nor RDF.")
    graph = formats.parse(body, media_type, client_id, contexts)
    values = {
        name: [str(one.value) for one in objects(graph, client_id, OIDC + name) if hasattr(one, "value")]
        for name in (*_LISTS, *_TEXTS)
    }
    found: dict[str, Json] = {name: sorted(values[name]) for name in _LISTS if values[name]}
    found |= {name: values[name][0] for name in _TEXTS if values[name]}
    return MappingProxyType(found | ({"client_id": client_id} if found else {}))


def uris(found: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """The redirect URIs of this name; Malformed when one can never be used."""
    value = found.get(name, [])
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or len(value) > MOST_URIS:
        raise Malformed(f"{name} must be a list of at most {MOST_URIS} URIs.")
    for uri in value:
        _require_redirect(uri, name)
    return tuple(value)


def _require_redirect(uri: Json, name: str) -> None:
    """Raise Malformed unless the URI leads to a site over https, this machine, or an app on it (RFC 8252, 7)."""
    if not isinstance(uri, str) or len(uri) > LONGEST or not uri.isascii() or not uri.isprintable() or " " in uri:
        raise Malformed(f"{name} holds what is no URI.")
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Malformed(f"{name} holds what is no URI.") from error
    if parts.fragment or "#" in uri or "\\" in uri or parts.username is not None:
        raise Malformed(f"{name} must have neither a fragment, a backslash nor a user name.")
    is_site = parts.scheme == "https" and bool(host)
    is_here = parts.scheme == "http" and is_loopback(uri)
    # A scheme of an app has the dots of a domain name, which `javascript` and `data` have not.
    is_app = not parts.netloc and _SCHEME.fullmatch(parts.scheme) is not None
    if not (is_site or is_here or is_app):
        raise Malformed(
            f"{name} must be https, http on this machine, or the scheme of an app such as org.example.app:/."
        )


def link(found: Mapping[str, Json], name: str) -> str | None:
    """A URL for people; None when it is missing or leads nowhere they should go."""
    value = found.get(name)
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable() or " " in value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    is_fit = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(value))
    return value if is_fit and parts.hostname else None


def text(found: Mapping[str, Json], name: str) -> str:
    """A short text for people, without what changes how the rest is shown; empty when there is none."""
    value = found.get(name)
    shown = "".join(one if one.isprintable() else " " for one in value) if isinstance(value, str) else ""
    return " ".join(shown.split())[:TEXT]


def chosen(found: Mapping[str, Json], name: str, known: tuple[str, ...], default: str) -> str:
    """The value of a member that has to be one of those known; Malformed when it is another."""
    value = found.get(name, default)
    if value not in known:
        raise Malformed(f"{name} must be one of {', '.join(known)}.")
    return str(value)


def grant_types(found: Mapping[str, Json]) -> tuple[str, ...]:
    """What of the grants that a client names there is here; those of an app if it names none."""
    value = found.get("grant_types")
    named = value if isinstance(value, list) else []
    # Apps that keep people signed in do not always register for it; who may is decided by scope and consent.
    # Older ones name the implicit grant, in whose place the code has come.
    if not named or "authorization_code" in named or "implicit" in named:
        return OFFERED
    return tuple(one for one in named if one in OFFERED)


def scopes(value: Json) -> tuple[str, ...]:
    """The scopes in a text, each once."""
    return tuple(dict.fromkeys(value.split())) if isinstance(value, str) else ()


def host_of(uri: str) -> str:
    """The host of a URL; empty for the scheme of an app."""
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""
