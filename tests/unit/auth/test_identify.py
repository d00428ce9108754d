"""Who sends a request, and what the others are told."""

import re
from typing import Any

import pytest

from pod.auth.identify import Identifier, challenge
from pod.errors import Unauthenticated
from pod.model.agent import ANYONE, Agent
from pod.storage.replays import MemoryReplays
from tests.tokens import OMIT, Client
from tests.unit.auth.town import TARGET, Town


@pytest.fixture
def town() -> Town:
    return Town()


async def refusal(town: Town, *authorization: str, proofs: tuple[str, ...] = ()) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as refused:
        await town.identify(*authorization, proofs=proofs)
    assert refused.value.code is not None
    return refused.value


async def test_who_has_no_credentials_is_nobody_known(town: Town) -> None:
    assert await town.identify() == ANYONE
    assert await town.identify(origin="https://app.example") == Agent(origin="https://app.example")
    assert await town.identify(proofs=(Client().proof("GET", TARGET),)) == ANYONE


@pytest.mark.spec("solid-oidc", "dpop-validation-token", "dpop-validation-proof-present")
async def test_who_proves_a_token_is_known(town: Town) -> None:
    expected = Agent(town.webid, town.client.client_id, town.issuer.url)
    token = town.token()

    assert await town.proved(token) == await town.proved(token) == expected
    proof = town.client.proof("GET", TARGET, token)
    assert await town.identify(f"dPoP   {token} ", proofs=(proof,), origin="https://app.example") == Agent(
        town.webid, town.client.client_id, town.issuer.url, "https://app.example"
    )


@pytest.mark.spec("access-token-bearer")
async def test_who_bears_a_token_that_is_bound_to_nothing_is_known_where_that_is_wanted(town: Town) -> None:
    town.identifier = Identifier(town.fetcher, town.contexts, MemoryReplays(), town.clock, bearer=True)
    token = town.token(client=None)

    assert await town.identify(f"Bearer {token}") == await town.identify(f"bearer {token}")
    assert (await town.identify(f"Bearer {token}")).webid == town.webid


async def test_a_token_must_be_bound_and_nobody_is_asked_about_others(town: Town) -> None:
    assert (await refusal(town, f"Bearer {town.token(client=None)}")).code == "invalid_token"
    assert town.site.asked == []
    assert (await town.proved()).webid == town.webid


@pytest.mark.spec("dpop-cnf", "invalid-token-401")
@pytest.mark.parametrize("bearer", [True, False])
async def test_a_token_goes_with_its_own_scheme(town: Town, bearer: bool) -> None:
    town.identifier = Identifier(town.fetcher, town.contexts, MemoryReplays(), town.clock, bearer=bearer)
    bound, free = town.token(), town.token(client=None)

    assert (await refusal(town, f"Bearer {bound}")).code == "invalid_token"
    proof = town.client.proof("GET", TARGET, free)
    assert (await refusal(town, f"DPoP {free}", proofs=(proof,))).code == "invalid_token"
    proof = town.client.proof("GET", TARGET, bound)
    assert (await refusal(town, f"Bearer {bound}", proofs=(proof,))).code == "invalid_token"


@pytest.mark.spec("dpop-cnf", "dpop-validation-token")
async def test_a_stolen_token_is_of_no_use(town: Town) -> None:
    token = town.token()
    proof = Client().proof("GET", TARGET, token)

    assert "another key" in (await refusal(town, f"DPoP {token}", proofs=(proof,))).message


@pytest.mark.spec("dpop-one-header")
@pytest.mark.parametrize("count", [0, 2])
async def test_a_request_has_exactly_one_proof(town: Town, count: int) -> None:
    token = town.token()
    proofs = tuple(town.client.proof("GET", TARGET, token) for _ in range(count))

    assert (await refusal(town, f"DPoP {token}", proofs=proofs)).code == "invalid_dpop_proof"
    assert town.site.asked == []


async def test_a_request_has_one_authorization(town: Town) -> None:
    token = town.token()
    proof = town.client.proof("GET", TARGET, token)

    for other in (f"DPoP {token}", "Bearer x", ""):
        assert (await refusal(town, f"DPoP {token}", other, proofs=(proof,))).code == "invalid_request"
    assert (await refusal(town, f"DPoP {token}, DPoP {token}", proofs=(proof,))).code == "invalid_token"


@pytest.mark.spec("invalid-token-401")
@pytest.mark.parametrize(
    "header", ["", " ", "DPoP", "DPoP ", "Bearer", "Bearer ", "Basic YTpi", "DPoP\tx", "é", "Negotiate x", "Bearer x y"]
)
async def test_credentials_that_are_wrong_are_never_passed_over(town: Town, header: str) -> None:
    proof = town.client.proof("GET", TARGET)

    assert await refusal(town, header, proofs=(proof,))


@pytest.mark.parametrize(
    "changes", [{"htm": "PUT"}, {"ath": "x"}, {"jti": OMIT}, {"iat": 0}, {"htu": "https://evil.example/"}]
)
async def test_a_good_token_with_a_wrong_proof_is_refused(town: Town, changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await town.proved(**changes)

    assert refused.value.code == "invalid_dpop_proof"


async def test_a_proof_is_good_once_for_all_tokens(town: Town) -> None:
    token = town.token()
    proof = town.client.proof("GET", TARGET, token)
    await town.identify(f"DPoP {token}", proofs=(proof,))

    assert "used before" in (await refusal(town, f"DPoP {token}", proofs=(proof,))).message


PARAMETER = r'[a-z_]+="[\x20\x21\x23-\x5b\x5d-\x7e]*"'
CHALLENGE = re.compile(rf"DPoP {PARAMETER}(?:, {PARAMETER})*")


def parameters(value: str) -> dict[str, str]:
    assert CHALLENGE.fullmatch(value)
    found = re.findall(r'([a-z_]+)="([^"]*)"', value)
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.spec("authorization-server-discovery-401", "server-unauthenticated")
def test_who_has_no_credentials_is_told_which_are_taken() -> None:
    offered = parameters(challenge(Unauthenticated("Sign in.")))

    assert {"ES256", "RS256", "EdDSA"} < set(offered["algs"].split())
    assert offered["scope"] == "openid webid"
    assert "error" not in offered


@pytest.mark.spec("invalid-token-401")
@pytest.mark.parametrize("code", ["invalid_token", "invalid_request", "invalid_dpop_proof"])
def test_who_has_wrong_credentials_is_told_what_is_wrong(code: str) -> None:
    told = parameters(challenge(Unauthenticated("It has expired.", code)))

    assert told["error"] == code
    assert told["error_description"] == "It has expired."
    assert told["algs"]


@pytest.mark.parametrize("message", ['"quoted" \\ and\r\nX-Evil: yes', "naïve 日本 \x00\x7f", "a" * 20_000, ""])
def test_a_challenge_is_a_header_whatever_is_said_in_it(message: str) -> None:
    value = challenge(Unauthenticated(message, "invalid_token"))

    assert parameters(value)
    assert len(value) < 1000
