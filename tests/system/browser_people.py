"""People at their browsers: what they do on the pages of the server, in words of the pages."""

import itertools
import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from tests.system.browser_app import App, AppSite
from tests.system.servers import Server

PASSWORD = "seven green umbrellas"
PLACES = itertools.count()


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, context: BrowserContext, server: Server, name: str, pages: str = "") -> None:
        """`pages` is the origin of the pages, if that is not the server's."""
        self.context = context
        self.server = server
        self.name = name
        self.pages = pages or server.url
        self.email = f"{name}@example.org"
        self.pod = f"{server.url}{name}/"
        self.webid = f"{self.pod}profile/card#me"
        self.page: Page = context.new_page()
        self._token = ""

    def has_pod(self) -> None:
        """Give them an account with a password, and a pod, as a program of theirs would."""
        account = {"email": self.email, "password": PASSWORD, "way": "password"}
        self._token = self._post(".account/sign-up", account)["token"]
        self._post(".account/start", {"form": "pod", "pod_name": self.name})

    def _post(self, path: str, fields: Mapping[str, str]) -> Mapping[str, str]:
        # The server would let nobody make that many accounts from one place.
        headers = {"x-forwarded-for": f"10.0.{next(PLACES)}.1", "accept": "application/json"}
        headers["host"] = urlsplit(self.pages).netloc
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        made = self.server.request("POST", path, json.dumps(fields), "application/json", headers=headers)
        assert made.status_code == 200, made.text
        told: Mapping[str, str] = made.json()
        return told

    def is_back(self) -> None:
        """Signed in in this browser since yesterday."""
        cookie = {"name": "rhizome", "value": self._token, "url": self.pages, "httpOnly": True, "sameSite": "Lax"}
        self.context.add_cookies([cookie])  # type: ignore[list-item]  # a dictionary with the names it wants

    def open(self, path: str = "") -> None:
        """Go to a page."""
        self.page.goto(self.pages + path)

    def fill(self, label: str, text: str) -> None:
        """Fill a field in."""
        # Fields that may stay empty say so in their label.
        self.page.get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$")).fill(text)

    def press(self, name: str) -> None:
        """Press the button with this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def tick(self, label: str) -> None:
        """Choose this, or tick it."""
        self.page.get_by_label(label, exact=True).check()

    def follow(self, name: str) -> None:
        """Follow the link with this name."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def sees(self, heading: str) -> None:
        """Wait for the page with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def reads(self, text: str) -> None:
        """Wait for this text on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sign_in(self, page: Page | None = None, password: str = PASSWORD) -> None:
        """Fill the form to sign in, on the page of the person or on another one."""
        page = page or self.page
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        page.get_by_label("E-mail address", exact=True).fill(self.email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()

    def signs_up(self) -> None:
        """Fill the form to sign up, with a password, confirm the address, and make a pod."""
        self.sees("Make an account")
        self.fill("E-mail address", self.email)
        self.tick("With a password")
        self.fill("Password", PASSWORD)
        self.press("Make the account")
        self.makes_pod()

    def makes_pod(self) -> None:
        """Take the first step after signing up."""
        self.sees("One more step")
        self.fill("Name of the pod", self.name)
        self.press("Make the pod")

    def arrive(self) -> None:
        """Sign in on the first page."""
        self.open(".account/sign-in")
        self.sign_in()
        self.sees("Your place")

    def opens_app_page(self, name: str) -> None:
        """Go from the first page to what one app may do."""
        self.open()
        self.follow("Apps")
        self.page.get_by_role("heading", name=name).get_by_role("link").click()
        self.sees(name)

    def is_signed_in(self) -> bool:
        """Whether the server knows who is at this browser."""
        self.open()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(re.compile("Your place|Welcome"))
        return self.page.inner_text("h1") == "Your place"

    def mail(self) -> str:
        """The link in the latest mail to this person, which the server shows instead of sending it."""
        self.open(".account/mail")
        letter = self.page.locator("article", has_text=self.email).first
        link = letter.get_by_role("link").first.get_attribute("href")
        assert link is not None
        return urlsplit(link).path.lstrip("/")

    def app(self, site: AppSite) -> App:
        """The app, in a tab of this browser."""
        return App(self.context.new_page(), site, self.server.url)

    def lets_in(self, app: App, scope: str | None = None, *folders: str, read_only: bool = False) -> None:
        """Answer the app that asks; `scope` is what is chosen, by default what the page proposes."""
        page = app.page
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("May .* do this?"))
        if scope is not None:
            page.get_by_label(scope, exact=True).check()
        for folder in folders:
            page.get_by_role("group", name="Folders").get_by_label(folder, exact=True).check()
        if read_only:
            page.get_by_label("Only look, change nothing").check()
        page.get_by_role("button", name="Allow", exact=True).click()

    def signs_in_to(self, app: App, scope: str | None = None, *folders: str, read_only: bool = False) -> None:
        """Sign in to the app for the first time, being signed in here."""
        app.begin()
        self.lets_in(app, scope, *folders, read_only=read_only)
        app.expect(f"Signed in as {self.webid}")
