"""The token endpoint's rules: authlib's grants over facts that were loaded before.

authlib is synchronous and storage is not. So everything that a request may need is in `Facts`
before authlib is asked, and what it wants written is collected there, to be committed afterwards
in one swap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import grants as oauth
from authlib.oauth2.rfc6749.errors import InvalidGrantError, OAuth2Error
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge

from pod.auth.keys import Json
from pod.idp import codes
from pod.idp.clients import Client
from pod.idp.codes import Approval, Code, Grant
from pod.idp.tokens import Minter
from pod.storage.ports import Swap

Answer = tuple[int, Any, Sequence[tuple[str, str]]]  # Any: authlib gives a dict, or an empty text
METHODS = ["client_secret_basic", "client_secret_post", "none"]


class ProofNeededError(OAuth2Error):  # type: ignore[misc]  # authlib is not typed
    """A token that pods take has to be bound to a key."""

    error = "invalid_dpop_proof"


@dataclass
class Facts:
    """What one request to the token endpoint is decided by, and what comes of it."""

    minter: Minter
    client: Client | None
    key: str | None
    """The thumbprint of the key that the request proved to hold."""
    code: Code | None = None
    grant: Grant | None = None
    stands: bool = False
    """Whether the person, and what they agreed with the client, are still there."""
    refresh_lifetime: int = 0
    """Microseconds."""
    swaps: list[Swap] = field(default_factory=list)
    """What is to be written: also by a request that is refused."""
    ended: list[str] = field(default_factory=list)
    """The grants whose access tokens are to be worth nothing."""

    @property
    def now(self) -> int:
        """Microseconds since 1970."""
        return self.minter.now * codes.SECOND

    def end(self, grant: str) -> None:
        """Let no token of the grant be worth anything."""
        if self.grant is not None:
            self.swaps += codes.ended_grant(self.grant)
        self.ended.append(grant)


class Request(OAuth2Request):  # type: ignore[misc]  # authlib is not typed
    """A request as authlib wants it."""

    def __init__(self, form: Mapping[str, str], authorization: str | None) -> None:
        # What authlib asks of the URL, the server that is in front of it sees to.
        super().__init__("POST", "https://localhost/", headers={"Authorization": authorization or ""})
        self._given = dict(form)
        self.payload = BasicOAuth2Payload(self._given)

    @property
    def form(self) -> dict[str, str]:
        """The parameters."""
        return self._given


class _Known:
    """A client as authlib sees it."""

    def __init__(self, client: Client) -> None:
        self.facts = client

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Whether it may authenticate so: without a secret only who has none."""
        return (method == "none") == (self.facts.secret_hash is None)

    def check_client_secret(self, secret: str) -> bool:
        """Whether the secret is right."""
        return self.facts.has_secret(secret)

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use the grant."""
        return grant_type in self.facts.grant_types


class Server(AuthorizationServer):  # type: ignore[misc]  # authlib is not typed
    """authlib's server for one request."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self.facts = facts
        self.register_grant(_CodeGrant, [_Challenge(required=True)])
        self.register_grant(_RefreshGrant)
        self.register_grant(_CredentialsGrant)

    def query_client(self, client_id: str) -> _Known | None:
        """The client of the request."""
        client = self.facts.client
        return _Known(client) if client is not None and client.id == client_id else None

    def create_oauth2_request(self, request: Request) -> Request:
        """It is one already."""
        return request

    def send_signal(self, *_: object, **__: object) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:
        """The answer as it is."""
        return status, body, headers

    def handle_error_response(self, request: Request, error: OAuth2Error) -> Answer:
        """The error; whether there is a client of some id is told to nobody."""
        if error.error == "invalid_client":
            error.description, error.status_code = "The client is not known, or its secret is wrong.", 401
        answer: Answer = super().handle_error_response(request, error)
        return answer


class _Challenge(CodeChallenge):  # type: ignore[misc]  # authlib is not typed
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)


class _CodeFacts:
    """A code as authlib sees it."""

    code_challenge_method = "S256"

    def __init__(self, code: Code) -> None:
        self.code = code
        self.code_challenge = code.challenge

    def get_redirect_uri(self) -> str:
        """Where the code went."""
        return self.code.redirect_uri


class _CodeGrant(oauth.AuthorizationCodeGrant):  # type: ignore[misc]  # authlib is not typed
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def query_authorization_code(self, _code: str, client: _Known) -> _CodeFacts | None:
        code = self.server.facts.code
        return None if code is None or code.approval.client != client.facts.id else _CodeFacts(code)

    def create_token_response(self) -> Answer:
        facts: Facts = self.server.facts
        code = facts.code
        assert code is not None  # validate_token_request found it
        if code.used:
            # RFC 6749, 4.1.2: whoever comes second, one of the two has stolen it.
            facts.end(code.grant)
            raise InvalidGrantError("The code was used before.")
        if code.dpop_jkt is not None and code.dpop_jkt != facts.key:
            raise ProofNeededError("The code is bound to another key.")
        if not facts.stands:
            raise InvalidGrantError("The person has no agreement with the client any longer.")
        used = codes.code_bytes(_used(code))
        expires = facts.now + codes.USED_CODE_LIFETIME
        name = codes.digest(self.request.form["code"])
        facts.swaps.append(Swap(codes.CODE, name, codes.code_bytes(code), used, expires))
        answer = _answer(facts, code.approval, code.grant, code.nonce)
        if code.approval.refreshable and self.request.client.check_grant_type("refresh_token"):
            answer["refresh_token"] = _first(facts, code)
        return 200, answer, self.TOKEN_RESPONSE_HEADER


def _used(code: Code) -> Code:
    return Code(code.approval, code.grant, code.redirect_uri, code.challenge, code.nonce, code.dpop_jkt, used=True)


def _first(facts: Facts, code: Code) -> str:
    """A refresh token for what the code stands for."""
    assert facts.client is not None  # it has authenticated
    token = codes.first_token(facts.minter.ring, code.grant)
    # refresh-rotation: who has a secret proves itself by that, and may come with another key.
    key = facts.key if facts.client.secret_hash is None else None
    grant = Grant(code.grant, code.approval, key, codes.digest(token))
    facts.swaps += codes.kept_grant(None, grant, facts.now + facts.refresh_lifetime)
    return token


class _GrantFacts:
    """A refresh token as authlib sees it."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant

    def check_client(self, client: _Known) -> bool:
        """Whether it was given to the client."""
        return self.grant.approval.client == client.facts.id

    def get_scope(self) -> str:
        """What it was given for."""
        return " ".join(self.grant.approval.scopes)


class _RefreshGrant(oauth.RefreshTokenGrant):  # type: ignore[misc]  # authlib is not typed
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def authenticate_refresh_token(self, _token: str) -> _GrantFacts | None:
        grant = self.server.facts.grant
        return None if grant is None else _GrantFacts(grant)

    def create_token_response(self) -> Answer:
        facts: Facts = self.server.facts
        grant, token = facts.grant, self.request.form["refresh_token"]
        assert grant is not None  # validate_token_request found it
        if grant.key is not None and grant.key != facts.key:
            raise ProofNeededError("The refresh token is bound to another key.")
        if not facts.stands:
            facts.end(grant.id)
            raise InvalidGrantError("The person has no agreement with the client any longer.")
        current = codes.is_current(grant, token)
        if not current and not codes.is_repeated(grant, token, facts.now):
            facts.end(grant.id)
            raise InvalidGrantError("The refresh token was used before; sign in again.")
        following = codes.next_token(facts.minter.ring, token)
        if current:
            renewed = codes.rotated(grant, following, facts.now)
            facts.swaps += codes.kept_grant(grant, renewed, facts.now + facts.refresh_lifetime)
        answer = _answer(facts, grant.approval, grant.id, None)
        return 200, answer | {"refresh_token": following}, self.TOKEN_RESPONSE_HEADER


class _CredentialsGrant(oauth.ClientCredentialsGrant):  # type: ignore[misc]  # authlib is not typed
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def create_token_response(self) -> Answer:
        facts: Facts = self.server.facts
        client: Client = self.request.client.facts
        if not facts.stands or client.webid is None:
            raise InvalidGrantError("The person has no agreement with the client any longer.")
        if facts.key is None:
            raise ProofNeededError("Tokens are bound to a key; send a DPoP proof.")
        # Whatever is asked for: a script acts as the person who made it (client-credentials-bind).
        scopes = ("webid",)
        token = facts.minter.access_token(client.webid, client.id, client.id, facts.key, scopes)
        answer = {"access_token": token, "token_type": "DPoP", "expires_in": facts.minter.lifetime, "scope": "webid"}
        return 200, answer, self.TOKEN_RESPONSE_HEADER


def _answer(facts: Facts, approval: Approval, grant: str, nonce: str | None) -> dict[str, Json]:
    """The tokens for what was approved; tokens-op-return."""
    if facts.key is None and approval.solid:
        raise ProofNeededError("Tokens with a WebID are bound to a key; send a DPoP proof.")
    minter, key = facts.minter, facts.key
    access = minter.access_token(approval.webid, approval.client, grant, key, approval.scopes)
    found: dict[str, Json] = {
        "access_token": access,
        "token_type": "Bearer" if key is None else "DPoP",
        "expires_in": minter.lifetime,
        "scope": " ".join(approval.scopes),
    }
    if "openid" in approval.scopes or approval.solid:
        found["id_token"] = minter.id_token(approval, grant, key, nonce, access_token=access)
    return found


def run(facts: Facts, form: Mapping[str, str], authorization: str | None) -> Answer:
    """The answer to a request to the token endpoint; `facts.swaps` has what it wants written."""
    answer: Answer = Server(facts).create_token_response(Request(form, authorization))
    return answer


def authenticate(facts: Facts, form: Mapping[str, str], authorization: str | None) -> Answer | None:
    """None for a client that proves who it is at another endpoint, or the refusal."""
    request, server = Request(form, authorization), Server(facts)
    try:
        server.authenticate_client(request, METHODS)
    except OAuth2Error as error:
        return server.handle_error_response(request, error)
    return None
