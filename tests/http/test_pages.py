"""What the server itself answers at the top of its URL space."""

import asyncio
import json

import pytest

from pod.errors import Busy
from pod.http import pages
from pod.http.texts import LANGUAGES, Texts, catalogue
from tests.asgi import Message
from tests.world import TURTLE, World

NAVIGATION = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept", [NAVIGATION, None, "*/*", "text/html", "text/*;q=0.1"])
async def test_the_first_page_welcomes_whoever_reads_html(world: World, accept: str | None) -> None:
    answer = await world.anyone.get("/", accept)

    assert answer.status == 200
    assert answer["content-type"] == "text/html; charset=utf-8"
    assert answer["content-security-policy"].startswith("default-src 'none'")
    assert "https://pod.example/" in answer.text


async def test_head_of_the_first_page_has_no_content(world: World) -> None:
    answer = await world.anyone.head("/")

    assert answer.status == 200
    assert answer.body == b""
    assert int(answer["content-length"]) > 0


async def test_the_first_page_is_no_data(world: World) -> None:
    assert (await world.anyone.get("/", TURTLE)).status == 401


async def test_what_the_first_page_needs_is_there(world: World) -> None:
    page = await world.anyone.get("/", NAVIGATION)
    style = await world.anyone.get("/.static/pod.css")

    assert "/.static/pod.css" in page.text
    assert style.status == 200
    assert style.media_type == "text/css"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_can_be_written_is_told_in_the_language_of_the_reader(world: World, language: str) -> None:
    answer = await world.anyone.get(pages.CONSTRAINTS, accept_language=language)

    assert Texts(language).say("constraints.title") in answer.text
    assert answer["content-language"] == language
    assert "Accept-Language" in answer["vary"]
    for part, rules in pages.RULES.items():
        assert all(Texts(language).show(f"constraints.{part}-{one}") in answer.text for one in rules)
    told = {one for one in catalogue(language) if one.startswith("constraints.") and "-" in one}
    assert told == {f"constraints.{part}-{one}" for part, rules in pages.RULES.items() for one in rules}


@pytest.mark.parametrize(
    "path", ["/.static/none", "/.static/../pod.py", "/.static/%2e%2e/app.py", "/.static/", "/.health/x"]
)
async def test_there_is_nothing_else(world: World, path: str) -> None:
    answer = await world.anyone.request("GET", path, raw_path=path.encode())

    assert answer.status in {400, 404}
    assert b"import" not in answer.body


async def test_who_watches_the_server_learns_that_it_lives_and_is_ready(world: World) -> None:
    live, ready = await world.anyone.get("/.health/live"), await world.anyone.get("/.health/ready")

    assert (live.status, live.json()) == (200, {"status": "live"})
    assert (ready.status, ready.json()) == (200, {"status": "ready"})
    assert (await world.anyone.head("/.health/ready")).status == 200
    assert (await world.anyone.send("POST", "/.health/live")).status == 405


async def test_a_server_whose_storage_does_not_answer_is_not_ready() -> None:
    async def check() -> None:
        raise Busy("The storage is busy; try again in a moment.")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/.health/ready", "headers": []}
    await pages.router(check)(scope, asyncio.Event().wait, send)  # type: ignore[arg-type]  # nothing is received

    assert sent[0]["status"] == 503
    assert "busy" in json.loads(sent[1]["body"])["detail"]


async def test_nobody_learns_which_pods_there_are(world: World) -> None:
    for path in ("/", "/nobody/"):
        assert (await world.anyone.get(path, TURTLE)).status == 401
        assert (await world.bob.get(path, TURTLE)).status == 403
    assert "alice" not in (await world.anyone.get("/")).text
