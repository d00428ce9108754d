"""Pages that keep themselves up to date, in a real browser: what others change is there without a reload."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.system.browser import Judge
from tests.system.browser_app import NAME, App, AppSite
from tests.system.browser_people import Person
from tests.system.servers import TURTLE

pytestmark = [pytest.mark.system, pytest.mark.node]

EVERYTHING = "Everything"
UP_TO_DATE, LOST = "This page keeps itself up to date.", "Not up to date. Trying again…"
PICTURE = "GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
"""One dot, of bytes that are text as well."""
HOSTILE = "<img src=x onerror=\"document.title='taken'\">"


@pytest.fixture
def app(ada: Person, site: AppSite) -> App:
    """An app of Ada's that may do everything."""
    found = ada.app(site)
    ada.signs_in_to(found, EVERYTHING)
    return found


def write(app: App, url: str, text: str = "some text") -> None:
    """Let the app write a text there."""
    assert app.status(url, method="PUT", headers={"content-type": "text/plain"}, body=text) in {201, 204, 205}


def remove(app: App, url: str) -> None:
    """Let the app remove what is there."""
    assert app.status(url, method="DELETE") in {204, 205}


def opens(person: Person, path: str = "", query: str = "") -> None:
    """Open a folder of the person's pod on the pages, and wait until it keeps itself up to date."""
    person.open(f".account/files?at={quote(person.pod + path, safe='')}{query}")
    expect(state(person)).to_have_text(UP_TO_DATE)


def state(person: Person) -> Locator:
    return person.page.locator("#live [data-state]")


def rows(person: Person) -> Locator:
    return person.page.locator("#entries > li > a")


def marked(person: Person) -> None:
    """Leave a mark in the page that a reload would wipe out."""
    person.page.evaluate("document.body.dataset.mark = 'here'")


def is_marked(person: Person) -> bool:
    return bool(person.page.evaluate("document.body.dataset.mark === 'here'"))


def test_what_an_app_writes_and_removes_comes_and_goes_in_the_folder(ada: Person, app: App) -> None:
    """Without a reload, and with the change said to who does not see it."""
    write(app, f"{ada.pod}notes/one")
    opens(ada, "notes/")
    marked(ada)

    write(app, f"{ada.pod}notes/two")
    expect(rows(ada)).to_have_text(["one", "two"])
    expect(ada.page.get_by_role("status")).to_have_text("New: two.")
    write(app, f"{ada.pod}notes/two", "x" * 5000)
    expect(ada.page.locator("#entries li").nth(1)).to_contain_text("5.0 kB")
    remove(app, f"{ada.pod}notes/one")
    expect(rows(ada)).to_have_text(["two"])
    expect(ada.page.get_by_role("status")).to_have_text("Gone: one.")

    assert is_marked(ada)


def test_an_empty_folder_fills_and_a_full_one_empties(ada: Person, app: App) -> None:
    """In the page that is open."""
    opens(ada, "inbox/")
    ada.reads("Nothing is in this folder.")

    write(app, f"{ada.pod}inbox/one")
    expect(rows(ada)).to_have_text(["one"])
    remove(app, f"{ada.pod}inbox/one")

    ada.reads("Nothing is in this folder.")


def test_the_focus_stays_on_its_row_and_the_row_where_it_is(ada: Person, app: App) -> None:
    """Whatever comes before it, goes, or is sorted anew."""
    for number in range(20, 60):
        write(app, f"{ada.pod}notes/{number}")
    opens(ada, "notes/")
    link = ada.page.get_by_role("link", name="45", exact=True)
    link.focus()
    ada.page.evaluate("document.activeElement.scrollIntoView({block: 'center'})")
    top = link.bounding_box()

    for number in (1, 2, 3):
        write(app, f"{ada.pod}notes/{number}")
    remove(app, f"{ada.pod}notes/20")
    expect(rows(ada)).to_have_count(42)

    expect(link).to_be_focused()
    now = link.bounding_box()
    assert top is not None
    assert now is not None
    assert abs(top["y"] - now["y"]) < 2


def test_when_the_row_with_the_focus_goes_the_next_one_has_it(ada: Person, app: App) -> None:
    """Who steers by keys does not start again from the top."""
    for name in ("a", "b", "c"):
        write(app, f"{ada.pod}notes/{name}")
    opens(ada, "notes/")
    ada.page.get_by_role("link", name="b", exact=True).focus()

    remove(app, f"{ada.pod}notes/b")

    expect(ada.page.get_by_role("link", name="c", exact=True)).to_be_focused()


def test_what_is_typed_stays_while_the_folder_changes(ada: Person, app: App) -> None:
    """A search that is not sent yet, and the details that are open."""
    for number in range(12):
        write(app, f"{ada.pod}notes/{number}")
    opens(ada, "notes/")
    ada.page.get_by_label("Look for a name").fill("half a wo")
    ada.page.get_by_text("Address", exact=True).click()

    write(app, f"{ada.pod}notes/new")
    expect(rows(ada)).to_have_count(13)

    assert ada.page.get_by_label("Look for a name").input_value() == "half a wo"
    expect(ada.page.get_by_role("link", name="Go to this address")).to_be_visible()


def test_a_name_that_is_markup_stays_a_name(ada: Person, app: App) -> None:
    """In the page as it comes, and in what is put into it later."""
    judge = Judge(ada.page)
    opens(ada, "inbox/")

    write(app, f"{ada.pod}inbox/{quote(HOSTILE, safe='')}")
    expect(rows(ada)).to_have_text([HOSTILE])
    expect(ada.page.get_by_role("status")).to_have_text(f"New: {HOSTILE}.")
    ada.page.reload()
    expect(rows(ada)).to_have_text([HOSTILE])

    assert ada.page.title() == "inbox \u2013 Your files \u2013 Rhizome"
    assert ada.page.locator("main img").count() == 0
    assert judge.troubles == []


def test_an_app_that_is_revoked_in_another_tab_leaves_the_list(ada: Person, app: App) -> None:
    """And one that comes is in it."""
    assert app.page is not None
    ada.open(".account/apps")
    expect(state(ada)).to_have_text(UP_TO_DATE)
    expect(ada.page.get_by_role("heading", name=NAME)).to_be_visible()
    marked(ada)
    other = ada.context.new_page()

    other.goto(f"{ada.pages}.account/apps")
    other.get_by_role("button", name=f"Take back the access of {NAME}").click()

    ada.reads("No app may do anything in your name.")
    expect(ada.page.get_by_role("status")).to_have_text(f"Gone: {NAME}.")
    ada.signs_in_to(app, EVERYTHING)
    expect(ada.page.get_by_role("heading", name=NAME)).to_be_visible()
    assert is_marked(ada)


def test_what_the_pod_takes_up_grows_on_the_first_page(ada: Person, app: App) -> None:
    """As soon as something large is written."""
    ada.open()
    expect(state(ada)).to_have_text(UP_TO_DATE)
    marked(ada)

    write(app, f"{ada.pod}large", "x" * 3_000_000)

    expect(ada.page.locator("#used")).to_have_text("In all 3.0 MB.")
    assert is_marked(ada)


def test_a_file_opens_and_is_seen_to_change_and_to_go(ada: Person, app: App) -> None:
    """From the folder to the file, and to what is in it."""
    write(app, f"{ada.pod}notes/one")
    opens(ada, "notes/")
    ada.follow("one")
    ada.sees("one")
    expect(state(ada)).to_have_text(UP_TO_DATE)
    write(app, f"{ada.pod}notes/one", "x" * 5000)
    expect(ada.page.locator("main")).to_contain_text("5.0 kB")

    ada.follow("Open")
    expect(ada.page.locator("body")).to_contain_text("xxxxx")
    ada.page.go_back()
    expect(state(ada)).to_have_text(UP_TO_DATE)
    remove(app, f"{ada.pod}notes/one")

    ada.sees("Nothing is here")


def test_a_picture_opens_in_a_world_of_its_own(ada: Person, app: App) -> None:
    """It is seen, and has no origin."""
    judge = Judge(ada.page)
    sent = {"method": "PUT", "headers": {"content-type": "image/gif"}, "body": PICTURE}
    assert app.status(f"{ada.pod}dot.gif", **sent) == 201
    opens(ada)
    ada.follow("dot.gif")

    ada.follow("Open")

    ada.page.wait_for_function("document.images.length === 1 && document.images[0].naturalWidth === 1")
    assert ada.page.evaluate("origin") == "null"
    assert judge.troubles == []


def test_who_is_signed_out_elsewhere_sees_nothing_more(ada: Person, app: App) -> None:
    """The page goes to where one signs in, and back from there."""
    assert app.page is not None
    opens(ada, "inbox/")

    elsewhere = ada.context.new_page()
    elsewhere.goto(f"{ada.pages}.account/sign-out")
    elsewhere.get_by_role("button", name="Sign out", exact=True).click()

    ada.sign_in()
    ada.sees("inbox")


def test_without_scripts_a_reload_shows_the_change(ada: Person, app: App, browser: Browser) -> None:
    """Everything else works as well."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies(ada.context.cookies())  # type: ignore[arg-type]  # the same dictionaries
    page = context.new_page()
    page.goto(f"{ada.pages}.account/files")
    page.get_by_role("link", name="inbox", exact=True).click()
    expect(page.get_by_text("Nothing is in this folder.")).to_be_visible()

    write(app, f"{ada.pod}inbox/one")
    page.get_by_role("link", name="Show what has changed").click()

    expect(page.locator("#entries > li > a")).to_have_text(["one"])
    context.close()


def test_where_streams_are_blocked_the_page_is_a_plain_one(ada: Person, app: App) -> None:
    """With the same link."""
    ada.page.add_init_script("delete window.EventSource")
    ada.open(f".account/files?at={quote(ada.pod + 'inbox/', safe='')}")
    expect(state(ada)).to_be_hidden()

    write(app, f"{ada.pod}inbox/one")
    ada.follow("Show what has changed")

    expect(rows(ada)).to_have_text(["one"])


def loses_connection(person: Person) -> None:
    """From now on the browser reaches nothing, and the page has to connect anew."""
    person.context.set_offline(True)
    person.page.evaluate("dispatchEvent(new Event('pagehide'))")
    person.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(state(person)).to_have_text(LOST)


def test_a_lost_connection_is_said_and_found_again(ada: Person, app: App) -> None:
    """What changed meanwhile is there then."""
    opens(ada, "inbox/")
    loses_connection(ada)
    expect(ada.page.get_by_role("link", name="Show what has changed")).to_be_visible()
    expect(ada.page.get_by_role("status")).to_have_text(LOST)
    answer = ada.server.request("POST", f"{ada.name}/inbox/", "<#a> <#b> <#c>.", TURTLE, headers={"slug": "meanwhile"})
    assert answer.status_code == 201

    ada.context.set_offline(False)

    expect(state(ada)).to_have_text(UP_TO_DATE)
    expect(rows(ada)).to_have_text(["meanwhile"])
    expect(ada.page.get_by_role("link", name="Show what has changed")).to_be_hidden()


def test_two_pages_of_one_folder_change_together(ada: Person, app: App) -> None:
    """Each by itself."""
    opens(ada, "inbox/")
    second = ada.context.new_page()
    second.goto(ada.page.url)
    expect(second.locator("#live [data-state]")).to_have_text(UP_TO_DATE)

    write(app, f"{ada.pod}inbox/one")

    for page in (ada.page, second):
        expect(page.locator("#entries > li > a")).to_have_text(["one"])


def test_everybody_can_use_the_files(ada: Person, app: App) -> None:
    """In every width and theme, with a keyboard and by ear: full, empty, with faults, and with the connection lost."""
    judge = Judge(ada.page)
    write(
        app,
        f"{ada.pod}photos/{quote('Am Meer, Sommer 2026, mit einem wirklich sehr langen Namen, der nicht passt.jpg')}",
    )
    for number in range(120):
        write(app, f"{ada.pod}photos/IMG_{number:04}")
    app.put(f"{ada.pod}photos/album/1.ttl", "<#a> <#b> <#c>.")
    for name, path in {"folder": "", "empty": "inbox/", "many": "photos/"}.items():
        opens(ada, path)
        judge.look(name)
    opens(ada, "photos/", "&find=meer")
    judge.look("found")
    opens(ada, "photos/", "&find=nothing")
    judge.look("found-nothing")
    ada.open(f".account/file?at={quote(ada.pod + 'photos/IMG_0001', safe='')}")
    ada.page.get_by_text("Address", exact=True).click()
    judge.look("file")
    opens(ada, "photos/")
    write(app, f"{ada.pod}photos/A new one")
    expect(ada.page.get_by_role("status")).to_have_text("The list has changed.")
    judge.look("changed")
    ada.open(f".account/files?at={quote(ada.pod + 'none/', safe='')}")
    judge.look("nothing-here")
    ada.open(f".account/files?at={quote(ada.server.url + 'nobody/', safe='')}")
    judge.look("refused")
    ada.open(".account/files?at=x")
    judge.look("not-understood")

    assert judge.faults == []
    assert judge.troubles == []


def test_everybody_can_use_the_pages_that_live(ada: Person) -> None:
    judge = Judge(ada.page)
    ada.open(".account/apps")
    judge.look("apps")
    ada.open()
    judge.look("home")
    ada.open(".account/pods")
    ada.fill("Name of the pod", f"{ada.name}-work")
    ada.press("Make the pod")
    judge.look("pods")
    ada.open(".account/files")
    judge.look("several-pods")
    opens(ada)
    judge.look("one-of-several")
    loses_connection(ada)
    judge.look("lost")
    ada.context.set_offline(False)

    assert judge.faults == []
    assert judge.troubles == []
