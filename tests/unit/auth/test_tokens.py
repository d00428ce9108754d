"""Access tokens, one claim wrong or missing at a time."""

from typing import Any

import pytest

from pod import fetch
from pod.auth import tokens
from pod.auth.issuers import Issuers
from pod.auth.tokens import Tokens
from pod.errors import Unauthenticated
from pod.fetch import Fetched, Fetcher
from tests.tokens import ALGORITHMS, OMIT, Issuer, Key, encode, jwt, segment
from tests.unit.auth.town import Town


@pytest.fixture
def town() -> Town:
    return Town()


async def refusal(town: Town, text: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await town.tokens.check(text)
    assert refused.value.code == "invalid_token"
    return refused.value.message


@pytest.mark.spec("access-token-accept", "id-token-validation-webid", "id-token-validation-keys")
async def test_a_good_token_says_who_it_is_for(town: Town) -> None:
    token = await town.tokens.check(town.token())

    assert (token.webid, token.issuer) == (town.webid, town.issuer.url)
    assert (token.client, token.key) == (town.client.client_id, town.client.key.thumbprint)


@pytest.mark.spec("access-token-bearer")
async def test_a_token_may_be_bound_to_no_key_and_given_to_no_client(town: Town) -> None:
    token = await town.tokens.check(town.token(client=None))

    assert (token.client, token.key) == (None, None)


@pytest.mark.parametrize(
    ("changes", "client"),
    [
        ({"azp": "https://a.example/", "client_id": "https://b.example/"}, "https://a.example/"),
        ({"azp": OMIT, "client_id": "https://b.example/"}, "https://b.example/"),
        ({"azp": "an id with spaces"}, "an id with spaces"),
        ({"azp": OMIT}, None),
    ],
)
async def test_a_token_tells_its_client_by_either_name(town: Town, changes: dict[str, Any], client: str | None) -> None:
    assert (await town.tokens.check(town.token(**changes))).client == client


@pytest.mark.spec("access-token-id-token-accept")
@pytest.mark.parametrize("audience", ["solid", ["solid"], ["https://app.example/id", "solid"], ["solid", 5]])
async def test_a_token_is_for_solid_perhaps_among_others(town: Town, audience: object) -> None:
    assert await town.tokens.check(town.token(aud=audience))


@pytest.mark.spec("id-token-validation-core", "access-token-accept")
@pytest.mark.parametrize(
    "changes",
    [
        {"webid": OMIT}, {"webid": ""}, {"webid": 5}, {"webid": "me"}, {"webid": "ftp://a.example/"},
        {"webid": "https://a b.example/"}, {"webid": "https://a.example/<x>"}, {"webid": "https://a.example/\ud800"},
        {"webid": "https://a.example/" + "a" * fetch.LONGEST}, {"webid": ["https://a.example/"]},
        {"iss": OMIT}, {"iss": ""}, {"iss": 5}, {"iss": "idp"}, {"iss": "https://idp.example/?x"},
        {"iss": "https://idp.example/#x"}, {"iss": "ftp://a.example/"},
        {"aud": OMIT}, {"aud": "other"}, {"aud": "Solid"}, {"aud": ["other"]}, {"aud": []}, {"aud": {"solid": 1}},
        {"aud": None}, {"aud": "solid other"},
        {"exp": OMIT}, {"exp": "5"}, {"exp": True}, {"exp": None}, {"exp": 0}, {"exp": 10**400}, {"exp": float("nan")},
        {"iat": OMIT}, {"iat": "5"}, {"iat": None}, {"iat": 0}, {"iat": 4_000_000_000}, {"iat": float("inf")},
        {"nbf": 4_000_000_000}, {"nbf": "5"}, {"nbf": None},
        {"cnf": {}}, {"cnf": None}, {"cnf": "x"}, {"cnf": {"jkt": 5}}, {"cnf": {"x5t#S256": "x"}}, {"cnf": []},
        {"azp": 5}, {"azp": OMIT, "client_id": []}, {"azp": "a" * 5000}, {"azp": "a\u0000b"},
    ],
)  # fmt: skip
async def test_a_token_with_a_claim_wrong_or_missing_is_refused(town: Town, changes: dict[str, Any]) -> None:
    await refusal(town, town.token(**changes))

    assert town.site.asked == []
    assert await town.tokens.check(town.token())


@pytest.mark.parametrize(
    ("claim", "offset", "good"),
    [
        ("exp", -tokens.SKEW + 5, True),
        ("exp", -tokens.SKEW - 5, False),
        ("iat", tokens.SKEW - 5, True),
        ("iat", tokens.SKEW + 5, False),
        ("iat", -tokens.OLDEST + 5, True),
        ("iat", -tokens.OLDEST - 5, False),
        ("nbf", tokens.SKEW - 5, True),
        ("nbf", tokens.SKEW + 5, False),
        ("nbf", -5, True),
    ],
)
async def test_the_clock_of_an_issuer_may_be_a_little_off(town: Town, claim: str, offset: float, good: bool) -> None:
    text = town.token(**{claim: town.clock.now + offset})

    if good:
        assert await town.tokens.check(text)
    else:
        await refusal(town, text)


@pytest.mark.spec("id-token-validation-core")
@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"}, {"alg": "HS256"}, {"alg": OMIT}, {"alg": "es256"}, {"alg": "ES256K"}, {"alg": ["ES256"]},
        {"alg": "ES384"}, {"alg": "RS256"}, {"crit": ["b64"]}, {"kid": "another"},
    ],
)  # fmt: skip
async def test_a_token_with_a_header_wrong_is_refused(town: Town, header: dict[str, Any]) -> None:
    await refusal(town, town.token(header=header))


async def test_a_token_that_nobody_signed_is_refused(town: Town) -> None:
    claims = town.token().split(".")[1]

    assert "algorithm" in await refusal(town, f"{segment({'alg': 'none'})}.{claims}.x")
    await refusal(town, f"{segment({'alg': 'none'})}.{claims}.")
    await refusal(town, f"{segment({'alg': 'ES256'})}.{claims}.")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_an_issuer_may_sign_with_every_algorithm(town: Town, algorithm: str) -> None:
    town.issuer.rotate(algorithm, keep=False)
    town.publish()

    assert await town.tokens.check(town.token())


async def test_a_token_signed_by_somebody_else_is_refused(town: Town) -> None:
    other = Issuer(town.issuer.url)
    other.key.kid = town.issuer.key.kid

    assert "signature" in await refusal(town, other.token(webid=town.webid, client=town.client))


async def test_a_token_that_was_changed_is_refused(town: Town) -> None:
    head, _, signature = town.token().split(".")
    claims = town.token(azp="https://other.example/id").split(".")[1]

    assert "signature" in await refusal(town, f"{head}.{claims}.{signature}")
    await refusal(town, f"{head}.{claims}.{encode(bytes(64))}")


@pytest.mark.parametrize("kid", [OMIT, 5, None])
async def test_without_an_id_any_key_of_the_issuer_will_do(town: Town, kid: object) -> None:
    town.issuer.keys = [Key("RS256"), Key("ES256"), Key("ES256")]
    town.publish()

    for key in town.issuer.keys[1:]:
        text = jwt({"alg": "ES256"} | ({} if kid is OMIT else {"kid": kid}), claims_of(town), key)
        assert await town.tokens.check(text)
    assert "signature" in await refusal(town, jwt({"alg": "ES256"}, claims_of(town), Key("ES256")))


async def test_a_key_for_one_algorithm_does_not_do_for_another(town: Town) -> None:
    town.issuer.keys = [Key("RS256")]
    town.publish()
    header = {"alg": "PS256", "kid": town.issuer.key.kid}

    assert "no key for its algorithm" in await refusal(town, jwt(header, claims_of(town), town.issuer.key))


def claims_of(town: Town) -> dict[str, Any]:
    now = int(town.clock.now)
    return {"iss": town.issuer.url, "webid": town.webid, "aud": "solid", "iat": now, "exp": now + 60}


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b", "a.b.c", "a.b.c.d.e", "é.b.c", f"{segment([])}.{segment({})}.x", "opaque", "a" * 20_000],
)
async def test_what_is_no_token_is_refused(town: Town, text: str) -> None:
    await refusal(town, text)
    assert town.site.asked == []


@pytest.mark.parametrize("part", ["header", "claims"])
async def test_a_token_in_which_a_member_stands_twice_is_refused(town: Town, part: str) -> None:
    kid = town.issuer.key.kid
    header: object = {"alg": "ES256", "kid": kid}
    claims: object = claims_of(town)
    if part == "header":
        header = f'{{"alg":"none","alg":"ES256","kid":"{kid}"}}'.encode()
    else:
        claims = b'{"aud":"other","aud":"solid"}'

    assert "twice" in await refusal(town, jwt(header, claims, town.issuer.key))


async def test_a_token_may_be_long_but_not_too_long(town: Town) -> None:
    room = tokens.LENGTH - len(town.token(pad=""))
    fits, large = town.token(pad="p" * (room * 3 // 4 - 3)), town.token(pad="p" * room)

    assert tokens.LENGTH - 8 <= len(fits) <= tokens.LENGTH < len(large)
    assert await town.tokens.check(fits)
    assert "too long" in await refusal(town, large)


async def test_a_token_that_was_good_is_not_checked_again_for_a_while(town: Town) -> None:
    text = town.token()
    await town.tokens.check(text)
    asked = len(town.site.asked)

    town.clock.now += tokens.TRUSTED_FOR - 1
    await town.tokens.check(text)

    assert len(town.site.asked) == asked


async def test_a_token_is_not_used_beyond_its_end_because_it_was_good_before(town: Town) -> None:
    text = town.token(exp=town.clock.now + 10)
    await town.tokens.check(text)

    town.clock.now += 10 + tokens.SKEW - 1
    await town.tokens.check(text)
    town.clock.now += 2
    assert "expired" in await refusal(town, text)


@pytest.mark.spec("oidc-issuer-discovery-check")
async def test_a_token_ends_when_the_profile_does_not_name_its_issuer_any_longer(town: Town) -> None:
    text = town.token()
    await town.tokens.check(text)
    town.trust("https://other.example/")

    town.clock.now += tokens.TRUSTED_FOR + fetch.FRESH[1] + 1

    assert "does not name" in await refusal(town, text)


@pytest.mark.spec("profile-fetch-turtle")
async def test_a_token_ends_sooner_when_the_profile_is_on_this_server(town: Town) -> None:
    named = [town.issuer.url]

    async def local(url: str, _accept: str) -> Fetched | None:
        text = f"<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{named[-1]}>."
        return Fetched(url, "text/turtle", text.encode()) if url.endswith("/card") else None

    fetcher = Fetcher(allow_loopback=True, local=local, clock=town.clock)
    checker = Tokens(Issuers(fetcher, town.contexts), town.clock)
    text = town.token()
    await checker.check(text)
    named.append("https://other.example/")

    town.clock.now += tokens.TRUSTED_FOR + 1

    with pytest.raises(Unauthenticated):
        await checker.check(text)
    await fetcher.aclose()
