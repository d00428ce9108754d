"""An app as its users meet it: on an origin of its own, made of unmodified libraries, which sign people in here.

The app itself is in tests/clients/app. It is served from 127.0.0.1, which for browsers is another
site than localhost, where the server is.
"""

import fcntl
import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.system.packages import MINUTES, installed
from tests.system.servers import ROOT

PLACE = ROOT / "tests" / "clients" / "app"
NAME = "Notebook"
"""What the app calls itself."""


def built(npm: str, turn: Path) -> bytes:
    """The script of the app with the libraries in it; `turn` is a file by which processes wait for each other."""
    modules = installed(npm, PLACE, turn)
    with turn.open("w") as waiting:
        fcntl.lockf(waiting, fcntl.LOCK_EX)
        subprocess.run([npm, "run", "--silent", "build"], cwd=PLACE, check=True, timeout=MINUTES, capture_output=True)
        return (modules / ".built" / "app.js").read_bytes()


class AppSite:
    """Where the app is served from, with whatever else is put there."""

    def __init__(self, port: int, documents: Mapping[str, tuple[str, bytes]]) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self.documents = dict(documents)

    def put(self, path: str, media_type: str, content: str) -> str:
        """Serve this there; its URL."""
        self.documents[path] = (media_type, content.encode())
        return self.url + path.lstrip("/")

    def client(self, path: str, **facts: object) -> str:
        """The id of a client: a Client ID Document that says this."""
        client = self.url + path.lstrip("/")
        said = {"@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"], "client_id": client}
        said |= {"client_name": NAME, "redirect_uris": [self.url], "scope": "openid webid offline_access"}
        said |= {"grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "none"}
        return self.put(path, "application/ld+json", json.dumps(said | facts))


def documents(script: bytes) -> dict[str, tuple[str, bytes]]:
    """What the site of the app has, by path: the media type and the content."""
    return {
        "/": ("text/html", (PLACE / "index.html").read_bytes()),
        "/app.js": ("text/javascript", script),
    }


@contextmanager
def serving_app(documents: Mapping[str, tuple[str, bytes]]) -> Iterator[AppSite]:
    """The site of an app that is made of these, until the end of the block."""
    sites: list[AppSite] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = sites[0].documents.get(self.path.partition("?")[0])
            media_type, content = found or ("text/plain", b"")
            self.send_response(200 if found else 404)
            self.send_header("content-type", media_type)
            self.send_header("content-length", str(len(content)))
            self.send_header("cache-control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is told about requests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        sites.append(AppSite(server.server_address[1], documents))
        thread = threading.Thread(target=server.serve_forever, name="app")
        thread.start()
        try:
            yield sites[0]
        finally:
            server.shutdown()
            thread.join()


class App:
    """The app in somebody's browser."""

    def __init__(self, page: Page, site: AppSite, issuer: str) -> None:
        self.page = page
        self.site = site
        self.issuer = issuer

    def begin(self, *, client: str = "", scopes: Sequence[str] = ()) -> None:
        """Press its button to sign in; the browser is then where the server asks, or back already."""
        asked = {"issuer": self.issuer, "client": client, "scopes": " ".join(scopes)}
        query = urlencode({name: value for name, value in asked.items() if value})
        self.page.goto(f"{self.site.url}?{query}")

    def open(self) -> None:
        """Open the app anew, as on the next day."""
        self.page.goto(self.site.url)

    def expect(self, state: str) -> None:
        """Wait until the app says this."""
        expect(self.page.locator("#state")).to_have_text(re.compile(f"^{re.escape(state)}"))

    def ask(self, url: str, **options: object) -> dict[str, Any]:
        """The status and the text of what the library's fetch gets from there."""
        answer: dict[str, Any] = self.page.evaluate("([url, options]) => app.ask(url, options)", [url, options])
        return answer

    def put(self, url: str, text: str) -> int:
        """The status of writing Turtle there."""
        return self.status(url, method="PUT", headers={"content-type": "text/turtle"}, body=text)

    def status(self, url: str, **options: object) -> int:
        """The status of what the library's fetch gets from there."""
        return int(self.ask(url, **options)["status"])
