"""A resource server that takes a wrong proof, or refuses a right one, is caught by the case named for it."""

import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pod.auth import keys, proofs, signatures
from pod.auth.identify import Identifier, RequestFacts
from pod.auth.proofs import Proofs
from pod.model.agent import Agent
from pod.rules import names
from tests.mutants import Message, Mutant, Rhizome, requests

Patch = Callable[[pytest.MonkeyPatch], None]
Json = Any  # claims are of every shape
REAL = keys.json_object
AREA = "solid-oidc"


def read(token: str | bytes) -> dict[str, Json]:
    """The claims of a token or proof, unchecked."""
    text = token.encode() if isinstance(token, str) else token
    return REAL(keys.decode(text.split(b".")[1]))


def proving(change: Callable[[bytes, str, str], tuple[str, str]]) -> Patch:
    """Proofs are compared with another method and URL than those of the request."""
    real = Proofs._checked

    async def _checked(
        self: Proofs, proof: bytes, method: str, uri: str, token: str | None, fresh: proofs.Fresh | None
    ) -> str:
        with contextlib.suppress(keys.KeyFault):
            method, uri = change(proof, method, uri)
        return await real(self, proof, method, uri, token, fresh)

    return lambda mp: mp.setattr(Proofs, "_checked", _checked)


def supposing(**members: Callable[[], Json]) -> Patch:
    """What lacks in a proof is not missed."""

    def lenient(data: bytes) -> dict[str, Json]:
        return {name: make() for name, make in members.items()} | REAL(data)

    return lambda mp: mp.setattr(proofs, "json_object", lenient)


def typed(mp: pytest.MonkeyPatch) -> None:
    """Every JWT is a proof."""
    mp.setattr(proofs, "json_object", lambda data: REAL(data) | {"typ": "dpop+jwt"})


def bound_to_any(mp: pytest.MonkeyPatch) -> None:
    """The key of a proof is taken for the one of the token."""
    real = Proofs.check

    async def check(
        self: Proofs, proof: str, method: str, uri: str, token: str | None, fresh: proofs.Fresh | None = None
    ) -> str:
        found = await real(self, proof, method, uri, token, fresh)
        return found if token is None else str(read(token).get("cnf", {}).get("jkt", found))

    mp.setattr(Proofs, "check", check)


def any_token(mp: pytest.MonkeyPatch) -> None:
    """A proof goes with every token."""
    real = Proofs.check

    async def check(
        self: Proofs, proof: str, method: str, uri: str, _token: str | None, fresh: proofs.Fresh | None = None
    ) -> str:
        return await real(self, proof, method, uri, None, fresh)

    mp.setattr(Proofs, "check", check)


def as_bearer(mp: pytest.MonkeyPatch) -> None:
    """Whoever has a token is let in, with or without the key."""

    async def by_bearer(self: Identifier, _facts: RequestFacts, text: str) -> Agent:
        token = await self._tokens.check(text)
        return Agent(token.webid, token.client, token.issuer, None, token.ends)

    mp.setattr(Identifier, "_by_bearer", by_bearer)


def unproved(mp: pytest.MonkeyPatch) -> None:
    """A proof is looked at only where there is one."""
    real = Identifier._by_proof

    async def by_proof(self: Identifier, facts: RequestFacts, text: str) -> Agent:
        if facts.proofs:
            return await real(self, facts, text)
        token = await self._tokens.check(text)
        return Agent(token.webid, token.client, token.issuer, None, token.ends)

    mp.setattr(Identifier, "_by_proof", by_proof)


def unbound(mp: pytest.MonkeyPatch) -> None:
    """A token without key goes with every proof."""
    real = Identifier._by_proof

    async def by_proof(self: Identifier, facts: RequestFacts, text: str) -> Agent:
        token = await self._tokens.check(text)
        if token.key is None:
            return Agent(token.webid, token.client, token.issuer, None, token.ends)
        return await real(self, facts, text)

    mp.setattr(Identifier, "_by_proof", by_proof)


def first_proof(scope: Message, body: bytes) -> bytes:
    """Of several headers the last is read, as many frameworks do."""
    last = {name: value for name, value in scope["headers"] if name == b"dpop"}
    scope["headers"] = [one for one in scope["headers"] if one[0] != b"dpop"] + list(last.items())
    return body


def _misdirected(scope: Message, body: bytes) -> bytes:
    """The proof is compared with the whole URL."""
    scope["headers"] = [(name, b"x" if name == b"dpop" else value) for name, value in scope["headers"]]
    return body


def long_ago(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(proofs, "BEFORE", 10**6)


def far_ahead(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(proofs, "AHEAD", 10**6)


MUTANTS = (
    Mutant(
        "proofs by RSA are not known",
        "tokens/a-proof-with-rs256-is-taken",
        patch=lambda mp: mp.setattr(proofs, "ALGORITHMS", ("ES256",)),
    ),
    Mutant(
        "a proof has to name the token",
        "tokens/a-proof-without-ath-is-taken",
        patch=supposing(ath=lambda: "missing"),
    ),
    Mutant(
        "the query belongs to the URL of a proof",
        "tokens/a-query-does-not-belong-to-the-url-of-a-proof",
        requests(lambda scope, body: body if not scope["query_string"] else _misdirected(scope, body)),
    ),
    Mutant("a proof is not needed", "proof-faults/a-bound-token-without-proof-is-refused", patch=unproved),
    Mutant("several proofs are taken for one", "proof-faults/two-proofs-are-refused", requests(first_proof)),
    Mutant("every JWT is a proof", "proof-faults/a-proof-of-another-type-is-refused", patch=typed),
    Mutant(
        "proofs need no id",
        "proof-faults/a-proof-without-jti-is-refused",
        patch=supposing(jti=lambda: secrets.token_urlsafe(9)),
    ),
    Mutant("proofs need no time", "proof-faults/a-proof-without-time-is-refused", patch=supposing(iat=time.time)),
    Mutant(
        "signatures of proofs are not checked",
        "proof-faults/a-proof-signed-with-another-key-than-it-shows-is-refused",
        patch=lambda mp: mp.setattr(signatures, "_faults", lambda batch: [None] * len(batch)),
    ),
    Mutant(
        "proofs may show the private key",
        "proof-faults/a-proof-that-shows-the-private-key-is-refused",
        patch=lambda mp: mp.setattr(keys, "_PRIVATE", frozenset()),
    ),
    Mutant(
        "proofs are good for every method",
        "proof-faults/a-proof-for-another-method-is-refused",
        patch=proving(lambda proof, _, uri: (read(proof)["htm"], uri)),
    ),
    Mutant(
        "who may read may write",
        "proof-faults/a-proof-for-reading-does-not-let-write",
        patch=proving(lambda proof, _, uri: (read(proof)["htm"], uri)),
    ),
    Mutant(
        "proofs are good for every URL",
        "proof-faults/a-proof-for-another-document-is-refused",
        patch=proving(lambda proof, method, _: (method, read(proof)["htu"])),
    ),
    Mutant(
        "only the path of a proof is compared",
        "proof-faults/a-proof-for-another-server-is-refused",
        patch=lambda mp: mp.setattr(names, "equivalent", lambda one, other: one.split("/")[3:] == other.split("/")[3:]),
    ),
    Mutant(
        "proofs are good for all below their URL",
        "proof-faults/a-proof-for-the-container-is-refused",
        patch=lambda mp: mp.setattr(names, "equivalent", lambda one, other: other.startswith(one)),
    ),
    Mutant("proofs do not grow old", "proof-faults/an-old-proof-is-refused", patch=long_ago),
    Mutant("proofs may come from the future", "proof-faults/a-proof-from-the-future-is-refused", patch=far_ahead),
    Mutant("proofs go with every token", "proof-faults/a-proof-for-another-token-is-refused", patch=any_token),
    Mutant(
        "tokens are good with every key",
        "proof-faults/a-stolen-token-with-the-proof-of-the-thief-is-refused",
        patch=bound_to_any,
    ),
    Mutant(
        "tokens without key go with every proof",
        "proof-faults/a-token-bound-to-no-key-is-refused-with-a-proof",
        patch=unbound,
    ),
    Mutant(
        "bound tokens are taken from their bearer", "proof-faults/a-bound-token-is-no-bearer-token", patch=as_bearer
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_a_resource_server_that_breaks_a_rule_of_proofs_is_caught(rhizome: Rhizome, mutant: Mutant) -> None:
    rhizome.require_caught(replace(mutant, case=f"{AREA}/{mutant.case}"))
