"""The preferences document: what is for the owner's own apps alone."""

import rdflib

from conformance.case import NotOffered, case
from conformance.cases.webid_profile._profile import PIM, SEE_ALSO, TYPE, named, preferences, preferred
from conformance.exchange import TURTLE
from conformance.expect import refused, require, status
from conformance.world import World


@case("webid-profile-data-model-preferences", "private-preferences")
async def a_profile_names_exactly_one_preferences_document(w: World) -> None:
    require(len(await named(w, f"{PIM}preferencesFile")) == 1, "there is exactly one pim:preferencesFile")


@case("private-preferences")
async def the_preferences_are_there_for_their_owner(w: World) -> None:
    status(await w.alice.get(await preferences(w), TURTLE), 200)


@case("private-preferences", level="SHOULD")
async def nobody_else_reads_the_preferences(w: World) -> None:
    """WebID Profile, 4.3: the document is private; it is readable by its owner."""
    url = await preferences(w)
    refused(await w.anyone.get(url, TURTLE), 401, 403)
    refused(await w.bob.get(url, TURTLE), 403, 404)


@case("preferences-document-type")
async def the_preferences_are_a_configuration_file(w: World) -> None:
    """The subject is not named; it is taken to be the document, or whatever stands in it."""
    types = (rdflib.URIRef(TYPE), rdflib.URIRef(f"{PIM}ConfigurationFile"))
    require((None, *types) in await preferred(w), "something is a pim:ConfigurationFile")


@case("preferences-document-seealso")
async def what_the_preferences_tell_to_see_as_well_is_there(w: World) -> None:
    graph = await preferred(w)
    found = {str(one) for one in graph.objects(None, rdflib.URIRef(SEE_ALSO)) if str(one).startswith(w.target.url)}
    if not found:
        raise NotOffered("The preferences name no other documents.")
    for one in found:
        status(await w.alice.get(one, TURTLE), 200)
