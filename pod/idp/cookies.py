"""Cookies of the pages: their names, what is read of them, and how they are set."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

SESSION = "rhizome"
"""The token of a session."""
BROWSER = "rhizome-browser"
"""A secret of each browser that was shown a form or sent here by an app, signed in or not.

Forms before signing in and interactions are bound to it.
"""
DEVICE = "rhizome-device"
"""The token by which an account's owner is known in this browser."""
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies of the pages at one origin."""

    secure: bool

    @classmethod
    def of(cls, account_url: str) -> "Cookies":
        """Those for the pages at the URL; over http, which only development uses, browsers take no other ones."""
        return cls(urlsplit(account_url).scheme == "https")

    def name(self, what: str) -> str:
        """What the cookie is called; the prefix makes sure that no other host has set it."""
        return f"__Host-{what}" if self.secure else what

    def read(self, header: str | None, what: str) -> str | None:
        """The value in a Cookie header; None when it is missing, empty, or there twice."""
        name = self.name(what)
        pairs = [one.strip().partition("=") for one in (header or "").split(";")]
        found = {value for key, _, value in pairs if key == name and value}
        return found.pop() if len(found) == 1 else None

    def set(self, what: str, value: str, seconds: int = YEAR) -> str:
        """The Set-Cookie header; without a value the cookie is removed."""
        age = seconds if value else 0
        secure = "; Secure" if self.secure else ""
        return f"{self.name(what)}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def form_token(secret: str) -> str:
    """What each form that is shown to the holder of the cookie must send; it does not tell the cookie."""
    return hashlib.sha256(f"csrf {secret}".encode()).hexdigest()
