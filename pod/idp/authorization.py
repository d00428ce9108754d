"""Authorization requests: what an app wants, checked, and how it is answered. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import parse_qsl, urlencode, urlsplit

from pod.auth.keys import Json
from pod.errors import Malformed
from pod.idp import asking, clients, documents
from pod.idp.asking import Ask
from pod.idp.clients import Client

FAMILY = "interaction"
LIFETIME = 3600 * 1_000_000
"""How long a person may take to answer, in microseconds."""
LONGEST = 4096
"""Characters of a parameter."""
PROMPTS = ("none", "login", "consent", "select_account", "create")
MODES = ("query", "fragment")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_THUMBPRINT = _CHALLENGE
_ONCE = frozenset(
    {"response_type", "client_id", "redirect_uri", "scope", "state", "response_mode", "nonce", "prompt", "max_age"}
    | {"code_challenge", "code_challenge_method", "dpop_jkt", "login_hint", "request", "request_uri", "resource"}
)

Parameters = Mapping[str, str]


class Refused(Exception):
    """An error that the app is to be told: a code of RFC 6749, 4.1.2.1, or OpenID Connect, 3.1.2.6."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Reply:
    """Where and how the app gets its answer; known to be the app's own place."""

    redirect_uri: str
    mode: str
    state: str | None

    def url(self, issuer: str, **members: str) -> str:
        """The URL that brings the app the members, and who says so (iss-check-op-include)."""
        given = [*members.items(), ("iss", issuer)]
        if self.state is not None:
            given.insert(len(members), ("state", self.state))
        parts = urlsplit(self.redirect_uri)
        if self.mode == "fragment":
            return f"{self.redirect_uri}#{urlencode(given)}"
        query = [*parse_qsl(parts.query, keep_blank_values=True), *given]
        return parts._replace(query=urlencode(query)).geturl()


@dataclass(frozen=True, slots=True)
class Interaction:
    """A request of an app that waits for its person. Bound to one browser by a cookie."""

    id: str
    client: Client
    scopes: tuple[str, ...]
    redirect_uri: str
    response_mode: str
    state: str | None
    nonce: str | None
    challenge: str
    """The code challenge (RFC 7636), always S256."""
    dpop_jkt: str | None
    """The key that the code is bound to (RFC 9449, 10)."""
    prompt: tuple[str, ...]
    max_age: int | None
    """Seconds."""
    login_hint: str | None
    asks: tuple[Ask, ...]
    created: int
    """Microseconds since 1970."""
    binding: str = ""
    """The hash of the browser's cookie."""

    @property
    def reply(self) -> Reply:
        """How the app gets its answer."""
        return Reply(self.redirect_uri, self.response_mode, self.state)

    def must_sign_in(self, authenticated: int, now: int) -> bool:
        """Whether a person who last proved who they are at `authenticated` has to do it again for this app."""
        # Who has done it since the app asked need not do it over and over, however short the time that it gives.
        is_old = self.max_age is not None and now - authenticated > self.max_age * 1_000_000
        return authenticated < self.created and ("login" in self.prompt or is_old)

    def facts(self) -> dict[str, Json]:
        """As JSON."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return found | {"client": self.client.facts(), "asks": [one.facts() for one in self.asks]}


def of_facts(facts: Mapping[str, Json]) -> Interaction:
    """What `facts` gave."""
    plain: dict[str, Json] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    nested: dict[str, Json] = {
        "client": clients.of_facts(facts["client"]),
        "asks": tuple(map(asking.of_facts, facts["asks"])),
    }
    return Interaction(**plain | nested)


def single(pairs: list[tuple[str, str]]) -> Parameters:
    """The parameters by name; Malformed when one that counts stands twice, is too long, or there are too many."""
    if len(pairs) > 64 or any(len(value) > LONGEST for _, value in pairs):
        raise Malformed("The app's request has too many parameters, or one that is too long.")
    names = [name for name, _ in pairs]
    for name in _ONCE:
        if names.count(name) > 1:
            raise Malformed(f"The app's request has the parameter {name} more than once.")
    return dict(pairs)


def reply(parameters: Parameters, client: Client) -> Reply:
    """Where the answer goes; Malformed when the request names no place that is the app's own.

    Nobody is ever sent elsewhere: such a mistake is shown to the person, and not to the app.
    """
    given = parameters.get("redirect_uri")
    if given is None:
        if len(client.redirect_uris) != 1:
            raise Malformed("The app's request has no redirect_uri.")
        (given,) = client.redirect_uris
    # clientids-document-redirect-uri
    if not client.has_redirect(given):
        raise Malformed("The app's request names a redirect_uri that is not one of the app's own.")
    mode = parameters.get("response_mode", "query")
    return Reply(given, mode if mode in MODES else "query", parameters.get("state"))


def interaction(parameters: Parameters, client: Client, base_url: str, now: int) -> Interaction:
    """What the app wants, or Refused."""
    _require_understood(parameters, client)
    scopes = documents.scopes(parameters.get("scope")) or ("openid", "webid")
    answer = reply(parameters, client)
    prompt = tuple(parameters.get("prompt", "").split())
    if not set(prompt) <= set(PROMPTS) or ("none" in prompt and len(prompt) > 1):
        raise Refused("invalid_request", "prompt must be none alone, or login, consent and select_account.")
    asks = asking.of_scopes(scopes, base_url)
    return Interaction(
        id="",
        client=client,
        scopes=scopes,
        redirect_uri=answer.redirect_uri,
        response_mode=answer.mode,
        state=answer.state,
        nonce=parameters.get("nonce"),
        challenge=parameters["code_challenge"],
        dpop_jkt=parameters.get("dpop_jkt"),
        prompt=prompt,
        max_age=_max_age(parameters),
        login_hint=parameters.get("login_hint"),
        asks=asks or client.asks,
        created=now,
    )


def _require_understood(parameters: Parameters, client: Client) -> None:
    """Raise Refused for what is not done here."""
    if "request" in parameters:
        raise Refused("request_not_supported", "Send the parameters themselves, not as a request object.")
    if parameters.get("response_type") != "code":
        raise Refused("unsupported_response_type", "response_type must be code.")
    if parameters.get("response_mode", "query") not in MODES:
        raise Refused("invalid_request", "response_mode must be query or fragment.")
    if "authorization_code" not in client.grant_types:
        raise Refused("unauthorized_client", "This client has not registered for authorization_code.")
    # pkce-s256: of every client, so that nobody can leave it out in the name of another.
    if parameters.get("code_challenge_method") != "S256":
        raise Refused("invalid_request", "PKCE is required: send a code_challenge with code_challenge_method=S256.")
    if _CHALLENGE.fullmatch(parameters.get("code_challenge", "")) is None:
        raise Refused("invalid_request", "code_challenge must be the base64url SHA-256 of the code_verifier.")
    if _THUMBPRINT.fullmatch(parameters.get("dpop_jkt", "x" * 43)) is None:
        raise Refused("invalid_request", "dpop_jkt must be the SHA-256 thumbprint of a key.")


def _max_age(parameters: Parameters) -> int | None:
    text = parameters.get("max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("invalid_request", "max_age must be a number of seconds.")
    return int(text)
