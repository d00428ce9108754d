"""Open pages are told when they have become another, as long as who looks at them may."""

import html
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import pytest

from pod.config import Identity, Live
from pod.http.connection import EXTENSION
from pod.web import live
from tests.http.limited import APP, let, through
from tests.listening import Stream
from tests.visitor import Program, Visitor
from tests.world import BASE, TURTLE, Person, World, policy, rule

WEBID = f"{BASE}ada/profile/card#me"
EVE = f"{BASE}eve/profile/card#me"
INBOX = "/.account/files?" + urlencode({"at": f"{BASE}ada/inbox/"})
EVERYTHING = ("/", "read append write control")
TEXT = "text/plain"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is told on its own, and records are looked at often."""
    monkeypatch.setattr(live, "PAUSE", 0)
    monkeypatch.setattr(live, "LOOK", 0.02)


async def ada(world: World) -> Visitor:
    visitor = Visitor(world.server)
    await visitor.sign_up("ada")
    return visitor


def stream_of(text: str) -> str:
    """The address of the stream of a page."""
    found = re.search(r'data-live="([^"]+)"', text)
    assert found is not None, text
    return html.unescape(found[1])


def following(world: World, visitor: Visitor, address: str, **headers: str) -> Stream:
    """The stream at the address, as the visitor's browser opens it."""
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.jar.items())
    sent = {"accept": "text/event-stream", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin", "cookie": cookie}
    return opened(world, visitor.base.rstrip("/") + address, sent | headers)


def opened(world: World, url: str, headers: Mapping[str, str]) -> Stream:
    """The stream, with a client whose going away is to be noticed while nothing is sent, as with uvicorn."""
    stream = Stream(world.server, url, list(headers.items()))
    stream._scope["asgi"]["spec_version"] = "2.3"
    return stream


async def followed(world: World, visitor: Visitor, path: str) -> Stream:
    """The stream of the page there."""
    return following(world, visitor, stream_of((await visitor.get(path)).text))


def events(stream: Stream) -> list[str]:
    return re.findall(r"event: (\w+)", stream.text)


def told(stream: Stream, *expected: str) -> Callable[[], bool]:
    """Whether just this was told."""
    return lambda: events(stream) == list(expected)


async def test_a_folder_is_another_when_something_comes_changes_and_goes(world: World) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)

    async with await followed(world, visitor, INBOX) as stream:
        await stream.until(told(stream, "opened"))
        await notes.put("/ada/inbox/a", TEXT, "x")
        await stream.until(told(stream, "opened", "changed"))
        await notes.put("/ada/inbox/a", TEXT, "y")
        await stream.until(told(stream, "opened", "changed", "changed"))
        await notes.delete("/ada/inbox/a")
        await stream.until(told(stream, "opened", "changed", "changed", "changed"))


async def test_a_stream_tells_that_something_changed_and_never_what(world: World) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)

    async with await followed(world, visitor, INBOX) as stream:
        await notes.put("/ada/inbox/secret-name", TEXT, "x")
        await stream.until(told(stream, "opened", "changed"))

    assert stream.text == "event: opened\ndata:\n\nevent: changed\ndata:\n\n"
    assert (stream.status, stream.header("cache-control")) == (200, "no-store")


async def test_a_folder_is_the_same_whatever_happens_elsewhere_and_further_down(world: World) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)
    await notes.put("/ada/inbox/deep/er/a", TEXT, "x")

    async with await followed(world, visitor, INBOX) as stream:
        await stream.until(told(stream, "opened"))
        for number in range(5):
            await notes.put(f"/ada/inbox/deep/er/{number}", TEXT, "x")
            await notes.put(f"/ada/{number}", TEXT, "x")
        await notes.put("/ada/inbox/a", TEXT, "x")
        await stream.until(told(stream, "opened", "changed"))
        await notes.put("/ada/inbox/deep/b", TEXT, "x")  # that folder is another by now, and is shown so
        await stream.until(told(stream, "opened", "changed", "changed"))


async def test_a_folder_is_another_when_others_may_see_it(world: World) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)

    async with await followed(world, visitor, INBOX) as stream:
        await stream.until(told(stream, "opened"))
        shared = policy("/ada/inbox/", rule(notes, "read write control"), rule(f"acl:agent <{EVE}>", "read"))
        await notes.put("/ada/inbox/.acl", TURTLE, shared)
        await stream.until(told(stream, "opened", "changed"))

    assert "Someone else can see this too." in (await visitor.get(INBOX)).text


async def test_what_changed_before_the_stream_was_open_is_told_at_once(world: World) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)
    address = stream_of((await visitor.get(INBOX)).text)
    await notes.put("/ada/inbox/a", TEXT, "x")

    async with following(world, visitor, address) as stream:
        await stream.until(told(stream, "opened", "changed"))
    async with await followed(world, visitor, INBOX) as stream:
        await stream.until(told(stream, "opened"))
        await notes.put("/ada/inbox/b", TEXT, "x")
        await stream.until(told(stream, "opened", "changed"))


async def test_a_stream_ends_when_the_session_does(world: World) -> None:
    visitor = await ada(world)
    elsewhere = Visitor(world.server)
    await elsewhere.sign_in("ada")

    async with await followed(world, visitor, INBOX) as stream:
        await stream.until(told(stream, "opened"))
        page = await elsewhere.get("/.account/sessions")
        await elsewhere.submit(page, "everywhere")
        await stream.until(lambda: stream.ended)

    assert events(stream) == ["opened", "changed"]
    assert (await visitor.get(INBOX)).status == 303


async def test_a_stream_about_what_was_taken_back_ends_and_the_page_is_refused(world: World) -> None:
    await ada(world)
    notes = await through(world, WEBID, EVERYTHING)
    eve = Visitor(world.server)
    await eve.sign_up("eve")
    shared = policy("/ada/inbox/", rule(notes, "read write control"), rule(f"acl:agent <{EVE}>", "read"))
    await notes.put("/ada/inbox/.acl", TURTLE, shared)

    async with await followed(world, eve, INBOX) as stream:
        await stream.until(told(stream, "opened"))
        await notes.put("/ada/inbox/.acl", TURTLE, policy("/ada/inbox/", rule(notes, "read write control")))
        await stream.until(lambda: stream.ended)

    assert events(stream) == ["opened", "changed"]
    assert (await eve.get(INBOX)).status == 403


async def test_apps_come_and_go(world: World) -> None:
    visitor = await ada(world)

    async with await followed(world, visitor, "/.account/apps") as stream:
        await stream.until(told(stream, "opened"))
        await let(world, WEBID, EVERYTHING)
        await stream.until(told(stream, "opened", "changed"))
        await world.parts.consents.revoke(WEBID, APP)
        await stream.until(told(stream, "opened", "changed", "changed"))


async def test_an_app_that_is_used_again_is_told_of_when_that_is_kept(world: World) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)

    async with await followed(world, visitor, "/.account/apps") as stream:
        await stream.until(told(stream, "opened"))
        await notes.get("/ada/inbox/")
        await world.parts.consents.flush()
        await stream.until(told(stream, "opened", "changed"))

    assert "Last used on" in (await visitor.get("/.account/apps")).text


@pytest.mark.parametrize("path", ["/", "/.account/pods"])
async def test_what_the_pods_take_up_is_told_of(world: World, path: str) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)

    async with await followed(world, visitor, path) as stream:
        await stream.until(told(stream, "opened"))
        await notes.put("/ada/inbox/large", TEXT, "x" * 4_000_000)
        await stream.until(told(stream, "opened", "changed"))

    assert "4.0 MB" in (await visitor.get(path)).text


async def test_a_file_is_another_when_it_is_written(world: World) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)
    await notes.put("/ada/inbox/a", TEXT, "x")

    async with await followed(world, visitor, INBOX.replace("files?", "file?") + "a") as stream:
        await stream.until(told(stream, "opened"))
        await notes.put("/ada/inbox/b", TEXT, "x")
        await notes.put("/ada/inbox/a", TEXT, "longer")
        await stream.until(told(stream, "opened", "changed"))
        await notes.delete("/ada/inbox/a")
        await stream.until(told(stream, "opened", "changed", "changed"))


async def test_no_stream_without_the_key_of_the_page(world: World) -> None:
    visitor = await ada(world)
    other = Visitor(world.server)
    await other.sign_in("ada")
    address = stream_of((await visitor.get(INBOX)).text)

    for wrong in (INBOX, re.sub("key=.", "key=", address), stream_of((await other.get(INBOX)).text)):
        async with following(world, visitor, wrong) as stream:
            await stream.until(lambda: stream.ended)
        assert stream.status == 401
        assert "opened" not in stream.text


async def test_the_key_alone_opens_nothing(world: World) -> None:
    address = stream_of((await (await ada(world)).get(INBOX)).text)

    async with following(world, Visitor(world.server), address) as stream:
        await stream.until(lambda: stream.ended)

    assert stream.status == 401


async def test_a_key_for_streams_is_no_token_for_forms(world: World) -> None:
    visitor = await ada(world)
    address = stream_of((await visitor.get("/.account/apps")).text)
    key = address.split("key=")[1].partition("&")[0]

    answer = await visitor.post("/.account/sign-out", [("csrf", key), ("form", "sign-out")])

    assert answer.status == 403


async def test_a_page_that_never_changes_by_itself_says_so(world: World) -> None:
    visitor = await ada(world)
    key = stream_of((await visitor.get("/.account/apps")).text).partition("?")[2]

    async with following(world, visitor, f"/.account/email?{key}") as stream:
        await stream.until(lambda: stream.ended)

    assert stream.status == 406
    assert "This page does not change by itself." in stream.text


async def test_somebody_elses_folder_has_no_stream(world: World) -> None:
    await ada(world)
    eve = Visitor(world.server)
    await eve.sign_up("eve")
    key = stream_of((await eve.get("/.account/apps")).text).partition("?")[2]

    async with following(world, eve, f"{INBOX}&{key}") as stream:
        await stream.until(lambda: stream.ended)

    assert stream.status == 403


async def test_so_many_pages_of_one_person_are_kept_up_to_date_and_not_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST", 1)
    visitor = await ada(world)

    async with await followed(world, visitor, INBOX) as first:
        await first.until(told(first, "opened"))
        async with await followed(world, visitor, "/") as second:
            await second.until(lambda: second.ended)
        assert (second.status, second.header("retry-after")) == (429, "10")
        notes = await through(world, WEBID, EVERYTHING)
        await notes.put("/ada/inbox/a", TEXT, "x")
        await first.until(told(first, "opened", "changed"))


async def test_who_closes_a_page_may_open_another(storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST", 1)

    async with World(storage, live=Live(streams_per_agent=1)) as world:
        visitor = await ada(world)
        for _ in range(3):
            async with await followed(world, visitor, "/") as stream:
                await stream.until(told(stream, "opened"))


class Connection:
    """What a connection knows of the answer that goes over it."""

    ending: Callable[[], None] | None = None


async def test_a_stream_ends_with_the_server_and_says_nothing(world: World) -> None:
    visitor = await ada(world)
    stream, connection = await followed(world, visitor, INBOX), Connection()
    stream._scope["extensions"][EXTENSION] = connection

    async with stream:
        await stream.until(told(stream, "opened"))
        assert connection.ending is not None
        connection.ending()
        await stream.until(lambda: stream.ended)

    assert events(stream) == ["opened"]


async def test_a_program_follows_a_page_with_its_token(world: World) -> None:
    await ada(world)
    program = Program(world.server)
    answer = await program.post("/.account/sign-in", email="ada@people.example", password="seven green umbrellas")
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {answer.json()['token']}"}

    async with opened(world, f"{BASE}.account/apps", headers) as stream:
        await stream.until(told(stream, "opened", "changed"))  # it named no state that it knows
        await let(world, WEBID, EVERYTHING)
        await stream.until(told(stream, "opened", "changed", "changed"))


async def test_pages_apart_are_followed_where_they_are() -> None:
    async with World("memory", identity=Identity(url="https://account.example/")) as world:
        visitor = Visitor(world.server, "https://account.example/", host="account.example")
        await visitor.sign_up("ada")
        notes: Person = await through(world, WEBID, EVERYTHING)
        address = stream_of((await visitor.get(INBOX)).text)

        async with following(world, visitor, address, host="account.example") as stream:
            await stream.until(told(stream, "opened"))
            await notes.put("/ada/inbox/a", TEXT, "x")
            await stream.until(told(stream, "opened", "changed"))


async def test_without_scripts_a_page_has_a_link_that_shows_what_changed(world: World) -> None:
    visitor, notes = await ada(world), await through(world, WEBID, EVERYTHING)
    page = await visitor.get(INBOX)
    found = re.search(r'<a class="again" href="([^"]+)">Show what has changed</a>', page.text)
    assert found is not None
    await notes.put("/ada/inbox/new.txt", TEXT, "x")

    assert "new.txt" in (await visitor.get(html.unescape(found[1]))).text
