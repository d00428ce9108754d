"""Failures as answers: a problem document (RFC 9457) for apps, plain text or a page for people."""

import html
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from pod.config import Limits
from tests.asgi import Answer
from tests.world import JSON_LD, N3, SPARQL, TURTLE, World, n3, rule

NAVIGATION = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


FAILURES: Mapping[int, Callable[[World], Awaitable[Answer]]] = {
    400: lambda world: world.alice.put("/alice/x", TURTLE, "<> a"),
    401: lambda world: world.anyone.get("/alice/note"),
    403: lambda world: world.bob.get("/alice/note"),
    404: lambda world: world.alice.get("/alice/none"),
    405: lambda world: world.alice.delete("/alice/"),
    406: lambda world: world.alice.get("/alice/note", "image/png"),
    409: lambda world: world.alice.put("/alice/note/", TURTLE, ""),
    412: lambda world: world.alice.put("/alice/note", TURTLE, "", if_none_match="*"),
    413: lambda world: world.alice.put("/alice/x", TURTLE, "", content_length=str(10**15)),
    414: lambda world: world.alice.get("/alice/" + "x" * 5000),
    415: lambda world: world.alice.patch("/alice/note", "text/plain", ""),
    416: lambda world: world.alice.get("/alice/note", range="bytes=9999-"),
    422: lambda world: world.alice.patch("/alice/note", N3, "<#x> <#y> 1 ."),
}
"""For each status a request that fails with it, where there is a note of Alice's."""


@pytest.mark.spec("server-http", "server-content-type-includes")
@pytest.mark.parametrize("status", FAILURES)
async def test_each_failure_is_a_problem_document(world: World, status: int) -> None:
    await world.document("/alice/note")

    answer = await FAILURES[status](world)

    problem = answer.json()
    assert answer.status == problem["status"] == status
    assert answer["content-type"] == "application/problem+json"
    assert answer["cache-control"] == "no-store"
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", problem["instance"])
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"].endswith(".")


@pytest.mark.parametrize("accept", ["text/plain", "text/plain;q=0.9, text/html;q=0.1"])
async def test_a_person_with_a_plain_client_gets_a_sentence(world: World, accept: str) -> None:
    answer = await world.alice.get("/alice/none", accept)

    assert answer.status == 404
    assert answer["content-type"] == "text/plain;charset=utf-8"
    assert answer.text.endswith(".\n")


@pytest.mark.parametrize("accept", [None, "*/*", TURTLE, JSON_LD, "application/json, text/plain", "image/png"])
async def test_an_app_gets_a_problem_document_whatever_it_accepts(world: World, accept: str | None) -> None:
    assert (await world.alice.get("/alice/none", accept)).media_type == "application/problem+json"


@pytest.mark.parametrize(("path", "status"), [("/alice/", 401), ("/alice/%00", 400), ("/alice/.well-known/x", 404)])
async def test_a_person_in_a_browser_gets_a_page(world: World, path: str, status: int) -> None:
    answer = await world.anyone.get(path, NAVIGATION)

    assert answer.status == status
    assert answer["content-type"] == "text/html;charset=utf-8"
    assert answer["content-security-policy"].startswith("default-src 'none'")
    assert "<h1>" in answer.text
    assert re.search(r"urn:uuid:[0-9a-f-]{36}", answer.text)


MISSED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "nothing there": ("/alice/none", {}),
    "a name of the server": ("/alice/.well-known/x", {}),
    "a percent sign": ("/alice/%zz", {}),
    "two slashes": ("/alice//x", {}),
    "a deep path": ("/alice/" + "x/" * 400, {}),
    "a long path": ("/alice/" + "x" * 5000, {}),
    "no such version": ("/alice/note", {"if_match": '"x"'}),
    "a later version": ("/alice/note", {"if_unmodified_since": "Mon, 01 Jan 2001 00:00:00 GMT"}),
    "a range": ("/alice/note", {"range": "bytes=9999-", "accept": NAVIGATION}),
    "a format": ("/alice/note", {"accept": "text/html"}),
}
"""What a person may get wrong, where there is a note that everyone may read."""


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("what", MISSED)
async def test_a_person_is_told_in_their_language(world: World, what: str, language: str) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/", rule("acl:agentClass foaf:Agent", "read"))
    path, headers = MISSED[what]
    asked = {"accept": NAVIGATION, **headers, "accept_language": f"{language}-CH, en;q=0.5"}

    told = (await world.anyone.get(path, **{**asked, "accept": TURTLE if what != "a format" else "image/png"})).json()
    answer = await world.anyone.get(path, **asked)

    assert answer.status == told["status"]
    assert answer["content-language"] == language
    assert f'<html lang="{language}">' in answer.text
    assert told["title"] not in answer.text
    assert told["detail"] not in html.unescape(answer.text)


async def test_the_language_of_a_page_is_told_to_caches_and_is_none_of_programs(world: World) -> None:
    page = await world.anyone.get("/alice/", NAVIGATION, accept_language="de")
    problem = await world.anyone.get("/alice/", TURTLE, accept_language="de")

    assert "Accept-Language" in page["vary"].split(", ")
    assert "Accept-Language" not in problem["vary"]
    assert "content-language" not in problem
    assert problem.json()["title"] == "Please sign in"


async def test_a_person_reads_that_something_is_private_in_plain_words(world: World) -> None:
    page = await world.anyone.get("/alice/", NAVIGATION)
    problem = await world.anyone.get("/alice/")

    assert "<h1>This is not open to everyone</h1>" in page.text
    assert "policy" not in page.text
    assert "/.account/requests/new?resource=" in page.text
    assert problem.json()["detail"] == "No policy here gives this to everyone. Sign in to go on."


async def test_a_page_shows_what_came_from_outside_as_text(world: World) -> None:
    answer = await world.anyone.get("/alice/x", NAVIGATION, if_match='"<script>alert(1)</script>"')

    assert "<script" not in answer.text


async def test_an_app_in_a_browser_gets_no_page(world: World) -> None:
    for named in ({"origin": "https://app.example"}, {"authorization": "Bearer x"}):
        answer = await world.anyone.get("/alice/", NAVIGATION, **named)

        assert answer.status == 401
        assert answer.media_type == "application/problem+json"


async def test_a_write_is_never_answered_with_a_page(world: World) -> None:
    answer = await world.anyone.send("PUT", "/alice/x", "x", accept=NAVIGATION, content_type="text/plain")

    assert answer.media_type == "application/problem+json"


@pytest.mark.parametrize(
    ("media_type", "content", "line", "column"),
    [
        (TURTLE, '<#a> <#b> 1 .\n<#a> <#b> "open .\n', 2, None),
        (TURTLE, "@prefix a: <#>.\n\n  a:b nix:c 1 .", 3, 7),
        (JSON_LD, '{"@id": "#it",\n "x": }', 2, 7),
        ("application/n-triples", "<http://a/b> <http://a/c> 1 .", 1, None),
        ("application/trig", "<#g> {\n <#a> <#b> \n}}", 3, None),
        ("application/n-quads", "\n<a> <b> <c> .", 2, None),
    ],
)
async def test_where_content_is_wrong_is_told(
    world: World, media_type: str, content: str, line: int, column: int | None
) -> None:
    async with world.unchanged():
        answer = await world.alice.put("/alice/x", media_type, content)

    assert answer.status == 400
    assert answer.json()["line"] == line
    if column is not None:
        assert answer.json()["column"] == column


async def test_where_an_update_is_wrong_is_told(world: World) -> None:
    answer = await world.alice.patch("/alice/x", SPARQL, "PREFIX a: <#>\nINSERT NOTHING { }")

    assert answer.json()["line"] == 2


async def test_what_would_be_right_is_told_to_programs(world: World) -> None:
    await world.document("/alice/note")

    assert (await world.alice.patch("/alice/note", "text/plain", "x")).json()["accepted"] == [N3, SPARQL]
    assert TURTLE in (await world.alice.put("/alice/box/", "text/plain", "x")).json()["accepted"]
    assert (await world.alice.get("/alice/note", "image/png")).json()["available"][0] == TURTLE
    assert (await world.alice.send("TRACE", "/alice/note")).json()["allowed"][:2] == ["GET", "HEAD"]


@pytest.mark.spec("server-resource-constraints-advertisement", "ldpr-gen-pubclireqs")
@pytest.mark.parametrize("status", [409, 413, 415, 422])
async def test_a_write_that_is_not_allowed_links_what_is(world: World, status: int) -> None:
    await world.document("/alice/note")

    answer = await FAILURES[status](world)

    (page,) = answer.linked("http://www.w3.org/ns/ldp#constrainedBy")
    assert (await world.anyone.get(page)).media_type == "text/html"


async def test_a_read_that_fails_links_no_constraints(world: World) -> None:
    await world.document("/alice/note")

    for status in (401, 403, 404, 406, 416):
        assert (await FAILURES[status](world)).linked("http://www.w3.org/ns/ldp#constrainedBy") == []


async def test_the_limit_that_was_passed_is_told() -> None:
    async with World(limits=Limits(body=100, rdf=50, patch=40)) as world:
        assert (await world.alice.put("/alice/x", "text/plain", "x" * 101)).json()["limit"] == 100
        assert (await world.alice.put("/alice/x", TURTLE, "#" * 51)).json()["limit"] == 50
        assert (await world.alice.patch("/alice/x", N3, n3())).json()["limit"] == 40


@pytest.mark.spec("exposing-information", "identifiable-information-error-responses")
async def test_a_fault_of_the_server_says_nothing_but_its_id(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> bytes:
        raise RuntimeError("a secret of /etc/shadow")

    with caplog.at_level(logging.DEBUG, "pod"):
        async with world.unchanged():
            answer = await world.alice.put("/alice/x", "text/plain", [broken()])

    problem = answer.json()
    assert answer.status == 500
    assert "secret" not in answer.text
    assert problem["instance"] in caplog.text
    assert "a secret of /etc/shadow" in caplog.text


async def test_content_that_is_damaged_is_a_fault_that_the_log_tells_of(caplog: pytest.LogCaptureFixture) -> None:
    async with World("sqlite") as world:
        await world.alice.put("/alice/film", "video/mp4", b"x" * 200_000)
        (kept,) = map(Path, world.kept())
        content = kept.read_bytes()
        kept.write_bytes(content[:100_000])

        answer = await world.alice.get("/alice/film")
        await world.policy("/alice/", rule("acl:agentClass foaf:Agent", "read"))
        page = await world.anyone.get("/alice/film", NAVIGATION)

        kept.write_bytes(content)
    assert answer.status == 500
    assert answer.json()["instance"] in caplog.text
    assert str(world.directory) not in answer.text
    assert "This is a fault of the server" in page.text
    assert "It is not your fault" in page.text
    assert answer.json()["detail"] not in page.text


async def test_no_problem_names_files_or_tables(world: World) -> None:
    await world.document("/alice/note")

    for fail in FAILURES.values():
        text = (await fail(world)).text
        for word in (str(world.directory), "sqlite", "Traceback", "SELECT", ".py"):
            assert word not in text


async def test_refusals_are_told_in_the_log_only_when_it_is_asked_for(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "pod"):
        await world.bob.get("/alice/quiet")
    assert caplog.text == ""

    with caplog.at_level(logging.DEBUG, "pod"):
        answer = await world.bob.get("/alice/")
    assert answer.json()["instance"] in caplog.text
