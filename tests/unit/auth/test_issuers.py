"""Which issuers a WebID trusts, and their keys."""

import json

import pytest

from pod import fetch
from pod.auth import issuers
from pod.errors import Unauthenticated
from tests.tokens import Key
from tests.unit.auth.town import Town
from tests.unit.web import Page, redirect


@pytest.fixture
def town() -> Town:
    return Town()


async def refusal(town: Town, issuer: str | None = None) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await town.issuers.require_trusted(town.webid, issuer or town.issuer.url)
    assert refused.value.code == "invalid_token"
    return refused.value.message


async def no_keys(town: Town, kid: str | None = None) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await town.issuers.keys(town.issuer.url, kid)
    assert refused.value.code == "invalid_token"
    return refused.value.message


async def thumbprints(town: Town, kid: str | None) -> list[str]:
    return [key.thumbprint for key in await town.issuers.keys(town.issuer.url, kid)]


@pytest.mark.spec("oidc-issuer-discovery-check", "oidc-issuer-discovery-profile")
async def test_the_profile_may_name_several_issuers(town: Town) -> None:
    town.trust("https://other.example/", town.issuer.url)

    await town.issuers.require_trusted(town.webid, town.issuer.url)
    await town.issuers.require_trusted(town.webid, "https://other.example/")
    assert town.site.asked == ["/card"]
    assert "text/turtle" in town.site.headers[0]["Accept"]


@pytest.mark.parametrize(
    ("named", "issuer", "same"),
    [
        ("https://idp.example/", "https://idp.example", True),
        ("https://idp.example", "https://idp.example/", True),
        ("https://idp.example/a", "https://idp.example/a/", True),
        ("https://idp.example//", "https://idp.example/", False),
        ("https://idp.example/", "https://idp.example//", False),
        ("https://idp.example/a", "https://idp.example/", False),
        ("https://idp.example/", "https://IDP.example/", False),
        ("https://idp.example/", "https://idp.example:443/", False),
        ("https://idp.example/", "http://idp.example/", False),
        ("https://idp.example/a", "https://idp.example/%61", False),
    ],
)
async def test_issuers_are_compared_to_the_letter_but_for_one_slash(
    town: Town, named: str, issuer: str, same: bool
) -> None:
    town.trust(named)

    if same:
        await town.issuers.require_trusted(town.webid, issuer)
    else:
        assert "does not name" in await refusal(town, issuer)


@pytest.mark.parametrize("subject", ["", "#you", "https://other.example/#me"])
async def test_the_profile_must_name_the_issuer_for_the_webid_itself(town: Town, subject: str) -> None:
    town.trust(town.issuer.url, subject=subject)

    assert "does not name" in await refusal(town)


async def test_an_issuer_is_named_by_an_iri(town: Town) -> None:
    text = f'<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> "{town.issuer.url}".'
    town.site.pages["/card"] = Page(text.encode())

    assert "does not name" in await refusal(town)


@pytest.mark.parametrize(
    "media_type", ["text/turtle", "text/turtle; charset=utf-8", "application/n-triples", "application/ld+json"]
)
async def test_a_profile_may_be_any_rdf(town: Town, media_type: str) -> None:
    predicate = "http://www.w3.org/ns/solid/terms#oidcIssuer"
    text = f"<{town.webid}> <{predicate}> <{town.issuer.url}> ."
    if media_type == "application/ld+json":
        text = json.dumps({"@id": town.webid, predicate: {"@id": town.issuer.url}})
    town.site.pages["/card"] = Page(text.encode(), media_type)

    await town.issuers.require_trusted(town.webid, town.issuer.url)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(status=404), "status 404"),
        (Page(b"<p>", "text/html"), "not RDF"),
        (Page(b"", "application/octet-stream"), "not RDF"),
        (Page(b"<#me> <"), "cannot be read as RDF"),
        (Page(b"[", "application/ld+json"), "cannot be read as RDF"),
        (redirect("http://10.0.0.1/"), "https"),
    ],
)
async def test_a_profile_that_cannot_be_read_vouches_for_nobody(town: Town, page: Page, reason: str) -> None:
    town.site.pages["/card"] = page

    message = await refusal(town)

    assert reason in message
    assert message.startswith(f"The profile {town.webid} could not be read: ")


async def test_a_profile_that_has_moved_speaks_for_where_it_is(town: Town) -> None:
    town.site.pages["/new"] = town.site.pages["/card"]
    town.site.pages["/card"] = redirect("/new")

    assert "does not name" in await refusal(town)
    whole = f"<{town.webid}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{town.issuer.url}>."
    town.site.pages["/new"] = Page(whole.encode())
    town.clock.now += fetch.FRESH[0]
    await town.issuers.require_trusted(town.webid, town.issuer.url)


async def test_a_profile_is_asked_again_when_it_does_not_name_the_issuer_yet(town: Town) -> None:
    town.trust()
    await refusal(town)
    town.trust(town.issuer.url)

    assert "does not name" in await refusal(town)
    assert town.site.asked == ["/card"]
    town.clock.now += fetch.FRESH[0]
    await town.issuers.require_trusted(town.webid, town.issuer.url)


async def test_what_profiles_and_issuers_said_is_used_for_a_while(town: Town) -> None:
    await town.tokens.check(town.token())
    asked = len(town.site.asked)

    town.clock.now += fetch.FRESH[1] - 1
    await town.tokens.check(town.token(pad="another token"))

    assert len(town.site.asked) == asked == 3


async def test_nobody_is_asked_whom_the_profile_does_not_name(town: Town) -> None:
    town.trust()
    with pytest.raises(Unauthenticated):
        await town.tokens.check(town.token())

    assert town.site.asked == ["/card"]


async def test_keys_are_found_by_their_id(town: Town) -> None:
    town.issuer.rotate()
    town.publish()

    for key in town.issuer.keys:
        assert await thumbprints(town, key.kid) == [key.thumbprint]
    assert set(await thumbprints(town, None)) == {key.thumbprint for key in town.issuer.keys}
    assert town.site.asked == ["/idp/.well-known/openid-configuration", "/idp/jwks"]


async def test_an_issuer_that_changes_its_key_is_asked_again_once(town: Town) -> None:
    old = town.issuer.key.kid
    assert await thumbprints(town, old)
    town.issuer.rotate(keep=False)
    town.publish()
    asked = len(town.site.asked)

    await no_keys(town, town.issuer.key.kid)
    assert len(town.site.asked) == asked
    town.clock.now += fetch.FRESH[0]
    assert await thumbprints(town, town.issuer.key.kid) == [town.issuer.key.thumbprint]
    assert len(town.site.asked) == asked + 2
    await no_keys(town, old)
    await no_keys(town, "never there")
    assert len(town.site.asked) == asked + 2


async def test_a_key_that_an_issuer_withdraws_is_used_no_longer_than_answers_are_kept(town: Town) -> None:
    old = town.issuer.key.kid
    await thumbprints(town, old)
    town.issuer.rotate(keep=False)
    town.publish()

    town.clock.now += fetch.FRESH[1]

    assert "does not have" in await no_keys(town, old)


async def test_only_keys_for_signatures_count(town: Town) -> None:
    good, other = Key("ES256"), Key("ES256")
    jwks = [
        other.jwk(kid="encrypts", use="enc"),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "short"},
        "nonsense",
        good.jwk(kid="good"),
        good.jwk(),
    ]
    town.site.pages["/idp/jwks"] = Page(json.dumps({"keys": jwks}).encode(), "application/json")

    assert await thumbprints(town, "good") == [good.thumbprint]
    assert await thumbprints(town, None) == [good.thumbprint] * 2
    for kid in ("encrypts", "secret", "short"):
        await no_keys(town, kid)


async def test_an_issuer_cannot_have_keys_without_end(town: Town) -> None:
    jwks = [Key("EdDSA").jwk(kid=str(number)) for number in range(issuers.MOST_KEYS + 1)]
    town.site.pages["/idp/jwks"] = Page(json.dumps({"keys": jwks}).encode(), "application/json")

    assert len(await thumbprints(town, None)) == issuers.MOST_KEYS


@pytest.mark.parametrize("issuer", ["http://127.0.0.1/idp", "https://other.example/", 5, None])
async def test_the_configuration_must_be_that_of_the_issuer(town: Town, issuer: object) -> None:
    town.publish(issuer=issuer)

    assert "another issuer" in await no_keys(town)


async def test_the_configuration_may_lack_or_add_the_slash(town: Town) -> None:
    town.publish(issuer=town.issuer.url.removesuffix("/"))

    assert await thumbprints(town, None)


@pytest.mark.parametrize(
    ("path", "page", "reason"),
    [
        ("/idp/.well-known/openid-configuration", Page(status=500), "status 500"),
        ("/idp/.well-known/openid-configuration", Page(b"[]"), "JSON object"),
        ("/idp/jwks", Page(status=404), "status 404"),
        ("/idp/jwks", Page(b"nonsense"), "JSON object"),
        ("/idp/jwks", Page(b'{"keys":[],"keys":[]}'), "twice"),
        ("/idp/jwks", Page(b"{}"), "does not have"),
        ("/idp/jwks", Page(b'{"keys":{}}'), "does not have"),
    ],
)
async def test_an_issuer_that_cannot_be_understood_vouches_for_nobody(
    town: Town, path: str, page: Page, reason: str
) -> None:
    town.site.pages[path] = page

    assert reason in await no_keys(town)


@pytest.mark.parametrize("jwks_uri", [None, 5, "http://10.0.0.1/jwks", "file:///etc/passwd", ""])
async def test_keys_are_asked_for_where_one_may_go(town: Town, jwks_uri: object) -> None:
    town.publish(jwks_uri=jwks_uri)

    await no_keys(town)
    assert town.site.asked == ["/idp/.well-known/openid-configuration"]


def json_profile(town: Town, context: str, word: str = "oidcIssuer") -> Page:
    profile = {"@context": context, "@id": "#me", word: {"@id": town.issuer.url}}
    return Page(json.dumps(profile).encode(), "application/ld+json")


async def test_a_profile_in_json_may_say_elsewhere_what_its_words_mean(town: Town) -> None:
    context = {"@context": {"oidcIssuer": "http://www.w3.org/ns/solid/terms#oidcIssuer"}}
    town.site.pages["/context"] = Page(json.dumps(context).encode(), "application/ld+json")
    town.site.pages["/card"] = json_profile(town, "context")

    await town.issuers.require_trusted(town.webid, town.issuer.url)


async def test_a_profile_may_use_a_context_that_is_shipped(town: Town) -> None:
    word = "http://www.w3.org/ns/solid/terms#oidcIssuer"
    town.site.pages["/card"] = json_profile(town, "https://www.w3.org/ns/activitystreams", word)

    await town.issuers.require_trusted(town.webid, town.issuer.url)


@pytest.mark.parametrize("context", [Page(status=404), Page(b"<p>Log in", "text/html")])
async def test_a_profile_whose_words_cannot_be_had_names_nobody(town: Town, context: Page) -> None:
    town.site.pages["/context"] = context
    town.site.pages["/card"] = json_profile(town, "context")

    assert "could not be read" in await refusal(town)
