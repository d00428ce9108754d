"""Tokens that a resource server takes, from an issuer of the run's own."""

from conformance.case import NotOffered, case
from conformance.cases.solid_oidc._known import CONTENT, Setting, known, let_in
from conformance.expect import require
from conformance.issuer import Issuer
from conformance.people import Person
from conformance.proofs import ProofKey
from conformance.served import Place
from conformance.world import World

FOREIGN = ("reach",)
MIXED = """{
  "@context": {"solid": "http://www.w3.org/ns/solid/terms#", "foaf": "http://xmlns.com/foaf/0.1/"},
  "@id": "#me", "@type": "foaf:Agent", "solid:oidcIssuer": {"@id": "ISSUER"}
}"""


async def _reads(w: World, issuer: Issuer, person: Person) -> Setting:
    """Somebody reads a document that Alice shares with them."""
    setting = Setting(w, await w.document(content=CONTENT), issuer, person)
    await setting.share()
    let_in(await person.get(setting.url))
    return setting


@case("oidc-issuer-discovery-check", "id-token-validation-webid", "id-token-validation-keys", needs=FOREIGN)
async def a_token_of_an_issuer_that_the_profile_names_is_taken(w: World) -> None:
    """The server reads the profile, the issuer's configuration and its keys."""
    issuer = Issuer(w.served)
    profile = issuer.profile(issuer.url)
    await _reads(w, issuer, issuer.person(w.client, profile))
    require(profile.got, "the server dereferences the WebID")
    require(issuer.configuration.got, "the server reads the configuration of the issuer")
    require(issuer.keys.got, "the server reads the keys of the issuer")


@case("access-token-accept", needs=FOREIGN)
async def a_token_signed_with_rs256_is_taken(w: World) -> None:
    issuer = Issuer(w.served, "RS256")
    await _reads(w, issuer, issuer.person(w.client))


@case("access-token-accept", needs=FOREIGN)
async def a_token_signed_with_eddsa_is_taken_where_it_is_advertised(w: World) -> None:
    await _require_advertised(w, "EdDSA")
    issuer = Issuer(w.served, "EdDSA")
    await _reads(w, issuer, issuer.person(w.client))


@case("dpop-alg", needs=FOREIGN)
async def a_proof_with_es256_is_taken(w: World) -> None:
    issuer = Issuer(w.served)
    await _reads(w, issuer, issuer.person(w.client, key=ProofKey.of("ES256")))


@case("dpop-alg", needs=FOREIGN)
async def a_proof_with_rs256_is_taken(w: World) -> None:
    setting = await known(w)
    key = ProofKey.of("RS256")
    token = setting.issuer.token(setting.webid, key)
    header = {"typ": "dpop+jwt", "jwk": {**key.public, "alg": "RS256"}}
    let_in(await setting.ask(token, key.sign(header, key.claims("GET", setting.url, token))))


@case("dpop-jwk-public", needs=FOREIGN)
async def the_key_of_a_proof_need_not_name_its_algorithm(w: World) -> None:
    """RFC 7517, 4.4: the member `alg` of a key is optional; RFC 9449, 4.2 asks for it in the header of the proof."""
    issuer = Issuer(w.served)
    await _reads(w, issuer, issuer.person(w.client, key=ProofKey.of("RS256")))


@case("dpop-alg", needs=FOREIGN, level="SHOULD")
async def a_proof_with_eddsa_is_taken_where_it_is_advertised(w: World) -> None:
    await _require_advertised(w, "EdDSA")
    issuer = Issuer(w.served)
    await _reads(w, issuer, issuer.person(w.client, key=ProofKey.of("EdDSA")))


async def _require_advertised(w: World, algorithm: str) -> None:
    """NotOffered unless the server tells of the algorithm in a challenge (RFC 9449, 7.1)."""
    challenge = (await w.anyone.get(w.place)).header("www-authenticate")
    if algorithm not in challenge.replace('"', " ").replace(",", " ").split():
        raise NotOffered(f"The server does not tell that it takes {algorithm}.")


@case("access-token-accept", needs=FOREIGN)
async def an_audience_that_is_a_string_is_taken(w: World) -> None:
    setting = await known(w)
    let_in(await setting.ask(setting.token(aud="solid")))


@case("access-token-accept", needs=FOREIGN)
async def an_audience_that_has_solid_among_others_is_taken(w: World) -> None:
    setting = await known(w)
    let_in(await setting.ask(setting.token(aud=["https://app.example/id", "solid"])))


@case("access-token-id-token-accept", needs=FOREIGN)
async def an_id_token_is_taken_as_it_is(w: World) -> None:
    """It may be; a server that does not take ID Tokens refuses them with 401."""
    setting = await known(w)
    claims = setting.issuer.claims(setting.webid, setting.key, aud=["https://app.example/id", "solid"])
    claims = {name: value for name, value in claims.items() if name not in {"client_id", "jti"}}
    token = setting.issuer.key.sign({**setting.issuer.header, "typ": "JWT"}, claims)
    answer = await setting.ask(token)
    if answer.status == 401:
        raise NotOffered("The server takes no ID Tokens.")
    let_in(answer)


@case("access-token-bearer", needs=FOREIGN)
async def a_bearer_token_that_is_bound_to_no_key_is_taken(w: World) -> None:
    """It may be; a server that takes bound tokens alone refuses it with 401."""
    setting = await known(w)
    token = setting.issuer.token(setting.webid)
    answer = await setting.send([("authorization", f"Bearer {token}")])
    if answer.status == 401:
        raise NotOffered("The server takes no tokens that are bound to no key.")
    let_in(answer)


@case("oidc-issuer-discovery-check", needs=FOREIGN)
async def one_of_several_issuers_that_the_profile_names_is_enough(w: World) -> None:
    issuer = Issuer(w.served)
    profile = issuer.profile("https://another.example/", issuer.url, "https://third.example/")
    await _reads(w, issuer, issuer.person(w.client, profile))


@case("profile-fetch-turtle", "webid-requesting-agent-turtle", needs=FOREIGN)
async def a_profile_is_asked_for_in_turtle(w: World) -> None:
    issuer = Issuer(w.served)
    profile = issuer.profile(issuer.url)
    await _reads(w, issuer, issuer.person(w.client, profile))
    require(
        any(one.header("accept").count("text/turtle") or not one.header("accept") for one in profile.got),
        "the server takes Turtle for the profile",
    )


@case("profile-fetch-turtle", needs=FOREIGN, level="MAY")
async def a_profile_that_is_there_in_json_ld_alone_is_read(w: World) -> None:
    """WebID, 5.1: a verifier must be able to read Turtle, and may read other syntaxes."""
    issuer = Issuer(w.served)
    text = MIXED.replace("ISSUER", issuer.url)
    profile = issuer.profile(media_type="application/ld+json", content=text)
    person = issuer.person(w.client, profile)
    setting = Setting(w, await w.document(content=CONTENT), issuer, person)
    await setting.share()
    answer = await person.get(setting.url)
    if 400 <= answer.status < 500:
        raise NotOffered("The server reads profiles in Turtle alone.")
    let_in(answer)


@case("webid-http-iri", needs=FOREIGN, level="SHOULD")
async def a_webid_without_fragment_is_followed_to_its_document(w: World) -> None:
    """WebID, 3: it is a hash IRI, or one that is redirected with 303 to a document about it."""
    issuer = Issuer(w.served)
    name = w.served.name()
    person = w.served.answer(lambda _: (303, {"location": f"{w.served.url}{name}/card"}, b""), f"{name}/id")
    text = f"<{person.url}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{issuer.url}> ."
    w.served.publish("text/turtle", text, f"{name}/card")
    await _reads(w, issuer, _holder(w, issuer, person))


def _holder(w: World, issuer: Issuer, webid: Place) -> Person:
    key = ProofKey()
    return issuer.holder(w.client, webid.url, issuer.token(webid.url, key), key)


@case("dpop-ath-optional", needs=FOREIGN)
async def a_proof_without_ath_is_taken(w: World) -> None:
    """RFC 9449 asks for it, and clients that were made before do not send it."""
    setting = await known(w)
    let_in(await setting.prove(ath=None))


@case("dpop-htu", needs=FOREIGN)
async def a_query_does_not_belong_to_the_url_of_a_proof(w: World) -> None:
    """RFC 9449, 4.3: the claim is compared without any query and fragment."""
    setting = await known(w)
    token = setting.token()
    headers = [("authorization", f"DPoP {token}"), ("dpop", setting.key.proof("GET", setting.url, token))]
    let_in(await setting.send(headers, url=f"{setting.url}?some=query&more"))


@case("dpop-htu", needs=FOREIGN, level="SHOULD")
async def the_url_of_a_proof_is_compared_as_urls_are(w: World) -> None:
    """RFC 9449, 4.3: servers should normalise both (RFC 3986, 6.2.2 and 6.2.3): case of scheme and host."""
    setting = await known(w)
    scheme, _, rest = setting.url.partition("://")
    host, slash, path = rest.partition("/")
    let_in(await setting.prove(htu=f"{scheme.upper()}://{host.upper()}{slash}{path}"))


@case("access-token-accept", needs=FOREIGN, level="MAY")
async def the_scheme_may_be_written_in_any_case(w: World) -> None:
    """RFC 9110, 11.1: names of authentication schemes are case-insensitive."""
    setting = await known(w)
    let_in(await setting.ask(setting.token(), scheme="dpop"))


@case("id-token-validation-keys", needs=FOREIGN)
async def the_key_that_a_token_names_is_found_among_several(w: World) -> None:
    setting = await known(w)
    others = [{**ProofKey.of(one).public, "kid": f"other-{one}", "use": "sig"} for one in ("ES256", "RS256")]
    issuer = Issuer(w.served)
    issuer.published = [*others, *issuer.published]
    person = issuer.person(w.client)
    await setting.share(person)
    let_in(await person.get(setting.url))
    require(issuer.keys.got, "the server reads the keys of the issuer")


@case("id-token-validation-webid", needs=FOREIGN)
async def what_one_may_another_of_the_same_issuer_may_not(w: World) -> None:
    """Who asks is the WebID of the token, and nobody else whom the issuer knows."""
    setting = await known(w)
    other = setting.issuer.person(w.client)
    answer = await other.get(setting.url)
    require(answer.status in {403, 404}, "somebody else whom the issuer vouches for is known, and may not read it")
