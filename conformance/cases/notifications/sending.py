"""What the server sends by itself: to webhooks and inboxes, and to push services."""

import base64
import hashlib
import json
import re
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from joserfc.jwk import ECKey, OKPKey, RSAKey

from conformance.case import CannotTell, Failed, case
from conformance.cases.notifications._channels import (
    INBOX,
    PUSH,
    SENT,
    WEBHOOK,
    Message,
    feature,
    for_each,
    request,
    subscribed,
    values,
)
from conformance.exchange import JSON_LD, TURTLE
from conformance.expect import require, succeeded
from conformance.proofs import decoded, encoded
from conformance.served import Got
from conformance.world import World

ANOTHER = "<#it> <https://voc.example/is> 2 ."
KEYS = "https://purl.org/solid-web-push/vocab#"


async def sent(w: World, channel: str) -> tuple[Message, Got]:
    """A channel, and the request by which the server tells a change to it."""
    topic = await w.document()
    place = w.served.answer(lambda _: (200, {}, b""))
    granted = await subscribed(w, w.alice, channel, topic, sendTo=place.url)
    succeeded(await w.alice.put(topic, TURTLE, ANOTHER))
    got = await place.wait(lambda one: one.method == "POST", seconds=10 * w.patience)
    await w.alice.delete(values(granted, "id")[0])
    return granted, got


@for_each("json-ld-format", channels=SENT)
async def a_message_is_posted_as_json_ld(w: World, channel: str) -> None:
    _, got = await sent(w, channel)
    require(got.header("content-type").startswith(JSON_LD), f"a message is sent as {JSON_LD}")
    require(isinstance(json.loads(got.content), dict), "a message is an object")


@for_each("wh-sender-auth", channels=(WEBHOOK,))
async def a_message_comes_from_the_sender_that_was_named(w: World, channel: str) -> None:
    """By a signature (RFC 9421) whose key the sender leads to, or by a token of which the sender is the WebID."""
    granted, got = await sent(w, channel)
    sender = values(granted, "sender")[0]
    if got.header("signature"):
        await _require_signed(w, got, sender)
    else:
        require(_claims(got).get("webid") == sender, f"the message proves that it comes from {sender}")


@for_each("ldnch-sender-identify", channels=(INBOX,))
async def a_message_to_an_inbox_can_be_told_to_be_the_senders(w: World, channel: str) -> None:
    granted, got = await sent(w, channel)
    proved = got.header("signature") or got.header("authorization")
    require(proved, f"the message can be told to come from {values(granted, 'sender')[0]}")


def _claims(got: Got) -> dict[str, Any]:
    """What the token of a request says; Failed when it has none."""
    parts = got.header("authorization").partition(" ")[2].split(".")
    if len(parts) != 3:
        raise Failed("A message to a webhook should have a signature, or a token, of its sender.")
    found: dict[str, Any] = json.loads(decoded(parts[1]))
    return found


async def _require_signed(w: World, got: Got, sender: str) -> None:
    label, parts, parameters = _input(got.header("signature-input"))
    names = re.findall(r'"([^"]*)"', parts)
    named = dict(re.findall(r';([a-z]+)="?([^";]*)"?', parameters))
    require("@method" in names, "the signature covers the method")
    require({"@target-uri", "@path", "@authority", "@request-target"} & set(names), "the signature covers the URL")
    require("content-digest" in names, "the signature covers the content, by its digest")
    digest = base64.b64encode(hashlib.sha256(got.content).digest()).decode()
    wide = base64.b64encode(hashlib.sha512(got.content).digest()).decode()
    told = got.header("content-digest")
    require(f"sha-256=:{digest}:" in told or f"sha-512=:{wide}:" in told, "Content-Digest is that of the content")
    base = "\n".join(
        [*(f'"{name}": {_component(got, name)}' for name in names), f'"@signature-params": {parts}{parameters}']
    )
    signature = re.search(rf"{re.escape(label)}=:([^:]*):", got.header("signature"))
    require(signature, f"the header Signature has {label}")
    assert signature is not None
    key = await _key(w, named.get("keyid", ""), sender)
    if not _fits(key, base64.b64decode(signature[1]), base.encode()):
        raise Failed("The signature of a message should be that of the key which the sender names.")


def _input(header: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"\s*([a-z*][a-z0-9_.*-]*)=(\([^)]*\))(.*)", header)
    if found is None:
        raise Failed(f"Signature-Input should be as RFC 9421 says, not {header!r}.")
    return found[1], found[2], found[3]


def _component(got: Got, name: str) -> str:
    """What a signature covers (RFC 9421, 2)."""
    after_host = "/" + got.url.split("/", 3)[3]
    derived = {
        "@method": got.method,
        "@target-uri": got.url,
        "@path": after_host.partition("?")[0],
        "@authority": got.url.split("/")[2],
        "@scheme": got.url.partition(":")[0],
        "@request-target": after_host,
        "@query": "?" + after_host.partition("?")[2],
    }
    return derived[name] if name.startswith("@") else got.header(name).strip()


async def _key(w: World, name: str, sender: str) -> ECKey | OKPKey | RSAKey:
    """The public key of that name, which is at the URL of the name, of the sender, or of the keys of the server."""
    tried = [one for one in (name, sender) if one.startswith("http")]
    if str(w.target.configuration.get("jwks_uri", "")):
        tried.append(str(w.target.configuration["jwks_uri"]))
    for url in tried:
        answer = await w.anyone.get(url.partition("#")[0], "application/json, application/ld+json;q=0.9, */*;q=0.1")
        for one in _jwks(answer.json() if "json" in answer.media_type else {}):
            if one.get("kid") in {name, name.rpartition("#")[2], None} or len(tried) == 1:
                return _imported(one)
    raise Failed(f"The key {name} should be found at its own URL, at {sender}, or among the keys of the server.")


def _imported(one: dict[str, Any]) -> ECKey | OKPKey | RSAKey:
    if one["kty"] == "EC":
        return ECKey.import_key(one)
    return OKPKey.import_key(one) if one["kty"] == "OKP" else RSAKey.import_key(one)


def _jwks(found: Any) -> list[dict[str, Any]]:
    """Every JWK in a document of whatever shape."""
    if isinstance(found, dict):
        own = [found] if "kty" in found else []
        return own + [one for value in found.values() for one in _jwks(value)]
    return [one for value in found for one in _jwks(value)] if isinstance(found, list) else []


def _fits(key: ECKey | OKPKey | RSAKey, signature: bytes, base: bytes) -> bool:
    public = key.public_key
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, base)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            pair = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
            public.verify(encode_dss_signature(*pair), base, ec.ECDSA(SHA256()))
        elif isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, base, padding.PSS(padding.MGF1(SHA512()), 64), SHA512())
        else:
            raise CannotTell("The signature of a message has an algorithm that is not known here.")
    except InvalidSignature:
        return False
    return True


@case("wp-response", "wp-conform", needs=(f"channel:{PUSH}", "reach"))
async def a_push_service_is_sent_what_only_the_browser_can_read(w: World) -> None:
    """RFC 8030, 8188 and 8292: TTL, aes128gcm, and an Authorization by which the server is known."""
    topic = await w.document()
    place = w.served.answer(lambda _: (201, {}, b""))
    answer = await w.alice.post(w.target.service(PUSH), JSON_LD, _pushed(topic, place.url), accept=JSON_LD)
    require(answer.status in {200, 201}, f"a channel of web push is granted (not {answer.status})")
    succeeded(await w.alice.put(topic, TURTLE, ANOTHER))
    got = await place.wait(lambda one: one.method == "POST", seconds=10 * w.patience)
    await w.alice.delete(values(answer.json(), "id")[0])
    require(got.header("ttl").isdigit(), "a push message has a TTL")
    require(got.header("content-encoding") == "aes128gcm", "the content is encrypted as aes128gcm")
    require(got.header("authorization").startswith("vapid "), "the server proves by VAPID who it is")
    require(topic.encode() not in got.content, "the push service cannot read the message")


@case("wp-features", needs=(f"channel:{PUSH}", "reach"))
async def a_channel_of_web_push_has_the_features_that_were_asked_for(w: World) -> None:
    feature(w, PUSH, "endAt")
    place = w.served.answer(lambda _: (201, {}, b""))
    asked = _pushed(await w.document(), place.url, endAt="2099-01-01T00:00:00Z")
    answer = await w.alice.post(w.target.service(PUSH), JSON_LD, asked, accept=JSON_LD)
    require(answer.status in {200, 201}, f"a channel of web push is granted (not {answer.status})")
    found = answer.json()
    await w.alice.delete(values(found, "id")[0])
    require(values(found, "endAt"), "a channel says when it ends, when an end was asked for")


def _pushed(topic: str, where: str, **more: object) -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    point = b"\x04" + key.x.to_bytes(32) + key.y.to_bytes(32)
    keys: dict[str, object] = {f"{KEYS}auth": encoded(b"0123456789abcdef"), f"{KEYS}p256dh": encoded(point)}
    features: dict[str, Any] = {f"{KEYS}keys": keys, **more}
    return request(PUSH, topic, sendTo=where, **features)


@case("wp-authz-each", needs=(f"channel:{PUSH}", "reach"))
async def a_push_service_is_sent_nothing_of_what_may_not_be_read_any_more(w: World) -> None:
    topic = await w.document()
    await w.share(topic, (w.bob, "read"))
    place = w.served.answer(lambda _: (201, {}, b""))
    answer = await w.bob.post(w.target.service(PUSH), JSON_LD, _pushed(topic, place.url), accept=JSON_LD)
    require(answer.status in {200, 201}, f"a channel of web push is granted (not {answer.status})")
    await w.share(topic)
    succeeded(await w.alice.put(topic, TURTLE, ANOTHER))
    try:
        await place.wait(lambda one: one.method == "POST", seconds=w.patience)
    except Failed:
        return
    raise Failed("Nothing should have been sent to who may not read the topic any more.")


@case("wh-conform", level="MAY", needs=(f"channel:{WEBHOOK}", "reach"))
async def a_webhook_that_fails_at_first_is_told_again(w: World) -> None:
    """No draft asks for it; a receiver that restarts would miss a change for ever."""
    topic = await w.document()
    answers = iter((503, 503))
    place = w.served.answer(lambda _: (next(answers, 200), {}, b""))
    granted = await subscribed(w, w.alice, WEBHOOK, topic, sendTo=place.url)
    succeeded(await w.alice.put(topic, TURTLE, ANOTHER))
    await place.wait(lambda _: len(place.got) > 1, seconds=15 * w.patience)
    await w.alice.delete(values(granted, "id")[0])
