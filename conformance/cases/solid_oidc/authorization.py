"""The authorization endpoint (RFC 6749, 4.1; PKCE, RFC 7636), as far as it goes before anyone signs in."""

from conformance.app import CALLBACK, App, members
from conformance.case import Failed, case
from conformance.cases.solid_oidc._asked import goes_on, not_sent, turned_away
from conformance.exchange import Answer
from conformance.expect import require
from conformance.world import World

ISSUER = ("issuer",)
ELSEWHERE = "https://elsewhere.example/"


@case("pkce-s256", needs=ISSUER)
async def a_request_with_a_challenge_goes_on(w: World) -> None:
    app = await App.registered(w)
    goes_on(app, await app.open())


@case("pkce-s256", needs=ISSUER)
async def a_request_without_challenge_is_refused(w: World) -> None:
    """The app has no secret, so that anyone who gets hold of the code could use it."""
    app = await App.registered(w)
    turned_away(app, await app.open(code_challenge=None, code_challenge_method=None))


@case("pkce-s256", needs=ISSUER)
async def a_challenge_that_is_the_verifier_itself_is_refused(w: World) -> None:
    """The method `plain`, which is meant also when no method is named (RFC 7636, 4.3)."""
    app = await App.registered(w)
    turned_away(app, await app.open(code_challenge=app.verifier, code_challenge_method="plain"))
    turned_away(app, await app.open(code_challenge=app.verifier, code_challenge_method=None))


@case("clientids-document-redirect-uri", needs=ISSUER)
async def nobody_is_sent_where_the_app_has_not_registered(w: World) -> None:
    app = await App.registered(w)
    not_sent(await app.open(redirect_uri=f"{ELSEWHERE}callback"), ELSEWHERE)


@case("clientids-document-redirect-uri", needs=ISSUER)
async def a_place_that_only_begins_like_a_registered_one_is_refused(w: World) -> None:
    """OIDC Core, 3.1.2.1: the match is exact."""
    app = await App.registered(w)
    for uri in (f"{CALLBACK}/more", f"{CALLBACK}?more=1", "https://app.example.elsewhere.example/callback"):
        not_sent(await app.open(redirect_uri=uri), uri)


@case("clientids-document-redirect-uri", needs=ISSUER)
async def an_app_that_nobody_knows_is_refused(w: World) -> None:
    app = App(w.client, w.target.configuration, f"nobody-{w.fresh()}")
    not_sent(await app.open(), CALLBACK)


def _told(answer: Answer) -> dict[str, str]:
    if not answer.header("location").startswith(CALLBACK):
        raise Failed(f"The app should have been told an error, and {answer.url} was answered with {answer.status}.")
    return dict(members(answer.location))


@case("iss-check-op-include", "iss-check-op-value", needs=ISSUER)
async def an_error_that_an_app_is_told_names_the_issuer(w: World) -> None:
    """RFC 9207, 2: `iss` is in error responses as well. Nobody is signed in, and prompt=none asks nobody."""
    app = await App.registered(w)
    told = _told(await app.open(prompt="none"))
    require("error" in told, "nobody is signed in, so that the app is told an error")
    require(told.get("iss") == w.target.configuration["issuer"], "iss is the issuer, to the letter")


@case("oidc-discovery-metadata", needs=ISSUER)
async def an_app_gets_its_state_back_with_an_error(w: World) -> None:
    """RFC 6749, 4.1.2.1: state is required if it was in the request."""
    app = await App.registered(w)
    require(_told(await app.open(prompt="none")).get("state") == app.state, "state comes back as it was")


@case("oidc-discovery-metadata", needs=ISSUER)
async def an_app_is_told_that_nobody_is_signed_in(w: World) -> None:
    """OIDC Core, 3.1.2.6."""
    told = _told(await (await App.registered(w)).open(prompt="none"))
    known = {"login_required", "interaction_required", "account_selection_required", "consent_required"}
    require(told.get("error") in known, "the error is login_required or one like it")


@case("oidc-discovery-metadata", needs=ISSUER)
async def a_kind_of_answer_that_is_not_offered_is_refused(w: World) -> None:
    """RFC 6749, 4.1.2.1: unsupported_response_type."""
    app = await App.registered(w)
    turned_away(app, await app.open(response_type="urn:voc:example"))
