"""Every page for people, in a real browser: used as a person would, and looked at in both widths and themes."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from pod.http.pages import CONSTRAINTS
from tests.system.browser import Judge, browsing, with_authenticator
from tests.system.conftest import Serve
from tests.system.servers import Server, rhizome
from tests.system.test_node_clients import node

__all__ = ["node"]

pytestmark = [pytest.mark.system, pytest.mark.node]

EMAIL, PASSWORD = "ada@example.org", "seven green umbrellas"


class _App(BaseHTTPRequestHandler):
    """Where the app gets its answers."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>app</title><h1>The app</h1>")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def callback() -> Iterator[str]:
    """An address of an app on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _App) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/callback"
        server.shutdown()
        thread.join()


@pytest.fixture
def page() -> Iterator[Page]:
    with browsing() as context:
        yield context.new_page()


def press(page: Page, name: str) -> None:
    """Press the button with exactly this name, and wait for what comes of it."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def heading(page: Page) -> str:
    return page.inner_text("h1")


def test_every_page_is_good_to_look_at_and_to_hear(serve: Serve, page: Page, callback: str, node: object) -> None:
    server = serve("--demo")
    judge = Judge(page)
    agrees = with_authenticator(page)

    _visit(page, judge, server)
    _join(page, judge, server)
    _set(page, judge, server)
    _use_apps(page, judge, server, callback)
    _be_asked(page, judge, server)
    _come_back(page, judge, server, callback, agrees)
    _leave(page, judge, server, callback)

    assert judge.faults == []
    assert judge.troubles == []


def _visit(page: Page, judge: Judge, server: Server) -> None:
    """What a stranger sees."""
    page.goto(server.url)
    judge.look("welcome")
    page.goto(f"{server.url}.account/nothing")
    judge.look("failure")
    for name, path in (("private", "demo/"), ("missing", "demo/playground/none"), ("constraints", CONSTRAINTS[1:])):
        page.goto(f"{server.url}{path}")
        judge.look(name)
    page.goto(f"{server.url}.account/sign-in")
    judge.look("sign-in")
    page.get_by_label("E-mail address").fill("nobody@example.org")
    page.get_by_label("Password").fill("wrong password")
    press(page, "Sign in")
    judge.look("sign-in-wrong")
    for name in ("forgot", "recover", "reset/none", "confirm/none", "sign-up"):
        page.goto(f"{server.url}.account/{name}")
        judge.look(name.replace("/", "-"))
    page.goto(f"{server.url}.account/forgot")
    page.get_by_label("E-mail address").fill("nobody@example.org")
    press(page, "Send me a link")
    judge.look("check-mail")
    page.goto(f"{server.url}.account/mail")
    judge.look("mail-empty")


def _join(page: Page, judge: Judge, server: Server) -> None:
    """Make an account with a passkey, then a password."""
    page.goto(f"{server.url}.account/sign-up")
    page.get_by_label("E-mail address").fill("not an address@")
    page.locator("form#sign-up").evaluate("form => form.noValidate = true")
    press(page, "Make the account")
    judge.look("sign-up-wrong")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("With a passkey").check()
    press(page, "Make the account")
    judge.look("start-passkey")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_label("Name of the pod").wait_for()
    judge.look("start-pod")
    page.get_by_label("Name of the pod").fill("demo")
    press(page, "Make the pod")
    judge.look("start-pod-taken")
    page.get_by_label("Name of the pod").fill("ada")
    press(page, "Make the pod")
    assert heading(page) == "Your place"
    judge.look("home-new")
    page.goto(f"{server.url}.account/mail")
    judge.look("mail")


def _set(page: Page, judge: Judge, server: Server) -> None:
    """Change everything that can be changed."""
    at = f"{server.url}.account/"
    page.goto(f"{at}settings")
    judge.look("settings")
    page.locator("form#language").get_by_role("combobox").select_option("de")
    page.locator("form#language button").click()
    page.wait_for_load_state()
    assert heading(page) == "Einstellungen"
    judge.look("settings-de")
    page.locator("form#language").get_by_role("combobox").select_option("en")
    page.locator("form#language button").click()
    for name in ("email", "password", "passkeys", "recovery-codes", "sessions", "webids", "pods", "tokens", "apps"):
        page.goto(f"{at}{name}")
        judge.look(name)
    page.goto(f"{at}passkeys")
    page.get_by_text("Change", exact=True).click()
    judge.look("passkeys-open")
    page.goto(f"{at}password")
    page.get_by_label("New password").fill("123")
    press(page, "Change")
    judge.look("password-short")
    page.get_by_label("New password").fill(PASSWORD)
    press(page, "Change")
    judge.look("settings-done")
    page.goto(f"{at}recovery-codes")
    press(page, "Make ten new codes")
    assert page.locator("ol.codes li").count() == 10
    judge.look("codes")
    page.goto(f"{at}webids")
    page.get_by_label("Name of the WebID").fill("work")
    press(page, "Make the WebID")
    page.get_by_role("textbox", name="WebID", exact=True).fill("https://elsewhere.example/card#me")
    judge.look("webids-two")
    press(page, "Link this WebID")
    judge.look("link")
    page.goto(f"{at}tokens")
    page.get_by_label("Name of the token").fill("Backup")
    press(page, "Make the token")
    judge.look("token")
    page.goto(f"{at}tokens")
    judge.look("tokens-one")


def _registered(server: Server, callback: str) -> str:
    """The id of an app that registers."""
    facts = {"client_name": "Notes & <b>more</b>", "redirect_uris": [callback], "token_endpoint_auth_method": "none"}
    answer = server.request("POST", "/.oidc/register", json.dumps(facts), "application/json")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["client_id"])


def _asking(server: Server, callback: str, client: str, **more: str) -> str:
    """Where an app sends its person to sign in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 50).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": client,
        "redirect_uri": callback,
        "response_type": "code",
        "state": "x",
        "scope": "openid webid",
    }
    asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return f"{server.url}.oidc/auth?{urlencode(asked | more)}"


def _use_apps(page: Page, judge: Judge, server: Server, callback: str) -> None:
    """Let apps in, and put them out again."""
    client = _registered(server, callback)
    page.goto(_asking(server, callback, client))
    judge.look("authorize")
    page.get_by_label("Only the folders that I pick").check()
    press(page, "Allow")
    judge.look("authorize-nothing")
    page.locator("fieldset.checkboxes").get_by_label("inbox/").check()
    page.get_by_label("Only look, change nothing").check()
    press(page, "Allow")
    assert re.match(rf"{re.escape(callback)}\?code=.*state=x", page.url)

    page.goto(
        _asking(
            server, callback, client, scope="openid webid solid:read+append:https://schema.org/Note", prompt="consent"
        )
    )
    judge.look("authorize-asked")
    press(page, "Refuse")
    assert "error=access_denied" in page.url

    page.goto(server.url)
    judge.look("home")
    page.goto(f"{server.url}.account/apps")
    judge.look("apps-one")
    page.get_by_role("link", name="See and change what").click()
    judge.look("app")
    press(page, "Allow only this")
    judge.look("app-narrowed")
    page.goto(f"{server.url}.account/requests/new?resource={server.url}demo/")
    judge.look("ask")
    page.get_by_label("Why you ask").fill("We have met.")
    press(page, "Send the request")
    judge.look("requests")
    page.goto(f"{server.url}.account/apps")
    page.get_by_role("button", name="Take back the access of").click()
    judge.look("apps-revoked")


def _be_asked(page: Page, judge: Judge, server: Server) -> None:
    """Answer somebody who asks for access: a program makes that person and asks in their name."""
    headers = {"content-type": "application/json", "accept": "application/json"}

    def sent(path: str, **members: str) -> dict[str, str]:
        answer = server.request("POST", f"/.account/{path}", json.dumps(members), headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    token = sent("sign-up", email="eve@example.org", password=PASSWORD)["token"]
    headers["authorization"] = f"Bearer {token}"
    sent("start", pod_name="eve")
    sent(
        f"requests/new?resource={server.url}ada/inbox/",
        wish="add",
        reason="We have met.",
        webid=f"{server.url}eve/profile/card#me",
    )
    page.goto(server.url)
    judge.look("home-asked")
    page.goto(f"{server.url}.account/requests")
    judge.look("requests-asked")
    press(page, f"Allow it to {server.url}eve/profile/card#me")
    judge.look("requests-granted")


def _come_back(page: Page, judge: Judge, server: Server, callback: str, agrees: Callable[[bool], None]) -> None:
    """Sign out, and come back by passkey and by password."""
    at = f"{server.url}.account/"
    page.goto(f"{at}sign-out")
    judge.look("sign-out")
    press(page, "Sign out")
    judge.look("signed-out")
    page.goto(f"{at}sign-in")
    # The browser offers the passkey by itself, and the person takes it.
    page.get_by_role("heading", name="Your place").wait_for()
    agrees(False)
    page.goto(f"{at}sessions")
    press(page, "Sign out everywhere")
    page.goto(_asking(server, callback, _registered(server, callback)))
    judge.look("sign-in-app")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    judge.look("authorize-again")


def _leave(page: Page, judge: Judge, server: Server, callback: str) -> None:
    """Take everything along, delete the account, and think again."""
    at = f"{server.url}.account/"
    page.goto(f"{at}delete")
    judge.look("delete")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    assert download.value.suggested_filename == "rhizome.zip"
    press(page, "Delete my account")
    judge.look("delete-sure")
    page.get_by_label("I understand that everything will be deleted").check()
    press(page, "Delete my account")
    judge.look("deleting")
    page.goto(server.url)
    judge.look("home-deleting")
    page.goto(_asking(server, callback, _registered(server, callback)))
    judge.look("authorize-deleting")
    page.goto(f"{at}delete")
    press(page, "Keep my account")
    assert "nothing will be deleted" in page.inner_text("main")
    page.goto(f"{at}receipt?id=none")
    judge.look("receipt-none")
    gone = rhizome("account", "purge", "eve@example.org", "--yes", "--json", "--data", server.data)
    assert gone.returncode == 0, gone.stderr
    page.goto(f"{at}receipt?id={json.loads(gone.stdout)['id']}")
    judge.look("receipt")
