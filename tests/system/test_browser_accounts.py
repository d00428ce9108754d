"""An account from its first day to its last, in a real browser."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.system.browser import with_authenticator
from tests.system.browser_app import AppSite
from tests.system.browser_people import PASSWORD, Person
from tests.system.conftest import Somebody
from tests.system.servers import rhizome

pytestmark = [pytest.mark.system, pytest.mark.node]


def with_device(person: Person) -> None:
    """Give them a device for passkeys, at a browser that offers none by itself: the button has to be pressed."""
    person.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    with_authenticator(person.page)


def make_passkey(person: Person) -> None:
    """From the first page to a passkey in the settings."""
    with_device(person)
    person.open()
    person.follow("Settings")
    person.follow("Passkeys")
    person.press("Make a passkey")
    person.reads("The passkey is ready to use.")


def sign_out(person: Person) -> None:
    """By the link on top of each page."""
    person.open()
    person.follow("Sign out")
    person.press("Sign out")
    person.reads("You are signed out.")


def recovery_codes(person: Person) -> list[str]:
    """Ten new ones."""
    person.open(".account/recovery-codes")
    person.press("Make ten new codes")
    codes = person.page.locator("ol.codes li")
    expect(codes).to_have_count(10)
    return codes.all_inner_texts()


def delete(person: Person) -> None:
    """From the first page to the end of the account."""
    person.open()
    person.follow("Settings")
    person.follow("Delete the account")
    person.tick("I understand that everything will be deleted")
    person.press("Delete my account")
    person.reads("Until then you can change your mind.")


def test_a_person_signs_up_with_a_password_and_has_a_pod(somebody: Somebody) -> None:
    """From the first page to one's own place, with a WebID that anybody can read."""
    eve = somebody("eve")

    eve.open()
    eve.follow("Make an account")
    eve.signs_up()

    eve.sees("Your place")
    eve.reads(eve.pod)
    assert eve.server.get(f"{eve.name}/profile/card").status_code == 200


def test_a_person_signs_up_with_a_passkey_and_comes_back_with_it(somebody: Somebody) -> None:
    """There is never a password."""
    eve = somebody("eve")
    with_device(eve)
    eve.open(".account/sign-up")
    eve.fill("E-mail address", eve.email)
    eve.tick("With a passkey")
    eve.press("Make the account")
    eve.press("Make a passkey")
    eve.makes_pod()
    eve.sees("Your place")
    sign_out(eve)

    eve.open(".account/sign-in")
    eve.press("Sign in with a passkey")

    eve.sees("Your place")


def test_a_passkey_that_was_made_later_signs_its_owner_in(ada: Person) -> None:
    """Beside the password."""
    make_passkey(ada)
    sign_out(ada)

    ada.follow("Sign in")
    ada.press("Sign in with a passkey")

    ada.sees("Your place")


def test_a_browser_that_offers_passkeys_by_itself_signs_its_owner_in(ada: Person) -> None:
    """The page to sign in lets it offer them in the field for the address."""
    with_authenticator(ada.page)
    ada.open(".account/passkeys")
    ada.press("Make a passkey")
    ada.reads("The passkey is ready to use.")
    sign_out(ada)

    ada.open(".account/sign-in")

    ada.sees("Your place")


def test_a_passkey_that_was_removed_signs_nobody_in(ada: Person) -> None:
    """The device still has it, the server does not know it any more."""
    make_passkey(ada)
    ada.page.get_by_text("Change", exact=True).click()
    ada.page.get_by_role("button", name="Remove the passkey").click()
    ada.reads("Removed.")
    sign_out(ada)

    ada.open(".account/sign-in")
    ada.press("Sign in with a passkey")

    expect(ada.page.get_by_role("alert").first).to_be_visible()
    assert not ada.is_signed_in()


def test_a_wrong_password_is_said_to_be_wrong(resident: Somebody) -> None:
    """The person is told, and nobody is signed in."""
    ada = resident("ada")
    ada.open(".account/sign-in")

    ada.sign_in(password="eight green umbrellas")

    expect(ada.page.get_by_role("alert").first).to_be_visible()
    assert not ada.is_signed_in()


def test_signing_out_everywhere_ends_the_session_of_another_browser(ada: Person, somebody: Somebody) -> None:
    """A lost device is out at its next step."""
    elsewhere = somebody("ada")
    elsewhere.email = ada.email
    elsewhere.arrive()

    ada.open(".account/sessions")
    ada.press("Sign out everywhere")
    ada.reads("You are signed out on every device.")

    assert not elsewhere.is_signed_in()


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(resident: Somebody) -> None:
    """The page to sign in leads there; the new password counts."""
    ada = resident("ada")
    ada.open(".account/sign-in")
    ada.follow("Forgot your password?")
    ada.fill("E-mail address", ada.email)
    ada.press("Send me a link")
    ada.sees("Look into your mail")

    ada.open(ada.mail())
    ada.fill("New password", "nine blue umbrellas")
    ada.press("Set the password")
    ada.sees("Your place")
    sign_out(ada)
    ada.open(".account/sign-in")
    ada.sign_in(password="nine blue umbrellas")

    ada.sees("Your place")


def test_a_forgotten_password_does_not_work_once_it_is_replaced(resident: Somebody) -> None:
    """Whoever had learned it has nothing of it."""
    ada = resident("ada")
    ada.open(".account/forgot")
    ada.fill("E-mail address", ada.email)
    ada.press("Send me a link")
    ada.sees("Look into your mail")
    ada.open(ada.mail())
    ada.fill("New password", "nine blue umbrellas")
    ada.press("Set the password")
    ada.sees("Your place")
    sign_out(ada)

    ada.open(".account/sign-in")
    ada.sign_in(password=PASSWORD)

    expect(ada.page.get_by_role("alert").first).to_be_visible()


def test_a_recovery_code_lets_its_owner_in(ada: Person) -> None:
    """Without a password and without mail."""
    code = recovery_codes(ada)[0]
    sign_out(ada)

    ada.open(".account/sign-in")
    ada.follow("Use a recovery code")
    ada.fill("E-mail address", ada.email)
    ada.fill("Recovery code", code)
    ada.press("Sign in")

    ada.sees("Your place")


def test_a_recovery_code_works_once(ada: Person) -> None:
    """The second time it is refused."""
    code = recovery_codes(ada)[0]
    sign_out(ada)
    for _ in range(2):
        ada.context.clear_cookies()
        ada.open(".account/recover")
        ada.fill("E-mail address", ada.email)
        ada.fill("Recovery code", code)
        ada.press("Sign in")

    expect(ada.page.get_by_role("alert").first).to_be_visible()


def test_an_account_that_is_being_deleted_can_be_kept(ada: Person) -> None:
    """Its pod is closed at once, and open again as soon as its owner has changed their mind."""
    profile = f"{ada.name}/profile/card"
    delete(ada)
    assert ada.server.get(profile).status_code != 200

    ada.press("Keep my account")

    ada.reads("Good to have you back: nothing will be deleted.")
    assert ada.server.get(profile).status_code == 200


def test_an_account_that_is_being_deleted_lets_its_owner_in_to_keep_it(ada: Person) -> None:
    """Also from another day on: signing in works, and the first page says what will happen."""
    delete(ada)
    ada.context.clear_cookies()

    ada.arrive()

    ada.reads("This account will be deleted on")


def test_an_app_is_refused_while_the_account_is_being_deleted(ada: Person, site: AppSite) -> None:
    """Its token is still young."""
    app = ada.app(site)
    ada.signs_in_to(app)
    assert app.put(f"{ada.pod}secret.ttl", "<#a> <#b> <#c>.") == 201

    delete(ada)

    assert app.status(f"{ada.pod}secret.ttl") in {401, 403, 404, 410}


@pytest.fixture
def purged(ada: Person) -> tuple[Person, str]:
    """Somebody whose account was deleted, kept, deleted again and removed for good; with the number of the receipt."""
    delete(ada)
    ada.press("Keep my account")
    ada.reads("Good to have you back: nothing will be deleted.")
    delete(ada)
    ended = rhizome("account", "purge", ada.email, "--yes", "--json", "--data", ada.server.data)
    assert ended.returncode == 0, ended.stderr
    return ada, json.loads(ended.stdout)["id"]


def test_nobody_signs_in_to_an_account_that_was_removed(purged: tuple[Person, str]) -> None:
    """As if it had never been."""
    ada, _ = purged
    assert not ada.is_signed_in()

    ada.open(".account/sign-in")
    ada.sign_in()

    expect(ada.page.get_by_role("alert").first).to_be_visible()


def test_nothing_is_left_of_a_pod_that_was_removed(purged: tuple[Person, str]) -> None:
    """Nobody can read what was public."""
    ada, _ = purged

    assert ada.server.get(f"{ada.name}/profile/card").status_code in {404, 410}


def test_a_receipt_says_what_was_removed(purged: tuple[Person, str]) -> None:
    """For whoever has the number."""
    ada, number = purged

    ada.open(f".account/receipt?id={number}")

    ada.sees("Receipt")
    ada.reads(number)


def test_an_export_has_everything_in_one_file(ada: Person) -> None:
    """The page to delete the account offers it first."""
    ada.open(".account/delete")

    with ada.page.expect_download() as taken:
        ada.follow("Download everything")

    assert re.fullmatch(r"rhizome.*\.zip", taken.value.suggested_filename)
    assert taken.value.path().read_bytes().startswith(b"PK")
