"""SolidOS: mashlib, as it comes from npm, shows a pod to who signs in, and what solid-ui makes for it changes it."""

import mimetypes
import re
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.system.browser_app import AppSite, serving_app
from tests.system.browser_people import Person
from tests.system.packages import installed
from tests.system.servers import ROOT

pytestmark = [pytest.mark.system, pytest.mark.node]

PLACE = ROOT / "tests" / "clients" / "browser"
DC = "http://purl.org/dc/terms/"
FORM = """\
async ([url, title]) => {
    const { store } = SolidLogic;
    const { ui, rdf } = UI.ns;
    const form = $rdf.sym("https://app.example/form#field");
    store.add(form, rdf("type"), ui("SingleLineTextField"), form.doc());
    store.add(form, ui("property"), $rdf.sym(title), form.doc());
    store.add(form, ui("label"), "Title", form.doc());
    const place = document.body.insertBefore(document.createElement("section"), document.body.firstChild);
    place.id = "form";
    UI.widgets.appendForm(document, place, {}, $rdf.sym(`${url}#it`), form, $rdf.sym(url), () => undefined);
}"""
"""Shows a form of solid-ui with one field, for the title of the thing that a document is about."""


@pytest.fixture(scope="session")
def bundle(npm: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, bytes]]:
    """What the databrowser is made of, by path."""
    modules = installed(npm, PLACE, tmp_path_factory.getbasetemp().parent / "npm.lock")
    found = {"/": ("text/html", (PLACE / "index.html").read_bytes())}
    for path in (modules / "mashlib" / "dist").iterdir():
        if path.suffix != ".map":
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            found[f"/{path.name}"] = (kind, path.read_bytes())
    return found


@pytest.fixture(scope="module")
def databrowser(bundle: dict[str, tuple[str, bytes]]) -> Iterator[AppSite]:
    """Where the databrowser is."""
    with serving_app(bundle) as found:
        yield found


@pytest.fixture
def page(ada: Person, databrowser: AppSite) -> Page:
    """The databrowser at Ada's pod, which she is signed in to."""
    # Its icons are on servers elsewhere, which no test asks.
    ada.context.route(lambda url: not is_here(url), lambda route: route.abort())
    found = ada.context.new_page()
    opens(found, databrowser, ada.pod)
    expect(found.get_by_text("This resource is not publicly readable.")).to_be_visible()
    found.locator("button.login-button").click()
    dialog = found.get_by_role("dialog", name="Select an identity provider")
    dialog.get_by_placeholder("https://example.com").fill(ada.server.url)
    dialog.get_by_role("button", name="Log In", exact=True).click()
    expect(found.get_by_role("heading", level=1)).to_have_text(re.compile("May .* do this?"))
    found.get_by_label("Everything", exact=True).check()
    found.get_by_role("button", name="Allow", exact=True).click()
    expect(outline(found)).to_contain_text("profile")
    return found


def is_here(url: str) -> bool:
    return urlsplit(url).hostname in {"localhost", "127.0.0.1"}


def opens(page: Page, databrowser: AppSite, url: str) -> None:
    page.goto(f"{databrowser.url}?{urlencode({'uri': url})}")


def outline(page: Page) -> Locator:
    return page.locator("#OutlineView")


def put(page: Page, url: str, content: str) -> None:
    """Write Turtle there, by the fetcher that SolidOS gives to everything in it."""
    page.evaluate(
        """([url, data]) => SolidLogic.store.fetcher.webOperation("PUT", url, { data, contentType: "text/turtle" })""",
        [url, content],
    )


def has_note(page: Page, ada: Person) -> str:
    """A document that everyone may read, with a title."""
    note = f"{ada.pod}notes/one.ttl"
    put(page, note, f'<#it> a <https://schema.org/Note>; <{DC}title> "Bread and ink".')
    policy = "@prefix acl: <http://www.w3.org/ns/auth/acl#>. @prefix foaf: <http://xmlns.com/foaf/0.1/>. "
    policy += f"<#me> a acl:Authorization; acl:agent <{ada.webid}>; acl:accessTo <one.ttl>; "
    policy += "acl:mode acl:Read, acl:Write, acl:Control. "
    policy += "<#all> a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <one.ttl>; acl:mode acl:Read."
    put(page, f"{note}.acl", policy)
    return note


def test_mashlib_shows_the_folders_of_a_pod_to_its_owner(page: Page) -> None:
    """Who is not known is told to sign in, does, and comes back to where she was."""
    for name in ("inbox", "profile", "settings"):
        expect(outline(page).get_by_text(name, exact=True)).to_be_visible()


def test_mashlib_shows_a_document_and_keeps_its_person_signed_in(page: Page, ada: Person, databrowser: AppSite) -> None:
    """The page is loaded anew, and restores the session by its refresh token."""
    put(page, f"{ada.pod}notes/secret.ttl", f'<#it> a <https://schema.org/Note>; <{DC}title> "Ink and bread".')

    opens(page, databrowser, f"{ada.pod}notes/secret.ttl")

    expect(outline(page)).to_contain_text("Ink and bread")
    assert ada.server.get(f"{ada.name}/notes/secret.ttl").status_code == 401


def test_a_form_of_solid_ui_shows_what_is_in_the_pod_and_changes_it(
    page: Page, ada: Person, databrowser: AppSite
) -> None:
    """What is typed is in the document as soon as the field is left."""
    note = has_note(page, ada)
    opens(page, databrowser, note)
    expect(outline(page)).to_contain_text("Bread and ink")
    page.evaluate(FORM, [note, f"{DC}title"])
    field = page.locator("#form input")
    expect(field).to_have_value("Bread and ink")

    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.url == note) as answered:
        field.fill("Milk")
        field.press("Tab")

    assert answered.value.status == 204
    lines = ada.server.get(f"{ada.name}/notes/one.ttl", "application/n-triples").text.splitlines()
    assert f'<{note}#it> <{DC}title> "Milk" .' in lines
    assert len(lines) == 2


def test_solid_logic_prepares_the_preferences_and_type_indexes_of_its_person(page: Page, ada: Person) -> None:
    """As every app of SolidOS has it done, with the policy that keeps the settings to their owner."""
    found = page.evaluate(
        """async (webid) => {
            const indexes = await SolidLogic.solidLogicSingleton.typeIndex.loadTypeIndexesFor($rdf.sym(webid));
            return indexes.map((one) => [one.label, one.index.value]);
        }""",
        ada.webid,
    )

    settings = f"{ada.pod}settings/"
    assert found == [["public", f"{settings}publicTypeIndex.ttl"], ["private", f"{settings}privateTypeIndex.ttl"]]
    assert ada.server.get(f"{ada.name}/settings/publicTypeIndex.ttl").status_code == 200
    assert ada.server.get(f"{ada.name}/settings/prefs.ttl").status_code == 401


def test_the_lock_file_of_the_databrowser_names_no_registry() -> None:
    assert '"resolved"' not in (PLACE / "package-lock.json").read_text()
