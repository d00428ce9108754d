"""Pages on an origin of their own, as is best where people keep pages of theirs in pods."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.system.browser import with_authenticator
from tests.system.browser_app import AppSite
from tests.system.browser_people import Person
from tests.system.conftest import NUMBERS, serving
from tests.system.servers import Server, free_port

pytestmark = [pytest.mark.system, pytest.mark.node]


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with its pages on another host."""
    port = free_port()
    with serving(tmp_path_factory.mktemp("apart")) as start:
        yield start(port=port, POD_IDENTITY_URL=pages(port))


def pages(port: int) -> str:
    return f"http://accounts.localhost:{port}/"


@pytest.fixture
def eve(browser: Browser, apart: Server) -> Iterator[Person]:
    """Somebody who was never here before."""
    context = browser.new_context(locale="en-GB")
    yield Person(context, apart, f"eve{next(NUMBERS)}", pages(apart.port))
    context.close()


def test_an_app_signs_in_who_signs_up_on_the_pages(eve: Person, site: AppSite) -> None:
    """The app knows only the issuer; the person is led to the pages, and back."""
    app = eve.app(site)
    app.begin()
    eve.page = app.page

    eve.follow("Make an account")
    eve.signs_up()
    eve.lets_in(app)

    app.expect(f"Signed in as {eve.webid}")
    assert app.put(f"{eve.pod}secret.ttl", "<#a> <#b> <#c>.") == 201


def test_an_app_restores_its_session_over_the_pages(eve: Person, site: AppSite) -> None:
    """Silently, after a reload."""
    eve.has_pod()
    eve.is_back()
    app = eve.app(site)
    eve.signs_in_to(app)

    app.page.reload()

    app.expect(f"Signed in as {eve.webid}")


def test_a_passkey_belongs_to_the_origin_of_the_pages(eve: Person) -> None:
    """It is made there, and signs its owner in there."""
    eve.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    with_authenticator(eve.page)
    eve.has_pod()
    eve.is_back()
    eve.open(".account/passkeys")
    eve.press("Make a passkey")
    eve.reads("The passkey is ready to use.")
    eve.context.clear_cookies()

    eve.open(".account/sign-in")
    eve.press("Sign in with a passkey")

    eve.sees("Your place")


def test_a_page_in_a_pod_is_of_another_origin_than_the_pages(eve: Person) -> None:
    """No cookie of the pages goes to where pods are."""
    eve.has_pod()
    eve.is_back()
    eve.page.goto(f"{eve.pod}profile/card")

    assert eve.context.cookies(eve.server.url) == []
    assert eve.server.request("GET", "/.account/sign-in").status_code == 404


def test_no_pod_is_on_the_origin_of_the_pages(eve: Person) -> None:
    """Nothing that people keep is there."""
    eve.has_pod()

    answer = eve.page.goto(f"{eve.pages}{eve.name}/profile/card")

    assert answer is not None
    assert answer.status == 404
