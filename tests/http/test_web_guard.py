"""The pages answer the person in the browser, and nobody else who makes the browser ask."""

from urllib.parse import quote

import pytest

from pod.config import Identity
from tests.visitor import CALLBACK, PASSWORD, Program, Visitor, forms
from tests.world import BASE, World

PAGES = ("/", "/.account/sign-in", "/.account/sign-up", "/.account/nothing", "/.account/receipt")


@pytest.fixture
def apart(storage: str) -> World:
    return World(storage, identity=Identity(url="https://account.example/"))


@pytest.mark.parametrize("path", PAGES)
async def test_no_site_can_frame_a_page_or_put_a_script_into_it(world: World, path: str) -> None:
    page = await Visitor(world.server).get(path)

    policy = page["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "form-action 'self'" in policy
    assert page["x-frame-options"] == "DENY"
    assert page["cross-origin-opener-policy"] == "same-origin"
    assert page["cache-control"] == "no-store"
    assert "<script>" not in page.text
    assert " style=" not in page.text
    assert " onclick=" not in page.text


async def test_browsers_are_told_to_use_https_as_the_setting_says() -> None:
    async with World("memory", identity=Identity(hsts_seconds=3600)) as world:
        page = await Visitor(world.server).get("/.account/sign-in")

    assert page["strict-transport-security"] == "max-age=3600"


async def test_by_default_nothing_is_said_about_https(world: World) -> None:
    assert "strict-transport-security" not in await Visitor(world.server).get("/.account/sign-in")


async def test_cookies_are_for_this_host_and_no_script_reads_them(world: World) -> None:
    ada = Visitor(world.server)
    await ada.sign_up("ada")
    answer = await Visitor(world.server).sign_in("ada")

    cookies = answer.all("set-cookie")

    assert {one.partition("=")[0] for one in cookies} == {"__Host-rhizome", "__Host-rhizome-device"}
    for one in cookies:
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(one.split("; "))


async def test_a_form_without_its_token_does_nothing(world: World) -> None:
    ada = Visitor(world.server)
    await ada.sign_up("ada")
    page = await ada.get("/.account/settings")

    answer = await ada.submit(page, "name", without=["csrf"], name="Eve")

    assert answer.status == 403
    assert "another site" in answer.text
    assert 'value="ada"' in (await ada.get("/.account/settings")).text


async def test_the_token_of_one_session_is_worth_nothing_in_another(world: World) -> None:
    ada, eve = Visitor(world.server), Visitor(world.server)
    await ada.sign_up("ada")
    await eve.sign_up("eve")
    token = dict(forms(await eve.get("/.account/settings"))["name"].fields)["csrf"]

    answer = await ada.post("/.account/settings", [("csrf", token), ("form", "name"), ("name", "Eve")])

    assert answer.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
async def test_a_form_from_elsewhere_does_nothing_even_with_its_token(world: World, headers: dict[str, str]) -> None:
    ada = Visitor(world.server)
    await ada.sign_up("ada")
    fields = forms(await ada.get("/.account/settings"))["name"].fields

    answer = await ada.post("/.account/settings", fields, **headers)

    assert answer.status == 403


async def test_no_site_can_sign_a_visitor_in_to_an_account_of_its_own(world: World) -> None:
    await Visitor(world.server).sign_up("eve")
    victim, fresh = Visitor(world.server), Visitor(world.server)
    await victim.get("/.account/sign-in")
    fields = [("form", "sign-in"), ("email", "eve@people.example"), ("password", PASSWORD)]

    answers = [await victim.post("/.account/sign-in", fields), await fresh.post("/.account/sign-in", fields)]
    fields.append(("csrf", dict(forms(await Visitor(world.server).get("/.account/sign-in"))["sign-in"].fields)["csrf"]))
    answers.append(await victim.post("/.account/sign-in", fields))

    assert [one.status for one in answers] == [403, 403, 403]
    assert "__Host-rhizome" not in victim.jar


async def test_a_sign_in_ends_the_session_that_was_there_and_starts_under_another_token(world: World) -> None:
    await Visitor(world.server).sign_up("ada")
    eve = Visitor(world.server)
    await eve.sign_up("eve")
    planted = eve.jar["__Host-rhizome"]
    page = await eve.get("/.account/settings")
    csrf = dict(forms(page)["name"].fields)["csrf"]
    fields = [("form", "sign-in"), ("csrf", csrf), ("email", "ada@people.example"), ("password", PASSWORD)]

    await eve.post("/.account/sign-in", fields)

    assert eve.jar["__Host-rhizome"] != planted
    assert "ada@people.example" in (await eve.get("/.account/email")).text
    eve.jar["__Host-rhizome"] = planted
    assert (await eve.get("/.account/email")).status == 303


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/.account/../alice/",
        "/alice/",
        "javascript:alert(1)",
        "/.account/authorize/../../alice/",
        "/.account/settings#@evil.example",
        "\thttps://evil.example",
        "/.account/settings/../../alice/page.html",
        "https://[",
        "//[",
    ],
)
async def test_signing_in_never_leads_elsewhere(world: World, there: str) -> None:
    await Visitor(world.server).sign_up("ada")
    ada = Visitor(world.server)
    page = await ada.send("GET", "/.account/sign-in")
    fields = [*forms(page)["sign-in"].fields, ("email", "ada@people.example"), ("password", PASSWORD)]
    fields = [one for one in fields if one[1]]
    answer = await ada.post(f"/.account/sign-in?next={quote(there, safe='')}", fields)

    assert answer.status == 303
    assert answer["location"] == "/"


@pytest.mark.parametrize("headers", [{"sec_fetch_dest": "empty"}, {"accept": "application/json"}])
async def test_a_script_of_a_hosted_page_cannot_read_pages_with_the_cookies_of_its_visitor(
    world: World, headers: dict[str, str]
) -> None:
    """It is on the same origin unless the pages have their own, so that browsers would let it."""
    ada = Visitor(world.server)
    await ada.sign_up("ada")

    answer = await ada.get("/.account/", **{"sec_fetch_site": "same-origin", **headers})

    assert "ada@people.example" not in answer.text
    assert "/ada/" not in answer.text


async def test_the_pages_have_no_cors(world: World) -> None:
    eve = Visitor(world.server, origin="https://evil.example")

    answers = [await eve.get("/.account/sign-in"), await eve.send("OPTIONS", "/.account/sign-in")]

    assert all("access-control-allow-origin" not in one for one in answers)


async def test_no_other_site_reads_the_first_page_of_who_is_signed_in(world: World) -> None:
    """Older browsers do not say that a script asks, and a site of the same domain gets its visitor's cookies sent."""
    ada = Visitor(world.server, origin="https://evil.pod.example")
    await ada.sign_up("ada")

    answer = await ada.send("GET", "/")

    assert "ada@people.example" in answer.text
    assert "access-control-allow-origin" not in answer


async def test_only_the_page_that_asks_for_an_app_lets_a_form_lead_there(world: World) -> None:
    ada = Visitor(world.server)
    await ada.sign_up("ada")

    page = await ada.asked(await ada.app())

    assert "form-action 'self' https://app.example;" in page["content-security-policy"]
    assert CALLBACK not in (await ada.get("/.account/apps"))["content-security-policy"]


async def test_pages_with_an_origin_of_their_own_are_only_there(apart: World) -> None:
    ada = Visitor(apart.server, "https://account.example/", host="account.example")

    page = await ada.get("/.account/sign-in")

    assert page.status == 200
    there = await Visitor(apart.server, host="pod.example").get("/.account/sign-in")
    assert there.status == 404
    assert (await ada.get("/alice/profile/card")).status == 404
    home = await ada.sign_up("ada")
    assert "https://pod.example/ada/" in home.text
    welcome = await Visitor(apart.server, host="pod.example").get("/")
    assert "https://account.example/.account/sign-in" in welcome.text


async def test_a_body_that_is_no_form_or_too_long_is_refused(world: World) -> None:
    eve = Visitor(world.server)
    await eve.get("/.account/sign-in")

    kinds = [await eve.post("/.account/sign-in", [("a", "b")], content_type=one) for one in ("text/plain", "")]
    broken = await eve.send("POST", "/.account/sign-in", b"a=%ff", content_type="application/x-www-form-urlencoded")
    long = await eve.post("/.account/sign-in", [("email", "x" * 200_000)])

    assert [one.status for one in (*kinds, broken, long)] == [415, 415, 400, 413]


async def test_what_others_say_is_shown_as_text(world: World) -> None:
    ada = Visitor(world.server)
    await ada.sign_up("ada")
    name = '<script>alert(1)</script> & "more"'

    page = await ada.asked(await ada.app(name))

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;more&#34;" in page.text


async def test_a_failure_of_the_server_is_told_with_a_number_alone(world: World) -> None:
    async def broken(_account: str) -> object:
        raise RuntimeError("secret detail")

    ada = Visitor(world.server)
    await ada.sign_up("ada")
    world.parts.consents.all = broken  # type: ignore[method-assign, assignment]  # what cannot happen

    answer = await ada.get("/.account/apps")

    assert answer.status == 500
    assert "urn:uuid:" in answer.text
    assert "secret detail" not in answer.text


async def test_a_bearer_token_that_is_none_is_told_so(world: World) -> None:
    answer = await Program(world.server, "nothing").get(f"{BASE}.account/settings")

    assert answer.status == 401
    assert "invalid_token" in answer["www-authenticate"]
