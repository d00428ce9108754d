"""Devices: what they are called, and which ones are known."""

import pytest

from pod.idp import devices
from tests.unit.idp.house import DAY, House

ALICE, BOB = "account-of-alice", "account-of-bob"
MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{MOZILLA} (Windows NT 10.0) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        (f"{MOZILLA} (X11; Linux x86_64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/110.0", "Opera on Linux"),
        (f"{MOZILLA} (X11; CrOS x86_64 1.0) {WEBKIT} Chrome/140.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.0 Safari/605.1.15", "Safari on macOS"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Version/18.0 Mobile/15E148 Safari/604.1",
         "Safari on iPhone"),
        (f"{MOZILLA} (iPad; CPU OS 18_0 like Mac OS X) {WEBKIT} CriOS/140.0 Mobile Safari/604.1", "Chrome on iPad"),
        (f"{MOZILLA} (Linux; Android 15; SM-S901B) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36",
         "Samsung Internet on Android"),
        (f"{MOZILLA} (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "A script"),
        (f"{MOZILLA} (X11; Linux x86_64) Something/1.0", "A browser on Linux"),
        ("<script>alert(1)</script>", "An unknown device"),
        ("", "An unknown device"),
        (None, "An unknown device"),
    ],
)  # fmt: skip
def test_a_device_is_called_what_a_person_would_call_it(agent: str | None, label: str) -> None:
    assert devices.label(agent) == label


def test_no_name_of_a_browser_takes_long() -> None:
    assert devices.label("Version/" + "1." * 100_000) == "An unknown device"


async def test_a_device_is_known_to_the_account_that_signed_in_there() -> None:
    house = House()
    token = await house.devices.remember(ALICE)

    assert await house.devices.knows(ALICE, token)
    assert not await house.devices.knows(BOB, token)
    assert not await house.devices.knows(ALICE, None)
    assert not await house.devices.knows(ALICE, "")


async def test_a_device_that_is_known_keeps_its_token() -> None:
    house = House()
    token = await house.devices.remember(ALICE)

    assert await house.devices.remember(ALICE, token) == token
    assert await house.devices.remember(BOB, token) != token


async def test_nobody_chooses_the_token_of_a_device() -> None:
    house = House()

    assert await house.devices.remember(ALICE, "chosen") != "chosen"
    assert not await house.devices.knows(ALICE, "chosen")


async def test_a_device_is_forgotten_after_half_a_year_or_when_told() -> None:
    house = House()
    used, unused, bobs = [await house.devices.remember(one) for one in (ALICE, ALICE, BOB)]
    house.clock.now += 100 * DAY
    await house.devices.remember(ALICE, used)

    house.clock.now += 80 * DAY
    assert not await house.devices.knows(ALICE, unused)
    assert await house.devices.knows(ALICE, used)
    bobs = await house.devices.remember(BOB, bobs)
    await house.devices.forget_all(ALICE)

    assert not await house.devices.knows(ALICE, used)
    assert await house.devices.knows(BOB, bobs)
