"""A person sets how they are called, how they come in, who they are, and goes when they want to."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pod.idp import sessions
from pod.idp.accounts import Account
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.operation import Put
from pod.model.representation import Body
from pod.model.resource import Uri
from tests.asgi import Answer
from tests.http.limited import through
from tests.visitor import PASSWORD, Visitor, forms
from tests.world import BASE, TURTLE, World, rule

WEBID = "https://pod.example/ada/profile/card#me"
NONE = json.dumps({"id": "x", "response": {}})
BEFORE = 20 * 60 * 1_000_000


async def ada(world: World) -> Visitor:
    visitor = Visitor(world.server)
    await visitor.sign_up("ada")
    return visitor


async def long_ago(world: World, visitor: Visitor) -> None:
    """Let the sign-in of the visitor be some time ago."""
    records, key = world.parts.stores.records, sessions.token_key(visitor.jar["__Host-rhizome"])
    facts = json.loads(await records.get(sessions.SESSION, key) or b"")
    facts["authenticated"] -= BEFORE
    await records.put(sessions.SESSION, key, json.dumps(facts).encode())


async def changed(visitor: Visitor, path: str, form: str, **values: str | list[str]) -> Answer:
    """The page after a form of it was sent."""
    return await visitor.follow(await visitor.submit(await visitor.get(path), form, **values))


async def test_a_name_and_what_apps_are_offered_are_kept(world: World) -> None:
    visitor = await ada(world)

    page = await changed(visitor, "/.account/settings", "name", name="Ada L.")
    await changed(visitor, "/.account/settings", "consent", default_consent="ask")

    assert "Saved." in page.text
    account = await world.parts.accounts.by_email("ada@people.example")
    assert account is not None
    assert (account.name, account.default_consent) == ("Ada L.", "ask")


@pytest.mark.parametrize("path", ["/.account/email", "/.account/password", "/.account/delete", "/.account/export"])
async def test_who_signed_in_long_ago_shows_again_who_they_are_and_goes_on(world: World, path: str) -> None:
    visitor = await ada(world)
    await long_ago(world, visitor)

    page = await visitor.follow(await visitor.get(path))
    answer = await visitor.submit(page, "sign-in", password=PASSWORD)

    assert "once more that it is you" in page.text
    assert 'value="ada@people.example"' in page.text
    assert answer["location"] == path
    assert (await visitor.get(path)).status == 200


async def test_what_could_cost_an_account_needs_a_recent_sign_in(world: World) -> None:
    visitor = await ada(world)
    pages = {one: await visitor.get(f"/.account/{one}") for one in ("recovery-codes", "tokens", "webids")}
    await long_ago(world, visitor)

    answers = [
        await visitor.submit(pages["recovery-codes"], "codes"),
        await visitor.submit(pages["tokens"], "token", token_name="x"),
        await visitor.submit(pages["webids"], "link", webid="https://elsewhere.example/#me"),
        await visitor.submit(pages["webids"], "host", pod="ada", webid_name="work"),
    ]

    assert [one.status for one in answers] == [303] * 4
    assert all("again=1" in one["location"] for one in answers)
    assert await world.parts.recovery_codes.left((await account_of(world)).id) == 0


async def account_of(world: World) -> Account:
    account = await world.parts.accounts.by_email("ada@people.example")
    assert account is not None
    return account


async def test_showing_again_who_one_is_works_for_the_own_account_alone(world: World) -> None:
    await Visitor(world.server).sign_up("eve")
    visitor = await ada(world)
    page = await visitor.get("/.account/sign-in?again=1&next=/.account/settings")

    answer = await visitor.submit(page, "sign-in", email="eve@people.example")

    assert answer.status in {403, 422}
    page = await visitor.get("/.account/sign-in?again=1")
    refused = await visitor.submit(page, "sign-in", email="eve@people.example", password=PASSWORD)
    assert refused.status == 403
    assert "ada@people.example" in (await visitor.get("/.account/email")).text


async def test_a_new_password_signs_out_every_other_device(world: World) -> None:
    visitor, other = await ada(world), Visitor(world.server)
    await other.sign_in("ada")

    page = await changed(visitor, "/.account/password", "password", password="nine blue umbrellas")

    assert "The new password is set." in page.text
    assert (await other.get("/.account/settings")).status == 303
    assert (await visitor.get("/.account/settings")).status == 200
    assert (await Visitor(world.server).sign_in("ada")).status == 403
    assert (await Visitor(world.server).sign_in("ada", "nine blue umbrellas")).status == 303


async def test_where_no_mail_can_be_sent_an_address_is_changed_at_once(world: World) -> None:
    visitor = await ada(world)

    page = await changed(visitor, "/.account/email", "email", email="new@people.example")

    assert "new@people.example" in page.text
    assert await world.parts.accounts.by_email("ada@people.example") is None


async def test_devices_are_listed_and_can_be_signed_out(world: World) -> None:
    visitor, other = await ada(world), Visitor(world.server, **{"user-agent": "Mozilla/5.0 (iPhone) Safari/1"})
    await other.sign_in("ada")
    page = await visitor.get("/.account/sessions")
    assert page.text.count("this device") >= 1
    ends = [name for name in forms(page) if name.startswith("end-")]
    assert len(ends) == 2

    await changed(visitor, "/.account/sessions", "everywhere")

    assert (await other.get("/.account/settings")).status == 303
    assert (await visitor.get("/.account/settings")).status == 303


async def test_one_device_can_be_signed_out_from_another(world: World) -> None:
    visitor, other = await ada(world), Visitor(world.server)
    await other.sign_in("ada")
    shown = (
        await visitor.get("/.account/sessions", accept="application/json", x_csrf_token=await csrf(visitor))
    ).json()
    (there,) = [one["id"] for one in shown["facts"]["sessions"] if not one["here"]]

    page = await changed(visitor, "/.account/sessions", f"end-{there}")

    assert "That device is signed out." in page.text
    assert (await other.get("/.account/settings")).status == 303
    here = next(name for name in forms(page) if name.startswith("end-"))
    assert "You are signed out." in (await visitor.follow(await visitor.submit(page, here))).text


async def csrf(visitor: Visitor) -> str:
    return dict(forms(await visitor.get("/.account/settings"))["name"].fields)["csrf"]


async def test_a_webid_that_is_kept_elsewhere_is_linked_by_a_statement_in_its_profile(world: World) -> None:
    visitor, webid = await ada(world), "https://elsewhere.example/card#me"
    page = await changed(visitor, "/.account/webids", "link", webid=webid)
    statement = page.text.partition("<code>&lt;https://elsewhere")[2].partition("</code>")[0]
    turtle = f"<https://elsewhere{statement}".replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
    world.web["https://elsewhere.example/card"] = (TURTLE, b"")
    assert "does not have the statement" in (await visitor.submit(page, "verify")).text

    world.web["https://elsewhere.example/card"] = (TURTLE, turtle.encode())
    linked = await visitor.follow(await visitor.submit(page, "verify"))

    assert "The WebID is linked." in linked.text
    default = await visitor.follow(await visitor.submit(linked, "default-1"))
    assert default.text.index(webid) < default.text.index(WEBID)
    gone = await visitor.follow(await visitor.submit(default, "unlink-0"))
    assert webid not in gone.text


async def test_nobody_acts_any_longer_in_the_name_of_a_webid_that_is_unlinked(world: World) -> None:
    visitor, webid = await ada(world), "https://elsewhere.example/card#me"
    profile = f"<{webid}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{BASE}>."
    world.web["https://elsewhere.example/card"] = (TURTLE, profile.encode())
    account = await world.parts.accounts.change(
        (await account_of(world)).id, lambda one: replace(one, webids=(*one.webids, webid))
    )
    script, _ = await world.parts.provider.credentials(account, webid, "A script")
    app = await through(world, webid, ("/", "read"))
    await world.folder("/alice/box/")
    await world.policy("/alice/box/", rule(f"acl:agent <{webid}>", "read"))
    assert (await app.get("/alice/box/")).status == 200

    await changed(visitor, "/.account/webids", "unlink-1")

    assert (await app.get("/alice/box/")).status == 403
    assert await world.parts.provider.agreed_clients(webid) == []
    assert await world.parts.provider.clients.known(script) is None


async def test_a_further_pod_can_belong_to_a_webid_that_one_has(world: World) -> None:
    visitor = await ada(world)

    page = await changed(visitor, "/.account/pods", "pod", pod_name="work", webid=WEBID)

    assert "https://pod.example/work/" in page.text
    assert (await account_of(world)).webids == (WEBID,)
    profile = (await world.anyone.get("/ada/profile/card", TURTLE)).graph()
    storages = {one.object for one in profile if one.predicate.endswith("space#storage")}
    assert storages == {"https://pod.example/ada/", "https://pod.example/work/"}


async def test_a_profile_that_cannot_be_changed_keeps_nobody_from_a_further_pod(world: World) -> None:
    visitor = await ada(world)
    profile = Uri(f"{BASE}ada/profile/card")
    text = Put(profile, "text/plain", Body(_once(b"no longer RDF"), 13))
    await world.parts.resources.write(Agent(WEBID), text)

    page = await changed(visitor, "/.account/pods", "pod", pod_name="work", webid=WEBID)

    assert "https://pod.example/work/" in page.text


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_a_request_for_access_is_asked_and_granted_on_the_pages(world: World) -> None:
    visitor, eve = await ada(world), Visitor(world.server)
    await eve.sign_up("eve")
    webid = "https://pod.example/eve/profile/card#me"
    target = Uri("https://pod.example/ada/settings/")
    page = await eve.get(f"/.account/requests/new?resource={target}")
    asked = await eve.follow(await eve.submit(page, "ask", wish="read", reason="We have met."))
    assert "Waiting for an answer" in asked.text
    assert "Somebody asks for access." in (await visitor.get("/")).text
    page = await visitor.get("/.account/requests")
    assert "We have met." in page.text
    grant = next(one for one in forms(page) if one.startswith("grant-"))

    answered = await visitor.follow(await visitor.submit(page, grant, period="week"))

    assert "Allowed. Whoever asked is told." in answered.text
    agent = Agent(webid, None, "https://pod.example/")
    assert await world.parts.resources.may(agent, target, Mode.READ)
    assert not await world.parts.resources.may(agent, target, Mode.WRITE)
    assert "Allowed" in (await eve.get("/.account/requests")).text


async def test_a_request_for_access_can_be_refused(world: World) -> None:
    visitor, eve = await ada(world), Visitor(world.server)
    await eve.sign_up("eve")
    await eve.submit(
        await eve.get("/.account/requests/new?resource=https://pod.example/ada/inbox/"), "ask", wish="change"
    )
    page = await visitor.get("/.account/requests")

    refuse = next(one for one in forms(page) if one.startswith("refuse-"))
    answered = await visitor.follow(await visitor.submit(page, refuse))

    assert "Refused" in answered.text
    assert "Refused" in (await eve.get("/.account/requests")).text


@pytest.mark.parametrize("uri", ["", "https://evil.example/", "javascript:x"])
async def test_access_can_be_asked_for_to_what_is_here_alone(world: World, uri: str) -> None:
    visitor = await ada(world)

    assert (await visitor.get(f"/.account/requests/new?resource={uri}")).status == 400


async def test_an_account_is_deleted_after_an_export_and_can_be_had_back(world: World) -> None:
    visitor = await ada(world)
    export = await visitor.get("/.account/export")
    assert export.media_type == "application/zip"
    assert "pods/ada/profile/card" in "".join(zipfile.ZipFile(io.BytesIO(export.body)).namelist())
    page = await visitor.get("/.account/delete")
    assert "Tick the box" in (await visitor.submit(page, "delete")).text

    gone = await visitor.follow(await visitor.submit(page, "delete", understood="on"))

    assert "Everything will be deleted on" in gone.text
    assert (await account_of(world)).deleting is not None
    assert "will be deleted on" in (await visitor.get("/")).text
    back = await visitor.follow(await visitor.submit(gone, "undelete"))
    assert "nothing will be deleted" in back.text


async def test_an_account_that_is_about_to_be_deleted_allows_no_app_anything_until_that_is_taken_back(
    world: World,
) -> None:
    visitor = await ada(world)
    await visitor.submit(await visitor.get("/.account/delete"), "delete", understood="on")

    asked = await visitor.asked(await visitor.app())

    assert set(forms(asked)) == {"undelete", "refuse", "switch"}
    assert "Your account will be deleted on <strong>" in asked.text
    assert "You can change this later" not in asked.text
    kept = await visitor.follow(await visitor.submit(asked, "undelete"))
    assert "nothing will be deleted" in kept.text
    assert "You can change this later" in kept.text
    assert "allow" in forms(kept)
    assert (await account_of(world)).deleting is None


async def test_the_receipt_of_a_deletion_is_shown_to_who_has_its_number(world: World) -> None:
    await ada(world)
    receipt = await world.parts.deletion.purge((await account_of(world)).id)

    page = await Visitor(world.server).get(f"/.account/receipt?id={receipt.id}")

    assert receipt.id in page.text
    assert "ada@" not in page.text
    assert (await Visitor(world.server).get("/.account/receipt?id=x")).status == 404


async def test_a_passkey_that_makes_no_sense_is_refused_in_words(world: World) -> None:
    visitor = await ada(world)
    page = await visitor.get("/.account/passkeys")

    answers = [await visitor.submit(page, "passkey-add", response=one) for one in ("{}", "nonsense", NONE)]
    other = Visitor(world.server)
    sign_in = await other.get("/.account/sign-in")
    refused = await other.submit(sign_in, "passkey", response=NONE)

    assert [one.status for one in answers] == [400, 400, 400]
    assert all("try again" in one.text for one in answers)
    assert refused.status == 403
