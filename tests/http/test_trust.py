"""Whom a WebID trusts: profiles, issuers and their keys, wherever they are."""

import json

import pytest

from tests.http.credentials import PATH, made, require_refused, with_token
from tests.tokens import Key
from tests.world import BASE, TURTLE, Person, World


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_slash_more_or_less_in_the_profile_is_forgiven(world: World, slash: str) -> None:
    await made(world)
    issuer = world.issuer("https://third.example" + ("" if slash else "/"))
    profile = (
        f"<https://bob.example/card#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <https://third.example{slash}>."
    )
    world.web["https://bob.example/card"] = (TURTLE, profile.encode())

    token = issuer.token(webid=world.bob.webid, client=world.bob.client)

    assert (await with_token(world, token, world.bob.client)).status == 200


async def test_an_issuer_that_the_profile_does_not_name_is_refused_and_not_even_asked(world: World) -> None:
    await made(world)
    evil = world.issuer("https://evil.example/")

    token = evil.token(webid=world.bob.webid, client=world.bob.client)

    require_refused(await with_token(world, token, world.bob.client), "invalid_token", world=world)
    assert evil.configuration_url not in world.asked


@pytest.mark.parametrize(
    "profile",
    [None, ("text/html", b"<html/>"), (TURTLE, b"<> a"), (TURTLE, b""), ("", b""), ("application/ld+json", b"[")],
)
async def test_a_profile_that_cannot_be_read_vouches_for_nobody(
    world: World, profile: tuple[str, bytes] | None
) -> None:
    await made(world)
    if profile is None:
        del world.web["https://bob.example/card"]
    else:
        world.web["https://bob.example/card"] = profile

    require_refused(await world.bob.get(PATH), "invalid_token", world=world)


@pytest.mark.parametrize(
    "configuration",
    [None, b"nonsense", b"[]", b"{}", b'{"issuer": "https://evil.example/", "jwks_uri": "https://login.example/jwks"}'],
)
async def test_an_issuer_that_cannot_be_read_signs_for_nobody(world: World, configuration: bytes | None) -> None:
    await made(world)
    assert world.bob.issuer is not None
    if configuration is None:
        del world.web[world.bob.issuer.configuration_url]
    else:
        world.web[world.bob.issuer.configuration_url] = ("application/json", configuration)

    require_refused(await world.bob.get(PATH), "invalid_token", world=world)


async def test_keys_that_are_no_keys_are_passed_over(world: World) -> None:
    await made(world)
    assert world.bob.issuer is not None
    issuer = world.bob.issuer
    document = {"keys": [1, {}, {"kty": "oct", "k": "x"}, Key().jwk(use="enc"), *issuer.jwks()["keys"]]}
    world.web[issuer.jwks_url] = ("application/json", json.dumps(document).encode())

    assert (await world.bob.get(PATH)).status == 200


async def test_a_webid_of_this_server_needs_no_network(world: World) -> None:
    assert (await world.alice.get("/alice/")).status == 200
    assert not [url for url in world.asked if url.startswith(BASE)]


async def test_a_webid_of_this_server_that_is_not_public_vouches_for_nobody(world: World) -> None:
    assert (await world.alice.delete("/alice/profile/card.acl")).status == 205
    with_new_token = Person(world.server, world.alice.webid, world.alice.issuer)

    require_refused(await with_new_token.get("/alice/"), "invalid_token", world=world)


async def test_a_profile_of_this_server_that_is_huge_vouches_for_nobody(world: World) -> None:
    profile = (await world.alice.get("/alice/profile/card")).body + b"#" * 1_100_000
    assert (await world.alice.put("/alice/profile/card", TURTLE, profile)).status == 204
    with_new_token = Person(world.server, world.alice.webid, world.alice.issuer)

    require_refused(await with_new_token.get("/alice/"), "invalid_token", world=world)
