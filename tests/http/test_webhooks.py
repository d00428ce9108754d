"""Webhooks and inboxes: who may ask for them, and how what is sent proves where it comes from."""

import base64
import hashlib
import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pod.notify.signing import Signer
from tests.listening import PLURAL, subscription
from tests.world import BASE, JSON_LD, World

HERE = BASE[:-1]
HOOK = "https://hook.example/here?x=1"
KINDS = ("WebhookChannel2023", "LDNChannel2023")


@pytest.fixture
def storage() -> str:
    return "memory"


@pytest.fixture(params=KINDS)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.spec(
    "wh-required-only",
    "wh-response-id",
    "wh-response-type",
    "wh-response-topic",
    "wh-response-sender",
    "ldnch-response-sender",
    "ldnch-channelType",
    "ldnch-server-receiver",
)
async def test_a_channel_says_who_sends(world: World, channel: str) -> None:
    wish = subscription(channel, f"{HERE}/alice/a", sendTo=HOOK)

    answer = await world.alice.post(f"/.notifications/{channel}/", JSON_LD, wish)

    assert answer.status == (201 if channel == "LDNChannel2023" else 200)
    found = answer.json()
    assert found["type"] == PLURAL + channel
    assert (found["topic"], found["sendTo"]) == (f"{HERE}/alice/a", HOOK)
    assert found["sender"] == f"{HERE}/.notifications/sender"
    assert "receiveFrom" not in found
    assert (await world.alice.get(found["id"])).json() == found


@pytest.mark.parametrize(
    "send_to",
    [None, "http://hook.example/", "mailto:a@b.example", "https://user@hook.example/", "https:///", "https://[/"],
)
@pytest.mark.spec("wh-sendTo-https", "wh-sendTo", "ldnch-sendTo")
async def test_only_an_https_url_is_sent_to(world: World, channel: str, send_to: str | None) -> None:
    features = {} if send_to is None else {"sendTo": send_to}
    wish = subscription(channel, f"{HERE}/alice/a", **features)

    assert (await world.alice.post(f"/.notifications/{channel}/", JSON_LD, wish)).status == 422


@pytest.mark.spec("wh-client-auth")
async def test_nobody_unknown_has_something_sent(world: World, channel: str) -> None:
    await world.document("/alice/a")
    wish = subscription(channel, f"{HERE}/alice/a", sendTo=HOOK)

    assert (await world.anyone.post(f"/.notifications/{channel}/", JSON_LD, wish)).status == 401
    assert (await world.bob.post(f"/.notifications/{channel}/", JSON_LD, wish)).status == 403


async def test_what_is_received_is_not_sent(world: World) -> None:
    wish = subscription("WebSocketChannel2023", f"{HERE}/alice/a", sendTo=HOOK)

    assert (await world.alice.post("/.notifications/WebSocketChannel2023/", JSON_LD, wish)).status == 422


def verify(
    headers: dict[str, str], method: str, url: str, content: bytes, jwks: dict[str, list[dict[str, str]]]
) -> None:
    """What a receiver does (RFC 9421, 3.2)."""
    assert headers["content-digest"] == f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
    parameters = headers["signature-input"].removeprefix("sig1=")
    covered = re.findall(r'"([^"]*)"', parameters[: parameters.index(")")])
    values = {"@method": method, "@target-uri": url, **headers}
    base = "".join(f'"{name}": {values[name]}\n' for name in covered) + f'"@signature-params": {parameters}'
    (key,) = jwks["keys"]
    assert f'keyid="{key["kid"]}"' in parameters
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    public.verify(base64.b64decode(headers["signature"].removeprefix("sig1=:").removesuffix(":")), base.encode())
    assert set(covered) == {"@method", "@target-uri", "content-type", "content-digest"}


@pytest.mark.spec("wh-sender-auth", "ldnch-sender-identify")
async def test_what_is_sent_is_signed_with_the_key_of_the_sender(world: World) -> None:
    answer = await world.anyone.get("/.notifications/sender")
    assert answer.media_type == "application/jwk-set+json"
    signer: Signer = await world.parts.notifications.live._signer()

    headers = dict(signer.headers("POST", HOOK, JSON_LD, b"content", 1_700_000_000))

    verify(headers, "POST", HOOK, b"content", json.loads(answer.body))
    assert ";created=1700000000;" in headers["signature-input"]
