"""Issuers that a host names in Link headers of a profile."""

from conformance.case import NotOffered, case
from conformance.exchange import TURTLE
from conformance.expect import require
from conformance.world import World

TRUSTS = "http://www.w3.org/ns/solid/terms#oidcIssuer"


@case("oidc-issuer-link-header", "oidc-issuer-link-header-same", level="MUST")
async def the_issuers_of_the_links_are_those_of_the_profile(w: World) -> None:
    """A server need send none."""
    answer = await w.anyone.get(w.alice.webid.partition("#")[0], TURTLE)
    linked = set(answer.linked(TRUSTS))
    if not linked:
        raise NotOffered("The profile has no Link to an issuer.")
    told = {
        str(one)
        for subject, predicate, one in answer.graph()
        if (str(subject), str(predicate)) == (w.alice.webid, TRUSTS)
    }
    require(linked == told, "the links name the same issuers as the profile")
