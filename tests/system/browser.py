"""A real browser, and what a person does in it. Chromium must be there in CI; elsewhere who needs it skips."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

AXE = Path(__file__).parent.parent / "clients" / "node" / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 20_000
"""Milliseconds."""
WIDTHS, THEMES = (360, 1280), ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOUCH = """() => [...document.querySelectorAll('button, input, select, textarea, a.button, nav a, .links a')]
    .filter(one => one.type !== 'hidden' && one.checkVisibility())
    .map(one => ['radio', 'checkbox'].includes(one.type) ? one.labels[0] : one)
    .map(one => ({box: one.getBoundingClientRect(), text: one.outerHTML.slice(0, 90)}))
    .filter(one => one.box.width < 24 || one.box.height < 43.5).map(one => one.text)"""


def chromium() -> str:
    """The path of the browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "this needs Chromium"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    return found


@contextmanager
def browsing() -> Iterator[BrowserContext]:
    """A browser of somebody who was never here before."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(OPTIONS))
        try:
            context = browser.new_context(locale="en-GB", reduced_motion="reduce")
            context.set_default_timeout(PATIENCE)
            yield context
        finally:
            browser.close()


def with_authenticator(page: Page) -> Callable[[bool], None]:
    """Give the browser a device on which passkeys live, and a person who says yes at once, until told otherwise."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def agrees(at_once: bool) -> None:
        session.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": made, "enabled": at_once})

    return agrees


class Judge:
    """Looks at pages as people with all kinds of eyes, hands and devices would."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._shots = os.environ.get("RHIZOME_SHOTS")
        """A directory for a picture of each page, for whoever wants to look at them."""
        self.seen: list[str] = []
        self.faults: list[str] = []
        self.troubles: list[str] = []
        """What the browser complains about: blocked by the policy of a page, a script that fails."""
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self._hear("error", str(error)))

    def _hear(self, kind: str, text: str) -> None:
        # A status that says that something was wrong with a form is told as an error too.
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.troubles.append(f"{self._page.url}: {text}")

    def look(self, name: str) -> None:
        """Look at the page in every width and theme."""
        self.seen.append(name)
        for width in WIDTHS:
            self._page.set_viewport_size({"width": width, "height": 800})
            for theme in THEMES:
                self._page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of the themes
                where = f"{name} ({width}, {theme})"
                self.faults += [f"{where}: {fault}" for fault in self._faults()]
                if self._shots:
                    path = Path(self._shots) / f"{len(self.seen):02}-{name}-{width}-{theme}.png"
                    self._page.screenshot(path=path, full_page=True)

    def _faults(self) -> Sequence[str]:
        page = self._page
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        faults = [_told(one) for one in found["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            faults.append(f"the page is {wide} pixels wider than the screen")
        faults += [f"too small to touch: {one}" for one in page.evaluate(TOUCH)]
        left = re.search(r"\{\w+\}|\*\*", page.inner_text("body"))
        if left:
            faults.append(f"a text is not filled in: {left[0]}")
        return faults


def _told(violation: Any) -> str:
    nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
    return f"{violation['id']}: {violation['help']}: {nodes}"
