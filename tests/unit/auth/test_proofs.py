"""Proofs of possession, one claim wrong or missing at a time."""

import asyncio
import time
from typing import Any

import pytest

from pod.auth import proofs
from pod.auth.keys import decode, json_object
from pod.auth.proofs import Proofs
from pod.errors import Unauthenticated
from pod.storage.replays import MemoryReplays
from tests.tokens import ALGORITHMS, OMIT, Client, Key, encode, jwt, segment
from tests.unit.web import Clock

URL = "https://pod.example/alice/a%20b"
TOKEN = "the.access.token"


class Server:
    """Checks proofs as a server does whose clock a test moves."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.now = time.time()
        self.proofs = Proofs(MemoryReplays(), self.clock)

    def check(self, proof: str, *, method: str = "GET", uri: str = URL, token: str = TOKEN) -> str:
        return asyncio.run(self.proofs.check(proof, method, uri, token))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def client() -> Client:
    return Client()


def refusal(server: Server, proof: str, **request: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        server.check(proof, **request)
    assert refused.value.code == "invalid_dpop_proof"
    return refused.value.message


@pytest.mark.spec("dpop-validation-proof-present", "dpop-alg", "dpop-claims")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_proof_tells_by_what_key_it_was_made(server: Server, algorithm: str) -> None:
    client = Client(algorithm)

    for _ in range(2):
        assert server.check(client.proof("GET", URL, TOKEN)) == client.key.thumbprint


@pytest.mark.spec("dpop-claims", "dpop-htm", "dpop-htu", "dpop-iat")
@pytest.mark.parametrize(
    "changes",
    [
        {"htm": OMIT}, {"htm": "POST"}, {"htm": "get"}, {"htm": 5}, {"htm": ["GET"]},
        {"htu": OMIT}, {"htu": "https://pod.example/alice/b"}, {"htu": "https://evil.example/alice/a%20b"},
        {"htu": "http://pod.example/alice/a%20b"}, {"htu": "/alice/a%20b"}, {"htu": URL + "/"}, {"htu": 5}, {"htu": ""},
        {"htu": "https://pod.example/alice%2Fa%20b"}, {"htu": "https://me@pod.example/alice/a%20b"},
        {"iat": OMIT}, {"iat": "5"}, {"iat": True}, {"iat": 10**400}, {"iat": float("nan")}, {"iat": -1}, {"iat": None},
        {"jti": OMIT}, {"jti": ""}, {"jti": 5}, {"jti": "j" * 513}, {"jti": None},
        {"ath": ""}, {"ath": None}, {"ath": encode(b"another token")}, {"ath": 5},
    ],
)  # fmt: skip
def test_a_proof_with_a_claim_wrong_or_missing_is_refused(
    server: Server, client: Client, changes: dict[str, Any]
) -> None:
    refusal(server, client.proof("GET", URL, TOKEN, **changes))
    server.check(client.proof("GET", URL, TOKEN))


@pytest.mark.spec("dpop-claims", "dpop-alg", "dpop-jwk-public")
@pytest.mark.parametrize(
    "header",
    [
        {"typ": OMIT}, {"typ": "JWT"}, {"typ": "at+jwt"}, {"alg": OMIT}, {"alg": "none"}, {"alg": "HS256"},
        {"alg": "RS256"}, {"alg": "ES384"}, {"alg": ["ES256"]}, {"alg": "es256"}, {"jwk": OMIT}, {"jwk": "x"},
        {"jwk": {}}, {"jwk": Key("ES256").jwk()}, {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}, {"crit": ["b64"]},
    ],
)  # fmt: skip
def test_a_proof_with_a_header_wrong_or_missing_is_refused(
    server: Server, client: Client, header: dict[str, Any]
) -> None:
    refusal(server, client.proof("GET", URL, TOKEN, header=header))


@pytest.mark.spec("dpop-alg")
@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES256K"])
def test_a_client_is_told_which_algorithms_are_accepted(server: Server, client: Client, algorithm: str) -> None:
    message = refusal(server, client.proof("GET", URL, TOKEN, header={"alg": algorithm}))

    assert "ES256, " in message
    assert "RS256" in message


def test_a_proof_that_gives_its_private_key_away_is_refused(server: Server, client: Client) -> None:
    header = {"jwk": client.key.jwk(d="x")}

    assert "private" in refusal(server, client.proof("GET", URL, TOKEN, header=header))


@pytest.mark.spec("dpop-htu")
@pytest.mark.parametrize(
    "htu",
    [
        URL, f"{URL}?query", f"{URL}#fragment", "https://pod.example:443/alice/a%20b", "HTTPS://POD.example/alice/a%20b",
        "https://pod.example/%61lice/a b", "https://pod.example/alice/a%20b?a=%zz",
    ],
)  # fmt: skip
def test_the_same_url_may_be_spelled_in_another_way(server: Server, client: Client, htu: str) -> None:
    assert server.check(client.proof("GET", htu, TOKEN))


def test_names_that_clients_encode_differently_are_the_same(server: Server, client: Client) -> None:
    uri = "https://pod.example/a+b/caf%C3%A9@c,d"

    for htu in (uri, "https://pod.example/a%2Bb/caf%c3%a9%40c%2Cd", "https://pod.example/a+b/café@c,d"):
        assert server.check(client.proof("GET", htu, TOKEN), uri=uri)


@pytest.mark.spec("dpop-ath-optional")
def test_a_proof_need_not_say_which_token_it_goes_with(server: Server, client: Client) -> None:
    assert server.check(client.proof("GET", URL)) == client.key.thumbprint


def test_a_proof_for_one_token_does_not_go_with_another(server: Server, client: Client) -> None:
    assert "another access token" in refusal(server, client.proof("GET", URL, TOKEN), token="another.access.token")


@pytest.mark.spec("dpop-iat")
@pytest.mark.parametrize(
    ("age", "good"),
    [(proofs.BEFORE - 1, True), (proofs.BEFORE + 1, False), (-proofs.AHEAD + 1, True), (-proofs.AHEAD - 1, False)],
)
def test_a_proof_is_good_for_a_moment(server: Server, client: Client, age: float, good: bool) -> None:
    proof = client.proof("GET", URL, TOKEN, iat=server.clock.now - age)

    if good:
        assert server.check(proof)
    else:
        assert "too long ago" in refusal(server, proof)


@pytest.mark.spec("dpop-jti")
def test_a_proof_is_good_once(server: Server, client: Client) -> None:
    proof = client.proof("GET", URL, TOKEN)
    server.check(proof)

    assert "used before" in refusal(server, proof)
    assert "used before" in refusal(server, client.proof("GET", URL, TOKEN, jti=jti_of(proof)))


def jti_of(proof: str) -> str:
    return str(json_object(decode(proof.split(".")[1]))["jti"])


def test_two_clients_may_happen_to_use_one_id(server: Server) -> None:
    for client in (Client(), Client()):
        assert server.check(client.proof("GET", URL, TOKEN, jti="1"))


def test_what_is_not_signed_uses_up_nothing(server: Server, client: Client) -> None:
    proof = client.proof("GET", URL, TOKEN)
    head, claims, signature = proof.split(".")
    forged = f"{head}.{claims}.{encode(bytes(len(decode(signature))))}"

    assert "signature" in refusal(server, forged)
    assert server.check(proof)


def test_claims_that_were_changed_are_not_signed(server: Server, client: Client) -> None:
    head, _, signature = client.proof("GET", URL, TOKEN).split(".")
    other = client.proof("GET", URL, TOKEN).split(".")[1]

    assert "signature" in refusal(server, f"{head}.{other}.{signature}")


def test_a_proof_by_another_key_than_it_shows_is_refused(server: Server, client: Client) -> None:
    other = Client()
    header = {"jwk": other.key.jwk()}

    assert "signature" in refusal(server, client.proof("GET", URL, TOKEN, header=header))


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "é.b.c", "!.b.c", f"{segment([])}.{segment({})}.x", "a" * 20_000]
)
def test_what_is_no_proof_is_refused(server: Server, text: str) -> None:
    refusal(server, text)


@pytest.mark.parametrize("part", ["header", "claims"])
def test_a_proof_in_which_a_member_stands_twice_is_refused(server: Server, client: Client, part: str) -> None:
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": client.key.jwk()}
    claims = {"htm": "GET", "htu": URL, "iat": int(server.clock.now), "jti": "1"}
    twice = {"header": b'{"typ":"JWT",' + segmented(header)[1:], "claims": b'{"htm":"POST",' + segmented(claims)[1:]}

    proof = jwt(
        twice["header"] if part == "header" else header, twice["claims"] if part == "claims" else claims, client.key
    )

    assert "twice" in refusal(server, proof)
    assert server.check(jwt(header, claims, client.key))


def segmented(value: dict[str, Any]) -> bytes:
    return decode(segment(value))


def test_a_proof_may_be_long_but_not_too_long(server: Server, client: Client) -> None:
    room = proofs.LENGTH - len(client.proof("GET", URL, TOKEN, pad=""))
    fits, large = (client.proof("GET", URL, TOKEN, pad="p" * length) for length in (room * 3 // 4 - 3, room))

    assert proofs.LENGTH - 8 <= len(fits) <= proofs.LENGTH < len(large)
    assert server.check(fits)
    assert "too long" in refusal(server, large)


def test_a_long_header_is_read_each_time(server: Server, client: Client) -> None:
    header = {"pad": "p" * proofs.HEADER}

    for _ in range(2):
        assert server.check(client.proof("GET", URL, TOKEN, header=header)) == client.key.thumbprint
