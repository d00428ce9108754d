"""Who asks: every way in which credentials can be right or wrong, as a client sees it."""

import time

import pytest

from pod.config import Access
from tests.http.credentials import PATH, URL, made, require_refused, sent, token_of, with_token
from tests.tokens import OMIT, Client, Issuer, Json
from tests.world import BASE, World, rule


@pytest.mark.spec("solid-oidc", "server-unauthenticated", "server-authentication", "server-http")
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [PATH, "/alice/", "/alice/none", "/alice/none/", "/alice/.acl"])
async def test_who_is_not_known_is_asked_to_sign_in(world: World, method: str, path: str) -> None:
    await made(world)
    content = None if method in {"GET", "HEAD", "DELETE"} else "this is <no RDF"

    async with world.unchanged():
        answer = await world.anyone.send(method, path, content, content_type="nonsense/type")

    assert answer.status == 401
    assert answer["www-authenticate"].startswith("DPoP ")
    assert "error" not in answer["www-authenticate"]
    assert "algs=" in answer["www-authenticate"]


@pytest.mark.parametrize(
    ("changes", "header"),
    [
        ({"exp": int(time.time()) - 3600}, {}),
        ({"exp": OMIT}, {}),
        ({"iat": int(time.time()) + 3600}, {}),
        ({"iat": OMIT}, {}),
        ({"nbf": int(time.time()) + 3600}, {}),
        ({"aud": "elsewhere"}, {}),
        ({"aud": OMIT}, {}),
        ({"webid": OMIT}, {}),
        ({"webid": "not a url"}, {}),
        ({"webid": "https://carol.example/#me"}, {}),
        ({"webid": "http://bob.example/card#me"}, {}),
        ({"iss": "https://unknown.example/"}, {}),
        ({"iss": OMIT}, {}),
        ({"cnf": OMIT}, {}),
        ({"cnf": {"jkt": "x" * 43}}, {}),
        ({}, {"alg": "none"}),
        ({}, {"alg": "HS256"}),
        ({}, {"alg": "RS256"}),
        ({}, {"kid": "unknown"}),
        ({}, {"crit": ["exp"]}),
    ],
)
async def test_a_token_that_is_wrong_is_never_passed_over(
    world: World, changes: dict[str, Json], header: dict[str, Json]
) -> None:
    await made(world)
    await world.policy(PATH, rule("acl:agentClass foaf:Agent", "read"))

    answer = await with_token(world, token_of(world.bob, header=header, **changes), world.bob.client)

    require_refused(answer, "invalid_token", world=world)


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "=.=.=", "x" * 20000])
@pytest.mark.parametrize("scheme", ["DPoP", "Bearer"])
async def test_what_is_no_token_is_refused(world: World, text: str, scheme: str) -> None:
    await made(world)
    proof = world.bob.client.proof("GET", URL)

    answer = await sent(world, ("authorization", f"{scheme} {text}"), ("dpop", proof))

    require_refused(answer, "invalid_token", world=world)


async def test_a_token_with_another_signature_is_refused(world: World) -> None:
    await made(world)
    token = token_of(world.bob)
    other = Issuer(world.bob.issuer.url if world.bob.issuer else "")
    other.key.kid = world.bob.issuer.key.kid if world.bob.issuer else ""
    forged = other.token(webid=world.bob.webid, client=world.bob.client)
    head, claims, signature = token.split(".")

    for wrong in (forged, f"{head}.{claims}.{signature[::-1]}", f"{head}.{claims}."):
        require_refused(await with_token(world, wrong, world.bob.client), "invalid_token", world=world)


@pytest.mark.parametrize(
    ("changes", "header"),
    [
        ({"htm": "POST"}, {}),
        ({"htm": OMIT}, {}),
        ({"htu": f"{BASE}alice/other"}, {}),
        ({"htu": "https://evil.example/alice/note"}, {}),
        ({"htu": OMIT}, {}),
        ({"iat": int(time.time()) - 600}, {}),
        ({"iat": int(time.time()) + 600}, {}),
        ({"iat": OMIT}, {}),
        ({"jti": OMIT}, {}),
        ({"jti": ""}, {}),
        ({"ath": "x" * 43}, {}),
        ({}, {"typ": "JWT"}),
        ({}, {"alg": "none"}),
        ({}, {"alg": "HS256"}),
        ({}, {"jwk": OMIT}),
        ({}, {"crit": ["htu"]}),
    ],
)
async def test_a_proof_that_is_wrong_is_refused(
    world: World, changes: dict[str, Json], header: dict[str, Json]
) -> None:
    await made(world)
    token = token_of(world.bob)

    proof = world.bob.client.proof("GET", URL, token, header=header, **changes)

    require_refused(await with_token(world, token, world.bob.client, proof), "invalid_dpop_proof", world=world)


async def test_a_proof_is_used_once(world: World) -> None:
    await made(world)
    token = token_of(world.bob)
    proof = world.bob.client.proof("GET", URL, token)

    assert (await with_token(world, token, world.bob.client, proof)).status == 200
    require_refused(await with_token(world, token, world.bob.client, proof), "invalid_dpop_proof", world=world)


async def test_a_stolen_token_is_worth_nothing_without_its_key(world: World) -> None:
    await made(world)
    thief = Client()

    require_refused(await with_token(world, token_of(world.bob), thief), "invalid_token", world=world)


async def test_a_proof_does_not_reveal_a_private_key(world: World) -> None:
    await made(world)
    token = token_of(world.bob)
    proof = world.bob.client.proof("GET", URL, token, header={"jwk": world.bob.client.key.jwk(d="secret")})

    require_refused(await with_token(world, token, world.bob.client, proof), "invalid_dpop_proof", world=world)


async def test_a_bound_token_needs_exactly_one_proof(world: World) -> None:
    await made(world)
    token = token_of(world.bob)
    proofs = [("dpop", world.bob.client.proof("GET", URL, token)) for _ in range(2)]

    require_refused(await sent(world, ("authorization", f"DPoP {token}")), "invalid_dpop_proof", world=world)
    require_refused(await sent(world, ("authorization", f"DPoP {token}"), *proofs), "invalid_dpop_proof", world=world)
    require_refused(await sent(world, ("authorization", f"Bearer {token}"), proofs[0]), "invalid_token", world=world)


@pytest.mark.parametrize("value", ["Basic YWxpY2U6c2VjcmV0", "Digest x", "Negotiate", "x", ""])
async def test_other_schemes_are_refused(world: World, value: str) -> None:
    await made(world)

    require_refused(await sent(world, ("authorization", value)), "invalid_request", world=world)


async def test_two_credentials_are_refused(world: World) -> None:
    await made(world)
    token = token_of(world.bob)

    answer = await sent(
        world,
        ("authorization", f"DPoP {token}"),
        ("authorization", f"DPoP {token}"),
        ("dpop", world.bob.client.proof("GET", URL, token)),
    )

    require_refused(answer, "invalid_request", world=world)


@pytest.mark.parametrize("path", ["/alice/profile/card", "/alice/.well-known/solid"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_wrong_credentials_are_refused_also_where_none_are_needed(world: World, path: str, method: str) -> None:
    assert (await world.anyone.send(method, path)).status in {200, 204}

    answer = await world.anyone.send(method, path, authorization="Bearer nonsense")

    assert answer.status == 401


async def test_a_token_without_a_key_is_worth_nothing(world: World) -> None:
    """Many hold ID tokens, which look the same."""
    await made(world)
    assert world.bob.issuer is not None
    token = world.bob.issuer.token(webid=world.bob.webid)
    proof = world.bob.client.proof("GET", URL, token)

    for headers in ([("authorization", f"Bearer {token}")], [("authorization", f"DPoP {token}"), ("dpop", proof)]):
        answer = await sent(world, *headers)

        require_refused(answer, "invalid_token", world=world)
        assert answer["www-authenticate"].startswith("DPoP ")


async def test_a_server_may_take_tokens_without_a_key(storage: str) -> None:
    async with World(storage, access=Access(bearer=True)) as world:
        await made(world)
        assert world.bob.issuer is not None
        token = world.bob.issuer.token(webid=world.bob.webid)

        assert (await sent(world, ("authorization", f"Bearer {token}"))).status == 200
        assert (await sent(world, ("authorization", f"bearer {token}"))).status == 200
        for wrong in (f"{token}x", token_of(world.bob)):
            require_refused(await sent(world, ("authorization", f"Bearer {wrong}")), "invalid_token", world=world)
        proof = world.bob.client.proof("GET", URL, token)
        require_refused(
            await sent(world, ("authorization", f"DPoP {token}"), ("dpop", proof)), "invalid_token", world=world
        )


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "RS256", "PS256", "EdDSA"])
async def test_tokens_and_proofs_of_all_usual_algorithms_are_taken(world: World, algorithm: str) -> None:
    await made(world)
    assert world.bob.issuer is not None
    world.bob.issuer.rotate(algorithm)
    world.publish(world.bob.issuer)
    client = Client(algorithm)

    token = world.bob.issuer.token(webid=world.bob.webid, client=client)

    assert (await with_token(world, token, client)).status == 200


@pytest.mark.parametrize(
    "changes", [{"ath": OMIT}, {"htu": f"{URL}?a=b#c"}, {"htu": "https://POD.example:443/alice/n%6Fte"}]
)
async def test_what_older_and_other_clients_send_is_taken(world: World, changes: dict[str, Json]) -> None:
    await made(world)
    token = token_of(world.bob)

    proof = world.bob.client.proof("GET", URL, token, **changes)

    assert (await with_token(world, token, world.bob.client, proof)).status == 200


async def test_a_proof_is_for_the_public_url_whatever_host_the_request_names(world: World) -> None:
    await made(world)
    token = token_of(world.bob)
    headers = [("authorization", f"DPoP {token}"), ("dpop", world.bob.client.proof("GET", URL, token))]

    assert (await sent(world, *headers, ("host", "10.0.0.7:8080"))).status == 200


@pytest.mark.parametrize("name", ["a+b.txt", "a%20b", "caf%C3%A9", "100%25", "a,b;c=d@e", "~x"])
async def test_odd_names_are_proved_in_whatever_spelling(world: World, name: str) -> None:
    """CSS refuses `a+b.txt`, as libraries encode it differently."""
    assert (await world.alice.put(f"/alice/{name}", "text/plain", "x")).status == 201
    spelled = name.replace("+", "%2B").replace("~", "%7E").replace("%C3%A9", "%c3%a9").replace(",", "%2C")

    answer = await world.alice.request("GET", f"/alice/{name}", raw_path=f"/alice/{spelled}".encode())

    assert answer.status == 200


@pytest.mark.parametrize("audience", ["solid", ["solid", "https://app.example/id"]])
async def test_the_audience_may_be_one_or_several(world: World, audience: Json) -> None:
    await made(world)

    assert (await with_token(world, token_of(world.bob, aud=audience), world.bob.client)).status == 200
