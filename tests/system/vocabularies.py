"""Published vocabularies and ontologies, as packages on npm and PyPI hold them.

A document is one of these:
- a Turtle or JSON-LD file of a package, as its authors wrote it, if it says anything and needs
  no context from elsewhere;
- a whole vocabulary of `@zazuko/rdf-vocabularies`, which keeps each as a file of N-Quads;
- the description of one term of such a vocabulary: every statement about the term, and about
  the blank nodes that these lead to.
"""

import fcntl
import itertools
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

NPM = "@zazuko/rdf-vocabularies@2023.1.19"
PYPI = ("brickschema==0.8.0", "linkml-model==1.12.0", "pyshacl==0.40.1")
BASE = "http://vocabularies.example/document"
TYPES = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
RDF_XML = "application/rdf+xml"
NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""What XML has no room for, and the carriage return, which its readers turn into a line feed."""
SUFFIXES = {".ttl": "text/turtle", ".jsonld": "application/ld+json"}


@dataclass(frozen=True)
class Document:
    """RDF that somebody published."""

    name: str
    media_type: str
    content: bytes


def parsed(content: bytes, media_type: str, base: str) -> ox.Dataset:
    """The graph, with canonical names for its blank nodes."""
    found = ox.Dataset(
        ox.Quad(triple.subject, triple.predicate, triple.object)
        for triple in ox.parse(content, TYPES[media_type], base_iri=base)
    )
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


def fetched(place: Path, npm: str) -> Path:
    """The packages, unpacked in the place; they are asked for once and then kept."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as turn:
        fcntl.lockf(turn, fcntl.LOCK_EX)
        done = place / "done"
        wanted = "\n".join((NPM, *PYPI))
        if not done.exists() or done.read_text() != wanted:
            _fetch(place, npm)
            done.write_text(wanted)
    return place


def _fetch(place: Path, npm: str) -> None:
    packed, unpacked = place / "packed", place / "unpacked"
    for one in (packed, unpacked):
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir()
    subprocess.run([npm, "pack", "--silent", NPM], cwd=packed, stdout=subprocess.DEVNULL, check=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", *PYPI]
    subprocess.run(pip, cwd=packed, stdout=subprocess.DEVNULL, check=True)
    for file in packed.iterdir():
        target = unpacked / file.name
        if file.suffix == ".whl":
            zipfile.ZipFile(file).extractall(target)
        else:
            with tarfile.open(file) as archive:
                archive.extractall(target, filter="data")


def documents(place: Path) -> Iterator[Document]:
    """Every document, those that were written as files first."""
    unpacked = place / "unpacked"
    for file in sorted(unpacked.rglob("*")):
        media_type = SUFFIXES.get(file.suffix)
        if media_type is not None and _says_something(file.read_bytes(), media_type):
            yield Document(str(file.relative_to(unpacked)), media_type, file.read_bytes())
    # In which syntax they are sent takes turns, as their package keeps them in one that only machines write.
    types = itertools.cycle(TYPES)
    for file in sorted(unpacked.rglob("ontologies/*.nq")):
        quads = list(ox.parse(file.read_bytes(), ox.RdfFormat.N_QUADS))
        triples = [quad.triple for quad in quads]
        yield _written(file.stem, next(types), triples)
        for term, description in _terms(triples):
            yield _written(f"{file.stem} {term}", next(types), description)


def _says_something(content: bytes, media_type: str) -> bool:
    try:
        return any(True for _ in ox.parse(content, TYPES[media_type], base_iri=BASE))
    except SyntaxError:
        # A context from elsewhere, or a template with holes in it.
        return False


def _terms(triples: Sequence[ox.Triple]) -> Iterator[tuple[str, list[ox.Triple]]]:
    about: dict[object, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        about[triple.subject].append(triple)
    for subject in about:
        if not isinstance(subject, ox.NamedNode):
            continue
        description: list[ox.Triple] = []
        waiting: list[ox.NamedNode | ox.BlankNode] = [subject]
        seen: set[object] = set()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            description += about[one]
            waiting += [triple.object for triple in about[one] if isinstance(triple.object, ox.BlankNode)]
        yield subject.value, description


def _written(name: str, media_type: str, triples: Sequence[ox.Triple]) -> Document:
    content = ox.serialize(triples, format=TYPES[media_type]) if media_type != RDF_XML else _as_xml(triples)
    if content is None:
        return _written(name, "text/turtle", triples)
    return Document(name, media_type, content)


def _as_xml(triples: Sequence[ox.Triple]) -> bytes | None:
    """RDF/XML, or None for what it cannot say: some predicates have no name in XML, some characters no place."""
    try:
        content = ox.serialize(triples, format=ox.RdfFormat.RDF_XML)
    except (ValueError, OSError):
        return None
    assert content is not None
    return None if NOT_IN_XML.search(content.decode()) else content
