"""A resource server that takes a wrong token, or refuses a right one, is caught by the case named for it."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from pod.auth import issuers, keys, tokens
from pod.auth.identify import Identifier, RequestFacts
from pod.auth.tokens import Tokens
from pod.errors import Unauthenticated
from pod.model.agent import ANYONE, Agent
from tests.mutants import Mutant, Rhizome, answers, says, without

Patch = Callable[[pytest.MonkeyPatch], None]
Json = Any  # claims are of every shape
REAL = keys.json_object
AREA = "solid-oidc"


def dated(name: str, value: Callable[[], float]) -> Patch:
    """A date of tokens is not looked at."""
    real = keys.date
    return lambda mp: mp.setattr(tokens, "date", lambda claims, one: value() if one == name else real(claims, one))


def claiming(**members: Json) -> Patch:
    """What a token should say is taken for said."""
    real = Tokens._read

    def _read(self: Tokens, claims: dict[str, Json]) -> tokens.Token:
        return real(self, {**claims, **members})

    return lambda mp: mp.setattr(Tokens, "_read", _read)


async def _trusted(_self: issuers.Issuers, _webid: str, _issuer: str) -> None:
    return None


def anyones_issuers(mp: pytest.MonkeyPatch) -> None:
    """Whoever trusts the issuer in the document."""

    def found(profile: Any, _webid: str, _contexts: Mapping[str, bytes]) -> list[str]:
        return [one.decode() for one in re.findall(rb"oidcIssuer <([^>]*)>", profile.body)]

    mp.setattr(issuers, "_issuers", found)


def any_predicate(mp: pytest.MonkeyPatch) -> None:
    """Any mention of the issuer is trust."""

    async def trusted(self: issuers.Issuers, webid: str, issuer: str) -> None:
        found = await self._fetcher.get(webid, accept=issuers.PROFILE)
        if issuer.encode() not in found.body:
            raise Unauthenticated("It is not trusted.", "invalid_token")

    mp.setattr(issuers.Issuers, "require_trusted", trusted)


def any_configuration(configuration: Mapping[str, Json], _issuer: str) -> str:
    return str(configuration["jwks_uri"])


def passed_over(mp: pytest.MonkeyPatch) -> None:
    """Wrong credentials are none."""
    real = Identifier.identify

    async def identify(self: Identifier, facts: RequestFacts) -> Agent:
        try:
            return await real(self, facts)
        except Unauthenticated:
            return ANYONE

    mp.setattr(Identifier, "identify", identify)


MUTANTS = (
    Mutant(
        "signatures are not checked",
        "token-faults/a-token-signed-with-another-key-is-refused",
        patch=lambda mp: mp.setattr(keys.Key, "verify", lambda *_: None),
    ),
    Mutant(
        "what is signed is not what is read",
        "token-faults/a-token-that-was-changed-after-it-was-signed-is-refused",
        patch=lambda mp: mp.setattr(keys.Key, "verify", lambda *_: None),
    ),
    Mutant(
        "an unknown header that must be understood is passed over",
        "token-faults/a-token-with-a-header-that-must-be-understood-is-refused",
        patch=lambda mp: mp.setattr(
            tokens, "json_object", lambda data: {k: v for k, v in REAL(data).items() if k != "crit"}
        ),
    ),
    Mutant(
        "tokens do not expire",
        "token-faults/an-expired-token-is-refused",
        patch=dated("exp", lambda: time.time() + 60),
    ),
    Mutant(
        "tokens hold before their time",
        "token-faults/a-token-that-is-not-valid-yet-is-refused",
        patch=dated("nbf", lambda: 0),
    ),
    Mutant(
        "tokens may come from the future",
        "token-faults/a-token-that-is-made-in-the-future-is-refused",
        patch=dated("iat", time.time),
    ),
    Mutant(
        "tokens for others are taken",
        "token-faults/a-token-for-another-audience-is-refused",
        patch=claiming(aud="solid"),
    ),
    Mutant(
        "tokens for nobody are taken", "token-faults/a-token-without-audience-is-refused", patch=claiming(aud="solid")
    ),
    Mutant(
        "every issuer is trusted",
        "token-faults/an-issuer-that-the-profile-does-not-name-is-not-believed",
        patch=lambda mp: mp.setattr(issuers.Issuers, "require_trusted", _trusted),
    ),
    Mutant(
        "anyone signs in as anyone",
        "token-faults/nobody-can-sign-in-as-alice-with-an-issuer-of-their-own",
        patch=lambda mp: mp.setattr(issuers.Issuers, "require_trusted", _trusted),
    ),
    Mutant(
        "a profile that is not there trusts everyone",
        "token-faults/a-webid-without-a-profile-trusts-nobody",
        patch=lambda mp: mp.setattr(issuers.Issuers, "require_trusted", _trusted),
    ),
    Mutant(
        "the issuer of anyone in a document is trusted",
        "token-faults/an-issuer-of-somebody-else-in-the-document-is-not-believed",
        patch=anyones_issuers,
    ),
    Mutant(
        "an issuer that is only mentioned is trusted",
        "token-faults/an-issuer-that-the-profile-only-mentions-is-not-believed",
        patch=any_predicate,
    ),
    Mutant(
        "the configuration of another issuer is taken",
        "token-faults/the-configuration-of-another-issuer-is-not-believed",
        patch=lambda mp: mp.setattr(issuers, "_keys_url", any_configuration),
    ),
    Mutant(
        "RSA is not known",
        "tokens/a-token-signed-with-rs256-is-taken",
        patch=lambda mp: mp.setattr(tokens, "ALGORITHMS", ("ES256",)),
    ),
    Mutant(
        "profiles are asked for in JSON-LD alone",
        "tokens/a-profile-is-asked-for-in-turtle",
        patch=lambda mp: mp.setattr(issuers, "PROFILE", "application/ld+json"),
    ),
    Mutant(
        "there is no challenge",
        "challenges/reading-without-credentials-is-answered-with-a-challenge",
        answers(without("www-authenticate"), method="GET", when=lambda told: told.status == 401),
    ),
    Mutant(
        "who may not write is not asked who they are",
        "challenges/writing-without-credentials-is-answered-with-a-challenge",
        answers(says(403), method="PUT POST DELETE", when=lambda told: told.status == 401),
    ),
    Mutant(
        "wrong credentials are passed over",
        "challenges/wrong-credentials-are-not-passed-over-where-everyone-may-read",
        patch=passed_over,
    ),
    Mutant(
        "a wrong token is the client's mistake",
        "challenges/an-expired-token-is-called-invalid",
        answers(says(400), method="GET", when=lambda told: told.status == 401),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_a_resource_server_that_breaks_a_rule_of_tokens_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(replace(mutant, case=f"{AREA}/{mutant.case}"))
