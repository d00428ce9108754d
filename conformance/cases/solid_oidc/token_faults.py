"""Tokens that a resource server must not take. Each case shows first that a right token is taken."""

import hmac
import time

from conformance.case import case
from conformance.cases.solid_oidc._known import Setting, kept_out, known
from conformance.exchange import TURTLE
from conformance.issuer import Issuer
from conformance.people import Person
from conformance.proofs import ProofKey, encoded, segment
from conformance.served import Place
from conformance.world import World

FOREIGN = ("reach",)
LONG = 3600
"""Seconds by which a clock is not wrong."""


async def _someone_else(setting: Setting, issuer: Issuer, webid: str, **changes: str) -> Person:
    """Who has a token of the issuer for a WebID that may read the document as well."""
    key = ProofKey()
    person = issuer.holder(setting.w.client, webid, issuer.token(webid, key, **changes), key)
    await setting.share(person)
    return person


async def _trusting(setting: Setting, profile: Place) -> None:
    """The holder of a token of the issuer is kept out when their WebID has this profile."""
    person = await _someone_else(setting, setting.issuer, f"{profile.url}#me")
    kept_out(await person.get(setting.url))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_signed_with_another_key_is_refused(w: World) -> None:
    setting = await known(w)
    forged = ProofKey().sign(setting.issuer.header, setting.issuer.claims(setting.webid, setting.key))
    kept_out(await setting.ask(forged))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_that_was_changed_after_it_was_signed_is_refused(w: World) -> None:
    setting = await known(w)
    other = setting.issuer.person(w.client)
    token = setting.issuer.token(other.webid, setting.key)
    kept_out(await setting.ask(setting.issuer.tampered(token, webid=setting.webid, sub=setting.webid)))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_without_signature_is_refused(w: World) -> None:
    """The algorithm `none` proves nothing."""
    setting = await known(w)
    token = setting.issuer.unsigned(setting.webid, setting.key)
    kept_out(await setting.ask(token))
    kept_out(await setting.ask(token + encoded(b"no signature")))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_signed_with_the_public_key_as_a_secret_is_refused(w: World) -> None:
    """Everyone knows it: who verifies HMAC with it lets everyone in."""
    setting = await known(w, "RS256")
    issuer = setting.issuer
    secret = issuer.key.key.as_pem(private=False)
    signed = f"{segment({**issuer.header, 'alg': 'HS256'})}.{segment(issuer.claims(setting.webid, setting.key))}"
    kept_out(await setting.ask(f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"))


@case("id-token-validation-keys", needs=FOREIGN)
async def a_token_that_brings_its_own_key_is_refused(w: World) -> None:
    """Only the keys of the issuer count (OIDC Core, 10.1), and not one in the header of the token."""
    setting = await known(w)
    key = ProofKey()
    claims = setting.issuer.claims(setting.webid, setting.key)
    kept_out(await setting.ask(key.sign({"typ": "at+jwt", "jwk": key.public}, claims)))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_with_a_header_that_must_be_understood_is_refused(w: World) -> None:
    """RFC 7515, 4.1.11: what `crit` names and the verifier does not know makes the token invalid."""
    setting = await known(w)
    header = {**setting.issuer.header, "crit": ["https://voc.example/rule"], "https://voc.example/rule": True}
    kept_out(await setting.ask(setting.issuer.key.sign(header, setting.issuer.claims(setting.webid, setting.key))))


@case("id-token-validation-core", needs=FOREIGN)
async def an_expired_token_is_refused(w: World) -> None:
    setting = await known(w)
    now = int(time.time())
    kept_out(await setting.ask(setting.token(iat=now - 2 * LONG, exp=now - LONG)))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_that_never_expires_is_refused(w: World) -> None:
    """OIDC Core, 2: `exp` is required."""
    setting = await known(w)
    now = int(time.time())
    kept_out(await setting.ask(setting.token(exp=None, iat=now - 3 * 24 * LONG)))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_that_is_not_valid_yet_is_refused(w: World) -> None:
    """RFC 7519, 4.1.5: before `nbf` it must not be accepted."""
    setting = await known(w)
    now = int(time.time())
    kept_out(await setting.ask(setting.token(nbf=now + LONG, exp=now + 2 * LONG)))


@case("id-token-validation-core", needs=FOREIGN, level="SHOULD")
async def a_token_that_is_made_in_the_future_is_refused(w: World) -> None:
    """OIDC Core, 3.1.3.7: `iat` can be used to refuse tokens that were issued too far from now."""
    setting = await known(w)
    now = int(time.time())
    kept_out(await setting.ask(setting.token(iat=now + LONG, exp=now + 2 * LONG)))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_for_another_audience_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.ask(setting.token(aud=["https://app.example/id"])))
    kept_out(await setting.ask(setting.token(aud="https://solid.example/")))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_without_audience_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.ask(setting.token(aud=None)))


@case("id-token-validation-webid", needs=FOREIGN)
async def a_token_without_webid_is_refused(w: World) -> None:
    """Without the claim nobody is vouched for; the subject alone is no WebID."""
    setting = await known(w)
    kept_out(await setting.ask(setting.token(webid=None, sub="a person")))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_without_issuer_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.ask(setting.token(iss=None)))


@case("id-token-validation-core", needs=FOREIGN)
async def a_token_in_the_name_of_another_issuer_is_refused(w: World) -> None:
    """The WebID trusts both, and the one did not sign what is said in its name."""
    setting = await known(w)
    other = Issuer(w.served)
    profile = setting.issuer.profile(setting.issuer.url, other.url)
    person = await _someone_else(setting, setting.issuer, f"{profile.url}#me", iss=other.url)
    kept_out(await person.get(setting.url))


@case("oidc-issuer-discovery-check", needs=FOREIGN)
async def an_issuer_that_the_profile_does_not_name_is_not_believed(w: World) -> None:
    setting = await known(w)
    await _trusting(setting, setting.issuer.profile("https://another.example/"))


@case("oidc-issuer-discovery-check", needs=FOREIGN)
async def a_profile_that_names_no_issuer_trusts_none(w: World) -> None:
    setting = await known(w)
    await _trusting(setting, setting.issuer.profile())


@case("oidc-issuer-discovery-check", needs=FOREIGN)
async def an_issuer_of_somebody_else_in_the_document_is_not_believed(w: World) -> None:
    """The subject of the triple is the WebID, with its fragment."""
    setting = await known(w)
    await _trusting(setting, setting.issuer.profile(setting.issuer.url, fragment="other"))


@case("oidc-issuer-discovery-check", needs=FOREIGN)
async def an_issuer_that_the_profile_only_mentions_is_not_believed(w: World) -> None:
    """Only the triple with solid:oidcIssuer says it, whatever else the profile tells of the issuer."""
    setting = await known(w)
    trusts = f"<#me> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <{setting.issuer.url}> ."
    await _trusting(setting, setting.issuer.profile(content=trusts))


@case("oidc-issuer-discovery-check", needs=FOREIGN)
async def a_webid_without_a_profile_trusts_nobody(w: World) -> None:
    setting = await known(w)
    await _trusting(setting, w.served.answer(lambda _: (404, {"content-type": TURTLE}, b""), f"{w.served.name()}/card"))


@case("oidc-issuer-discovery-check", needs=FOREIGN)
async def nobody_can_sign_in_as_alice_with_an_issuer_of_their_own(w: World) -> None:
    """Her profile does not name it: else anyone could take over any storage."""
    setting = await known(w)
    person = await _someone_else(setting, Issuer(w.served), w.alice.webid)
    kept_out(await person.get(setting.url))


@case("id-token-validation-keys", needs=FOREIGN)
async def the_configuration_of_another_issuer_is_not_believed(w: World) -> None:
    """OIDC Discovery, 4.3: the member `issuer` must be identical to the issuer that it was asked for."""
    setting = await known(w)
    liar = Issuer(w.served, issuer="https://another.example/")
    person = await _someone_else(setting, liar, f"{liar.profile(liar.url).url}#me")
    kept_out(await person.get(setting.url))


@case("id-token-validation-keys", needs=FOREIGN)
async def an_issuer_without_keys_is_not_believed(w: World) -> None:
    setting = await known(w)
    issuer = Issuer(w.served)
    issuer.published = []
    person = await _someone_else(setting, issuer, f"{issuer.profile(issuer.url).url}#me")
    kept_out(await person.get(setting.url))


@case("id-token-validation-core", needs=FOREIGN)
async def what_is_no_token_is_refused(w: World) -> None:
    setting = await known(w)
    for text in ("nonsense", "a.b.c", f"{segment({'alg': 'ES256'})}.{segment({})}.", setting.token()[:-20]):
        kept_out(await setting.ask(text))
