"""Proofs (DPoP, RFC 9449) that a resource server must not take. Each case shows first that a right one is taken."""

import hmac
import secrets
import time

from conformance.case import NotOffered, case
from conformance.cases.solid_oidc._known import CONTENT, kept_out, known, let_in
from conformance.exchange import TURTLE
from conformance.expect import require
from conformance.proofs import ProofKey, encoded, half_hash, segment
from conformance.world import World

FOREIGN = ("reach",)
LONG = 3600
"""Seconds by which a clock is not wrong."""


@case("dpop-validation-proof-present", "dpop-one-header", needs=FOREIGN)
async def a_bound_token_without_proof_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.send([("authorization", f"DPoP {setting.token()}")]))


@case("dpop-one-header", needs=FOREIGN)
async def two_proofs_are_refused(w: World) -> None:
    """RFC 9449, 4.3: there is not more than one DPoP header."""
    setting = await known(w)
    token = setting.token()
    proofs = [("dpop", setting.key.proof("GET", setting.url, token)) for _ in range(2)]
    kept_out(await setting.send([("authorization", f"DPoP {token}"), *proofs]))


@case("dpop-one-header", needs=FOREIGN)
async def what_is_no_proof_is_refused(w: World) -> None:
    setting = await known(w)
    token = setting.token()
    for text in ("nonsense", "a.b.c", token, setting.key.proof("GET", setting.url, token)[:-20]):
        kept_out(await setting.ask(token, text))


@case("dpop-claims", needs=FOREIGN)
async def a_proof_of_another_type_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove({"typ": "JWT"}))
    kept_out(await setting.prove({"typ": None}))


@case("dpop-claims", needs=FOREIGN)
async def a_proof_without_jti_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove(jti=None))


@case("dpop-claims", "dpop-htm", needs=FOREIGN)
async def a_proof_without_method_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove(htm=None))


@case("dpop-claims", "dpop-htu", needs=FOREIGN)
async def a_proof_without_url_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove(htu=None))


@case("dpop-claims", "dpop-iat", needs=FOREIGN)
async def a_proof_without_time_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove(iat=None))


@case("dpop-claims", needs=FOREIGN)
async def a_proof_without_key_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove({"jwk": None}))


@case("dpop-alg", needs=FOREIGN)
async def a_proof_without_signature_is_refused(w: World) -> None:
    setting = await known(w)
    token = setting.token()
    header = {"typ": "dpop+jwt", "alg": "none", "jwk": setting.key.public}
    unsigned = f"{segment(header)}.{segment(setting.key.claims('GET', setting.url, token))}."
    kept_out(await setting.ask(token, unsigned))


@case("dpop-alg", needs=FOREIGN)
async def a_proof_by_a_shared_secret_is_refused(w: World) -> None:
    """RFC 9449, 4.2: the algorithm must not be symmetric. The token is bound to that very secret."""
    setting = await known(w)
    secret = secrets.token_bytes(32)
    jwk = {"k": encoded(secret), "kty": "oct"}
    token = setting.issuer.token(setting.webid, None, cnf={"jkt": half_hash(f'{{"k":"{jwk["k"]}","kty":"oct"}}')})
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": jwk}
    signed = f"{segment(header)}.{segment(setting.key.claims('GET', setting.url, token))}"
    kept_out(await setting.ask(token, f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"))


@case("dpop-jwk-public", needs=FOREIGN)
async def a_proof_that_shows_the_private_key_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove({"jwk": setting.key.private}))


@case("dpop-jwk-public", needs=FOREIGN)
async def a_proof_signed_with_another_key_than_it_shows_is_refused(w: World) -> None:
    setting = await known(w)
    token = setting.token()
    header = {"typ": "dpop+jwt", "jwk": setting.key.public}
    kept_out(await setting.ask(token, ProofKey().sign(header, setting.key.claims("GET", setting.url, token))))


@case("dpop-htm", needs=FOREIGN)
async def a_proof_for_another_method_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove(htm="POST"))
    kept_out(await setting.prove(htm="HEAD"))


@case("dpop-htm", needs=FOREIGN)
async def a_proof_for_reading_does_not_let_write(w: World) -> None:
    setting = await known(w)
    await w.share(setting.url, (setting.reader, "read write"))
    token = setting.token()
    headers = [
        ("authorization", f"DPoP {token}"),
        ("dpop", setting.key.proof("GET", setting.url, token)),
        ("content-type", TURTLE),
    ]
    kept_out(await setting.send(headers, "PUT", content="<#changed> <#is> 1 ."))
    require((await w.alice.get(setting.url, TURTLE)).text.count("secret"), "nothing is written by a proof for reading")


@case("dpop-htu", needs=FOREIGN)
async def a_proof_for_another_document_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove(htu=await w.document(content=CONTENT)))


@case("dpop-htu", needs=FOREIGN)
async def a_proof_for_another_server_is_refused(w: World) -> None:
    """Otherwise any server that somebody visits could use what it is sent at another."""
    setting = await known(w)
    path = setting.url.partition("://")[2].partition("/")[2]
    kept_out(await setting.prove(htu=f"https://elsewhere.example/{path}"))


@case("dpop-htu", needs=FOREIGN)
async def a_proof_for_the_container_is_refused(w: World) -> None:
    """The URL is compared as a whole, and not by how it begins."""
    setting = await known(w)
    kept_out(await setting.prove(htu=w.place))
    kept_out(await setting.prove(htu=setting.url + ".more"))


@case("dpop-iat", needs=FOREIGN)
async def an_old_proof_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove(iat=int(time.time()) - LONG))


@case("dpop-iat", needs=FOREIGN)
async def a_proof_from_the_future_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.prove(iat=int(time.time()) + LONG))


@case("dpop-ath-optional", needs=FOREIGN)
async def a_proof_for_another_token_is_refused(w: World) -> None:
    """RFC 9449, 4.3: `ath` equals the hash of the token."""
    setting = await known(w)
    kept_out(await setting.prove(ath=half_hash(setting.token())))


@case("dpop-validation-token", "dpop-cnf", needs=FOREIGN)
async def a_stolen_token_with_the_proof_of_the_thief_is_refused(w: World) -> None:
    setting = await known(w)
    token = setting.token()
    kept_out(await setting.ask(token, ProofKey().proof("GET", setting.url, token)))


@case("dpop-validation-token", "dpop-cnf", needs=FOREIGN)
async def a_token_bound_to_another_key_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.ask(setting.token(cnf={"jkt": ProofKey().thumbprint})))


@case("dpop-cnf", needs=FOREIGN)
async def a_token_bound_to_no_key_is_refused_with_a_proof(w: World) -> None:
    """RFC 9449, 7.1: with the scheme DPoP the server checks that the key of the proof is the one of the token."""
    setting = await known(w)
    kept_out(await setting.ask(setting.token(cnf=None)))


@case("dpop-validation-token", needs=FOREIGN)
async def a_token_bound_in_another_way_is_refused(w: World) -> None:
    setting = await known(w)
    kept_out(await setting.ask(setting.token(cnf={"x5t#S256": setting.key.thumbprint})))
    kept_out(await setting.ask(setting.token(cnf={"jkt": ""})))


@case("dpop-cnf", "dpop-validation-proof-present", needs=FOREIGN)
async def a_bound_token_is_no_bearer_token(w: World) -> None:
    """RFC 9449, 7.2: a server that takes both must refuse bound tokens as bearer tokens."""
    setting = await known(w)
    kept_out(await setting.send([("authorization", f"Bearer {setting.token()}")]))


@case("dpop-jti", needs=FOREIGN)
async def a_proof_is_good_for_one_request(w: World) -> None:
    """RFC 9449, 11.1: a server may keep what it has seen; one that keeps nothing does not offer it."""
    setting = await known(w)
    token = setting.token()
    proof = setting.key.proof("GET", setting.url, token)
    let_in(await setting.ask(token, proof))
    again = await setting.ask(token, proof)
    if again.status == 200:
        raise NotOffered("The server takes a proof again.")
    kept_out(again)


@case("dpop-validation-proof-present", needs=FOREIGN)
async def a_token_in_the_url_is_not_taken(w: World) -> None:
    """URLs are written down everywhere, and there is no proof with them."""
    setting = await known(w)
    kept_out(await setting.send([], url=f"{setting.url}?access_token={setting.token()}"))


@case("dpop-validation-proof-present", needs=FOREIGN, level="SHOULD")
async def two_authorization_headers_are_not_both_taken(w: World) -> None:
    """RFC 9110, 5.3: the field stands once. A right token may not make up for a wrong one that a server read first."""
    setting = await known(w)
    token = setting.token()
    proof = ("dpop", setting.key.proof("GET", setting.url, token))
    wrong, right = ("authorization", f"DPoP {token[:-20]}"), ("authorization", f"DPoP {token}")
    kept_out(await setting.send([wrong, right, proof]))
