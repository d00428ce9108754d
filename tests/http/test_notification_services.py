"""How clients find the services for notifications, ask for channels, and are refused."""

import json

import pytest

from tests.listening import CONTEXT, PLURAL, Socket, Stream, subscription
from tests.world import BASE, JSON_LD, TURTLE, World, rule

HERE = BASE[:-1]
CHANNELS = ("WebSocketChannel2023", "EventSourceChannel2023", "StreamingHTTPChannel2023")
SERVICE = "/.notifications/WebSocketChannel2023/"
WISH = subscription("WebSocketChannel2023", f"{HERE}/alice/a")


@pytest.mark.spec(
    "resource-server-link-storage-description-resource",
    "resource-server-description-resource-accept",
    "resource-server-description-resource-response",
    "server-notifications-protocol-resource-server",
    "notify-subscription",
    "notify-resource-id",
    "ldnch-discovery",
)
async def test_the_description_of_a_storage_names_the_services(world: World) -> None:
    (link,) = (await world.alice.head("/alice/")).linked("http://www.w3.org/ns/solid/terms#storageDescription")

    found = (await world.anyone.get(link, TURTLE)).graph()

    services = {one.object for one in found if one.predicate == f"{PLURAL}subscription"}
    channels = (*CHANNELS, "WebhookChannel2023", "LDNChannel2023", "WebPushChannel2023")
    assert services == {f"{HERE}/.notifications/{channel}/" for channel in channels}
    types = {one.object for one in found if one.predicate == f"{PLURAL}channelType"}
    assert types == {PLURAL + channel for channel in channels}


PROFILE = f'{JSON_LD};profile="{CONTEXT}"'


@pytest.mark.parametrize("path", ["/alice/a", "/alice/picture", "/alice/", "/alice/box/"])
@pytest.mark.parametrize("accept", [JSON_LD, f"{JSON_LD}, */*;q=0.1", PROFILE])
@pytest.mark.spec(
    "resource-server-link-resource-description-resource",
    "resource-server-description-resource-accept",
    "resource-server-description-resource-response",
)
async def test_the_description_of_a_resource_names_the_services(world: World, path: str, accept: str) -> None:
    await world.document("/alice/a")
    await world.alice.put("/alice/picture", "image/png", b"x")
    await world.folder("/alice/box/")
    (link,) = (await world.alice.head(path)).linked("describedby")

    answer = await world.alice.get(link, accept)

    assert answer.status == 200
    assert answer.media_type == JSON_LD
    assert (answer.json()["@context"], answer.json()["id"]) == ([CONTEXT], HERE + path)
    assert HERE + SERVICE in {one["id"] for one in answer.json()["subscription"]}
    for one in answer.json()["subscription"]:
        described = (await world.anyone.get(one["id"], JSON_LD)).json()
        assert {name: described[name] for name in one} == one
    assert answer.linked("describes") == [HERE + path]
    assert (await world.alice.head(link, accept))["content-length"] == str(len(answer.body))
    assert (await world.alice.get(link, accept, if_none_match=answer["etag"])).status == 304


async def test_what_the_server_says_of_a_resource_is_for_its_readers(world: World) -> None:
    await world.document("/alice/a")

    assert (await world.anyone.get("/alice/a.meta", JSON_LD)).status == 401
    assert (await world.bob.get("/alice/a.meta", PROFILE)).status == 403
    assert (await world.alice.get("/alice/none.meta", PROFILE)).status == 404
    await world.policy("/alice/a", rule(world.bob, "read"))
    assert (await world.bob.get("/alice/a.meta", JSON_LD)).status == 200


@pytest.mark.parametrize(
    "accept", [None, "*/*", TURTLE, f"{TURTLE}, {JSON_LD}", f"{TURTLE}, {JSON_LD};q=0.9, */*;q=0.8", "image/png"]
)
async def test_who_would_copy_a_description_finds_none_where_its_owner_made_none(
    world: World, accept: str | None
) -> None:
    await world.document("/alice/a")

    assert (await world.alice.get("/alice/a.meta", accept)).status == 404


async def test_in_the_description_of_an_owner_is_nothing_of_the_servers(world: World) -> None:
    await world.document("/alice/a")
    assert (await world.alice.put("/alice/a.meta", JSON_LD, "{}", if_none_match="*")).status == 201
    await world.alice.put("/alice/a.meta", TURTLE, "<> a <#Own>.")

    for accept in (None, "*/*", TURTLE, JSON_LD):
        (quad,) = (await world.alice.get("/alice/a.meta", accept)).graph()
        assert quad.object.endswith("#Own")
    services = (await world.alice.get("/alice/a.meta", PROFILE)).json()["subscription"]
    assert HERE + SERVICE in {one["id"] for one in services}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.spec(
    "subscription-server-subscription-request-methods",
    "subscription-server-subscription-request-accept",
    "notify-channelType",
    "notify-feature",
    "notify-subscription-id",
)
async def test_a_service_says_what_it_does(world: World, channel: str) -> None:
    service = f"/.notifications/{channel}/"

    answer = await world.anyone.get(service, JSON_LD)

    assert answer.media_type == JSON_LD
    assert answer.json()["id"] == HERE + service
    assert answer.json()["channelType"] == PLURAL + channel
    features = {f"{PLURAL}{one}" for one in ("accept", "endAt", "rate", "startAt", "state")} | {"urn:rhizome:below"}
    assert set(answer.json()["feature"]) == features
    turtle = (await world.anyone.get(service, TURTLE)).graph()
    assert {one.object for one in turtle if one.subject == HERE + service} == features | {PLURAL + channel}
    assert (await world.anyone.head(service)).status == 200
    assert "POST" in (await world.anyone.options(service)).listed("allow")
    assert (await world.anyone.put(service, TURTLE, "")).status == 405


@pytest.mark.spec(
    "subscription-server-subscription-response",
    "server-notifications-protocol-subscription-server",
    "notify-channel-id",
    "notify-receiveFrom",
    "ws-response",
    "ws-conform",
    "notify-endAt",
)
async def test_a_channel_is_described_as_it_was_granted(world: World) -> None:
    wish = subscription(
        "WebSocketChannel2023", f"{HERE}/alice/a", state='"x"', rate="PT10S", endAt="2999-01-01T00:00:00Z"
    )

    answer = await world.alice.post(SERVICE, JSON_LD, wish)

    assert answer.status == 200
    found = answer.json()
    assert found["@context"] == [CONTEXT]
    assert found["type"] == f"{PLURAL}WebSocketChannel2023"
    assert found["receiveFrom"].startswith("wss://pod.example/.notifications/receive/")
    assert (found["topic"], found["state"], found["rate"]) == (f"{HERE}/alice/a", '"x"', "PT10S")
    assert found["endAt"] < "2999"


@pytest.mark.parametrize(
    "content",
    [
        {"@context": ["https://www.w3.org/ns/solid/notification/v1"], "type": "WebSocketChannel2023"},
        {"@context": CONTEXT, "type": "WebSocketChannel2023", "id": ""},
        {"@context": CONTEXT, "type": "notify:WebSocketChannel2023"},
        {"@context": CONTEXT, "type": "http://www.w3.org/ns/solid/notification#WebSocketChannel2023"},
        {"@context": [CONTEXT, {"x": "urn:x:"}], "type": f"{PLURAL}WebSocketChannel2023", "x:unknown": "left aside"},
    ],
)
@pytest.mark.spec("json-ld-format", "notify-channel-type", "ws-required-only", "ws-type-iri")
async def test_a_request_can_be_spelt_as_clients_do(world: World, content: dict[str, object]) -> None:
    wish = json.dumps({**content, "topic": f"{HERE}/alice/a", "rate": "PT10s"})

    answer = await world.alice.post(SERVICE, JSON_LD, wish)

    assert answer.status == 200, answer.text
    assert answer.json()["rate"] == "PT10S"


async def test_a_request_can_be_turtle(world: World) -> None:
    wish = f"[] a <{PLURAL}WebSocketChannel2023>; <{PLURAL}topic> <{HERE}/alice/a>."

    answer = await world.alice.post(SERVICE, TURTLE, wish, accept=TURTLE)

    assert answer.status == 200
    assert answer.media_type == TURTLE


@pytest.mark.parametrize(
    "profile", ["https://www.w3.org/ns/solid/notifications-context/v1", "https://www.w3.org/ns/solid/notification/v1"]
)
@pytest.mark.spec("subscription-server-subscription-request-content-type")
async def test_the_profiles_of_the_protocol_are_accepted(world: World, profile: str) -> None:
    assert (await world.alice.post(SERVICE, f'{JSON_LD};profile="{profile}"', WISH)).status == 200


@pytest.mark.parametrize("media_type", [f'{JSON_LD};profile="https://other.example/"', "text/plain"])
@pytest.mark.spec("subscription-server-subscription-request-profile-unrecognised")
async def test_other_profiles_and_types_are_not(world: World, media_type: str) -> None:
    assert (await world.alice.post(SERVICE, media_type, WISH)).status == 415


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        subscription("WebhookChannel2023", f"{HERE}/alice/a"),
        subscription("WebSocketChannel2023", "https://other.example/a"),
        subscription("WebSocketChannel2023", f"{HERE}/.notifications/"),
        subscription("WebSocketChannel2023", f"{HERE}/alice//a"),
        WISH.replace(CONTEXT, "https://other.example/context"),
        subscription("WebSocketChannel2023", f"{HERE}/alice/a", rate="soon"),
        subscription("WebSocketChannel2023", f"{HERE}/alice/a", rate="P1Y"),
        subscription("WebSocketChannel2023", f"{HERE}/alice/a", startAt="tomorrow"),
        subscription("WebSocketChannel2023", f"{HERE}/alice/a", endAt="2001-01-01T00:00:00Z"),
        subscription("WebSocketChannel2023", f"{HERE}/alice/a", accept="image/png"),
        subscription("WebSocketChannel2023", f"{HERE}/alice/a", state=["1", "2"]),
        subscription("WebSocketChannel2023", f"{HERE}/alice/a", **{"urn:rhizome:below": True}),
        json.dumps({"@context": CONTEXT, "type": "WebSocketChannel2023"}),
        json.dumps(
            {"@context": CONTEXT, "type": "WebSocketChannel2023", "topic": [f"{BASE}alice/a", f"{BASE}alice/b"]}
        ),
        json.dumps({"@context": CONTEXT, "topic": f"{BASE}alice/a"}),
    ],
)
@pytest.mark.spec("subscription-server-subscription-request-unprocessable-entity", "notify-topic")
async def test_a_wish_that_cannot_be_granted_is_refused(world: World, content: str) -> None:
    answer = await world.alice.post(SERVICE, JSON_LD, content)

    assert answer.status == 422, answer.text


async def test_what_is_not_there_is_not_found(world: World) -> None:
    for path in ("", "Other2023/", "WebSocketChannel2023/none", "receive/none.none", "receive/", "streams"):
        assert (await world.alice.get(f"/.notifications/{path}")).status == 404, path
    async with Socket(world.server, f"{BASE}.notifications/receive/none.none") as socket:
        assert socket.status == 404
    async with Socket(world.server, f"{BASE}alice/") as socket:
        assert socket.status == 404


async def test_the_address_of_one_kind_of_channel_is_of_no_other(world: World) -> None:
    address = (await world.alice.post(SERVICE, JSON_LD, WISH)).json()["receiveFrom"]
    assert (await world.anyone.get(address.replace("wss:", "https:"))).status == 400
    service = "/.notifications/EventSourceChannel2023/"
    wish = subscription("EventSourceChannel2023", f"{HERE}/alice/a")
    address = (await world.alice.post(service, JSON_LD, wish)).json()["receiveFrom"]
    async with Socket(world.server, address) as socket:
        assert socket.status == 400


async def test_who_lost_the_right_cannot_open_a_channel(world: World) -> None:
    await world.policy("/alice/", rule(world.bob, "read"))
    address = (await world.bob.post(SERVICE, JSON_LD, WISH)).json()["receiveFrom"]
    await world.policy("/alice/")
    async with Socket(world.server, address) as socket:
        assert socket.status == 403


async def test_a_stream_needs_no_subscription(world: World) -> None:
    url = f"{HERE}/.notifications/stream?topic={HERE}/alice/&below=true"
    credentials = world.alice._credentials("GET", f"{HERE}/.notifications/stream")
    async with Stream(world.server, url, [*credentials, ("accept", "text/event-stream")]) as stream:
        assert stream.status == 200
        assert stream.header("content-type") == "text/event-stream"
        await world.settle()
        await world.document("/alice/a")
        await world.settle()

        (one, _), (other, _) = stream.events
    async with Stream(
        world.server,
        url,
        [
            *world.alice._credentials("GET", f"{HERE}/.notifications/stream"),
            ("accept", "text/event-stream"),
            ("last-event-id", one),
        ],
    ) as stream:
        await world.settle()
        assert [cursor for cursor, _ in stream.events] == [other]


async def test_a_stream_is_for_who_may_read(world: World) -> None:
    path = f"{HERE}/.notifications/stream?topic={HERE}/alice/a"
    await world.document("/alice/a")

    assert (await world.anyone.get(path)).status == 401
    assert (await world.anyone.head(path)).status == 405


async def test_a_ticket_stands_for_credentials_that_cannot_be_sent(world: World) -> None:
    answer = await world.alice.post("/.notifications/tickets", "text/plain", "")
    assert answer.json()["seconds"] == 60
    url = f"{HERE}/.notifications/stream?topic={HERE}/alice/a&ticket={answer.json()['ticket']}"
    async with Stream(world.server, url) as stream:
        assert stream.status == 200
        await world.settle()
        await world.document("/alice/a")
        await world.settle()

        assert json.loads(stream.text.strip())["type"] == "Create"


@pytest.mark.parametrize("ticket", ["x", "AAAA", "%21%21", "a" * 100])
async def test_what_is_no_ticket_opens_nothing(world: World, ticket: str) -> None:
    assert (await world.anyone.get(f"{HERE}/.notifications/stream?topic={HERE}/alice/a&ticket={ticket}")).status == 401


async def test_a_browser_app_of_another_origin_can_read_a_stream(world: World) -> None:
    ticket = (await world.alice.post("/.notifications/tickets", "text/plain", "")).json()["ticket"]
    url = f"{HERE}/.notifications/stream?topic={HERE}/alice/a&ticket={ticket}"
    async with Stream(world.server, url, [("origin", "https://app.example")]) as stream:
        assert stream.header("access-control-allow-origin") == "https://app.example"


async def test_the_gateway_of_older_clients_leads_to_a_socket(world: World) -> None:
    (gateway,) = [
        one.object
        for one in (await world.anyone.get("/alice/.well-known/solid", TURTLE)).graph()
        if one.predicate.endswith("#notificationGateway")
    ]
    answer = await world.alice.post(gateway, "application/json", json.dumps({"protocols": ["ws"], "features": []}))
    topic = json.dumps({"topic": f"{HERE}/alice/a"})
    opened = (await world.alice.post(answer.json()["endpoint"], "application/json", topic)).json()

    async with Socket(world.server, opened["endpoint"], offers=(opened["subprotocol"],)) as socket:
        await world.settle()
        await world.document("/alice/a")
        await world.settle()

        assert [one["type"] for one in socket.heard] == ["Create"]
        assert socket.sent[0]["subprotocol"] == opened["subprotocol"]


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("gateway", "no JSON", 400),
        ("gateway", "[]", 400),
        ("gateway", '{"protocols": ["other"]}', 422),
        ("gateway/ws", "{}", 422),
        ("gateway/other", '{"topic": "https://pod.example/alice/a"}', 422),
    ],
)
async def test_the_gateway_refuses_what_it_has_not(world: World, path: str, content: str, status: int) -> None:
    assert (await world.alice.post(f"/.notifications/{path}", "application/json", content)).status == status
