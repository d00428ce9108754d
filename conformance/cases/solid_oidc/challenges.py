"""Answers to requests without credentials, or with wrong ones."""

import re
import time

from conformance.case import NotOffered, case
from conformance.cases.solid_oidc._known import known
from conformance.exchange import TURTLE, Answer
from conformance.expect import require, status
from conformance.proofs import ProofKey
from conformance.world import EVERYONE, World

SCHEME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def _challenged(answer: Answer) -> None:
    status(answer, 401)
    require(SCHEME.match(answer.header("www-authenticate")), "a 401 has WWW-Authenticate with a scheme")


@case("authorization-server-discovery-401")
async def reading_without_credentials_is_answered_with_a_challenge(w: World) -> None:
    url = await w.document()
    _challenged(await w.anyone.get(url))
    _challenged(await w.anyone.head(url))


@case("authorization-server-discovery-401")
async def listing_without_credentials_is_answered_with_a_challenge(w: World) -> None:
    _challenged(await w.anyone.get(w.place))


@case("authorization-server-discovery-401")
async def writing_without_credentials_is_answered_with_a_challenge(w: World) -> None:
    url = await w.document()
    _challenged(await w.anyone.put(url, TURTLE, "<#a> <#b> 1 ."))
    _challenged(await w.anyone.post(w.place, TURTLE, "<#a> <#b> 1 ."))
    _challenged(await w.anyone.delete(url))
    status(await w.alice.get(url), 200)


@case("authorization-server-discovery-401")
async def a_document_that_is_only_readable_by_all_is_protected_from_their_writing(w: World) -> None:
    url = await w.document()
    await w.share(url, (EVERYONE, "read"))
    status(await w.anyone.get(url), 200)
    _challenged(await w.anyone.put(url, TURTLE, "<#a> <#b> 1 ."))


@case("authorization-server-discovery-as-uri")
async def a_challenge_of_uma_names_its_authorization_server(w: World) -> None:
    """The parameter is needed unless the scheme has another way to find the server: DPoP and Bearer have the issuer."""
    challenge = (await w.anyone.get(await w.document())).header("www-authenticate")
    if not re.search(r"(^|,\s*)UMA\b", challenge, re.IGNORECASE):
        raise NotOffered("The server does not send clients to an authorization server.")
    require(re.search(r"\bas_uri=\"?https?://", challenge), "a challenge of UMA has as_uri")


@case("invalid-token-401")
async def a_challenge_offers_the_scheme_dpop(w: World) -> None:
    """RFC 9449, 7.1: a server that takes bound tokens answers with the scheme DPoP."""
    challenge = (await w.anyone.get(await w.document())).header("www-authenticate")
    require(re.search(r"(^|,\s*)DPoP\b", challenge, re.IGNORECASE), "a challenge offers DPoP")


def _told(answer: Answer, *errors: str) -> None:
    _challenged(answer)
    found = re.findall(r'\berror="?([a-z_]+)"?', answer.header("www-authenticate"))
    require(set(found) & set(errors), f"the challenge says error={' or '.join(errors)}")


@case("invalid-token-401", needs=("reach",))
async def an_expired_token_is_called_invalid(w: World) -> None:
    """RFC 6750, 3.1, and RFC 9449, 7.1: 401 with the error invalid_token."""
    setting = await known(w)
    now = int(time.time())
    _told(await setting.ask(setting.token(iat=now - 7200, exp=now - 3600)), "invalid_token")


@case("invalid-token-401", needs=("reach",))
async def a_forged_token_is_called_invalid(w: World) -> None:
    setting = await known(w)
    claims = setting.issuer.claims(setting.webid, setting.key)
    _told(await setting.ask(ProofKey().sign(setting.issuer.header, claims)), "invalid_token")


@case("invalid-token-401", needs=("reach",))
async def a_wrong_proof_is_called_invalid(w: World) -> None:
    """RFC 9449, 7.1: 401 with the error invalid_dpop_proof, or invalid_token."""
    setting = await known(w)
    _told(await setting.prove(htm="POST"), "invalid_dpop_proof", "invalid_token")


@case("invalid-token-401", needs=("reach",))
async def wrong_credentials_are_not_passed_over_where_everyone_may_read(w: World) -> None:
    """A client that thinks that it is signed in would take what all see for what it may see."""
    setting = await known(w)
    await w.share(setting.url, (EVERYONE, "read"))
    status(await w.anyone.get(setting.url), 200)
    _challenged(await setting.ask(setting.token(aud="https://elsewhere.example/")))
