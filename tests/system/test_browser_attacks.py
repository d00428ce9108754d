"""What others try in a real browser against the pages: what people store in pods, and sites elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.system.browser_app import AppSite
from tests.system.browser_people import Person
from tests.system.conftest import Somebody

pytestmark = [pytest.mark.system, pytest.mark.node]

SCRIPT = "document.documentElement.setAttribute('data-ran', 'yes')"
HTML = f"<!doctype html><title>Hello</title><h1>Hello</h1><script>{SCRIPT}</script>"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>{SCRIPT}</script></svg>'
XHTML = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Hello</title></head><body><script>{SCRIPT}</script></body></html>'
WORKER = "addEventListener('fetch', event => event.respondWith(new Response('mine')))"
KINDS = {"page.html": ("text/html", HTML), "picture.svg": ("image/svg+xml", SVG)}
KINDS |= {"page.xhtml": ("application/xhtml+xml", XHTML), "page.xml": ("application/xml", XHTML)}
PUBLIC = """\
@prefix acl: <http://www.w3.org/ns/auth/acl#>.
@prefix foaf: <http://xmlns.com/foaf/0.1/>.
<#owner> a acl:Authorization; acl:agent <{webid}>; acl:accessTo <./>; acl:default <./>;
  acl:mode acl:Read, acl:Write, acl:Control.
<#all> a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <./>; acl:default <./>; acl:mode acl:Read.
"""


@pytest.fixture(scope="module")
def trap(neighbour: Somebody, site: AppSite) -> str:
    """A public folder in a pod, with pages that its owner wrote to harm others; its URL."""
    mallory = neighbour("mallory")
    app = mallory.app(site)
    mallory.signs_in_to(app)
    folder = f"{mallory.pod}trap/"
    for name, (media_type, content) in (KINDS | {"worker.js": ("text/javascript", WORKER)}).items():
        status = app.status(folder + name, method="PUT", headers={"content-type": media_type}, body=content)
        assert status == 201
    assert app.put(f"{folder}.acl", PUBLIC.format(webid=mallory.webid)) == 201
    return folder


@pytest.fixture(scope="module")
def visitor(neighbour: Somebody) -> Person:
    """Somebody who has a pod, is signed in, and comes by."""
    return neighbour("ada")


TRIES = {
    "reads a page of the account": "fetch('{home}.account/settings', {{credentials: 'include'}}).then(a => a.text())",
    "reads a page as data": "fetch('{home}.account/settings', {{credentials: 'include',"
    " headers: {{accept: 'application/json'}}}}).then(a => a.text())",
    "reads who is signed in": "fetch('{home}.oidc/fedcm/accounts', {{credentials: 'include'}}).then(a => a.text())",
    "reads the cookies": "document.cookie",
    "reads what the browser stores": "JSON.stringify(localStorage)",
    "opens a page of the account and looks at it": "open('{home}.account/settings').document.title",
    "opens a file and looks at it": "open('{home}.account/open?at={home}').document.body.textContent",
    "reads a file": "fetch('{home}.account/open?at={home}', {{credentials: 'include'}}).then(a => a.text())",
    "takes over the place with a worker": "navigator.serviceWorker.register('{trap}worker.js').then(() => 'taken')",
}
"""What a page would try if its scripts ran, and the secret that it would learn."""


@pytest.mark.parametrize("name", KINDS)
def test_scripts_in_what_people_store_do_not_run(visitor: Person, trap: str, name: str) -> None:
    """Whatever kind of page it is, the browser shows it, and runs nothing in it."""
    visitor.page.goto(trap + name)

    assert visitor.page.content().count("data-ran") == 1  # in the text of the script alone
    assert visitor.page.evaluate("document.documentElement.getAttribute('data-ran')") is None


@pytest.mark.parametrize("name", ["page.html", "picture.svg"])
@pytest.mark.parametrize("what", TRIES)
def test_a_page_in_a_pod_learns_nothing_of_who_looks_at_it(visitor: Person, trap: str, name: str, what: str) -> None:
    """Even if its scripts ran: it has an origin of its own, for which no cookie counts."""
    visitor.page.goto(trap + name)
    script = TRIES[what].format(home=visitor.server.url, trap=trap)

    learned = visitor.page.evaluate(f"Promise.resolve().then(() => {script}).then(String, e => 'failed: ' + e.name)")

    assert learned.startswith("failed: "), learned


SEND = """() => {
  const form = document.createElementNS('http://www.w3.org/1999/xhtml', 'form');
  form.method = 'POST';
  form.action = '%s';
  document.documentElement.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""
"""Sends a form of the account pages, as a script would."""


@pytest.mark.parametrize("name", ["page.html", "page.xhtml"])
def test_a_page_in_a_pod_sends_no_form_of_the_account(visitor: Person, trap: str, name: str) -> None:
    """The browser does not send forms from there at all."""
    heard: list[str] = []
    page = visitor.page
    page.on("request", lambda request: heard.append(request.method))
    with page.expect_console_message(lambda said: "form submission" in said.text):
        page.goto(trap + name)

        page.evaluate(SEND % f"{visitor.server.url}.account/sign-out")

    assert "POST" not in heard


@pytest.fixture
def elsewhere(visitor: Person, site: AppSite) -> Iterator[Page]:
    """A page of another site, in the browser of somebody who is signed in here."""
    page = visitor.context.new_page()
    page.goto(site.put("/elsewhere.html", "text/html", "<!doctype html><title>Elsewhere</title>"))
    yield page
    page.close()


@pytest.mark.parametrize("path", [".account/settings", ".account/sign-in", ".account/delete", ".oidc/fedcm/accounts"])
def test_another_site_reads_no_page_of_the_account(visitor: Person, elsewhere: Page, path: str) -> None:
    """No page allows another origin to read it."""
    url = visitor.server.url + path

    learned = elsewhere.evaluate(
        "url => fetch(url, {credentials: 'include'}).then(a => a.text()).catch(e => 'failed: ' + e.name)", url
    )

    assert learned == "failed: TypeError"


@pytest.mark.parametrize("name", ["sign-out", "sign-in", "delete", "apps"])
def test_a_form_that_another_site_sends_does_nothing(visitor: Person, elsewhere: Page, name: str) -> None:
    """The person ends up on a page that refuses, and is still signed in."""
    with elsewhere.expect_navigation() as went:
        elsewhere.evaluate(SEND % f"{visitor.server.url}.account/{name}")

    assert went.value is not None
    assert went.value.status == 403
    assert visitor.is_signed_in()


@pytest.mark.parametrize("path", ["", ".account/sign-in", ".account/delete", ".account/apps", ".account/sign-out"])
@pytest.mark.parametrize("where", ["another site", "a pod"])
def test_no_page_is_shown_within_another(visitor: Person, site: AppSite, trap: str, where: str, path: str) -> None:
    """Whoever frames a page, to have somebody press a button that they do not see, shows an empty frame."""
    url = visitor.server.url + path
    page = visitor.context.new_page()
    page.goto(
        site.put("/empty.html", "text/html", "<!doctype html>") if where == "another site" else trap + "page.html"
    )

    with page.expect_event("requestfailed", lambda request: request.is_navigation_request()) as blocked:
        page.evaluate(FRAME, url)

    assert blocked.value.failure == "net::ERR_BLOCKED_BY_RESPONSE"
    page.close()


FRAME = """url => {
  const frame = document.createElement('iframe');
  frame.src = url;
  document.body.append(frame);
}"""


@pytest.fixture
def inside(visitor: Person) -> Iterator[Page]:
    """A page of the server's own origin, which is nobody's yet: what a flaw that lets scripts run would give."""
    page = visitor.context.new_page()
    page.goto(f"{visitor.server.url}.health/ready")
    yield page
    page.close()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_even_a_script_of_the_same_origin_reads_no_page(visitor: Person, inside: Page, accept: str) -> None:
    """Pages are for people who go to them: for a script nobody is signed in."""
    url = f"{visitor.server.url}.account/email"

    learned = inside.evaluate("([url, accept]) => fetch(url, {headers: {accept}}).then(a => a.text())", [url, accept])

    assert visitor.email not in learned


def test_even_a_script_of_the_same_origin_sends_no_form(visitor: Person, inside: Page) -> None:
    """It has no token of one."""
    url = f"{visitor.server.url}.account/sign-out"

    status = inside.evaluate(
        "url => fetch(url, {method: 'POST', body: new URLSearchParams()}).then(a => a.status)", url
    )

    assert status == 403
    assert visitor.is_signed_in()


def test_even_a_script_of_the_same_origin_sees_no_page_that_it_opens(visitor: Person, inside: Page) -> None:
    """A page of the account cuts itself off from whoever opened it."""
    with inside.expect_popup() as opened:
        inside.evaluate("url => { window.opened = open(url) }", f"{visitor.server.url}.account/settings")
    opened.value.get_by_role("heading", name="Settings", exact=True).wait_for()

    seen = inside.evaluate(
        "() => { try { return opened.closed || opened.document.title } catch (e) { return e.name } }"
    )

    assert seen is True
    opened.value.close()


def test_even_a_script_of_the_same_origin_reads_no_cookie(resident: Somebody) -> None:
    """Cookies are for the server alone."""
    ada = resident("ada")
    ada.arrive()
    assert ada.context.cookies()

    assert ada.page.evaluate("document.cookie") == ""


def test_even_a_script_of_the_same_origin_puts_no_worker_before_the_pages(
    visitor: Person, inside: Page, trap: str
) -> None:
    """A script that somebody keeps in a pod serves no more than the folder it is in."""
    learned = inside.evaluate(
        "url => navigator.serviceWorker.register(url, {scope: '/'}).then(() => 'taken', e => e.name)",
        trap + "worker.js",
    )

    assert learned == "SecurityError"
