"""Cross-origin requests (Solid Protocol, 8.1): every app runs on another origin."""

import pytest

from tests.asgi import Answer
from tests.world import EVERYONE, N3, TURTLE, World, n3, rule

ORIGIN = "https://tester.example"
FIXED = {"accept-patch", "accept-post", "accept-put", "allow", "etag", "link", "location", "wac-allow", "vary"}


FOR_BROWSERS = {
    "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy", "referrer-policy",
    "set-cookie", "x-frame-options",
}  # fmt: skip
"""What the first page tells the browser that shows it, and nobody else."""


def require_shared(answer: Answer) -> None:
    """Fails unless a page of ORIGIN may read the answer and all its headers."""
    assert answer["access-control-allow-origin"] == ORIGIN
    assert answer["access-control-allow-credentials"] == "true"
    assert "Origin" in answer.listed("vary")
    exposed = {name.lower() for name in answer.listed("access-control-expose-headers")}
    own = {name for name, _ in answer.headers if not name.startswith("access-control-")}
    assert "*" not in exposed
    assert exposed >= FIXED
    assert own - FOR_BROWSERS <= exposed


@pytest.mark.spec(
    "server-cors",
    "server-cors-access-control-headers",
    "server-cors-acao-vary",
    "server-cors-aceh",
    "server-cors-enumerate",
    "server-cors-aceh-wac-allow",
    "server-cors-acao-acah",
)
@pytest.mark.parametrize("path", ["/alice/", "/alice/note", "/alice/.acl", "/alice/none", "/alice/.well-known/solid"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE", "TRACE"])
async def test_every_answer_can_be_read_by_the_page_that_asked(world: World, path: str, method: str) -> None:
    await world.document("/alice/note")

    for person in (world.anyone, world.bob, world.alice):
        answer = await person.send(method, path, n3(inserts="<#a> a <#b> ."), content_type=N3, origin=ORIGIN)

        require_shared(answer)
        assert "access-control-allow-headers" in answer


@pytest.mark.spec("server-cors", "server-cors-acao-vary", "server-cors-aceh")
@pytest.mark.parametrize(
    "path", ["/", "/.health/live", "/.health/ready", "/.health/none", "/.static/pod.css", "/.static/constraints"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
async def test_the_pages_of_the_server_can_be_read_by_every_page(world: World, path: str, method: str) -> None:
    require_shared(await world.anyone.send(method, path, origin=ORIGIN))

    plain = await world.anyone.send(method, path)
    assert not [name for name, _ in plain.headers if name.startswith("access-control-")]


@pytest.mark.spec("server-cors.no-block", "server-cors")
async def test_refusals_are_told_to_pages_as_they_are_to_others(world: World) -> None:
    for person, status in ((world.anyone, 401), (world.bob, 403)):
        answer = await person.get("/alice/", origin=ORIGIN)

        assert answer.status == status
        assert answer.body
        require_shared(answer)


@pytest.mark.spec("server-cors-acao-vary")
@pytest.mark.parametrize(
    "origin", ["https://tester.example", "http://localhost:8080", "null", "https://evil.example:1"]
)
async def test_the_origin_is_echoed_whatever_it_is(world: World, origin: str) -> None:
    answer = await world.alice.get("/alice/", origin=origin)

    assert answer.status == 200
    assert answer["access-control-allow-origin"] == origin


async def test_without_an_origin_nothing_is_said_of_it(world: World) -> None:
    for answer in (await world.alice.get("/alice/"), await world.alice.options("/alice/")):
        assert not [name for name, _ in answer.headers if name.startswith("access-control-")]
        assert "Origin" in answer.listed("vary")


async def preflight(world: World, path: str, method: str, headers: str | None = None) -> Answer:
    named = {} if headers is None else {"access_control_request_headers": headers}
    return await world.anyone.options(path, origin=ORIGIN, access_control_request_method=method, **named)


@pytest.mark.spec("server-cors-options", "server-cors")
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/alice/",
        "/alice/none",
        "/alice/.acl",
        "/nowhere/x",
        "/",
        "/alice/.well-known/solid",
        "/.health/live",
        "/.health/none",
        "/.static/pod.css",
    ],
)
async def test_a_preflight_is_granted_to_everyone_wherever(world: World, method: str, path: str) -> None:
    answer = await preflight(world, path, method, "X-CUSTOM, Content-Type, Accept")

    assert answer.status == 204
    assert answer.body == b""
    assert answer["access-control-allow-origin"] == ORIGIN
    assert answer["access-control-allow-credentials"] == "true"
    assert method in answer.listed("access-control-allow-methods")
    assert answer.listed("access-control-allow-headers") == ["X-CUSTOM", "Content-Type", "Accept"]
    assert "ETag" in answer.listed("access-control-expose-headers")
    assert int(answer["access-control-max-age"]) > 0


@pytest.mark.spec("server-cors-accept-acah")
async def test_accept_is_allowed_when_it_was_asked_for_and_not_otherwise(world: World) -> None:
    with_accept = await preflight(world, "/alice/", "GET", "X-CUSTOM, Content-Type, Accept")
    without = await preflight(world, "/alice/", "GET", "X-CUSTOM, Content-Type")

    assert "Accept" in with_accept["access-control-allow-headers"]
    assert "Accept" not in without["access-control-allow-headers"]


async def test_a_preflight_that_names_no_headers_is_told_which_are_usual(world: World) -> None:
    allowed = (await preflight(world, "/alice/", "PUT")).listed("access-control-allow-headers")

    assert {"Authorization", "DPoP", "Content-Type", "If-None-Match", "Link", "Slug"} <= set(allowed)


async def test_a_preflight_with_credentials_is_granted_as_well(world: World) -> None:
    for person in (world.alice, world.bob):
        answer = await person.options(
            "/alice/", origin=ORIGIN, access_control_request_method="GET", access_control_request_headers="x-custom"
        )
        assert answer.status == 204
        assert answer["access-control-allow-headers"] == "x-custom"


async def test_a_preflight_for_another_method_lets_the_page_read_the_refusal(world: World) -> None:
    answer = await preflight(world, "/alice/", "PROPFIND")

    assert "PROPFIND" in answer.listed("access-control-allow-methods")
    assert answer.status == 204


async def test_what_is_wrong_with_a_uri_is_told_to_pages_too(world: World) -> None:
    answer = await preflight(world, "/alice/%00", "GET")

    assert answer.status == 400
    require_shared(answer)


async def test_a_preflight_of_one_origin_is_not_used_for_another(world: World) -> None:
    vary = (await preflight(world, "/alice/", "GET")).listed("vary")

    assert {"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"} <= set(vary)


async def test_a_long_accept_of_an_app_is_understood(world: World) -> None:
    accept = (
        "text/turtle;q=0.9, application/rdf+xml;q=0.8, application/n-triples;q=0.8, application/n-quads;q=0.8,"
        " text/x-nquads;q=0.8, application/trig;q=0.8, text/n3;q=0.8, application/ld+json;q=0.8,"
        " application/x-binary-rdf;q=0.8, text/plain;q=0.7"
    )

    assert (await world.alice.get("/alice/", accept, origin=ORIGIN)).media_type == TURTLE


@pytest.mark.spec("user-agent-assumptions", "cors-untrusted-origins-ignore-cookies")
async def test_cookies_and_user_agents_are_nothing_to_the_server(world: World) -> None:
    await world.policy("/alice/", rule(EVERYONE, "read"))
    plain = await world.anyone.get("/alice/")

    answer = await world.anyone.get("/alice/", cookie="session=alice; css-account=1", user_agent="Mozilla/5.0")

    assert answer.status == 200
    assert answer["wac-allow"] == plain["wac-allow"]
    assert "set-cookie" not in answer
