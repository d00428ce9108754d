"""What can be set, by file, by environment and by option; the later of these wins.

The setting `body` of the group `limits` is `[limits] body = …` in the TOML file, and
POD_LIMITS_BODY in the environment. Wrong settings stop the start, with every mistake
listed at once. `docs/reference/settings.md` is generated from this file.
"""

import ipaddress
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pod.errors import Misconfigured

MEBIBYTE = 1024 * 1024

CHOICES = (
    ("storage", "kind", ("sqlite", "memory")),
    ("identity", "sign_up", ("open", "invitation", "closed")),
    ("identity", "default_consent", ("everything", "ask")),
    ("mail", "security", ("starttls", "tls", "none")),
)
"""Settings of which only certain words are known."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|[0-9a-f:.]*:[0-9a-f:.]*")


def _setting(default: Any, doc: str) -> Any:  # Any: dataclasses.field is declared to return any type
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server listens, and under which name the world sees it."""

    host: str = _setting("localhost", "The address to listen on; 0.0.0.0 for every interface.")
    port: int = _setting(3000, "The port to listen on.")
    base_url: str = _setting("", "The public URL of the server, ending in a slash; by default http://localhost:PORT/.")
    workers: int = _setting(1, "How many processes serve requests; about one for each core.")
    trusted_proxies: str = _setting(
        "", "Addresses or networks of proxies, with commas between, that say in X-Forwarded-For who asks."
    )
    shutdown_seconds: int = _setting(30, "How long requests in flight may take to finish at SIGTERM.")


@dataclass(frozen=True, slots=True)
class Storage:
    """Where data is kept."""

    data: str = _setting("pod-data", "The directory that holds everything.")
    kind: str = _setting("sqlite", "`sqlite` keeps data in the directory; `memory` forgets it at the end.")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the server takes from one request. Sizes are in bytes, times in seconds."""

    body: int = _setting(16 * 1024 * MEBIBYTE, "The largest content that can be stored.")
    rdf: int = _setting(32 * MEBIBYTE, "The largest RDF document; it must be parsed whole.")
    patch: int = _setting(MEBIBYTE, "The largest patch.")
    uri: int = _setting(4096, "The longest path of a URI, percent-encoded.")
    idle: int = _setting(60, "How long the server waits for the next bytes of a request's content.")


@dataclass(frozen=True, slots=True)
class Network:
    """What the server may ask of other hosts: profiles, keys, group lists, JSON-LD contexts."""

    allow_loopback: bool | None = _setting(
        None, "Whether documents on this machine may be fetched; by default only if the base URL is loopback."
    )
    allow_private: bool = _setting(False, "Whether documents in private networks may be fetched.")
    timeout: int = _setting(5, "How many seconds a remote document may take, redirects included.")
    size: int = _setting(MEBIBYTE, "The largest remote document, in bytes.")


@dataclass(frozen=True, slots=True)
class Access:
    """How access is decided."""

    strict_origin: bool = _setting(
        False, "Whether a browser app must also be named by acl:origin. Blocks every app that is not."
    )
    bearer: bool = _setting(
        False, "Whether access tokens that are bound to no key are accepted, from whoever holds one: ID tokens too."
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """Accounts, and how people sign in to apps."""

    sign_up: str = _setting("open", "Who may make an account: `open` to everyone, by `invitation`, or `closed`.")
    url: str = _setting(
        "", "The origin of the pages for accounts, such as https://account.example/; by default the base URL."
    )
    secret: str = _setting("", "A passphrase that encrypts the signing keys where they are kept.")
    default_consent: str = _setting(
        "everything",
        "What an app is offered that asks for nothing in particular: `everything` its user may, or `ask` for folders.",
    )
    require_nonces: bool = _setting(
        False, "Whether each proof at the token endpoint needs a nonce of the server. Blocks older apps."
    )
    access_token_seconds: int = _setting(600, "How long an access token is valid.")
    refresh_token_days: int = _setting(30, "How long an app stays signed in that is not used.")
    session_days: int = _setting(30, "How long a browser stays signed in that is not used.")
    grace_days: int = _setting(30, "How long a deleted account can be had back.")
    hsts_seconds: int = _setting(0, "How long browsers are told to use https alone; 0 says nothing.")


@dataclass(frozen=True, slots=True)
class Mail:
    """The server that takes e-mail. Without one, a development server shows mail itself."""

    host: str = _setting("", "The SMTP server.")
    port: int = _setting(587, "Its port.")
    security: str = _setting("starttls", "`starttls`, `tls`, or `none`.")
    user: str = _setting("", "The name to sign in with, if it wants one.")
    password: str = _setting("", "The password to sign in with.")
    sender: str = _setting("", "The address that mail comes from; by default no-reply at the host of the base URL.")


@dataclass(frozen=True, slots=True)
class Live:
    """How much is done for clients that want to hear of changes."""

    subscription_days: int = _setting(14, "How long a subscription lasts at most.")
    subscriptions_per_agent: int = _setting(1000, "How many subscriptions one WebID may have.")
    subscriptions_per_pod: int = _setting(10_000, "How many subscriptions there may be to what is in one pod.")
    streams: int = _setting(20_000, "How many clients may listen at once to one worker.")
    streams_per_agent: int = _setting(500, "How many streams of one WebID one worker serves at once.")
    streams_per_address: int = _setting(
        200, "How many streams of clients that are not signed in one worker serves at once to one address."
    )
    backlog: int = _setting(1000, "How many messages may wait for one client, before it is cut off and has to resume.")
    replay: int = _setting(10_000, "How many changes are looked through for a client that was away.")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one server."""

    server: Server = field(default_factory=Server)
    storage: Storage = field(default_factory=Storage)
    limits: Limits = field(default_factory=Limits)
    network: Network = field(default_factory=Network)
    access: Access = field(default_factory=Access)
    identity: Identity = field(default_factory=Identity)
    mail: Mail = field(default_factory=Mail)
    live: Live = field(default_factory=Live)

    @property
    def base_url(self) -> str:
        """The public URL, ending in a slash; no default port, and the host in lower case."""
        port = "" if self.server.port == 80 else f":{self.server.port}"
        return self.server.base_url or f"http://localhost{port}/"

    @property
    def account_url(self) -> str:
        """The origin of the pages for accounts, ending in a slash."""
        return self.identity.url or self.base_url

    @property
    def trusted_proxies(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks of the proxies that are believed."""
        named = self.server.trusted_proxies.split(",")
        return tuple(ipaddress.ip_network(one.strip()) for one in named if one.strip())

    @property
    def allow_loopback(self) -> bool:
        """Whether the fetcher may reach this machine: so that development works out of the box."""
        if self.network.allow_loopback is not None:
            return self.network.allow_loopback
        return is_loopback(self.base_url)


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine, judged by its name alone."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(
    file: Path | None = None,
    environment: Mapping[str, str] = types.MappingProxyType({}),
    options: Mapping[tuple[str, str], object] = types.MappingProxyType({}),
) -> Settings:
    """The settings from all sources, or Misconfigured with every mistake there is.

    `options` are keyed by group and name; None stands for one that was not given.
    """
    mistakes: list[str] = []
    values: dict[tuple[str, str], object] = {}
    if file is not None:
        values.update(_from_file(file, mistakes))
    values.update(_from_environment(environment, mistakes))
    values.update({key: value for key, value in options.items() if value is not None})
    settings = _settings(values, mistakes)
    settings = _normalised(settings)
    mistakes.extend(_mistakes(settings))
    if mistakes:
        raise Misconfigured(tuple(mistakes))
    return settings


def describe() -> Iterator[tuple[str, str, str, object, str]]:
    """Each setting: group, name, type, default, one sentence."""
    for group in fields(Settings):
        kind = typing.cast("type[Server]", group.type)  # the groups differ, their being dataclasses does not
        for one in fields(kind):
            shown = getattr(one.type, "__name__", str(one.type))
            yield group.name, one.name, shown, one.default, one.metadata["doc"]


def _known() -> dict[tuple[str, str], object]:
    return {
        (group.name, one.name): one.type
        for group in fields(Settings)
        for one in fields(typing.cast("type[Server]", group.type))  # as in describe
    }


def _from_file(file: Path, mistakes: list[str]) -> dict[tuple[str, str], object]:
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        mistakes.append(f"The settings file {file} cannot be read: {error.strerror}.")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mistakes.append(f"The settings file {file} is not TOML: {error}.")
        return {}
    values: dict[tuple[str, str], object] = {}
    for group, members in document.items():
        if not isinstance(members, dict):
            mistakes.append(f"`{group}` stands outside of a group such as [server].")
            continue
        values.update({(group, name): value for name, value in members.items()})
    return values


def _from_environment(environment: Mapping[str, str], mistakes: list[str]) -> dict[tuple[str, str], object]:
    known = {f"POD_{group}_{name}".upper(): (group, name) for group, name in _known()}
    # Other programs have variables that begin with POD_ too, such as the POD_NAME of Kubernetes.
    prefixes = tuple(f"POD_{group.name}_".upper() for group in fields(Settings))
    values: dict[tuple[str, str], object] = {}
    for variable, value in environment.items():
        if variable in known:
            values[known[variable]] = value
        elif variable.startswith(prefixes):
            mistakes.append(f"The environment variable {variable} is not a setting.")
    return values


def _settings(values: Mapping[tuple[str, str], object], mistakes: list[str]) -> Settings:
    known = _known()
    settings = Settings()
    for (group, name), value in values.items():
        if (group, name) not in known:
            mistakes.append(f"There is no setting `{name}` in the group [{group}].")
            continue
        try:
            typed = _typed(value, known[group, name])
        except ValueError as error:
            mistakes.append(f"{group}.{name}: {error}")
            continue
        members = replace(getattr(settings, group), **{name: typed})
        settings = replace(settings, **{group: members})
    return settings


def _typed(value: object, kind: object) -> object:
    """The value as its type, also from the text of a variable; ValueError says what would be right."""
    if kind is int:
        return _whole_number(value)
    if kind is str:
        if isinstance(value, str):
            return value
        raise ValueError("this must be text.")
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ValueError("this must be true or false.")


def _whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("this must be a whole number.")
    try:
        return int(value)
    except ValueError as error:
        raise ValueError("this must be a whole number.") from error


def _normalised(settings: Settings) -> Settings:
    """The settings with origins in the one spelling that names have; wrong ones as they are."""
    server = replace(settings.server, base_url=_origin(settings.server.base_url))
    return replace(settings, server=server, identity=replace(settings.identity, url=_origin(settings.identity.url)))


def _origin(url: str) -> str:
    if not url:
        return url
    try:
        parts = urlsplit(url if url.endswith("/") else f"{url}/")
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        return url
    if parts.query or parts.fragment or parts.username is not None:
        return url
    host = f"[{host}]" if ":" in host else host
    authority = host if port in {None, {"http": 80, "https": 443}.get(parts.scheme)} else f"{host}:{port}"
    return f"{parts.scheme}://{authority}{parts.path}"


def _mistakes(settings: Settings) -> Iterator[str]:
    if settings.server.base_url:
        yield from _origin_mistakes("server.base_url", settings.server.base_url)
    if not 1 <= settings.server.port <= 65535:
        yield f"server.port: {settings.server.port} is no port; it must be from 1 to 65535."
    if not settings.server.host:
        yield "server.host: it must be an address or a name to listen on."
    yield from _network_mistakes(settings.server.trusted_proxies)
    if settings.storage.kind == "memory" and settings.server.workers > 1:
        yield "server.workers: storage in memory cannot be shared; it needs exactly one worker."
    if not settings.storage.data:
        yield "storage.data: the directory must have a name."
    if settings.identity.url:
        yield from _origin_mistakes("identity.url", settings.identity.url)
    yield from _value_mistakes(settings)


def _network_mistakes(networks: str) -> Iterator[str]:
    for one in filter(None, map(str.strip, networks.split(","))):
        try:
            ipaddress.ip_network(one)
        except ValueError:
            yield f"server.trusted_proxies: {one!r} is neither an address nor a network such as 10.0.0.0/8."


def _value_mistakes(settings: Settings) -> Iterator[str]:
    """What is wrong with a value whatever the others are."""
    for group, name, choices in CHOICES:
        value = getattr(getattr(settings, group), name)
        if value not in choices:
            yield f"{group}.{name}: {value!r} is unknown; it must be one of {', '.join(choices)}."
    if settings.identity.hsts_seconds < 0:
        yield "identity.hsts_seconds: it must not be negative."
    for group, name in (
        ("server", "workers"),
        ("server", "shutdown_seconds"),
        *(("limits", one.name) for one in fields(Limits)),
        *(("live", one.name) for one in fields(Live)),
        ("network", "timeout"),
        ("network", "size"),
        *(("identity", f"{one}_days") for one in ("refresh_token", "session", "grace")),
        ("identity", "access_token_seconds"),
        ("mail", "port"),
    ):
        value = getattr(getattr(settings, group), name)
        if value < 1:
            yield f"{group}.{name}: {value} is too small; it must be at least 1."


def _origin_mistakes(setting: str, url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # raises for a port that is no number
    except ValueError:
        yield f"{setting}: {url!r} is not a URL."
        return
    if parts.scheme not in {"http", "https"} or _HOST.fullmatch(host) is None:
        yield f"{setting}: {url!r} must begin with http:// or https:// and a host."
    elif parts.path != "/" or parts.query or parts.fragment or parts.username is not None:
        yield f"{setting}: {url!r} must be only scheme, host and port, such as https://pods.example/."
