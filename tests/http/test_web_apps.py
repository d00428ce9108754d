"""A person decides what an app may do: when it asks, later, and for good."""

from urllib.parse import parse_qs, urlsplit

import pytest

from pod.config import Identity
from pod.model.access import Mode
from pod.model.consent import Consent, Grant
from pod.model.resource import Uri
from tests.asgi import Answer
from tests.http.limited import through
from tests.visitor import CALLBACK, PASSWORD, Visitor, forms
from tests.world import TURTLE, World

WEBID = "https://pod.example/ada/profile/card#me"
POD = "https://pod.example/ada/"
NOTES = "solid:read+append:/notes/"


async def ada(world: World) -> Visitor:
    visitor = Visitor(world.server)
    await visitor.sign_up("ada")
    return visitor


async def agreed(world: World, client: str, webid: str = WEBID) -> Consent:
    consent = await world.parts.consents.get(webid, client)
    assert consent is not None
    return consent


def told(answer: Answer) -> dict[str, str]:
    """What the app gets."""
    assert answer.status == 303, answer.text
    assert answer["location"].startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["location"]).query).items()}


async def test_an_app_that_asks_for_nothing_in_particular_is_offered_everything(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    page = await visitor.asked(client)

    answer = told(await visitor.submit(page, "allow"))

    assert set(answer) == {"code", "state", "iss"}
    (grant,) = (await agreed(world, client)).grants
    assert (grant.target, grant.modes, grant.until) == ("https://pod.example/", frozenset(Mode), None)


async def test_the_page_says_who_asks_and_that_nobody_vouches_for_it(world: World) -> None:
    visitor = await ada(world)

    page = await visitor.asked(await visitor.app("Good Notes"))

    assert "May Good Notes do this?" in page.text
    assert "Not verified." in page.text
    assert "app.example" in page.text
    assert WEBID in page.text


async def test_an_app_whose_own_host_vouches_for_it_is_verified(world: World) -> None:
    document = f'{{"client_id": "https://app.example/id", "client_name": "Notes", "redirect_uris": ["{CALLBACK}"]}}'
    world.web["https://app.example/id"] = ("application/ld+json", document.encode())
    visitor = await ada(world)

    page = await visitor.asked("https://app.example/id")

    assert "Verified: app.example itself says" in page.text
    assert "Not verified" not in page.text


async def test_a_person_can_pick_folders_only_to_look_at_for_a_time(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    page = await visitor.asked(client)

    values = {"scope": "folders", "folders": f"{POD}inbox/", "read_only": "on", "period": "week"}
    told(await visitor.submit(page, "allow", **values))

    consent = await agreed(world, client)
    (grant,) = consent.grants
    assert grant.target == f"{POD}inbox/"
    assert grant.modes == {Mode.READ}
    assert grant.until is not None
    week = 7 * 24 * 3600 * 1_000_000
    assert abs(grant.until - consent.given - week) < 60_000_000


async def test_a_folder_that_is_picked_can_be_changed_but_not_who_may(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    page = await visitor.asked(client)

    told(await visitor.submit(page, "allow", scope="folders", other=f"{POD}new/"))

    (grant,) = (await agreed(world, client)).grants
    assert grant.target == f"{POD}new/"
    assert grant.modes == {Mode.READ, Mode.APPEND, Mode.WRITE}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "at least one folder"),
        ({"other": "https://elsewhere.example/x/"}, "must begin with https://pod.example/"),
        ({"other": f"{POD}x/?y"}, "must begin with"),
    ],
)
async def test_who_allows_nothing_that_is_here_is_told_so(world: World, values: dict[str, str], said: str) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    page = await visitor.asked(client)

    answer = await visitor.submit(page, "allow", scope="folders", **values)

    assert answer.status == 422
    assert said in answer.text
    assert await world.parts.consents.get(WEBID, client) is None


async def test_a_folder_that_is_not_offered_cannot_be_sent(world: World) -> None:
    visitor = await ada(world)
    page = await visitor.asked(await visitor.app())

    answer = await visitor.submit(page, "allow", scope="folders", folders="https://pod.example/alice/")

    assert answer.status == 422


async def test_an_app_that_asks_narrowly_gets_just_that(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    page = await visitor.asked(client, scope=f"openid webid {NOTES}")
    assert "look at and add to" in page.text
    assert "/notes/" in page.text

    told(await visitor.submit(page, "allow"))

    (grant,) = (await agreed(world, client)).grants
    assert grant.target == f"{POD}notes/"
    assert grant.modes == {Mode.READ, Mode.APPEND}
    # An app that may use a folder alone cannot make it in the one above.
    assert (await world.parts.stores.store.view(grant.target)).target is not None


async def test_a_folder_that_cannot_be_made_keeps_nobody_from_agreeing(world: World) -> None:
    visitor = await ada(world)
    await world.document("/alice/box")
    client = await visitor.app()
    page = await visitor.asked(client, scope="openid webid solid:write:https://pod.example/alice/other/")

    told(await visitor.submit(page, "allow"))

    (grant,) = (await agreed(world, client)).grants
    assert (await world.parts.stores.store.view(grant.target)).target is None


async def test_what_has_no_place_yet_may_use_a_folder_that_is_picked(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    page = await visitor.asked(client, scope="openid webid solid:read:https://schema.org/Note")
    assert "You keep nothing of this kind yet" in page.text

    told(await visitor.submit(page, "allow", folders=f"{POD}inbox/"))

    (grant,) = (await agreed(world, client)).grants
    assert grant.target == f"{POD}inbox/"
    assert grant.modes == {Mode.READ}


async def test_the_app_that_was_used_last_is_shown_first(world: World) -> None:
    visitor = await ada(world)
    consents = world.parts.consents
    for at, client in enumerate(("https://a.example/", "https://b.example/", "https://c.example/")):
        await consents.give(Consent(WEBID, client, (Grant(Uri(POD), frozenset({Mode.READ})),), given=at))
    consents._used = {f"{WEBID} https://{one}.example/": used for one, used in (("a", 12), ("b", 10), ("c", 11))}

    page = (await visitor.get("/.account/apps")).text

    assert page.index("a.example") < page.index("c.example") < page.index("b.example")


NOTE = "https://schema.org/Note"
INDEX = "/ada/settings/publicTypeIndex.ttl"


def index(container: str) -> str:
    """A type index that says where notes are kept."""
    solid = "@prefix solid: <http://www.w3.org/ns/solid/terms#>."
    return f"{solid} <#n> a solid:TypeRegistration; solid:forClass <{NOTE}>; solid:instanceContainer <{container}>."


async def test_who_has_shown_who_they_are_since_the_app_asked_is_not_asked_again(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    page = await visitor.asked(client, max_age="0")
    assert "allow" not in forms(page)

    page = await visitor.follow(await visitor.submit(page, "sign-in", email="ada@people.example", password=PASSWORD))

    assert set(told(await visitor.submit(page, "allow"))) == {"code", "state", "iss"}


async def test_an_app_gets_the_places_that_the_page_has_shown(world: World) -> None:
    """Another app that may write the index could let all of the pod stand there before the person answers."""
    visitor = await ada(world)
    other = await through(world, WEBID, ("/ada/", "read write"))
    assert (await other.put(INDEX, TURTLE, index(f"{POD}inbox/"))).status == 204
    client = await visitor.app()
    page = await visitor.asked(client, scope=f"openid webid solid:read:{NOTE}")
    assert "ada/inbox/" in page.text
    assert (await other.put(INDEX, TURTLE, index(POD))).status == 204

    again = await visitor.submit(page, "allow")

    assert again.status == 422
    assert "has just changed" in again.text
    assert await world.parts.consents.get(WEBID, client) is None
    told(await visitor.submit(again, "allow"))
    assert [one.target for one in (await agreed(world, client)).grants] == [POD]


async def test_the_places_of_every_webid_are_shown_that_can_be_chosen(world: World) -> None:
    visitor = await ada(world)
    await visitor.submit(await visitor.get("/.account/pods"), "pod", pod_name="work")

    page = await visitor.asked(await visitor.app(), scope=f"openid webid {NOTES}")

    assert all(f"<code>{path}</code>" in page.text for path in ("ada/notes/", "work/notes/"))


async def test_an_app_that_may_already_is_not_asked_about_again_until_it_wants_more(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    told(await visitor.submit(await visitor.asked(client, scope=f"openid webid {NOTES}"), "allow"))

    again = await visitor.asked(client, scope=f"openid webid {NOTES}")
    more = await visitor.asked(client, scope="openid webid solid:write:/notes/")

    assert "code" in told(again)
    assert more.status == 200
    assert "allow" in forms(more)


async def test_an_app_that_is_to_ask_each_time_does(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()
    told(await visitor.submit(await visitor.asked(client), "allow", remember=[]))

    assert (await visitor.asked(client)).status == 200


async def test_who_refuses_sends_the_app_back_with_nothing(world: World) -> None:
    visitor = await ada(world)
    client = await visitor.app()

    answer = told(await visitor.submit(await visitor.asked(client), "refuse"))

    assert answer["error"] == "access_denied"
    assert "code" not in answer
    assert await world.parts.consents.get(WEBID, client) is None


async def test_a_request_is_answered_once_and_in_its_own_browser(world: World) -> None:
    visitor, eve = await ada(world), Visitor(world.server)
    await eve.sign_up("eve")
    page = await visitor.asked(await visitor.app())
    path = urlsplit(page.url).path

    assert (await eve.get(path)).status == 404
    told(await visitor.submit(page, "allow"))
    assert (await visitor.submit(page, "allow")).status == 404


async def test_who_is_not_signed_in_signs_in_and_goes_on_to_the_app(world: World) -> None:
    await ada(world)
    later = Visitor(world.server)
    client = await later.app("Good Notes")
    page = await later.asked(client)
    assert "go on to <strong>Good Notes</strong>" in page.text
    assert "form-action 'self' https://app.example;" in page["content-security-policy"]

    answer = await later.submit(page, "sign-in", email="ada@people.example", password="seven green umbrellas")

    assert "May Good Notes do this?" in (await later.follow(answer)).text


async def test_who_has_several_webids_chooses_in_whose_name_the_app_acts(world: World) -> None:
    visitor = await ada(world)
    await visitor.submit(await visitor.get("/.account/webids"), "host", pod="ada", webid_name="work")
    client = await visitor.app()
    page = await visitor.asked(client)
    work = "https://pod.example/ada/profile/work#me"

    told(await visitor.submit(page, "allow", webid=work))

    assert (await agreed(world, client, work)).agent == work
    assert await world.parts.consents.get(WEBID, client) is None


async def test_who_uses_another_account_signs_out_first_and_comes_back(world: World) -> None:
    visitor = await ada(world)
    page = await visitor.asked(await visitor.app())

    answer = await visitor.submit(page, "switch")

    assert "/.account/sign-in?next=" in answer["location"]
    assert "sign-in" in forms(await visitor.follow(answer))


async def test_who_has_no_webid_is_told_how_to_get_one(world: World) -> None:
    visitor = Visitor(world.server)
    await visitor.sign_up("ada", pod=False)

    page = await visitor.asked(await visitor.app())

    assert "you need a WebID" in page.text
    assert "allow" not in forms(page)


async def test_who_wants_to_be_asked_is_offered_folders_first(storage: str) -> None:
    async with World(storage, identity=Identity(default_consent="ask")) as world:
        visitor = await ada(world)
        client = await visitor.app()
        page = await visitor.asked(client)
        assert ("scope", "folders") in forms(page)["allow"].fields

        await visitor.submit(await visitor.get("/.account/settings"), "consent", default_consent="everything")

        assert ("scope", "everything") in forms(await visitor.asked(client))["allow"].fields


async def test_apps_are_listed_with_what_they_may_and_can_be_put_out(world: World) -> None:
    visitor = await ada(world)
    assert "No app may do anything" in (await visitor.get("/.account/apps")).text
    client = await visitor.app("Good Notes")
    told(await visitor.submit(await visitor.asked(client), "allow", scope="folders", folders=f"{POD}inbox/"))
    page = await visitor.get("/.account/apps")
    assert "Good Notes" in page.text
    assert "look at and change <strong>ada/inbox/</strong>" in page.text
    assert "Good Notes" in (await visitor.get("/")).text

    gone = await visitor.follow(await visitor.submit(page, "revoke-0"))

    assert "Access was taken back." in gone.text
    assert await world.parts.consents.get(WEBID, client) is None


async def narrowed(visitor: Visitor, **values: str | list[str]) -> Answer:
    client = await visitor.app("Good Notes")
    folders = [f"{POD}inbox/", f"{POD}settings/"]
    told(await visitor.submit(await visitor.asked(client), "allow", scope="folders", folders=folders, period="week"))
    link = (await visitor.get("/.account/apps")).text.partition('<h2><a href="')[2].partition('"')[0]
    page = await visitor.get(link.replace("&amp;", "&"))
    return await visitor.follow(await visitor.submit(page, "narrow", **values))


async def test_an_app_can_be_allowed_less_and_its_page_tells_what_happened(world: World) -> None:
    visitor = await ada(world)

    page = await narrowed(visitor, keep="0", read_only="on", period="day")

    (consent,) = await world.parts.consents.all(WEBID)
    (grant,) = consent.grants
    assert grant.target == f"{POD}inbox/"
    assert grant.modes == {Mode.READ}
    assert grant.until is not None
    assert grant.until - consent.given <= 24 * 3600 * 1_000_000
    assert "The app may now do only this." in page.text
    assert page.text.index("Changed") < page.text.index("<strong>Allowed")


async def test_less_never_lasts_longer(world: World) -> None:
    await narrowed(await ada(world), keep=["0", "1"], period="year")

    (consent,) = await world.parts.consents.all(WEBID)
    assert all(one.until is not None and one.until - consent.given <= 7 * 86_400_000_000 for one in consent.grants)


async def test_who_keeps_nothing_is_told_to_take_back_access_instead(world: World) -> None:
    page = await narrowed(await ada(world), keep=[])

    assert page.status == 422
    assert "Keep at least one" in page.text


@pytest.mark.parametrize(
    "query", ["", "?webid=https://pod.example/alice/profile/card%23me&client=x", f"?webid={WEBID}"]
)
async def test_there_is_no_page_of_an_app_that_one_has_nothing_to_do_with(world: World, query: str) -> None:
    visitor = await ada(world)

    assert (await visitor.get(f"/.account/app{query.replace('#', '%23')}")).status == 404
