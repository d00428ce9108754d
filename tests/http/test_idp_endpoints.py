"""The endpoints of the provider besides those that sign in."""

from dataclasses import replace

import pytest

from pod.errors import Malformed, Unauthenticated
from pod.idp.asking import Ask
from pod.model.access import Mode
from tests.http.apps import EVERYTHING, SCOPE, App, answered, registered, resident
from tests.world import BASE, TURTLE, World

APP = "https://app.example"
BYE = f"{APP}/bye"


async def test_introspection_tells_a_client_about_its_own_tokens(world: World) -> None:
    app, other, carol = App(world).publish(), App(world, "https://other.example/id"), await resident(world)
    tokens = await app.sign_in(carol)

    access = (await app.post("/.oidc/introspect", None, token=tokens["access_token"])).json()
    refresh = (await app.post("/.oidc/introspect", None, token=tokens["refresh_token"])).json()

    assert (access["active"], access["webid"], access["token_type"]) == (True, carol.webid, "DPoP")
    assert (refresh["active"], refresh["sub"]) == (True, carol.webid)
    for token in (tokens["access_token"], tokens["refresh_token"], "x", tokens["id_token"]):
        assert (await other.post("/.oidc/introspect", None, token=token)).json() == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revoking_a_token_ends_all_that_came_of_the_code(world: World, kind: str) -> None:
    app, other, carol = App(world).publish(), App(world, "https://other.example/id"), await resident(world)
    tokens = await app.sign_in(carol)
    person = app.person(carol, tokens["access_token"])

    assert (await other.post("/.oidc/revoke", None, token=tokens[kind])).status == 200
    assert (await person.get("/carol/settings/prefs.ttl")).status == 200
    assert (await app.post("/.oidc/revoke", None, token=tokens[kind])).status == 200
    assert (await app.post("/.oidc/revoke", None, token="x")).status == 200

    assert (await person.get("/carol/settings/prefs.ttl")).status == 401
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.post("/.oidc/introspect", None, token=tokens[kind])).json() == {"active": False}


async def test_a_client_must_prove_who_it_is_to_ask_about_tokens(world: World) -> None:
    app = await registered(world)
    app.secret = "wrong"

    for path in ("/.oidc/introspect", "/.oidc/revoke", "/.oidc/push"):
        assert (await app.post(path, None, token="x")).status == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
async def test_a_token_request_that_makes_no_sense_is_refused(world: World, form: dict[str, str], error: str) -> None:
    answer = await App(world).publish().post("/.oidc/token", **form)

    assert (answer.status, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", "{}"),
        ("application/x-www-form-urlencoded", "grant_type=a&grant_type=b"),
        ("application/x-www-form-urlencoded", b"grant_type=\xff"),
    ],
)
async def test_what_is_no_form_is_refused(world: World, kind: str, content: bytes | str) -> None:
    answer = await world.anyone.post("/.oidc/token", kind, content)

    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


async def test_a_gigantic_request_is_not_read(world: World) -> None:
    answer = await world.anyone.post("/.oidc/register", "application/json", b"x" * 100_000)

    assert answer.status == 413


async def test_userinfo_says_who_the_person_is(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await world.parts.accounts.set_name(carol.account.id, "Carol")
    token = (await app.sign_in(carol, scope=f"{SCOPE} profile"))["access_token"]

    answer = await app.person(carol, token).get("/.oidc/userinfo")
    unproved = await world.anyone.get("/.oidc/userinfo", authorization=f"DPoP {token}")
    stranger = await world.anyone.get("/.oidc/userinfo")

    assert answer.json() == {"sub": carol.webid, "webid": carol.webid, "name": "Carol"}
    assert unproved.status == stranger.status == 401
    assert "invalid_dpop_proof" in unproved["www-authenticate"]


async def test_an_app_asks_for_what_it_needs_by_its_document(world: World) -> None:
    needs = [{"class": "http://schema.org/Note", "modes": ["read", "append"], "label": "Your notes"}]
    app, carol = App(world).publish(access_needs=needs), await resident(world)
    provider = world.parts.provider

    answer = await app.authorize(carol)
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])

    assert kept is not None
    (ask,) = kept.asks
    assert (ask.of_class, ask.label, ask.modes) == (
        "http://schema.org/Note", "Your notes", frozenset({Mode.READ, Mode.APPEND}),
    )  # fmt: skip
    assert await provider.targets(carol.webid, ask) == ()
    registration = (
        "@prefix solid: <http://www.w3.org/ns/solid/terms#>. <#n> a solid:TypeRegistration;"
        f" solid:forClass <http://schema.org/Note>; solid:instanceContainer <{BASE}carol/notes/>."
    )
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    assert (await person.put("/carol/settings/privateTypeIndex.ttl", TURTLE, registration)).status == 204
    assert await provider.targets(carol.webid, ask) == (f"{BASE}carol/notes/",)


async def test_a_folder_is_that_of_the_persons_storage(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    provider = world.parts.provider
    answer = await app.authorize(carol, scope=f"openid solid:read:/notes/ solid:read:{BASE}carol/x")
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None

    assert [await provider.targets(carol.webid, one) for one in kept.asks] == [
        (f"{BASE}carol/notes/",),
        (f"{BASE}carol/x",),
    ]


async def test_own_tokens_are_checked_without_the_network(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    world.asked.clear()

    assert (await person.get("/carol/settings/prefs.ttl")).status == 200

    assert world.asked == []


@pytest.mark.parametrize("again", [True, False])
async def test_an_app_may_be_agreed_with_for_once(world: World, again: bool) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None
    url = await provider.agree(kept, carol.session, carol.account, carol.webid, EVERYTHING, remember=not again)

    assert (await app.redeem(answered(url)["code"])).status == 200
    assert ("code" not in answered((await app.authorize(carol))["location"])) == again


async def test_an_agreement_that_is_not_there_cannot_be_kept(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol)
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None

    with pytest.raises(Malformed):
        await provider.agree(kept, carol.session, carol.account, carol.webid, None)


async def test_who_has_to_sign_in_again_cannot_agree_before(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    answer = await app.authorize(carol, prompt="login")
    provider = world.parts.provider
    kept = await provider.interaction(answer["location"].rpartition("/")[2], carol.cookies["rhizome-browser"])
    assert kept is not None

    with pytest.raises(Unauthenticated):
        await provider.agree(kept, carol.session, carol.account, carol.webid, EVERYTHING)

    later = replace(carol.session, authenticated=kept.created + 1)
    assert "code" in answered(await provider.agree(kept, later, carol.account, carol.webid, EVERYTHING))


async def test_a_hint_about_who_is_expected_counts(world: World) -> None:
    app, carol, dora = App(world).publish(), await resident(world), await resident(world, "dora")
    own, other = (await app.sign_in(carol))["id_token"], (await app.sign_in(dora))["id_token"]

    for hint, error in ((own, None), (other, "login_required"), ("x", None)):
        answer = await app.authorize(carol, prompt="none", id_token_hint=hint)
        assert answered(answer["location"]).get("error") == error


async def test_a_pushed_request_may_bind_its_code_to_the_key_of_a_proof(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    await app.sign_in(carol)
    pushed = await app.post("/.oidc/push", **app.request())
    name = {**dict.fromkeys(app.request()), "client_id": app.client_id, "request_uri": pushed.json()["request_uri"]}
    code = answered((await app.authorize(carol, **name))["location"])["code"]

    assert (await App(world, verifier=app.verifier).redeem(code)).json()["error"] == "invalid_dpop_proof"
    assert (await app.redeem(code)).status == 200
    other = await app.post("/.oidc/push", **app.request(dpop_jkt="x" * 43))
    wrong = await app.post("/.oidc/push", "x", **app.request())
    assert {one.json()["error"] for one in (other, wrong)} == {"invalid_dpop_proof"}


async def test_places_that_cannot_be_read_are_not_known(world: World) -> None:
    app, carol = App(world).publish(), await resident(world)
    provider = world.parts.provider
    ask = Ask(frozenset({Mode.READ}), of_class="http://schema.org/Note")
    person = app.person(carol, (await app.sign_in(carol))["access_token"])
    card = (await person.get("/carol/profile/card", TURTLE)).text
    further = f"<{carol.webid}> <http://www.w3.org/ns/solid/terms#privateTypeIndex> <{{}}>."
    large = "<#x> <http://www.w3.org/ns/solid/terms#forClass> <http://schema.org/Note>; " + ";".join(
        f"<https://voc.example/#p{number}> 'a long text to fill the file'" for number in range(4_000)
    )
    large += f"; <http://www.w3.org/ns/solid/terms#instance> <{BASE}carol/one>, <https://elsewhere.example/>."
    assert (await person.put("/carol/large", TURTLE, large)).status == 201
    for number, index in enumerate(("https://elsewhere.example/", f"{BASE}carol/missing", f"{BASE}carol/large")):
        written = await person.put("/carol/profile/card", TURTLE, card + further.format(index))
        assert written.status == 204
        assert await provider.targets(carol.webid, ask) == ((f"{BASE}carol/one",) if number == 2 else ())
