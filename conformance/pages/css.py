"""The account API of Community Solid Server 7."""

from typing import Any

from conformance.case import CannotTell
from conformance.client import Client
from conformance.exchange import Answer
from conformance.pages.browser import Browser, Left, told, unrecorded
from conformance.people import Person

STEPS = 6
"""Prompts between the app's request and the answer."""


class Pages:
    """The pages, and one person."""

    def __init__(self, client: Client, home: str, person: Person) -> None:
        self._client = client
        self._home = home
        self._person = person

    @staticmethod
    def fits(answer: Answer) -> bool:
        """Whether that is what it answers at `/.account/`."""
        found = answer.json() if answer.media_type == "application/json" else None
        return isinstance(found, dict) and "controls" in found

    async def agree(self, url: str, redirect_uri: str) -> str:
        """Open an authorization request, sign in and agree: where the browser is sent."""
        with unrecorded():
            browser = Browser(self._client, redirect_uri)
            try:
                answer = await browser.get(url)
                if answer.status != 200:
                    raise CannotTell(f"{url} was answered with {answer.status}: {answer.text:.200}")
                for _ in range(STEPS):
                    await self._step(browser)
            except Left as left:
                return left.url
        raise CannotTell(f"{url} does not lead back to the app.")

    async def _step(self, browser: Browser) -> None:
        page = await browser.get(self._home)
        prompt = await browser.post(told(page, "controls", "oidc", "prompt"), {})
        match told(prompt, "prompt"):
            case "account":
                await self._send(browser, told(page, "controls", "password", "login"), self._password)
            case "login":
                picked = {"webId": self._person.webid, "remember": True}
                await self._send(browser, told(page, "controls", "oidc", "webId"), picked)
            case "consent":
                await self._send(browser, told(page, "controls", "oidc", "consent"), {"remember": True})
            case other:
                raise CannotTell(f"The pages ask for {other}, which is not known here.")

    @property
    def _password(self) -> dict[str, str]:
        return {"email": self._person.given.email, "password": self._person.given.password}

    @staticmethod
    async def _send(browser: Browser, url: str, value: dict[str, Any]) -> None:
        """Send a form, and go where its answer leads."""
        await browser.get(str(told(await browser.post(url, value), "location")))
