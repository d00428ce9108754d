"""The cases about authorization servers of UMA, at a server that sends clients to one, which Rhizome does not."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.case import Outcome
from conformance.proofs import claims_of, decoded
from pod.auth.keys import Key
from tests.mutants import Application, Message, Mutant, Receive, Rhizome, Send, Told, answers

AREA = "solid-oidc/authorization-servers"
SIGNATURES = {86, 342}
"""Characters of a whole one, by ES256 and by RS256."""
PROFILE = "http://openid.net/specs/openid-connect-core-1_0.html#IDToken"
OFFERED = "an-authorization-server-says-that-it-takes-id-tokens"
EXCHANGED = "an-authorization-server-takes-an-id-token-for-an-access-token"
VALIDATED = "an-authorization-server-refuses-an-id-token-that-somebody-else-proves"


@dataclass
class Uma:
    """An authorization server beside the server, as far as the cases ask it."""

    url: str
    careful: bool = True
    profiles: tuple[str, ...] = (PROFILE,)

    def __call__(self, application: Application) -> Application:
        challenging = answers(self._challenge, when=lambda told: told.status == 401)(application)

        async def served(scope: Message, receive: Receive, send: Send) -> None:
            match scope.get("path"):
                case "/.well-known/uma2-configuration":
                    told = {"token_endpoint": f"{self.url}uma", "uma_profiles_supported": self.profiles}
                    await _say(send, 200, told)
                case "/uma":
                    status = 200 if self._proved(scope, (await receive())["body"]) else 403
                    await _say(send, status, {"access_token": "x"} if status == 200 else {"error": "request_denied"})
                case _:
                    await challenging(scope, receive, send)

        return served

    def _challenge(self, told: Told) -> None:
        told.set("www-authenticate", f'UMA realm="x", as_uri="{self.url}", ticket="a-ticket"')

    def _proved(self, scope: Message, body: bytes) -> bool:
        """Whether the key of the proof is the one of a whole ID Token."""
        proof = dict(scope["headers"])[b"dpop"].decode()
        token = parse_qs(body.decode())["claim_token"][0]
        shown = Key(json.loads(decoded(proof.partition(".")[0]))["jwk"]).thumbprint
        whole = len(token.rpartition(".")[2]) in SIGNATURES
        return not self.careful or (whole and claims_of(token)["cnf"]["jkt"] == shown)


async def _say(send: Send, status: int, told: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


def looked(rhizome: Rhizome, server: Uma, case: str) -> Outcome:
    with rhizome.broken(Mutant("it sends clients to an authorization server", case, server)):
        return rhizome.look(f"{AREA}/{case}").outcome


@pytest.mark.parametrize("case", ["an-authorization-server-has-a-configuration-of-uma", OFFERED, EXCHANGED, VALIDATED])
def test_a_right_authorization_server_passes(rhizome: Rhizome, case: str) -> None:
    assert rhizome.look(f"{AREA}/{case}").outcome is Outcome.INAPPLICABLE
    assert looked(rhizome, Uma(rhizome.url), case) is Outcome.PASSED


def test_one_that_takes_no_id_tokens_is_caught(rhizome: Rhizome) -> None:
    assert looked(rhizome, Uma(rhizome.url, profiles=()), OFFERED) is Outcome.FAILED


def test_one_that_takes_any_proof_is_caught(rhizome: Rhizome) -> None:
    assert looked(rhizome, Uma(rhizome.url, careful=False), VALIDATED) is Outcome.FAILED
