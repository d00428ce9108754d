"""A person sees what has happened, and takes note of it; and says to whom changes name who made them."""

import time

import pytest

from pod.actors import Audience
from pod.model.resource import Uri
from pod.model.unsubscribed import Unsubscribed
from tests.http.test_web_programs import form, signed_up
from tests.visitor import Visitor
from tests.world import BASE, World

ROOT = Uri(f"{BASE}ada/")
WEBID = f"{BASE}ada/profile/card#me"
SECOND = 1_000_000


@pytest.fixture
def storage() -> str:
    return "memory"


async def ada(world: World) -> Visitor:
    visitor = Visitor(world.server)
    await visitor.sign_up("ada")
    return visitor


async def happen(world: World, *agents: str) -> None:
    """So many subscriptions in the pod of Ada end."""
    now = time.time_ns() // 1000
    for number, agent in enumerate(agents):
        one = Unsubscribed(
            f"s{number}", agent, "https://app.example/id", Uri(f"{ROOT}notes/"), ROOT, "hook.example", now, now + number
        )
        await world.parts.notices.unsubscribed(one)


async def test_what_happened_is_on_a_page_until_it_is_noted(world: World) -> None:
    visitor = await ada(world)
    assert "Nothing has happened" in (await visitor.get("/.account/notices")).text
    await happen(world, WEBID)

    assert 'href="/.account/notices"' in (await visitor.get("/.account/")).text
    page = await visitor.get("/.account/notices")

    for said in ("hook.example", "ada/notes/", "You had asked", "https://app.example/id", "it will ask anew"):
        assert said in page.text, said
    after = await visitor.follow(await visitor.submit(page, "noted-s0"))
    assert "Nothing has happened" in after.text
    assert "/.account/notices" not in (await visitor.get("/.account/")).text


async def test_who_asked_for_messages_is_named_to_the_owner(world: World) -> None:
    visitor = await ada(world)
    await happen(world, "https://bob.example/#me", "https://eve.example/#me")

    page = await visitor.get("/.account/notices")

    assert "https://bob.example/#me" in page.text
    assert "nothing that you must do" in page.text
    assert "Nothing has happened" in (await visitor.follow(await visitor.submit(page, "noted-all"))).text


@pytest.mark.parametrize(
    ("language", "said"), [("de", "hat dieser Server aufgehört"), ("fr", "ce serveur a cessé d&#39;essayer")]
)
async def test_it_is_told_in_the_language_of_the_person(world: World, language: str, said: str) -> None:
    visitor = await ada(world)
    await happen(world, WEBID)
    account = await world.parts.accounts.by_webid(WEBID)
    assert account is not None
    await world.parts.accounts.set_language(account.id, language)

    page = await visitor.get("/.account/notices")

    assert said in page.text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "&#39;")


async def test_programs_read_what_happened_and_note_it(world: World) -> None:
    program = await signed_up(world)
    await happen(world, WEBID)

    page = await program.get("/.account/notices")

    (notice,) = page.json()["facts"]["notices"]
    assert (notice["kind"], notice["host"], notice["mine"]) == ("unsubscribed", "hook.example", True)
    assert notice["topic"] == f"{ROOT}notes/"
    (field,) = form(page, "noted", "s0")["fields"]
    answer = await program.post("/.account/notices", form="noted", key="s0", id=field["value"])
    assert answer.status == 200, answer.text
    assert (await program.get("/.account/notices")).json()["facts"]["notices"] == []


async def test_others_see_nothing_of_it(world: World) -> None:
    await ada(world)
    await happen(world, WEBID)
    eve = Visitor(world.server)
    await eve.sign_up("eve")

    assert "Nothing has happened" in (await eve.get("/.account/notices")).text
    assert (await Visitor(world.server).get("/.account/notices")).status == 303


async def test_an_owner_says_to_whom_changes_name_who_made_them(world: World) -> None:
    visitor = await ada(world)
    page = await visitor.get("/.account/pods")
    assert await world.parts.actors.of(ROOT) is Audience.CONTROLLERS

    page = await visitor.follow(await visitor.submit(page, "actors-ada", actors="readers"))

    assert "Saved." in page.text
    assert await world.parts.actors.of(ROOT) is Audience.READERS
    assert '<option value="readers" selected>' in page.text
    refused = await visitor.submit(page, "actors-ada", actors="everybody")
    assert refused.status == 422
    assert await world.parts.actors.of(ROOT) is Audience.READERS


async def test_programs_say_it_too(world: World) -> None:
    program = await signed_up(world)
    page = await program.get("/.account/pods")
    options = [one["value"] for one in form(page, "actors", "ada")["fields"][0]["options"]]
    assert options == ["controllers", "readers", "nobody"]

    answer = await program.post("/.account/pods", form="actors", key="ada", actors="nobody")

    assert answer.status == 200, answer.text
    (pod,) = (await program.get("/.account/pods")).json()["facts"]["pods"]
    assert pod["actors"] == "nobody"


async def test_nobody_says_it_for_the_pods_of_others(world: World) -> None:
    await ada(world)
    eve = await signed_up(world, "eve")

    answer = await eve.post("/.account/pods", form="actors", key="ada", actors="readers")

    assert answer.status == 400
    assert await world.parts.actors.of(ROOT) is Audience.CONTROLLERS
