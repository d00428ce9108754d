"""Apps in a real browser: an unmodified library signs people in, and gets what they agreed to and nothing else."""

import json
from urllib.parse import urlencode

import pytest

from tests.system.browser_app import NAME, PLACE, App, AppSite
from tests.system.browser_people import Person
from tests.system.conftest import Somebody

pytestmark = [pytest.mark.system, pytest.mark.node]

EVERYTHING, FOLDERS = "Everything", "Only the folders that I pick"
NOTE = "@prefix schema: <https://schema.org/>. <#it> a schema:Note."
CONTAINER = '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'


@pytest.fixture
def app(ada: Person, site: AppSite) -> App:
    """The app, which may do everything in Ada's pod."""
    found = ada.app(site)
    ada.signs_in_to(found, EVERYTHING)
    return found


def two_folders(app: App, ada: Person) -> tuple[str, str]:
    """A note in each of two folders."""
    notes, letters = f"{ada.pod}notes/one.ttl", f"{ada.pod}letters/one.ttl"
    assert [app.put(notes, NOTE), app.put(letters, NOTE)] == [201, 201]
    return notes, letters


@pytest.mark.spec("pkce-s256", "iss-check-op-include")
def test_an_app_signs_in_who_signs_in_here_and_agrees(resident: Somebody, site: AppSite) -> None:
    """A person who is not signed in comes with an app, signs in, agrees, and is known to the app."""
    ada = resident("ada")
    app = ada.app(site)

    app.begin()
    ada.sign_in(app.page)
    ada.lets_in(app)

    app.expect(f"Signed in as {ada.webid}")


def test_an_app_reads_what_only_its_person_may(ada: Person, app: App) -> None:
    """The library's fetch gets what is refused to a stranger."""
    assert app.put(f"{ada.pod}secret.ttl", NOTE) == 201

    answer = app.ask(f"{ada.pod}secret.ttl")

    assert (answer["status"], NOTE in answer["text"]) == (200, True)
    assert ada.server.get(f"{ada.name}/secret.ttl").status_code == 401


def test_an_app_that_is_refused_is_told(ada: Person, site: AppSite) -> None:
    """Who says no goes back to the app, which has nothing."""
    app = ada.app(site)

    app.begin()
    app.page.get_by_role("button", name="Refuse", exact=True).click()

    app.page.wait_for_url(f"{site.url}**")
    app.expect("Signed out")
    assert "access_denied" in app.page.inner_text("#error")


def test_a_reload_keeps_the_person_signed_in(ada: Person, app: App) -> None:
    """The library restores its session without a question (prompt=none), and reads on."""
    assert app.put(f"{ada.pod}secret.ttl", NOTE) == 201

    app.page.reload()

    app.expect(f"Signed in as {ada.webid}")
    assert app.status(f"{ada.pod}secret.ttl") == 200


def test_a_reload_after_signing_out_here_signs_the_app_out(ada: Person, app: App) -> None:
    """Without a session of the server there is nothing to restore: the app is told that one has to sign in."""
    ada.open(".account/sign-out")
    ada.press("Sign out")
    ada.reads("You are signed out.")

    app.page.reload()

    app.expect("Signed out")
    assert "login_required" in app.page.inner_text("#error")


def test_an_app_gets_the_folders_that_were_picked(ada: Person, app: App, site: AppSite) -> None:
    """With everything else refused, whatever the person could do there."""
    notes, letters = two_folders(app, ada)
    other = ada.app(site)

    other.begin()
    ada.lets_in(other, FOLDERS, "notes/")
    other.expect(f"Signed in as {ada.webid}")

    assert (other.status(notes), other.put(f"{ada.pod}notes/two.ttl", NOTE)) == (200, 201)
    assert (other.status(letters), other.put(f"{ada.pod}letters/two.ttl", NOTE)) == (403, 403)


def test_an_app_that_may_only_look_writes_nothing(ada: Person, app: App, site: AppSite) -> None:
    """Read only holds for all that was agreed to."""
    notes, _ = two_folders(app, ada)
    other = ada.app(site)

    other.begin()
    ada.lets_in(other, FOLDERS, "notes/", read_only=True)
    other.expect(f"Signed in as {ada.webid}")

    assert (other.status(notes), other.put(notes, NOTE)) == (200, 403)


def test_what_is_taken_from_an_app_is_refused_at_once_and_the_rest_works(ada: Person, app: App, site: AppSite) -> None:
    """The Apps page narrows a grant of two folders to one, while the app is signed in."""
    notes, letters = two_folders(app, ada)
    other = ada.app(site)
    other.begin()
    ada.lets_in(other, FOLDERS, "notes/", "letters/")
    other.expect(f"Signed in as {ada.webid}")
    assert (other.status(notes), other.status(letters)) == (200, 200)

    ada.open(".account/apps")
    ada.page.get_by_role("link", name="See and change what").first.click()
    ada.page.get_by_label(f"{ada.name}/letters/", exact=True).uncheck()
    ada.press("Allow only this")
    ada.reads("The app may now do only this.")

    assert (other.status(notes), other.status(letters)) == (200, 403)


def test_an_app_is_refused_at_the_next_request_once_its_access_is_taken_back(ada: Person, app: App) -> None:
    """Its token is still young, and opens nothing any more."""
    assert app.put(f"{ada.pod}secret.ttl", NOTE) == 201

    ada.open(".account/apps")
    ada.page.get_by_role("button", name=f"Take back the access of {NAME}").click()
    ada.reads("Access was taken back.")

    assert app.status(f"{ada.pod}secret.ttl") in {401, 403}


def test_an_app_whose_access_was_taken_back_must_ask_again(ada: Person, app: App) -> None:
    """A reload does not sign in silently: the person has to be asked."""
    ada.open(".account/apps")
    ada.page.get_by_role("button", name=f"Take back the access of {NAME}").click()
    ada.reads("Access was taken back.")

    app.page.reload()

    app.expect("Signed out")
    assert "consent_required" in app.page.inner_text("#error")


def test_signing_out_of_an_app_leaves_the_person_signed_in_here(ada: Person, app: App) -> None:
    """The app forgets who was there, also over a reload; the server does not."""
    app.page.evaluate("app.session.logout({ logoutType: 'app' })")

    app.open()

    app.expect("Signed out")
    assert ada.is_signed_in()


@pytest.mark.parametrize("is_own", [True, False], ids=["to its own page", "nowhere"])
def test_an_app_signs_the_person_out_here(ada: Person, site: AppSite, *, is_own: bool) -> None:
    """RP-initiated logout, with and without a place to go on to that the app's document names."""
    client = site.client("/leaving.jsonld", post_logout_redirect_uris=[f"{site.url}left"])
    site.put("/left", "text/html", "<!doctype html><title>Left</title><h1>Left</h1>")
    app = ada.app(site)
    app.begin(client=client)
    ada.lets_in(app)
    app.expect(f"Signed in as {ada.webid}")

    onward = f", postLogoutUrl: '{site.url}left'" if is_own else ""
    app.page.evaluate(f"void app.session.logout({{ logoutType: 'idp'{onward} }})")

    app.page.wait_for_url(f"{site.url}left" if is_own else ada.server.url)
    assert not ada.is_signed_in()


def test_an_app_with_a_document_is_named_with_the_host_that_vouches_for_it(ada: Person, site: AppSite) -> None:
    """The person sees who asks: the name, and where it comes from."""
    app = ada.app(site)

    app.begin(client=site.client("/notes.jsonld", client_name="Field notes"))

    app.page.get_by_role("heading", name="May Field notes do this?").wait_for()
    app.page.get_by_text("Verified: 127.0.0.1 itself says that this is its app").wait_for()


def test_an_app_that_asks_for_one_folder_by_its_document_gets_no_more(ada: Person, app: App, site: AppSite) -> None:
    """The needs of a Client ID Document are shown in plain words, with the reason, and are all that is granted."""
    notes, letters = two_folders(app, ada)
    need = {"container": "/notes/", "modes": ["read"], "label": "To print them"}
    other = ada.app(site)

    other.begin(client=site.client("/printer.jsonld", access_needs=[need]))
    other.page.get_by_text("It says: “To print them”").wait_for()
    ada.lets_in(other)
    other.expect(f"Signed in as {ada.webid}")

    assert (other.status(notes), other.put(notes, NOTE), other.status(letters)) == (200, 403, 403)


def test_an_app_that_asks_for_a_kind_that_nobody_keeps_gets_only_the_rest(ada: Person, app: App, site: AppSite) -> None:
    """What has no place yet is not given anywhere, unless the person picks a folder for it."""
    two_folders(app, ada)
    needs = [{"container": "/notes/", "modes": ["read"]}, {"class": "https://schema.org/Recipe", "modes": ["append"]}]
    other = ada.app(site)

    other.begin(client=site.client("/cook.jsonld", access_needs=needs))
    ada.lets_in(other)
    other.expect(f"Signed in as {ada.webid}")

    assert other.status(f"{ada.pod}notes/", method="POST", headers={"content-type": "text/turtle"}, body=NOTE) == 403


def test_an_app_that_asks_for_one_kind_of_thing_by_a_scope_gets_where_that_is(
    ada: Person, app: App, site: AppSite
) -> None:
    """The type index says where somebody keeps things of a class."""
    notes, letters = two_folders(app, ada)
    index = f"{ada.pod}settings/privateTypeIndex.ttl"
    assert app.put(index, registered(f"{ada.pod}notes/")) in {201, 204, 205}
    other = ada.app(site)

    other.begin(scopes=["solid:read+write:https://schema.org/Note"])
    ada.lets_in(other)
    other.expect(f"Signed in as {ada.webid}")

    assert (other.status(notes), other.status(letters)) == (200, 403)


def registered(container: str) -> str:
    return f"""\
@prefix solid: <http://www.w3.org/ns/solid/terms#>.
<> a solid:TypeIndex, solid:UnlistedDocument.
<#notes> a solid:TypeRegistration; solid:forClass <https://schema.org/Note>; solid:instanceContainer <{container}>.
"""


def test_an_app_cannot_hand_out_what_it_was_not_given(ada: Person, app: App, site: AppSite) -> None:
    """An app with folders reads and writes no policy there, though its person could."""
    two_folders(app, ada)
    other = ada.app(site)
    other.begin()
    ada.lets_in(other, FOLDERS, "notes/")
    other.expect(f"Signed in as {ada.webid}")

    assert (other.status(f"{ada.pod}notes/.acl"), other.put(f"{ada.pod}notes/.acl", NOTE)) == (403, 403)


def test_a_new_person_comes_with_an_app_and_ends_up_in_it(somebody: Somebody, site: AppSite) -> None:
    """Sign up, a pod, consent, and back in the app, with nothing to find on the way."""
    eve = somebody("eve")
    app = eve.app(site)
    app.begin()
    eve.page = app.page

    eve.follow("Make an account")
    eve.signs_up()
    eve.lets_in(app)

    app.expect(f"Signed in as {eve.webid}")


def test_who_is_refused_asks_the_owner_whose_answer_lets_them_in(
    neighbour: Somebody, ada: Person, app: App, site: AppSite
) -> None:
    """The problem document of the refusal leads to a page to ask; the owner finds the request, and allows it."""
    assert app.put(f"{ada.pod}notes/one.ttl", NOTE) == 201
    bob = neighbour("bob")
    his = bob.app(site)
    bob.signs_in_to(his, EVERYTHING)
    refused = his.ask(f"{ada.pod}notes/one.ttl")
    assert refused["status"] == 403

    bob.page.goto(json.loads(refused["text"])["access_request"])
    bob.sees("Ask for access")
    bob.fill("Why you ask", "We are writing this together.")
    bob.press("Send the request")
    bob.reads("Your request is on its way to the owner.")
    ada.open()
    ada.follow("Somebody asks for access.")
    ada.reads("We are writing this together.")
    ada.press(f"Allow it to {bob.webid}")
    ada.reads("Allowed. Whoever asked is told.")

    assert his.status(f"{ada.pod}notes/one.ttl") == 200


def test_who_comes_upon_a_place_of_others_without_being_known_can_sign_in_and_ask(
    resident: Somebody, ada: Person, app: App
) -> None:
    """The page of the refusal offers it; signing in leads on to the question, and not elsewhere."""
    assert app.put(f"{ada.pod}notes/one.ttl", NOTE) == 201
    bob = resident("bob")
    bob.page.goto(f"{ada.pod}notes/one.ttl")

    bob.follow("Ask the owner for access")
    bob.sign_in()

    bob.sees("Ask for access")
    bob.reads(f"{ada.pod}notes/one.ttl")


def test_who_asked_sees_what_became_of_it(neighbour: Somebody, ada: Person, app: App) -> None:
    """A request that the owner refuses stands as refused in the list of whoever asked."""
    bob = neighbour("bob")
    bob.open(f".account/requests/new?{urlencode({'resource': f'{ada.pod}notes/', 'mode': 'read'})}")
    bob.press("Send the request")
    bob.reads("Waiting for an answer")

    ada.open(".account/requests")
    ada.press(f"Refuse it to {bob.webid}")
    ada.reads("Refused. Whoever asked is told.")

    bob.open(".account/requests")
    bob.reads("Refused")


def test_the_lock_file_of_the_app_names_no_registry() -> None:
    assert '"resolved"' not in (PLACE / "package-lock.json").read_text()
