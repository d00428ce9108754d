"""Servers, an issuer, a browser and an app for tests that need real ones."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.issuer import LocalIssuer
from tests.system.browser import OPTIONS, chromium
from tests.system.browser_app import AppSite, built, documents, serving_app
from tests.system.browser_people import Person
from tests.system.servers import LONG, Server

Serve = Callable[..., Server]
Somebody = Callable[[str], Person]
OLDEST_NODE = 20


@contextmanager
def serving(directory: Path) -> Iterator[Serve]:
    """Makes servers over directories of their own and starts them; in the end all are gone, and none met a fault."""
    servers: list[Server] = []

    def start(*options: str, data: Path | None = None, port: int | None = None, **settings: str) -> Server:
        name = f"server{len(servers)}"
        server = Server(data or directory / name, directory / f"{name}.log", *options, port=port, **settings)
        servers.append(server)
        return server.start()

    try:
        yield start
    finally:
        for server in servers:
            server.close()
    faults = [server.log.read_text() for server in servers if "Traceback" in server.log.read_text()]
    assert not faults, "\n".join(faults)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers for one test."""
    with serving(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a playground, for tests that do no harm to each other."""
    with serving(tmp_path_factory.mktemp("demo")) as start:
        yield start("--demo")


@pytest.fixture(scope="session")
def issuer() -> Iterator[LocalIssuer]:
    """An identity provider that answers on this machine."""
    with LocalIssuer() as running:
        yield running


def require_node(oldest: int) -> str:
    """The path of npm, beside a Node.js that is new enough: in CI it must be there, elsewhere who needs it skips."""
    node, found = shutil.which("node"), shutil.which("npm")
    version = "none"
    if node and found:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if int(version.removeprefix("v").partition(".")[0]) >= oldest:
            return found
    reason = f"this needs npm and Node.js {oldest} or later; found: {version}"
    assert not os.environ.get("CI"), reason
    pytest.skip(reason)


@pytest.fixture(scope="session")
def npm() -> str:
    """The command, with a Node.js that most clients run in."""
    return require_node(OLDEST_NODE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where people live."""
    with serving(tmp_path_factory.mktemp("home")) as start:
        # Who makes people says from where each of them comes.
        yield start(POD_SERVER_TRUSTED_PROXIES="127.0.0.1")


# No wider than a module: while it is there, an event loop runs, and other tests start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; who uses it has a context of their own."""
    expect.set_options(timeout=LONG * 1000 / 2)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(OPTIONS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def app_script(npm: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The script of the app."""
    return built(npm, tmp_path_factory.getbasetemp().parent / "npm.lock")


@pytest.fixture(scope="module")
def site(app_script: bytes) -> Iterator[AppSite]:
    """Where the app is."""
    with serving_app(documents(app_script)) as found:
        yield found


NUMBERS = itertools.count(1)


@contextmanager
def _people(browser: Browser, home: Server) -> Iterator[Somebody]:
    contexts = []

    def come(name: str) -> Person:
        contexts.append(browser.new_context(locale="en-GB", reduced_motion="reduce"))
        contexts[-1].set_default_timeout(LONG * 1000 / 2)
        return Person(contexts[-1], home, f"{name}{next(NUMBERS)}")

    yield come
    for context in contexts:
        context.close()


@pytest.fixture
def somebody(browser: Browser, home: Server) -> Iterator[Somebody]:
    """Makes people who were never here before, each at a browser of their own; they have no account yet."""
    with _people(browser, home) as come:
        yield come


@pytest.fixture
def resident(somebody: Somebody) -> Somebody:
    """Makes people who have an account, a pod and a password."""

    def come(name: str) -> Person:
        person = somebody(name)
        person.has_pod()
        return person

    return come


@pytest.fixture
def ada(resident: Somebody) -> Person:
    """Somebody who has a pod, and is signed in."""
    person = resident("ada")
    person.is_back()
    return person


@pytest.fixture(scope="module")
def neighbour(browser: Browser, home: Server) -> Iterator[Somebody]:
    """Makes people who have a pod and are signed in, for tests that change nothing of theirs."""
    with _people(browser, home) as come:

        def live(name: str) -> Person:
            person = come(name)
            person.has_pod()
            person.is_back()
            return person

        yield live
