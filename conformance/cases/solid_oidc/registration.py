"""Apps that register themselves (RFC 7591)."""

from conformance.app import CALLBACK, App, metadata, register
from conformance.case import case
from conformance.cases.solid_oidc._asked import goes_on
from conformance.exchange import Answer
from conformance.expect import refused, require, status
from conformance.world import World

ISSUER = ("issuer",)


async def _registered(w: World, **changes: object) -> dict[str, object]:
    answer = await register(w, metadata(**changes))
    status(answer, 201)
    found = answer.json()
    require(isinstance(found, dict) and isinstance(found.get("client_id"), str), "the answer has a client_id")
    return dict(found)


def _refused(answer: Answer, *errors: str) -> None:
    refused(answer)
    found = answer.json()
    require(isinstance(found, dict) and found.get("error") in errors, f"the error is {' or '.join(errors)}")


@case("dynamic-registration-open", needs=ISSUER)
async def an_app_registers_and_is_told_what_was_registered(w: World) -> None:
    """RFC 7591, 3.2.1: 201 with the client id, and all that is registered."""
    found = await _registered(w)
    require(found.get("redirect_uris") == [CALLBACK], "the redirect_uris are as they were sent")
    require(found.get("token_endpoint_auth_method") == "none", "the app has no secret to sign in with")


@case("dynamic-registration-open", needs=ISSUER)
async def an_app_without_secret_gets_none(w: World) -> None:
    require("client_secret" not in await _registered(w), "an app in a browser gets no secret")


@case("dynamic-registration-open", needs=ISSUER)
async def an_app_that_keeps_secrets_gets_one(w: World) -> None:
    """RFC 7591, 3.2.1: client_secret, and when it ends: 0 for never."""
    found = await _registered(w, token_endpoint_auth_method="client_secret_basic")
    require(isinstance(found.get("client_secret"), str) and found["client_secret"], "there is a secret")
    require(isinstance(found.get("client_secret_expires_at"), int), "client_secret_expires_at says when it ends")


@case("dynamic-registration-open", needs=ISSUER)
async def every_app_gets_an_id_of_its_own(w: World) -> None:
    first, second = await _registered(w), await _registered(w)
    require(first["client_id"] != second["client_id"], "two registrations are two clients")


@case("dynamic-registration-open", needs=ISSUER)
async def an_app_on_the_persons_own_machine_registers(w: World) -> None:
    """RFC 8252, 7.3: a native app listens on a loopback address."""
    for uri in ("http://localhost:4411/callback", "http://127.0.0.1:4411/callback"):
        await _registered(w, application_type="native", redirect_uris=[uri])


@case("dynamic-registration-open", needs=ISSUER)
async def a_registration_without_redirect_uris_is_refused(w: World) -> None:
    """RFC 7591, 2: clients with a flow by redirects must register them."""
    answer = await register(w, metadata(redirect_uris=None))
    _refused(answer, "invalid_redirect_uri", "invalid_client_metadata")


@case("dynamic-registration-open", needs=ISSUER)
async def a_registration_of_what_is_no_uri_is_refused(w: World) -> None:
    """RFC 6749, 3.1.2: a redirect URI is absolute, and has no fragment."""
    for uri in ("not a uri", "/callback", f"{CALLBACK}#fragment"):
        answer = await register(w, metadata(redirect_uris=[uri]))
        _refused(answer, "invalid_redirect_uri", "invalid_client_metadata")


@case("dynamic-registration-open", needs=ISSUER)
async def a_registration_that_is_no_object_is_refused(w: World) -> None:
    refused(await register(w, [metadata()]))


@case("dynamic-registration-open", "webid-scope", needs=ISSUER)
async def a_registered_app_may_ask_for_the_scope_webid(w: World) -> None:
    """Also when it has not said in advance which scopes it will ask for."""
    app = await App.registered(w)
    goes_on(app, await app.open(scope="openid webid"))
    app = await App.registered(w, scope=None)
    goes_on(app, await app.open(scope="openid webid"))
