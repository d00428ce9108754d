"""Words that several files of this area use."""

import rdflib

from conformance.exchange import Answer
from conformance.world import LDP

PIM_STORAGE = "http://www.w3.org/ns/pim/space#Storage"
STORAGE_DESCRIPTION = "http://www.w3.org/ns/solid/terms#storageDescription"
RESOURCE, CONTAINER = f"{LDP}Resource", f"{LDP}BasicContainer"
CONTAINS = f"{LDP}contains"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
STAT = "http://www.w3.org/ns/posix/stat#"
MODIFIED = "http://purl.org/dc/terms/modified"
VOC = "https://voc.example/"
PLAIN = "text/plain"
GONE = (404, 410)
"""How it is said that something is not there."""
PRESENT = 200


def one(local: str) -> str:
    """A term of a vocabulary that nobody has."""
    return VOC + local


def said(turtle: str, base: str) -> rdflib.Graph:
    """A graph as written here, with `ex:` for the terms of `one`."""
    graph = rdflib.Graph()
    graph.parse(data=f"@prefix ex: <{VOC}>.\n{turtle}", format="turtle", publicID=base)
    return graph


def methods(answer: Answer) -> frozenset[str]:
    """What Allow lists."""
    return frozenset(name.upper() for name in answer.names("allow"))


def n3(where: str = "", deletes: str = "", inserts: str = "", *, patch: str = "_:patch") -> str:
    """An N3 Patch with these formulae, leaving out those that are empty; `ex:` is for the terms of `one`."""
    parts = {"where": where, "deletes": deletes, "inserts": inserts}
    formulae = "".join(f";\n  solid:{name} {{ {content} }}" for name, content in parts.items() if content)
    return f"{PREFIXES}{patch} a solid:InsertDeletePatch{formulae}."


PREFIXES = f"@prefix solid: <http://www.w3.org/ns/solid/terms#>.\n@prefix ex: <{VOC}>.\n"
