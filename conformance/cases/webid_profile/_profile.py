"""Alice's profile, where the server that is looked at keeps it."""

from collections.abc import Sequence

import rdflib

from conformance.case import CannotTell, Failed, NotOffered
from conformance.exchange import JSON_LD, TURTLE
from conformance.expect import status
from conformance.world import World

FOAF = "http://xmlns.com/foaf/0.1/"
PIM = "http://www.w3.org/ns/pim/space#"
SOLID = "http://www.w3.org/ns/solid/terms#"
INBOX = "http://www.w3.org/ns/ldp#inbox"
SEE_ALSO = "http://www.w3.org/2000/01/rdf-schema#seeAlso"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def webid(w: World) -> str:
    """Alice's; NotOffered when it is kept elsewhere."""
    if not w.alice.webid.startswith(w.target.url):
        raise NotOffered("Alice's profile is not kept by this server.")
    return w.alice.webid


def document(w: World) -> str:
    """The URL of her profile; NotOffered when it is kept elsewhere."""
    return webid(w).partition("#")[0]


async def profile(w: World, accept: str = TURTLE) -> rdflib.Graph:
    """What everyone can read about her."""
    answer = await w.anyone.get(document(w), accept)
    if answer.status == 303:
        answer = await w.anyone.get(answer.location, accept)
    status(answer, 200)
    return answer.graph()


async def named(w: World, predicate: str) -> Sequence[str]:
    """What her profile names by a predicate."""
    graph = await profile(w)
    return sorted(str(one) for one in graph.objects(rdflib.URIRef(webid(w)), rdflib.URIRef(predicate)))


async def preferences(w: World) -> str:
    """The URL of her preferences document; NotOffered when her profile names none."""
    found = await named(w, f"{PIM}preferencesFile")
    if not found:
        raise NotOffered("The profile names no preferences document.")
    return found[0]


async def preferred(w: World) -> rdflib.Graph:
    """What her preferences document says; NotOffered when her profile names none."""
    answer = await w.alice.get(await preferences(w), TURTLE)
    status(answer, 200)
    return answer.graph()


def insert(triples: str) -> str:
    """An N3 Patch that adds triples."""
    return f"@prefix solid: <{SOLID}>. _:patch a solid:InsertDeletePatch; solid:inserts {{ {triples} }}."


def delete(triples: str) -> str:
    """An N3 Patch that takes triples out."""
    return f"@prefix solid: <{SOLID}>. _:patch a solid:InsertDeletePatch; solid:deletes {{ {triples} }}."


async def undo(w: World, url: str, triples: str) -> None:
    """Take out of a document what a case has put into it; CannotTell when that is refused."""
    answer = await w.alice.patch(url, delete(triples))
    if not 200 <= answer.status < 300:
        raise CannotTell(f"{triples} could not be taken out of {url} again: {answer.status}.")


async def offered(w: World, url: str) -> Sequence[str]:
    """In which of the two syntaxes of Solid everyone can read a document."""
    found = []
    for media_type in (TURTLE, JSON_LD):
        answer = await w.anyone.get(url, media_type)
        try:
            readable = answer.status == 200 and answer.media_type == media_type and len(answer.graph()) > 0
        except Failed:
            readable = False
        if readable:
            found.append(media_type)
    return found
