"""What people store is not trusted: it must not act in the name of the server."""

import pytest

from tests.world import EVERYONE, TURTLE, World, rule

SCRIPT = b"<script>fetch('/alice/')</script>"


@pytest.mark.parametrize(
    "media_type",
    [
        "text/html",
        "Text/HTML; charset=utf-8",
        "application/xhtml+xml",
        "image/svg+xml",
        "text/xml",
        "application/xml",
        "application/rss+xml",
        "application/pdf",
        "application/mathml+xml",
        "multipart/x-mixed-replace; boundary=part",
        "multipart/related",
        "message/rfc822",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_browsers_would_run_is_in_a_sandbox(world: World, media_type: str, method: str) -> None:
    await world.alice.put("/alice/page", media_type, SCRIPT)
    await world.policy("/alice/page", rule(EVERYONE, "read"))

    for headers in ({}, {"range": "bytes=0-7"}, {"range": "bytes=0-3,5-7"}, {"if_none_match": "*"}):
        answer = await world.anyone.send(method, "/alice/page", **headers)

        assert answer.status in {200, 206, 304}
        assert answer["content-security-policy"] == "sandbox"
        assert answer["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("media_type", ["text/plain", "image/png", TURTLE, "application/octet-stream", "text/css"])
async def test_what_browsers_only_show_needs_no_sandbox(world: World, media_type: str) -> None:
    await world.alice.put("/alice/data", media_type, b"")

    assert "content-security-policy" not in await world.alice.get("/alice/data")


async def test_rdf_that_looks_like_a_page_is_served_as_what_it_is(world: World) -> None:
    await world.alice.put("/alice/data", TURTLE, b'<#a> <#b> "<script>alert(1)</script>" .')

    for accept in (TURTLE, "application/ld+json", "application/rdf+xml"):
        answer = await world.alice.get("/alice/data", accept)
        assert answer["x-content-type-options"] == "nosniff"
    assert answer["content-security-policy"] == "sandbox"


async def test_a_browser_that_navigates_to_data_gets_the_data_and_no_page_made_of_it(world: World) -> None:
    await world.alice.put("/alice/data", "text/plain", SCRIPT)
    await world.policy("/alice/data", rule(EVERYONE, "read"))

    answer = await world.anyone.get("/alice/data", "text/html,*/*;q=0.8")

    assert answer.media_type == "text/plain"
    assert answer.body == SCRIPT
