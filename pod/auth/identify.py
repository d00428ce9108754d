"""Who sends a request, as far as it proves. Wrong credentials are refused, never passed over."""

from collections.abc import Callable
from dataclasses import dataclass

from pod.auth.issuers import ContextsOf, Issuers
from pod.auth.keys import ALGORITHMS
from pod.auth.proofs import Proofs
from pod.auth.tokens import Home, Tokens
from pod.errors import Unauthenticated
from pod.fetch import Fetcher
from pod.model.agent import ANYONE, Agent
from pod.storage.ports import Replays


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What of a request tells who sends it."""

    method: str
    uri: str
    """The public URL of the target, without query."""
    authorization: tuple[str, ...] = ()
    """Every Authorization header."""
    proofs: tuple[str, ...] = ()
    """Every DPoP header."""
    origin: str | None = None


class Identifier:
    """Finds out who asks."""

    def __init__(
        self,
        fetcher: Fetcher,
        contexts: ContextsOf,
        replays: Replays,
        now: Callable[[], float],
        *,
        bearer: bool = False,
        home: Home | None = None,
    ) -> None:
        self._tokens = Tokens(Issuers(fetcher, contexts), now, home)
        self.proofs = Proofs(replays, now)
        self._bearer = bearer

    async def identify(self, facts: RequestFacts) -> Agent:
        """The agent, nobody known when the request has no credentials, or Unauthenticated when they are wrong."""
        if not facts.authorization:
            return ANYONE if facts.origin is None else Agent(origin=facts.origin)
        if len(facts.authorization) > 1:
            raise Unauthenticated("The request has more than one Authorization header.", "invalid_request")
        scheme, _, text = facts.authorization[0].partition(" ")
        text = text.strip()
        match scheme.lower():
            case "dpop":
                return await self._by_proof(facts, text)
            case "bearer":
                return await self._by_bearer(facts, text)
            case _:
                raise Unauthenticated("Credentials of this kind are not understood; use DPoP.", "invalid_request")

    async def _by_proof(self, facts: RequestFacts, text: str) -> Agent:
        # dpop-one-header
        if len(facts.proofs) != 1:
            raise Unauthenticated("The request needs exactly one DPoP header with a proof.", "invalid_dpop_proof")
        token = await self._tokens.check(text)
        if token.key is None:
            raise Unauthenticated(
                "The access token is bound to no key, so that no proof can go with it.", "invalid_token"
            )
        # dpop-validation-token, dpop-cnf
        if await self.proofs.check(facts.proofs[0], facts.method, facts.uri, text) != token.key:
            raise Unauthenticated("The DPoP proof is by another key than the access token.", "invalid_token")
        return Agent(token.webid, token.client, token.issuer, facts.origin, token.ends)

    async def _by_bearer(self, facts: RequestFacts, text: str) -> Agent:
        # An ID token without a key looks just like such an access token, and many hold it.
        if not self._bearer:
            raise Unauthenticated("Access tokens are taken with DPoP and a proof alone.", "invalid_token")
        token = await self._tokens.check(text)
        if token.key is not None:
            raise Unauthenticated("The access token is bound to a key; send it with DPoP and a proof.", "invalid_token")
        return Agent(token.webid, token.client, token.issuer, facts.origin, token.ends)


_SCOPE = 'scope="openid webid"'
_ACCEPTED = " ".join(ALGORITHMS)
_DESCRIBED = 300
"""Characters of a description: a header has to fit into what servers on the way accept."""


def challenge(error: Unauthenticated) -> str:
    """The value of WWW-Authenticate for a refusal (RFC 9449, 7.1).

    It offers DPoP alone: nobody is invited to send a token that whoever sees it can use.
    """
    if error.code is None:
        return f'DPoP {_SCOPE}, algs="{_ACCEPTED}"'
    # RFC 6750, 3: printable ASCII without quotation marks and backslashes.
    description = "".join(c if " " <= c <= "~" and c not in '"\\' else "'" for c in error.message[:_DESCRIBED])
    return f'DPoP error="{error.code}", error_description="{description}", algs="{_ACCEPTED}"'
