"""What thieves and liars try at the identity provider, and do not get."""

from collections.abc import AsyncIterator

import pytest

from pod.errors import Conflict, Forbidden
from pod.model.agent import Agent
from pod.model.operation import Put
from pod.model.representation import Body
from pod.model.resource import Uri
from tests.http.apps import CALLBACK, App, answered, registered, resident
from tests.world import BASE, TURTLE, World

OTHER = "https://other.example/id"


async def test_a_code_is_used_once_and_a_second_use_ends_what_came_of_the_first(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    code = (await app.agree(carol))["code"]
    first = (await app.redeem(code)).json()
    people = [app.person(carol, first[one]) for one in ("access_token", "id_token")]
    assert [(await one.get("/carol/settings/prefs.ttl")).status for one in people] == [200, 200]

    second = await app.redeem(code)

    assert (second.status, second.json()["error"]) == (400, "invalid_grant")
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert [(await one.get("/carol/settings/prefs.ttl")).status for one in people] == [401, 401]


async def test_who_only_knows_an_old_code_ends_nothing(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    code = (await app.agree(carol))["code"]
    first = (await app.redeem(code)).json()
    thief = App(world, verifier="x" * 43)

    assert (await thief.redeem(code)).json()["error"] == "invalid_grant"
    assert (await app.refresh(first["refresh_token"])).status == 200


async def test_a_code_of_one_client_is_nothing_to_another(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    other = App(world, OTHER, verifier=app.verifier).publish(redirect_uris=[CALLBACK])
    code = (await app.agree(carol))["code"]

    stolen = await other.redeem(code)

    assert stolen.json()["error"] == "invalid_grant"
    assert (await app.redeem(code)).status == 200


async def test_a_code_goes_with_the_redirect_uri_that_it_went_to(world: World) -> None:
    app = App(world).publish(redirect_uris=[CALLBACK, f"{CALLBACK}2"])
    code = (await app.agree(await resident(world)))["code"]

    for uri in (f"{CALLBACK}2", None):
        assert (await app.redeem(code, "", redirect_uri=uri)).json()["error"] == "invalid_grant"


@pytest.mark.spec("pkce-s256")
@pytest.mark.spec("clientids-document-op-dereference")
async def test_an_app_whose_document_names_no_code_gets_none(world: World) -> None:
    app = App(world).publish(grant_types=["client_credentials"], response_types=[])

    told = answered((await app.authorize(await resident(world)))["location"])

    assert told["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"code_challenge": "é" * 43},
    ],
)
async def test_no_client_can_do_without_pkce(world: World, changes: dict[str, str | None]) -> None:
    carol = await resident(world)
    for app in (App(world).publish(), await registered(world)):
        answer = await app.authorize(carol, **changes)

        assert answered(answer["location"])["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", [None, "", "x" * 43, "short"])
async def test_the_verifier_must_be_the_right_one(world: World, verifier: str | None) -> None:
    for app, name in ((App(world).publish(), "carol"), (await registered(world), "dora")):
        code = (await app.agree(await resident(world, name)))["code"]

        answer = await app.redeem(code, "", code_verifier=verifier)

        assert answer.status == 400
        assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


async def test_the_challenge_itself_is_no_verifier(world: World) -> None:
    app = App(world).publish()
    code = (await app.agree(await resident(world)))["code"]

    answer = await app.redeem(code, "", code_verifier=app.request()["code_challenge"])

    assert answer.json()["error"] == "invalid_grant"


async def test_a_request_is_answered_in_the_browser_that_brought_it_alone(world: World) -> None:
    app, carol, mallory = App(world).publish(), await resident(world), await resident(world, "mallory")
    answer = await app.authorize(carol)
    await app.authorize(mallory)
    name, provider = answer["location"].rpartition("/")[2], world.parts.provider

    assert await provider.interaction(name, mallory.cookies["rhizome-browser"]) is None
    assert await provider.interaction(name, None) is None
    assert await provider.interaction(name, carol.cookies["rhizome-browser"]) is not None


async def test_a_request_is_answered_once(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None
    await provider.agree(kept, carol.session, carol.account, carol.webid, ())

    with pytest.raises(Conflict):
        await provider.agree(kept, carol.session, carol.account, carol.webid, ())
    with pytest.raises(Conflict):
        await provider.refuse(kept)


async def test_nobody_agrees_in_the_name_of_somebody_else(world: World) -> None:
    app, carol, mallory = App(world).publish(), await resident(world), await resident(world, "mallory")
    answer = await app.authorize(mallory)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], mallory.cookies["rhizome-browser"])
    assert kept is not None

    with pytest.raises(Forbidden):
        await provider.agree(kept, mallory.session, mallory.account, carol.webid, ())
    with pytest.raises(Forbidden):
        await provider.agree(kept, mallory.session, carol.account, carol.webid, ())
    with pytest.raises(Forbidden):
        await provider.credentials(mallory.account, carol.webid, "mine")


async def test_whether_there_is_a_client_is_told_to_nobody(world: World) -> None:
    app = await registered(world)
    wrong = App(world, app.client_id, "wrong")
    unknown = App(world, "nobody", "wrong")
    form = {"grant_type": "client_credentials"}

    answers = [await one.post("/.oidc/token", None, **form) for one in (wrong, unknown)]

    assert [one.status for one in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert {one["www-authenticate"].partition(" ")[0] for one in answers} == {"Basic"}


@pytest.mark.parametrize("credentials", ["Basic", "Basic %%%", "Basic /w==", "Basic é", "Basic eA==", "Digest x"])
async def test_credentials_that_cannot_be_read_are_none(world: World, credentials: str) -> None:
    form = [("content-type", "application/x-www-form-urlencoded"), ("authorization", credentials)]

    answer = await world.anyone.request("POST", "/.oidc/token", "grant_type=client_credentials", form)

    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_an_endless_client_id_is_nobodys(world: World) -> None:
    endless = App(world, f"https://app.example/{'x' * 10_000}")

    answer = await endless.post("/.oidc/token", grant_type="client_credentials")

    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_a_client_with_a_secret_cannot_do_without_it(world: World) -> None:
    app, carol = await registered(world), await resident(world)
    code = (await app.agree(carol))["code"]
    bare = App(world, app.client_id, verifier=app.verifier, key=app.key)

    assert (await bare.redeem(code)).status == 401
    assert (await app.redeem(code)).status == 200


async def test_a_pod_whose_profile_names_somebody_elses_issuer_gives_no_way_in(world: World) -> None:
    """Its tokens here are worth nothing as soon as the profile does not name this issuer any longer."""
    app, carol = App(world).publish(), await resident(world)
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    profile = (await world.anyone.get("/carol/profile/card", TURTLE)).text
    assert BASE in profile
    assert (await person.get("/carol/settings/prefs.ttl")).status == 200

    changed = profile.replace(f"oidcIssuer> <{BASE}>", "oidcIssuer> <https://login.example>").replace(
        f"oidcIssuer <{BASE}>", "oidcIssuer <https://login.example>"
    )
    await world.parts.resources.write(
        Agent(carol.webid), Put(Uri(f"{BASE}carol/profile/card"), TURTLE, Body(_once(changed.encode()), None))
    )

    assert (await person.get("/carol/settings/prefs.ttl")).status == 401


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_a_webid_that_only_names_this_issuer_gets_no_tokens_here(world: World) -> None:
    """It must belong to an account: whoever writes a profile elsewhere cannot become somebody else here."""
    mallory = await resident(world, "mallory")
    world.web["https://victim.example/card"] = (
        TURTLE,
        f"<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{BASE}>.".encode(),
    )
    app = App(world).publish()
    answer = await app.authorize(mallory)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], mallory.cookies["rhizome-browser"])
    assert kept is not None
    with pytest.raises(Forbidden):
        await provider.agree(kept, mallory.session, mallory.account, "https://victim.example/card#me", ())


async def test_a_fault_of_the_provider_is_told_with_a_number_alone(world: World) -> None:
    async def broken(_client: str) -> object:
        raise RuntimeError("secret detail")

    world.parts.provider.clients.find = broken  # type: ignore[method-assign, assignment]  # what cannot happen

    answer = await App(world).authorize()

    assert answer.status == 500
    assert "urn:uuid:" in answer.text
    assert "secret detail" not in answer.text
