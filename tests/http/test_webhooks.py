"""Webhooks, inboxes and push services: who may ask for them, and how what is sent proves where it comes from."""

import base64
import hashlib
import json
import re
import time

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from pod.errors import NotFound, Unreachable
from pod.model.resource import Uri
from pod.notify import webpush
from pod.notify.signing import Signer
from pod.notify.subscriptions import Wish
from pod.notify.webhook import require_taken
from tests.listening import PLURAL, subscription
from tests.tokens import encode
from tests.world import BASE, JSON_LD, World

HERE = BASE[:-1]
HOOK = "https://hook.example/here?x=1"
KINDS = ("WebhookChannel2023", "LDNChannel2023")
PUSH = "https://purl.org/solid-web-push/vocab#"
SERVICE = "/.notifications/WebPushChannel2023/"


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
    "ldnch-type-iri",
    "ldnch-topic",
    "ldnch-server-response",
    "wh-conform",
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


@pytest.mark.spec("wh-sender-auth", "ldnch-sender-identify", "ldnch-sender-message")
async def test_what_is_sent_is_signed_with_the_key_of_the_sender(world: World) -> None:
    answer = await world.anyone.get("/.notifications/sender")
    assert answer.media_type == "application/jwk-set+json"
    signer: Signer = await world.parts.notifications.live._sending.signer()

    headers = dict(signer.headers("POST", HOOK, JSON_LD, b"content", 1_700_000_000))

    verify(headers, "POST", HOOK, b"content", json.loads(answer.body))
    assert ";created=1700000000;" in headers["signature-input"]


def browser() -> tuple[ec.EllipticCurvePrivateKey, dict[str, str]]:
    """A browser's private key, and the keys that it gives an app."""
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return private, {f"{PUSH}auth": encode(b"s" * 16), f"{PUSH}p256dh": encode(point)}


@pytest.mark.spec("wp-sendTo", "wp-keys", "wp-response")
async def test_a_browser_asks_for_pushes_with_its_keys(world: World) -> None:
    _, keys = browser()
    wish = subscription("WebPushChannel2023", f"{HERE}/alice/a", sendTo=HOOK, **{f"{PUSH}keys": keys})

    answer = await world.alice.post(SERVICE, JSON_LD, wish)

    assert answer.status == 201, answer.text
    assert answer.location == answer.json()["id"]
    for wrong in ({}, {**keys, f"{PUSH}auth": "x"}, {**keys, f"{PUSH}p256dh": encode(b"\4" + b"x" * 64)}):
        wish = subscription("WebPushChannel2023", f"{HERE}/alice/a", sendTo=HOOK, **{f"{PUSH}keys": wrong})
        assert (await world.alice.post(SERVICE, JSON_LD, wish)).status == 422


@pytest.mark.spec("wp-vapid", "wp-conform")
async def test_the_service_for_pushes_has_the_key_for_browsers_to_subscribe_with(world: World) -> None:
    key = (await world.anyone.get(SERVICE, JSON_LD)).json()[f"{PUSH}vapidPublicKey"]

    assert key == (await world.anyone.get(SERVICE, JSON_LD)).json()[f"{PUSH}vapidPublicKey"]
    proof = (await world.parts.notifications.live._sending.vapid()).authorization(HOOK, BASE, int(time.time()))
    token = proof.removeprefix("vapid t=").partition(",")[0]
    assert proof.endswith(f", k={key}")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.urlsafe_b64decode(key + "="))
    claims = jwt.decode(
        token, ECKey.import_key(point.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    ).claims
    assert claims["aud"] == "https://hook.example"
    assert claims["sub"] == BASE


async def test_only_the_browser_can_read_what_is_pushed() -> None:
    private, keys = browser()
    wish = Wish("WebPushChannel2023", Uri(HERE), auth=keys[f"{PUSH}auth"], p256dh=keys[f"{PUSH}p256dh"])

    content = webpush.encrypted(wish, b"content")

    assert b"content" not in content
    assert http_ece.decrypt(content, private_key=private, auth_secret=b"s" * 16, version="aes128gcm") == b"content"


@pytest.mark.parametrize(
    ("status", "error"), [(404, Unreachable), (410, NotFound), (301, Unreachable), (503, Unreachable)]
)
def test_what_was_not_taken_is_told_apart(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        require_taken(HOOK, status)
    require_taken(HOOK, 202)
