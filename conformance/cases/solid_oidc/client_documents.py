"""Apps whose id is the URL of a document about them (Client ID Documents)."""

import json

from conformance.app import CALLBACK, CONTEXT, App, metadata
from conformance.case import case
from conformance.cases.solid_oidc._asked import goes_on, not_sent, turned_away
from conformance.cases.solid_oidc._issued import claims
from conformance.expect import require, status
from conformance.world import World

BOTH = ("issuer", "reach")
SIGNING_IN = ("issuer", "reach", "pages")


@case("clientids-document-op-dereference", needs=BOTH)
async def the_document_of_an_app_is_fetched(w: World) -> None:
    app = App.documented(w)
    goes_on(app, await app.open())
    require(app.document and app.document.got, "the issuer dereferences the client id")


@case("clientids-document-op-dereference", needs=BOTH)
async def a_document_is_understood_as_plain_json_too(w: World) -> None:
    """Read as JSON it is the metadata of RFC 7591, whatever the server that has it calls it."""
    app = App.documented(w, "application/json")
    goes_on(app, await app.open())


@case("clientids-document-op-dereference", needs=BOTH)
async def a_document_with_a_single_context_is_understood(w: World) -> None:
    app = App.documented(w, **{"@context": CONTEXT})
    goes_on(app, await app.open())


@case("clientids-document-client-id-equal", needs=BOTH)
async def a_document_about_another_app_is_refused(w: World) -> None:
    """Otherwise one app could borrow the name and places of another."""
    app = App.documented(w, client_id="https://another.example/app.jsonld")
    not_sent(await app.open(), CALLBACK)


@case("clientids-document-client-id-equal", needs=BOTH)
async def a_document_that_names_no_app_is_refused(w: World) -> None:
    content = {"@context": [CONTEXT], **metadata()}
    place = w.served.publish("application/ld+json", json.dumps(content), f"{w.served.name()}/app.jsonld")
    app = App(w.client, w.target.configuration, place.url)
    not_sent(await app.open(), CALLBACK)


@case("clientids-document-redirect-uri", needs=BOTH)
async def nobody_is_sent_where_the_document_does_not_say(w: World) -> None:
    app = App.documented(w)
    not_sent(await app.open(redirect_uri="https://elsewhere.example/callback"), "https://elsewhere.example/")


@case("clientids-document-redirect-uri", needs=BOTH)
async def a_place_that_only_begins_like_one_of_the_document_is_refused(w: World) -> None:
    """OIDC Core, 3.1.2.1: the match is exact."""
    app = App.documented(w)
    for uri in (f"{CALLBACK}/more", f"{CALLBACK}?more=1"):
        not_sent(await app.open(redirect_uri=uri), uri)


@case("clientids-document-redirect-uri", needs=BOTH)
async def each_place_of_the_document_can_be_used(w: World) -> None:
    places = [CALLBACK, "https://app.example/other"]
    app = App.documented(w, redirect_uris=places)
    for uri in places:
        app.redirect_uri = uri
        goes_on(app, await app.open())


@case("clientids-document-op-dereference", needs=BOTH)
async def an_app_without_a_document_is_refused(w: World) -> None:
    app = App(w.client, w.target.configuration, f"{w.served.url}{w.served.name()}")
    not_sent(await app.open(), CALLBACK)


@case("clientids-document-op-dereference", needs=BOTH)
async def a_document_that_is_no_metadata_is_refused(w: World) -> None:
    for content in ("<p>An app</p>", "[]", '"an app"'):
        place = w.served.publish("text/html", content, f"{w.served.name()}/app.jsonld")
        not_sent(await App(w.client, w.target.configuration, place.url).open(), CALLBACK)


@case("clientids-document-op-dereference", needs=BOTH)
async def an_app_may_not_ask_for_what_its_document_leaves_out(w: World) -> None:
    """Every parameter is checked against the document: an app that says that it uses no codes gets none."""
    app = App.documented(w, grant_types=["client_credentials"], response_types=[])
    turned_away(app, await app.open())


@case("clientids-document-op-dereference", "tokens-id-azp", needs=SIGNING_IN)
async def an_app_with_a_document_gets_tokens_without_a_secret(w: World) -> None:
    """The token request has a valid client id that can be dereferenced, and a proof."""
    app = App.documented(w)
    told = await app.tokens(w)
    require(claims(str(told["id_token"])).get("azp") == app.client_id, "azp is the URL of the document")


@case("access-token-accept", needs=SIGNING_IN)
async def the_token_of_an_app_with_a_document_is_taken_by_the_server(w: World) -> None:
    app = App.documented(w)
    told = await app.tokens(w)
    status(await app.person(w, str(told["access_token"])).get(w.place), 200)


@case("access-token-jwt", needs=SIGNING_IN)
async def the_access_token_names_the_document_as_the_client(w: World) -> None:
    """By that policies can tell apps apart."""
    app = App.documented(w)
    found = claims(str((await app.tokens(w))["access_token"]))
    require(found.get("client_id", found.get("azp")) == app.client_id, "client_id is the URL of the document")
