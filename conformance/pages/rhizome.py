"""The pages of Rhizome, each of which is an interface for programs as well."""

from typing import Any

from conformance.case import CannotTell
from conformance.client import Client
from conformance.exchange import Answer
from conformance.pages.browser import Browser, Left, absolute, told, unrecorded
from conformance.people import Person

STEPS = 6
"""Pages between the app's request and the answer."""


class Pages:
    """The pages, and one person."""

    def __init__(self, client: Client, home: str, person: Person) -> None:
        self._client = client
        self._home = home
        self._person = person
        self._token = ""

    @staticmethod
    def fits(answer: Answer) -> bool:
        """Whether that is the page at `/.account/`, or what leads to where one signs in."""
        found = answer.json() if answer.media_type == "application/json" else None
        return isinstance(found, dict) and (
            {"page", "facts", "links"} <= found.keys() or {"done", "next"} <= found.keys()
        )

    async def agree(self, url: str, redirect_uri: str) -> str:
        """Open an authorization request, sign in and agree: where the browser is sent."""
        with unrecorded():
            token = await self._signed_in()
            browser = Browser(self._client, redirect_uri, headers=[("authorization", f"Bearer {token}")])
            try:
                answer = await browser.get(url)
                for _ in range(STEPS):
                    answer = await self._step(browser, answer)
            except Left as left:
                return left.url
        raise CannotTell(f"{answer.url} does not lead back to the app: {answer.status} {answer.text:.200}")

    async def _signed_in(self) -> str:
        if not self._token:
            given = {"email": self._person.given.email, "password": self._person.given.password}
            answer = await Browser(self._client).post(f"{self._home}sign-in", given)
            self._token = str(told(answer, "token"))
        return self._token

    async def _step(self, browser: Browser, answer: Answer) -> Answer:
        found = told(answer)
        if isinstance(found, dict) and "next" in found:
            url = absolute(answer, str(found["next"]))
            browser.leave(url)
            return await browser.get(url)
        for form in found.get("forms", []) if isinstance(found, dict) else []:
            if form.get("name") == "allow":
                return await browser.post(absolute(answer, form["action"]), self._filled(form))
        raise CannotTell(f"{answer.url} was answered with {answer.status}, and asks nothing: {answer.text:.200}")

    def _filled(self, form: dict[str, Any]) -> dict[str, Any]:
        """Everything, in the name of the person's WebID."""
        values: dict[str, Any] = {"form": form["name"]}
        for one in form["fields"]:
            if one.get("value") is not None and one["type"] == "hidden":
                values[one["name"]] = one["value"]
        return {**values, "webid": self._person.webid, "scope": "everything"}
