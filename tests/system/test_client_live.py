"""Live updates in a browser: libraries, unmodified, in an app that somebody signed in to."""

import pytest

from tests.system.browser_app import App, AppSite
from tests.system.browser_people import Person

pytestmark = [pytest.mark.system, pytest.mark.node]

EVERYTHING = "Everything"
NAME = "http://xmlns.com/foaf/0.1/name"


@pytest.fixture
def app(ada: Person, site: AppSite) -> App:
    """The app, which may do everything in Ada's pod."""
    found = ada.app(site)
    ada.signs_in_to(found, EVERYTHING)
    return found


@pytest.fixture
def other(ada: Person, site: AppSite, app: App) -> App:
    """The same app in another tab, which changes what the first one looks at."""
    assert app.put(f"{ada.pod}live/note.ttl", named("Ada")) == 201
    found = ada.app(site)
    found.open()
    found.expect(f"Signed in as {ada.webid}")
    return found


def named(name: str) -> str:
    return f'<#me> <{NAME}> "{name}".'


def test_solid_client_notifications_hears_of_a_change_in_another_tab(ada: Person, app: App, other: App) -> None:
    """With the entity tag of the new content, on a document that only its owner may read."""
    note = f"{ada.pod}live/note.ttl"
    app.page.evaluate("async url => { window.heard = await app.follow(url) }", note)

    assert other.put(note, named("Grace")) == 204

    app.page.wait_for_function("heard.length > 0")
    [message] = app.page.evaluate("heard")
    assert (message["type"], message["object"]) == ("Update", note)
    assert app.ask(note)["etag"] == message["state"]


def test_solid_client_notifications_hears_what_comes_into_a_container_and_leaves_it(
    ada: Person, app: App, other: App
) -> None:
    folder = f"{ada.pod}live/"
    app.page.evaluate("async url => { window.heard = await app.follow(url) }", folder)

    assert other.put(f"{folder}new.ttl", named("New")) == 201
    assert other.status(f"{folder}new.ttl", method="DELETE") == 205

    app.page.wait_for_function("heard.length > 1")
    heard = app.page.evaluate("heard.map(one => [one.type, one.object, one.target ?? one.origin])")
    assert heard == [["Add", f"{folder}new.ttl", folder], ["Remove", f"{folder}new.ttl", folder]]


def test_rdflib_loads_a_private_document_again_when_another_tab_changes_it(ada: Person, app: App, other: App) -> None:
    """Over the older protocol of WebSockets, which it finds by the header Updates-Via."""
    note = f"{ada.pod}live/note.ttl"
    frames: list[str] = []
    app.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    with app.page.expect_websocket() as opened:
        app.page.evaluate("async url => { window.mirror = await app.mirror(url) }", note)
    assert app.page.evaluate("name => mirror.values(name)", NAME) == ["Ada"]
    # What is changed before the server says that it follows the document is not told.
    if f"ack {note}" not in frames:
        opened.value.wait_for_event("framereceived", predicate=lambda frame: frame == f"ack {note}")

    assert other.put(note, named("Grace")) == 204

    app.page.wait_for_function("name => mirror.values(name).join() === 'Grace'", arg=NAME)


def test_rdflib_writes_by_its_updater_and_the_server_has_it(ada: Person, app: App, other: App) -> None:
    note = f"{ada.pod}live/note.ttl"
    app.page.evaluate("async url => { window.mirror = await app.mirror(url) }", note)

    app.page.evaluate(
        """async ([url, name]) => {
            const { rdf } = app;
            const [me, document] = [rdf.sym(`${url}#me`), rdf.sym(url)];
            const statement = (text) => rdf.st(me, rdf.sym(name), rdf.lit(text), document);
            await mirror.updater.update([statement("Ada")], [statement("Augusta")]);
        }""",
        [note, NAME],
    )

    answer = other.ask(note, headers={"accept": "application/n-triples"})
    assert answer["text"] == f'<{note}#me> <{NAME}> "Augusta" .\n'
