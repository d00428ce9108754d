"""An issuer that breaks one rule of Solid-OIDC is caught by the case named for it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from pod.auth import keys
from pod.auth.proofs import Fresh, Proofs
from pod.idp import authorization, codes, documents, grants
from pod.idp.authorization import Interaction, Reply
from pod.idp.clients import Client
from pod.idp.codes import Approval
from pod.idp.keys import Ring
from tests.mutants import Mutant, Rhizome, Told, answers, says, without

Patch = Callable[[pytest.MonkeyPatch], None]
Json = Any  # claims are of every shape
AREA = "solid-oidc"
TOKEN, KEYS, REGISTER = "/.oidc/token", "/.oidc/jwks", "/.oidc/register"
CONFIGURATION = "/.well-known/openid-configuration"


def at(path: str) -> Callable[[Told], bool]:
    return lambda told: told.path == path


def telling(edit: Callable[[dict[str, Json]], object]) -> Callable[[Told], None]:
    """JSON that says something else."""

    def change(told: Told) -> None:
        found = json.loads(told.body)
        edit(found)
        told.body = json.dumps(found).encode()

    return change


def configured(**members: Json) -> Callable[[Told], None]:
    return telling(lambda found: found.update(members))


def signs(kind: str, edit: Callable[[dict[str, Json]], object]) -> Patch:
    """Tokens of a type say something else."""
    real = Ring.sign

    def sign(self: Ring, claims: Mapping[str, Json], algorithm: str, typ: str) -> str:
        said = dict(claims)
        if typ == kind:
            edit(said)
        return real(self, said, algorithm, typ)

    return lambda mp: mp.setattr(Ring, "sign", sign)


def answering(edit: Callable[[str], str]) -> Patch:
    """Apps are told something else."""
    real = Reply.url
    return lambda mp: mp.setattr(Reply, "url", lambda self, issuer, **members: edit(real(self, issuer, **members)))


def understood(**missing: str) -> Patch:
    """What lacks in an authorization request is not missed."""
    real = authorization.interaction

    def lenient(given: Mapping[str, str], client: Client, base_url: str, now: int) -> Interaction:
        return real({**missing, **given}, client, base_url, now)

    return lambda mp: mp.setattr(authorization, "interaction", lenient)


def plain_challenge(mp: pytest.MonkeyPatch) -> None:
    """Every method is taken for S256."""
    real = authorization.interaction

    def lenient(given: Mapping[str, str], client: Client, base_url: str, now: int) -> Interaction:
        return real({**given, "code_challenge_method": "S256", "code_challenge": "x" * 43}, client, base_url, now)

    mp.setattr(authorization, "interaction", lenient)


def any_proof(claim: str) -> Patch:
    real = Proofs.check

    async def check(
        self: Proofs, proof: str, method: str, uri: str, token: str | None, fresh: Fresh | None = None
    ) -> str:
        if token is None:
            said = str(keys.json_object(keys.decode(proof.split(".")[1])).get(claim))
            method, uri = (said, uri) if claim == "htm" else (method, said)
        return await real(self, proof, method, uri, token, fresh)

    return lambda mp: mp.setattr(Proofs, "check", check)


def _unchecked(body: bytes, _media_type: str, _client_id: str, _contexts: Mapping[str, bytes]) -> Mapping[str, Json]:
    return keys.json_object(body)


def by_prefix(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(Client, "has_redirect", lambda self, uri: any(uri.startswith(one) for one in self.redirect_uris))


def anywhere(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(Client, "has_redirect", lambda _self, _uri: True)


def free_grants(mp: pytest.MonkeyPatch) -> None:
    """Refresh tokens are bound to no key."""

    def grant(name: str, approval: Approval, _key: str | None, digest: str) -> codes.Grant:
        return codes.Grant(name, approval, None, digest)

    mp.setattr(grants, "Grant", grant)


def bound_grants(mp: pytest.MonkeyPatch) -> None:
    """Refresh tokens of all apps are bound to the key."""

    def kept(known: codes.Grant | None, grant: codes.Grant, expires: int) -> Any:
        return codes_kept(known, replace(grant, key="another"), expires)

    codes_kept = codes.kept_grant
    mp.setattr(codes, "kept_grant", kept)


def always_fresh(mp: pytest.MonkeyPatch) -> None:
    """Refresh tokens that were replaced go on."""
    mp.setattr(codes, "is_current", lambda *_: True)


def _loses(name: str) -> Callable[[dict[str, Json]], object]:
    return lambda claims: claims.pop(name)


def _set(**members: Json) -> Callable[[dict[str, Json]], object]:
    return lambda claims: claims.update(members)


def _issuer(found: dict[str, Json]) -> None:
    found["keys"][0]["d"] = "AAAA"


MUTANTS = (
    Mutant(
        "the scope webid is not offered",
        "discovery/the-scope-webid-is-offered",
        answers(configured(scopes_supported=["openid"]), when=at(CONFIGURATION)),
    ),
    Mutant(
        "another issuer is named",
        "discovery/the-issuer-is-to-the-letter-the-one-whose-configuration-it-is",
        answers(configured(issuer="https://elsewhere.example/"), when=at(CONFIGURATION)),
    ),
    Mutant(
        "RS256 is not offered",
        "discovery/id-tokens-can-be-signed-with-rs256",
        answers(configured(id_token_signing_alg_values_supported=["ES256"]), when=at(CONFIGURATION)),
    ),
    Mutant(
        "the keys are not named",
        "discovery/the-configuration-has-what-every-issuer-has",
        answers(telling(_loses("subject_types_supported")), when=at(CONFIGURATION)),
    ),
    Mutant(
        "proofs may be symmetric",
        "discovery/proofs-are-taken-with-es256-and-rs256-and-never-symmetric",
        answers(configured(dpop_signing_alg_values_supported=["ES256", "RS256", "HS256"]), when=at(CONFIGURATION)),
    ),
    Mutant(
        "the grant of scripts is not listed",
        "discovery/the-grant-of-client-credentials-is-listed-where-it-is-given",
        answers(configured(grant_types_supported=["authorization_code"]), when=at(CONFIGURATION)),
    ),
    Mutant(
        "a private key is published",
        "discovery/the-keys-are-public-and-nothing-else",
        answers(telling(_issuer), when=at(KEYS)),
    ),
    Mutant(
        "scripts of other origins cannot read errors",
        "discovery/scripts-of-other-origins-may-read-why-they-get-no-token",
        answers(without("access-control-allow-origin"), method="POST", when=at(TOKEN)),
    ),
    Mutant(
        "every secret is right",
        "client-credentials/a-wrong-secret-gets-no-token",
        patch=lambda mp: mp.setattr(Client, "has_secret", lambda *_: True),
    ),
    Mutant(
        "tokens may be kept by caches",
        "client-credentials/answers-with-tokens-are-not-kept",
        answers(without("cache-control"), method="POST", when=at(TOKEN)),
    ),
    Mutant(
        "access tokens have no id",
        "client-credentials/an-access-token-has-what-resource-servers-look-at",
        patch=signs("at+jwt", _loses("jti")),
    ),
    Mutant(
        "access tokens live for a year",
        "client-credentials/an-access-token-ends-within-a-day",
        patch=signs("at+jwt", lambda claims: claims.update(exp=claims["exp"] + 365 * 24 * 3600)),
    ),
    Mutant(
        "proofs are good for every method",
        "token-proofs/a-proof-for-another-method-gets-no-token",
        patch=any_proof("htm"),
    ),
    Mutant(
        "proofs are good for every URL", "token-proofs/a-proof-for-another-url-gets-no-token", patch=any_proof("htu")
    ),
    Mutant(
        "proofs may show the private key",
        "token-proofs/a-proof-that-shows-the-private-key-gets-no-token",
        patch=lambda mp: mp.setattr(keys, "_PRIVATE", frozenset()),
    ),
    Mutant(
        "a registration is answered with 200",
        "registration/an-app-registers-and-is-told-what-was-registered",
        answers(says(200), method="POST", when=at(REGISTER)),
    ),
    Mutant(
        "anything is a redirect URI",
        "registration/a-registration-of-what-is-no-uri-is-refused",
        answers(says(201), method="POST", when=at(REGISTER)),
    ),
    Mutant(
        "PKCE is not required",
        "authorization/a-request-without-challenge-is-refused",
        patch=understood(code_challenge="x" * 43, code_challenge_method="S256"),
    ),
    Mutant(
        "a challenge may be plain",
        "authorization/a-challenge-that-is-the-verifier-itself-is-refused",
        patch=plain_challenge,
    ),
    Mutant(
        "people are sent anywhere",
        "authorization/nobody-is-sent-where-the-app-has-not-registered",
        patch=anywhere,
    ),
    Mutant(
        "people are sent to what only begins like a registered place",
        "authorization/a-place-that-only-begins-like-a-registered-one-is-refused",
        patch=by_prefix,
    ),
    Mutant(
        "errors do not name the issuer",
        "authorization/an-error-that-an-app-is-told-names-the-issuer",
        patch=answering(lambda url: re.sub(r"&iss=[^&]*", "", url)),
    ),
    Mutant(
        "the state is lost",
        "authorization/an-app-gets-its-state-back-with-an-error",
        patch=answering(lambda url: re.sub(r"&state=[^&]*", "", url)),
    ),
    Mutant(
        "the document of another app is taken",
        "client-documents/a-document-about-another-app-is-refused",
        patch=lambda mp: mp.setattr(documents, "metadata", _unchecked),
    ),
    Mutant(
        "people are sent where a document does not say",
        "client-documents/nobody-is-sent-where-the-document-does-not-say",
        patch=anywhere,
    ),
    Mutant(
        "what a document leaves out is given",
        "client-documents/an-app-may-not-ask-for-what-its-document-leaves-out",
        patch=lambda mp: mp.setattr(documents, "grant_types", lambda _: documents.OFFERED),
    ),
    Mutant(
        "answers do not name the issuer",
        "code-flow/the-answer-to-an-app-names-the-issuer",
        patch=answering(lambda url: re.sub(r"&iss=[^&]*", "", url)),
    ),
    Mutant(
        "answers name the issuer without its slash",
        "code-flow/the-issuer-that-an-app-is-told-is-that-of-the-configuration",
        patch=answering(lambda url: re.sub(r"(&iss=[^&]*)%2F", r"\1", url)),
    ),
    Mutant(
        "the verifier is not compared",
        "code-flow/a-code-with-another-verifier-is-worth-nothing",
        patch=lambda mp: mp.setattr(grants._Challenge, "CODE_CHALLENGE_METHODS", {"S256": lambda *_: True}),
    ),
    Mutant(
        "a code can be used again", "code-flow/a-code-is-good-once", patch=lambda mp: mp.setattr(grants, "_used", _same)
    ),
    Mutant(
        "stolen refresh tokens can be used",
        "code-flow/a-stolen-refresh-token-is-worth-nothing-with-another-key",
        patch=free_grants,
    ),
    Mutant(
        "refresh tokens of apps with a secret are bound to a key",
        "code-flow/an-app-with-a-secret-may-refresh-with-a-new-key",
        patch=bound_grants,
    ),
    Mutant(
        "refresh tokens that were replaced go on",
        "code-flow/a-refresh-token-that-was-replaced-is-worth-nothing",
        patch=always_fresh,
    ),
    Mutant(
        "ID Tokens are for the app alone",
        "id-tokens/an-id-token-is-for-the-app-and-for-solid",
        patch=signs("JWT", lambda claims: claims.update(aud=claims["azp"])),
    ),
    Mutant(
        "ID Tokens have no WebID",
        "id-tokens/an-id-token-has-the-webid-of-the-person",
        patch=signs("JWT", _loses("webid")),
    ),
    Mutant("ID Tokens name no app", "id-tokens/an-id-token-names-the-app", patch=signs("JWT", _loses("azp"))),
    Mutant(
        "ID Tokens name another issuer",
        "id-tokens/an-id-token-has-the-issuer-of-the-configuration",
        patch=signs("JWT", lambda claims: claims.update(iss=claims["iss"].rstrip("/"))),
    ),
    Mutant(
        "ID Tokens are bound to no key",
        "id-tokens/an-id-token-is-bound-to-the-key-of-the-app",
        patch=signs("JWT", _loses("cnf")),
    ),
    Mutant(
        "ID Tokens have no nonce",
        "id-tokens/an-id-token-has-the-nonce-of-the-request",
        patch=signs("JWT", _loses("nonce")),
    ),
    Mutant("ID Tokens do not end", "id-tokens/an-id-token-says-when-it-ends", patch=signs("JWT", _set(exp=0))),
    Mutant(
        "ID Tokens count milliseconds",
        "id-tokens/an-id-token-says-when-it-was-made",
        patch=signs("JWT", lambda claims: claims.update(iat=claims["iat"] * 1000)),
    ),
)


def _same(code: codes.Code) -> codes.Code:
    return code


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_an_issuer_that_breaks_a_rule_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(replace(mutant, case=f"{AREA}/{mutant.case}"))
