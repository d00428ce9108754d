"""Devices: what a browser is called, and on which ones an owner has signed in before."""

import re
import secrets
from collections.abc import Sequence

from pod.idp.accounts import Now
from pod.idp.sessions import DAY, token_key
from pod.storage.ports import Records

FAMILY = "device"
"""Keys are `ACCOUNT/HASH`."""
LIFE = 180 * DAY
"""How long a device is known that is not used, in microseconds."""

# In this order: many browsers also call themselves by the names of others.
_BROWSERS: Sequence[tuple[str, str]] = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Vivaldi", r"Vivaldi/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Version/[\d.]+ .*Safari/"),
    ("curl", r"^curl/"),
    ("A script", r"^(?:python|node|axios|Go-http|okhttp|Java|Wget)"),
)
_SYSTEMS: Sequence[tuple[str, str]] = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)
_LONGEST = 512
"""Characters of a User-Agent that are looked at."""


def label(user_agent: str | None) -> str:
    """What a person would call the device.

    >>> label("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'Firefox on Linux'
    """
    text = (user_agent or "")[:_LONGEST]
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, text)), "")
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, text)), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else "An unknown device")


class Devices:
    """Knows the browsers in which an account's owner has signed in: strangers' guessing never stops them there."""

    def __init__(self, records: Records, now: Now) -> None:
        self._records = records
        self._now = now

    async def remember(self, account: str, token: str | None = None) -> str:
        """The token by which the device is known from here on: the given one if it is known, else a new one."""
        if token is None or not await self.knows(account, token):
            token = secrets.token_urlsafe(32)
        await self._records.put(FAMILY, f"{account}/{token_key(token)}", b"1", self._now() + LIFE)
        return token

    async def knows(self, account: str, token: str | None) -> bool:
        """Whether the account's owner has signed in on the device that has the token."""
        return token is not None and await self._records.get(FAMILY, f"{account}/{token_key(token)}") is not None

    async def forget_all(self, account: str) -> None:
        """Know no device of the account any longer."""
        for key, value in await self._records.below(FAMILY, f"{account}/"):
            await self._records.replace(FAMILY, key, value, None)
