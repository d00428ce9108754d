"""ID tokens and access tokens: what they say. Pure but for the signature."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from pod.auth.keys import Json
from pod.idp.codes import Approval
from pod.idp.keys import Ring, hashed

AUDIENCE = "solid"


@dataclass(frozen=True, slots=True)
class Minter:
    """Makes the tokens of one answer, all as of one moment."""

    ring: Ring
    issuer: str
    lifetime: int
    """Seconds."""
    now: int
    """Seconds since 1970."""

    def access_token(self, webid: str, client: str, grant: str, key: str | None, scopes: tuple[str, ...]) -> str:
        """A token for pods, bound to the key; without a key one that only this server takes, at its userinfo."""
        claims: dict[str, Json] = {
            "iss": self.issuer,
            "sub": webid,
            "aud": [AUDIENCE, client] if key is not None else [self.issuer],
            "azp": client,
            "client_id": client,
            "iat": self.now,
            "exp": self.now + self.lifetime,
            "jti": secrets.token_urlsafe(16),
            "grant": grant,
            "scope": " ".join(scopes),
        }
        if key is not None:
            # webid-claim-always, tokens-id-cnf
            claims |= {"webid": webid, "cnf": {"jkt": key}}
        return self.ring.sign(claims, "ES256", "at+jwt")

    def id_token(self, approval: Approval, grant: str, key: str | None, nonce: str | None, *, access_token: str) -> str:
        """Who the person is, for the client itself. Pods take one with a key too, until its grant ends."""
        client = approval.client
        claims: dict[str, Json] = {
            "iss": self.issuer,
            "sub": approval.webid,
            # tokens-id-aud; one without a key must be worth nothing to pods.
            "aud": [client, AUDIENCE] if key is not None else [client],
            "azp": client,
            "iat": self.now,
            "exp": self.now + self.lifetime,
            "auth_time": approval.authenticated // 1_000_000,
            "amr": [approval.how],
            "sid": approval.session,
            "at_hash": hashed(access_token),
            "webid": approval.webid,
        }
        if key is not None:
            claims |= {"cnf": {"jkt": key}, "grant": grant}
        if nonce is not None:
            claims["nonce"] = nonce
        return self.ring.sign(claims, approval.algorithm, "JWT")


def is_live(claims: Mapping[str, Json], now: int) -> bool:
    """Whether a token that was signed here has not expired; `now` is in seconds since 1970."""
    expires = claims.get("exp")
    return isinstance(expires, int) and expires > now
