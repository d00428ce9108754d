"""What a person keeps, on pages: folders to look into and files to open, and nothing for anybody else."""

from urllib.parse import quote, urlencode

import pytest

from tests.asgi import Answer
from tests.http.limited import through
from tests.visitor import Program, Visitor
from tests.world import BASE, EVERYONE, TURTLE, Person, World, policy, rule

POD = f"{BASE}ada/"
WEBID = f"{POD}profile/card#me"
ODD = "Übersicht\";x='1.txt"
HOSTILE = "<img src=x onerror=alert(1)>\"'&amp;"


async def ada(world: World, **headers: str) -> Visitor:
    visitor = Visitor(world.server, **headers)
    await visitor.sign_up("ada")
    return visitor


async def app(world: World) -> Person:
    """An app that may do everything in Ada's name."""
    return await through(world, WEBID, ("/", "read append write control"))


def at(uri: str, kind: str = "files", **more: str | int) -> str:
    return f"/.account/{kind}?{urlencode({'at': uri, **more})}"


async def told(visitor: Visitor, path: str) -> Answer:
    """The page as its facts."""
    page = await visitor.get("/.account/settings")
    csrf = page.text.split('name="csrf" value="')[1].partition('"')[0]
    return await visitor.get(path, accept="application/json", x_csrf_token=csrf)


async def names(visitor: Visitor, path: str) -> list[str]:
    return [one["name"] for one in (await told(visitor, path)).json()["facts"]["entries"]]


async def test_who_has_one_pod_sees_what_is_in_it_with_folders_first(world: World) -> None:
    visitor = await ada(world)
    await (await app(world)).put("/ada/a.txt", "text/plain", "hello")

    page = await visitor.get("/.account/files")

    assert page.status == 200
    assert await names(visitor, "/.account/files") == ["inbox", "profile", "settings", "a.txt"]
    assert "Only you can see this." in page.text


async def test_a_name_a_kind_a_size_and_a_day_are_told_of_a_file(world: World) -> None:
    visitor = await ada(world)
    await (await app(world)).put("/ada/photos/sea.jpg", "image/jpeg", b"x" * 2500)

    (entry,) = (await told(visitor, at(f"{POD}photos/"))).json()["facts"]["entries"]

    assert (entry["name"], entry["kind_said"], entry["size"]) == ("sea.jpg", "Picture", "2.5 kB")
    assert entry["uri"] == f"{POD}photos/sea.jpg"
    assert not entry["folder"]
    assert entry["modified_day"].endswith("UTC")


async def test_numbers_in_names_are_sorted_as_people_count(world: World) -> None:
    visitor, notes = await ada(world), await app(world)
    for name in ("day10", "Day9", "day1", "b/x"):
        await notes.put(f"/ada/days/{name}", "text/plain", "x")

    assert await names(visitor, at(f"{POD}days/")) == ["b", "day1", "Day9", "day10"]


async def test_an_empty_folder_says_so(world: World) -> None:
    visitor = await ada(world)

    page = await visitor.get(at(f"{POD}inbox/"))

    assert "Nothing is in this folder." in page.text


async def test_who_has_no_pod_is_told_where_to_get_one(world: World) -> None:
    visitor = Visitor(world.server)
    await visitor.sign_up("ada", pod=False)

    page = await visitor.get("/.account/files")

    assert "You have no pod yet." in page.text
    assert 'href="/.account/pods"' in page.text


async def test_who_has_several_pods_chooses_one_and_reaches_the_others(world: World) -> None:
    visitor = await ada(world)
    await visitor.submit(await visitor.get("/.account/pods"), "pod", pod_name="work")

    first = await visitor.get("/.account/files")
    page = await visitor.get(at(POD))

    assert at(POD).replace("&", "&amp;") in first.text
    assert at(f"{BASE}work/") in first.text
    assert at(f"{BASE}work/") in page.text


async def test_the_folders_above_lead_back(world: World) -> None:
    visitor = await ada(world)
    await (await app(world)).put("/ada/a/b/c.txt", "text/plain", "x")

    facts = (await told(visitor, at(f"{POD}a/b/"))).json()["facts"]

    assert facts["crumbs"] == [{"name": "ada", "href": at(POD)}, {"name": "a", "href": at(f"{POD}a/")}]


async def test_who_is_not_signed_in_is_asked_to_and_comes_back(world: World) -> None:
    await ada(world)
    stranger = Visitor(world.server)

    answer = await stranger.get(at(f"{POD}inbox/"))

    assert answer.status == 303
    assert answer["location"] == f"/.account/sign-in?next={quote(at(f'{POD}inbox/'), safe='')}"
    page = await stranger.sign_in("ada")
    assert page.status == 303


@pytest.mark.parametrize("path", ["", "inbox/", "settings/"])
async def test_somebody_elses_folder_is_refused_whether_or_not_it_is_there(world: World, path: str) -> None:
    await ada(world)
    eve = Visitor(world.server)
    await eve.sign_up("eve")

    answer = await eve.get(at(f"{POD}{path}"))
    nothing = await eve.get(at(f"{POD}{path}nothing/"))

    assert (answer.status, nothing.status) == (403, 403)
    assert "You may not do this" in answer.text
    assert "profile" not in answer.text


@pytest.mark.parametrize("page", ["file", "open"])
async def test_somebody_elses_file_is_refused_whether_or_not_it_is_there(world: World, page: str) -> None:
    await ada(world)
    eve = Visitor(world.server)
    await eve.sign_up("eve")

    answer = await eve.get(at(f"{POD}settings/prefs.ttl", page))
    nothing = await eve.get(at(f"{POD}settings/nothing", page))

    assert (answer.status, nothing.status) == (403, 403)
    assert "privateTypeIndex" not in answer.text


async def test_what_was_shared_with_somebody_is_shown_to_them_without_who_else_sees_it(world: World) -> None:
    visitor, notes = await ada(world), await app(world)
    await notes.put("/ada/shared/a.txt", "text/plain", "hello")
    eve = Visitor(world.server)
    await eve.sign_up("eve")
    shared = policy(
        "/ada/shared/", rule(notes, "read write control"), rule(f"acl:agent <{BASE}eve/profile/card#me>", "read")
    )
    assert (await notes.put("/ada/shared/.acl", TURTLE, shared)).status == 201

    theirs = (await told(eve, at(f"{POD}shared/"))).json()["facts"]
    hers = (await told(visitor, at(f"{POD}shared/"))).json()["facts"]

    assert ([one["name"] for one in theirs["entries"]], theirs["seen"], theirs["others"]) == (["a.txt"], None, [])
    assert (hers["seen"], hers["others"]) == ("Someone else can see this too.", [f"{BASE}eve/profile/card#me"])


async def test_what_everyone_may_see_says_so(world: World) -> None:
    visitor, notes = await ada(world), await app(world)
    await notes.put("/ada/open/a.txt", "text/plain", "hello")
    shared = policy("/ada/open/", rule(notes, "read write control"), rule(EVERYONE, "read"))
    await notes.put("/ada/open/.acl", TURTLE, shared)

    facts = (await told(visitor, at(f"{POD}open/"))).json()["facts"]
    above = (await told(visitor, at(POD))).json()["facts"]["entries"]

    assert facts["seen"] == "Everyone on the web can see this."
    assert {one["name"]: one["everyone"] for one in above} == {
        "inbox": False,
        "open": True,
        "profile": False,
        "settings": False,
    }


async def test_a_name_is_never_markup(world: World) -> None:
    visitor = await ada(world)
    hostile = f"{POD}box/{quote(HOSTILE, safe='')}"
    put = await (await app(world)).put(hostile, "text/plain", "x")
    assert put.status == 201, put.text

    folder = await visitor.get(at(f"{POD}box/"))
    file = await visitor.get(at(hostile, "file"))

    for page in (folder, file):
        assert page.status == 200
        assert "<img src=x" not in page.text
        assert "&lt;img src=x onerror=alert(1)&gt;" in page.text
        assert "script-src 'self'" in page["content-security-policy"]


async def test_a_name_cannot_be_turned_round(world: World) -> None:
    visitor = await ada(world)
    turned = f"{POD}box/" + quote("photo\u202egpj.exe")
    await (await app(world)).put(turned, "text/plain", "x")

    assert await names(visitor, at(f"{POD}box/")) == ["photo�gpj.exe"]


async def test_a_large_folder_comes_in_pages(world: World) -> None:
    visitor, notes = await ada(world), await app(world)
    for number in range(205):
        await notes.put(f"/ada/many/{number}.txt", "text/plain", "x")

    first = (await told(visitor, at(f"{POD}many/"))).json()["facts"]
    last = (await told(visitor, first["next"].replace("page=2", "page=3"))).json()["facts"]

    assert [one["name"] for one in first["entries"]] == [f"{number}.txt" for number in range(100)]
    assert (first["previous"], first["page"], first["pages"], first["count"]) == (None, 1, 3, 205)
    assert ([one["name"] for one in last["entries"]], last["next"]) == (
        [f"{number}.txt" for number in range(200, 205)],
        None,
    )


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "7"])
async def test_a_page_that_there_is_not_is_one_that_there_is(world: World, page: str) -> None:
    visitor = await ada(world)

    assert (await told(visitor, at(POD, page=page))).json()["facts"]["page"] == 1


async def test_names_can_be_looked_for_in_the_whole_folder(world: World) -> None:
    visitor, notes = await ada(world), await app(world)
    for number in range(150):
        await notes.put(f"/ada/many/{number}.txt", "text/plain", "x")
    await notes.put(f"/ada/many/{quote('Über den Wolken.txt')}", "text/plain", "x")

    assert await names(visitor, at(f"{POD}many/", find="über")) == ["Über den Wolken.txt"]
    assert len(await names(visitor, at(f"{POD}many/", find="14"))) == 12
    page = await visitor.get(at(f"{POD}many/", find="nowhere"))
    assert "0 names have “nowhere” in them." in page.text


@pytest.mark.parametrize("address", ["https://else.example/x/", "ada/", f"{BASE}ada/?x", f"{BASE}ada/#x"])
async def test_an_address_that_is_none_of_this_server_is_not_understood(world: World, address: str) -> None:
    visitor = await ada(world)

    assert (await visitor.get(at(address))).status == 400
    assert (await visitor.get(at(address, "file"))).status == 400


async def test_a_folder_is_no_file_and_a_file_no_folder(world: World) -> None:
    visitor = await ada(world)

    statuses = [
        (await visitor.get(path)).status
        for path in (
            at(f"{POD}inbox/", "file"),
            at(f"{POD}inbox/", "open"),
            at(f"{POD}profile/card"),
            at(f"{POD}.acl", "open"),
        )
    ]

    assert statuses == [404, 404, 404, 404]


async def test_nothing_is_there_is_said_to_the_owner(world: World) -> None:
    visitor = await ada(world)

    page = await visitor.get(at(f"{POD}nothing/"))

    assert page.status == 404
    assert "Nothing is here" in page.text


async def test_a_text_is_shown_in_a_world_of_its_own(world: World) -> None:
    visitor = await ada(world)
    await (await app(world)).put("/ada/a.txt", "text/plain", "häuser")

    answer = await visitor.get(at(f"{POD}a.txt", "open"))

    assert answer.text == "häuser"
    assert answer["content-type"] == "text/plain;charset=utf-8"
    assert answer["content-disposition"].startswith('inline; filename="a.txt"')
    assert "sandbox" in answer["content-security-policy"].split("; ")
    assert answer["content-length"] == str(len("häuser".encode()))
    assert answer["cache-control"] == "no-store"


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/pdf", "text/javascript", "x/y"])
async def test_what_could_do_something_is_only_kept_as_a_file(world: World, media_type: str) -> None:
    visitor = await ada(world)
    await (await app(world)).put("/ada/thing", media_type, "<script>alert(1)</script>")

    answer = await visitor.get(at(f"{POD}thing", "open"))

    assert answer["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer["content-security-policy"].split("; ")


async def test_a_download_has_its_name_whatever_that_is(world: World) -> None:
    visitor = await ada(world)
    hostile = POD + quote(ODD, safe="")
    assert (await (await app(world)).put(hostile, "text/plain", "x")).status == 201

    answer = await visitor.get(at(hostile, "open", keep=1))

    assert answer["content-disposition"] == (
        "attachment; filename=\"_bersicht__x__1.txt\"; filename*=UTF-8''%C3%9Cbersicht%22%3Bx%3D%271.txt"
    )


async def test_a_large_file_comes_whole(world: World) -> None:
    visitor = await ada(world)
    content = bytes(range(256)) * 1000
    await (await app(world)).put("/ada/large", "application/octet-stream", content)

    assert (await visitor.get(at(f"{POD}large", "open"))).body == content


async def test_data_is_shown_as_it_was_written(world: World) -> None:
    visitor = await ada(world)

    answer = await visitor.get(at(f"{POD}settings/prefs.ttl", "open"))

    assert "privateTypeIndex" in answer.text
    assert answer["content-type"] == "text/plain;charset=utf-8"


@pytest.mark.parametrize(
    ("language", "said"), [("de", "Nur du kannst das sehen."), ("fr", "Vous seul pouvez voir ceci.")]
)
async def test_folders_speak_the_language_of_who_reads(world: World, language: str, said: str) -> None:
    visitor = await ada(world, **{"accept-language": language})

    page = await visitor.get("/.account/files")

    assert f'lang="{language}"' in page.text
    assert said in page.text


async def test_a_script_of_another_page_cannot_read_a_folder_or_a_file(world: World) -> None:
    visitor = await ada(world)

    for path in (at(POD), at(f"{POD}settings/prefs.ttl", "open")):
        answer = await visitor.get(path, sec_fetch_dest="empty", sec_fetch_site="same-origin")
        assert answer.status == 303


async def test_a_program_reads_folders_with_its_token(world: World) -> None:
    await ada(world)
    program = Program(world.server)
    answer = await program.post("/.account/sign-in", email="ada@people.example", password="seven green umbrellas")
    program.token = answer.json()["token"]

    facts = (await program.get(at(POD))).json()["facts"]

    assert [one["name"] for one in facts["entries"]] == ["inbox", "profile", "settings"]
