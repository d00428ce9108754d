"""The profile as everyone reads it."""

import re

import rdflib

from conformance.case import NotOffered, case
from conformance.cases.webid_profile import _profile
from conformance.cases.webid_profile._profile import FOAF, INBOX, PIM, SEE_ALSO, TYPE, named, profile, webid
from conformance.exchange import JSON_LD, TURTLE
from conformance.expect import has, lists, require, same, status
from conformance.issuer import Issuer
from conformance.proofs import ProofKey
from conformance.world import World


@case("webid-http-iri")
async def a_webid_leads_everyone_to_a_document_about_its_person(w: World) -> None:
    """WebID, 3: a hash IRI, or a redirect with 303. Verifiers of tokens have no credentials."""
    who = webid(w)
    answer = await w.anyone.get(who.partition("#")[0], TURTLE)
    if "#" not in who:
        status(answer, 303)
        answer = await w.anyone.get(answer.location, TURTLE)
    status(answer, 200)
    require((rdflib.URIRef(who), None, None) in answer.graph(), "the document says something about the WebID")


@case("webid-document-rdf")
async def a_profile_is_rdf(w: World) -> None:
    require(await _profile.offered(w, _profile.document(w)), "the profile can be read as RDF")


@case("webid-document-turtle")
async def a_profile_is_there_in_turtle(w: World) -> None:
    lists(await _profile.offered(w, _profile.document(w)), TURTLE)


@case("webid-document-rdf", "reader-application-webid-profile")
async def a_profile_says_the_same_in_json_ld(w: World) -> None:
    """Readers ask for either of the two. It may change between two requests."""
    lists(await _profile.offered(w, _profile.document(w)), TURTLE, JSON_LD)

    async def agree() -> None:
        same(await profile(w, JSON_LD), await profile(w, TURTLE))

    await w.eventually(agree)


@case("webid-document-rdf")
async def a_profile_can_be_asked_about_without_its_content(w: World) -> None:
    """HEAD, for its media type."""
    answer = await w.anyone.head(_profile.document(w), TURTLE)
    status(answer, 200)
    require(answer.media_type == TURTLE, "HEAD tells the media type that GET has")


@case("webid-document-primary-topic")
async def a_profile_has_its_person_as_primary_topic(w: World) -> None:
    has(await profile(w), _profile.document(w), f"{FOAF}primaryTopic", webid(w))


@case("webid-profile-data-model-type", "webid-document-agent")
async def a_person_is_an_agent(w: World) -> None:
    """The type is foaf:Agent itself: readers do not reason that a person is one. Other types may stand beside it."""
    has(await profile(w), webid(w), TYPE, f"{FOAF}Agent")


@case("webid-profile-data-model-inbox", "webid-profile-single-inbox")
async def a_profile_names_one_inbox_at_most(w: World) -> None:
    require(len(await named(w, INBOX)) <= 1, "there is one inbox at most")


@case("inbox")
async def the_inbox_of_a_profile_is_there_and_is_its_owners(w: World) -> None:
    found = await named(w, INBOX)
    if not found:
        raise NotOffered("The profile names no inbox.")
    status(await w.alice.get(found[0], TURTLE), 200)
    require((await w.anyone.get(found[0], TURTLE)).status in {401, 403}, "nobody else reads what came to it")


@case("webid-profile-data-model-storage")
async def the_storages_of_a_profile_are_storages(w: World) -> None:
    found = [one for one in await named(w, f"{PIM}storage") if one.startswith(w.target.url)]
    if not found:
        raise NotOffered("The profile names no storage of this server.")
    for one in found:
        lists((await w.alice.head(one)).linked("type"), f"{PIM}Storage")


@case("webid-profile-data-model-seealso")
async def what_a_profile_tells_to_see_as_well_is_there(w: World) -> None:
    """Extended profile documents have the same model: they are RDF."""
    found = [one for one in await named(w, SEE_ALSO) if one.startswith(w.target.url)]
    if not found:
        raise NotOffered("The profile names no other documents.")
    for one in found:
        answer = await w.alice.get(one, TURTLE)
        status(answer, 200)
        answer.graph()


@case("webid-html-alternate")
async def a_page_about_a_person_leads_to_the_data(w: World) -> None:
    """WebID, 4.2: by a link with rel=alternate, in a header or in the page."""
    answer = await w.anyone.get(_profile.document(w), "text/html, */*;q=0.1")
    if answer.media_type not in {"text/html", "application/xhtml+xml"} or answer.status != 200:
        raise NotOffered("The profile is not there as a page.")
    tags = re.findall(r"<link\b[^>]*>", answer.text, re.IGNORECASE)
    linked = any(re.search(r"\brel=[\"']?[^\"'>]*\balternate\b", one, re.IGNORECASE) for one in tags)
    require(linked or answer.linked("alternate"), "the page links to the data with rel=alternate")


@case("webid-iri-space", needs=("reach",))
async def a_webid_may_have_letters_of_any_language(w: World) -> None:
    """WebID, 3: a WebID is an IRI."""
    issuer = Issuer(w.served)
    place = issuer.profile(issuer.url, fragment="zoë")
    who, key = f"{place.url}#zoë", ProofKey()
    person = issuer.holder(w.client, who, issuer.token(who, key), key)
    url = await w.document()
    await w.share(url, (person, "read"))
    status(await person.get(url), 200)
